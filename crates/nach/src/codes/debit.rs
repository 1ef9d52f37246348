//! Answers to a debit: returned by the bank, or rejected by NPCI. Source: rails 5.6, paper-nach
//! 12.3.
//!
//! The same digits mean different things on the two legs, so a row belongs to one of them.

use super::{ApiError, Code, FAILED, STEP};

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// The payer's bank returned the debit.
    Return,
    /// NPCI rejected it before the bank.
    Reject,
}

/// One answer to a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebitCode {
    /// Who says it.
    pub leg: Leg,
    /// The two characters in the file.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What becomes of the payment.
    pub effect: Effect,
    /// Whether another presentation can succeed.
    pub again: Again,
}

/// What becomes of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The debit was honoured.
    Paid,
    /// Nothing yet: the bank decides in the next cycle.
    Pending,
    /// The payment fails with these fields.
    Failed(ApiError),
    /// The payment fails, and the mandate is cancelled with it (paper-nach 12.3: codes 21 and 61).
    FailedAndCancelled(ApiError),
}

/// Whether another presentation under the same mandate can succeed. Our judgement: the merchant
/// decides, and no gap is enforced (paper-nach 12.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Later, with nothing else changed.
    Later,
    /// After the payer, the merchant or the bank has put something right.
    AfterChange,
    /// Not with this account or mandate.
    Never,
}

/// The row of a code; `None` for one that is not listed on this leg.
pub fn find(leg: Leg, code: Code) -> Option<&'static DebitCode> {
    CODES.iter().find(|row| row.leg == leg && row.code == code.as_str())
}

/// What becomes of a payment that was answered with this code. Source: paper-nach 12.3.
pub fn effect(leg: Leg, code: Code) -> Effect {
    find(leg, code).map_or(Effect::Failed(UNKNOWN), |row| row.effect)
}

/// The leg of a code that is given without one, as in a simulation: a bank's where both know it.
pub fn usual_leg(code: Code) -> Leg {
    match find(Leg::Return, code) {
        None if find(Leg::Reject, code).is_some() => Leg::Reject,
        _ => Leg::Return,
    }
}

/// A code that has no row.
pub const UNKNOWN: ApiError = bank("payment_failed");
/// No file came, or a gateway is at fault.
pub const NO_FILE: ApiError = failure("GATEWAY_ERROR", "gateway", "gateway_technical_error");
/// No answer by the second working day after presentation.
pub const TIMED_OUT: ApiError = failure("GATEWAY_ERROR", "issuer_bank", "payment_timed_out");
/// A fault of our own.
pub const OWN_FAULT: ApiError = failure("SERVER_ERROR", "internal", "server_error");

const fn failure(code: &'static str, source: &'static str, reason: &'static str) -> ApiError {
    ApiError { code, description: FAILED, source, step: STEP, reason }
}

const fn bank(reason: &'static str) -> ApiError {
    failure("BAD_REQUEST_ERROR", "issuer_bank", reason)
}

const fn customer(reason: &'static str) -> ApiError {
    failure("BAD_REQUEST_ERROR", "customer", reason)
}

const ACCOUNT_INVALID: Effect = Effect::Failed(bank("bank_account_invalid"));
const NO_FUNDS: Effect = Effect::Failed(ApiError {
    description: "Transaction failed due to insufficient funds.",
    ..customer("insufficient_funds")
});
const STOPPED: Effect = Effect::Failed(customer("payment_cancelled"));
const BLOCKED: Effect = Effect::Failed(bank("debit_instrument_blocked"));
const INACTIVE: Effect = Effect::Failed(bank("debit_instrument_inactive"));
const NOT_ACTIVE: Effect = Effect::Failed(bank("payment_mandate_not_active"));
const REFER: Effect = Effect::Failed(ApiError {
    description: "Customer has to refer to branch to complete registration",
    ..bank("payment_mandate_not_active")
});
const MANDATE_OVER: ApiError = ApiError {
    description: "Payment failed because emandate is cancelled or inactive",
    ..customer("mandate_not_active")
};
const OVER: Effect = Effect::Failed(MANDATE_OVER);
const OVER_AND_CANCELLED: Effect = Effect::FailedAndCancelled(MANDATE_OVER);
const WRONG_IFSC: Effect = Effect::Failed(bank("incorrect_ifsc"));
const MISMATCH: Effect = Effect::Failed(bank("bank_account_validation_failed"));
const WRONG_AMOUNT: Effect =
    Effect::Failed(failure("BAD_REQUEST_ERROR", "business", "invalid_amount"));
const OVER_LIMIT: Effect = Effect::Failed(customer("transaction_limit_exceeded"));
const DECLINED: Effect = Effect::Failed(bank("payment_declined"));
const NETWORK: Effect =
    Effect::Failed(failure("GATEWAY_ERROR", "issuer_bank", "bank_technical_error"));
