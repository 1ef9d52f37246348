//! What is printed, and that it can be printed whatever it says.

use proptest::option;
use proptest::prelude::*;

use super::font::Weight;
use super::sheet::{Box, HEIGHT, Mark, WIDTH};
use super::*;
use crate::golden;
use crate::words::amount_in_words;

pub(crate) mod raster;
mod reading;

fn form() -> Form {
    Form {
        order_id: "order_QaLd2NachAuth1".into(),
        umrn: None,
        dated_on: Day::from_iso("2026-11-21").unwrap(),
        action: Action::Create,
        sponsor_bank: "HDFC0000060".into(),
        utility_code: "NACH00000000020993".into(),
        utility_name: "Annapurna Tiffin Service".into(),
        account_type: AccountType::Savings,
        account_number: "50100012345678".into(),
        bank_name: "HDFC Bank".into(),
        ifsc: "HDFC0000060".into(),
        amount: Paise::new(2_500_000).unwrap(),
        debit_type: DebitType::Maximum,
        frequency: Frequency::AsPresented,
        reference1: Some("SIP folio 7781".into()),
        reference2: Some("Asha Verma".into()),
        phone: Some("9820012345".into()),
        email: Some("asha.verma@example.com".into()),
        from: Day::from_iso("2026-11-21").unwrap(),
        to: Day::from_iso("2030-12-31"),
        holder: "Asha Verma".into(),
    }
}

