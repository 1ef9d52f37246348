//! The slip that is signed and scanned. Fields and their numbers are those of rails 5.1, their
//! values those of paper-nach 5.2; the sentences are our own.

use qrcode::{Color, EcLevel, QrCode};

use super::font::Weight::{Bold, Regular};
use super::sheet::{Align, Box, Mark, Sheet, points};
use super::{AccountType, Action, DebitType, Form, FormError, ORDER_ID_MAX};
use crate::day::Day;
use crate::mandate::Frequency;
use crate::words::{amount_in_figures, amount_in_words};

/// The slip: 200 mm to 91.67 mm, as 24 to 11.
const SLIP: Box = Box { x: 500, y: 700, width: 20_000, height: 9_167 };
const LEFT: i32 = SLIP.x + 250;
const RIGHT: i32 = SLIP.x + SLIP.width - 250;
/// Right of the QR code, for the first three rows.
const INNER: i32 = LEFT + 2_450;
/// Height of a row's boxes.
const ROW: i32 = 560;
const LABEL: i32 = points(68);
const VALUE: i32 = points(85);

pub(super) fn draw(sheet: &mut Sheet, form: &Form) -> Result<(), FormError> {
    sheet.text(SLIP.x, SLIP.y - 160, points(80), Bold, "NACH debit mandate form");
    sheet.frame(SLIP.x, SLIP.y, SLIP.width, SLIP.height);
    form_id(sheet, &form.order_id)?;
    numbers(sheet, form, SLIP.y + 250);
    codes(sheet, form, SLIP.y + 1_010);
    authority(sheet, form, SLIP.y + 1_770);
    account(sheet, form, SLIP.y + 2_530);
    bank(sheet, form, SLIP.y + 3_290);
    amount(sheet, form, SLIP.y + 4_050);
    kinds(sheet, form, SLIP.y + 4_780);
    references(sheet, form, SLIP.y + 5_420);
    signatures(sheet, form, SLIP.y + 6_840);
    Ok(())
}

/// The baseline of texts in a row of boxes.
fn base(y: i32) -> i32 {
    y + 390
}

fn label(sheet: &mut Sheet, x: i32, y: i32, text: &str) -> i32 {
    x + sheet.text(x, base(y), LABEL, Regular, text)
}

/// A box with a value in it.
fn field(sheet: &mut Sheet, x: i32, y: i32, right: i32, value: &str) {
    let frame = Box { x, y, width: right - x, height: ROW };
    sheet.boxed(frame, VALUE, Bold, value);
}

fn form_id(sheet: &mut Sheet, order_id: &str) -> Result<(), FormError> {
    /// Side of the code, without the four modules around it that stay white.
    const SIDE: i32 = 1_750;
    let code = QrCode::with_error_correction_level(order_id, EcLevel::M)
        .map_err(|_| FormError::TooLong { field: "order_id", max: ORDER_ID_MAX })?;
    let modules = i32::try_from(code.width()).map_err(|_| FormError::Font)?;
    let module = SIDE / modules;
    let (x, y) = (SLIP.x + (INNER - SLIP.x - modules * module) / 2, SLIP.y + 290);
    for (row, line) in (0..).zip(code.to_colors().chunks(code.width())) {
        let mut from = 0;
        // Neighbours become one rectangle: no hairlines between them.
        for run in line.chunk_by(|a, b| a == b) {
            let length = i32::try_from(run.len()).map_err(|_| FormError::Font)?;
            if run[0] == Color::Dark {
                sheet.marks.push(Mark::Fill(Box {
                    x: x + from * module,
                    y: y + row * module,
                    width: length * module,
                    height: module,
                }));
            }
            from += length;
        }
    }
    // Small where its letters are wide: it is compared with the code by eye, so never cut.
    let width = INNER - SLIP.x - 160;
    let size = sheet.fitting(points(64), points(36), Bold, order_id, width);
    let space = (SLIP.x + 80, y + modules * module + 330, width);
    sheet.fitted(space, size, Bold, Align::Centre, order_id);
    Ok(())
}

