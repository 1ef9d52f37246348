//! Below the slip: what it says as plain lines, for the payer to check, and what to do with it. It
//! is cut off or left out of the scan.

use super::font::Weight::{Bold, Regular};
use super::sheet::{Align, Box, HEIGHT, Mark, Sheet, WIDTH, cap_height, points};
use super::{AccountType, DebitType, Form};
use crate::mandate::Frequency;
use crate::words::{amount_in_figures, amount_in_words};

const LEFT: i32 = 1_500;
const RIGHT: i32 = WIDTH - 1_500;
const TEXT: i32 = points(95);
/// From one row to the next.
const PITCH: i32 = 520;

const STEPS: [&str; 5] = [
    "Print this sheet in its full size on white paper. Do not change anything that is printed.",
    "Compare the details with your bank's records. If one is wrong, ask the company for a new form.",
    "Sign in box 1 with a pen, as your bank knows your signature. Joint holders sign in boxes 2 and \
     3. A current account may also need the company's seal.",
    "Scan or photograph the framed part above the dashed line, sharp, straight, in good light and \
     with all four corners, as JPG or PNG of at most 6 MB.",
    "Upload the picture on the page from which you took this form. Your bank decides within some \
     working days, and you will be told.",
];

pub(super) fn draw(sheet: &mut Sheet, form: &Form) {
    let cut = 10_500;
    let (from, to) = ((0, cut), (WIDTH, cut));
    sheet.marks.push(Mark::Line { from, to, width: 15, dash: 150 });
    let space = (LEFT, cut + 320, RIGHT - LEFT);
    let hint = "Cut here. What is below is for you to keep; it is not part of the mandate.";
    sheet.fitted(space, points(70), Regular, Align::Centre, hint);

    let mut y = cut + 1_500;
    sheet.text(LEFT, y, points(130), Bold, "What you authorise");
    y += 750;
    for (label, value) in rows(form) {
        sheet.text(LEFT, y, TEXT, Regular, label);
        let (x, top) = (LEFT + 4_600, y - (PITCH + cap_height(TEXT)) / 2);
        let space = Box { x, y: top, width: RIGHT - x, height: PITCH };
        sheet.inside(space, TEXT, Bold, &value);
        y += PITCH;
    }
    y += 700;
    sheet.text(LEFT, y, points(130), Bold, "What to do");
    y += 750;
    for (number, step) in (1..).zip(STEPS) {
        sheet.text(LEFT, y, TEXT, Bold, &format!("{number}."));
        y = sheet.paragraph((LEFT + 500, y, RIGHT - LEFT - 500), TEXT, Regular, step) + 150;
    }
    let space = (LEFT, HEIGHT - 900, RIGHT - LEFT);
    let foot = format!("Form {}", form.order_id);
    sheet.fitted(space, points(70), Regular, Align::Centre, &foot);
}

fn rows(form: &Form) -> Vec<(&'static str, String)> {
    let amount =
        format!("INR {} ({})", amount_in_figures(form.amount), amount_in_words(form.amount));
    let until = form.to.map_or("until cancelled".to_owned(), |day| format!("to {day}"));
    let amount_label = match form.debit_type {
        DebitType::Fixed => "Fixed amount of a debit",
        DebitType::Maximum => "Maximum amount of a debit",
    };
    let mut rows = vec![
        ("Form id", form.order_id.clone()),
        ("Company", form.utility_name.clone()),
        ("Account holder", form.holder.clone()),
        ("Bank account number", form.account_number.clone()),
        ("Account type", account_type(form.account_type).to_owned()),
        ("Bank", form.bank_name.clone()),
        ("IFSC", form.ifsc.clone()),
        (amount_label, amount),
        ("Frequency", frequency(form.frequency).to_owned()),
        ("Period", format!("{} {until}", form.from)),
        ("Date of the mandate", form.dated_on.to_string()),
    ];
    let optional = [
        ("Reference 1", &form.reference1),
        ("Reference 2", &form.reference2),
        ("Phone", &form.phone),
        ("E-mail", &form.email),
    ];
    for (label, value) in optional {
        rows.extend(value.clone().map(|value| (label, value)));
    }
    rows
}

fn account_type(kind: AccountType) -> &'static str {
    match kind {
        AccountType::Savings => "Savings (SB)",
        AccountType::Current => "Current (CA)",
        AccountType::CashCredit => "Cash credit (CC)",
        AccountType::SavingsNre => "Savings, non-resident external (SB-NRE)",
        AccountType::SavingsNro => "Savings, non-resident ordinary (SB-NRO)",
        AccountType::Other => "Other",
    }
}

fn frequency(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Monthly => "Monthly",
        Frequency::Quarterly => "Quarterly",
        Frequency::HalfYearly => "Half-yearly",
        Frequency::Yearly => "Yearly",
        _ => "As and when presented",
    }
}