/// Everything that is printed, a line each, in the order of the PDF.
fn texts(form: &Form) -> Vec<String> {
    let marks = sheet(form).unwrap().marks.into_iter();
    marks
        .filter_map(|mark| match mark {
            Mark::Text { text, .. } | Mark::Cells { text, .. } => Some(text),
            Mark::Rupee { .. } => Some("₹".to_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn golden_texts() {
    golden::check("form.txt", (texts(&form()).join("\n") + "\n").as_bytes());
}

#[test]
fn pn_20_a_pdf_that_is_always_the_same() {
    let pdf = render(&form()).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(pdf, render(&form()).unwrap());
    assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
    // To look at it: SAVE_FORM=form.pdf cargo test -p vasool-nach pn_20
    if let Some(path) = std::env::var_os("SAVE_FORM") {
        std::fs::write(path, pdf).unwrap();
    }
}

/// What a program finds in the PDF is what was meant to be printed, in reading order.
#[test]
fn texts_of_the_pdf_can_be_extracted() {
    let pdf = render(&form()).unwrap();
    assert_eq!(reading::texts(&pdf), texts(&form()));
    let texts = reading::texts(&pdf);
    // The fields of rails 5.1, by what form() says.
    for text in [
        "order_QaLd2NachAuth1",
        "HDFC0000060",
        "NACH00000000020993",
        "Annapurna Tiffin Service",
        "50100012345678",
        "HDFC Bank",
        "Rupees Twenty Five Thousand Only",
        "₹",
        "25,000.00",
        "SIP folio 7781",
        "9820012345",
        "asha.verma@example.com",
        "21/11/2026 to 31/12/2030",
        "Asha Verma",
    ] {
        assert!(texts.iter().any(|printed| printed == text), "{text}");
    }
    for label in ["UMRN", "Date", "MODIFY", "or MICR", "SB-NRO", "Half-yearly", "Fixed amount"] {
        assert!(texts.iter().any(|printed| printed == label), "{label}");
    }
    let signatures = texts.iter().filter(|text| text.starts_with("Signature of")).count();
    assert_eq!(signatures, 3);
    let given = Form { umrn: Some("HDFC7000000000682579".into()), ..form() };
    let texts = reading::texts(&render(&given).unwrap());
    assert!(texts.iter().any(|text| text == "HDFC7000000000682579"));
}

#[test]
fn what_is_not_given_is_not_printed() {
    let bare = Form { reference1: None, reference2: None, phone: None, email: None, ..form() };
    let (bare, full) = (texts(&bare), texts(&form()));
    // On the slip the value, below it the label too.
    assert_eq!(full.len() - bare.len(), 4 * 3);
    assert!(bare.iter().any(|text| text == "Reference 1"), "the slip keeps its empty boxes");
}

/// An amount that is cut would be another amount.
#[test]
fn amounts_are_printed_whole() {
    let longest = Form { amount: Paise::new(7_777_777_777_777).unwrap(), ..form() };
    let words = amount_in_words(longest.amount);
    let printed = texts(&longest).join(" ");
    assert!(words.len() > 150 && printed.contains(&words), "{printed}");
    assert!(printed.contains("77,77,77,77,777.77"));
    let error = FormError::TooLong { field: "amount", max: 13 };
    let above = Form { amount: Paise::new(10_000_000_000_000).unwrap(), ..form() };
    assert_eq!(render(&above), Err(error));
}

/// The black squares, drawn again, are the code of the order's id.
#[test]
fn the_qr_code_is_the_orders_id() {
    let marks = sheet(&form()).unwrap().marks;
    let fills: Vec<Box> = marks
        .into_iter()
        .filter_map(|mark| match mark {
            Mark::Fill(fill) => Some(fill),
            _ => None,
        })
        .collect();
    let left = fills.iter().map(|fill| fill.x).min().unwrap();
    let top = fills.iter().map(|fill| fill.y).min().unwrap();
    let module = fills[0].height;
    let code =
        qrcode::QrCode::with_error_correction_level("order_QaLd2NachAuth1", qrcode::EcLevel::M)
            .unwrap();
    let is_dark = |x: i32, y: i32| {
        let (x, y) = (left + x * module + module / 2, top + y * module + module / 2);
        fills.iter().any(|fill| {
            (fill.x..fill.x + fill.width).contains(&x)
                && (fill.y..fill.y + fill.height).contains(&y)
        })
    };
    let width = i32::try_from(code.width()).unwrap();
    for (at, color) in (0..).zip(code.to_colors()) {
        assert_eq!(is_dark(at % width, at / width), color == qrcode::Color::Dark, "{at}");
    }
    // The white around it, four modules, is free of marks: it ends before the first label.
    assert!(left - 4 * module > 500 && left + (width + 4) * module < 3_200);
}

#[test]
fn an_open_end_is_said_only_when_it_is_chosen() {
    let says = |form: &Form| texts(form).iter().any(|text| text.contains("Until cancelled"));
    assert!(!says(&form()));
    assert!(says(&Form { to: None, ..form() }));
}

/// Boxes with a tick: the label after a tick's two strokes.
fn ticked(form: &Form) -> Vec<String> {
    let marks = sheet(form).unwrap().marks;
    let strokes = marks.windows(2).filter_map(|pair| match pair {
        [Mark::Line { width: 55, .. }, Mark::Text { text, .. }] => Some(text.clone()),
        _ => None,
    });
    strokes.collect()
}

#[test]
fn one_box_of_each_kind_is_ticked() {
    assert_eq!(ticked(&form()), ["CREATE", "SB", "As & when presented", "Maximum amount"]);
    let kinds = [
        (AccountType::Savings, "SB"),
        (AccountType::Current, "CA"),
        (AccountType::CashCredit, "CC"),
        (AccountType::SavingsNre, "SB-NRE"),
        (AccountType::SavingsNro, "SB-NRO"),
        (AccountType::Other, "Other"),
    ];
    for (account_type, label) in kinds {
        assert_eq!(ticked(&Form { account_type, ..form() })[1], label);
    }
    let other = Form {
        action: Action::Cancel,
        frequency: Frequency::HalfYearly,
        debit_type: DebitType::Fixed,
        to: None,
        ..form()
    };
    let ticks = ticked(&other);
    assert_eq!(ticks, ["CANCEL", "SB", "Half-yearly", "Fixed amount", "Until cancelled"]);
}

#[test]
fn codes_are_never_cut() {
    let long = Form { account_number: "1".repeat(36), ..form() };
    let error = FormError::TooLong { field: "account_number", max: 35 };
    assert_eq!(render(&long), Err(error));
    assert!(render(&Form { account_number: "1".repeat(35), ..form() }).is_ok());
    let wide = format!("order_{}", "W".repeat(14));
    assert!(texts(&Form { order_id: wide.clone(), ..form() })[1..3].contains(&wide));
    let script = Form { order_id: "आदेश".into(), ..form() };
    assert_eq!(render(&script), Err(FormError::NotPrintable { field: "order_id" }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// No text leaves the sheet or the frame it belongs to, and none breaks the PDF.
    #[test]
    fn any_texts_are_printed_inside_their_boxes(
        names in proptest::collection::vec("\\PC{0,260}", 3),
        contacts in proptest::collection::vec(option::of(".{0,260}"), 4),
        paise in 0..=AMOUNT_MAX,
        order_id in "[A-Za-z0-9_]{1,20}",
        has_end: bool,
    ) {
        let mut contacts = contacts.into_iter();
        let mut next = || contacts.next().unwrap();
        let form = Form {
            order_id,
            utility_name: names[0].clone(),
            bank_name: names[1].clone(),
            holder: names[2].clone(),
            amount: Paise::new(paise).unwrap(),
            reference1: next(),
            reference2: next(),
            phone: next(),
            email: next(),
            to: has_end.then_some(Day::MAX),
            ..form()
        };
        let sheet = sheet(&form).unwrap();
        let mut inside = Box { x: 0, y: 0, width: WIDTH, height: HEIGHT };
        for mark in &sheet.marks {
            match mark {
                Mark::Frame(frame) => inside = *frame,
                Mark::Text { x, y, size, weight, text } => {
                    // Values follow their frame; labels are regular and stand beside it.
                    let is_value = *weight == Weight::Bold && *y < 9_000
                        && *y > inside.y && *y < inside.y + inside.height;
                    let Box { x: from, width, .. } = match is_value {
                        true => inside,
                        false => Box { x: 0, y: 0, width: WIDTH, height: HEIGHT },
                    };
                    let right = x + sheet.fonts.width(*weight, *size, text);
                    prop_assert!(*x >= from && right <= from + width, "{}", text);
                    prop_assert!(*y > 0 && *y < HEIGHT);
                }
                _ => {}
            }
        }
        let pdf = render(&form).unwrap();
        prop_assert_eq!(pdf.get(..5), Some(&b"%PDF-"[..]));
    }
}
