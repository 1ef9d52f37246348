//! Why a payment failed: the five error fields of common 5.6, as data.
//!
//! A failure is a row of a table, never a free text. It is stored by its [`Failure::key`]; the
//! payment, the webhook and the answer to the merchant's call all print the same [`Failure::fields`].

mod npci;
mod row;
mod table;

pub use npci::{NPCI_CODES, NpciCode, NpciOutcome, outcome_of};
pub use row::{Applies, Evidence, Retry, Row, Variant, row, row_of_number};
pub use table::ROWS;

use std::borrow::Cow;

/// The classes of error SDKs know. Source: common 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The request is at fault, or what it asks for cannot be.
    BadRequest,
    /// A bank or a network is at fault.
    Gateway,
    /// This server is at fault.
    Server,
}

impl ErrorCode {
    /// The word as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::BadRequest => "BAD_REQUEST_ERROR",
            ErrorCode::Gateway => "GATEWAY_ERROR",
            ErrorCode::Server => "SERVER_ERROR",
        }
    }
}

/// What was tried when it failed; some rows name another step for each. Source: reserve-pay 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// To have a mandate approved.
    Authorisation,
    /// To debit one.
    Debit,
}

/// Why a payment failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A row of the table of reserve-pay 15.
    Upi(&'static Row, Operation),
    /// The mandate is in no state to be debited. Source: reserve-pay 9.3.
    Mandate(MandateFault),
    /// The merchant cancelled the mandate before the payer answered. Source: reserve-pay 5.2.
    Cancelled,
}

/// States in which a mandate gives nothing. Source: reserve-pay 9.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandateFault {
    /// Not approved, rejected, or being cancelled.
    NotActive,
    /// Paused by the payer.
    Paused,
    /// Cancelled.
    Cancelled,
    /// Expired, or released shortly before.
    Expired,
}

/// The five error fields of a failed payment. Source: common 5.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureFields {
    /// `error_code`
    pub code: ErrorCode,
    /// `error_description`
    pub description: &'static str,
    /// `error_source`
    pub source: &'static str,
    /// `error_step`
    pub step: &'static str,
    /// `error_reason`
    pub reason: &'static str,
}

impl MandateFault {
    const ALL: [MandateFault; 4] = [
        MandateFault::NotActive,
        MandateFault::Paused,
        MandateFault::Cancelled,
        MandateFault::Expired,
    ];

    /// `error_reason`. Source: reserve-pay 9.3.
    pub fn reason(self) -> &'static str {
        match self {
            MandateFault::NotActive => "mandate_not_active",
            MandateFault::Paused => "mandate_paused",
            MandateFault::Cancelled => "mandate_cancelled",
            MandateFault::Expired => "mandate_expired",
        }
    }

    fn description(self) -> &'static str {
        match self {
            MandateFault::NotActive => "UPI mandate is not active.",
            MandateFault::Paused => "UPI mandate is not active, it is paused by user.",
            MandateFault::Cancelled => {
                "UPI mandate created for payment has been cancelled by user."
            }
            MandateFault::Expired => "UPI Mandate is expired.",
        }
    }

    fn source(self) -> &'static str {
        match self {
            MandateFault::Paused | MandateFault::Cancelled => "customer",
            MandateFault::NotActive | MandateFault::Expired => "business",
        }
    }
}

/// The mark of an approved mandate: its payment ends with row 47. Source: reserve-pay 5.2.
pub fn dummy_payment() -> Failure {
    authorisation(47)
}

/// Row 37: nobody approved in time. Source: reserve-pay 5.2.
pub fn timed_out() -> Failure {
    authorisation(37)
}

/// A row of the table on an authorisation.
///
/// Panics when the table has no such row: callers name rows of the contract.
pub fn authorisation(number: u8) -> Failure {
    let row = row_of_number(number).expect("the table has the rows that rules name");
    Failure::Upi(row, Operation::Authorisation)
}

/// A row of the table on a debit. Panics like [`authorisation`].
pub fn debit(number: u8) -> Failure {
    let row = row_of_number(number).expect("the table has the rows that rules name");
    Failure::Upi(row, Operation::Debit)
}

impl Failure {
    /// The five fields, the same on the payment, in its webhook and in the answer to a call.
    pub fn fields(self) -> FailureFields {
        match self {
            Failure::Upi(row, operation) => row.fields(operation),
            Failure::Mandate(fault) => FailureFields {
                code: ErrorCode::BadRequest,
                description: fault.description(),
                source: fault.source(),
                step: "payment_initiation",
                reason: fault.reason(),
            },
            Failure::Cancelled => FailureFields {
                code: ErrorCode::BadRequest,
                description: "Your payment has been cancelled. Try again or complete the payment \
                    later.",
                source: "business",
                step: "mandate_creation",
                reason: "payment_cancelled",
            },
        }
    }

    /// The row as it is stored, such as `debit/bank_technical_error.2` or `mandate_paused`. Keys
    /// are never given another meaning.
    pub fn key(self) -> Cow<'static, str> {
        let (row, operation) = match self {
            Failure::Upi(row, Operation::Authorisation) => (row, "authorisation"),
            Failure::Upi(row, Operation::Debit) => (row, "debit"),
            Failure::Mandate(fault) => return fault.reason().into(),
            Failure::Cancelled => return "payment_cancelled".into(),
        };
        format!("{operation}/{}", row.name()).into()
    }

    /// Reads what was stored.
    pub fn parse(key: &str) -> Option<Failure> {
        if key == "payment_cancelled" {
            return Some(Failure::Cancelled);
        }
        let Some((operation, name)) = key.split_once('/') else {
            let fault = MandateFault::ALL.into_iter().find(|fault| fault.reason() == key)?;
            return Some(Failure::Mandate(fault));
        };
        let operation = match operation {
            "authorisation" => Operation::Authorisation,
            "debit" => Operation::Debit,
            _ => return None,
        };
        let row = ROWS.iter().find(|row| row.name() == name)?;
        Some(Failure::Upi(row, operation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_read_back_from_its_key() {
        let upi = ROWS.iter().flat_map(|row| {
            [Operation::Authorisation, Operation::Debit].map(|tried| Failure::Upi(row, tried))
        });
        let mandate = MandateFault::ALL.map(Failure::Mandate);
        let all: Vec<Failure> = upi.chain(mandate).chain([Failure::Cancelled]).collect();
        assert_eq!(all.len(), 47 * 2 + 4 + 1);
        let mut keys: Vec<String> = all.iter().map(|failure| failure.key().into_owned()).collect();
        for (failure, key) in all.iter().zip(&keys) {
            assert_eq!(Failure::parse(key), Some(*failure), "{key}");
        }
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all.len());
        for bad in ["", "debit/", "debit/none", "other/payment_failed", "payment_failed"] {
            assert_eq!(Failure::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn mandates_that_give_nothing_say_why() {
        let fields = Failure::Mandate(MandateFault::Paused).fields();
        assert_eq!((fields.source, fields.reason), ("customer", "mandate_paused"));
        assert_eq!(Failure::Mandate(MandateFault::Expired).fields().source, "business");
    }
}