/// UMRN and date.
fn numbers(sheet: &mut Sheet, form: &Form, y: i32) {
    const CELL: i32 = 520;
    let x = label(sheet, INNER, y, "UMRN") + 150;
    sheet.cells((x, y), 20, (CELL, ROW), form.umrn.as_deref().unwrap_or_default());
    let from = RIGHT - date_width(CELL);
    label(sheet, from - 750, y, "Date");
    date(sheet, from, y, form.dated_on, CELL);
}

/// Between the parts of a date.
const DATE_GAP: i32 = 90;

fn date_width(cell: i32) -> i32 {
    8 * cell + 2 * DATE_GAP
}

/// Boxes of a date, DD MM YYYY.
fn date(sheet: &mut Sheet, x: i32, y: i32, day: Day, cell: i32) {
    let digits = day.to_compact();
    let (days, rest) = digits.split_at(2);
    let (month, year) = rest.split_at(2);
    sheet.cells((x, y), 2, (cell, ROW), days);
    sheet.cells((x + 2 * cell + DATE_GAP, y), 2, (cell, ROW), month);
    sheet.cells((x + 4 * cell + 2 * DATE_GAP, y), 4, (cell, ROW), year);
}

/// What is asked for, sponsor bank and utility.
fn codes(sheet: &mut Sheet, form: &Form, y: i32) {
    let mut x = INNER;
    for (action, text) in
        [(Action::Create, "CREATE"), (Action::Modify, "MODIFY"), (Action::Cancel, "CANCEL")]
    {
        x = sheet.tick(x, y + 450, form.action == action, text) + 230;
    }
    let x = label(sheet, x + 150, y, "Sponsor bank code") + 120;
    field(sheet, x, y, x + 2_500, &form.sponsor_bank);
    let x = label(sheet, x + 2_650, y, "Utility code") + 120;
    field(sheet, x, y, RIGHT, &form.utility_code);
}

fn authority(sheet: &mut Sheet, form: &Form, y: i32) {
    use AccountType::{CashCredit, Current, Other, Savings, SavingsNre, SavingsNro};
    let x = label(sheet, INNER, y, "I/We authorise") + 120;
    let right = RIGHT - 9_450;
    field(sheet, x, y, right, &form.utility_name);
    let mut x = label(sheet, right + 150, y, "to debit my/our") + 170;
    for (kind, text) in [
        (Savings, "SB"),
        (Current, "CA"),
        (CashCredit, "CC"),
        (SavingsNre, "SB-NRE"),
        (SavingsNro, "SB-NRO"),
        (Other, "Other"),
    ] {
        x = sheet.tick(x, y + 450, form.account_type == kind, text) + 185;
    }
}

fn account(sheet: &mut Sheet, form: &Form, y: i32) {
    let x = label(sheet, LEFT, y, "Bank account number") + 150;
    let width = (RIGHT - x) / 35;
    sheet.cells((x, y), 35, (width, ROW), &form.account_number);
}

fn bank(sheet: &mut Sheet, form: &Form, y: i32) {
    let x = label(sheet, LEFT, y, "with bank") + 150;
    let right = LEFT + 7_500;
    field(sheet, x, y, right, &form.bank_name);
    let x = label(sheet, right + 200, y, "IFSC") + 120;
    sheet.cells((x, y), 11, (485, ROW), &form.ifsc);
    let x = label(sheet, x + 11 * 485 + 200, y, "or MICR") + 120;
    sheet.cells((x, y), 9, ((RIGHT - x) / 9, ROW), "");
}

fn amount(sheet: &mut Sheet, form: &Form, y: i32) {
    let x = label(sheet, LEFT, y, "an amount of") + 150;
    field(sheet, x, y, RIGHT - 4_050, &amount_in_words(form.amount));
    let x = RIGHT - 3_900;
    sheet.frame(x, y, 3_900, ROW);
    let size = points(100);
    sheet.marks.push(Mark::Rupee { x: x + 150, y: base(y), size });
    let figures = amount_in_figures(form.amount);
    sheet.fitted((x + 450, base(y), 3_350), size, Bold, Align::Left, &figures);
}

