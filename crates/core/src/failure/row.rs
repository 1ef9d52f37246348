//! What one row of the table of UPI failures says, and how it is found. Source: reserve-pay 15.

use super::table::ROWS;
use super::{ErrorCode, FailureFields, Operation};

/// One way a UPI mandate or debit fails.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the table; a magic amount of `9000NN` paise triggers it.
    pub number: u8,
    /// What clients branch on.
    pub reason: &'static str,
    /// Which of several meanings of the reason.
    pub variant: Option<Variant>,
    /// The exact text.
    pub description: &'static str,
    /// What to do about it.
    pub next_step: &'static str,
    /// Whether trying again can help.
    pub retry: Retry,
    /// In which lists of the vendor it stands.
    pub applies: Applies,
    /// Class of the error.
    pub code: ErrorCode,
    /// Who caused it.
    pub source: &'static str,
    /// The stage: on an authorisation, on a debit.
    pub steps: [&'static str; 2],
    /// How well code, source and step are known.
    pub evidence: Evidence,
}

/// One of several meanings of a reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Variant {
    /// From 1.
    pub number: u8,
    /// What it is called.
    pub name: &'static str,
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request, later.
    Later,
    /// After what is wrong was put right.
    AfterFix,
    /// Not with this mandate.
    Never,
    /// The outcome is still to come.
    Wait,
    /// It is no failure: the mark of an approved mandate.
    Success,
}

/// In which lists of the vendor a row stands; any row may be triggered on either operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// Authorisations.
    Authorisation,
    /// Authorisations and debits.
    Both,
    /// Listed for authorisations; its meaning fits debits.
    BothByMeaning,
}

/// How well code, source and step of a row are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Documented for this reason.
    Documented,
    /// Only the class of the error is.
    ClassDocumented,
    /// Inferred.
    Inferred,
}

impl Row {
    /// Reason and variant as triggers spell them, such as `bank_technical_error.2`.
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}.{}", self.reason, variant.number),
            None => self.reason.to_owned(),
        }
    }

    /// The five fields on an operation.
    pub fn fields(&self, operation: Operation) -> FailureFields {
        let [authorisation, debit] = self.steps;
        let step = match operation {
            Operation::Authorisation => authorisation,
            Operation::Debit => debit,
        };
        let Row { code, description, source, reason, .. } = *self;
        FailureFields { code, description, source, step, reason }
    }

    /// Whether it leaves the outcome open. Source: reserve-pay 14.1, row 35.
    pub fn is_pending(&self) -> bool {
        self.retry == Retry::Wait
    }
}

/// The row of a reason; a missing variant means the first. Source: decisions 25.
pub fn row(reason: &str, variant: Option<u8>) -> Option<&'static Row> {
    let wanted = variant.unwrap_or(1);
    ROWS.iter().find(|row| {
        row.reason == reason && row.variant.as_ref().map_or(1, |known| known.number) == wanted
    })
}

/// The row of this number.
pub fn row_of_number(number: u8) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.number == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_and_named_once() {
        let mut names: Vec<String> = ROWS.iter().map(Row::name).collect();
        for (at, row) in (1..).zip(&ROWS) {
            assert_eq!(row.number, at, "{}", row.reason);
            assert!(!row.description.is_empty() && row.description.is_ascii());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 47);
        let mut reasons: Vec<&str> = ROWS.iter().map(|row| row.reason).collect();
        reasons.dedup();
        assert_eq!(reasons.len(), 37);
    }

    #[test]
    fn a_missing_variant_is_the_first() {
        assert_eq!(row("payment_declined", None), row_of_number(32));
        assert_eq!(row("payment_declined", Some(2)), row_of_number(33));
        assert_eq!(row("incorrect_pin", None), row_of_number(17));
        assert_eq!(row("incorrect_pin", Some(2)), None);
        assert_eq!(row("nothing", None), None);
    }

    #[test]
    fn rows_with_one_step_are_debits_at_their_request() {
        let step = |number: u8, tried| row_of_number(number).unwrap().fields(tried).step;
        assert_eq!(step(18, Operation::Authorisation), "mandate_creation");
        assert_eq!(step(17, Operation::Authorisation), "payment_authentication");
        assert_eq!(step(17, Operation::Debit), "payment_debit_request");
        assert_eq!(step(44, Operation::Debit), "payment_debit_response");
        assert!(row_of_number(35).unwrap().is_pending());
    }
}
