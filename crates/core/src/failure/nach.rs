//! Why a payment over NACH failed. Source: paper-nach 7, 12.3.

use std::borrow::Cow;

use super::FailureFields;
use crate::nach_codes::debit::{self, DebitCode, Effect, Leg};
use crate::nach_codes::mandate::{self, MandateCode};
use crate::nach_codes::{Code, debit::usual_leg};

/// What a bank, NPCI, or nobody at all said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NachFailure {
    /// A debit was returned or rejected with a code of the table.
    Debit(&'static DebitCode),
    /// A debit was refused with a code nobody has written down.
    DebitUnknown,
    /// A debit's file never came, or a gateway is at fault.
    NoFile,
    /// Nobody answered a debit by the second working day.
    DebitTimedOut,
    /// A mandate was refused, with a code of the table or without one.
    Mandate(Option<&'static MandateCode>),
    /// No bank answered a mandate in 30 days.
    NoAnswer,
    /// The merchant deleted or cancelled the mandate before its bank answered.
    Withdrawn,
}

impl NachFailure {
    /// A debit refused with this code on the leg that usually has it.
    pub fn of_debit(code: Code) -> NachFailure {
        NachFailure::of_leg(usual_leg(code), code)
    }

    /// A debit refused with this code.
    pub fn of_leg(leg: Leg, code: Code) -> NachFailure {
        debit::find(leg, code).map_or(NachFailure::DebitUnknown, NachFailure::Debit)
    }

    /// A mandate refused with this code, if one came.
    pub fn of_mandate(code: Option<&str>) -> NachFailure {
        NachFailure::Mandate(code.and_then(mandate::find))
    }

    /// `failure_reason` of the mandate. Source: paper-nach 7.
    pub fn told_of_mandate(self) -> &'static str {
        match self {
            NachFailure::Mandate(row) => mandate::refusal(row.map(|row| row.code)).0,
            NachFailure::NoAnswer => mandate::no_answer().0,
            _ => mandate::UNKNOWN_TEXT,
        }
    }

    /// Whether the mandate ends with the debit: codes 21 and 61. Source: paper-nach 12.3.
    pub fn ends_mandate(self) -> bool {
        matches!(self, NachFailure::Debit(row) if matches!(row.effect, Effect::FailedAndCancelled(_)))
    }

    /// The five fields of the failed payment.
    pub fn fields(self) -> FailureFields {
        match self {
            NachFailure::Debit(row) => match row.effect {
                Effect::Failed(fields) | Effect::FailedAndCancelled(fields) => fields,
                Effect::Paid | Effect::Pending => debit::UNKNOWN,
            },
            NachFailure::DebitUnknown => debit::UNKNOWN,
            NachFailure::NoFile => debit::NO_FILE,
            NachFailure::DebitTimedOut => debit::TIMED_OUT,
            NachFailure::Mandate(row) => mandate::refusal(row.map(|row| row.code)).1,
            NachFailure::NoAnswer => mandate::no_answer().1,
            NachFailure::Withdrawn => mandate::withdrawn(),
        }
    }

    /// The word as it is stored, without the part that says it is of NACH.
    pub(super) fn key(self) -> Cow<'static, str> {
        match self {
            NachFailure::Debit(row) => {
                let leg = match row.leg {
                    Leg::Return => "return",
                    Leg::Reject => "reject",
                };
                format!("{leg}.{}", row.code).into()
            }
            NachFailure::DebitUnknown => "debit".into(),
            NachFailure::NoFile => "no_file".into(),
            NachFailure::DebitTimedOut => "timed_out".into(),
            NachFailure::Mandate(Some(row)) => format!("mandate.{}", row.code).into(),
            NachFailure::Mandate(None) => "mandate".into(),
            NachFailure::NoAnswer => "no_answer".into(),
            NachFailure::Withdrawn => "withdrawn".into(),
        }
    }

    pub(super) fn parse(key: &str) -> Option<NachFailure> {
        Some(match key {
            "debit" => NachFailure::DebitUnknown,
            "no_file" => NachFailure::NoFile,
            "timed_out" => NachFailure::DebitTimedOut,
            "mandate" => NachFailure::Mandate(None),
            "no_answer" => NachFailure::NoAnswer,
            "withdrawn" => NachFailure::Withdrawn,
            _ => {
                let (table, code) = key.split_once('.')?;
                match table {
                    "return" => NachFailure::Debit(debit::find(Leg::Return, Code::new(code)?)?),
                    "reject" => NachFailure::Debit(debit::find(Leg::Reject, Code::new(code)?)?),
                    "mandate" => NachFailure::Mandate(Some(mandate::find(code)?)),
                    _ => return None,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn every_failure_of_nach_is_read_back_from_its_key() {
        let debits = debit::CODES.iter().map(NachFailure::Debit);
        let mandates = mandate::CODES.iter().map(|row| NachFailure::Mandate(Some(row)));
        let others = [
            NachFailure::DebitUnknown,
            NachFailure::NoFile,
            NachFailure::DebitTimedOut,
            NachFailure::Mandate(None),
            NachFailure::NoAnswer,
            NachFailure::Withdrawn,
        ];
        let mut keys = vec![];
        for failure in debits.chain(mandates).chain(others) {
            let key = Failure::Nach(failure).key().into_owned();
            assert_eq!(Failure::parse(&key), Some(Failure::Nach(failure)), "{key}");
            assert_eq!(Failure::Nach(failure).fields().step, "payment_authorization");
            keys.push(key);
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert_eq!(Failure::parse("nach/return.zz"), None);
    }
}
