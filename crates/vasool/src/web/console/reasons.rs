//! Reasons that a payer, a bank or the network may give, as choices of forms. Source: reserve-pay 15,
//! paper-nach 7 and 12.3.

use vasool_core::failure::{Applies, ROWS, Retry, Row, row_of_number};
use vasool_core::nach_codes::debit::{self, Effect, Leg};
use vasool_core::nach_codes::mandate::{self, Kind};

use crate::wire::reserve_pay::sandbox::{DECLINED, FAILED};

/// A choice: its value and its words.
pub type Choice = (String, String);

/// Why a payer's approval fails; the usual one comes first.
pub fn declines() -> Vec<Choice> {
    of_table(DECLINED, |_| true)
}

/// Why a debit by UPI fails; the usual one comes first.
pub fn debit_failures() -> Vec<Choice> {
    of_table(FAILED, |row| row.applies != Applies::Authorisation)
}

/// Why a bank refuses a form.
pub fn form_refusals() -> Vec<Choice> {
    let refusals = mandate::CODES.iter().filter(|row| row.kind == Kind::Rejected);
    refusals.map(|row| (row.code.to_owned(), format!("{}: {}", row.code, row.meaning))).collect()
}

/// Why a bank returns a debit; no money first, as it is in life.
pub fn returns() -> Vec<Choice> {
    let is_no = |effect| matches!(effect, Effect::Failed(_) | Effect::FailedAndCancelled(_));
    let rows = debit::CODES.iter().filter(|row| row.leg == Leg::Return && is_no(row.effect));
    let mut choices: Vec<Choice> =
        rows.map(|row| (row.code.to_owned(), format!("{}: {}", row.code, row.meaning))).collect();
    choices.sort_by_key(|(code, _)| code != "04");
    choices
}

/// Failures of the table; what leaves the outcome open, or is none, is no answer.
fn of_table(usual: u8, fits: impl Fn(&Row) -> bool) -> Vec<Choice> {
    let is_no = |row: &&Row| !matches!(row.retry, Retry::Wait | Retry::Success);
    let first = row_of_number(usual).into_iter();
    let others = ROWS.iter().filter(|row| row.number != usual && is_no(row) && fits(row));
    first
        .chain(others)
        .map(|row| (row.name(), format!("{}: {}", row.name(), row.description)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_reason_comes_first_and_success_is_none() {
        assert_eq!(declines()[0].0, "payment_declined.2");
        assert_eq!(returns()[0].0, "04");
        assert!(declines().len() > debit_failures().len());
        for choices in [declines(), debit_failures(), form_refusals(), returns()] {
            let mut values: Vec<&String> = choices.iter().map(|(value, _)| value).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), choices.len());
        }
        assert!(declines().iter().all(|(value, _)| !value.contains("dummy")));
        assert!(returns().iter().all(|(code, _)| code != "00" && code != "98"));
    }
}