fn kinds(sheet: &mut Sheet, form: &Form, y: i32) {
    let mut x = label(sheet, LEFT, y, "Frequency") + 250;
    let is_listed = |frequency| form.frequency == frequency;
    let periods = [
        (Frequency::Monthly, "Monthly"),
        (Frequency::Quarterly, "Quarterly"),
        (Frequency::HalfYearly, "Half-yearly"),
        (Frequency::Yearly, "Yearly"),
    ];
    let is_periodic = periods.iter().any(|(frequency, _)| is_listed(*frequency));
    for (frequency, text) in periods {
        x = sheet.tick(x, y + 450, is_listed(frequency), text) + 220;
    }
    x = sheet.tick(x, y + 450, !is_periodic, "As & when presented") + 600;
    let mut x = label(sheet, x, y, "Debit type") + 250;
    for (kind, text) in [(DebitType::Fixed, "Fixed amount"), (DebitType::Maximum, "Maximum amount")]
    {
        x = sheet.tick(x, y + 450, form.debit_type == kind, text) + 220;
    }
}

fn references(sheet: &mut Sheet, form: &Form, y: i32) {
    let middle = LEFT + 11_200;
    let rows = [
        (y, "Reference 1", &form.reference1, "Phone", &form.phone),
        (y + 660, "Reference 2", &form.reference2, "E-mail", &form.email),
    ];
    for (y, reference, value, contact, address) in rows {
        label(sheet, LEFT, y, reference);
        field(sheet, LEFT + 1_650, y, middle, value.as_deref().unwrap_or_default());
        label(sheet, middle + 250, y, contact);
        field(sheet, middle + 1_250, y, RIGHT, address.as_deref().unwrap_or_default());
    }
}

const DECLARATION: &str = "I/We have read and understood this mandate and signed it of my/our own \
     will. The company named above may debit the account up to the terms shown here, and I/we accept \
     the charges that my/our bank publishes for handling mandates. I/We may cancel or change this \
     mandate by telling the company or my/our bank.";

fn signatures(sheet: &mut Sheet, form: &Form, y: i32) {
    const CELL: i32 = 400;
    // Left: the period.
    sheet.text(LEFT, y + 260, points(75), Bold, "PERIOD");
    let x = LEFT + 800;
    label(sheet, LEFT, y + 420, "From");
    date(sheet, x, y + 420, form.from, CELL);
    label(sheet, LEFT, y + 1_110, "To");
    match form.to {
        Some(day) => date(sheet, x, y + 1_110, day, CELL),
        None => {
            sheet.tick(x, y + 1_110 + 450, true, "Until cancelled");
        }
    }
    // Right: three boxes, each with the place for a name below.
    let (from, gap) = (LEFT + 4_500, 200);
    let width = (RIGHT - from - 2 * gap) / 3;
    for number in 0..3 {
        let x = from + number * (width + gap);
        let (name, hint) = match number {
            0 => (form.holder.as_str(), "Signature of account holder"),
            _ => ("", "Signature of joint holder, or company seal"),
        };
        sheet.frame(x, y + 50, width, 1_060);
        sheet.text(x + 80, y + 240, points(50), Regular, hint);
        sheet.text(x, y + 1_430, points(75), Regular, &format!("{}.", number + 1));
        let space = Box { x: x + 280, y: y + 1_110, width: width - 280, height: 400 };
        sheet.inside(space, VALUE, Bold, name);
        let line = y + 1_490;
        let (from, to) = ((x + 230, line), (x + width, line));
        sheet.marks.push(Mark::Line { from, to, width: 12, dash: 0 });
        sheet.text(x + 280, y + 1_680, points(50), Regular, "Name as in bank records");
    }
    let space = (LEFT, y + 1_940, RIGHT - LEFT);
    sheet.paragraph(space, points(54), Regular, DECLARATION);
}