const PLAIN: Effect = Effect::Failed(UNKNOWN);

use Again::{AfterChange, Later, Never};
use Leg::{Reject, Return};

const fn row(
    leg: Leg,
    code: &'static str,
    meaning: &'static str,
    effect: Effect,
    again: Again,
) -> DebitCode {
    DebitCode { leg, code, meaning, effect, again }
}

/// Every code: the bank's, then NPCI's.
pub const CODES: &[DebitCode] = &[
    row(Return, "00", "success", Effect::Paid, Never),
    row(Return, "01", "account closed", ACCOUNT_INVALID, Never),
    row(Return, "02", "no such account", ACCOUNT_INVALID, Never),
    row(Return, "04", "balance insufficient", NO_FUNDS, Later),
    row(Return, "05", "not arranged for", NO_FUNDS, Later),
    row(Return, "06", "stopped by the drawer", STOPPED, AfterChange),
    row(Return, "07", "court order or litigation", BLOCKED, AfterChange),
    row(Return, "08", "mandate not received", NOT_ACTIVE, AfterChange),
    row(Return, "09", "miscellaneous", DECLINED, AfterChange),
    row(Return, "11", "invalid IFSC or MICR", WRONG_IFSC, AfterChange),
    row(Return, "12", "frequency mismatch", DECLINED, AfterChange),
    row(Return, "13", "duplicate", DECLINED, Never),
    row(Return, "14", "mandate expired", OVER, Never),
    row(Return, "15", "amount differs", WRONG_AMOUNT, AfterChange),
    row(Return, "16", "name mismatch", MISMATCH, AfterChange),
    row(Return, "17", "returned at the customer's request", STOPPED, AfterChange),
    row(Return, "51", "KYC pending", BLOCKED, AfterChange),
    row(Return, "52", "minor turned major, papers due", BLOCKED, AfterChange),
    row(Return, "53", "inoperative account", INACTIVE, AfterChange),
    row(Return, "54", "dormant account", INACTIVE, AfterChange),
    row(Return, "55", "zero balance, first use", INACTIVE, AfterChange),
    row(Return, "56", "small account, first use", INACTIVE, AfterChange),
    row(Return, "57", "above the limit of one debit", OVER_LIMIT, AfterChange),
    row(Return, "58", "above the account's limit of debits", OVER_LIMIT, Later),
    row(Return, "59", "core banking or network failure", NETWORK, Later),
    row(Return, "60", "account holder deceased", ACCOUNT_INVALID, Never),
    row(Return, "61", "mandate cancelled", OVER_AND_CANCELLED, Never),
    row(Return, "68", "account blocked or frozen", BLOCKED, AfterChange),
    row(Return, "69", "account holder insolvent or insane", BLOCKED, Never),
    row(Return, "70", "customer to refer to the branch", REFER, AfterChange),
    row(Return, "98", "extension asked by the bank", Effect::Pending, Later),
    row(Reject, "21", "UMRN invalid or inactive", OVER_AND_CANCELLED, Never),
    row(Reject, "22", "mandate not valid for debit", OVER, Never),
    row(Reject, "23", "account number mismatch", MISMATCH, AfterChange),
    row(Reject, "24", "bank mismatch", MISMATCH, AfterChange),
    row(Reject, "25", "currency mismatch", WRONG_AMOUNT, AfterChange),
    row(Reject, "26", "above the mandate's maximum", OVER_LIMIT, AfterChange),
    row(Reject, "27", "differs from the mandate's fixed amount", WRONG_AMOUNT, AfterChange),
    row(Reject, "28", "before the mandate's start", NOT_ACTIVE, Later),
    row(Reject, "29", "after the mandate's end", OVER, Never),
    row(Reject, "69", "duplicate reference", PLAIN, AfterChange),
    row(Reject, "70", "wrong date", PLAIN, AfterChange),
    row(Reject, "71", "unwound", PLAIN, Later),
    row(Reject, "72", "cancelled", PLAIN, AfterChange),
    row(Reject, "73", "settlement failed", PLAIN, Later),
    row(Reject, "74", "file format", PLAIN, AfterChange),
    row(Reject, "75", "cancelled by the user", PLAIN, AfterChange),
    row(Reject, "77", "currency", PLAIN, AfterChange),
    row(Reject, "78", "bank identifier", PLAIN, AfterChange),
    row(Reject, "79", "after the end of the day", PLAIN, Later),
    row(Reject, "81", "product missing", PLAIN, AfterChange),
    row(Reject, "82", "marked pending", PLAIN, Later),
    row(Reject, "83", "field format", PLAIN, AfterChange),
    row(Reject, "84", "data format", PLAIN, AfterChange),
    row(Reject, "85", "not mapped", PLAIN, AfterChange),
    row(Reject, "86", "transaction code", PLAIN, AfterChange),
    row(Reject, "87", "differs from the original", PLAIN, AfterChange),
    row(Reject, "88", "differs from the original", PLAIN, AfterChange),
    row(Reject, "89", "differs from the original", PLAIN, AfterChange),
    row(Reject, "90", "differs from the original", PLAIN, AfterChange),
    row(Reject, "91", "differs from the original", PLAIN, AfterChange),
    row(Reject, "92", "core error", PLAIN, Later),
    row(Reject, "94", "amount of zero", PLAIN, AfterChange),
    row(Reject, "97", "bad corporate", PLAIN, AfterChange),
    row(Reject, "98", "bad user number or name", PLAIN, AfterChange),
    row(Reject, "99", "too many pending", PLAIN, Later),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    fn told(leg: Leg, text: &str) -> ApiError {
        match effect(leg, code(text)) {
            Effect::Failed(error) | Effect::FailedAndCancelled(error) => error,
            other => panic!("{text} is {other:?}"),
        }
    }

    #[test]
    fn pn_69_every_row_of_the_contract() {
        // Codes, reason, error code, source: paper-nach 12.3.
        let (bad, gateway) = ("BAD_REQUEST_ERROR", "GATEWAY_ERROR");
        let rows = [
            ("01 02 60", "bank_account_invalid", bad, "issuer_bank"),
            ("04 05", "insufficient_funds", bad, "customer"),
            ("06 17", "payment_cancelled", bad, "customer"),
            ("07 51 52 68 69", "debit_instrument_blocked", bad, "issuer_bank"),
            ("53 54 55 56", "debit_instrument_inactive", bad, "issuer_bank"),
            ("08 28 70", "payment_mandate_not_active", bad, "issuer_bank"),
            ("14 21 22 29 61", "mandate_not_active", bad, "customer"),
            ("11", "incorrect_ifsc", bad, "issuer_bank"),
            ("16 23 24", "bank_account_validation_failed", bad, "issuer_bank"),
            ("15 25 27", "invalid_amount", bad, "business"),
            ("26 57 58", "transaction_limit_exceeded", bad, "customer"),
            ("09 12 13", "payment_declined", bad, "issuer_bank"),
            ("59", "bank_technical_error", gateway, "issuer_bank"),
            ("03 74 99 ZZ", "payment_failed", bad, "issuer_bank"),
        ];
        for (codes, reason, error_code, source) in rows {
            for text in codes.split(' ') {
                let error = told(usual_leg(code(text)), text);
                assert_eq!((error.reason, error.code, error.source), (reason, error_code, source));
                assert_eq!(error.step, "payment_authorization");
                let description = match (text, reason) {
                    ("70", _) => "Customer has to refer to branch to complete registration",
                    (_, "insufficient_funds") => "Transaction failed due to insufficient funds.",
                    (_, "mandate_not_active") => {
                        "Payment failed because emandate is cancelled or inactive"
                    }
                    _ => "Payment failed",
                };
                assert_eq!(error.description, description, "{text}");
            }
        }
        let fields = |error: ApiError| (error.reason, error.code, error.source);
        assert_eq!(fields(NO_FILE), ("gateway_technical_error", gateway, "gateway"));
        assert_eq!(fields(TIMED_OUT), ("payment_timed_out", gateway, "issuer_bank"));
        assert_eq!(fields(OWN_FAULT), ("server_error", "SERVER_ERROR", "internal"));
    }

    #[test]
    fn only_21_and_61_cancel_the_mandate() {
        let cancelling =
            CODES.iter().filter(|row| matches!(row.effect, Effect::FailedAndCancelled(_)));
        let codes: Vec<_> = cancelling.map(|row| row.code).collect();
        assert_eq!(codes, ["61", "21"]);
    }

    #[test]
    fn the_leg_decides_where_both_use_a_code() {
        assert_eq!(effect(Leg::Return, code("98")), Effect::Pending);
        assert_eq!(effect(Leg::Reject, code("98")), Effect::Failed(UNKNOWN));
        assert_eq!(told(Leg::Reject, "69").reason, "payment_failed");
        assert_eq!(effect(Leg::Return, code("00")), Effect::Paid);
        assert_eq!(effect(Leg::Reject, code("00")), Effect::Failed(UNKNOWN));
    }

    #[test]
    fn rows_are_told_apart() {
        for (at, row) in CODES.iter().enumerate() {
            let same = |other: &&DebitCode| (other.leg, other.code) == (row.leg, row.code);
            assert!(CODES[..at].iter().find(same).is_none(), "{:?} {}", row.leg, row.code);
            assert_eq!(find(row.leg, code(row.code)), Some(row));
        }
        assert_eq!(Code::new("4"), None);
        assert_eq!(Code::new("0a"), None);
    }
}
