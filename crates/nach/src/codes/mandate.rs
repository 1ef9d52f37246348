//! NPCI's answers to a mandate. Source: rails 5.4, paper-nach 7.

use super::{ApiError, FAILED, STEP};

/// One answer to a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MandateCode {
    /// The code as in the file, such as `M003`.
    pub code: &'static str,
    /// What it means, in NPCI's sense.
    pub meaning: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// `recurring_details.failure_reason` of the token.
    pub failure_reason: &'static str,
    /// `error_reason` of the registration's payment.
    pub error_reason: &'static str,
    /// Whether the same mandate may be presented again.
    pub again: Again,
}

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The mandate was accepted. The letter codes are unverified.
    Accepted,
    /// The mandate was refused.
    Rejected,
    /// The mandate is on its way, or the meaning is unpublished (unverified).
    Status,
    /// Why a mandate was changed.
    Amended,
    /// Why a mandate ended.
    Cancelled,
}

/// Whether a refused mandate may be presented again (rails 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Not once: it needs a new paper.
    Never,
    /// Twice.
    Twice,
    /// The circulars do not say.
    Unstated,
}

impl MandateCode {
    /// The error fields of the registration's payment, for a code that refuses the mandate.
    pub fn error(&self) -> ApiError {
        api_error(self.error_reason)
    }
}

/// The text and reason of a refusal without a code, or with one that has no row (paper-nach 7).
pub const UNKNOWN_TEXT: &str = "Rejected by bank";
const UNKNOWN_REASON: &str = "payment_failed";
/// The text of a mandate that no bank answered in 30 days (paper-nach 1.3).
pub const NO_ANSWER_TEXT: &str = "No response from bank";
const NO_ANSWER_REASON: &str = "payment_timed_out";

/// The row of a code, in either case; `None` for one that is not listed.
pub fn find(code: &str) -> Option<&'static MandateCode> {
    CODES.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

/// The token's `failure_reason` and the payment's error fields of a refusal. Source: paper-nach 7.
pub fn refusal(code: Option<&str>) -> (&'static str, ApiError) {
    match code.and_then(find) {
        Some(row) => (row.failure_reason, row.error()),
        None => (UNKNOWN_TEXT, api_error(UNKNOWN_REASON)),
    }
}

/// The same of a mandate that nobody answered. Source: paper-nach 1.3.
pub fn no_answer() -> (&'static str, ApiError) {
    (NO_ANSWER_TEXT, api_error(NO_ANSWER_REASON))
}

fn api_error(reason: &'static str) -> ApiError {
    ApiError { code: "BAD_REQUEST_ERROR", description: FAILED, source: "bank", step: STEP, reason }
}

/// A refusal with a text and reason of its own in the API.
const fn told(
    code: &'static str,
    meaning: &'static str,
    failure_reason: &'static str,
    error_reason: &'static str,
    again: Again,
) -> MandateCode {
    MandateCode { code, meaning, kind: Kind::Rejected, failure_reason, error_reason, again }
}

/// A refusal that the API tells without its reason.
const fn plain(code: &'static str, meaning: &'static str, again: Again) -> MandateCode {
    told(code, meaning, UNKNOWN_TEXT, UNKNOWN_REASON, again)
}

/// A code that refuses nothing.
const fn other(code: &'static str, meaning: &'static str, kind: Kind) -> MandateCode {
    let (failure_reason, error_reason) = (UNKNOWN_TEXT, UNKNOWN_REASON);
    MandateCode { code, meaning, kind, failure_reason, error_reason, again: Again::Unstated }
}

use Again::{Never, Twice, Unstated};

const DECLINED: &str = "payment_declined";
const DUPLICATE: &str = "duplicate_mandate_request";
const VALIDATION: &str = "bank_account_validation_failed";
const BLOCKED: &str = "debit_instrument_blocked";
const NATURE: &str = "nature_of_debit_not_allowed";

/// Every code, in order. Texts of `failure_reason` are those of paper-nach 7, to the letter.
pub const CODES: &[MandateCode] = &[
    told("M003", "signature differs", "Drawers signature differs", DECLINED, Unstated),
    told("M004", "signature required", "Drawers signature required", DECLINED, Unstated),
    told(
        "M005",
        "authority to operate the account not received",
        "Drawers signature to operate account not received",
        DECLINED,
        Unstated,
    ),
    plain("M006", "authority to operate the account not received", Never),
    told(
        "M007",
        "alterations need the payer's authentication",
        "Alterations require drawers authentication",
        DECLINED,
        Never,
    ),
    told("M008", "company stamp missing", "Company stamp required", DECLINED, Twice),
    plain("M009", "not in the standard format", Never),
    plain("M011", "attachment order", Never),
    plain("M012", "court order", Never),
    plain("M013", "death of the account holder", Never),
    plain("M014", "lunacy of the account holder", Never),
    plain("M015", "insolvency of the account holder", Never),
    told("M020", "duplicate UMRN", "Rejected due to duplicate UMRN", DUPLICATE, Unstated),
    told("M021", "duplicate mandate", "Duplicate mandate", DUPLICATE, Never),
    plain("M022", "both ECS and ACH for one mandate", Unstated),
    told("M023", "KYC not done", "Refer to the branch, KYC not completed", VALIDATION, Twice),
    told("M024", "words and figures differ", "Amount in words and figures differ", DECLINED, Never),
    plain("M025", "proper category must be used", Twice),
    told("M026", "account frozen or blocked", "Account frozen or inoperative", BLOCKED, Twice),
    told("M027", "image not clear", "Image not clear", DECLINED, Unstated),
    told(
        "M030",
        "cash credit account not allowed",
        "Mandate registration not allowed for CC, PF, PPF account",
        NATURE,
        Twice,
    ),
    plain("M031", "not a core banking account", Unstated),
    told(
        "M032",
        "customer must confirm",
        "Rejected as per customer confirmation",
        "payment_cancelled",
        Twice,
    ),
    plain("M033", "full loan amount stated", Unstated),
    told(
        "M034",
        "amount above the account's limit",
        "Amount of EMI more than limit allowed for the account",
        "transaction_limit_exceeded",
        Never,
    ),
    told("M035", "corporate name differs", "Corporate name mismatch", DECLINED, Twice),
    plain("M036", "not a core banking account", Never),
    told("M037", "account closed", "Account closed", "bank_account_invalid", Never),
    told("M038", "no such account", "No such account", "bank_account_invalid", Never),
    told("M041", "account blocked", "Account blocked", BLOCKED, Unstated),
    told(
        "M042",
        "account description does not tally",
        "Account description does not tally",
        VALIDATION,
        Unstated,
    ),
    told(
        "M043",
        "nature of debit not allowed in the account type",
        "Nature of debit not allowed in account type",
        NATURE,
        Unstated,
    ),
    plain("M049", "signature not in core banking", Twice),
    plain("M050", "signature or image illegible", Twice),
    plain("M051", "NRE account", Never),
    plain("M052", "minor's account", Twice),
    plain("M053", "PF account", Unstated),
    plain("M054", "PPF account", Never),
    plain("M055", "inoperative account", Twice),
    told(
        "M056",
        "required balance not kept",
        "Not maintaining required balance",
        "insufficient_funds",
        Unstated,
    ),
    told("M057", "name differs from core banking", "Payer name mismatch", VALIDATION, Never),
    plain("M060", "invalid frequency", Never),
    told(
        "M062",
        "period of validity missing or end date invalid",
        "Period of validity not mentioned or invalid end date",
        DECLINED,
        Unstated,
    ),
    plain("M066", "joint signature required", Twice),
    plain("M067", "thumb impression", Never),
    plain("M068", "account type differs", Unstated),
    told("M072", "data differs from the mandate", "Data mismatch with mandate", DECLINED, Unstated),
    told("M073", "mandate incomplete", "Mandate incomplete", DECLINED, Unstated),
    plain("M074", "account number differs between form and data", Twice),
    plain("M075", "account type differs between form and data", Twice),
    plain("M077", "frequency differs between form and data", Twice),
    plain("M078", "period differs between form and data", Twice),
    plain("M079", "debit type differs between form and data", Twice),
    plain("M080", "amount differs between form and data", Twice),
    plain("M081", "start date differs between form and data", Twice),
    plain("M082", "end date differs between form and data", Twice),
    plain("M083", "payer name differs between form and data", Twice),
    plain("M084", "payer bank differs between form and data", Twice),
    plain("M085", "several fields differ between form and data", Twice),
    plain("M088", "e-mandate only", Unstated),
    plain("M089", "e-mandate only", Unstated),
    plain("M090", "e-mandate only", Unstated),
    plain("M091", "e-mandate only", Unstated),
    plain("M092", "e-mandate only", Unstated),
    plain("M093", "e-mandate only", Unstated),
    plain("M094", "wrong image uploaded", Never),
    plain("M095", "thumb impression", Unstated),
    plain("M096", "stale mandate", Never),
    other("A001", "changed at the customer's request", Kind::Amended),
    other("C001", "cancelled at the customer's request", Kind::Cancelled),
    other("C002", "cancelled at the corporate's request", Kind::Cancelled),
    other("C003", "cancelled, account closed", Kind::Cancelled),
    other("C004", "cancelled, account frozen", Kind::Cancelled),
    other("C005", "cancelled, account inoperative", Kind::Cancelled),
    other("ac01", "accepted", Kind::Accepted),
    other("sack", "accepted automatically", Kind::Accepted),
    told("ncex", "no answer in time", NO_ANSWER_TEXT, NO_ANSWER_REASON, Unstated),
    other("ncfe", "unpublished", Kind::Status),
    other("pc01", "unpublished", Kind::Status),
    other("rv01", "unpublished", Kind::Status),
    other("sp01", "unpublished", Kind::Status),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of paper-nach 7, typed from it once more.
    const CONTRACT: &[(&str, &str, &str)] = &[
        ("M003", "Drawers signature differs", "payment_declined"),
        ("M004", "Drawers signature required", "payment_declined"),
        ("M005", "Drawers signature to operate account not received", "payment_declined"),
        ("M007", "Alterations require drawers authentication", "payment_declined"),
        ("M008", "Company stamp required", "payment_declined"),
        ("M024", "Amount in words and figures differ", "payment_declined"),
        ("M027", "Image not clear", "payment_declined"),
        ("M035", "Corporate name mismatch", "payment_declined"),
        ("M062", "Period of validity not mentioned or invalid end date", "payment_declined"),
        ("M072", "Data mismatch with mandate", "payment_declined"),
        ("M073", "Mandate incomplete", "payment_declined"),
        ("M020", "Rejected due to duplicate UMRN", "duplicate_mandate_request"),
        ("M021", "Duplicate mandate", "duplicate_mandate_request"),
        ("M023", "Refer to the branch, KYC not completed", "bank_account_validation_failed"),
        ("M042", "Account description does not tally", "bank_account_validation_failed"),
        ("M057", "Payer name mismatch", "bank_account_validation_failed"),
        ("M026", "Account frozen or inoperative", "debit_instrument_blocked"),
        ("M041", "Account blocked", "debit_instrument_blocked"),
        (
            "M030",
            "Mandate registration not allowed for CC, PF, PPF account",
            "nature_of_debit_not_allowed",
        ),
        ("M043", "Nature of debit not allowed in account type", "nature_of_debit_not_allowed"),
        ("M032", "Rejected as per customer confirmation", "payment_cancelled"),
        (
            "M034",
            "Amount of EMI more than limit allowed for the account",
            "transaction_limit_exceeded",
        ),
        ("M037", "Account closed", "bank_account_invalid"),
        ("M038", "No such account", "bank_account_invalid"),
        ("M056", "Not maintaining required balance", "insufficient_funds"),
    ];

    #[test]
    fn pn_37_every_row_of_the_contract() {
        for (code, text, reason) in CONTRACT {
            let (failure_reason, error) = refusal(Some(code));
            assert_eq!((failure_reason, error.reason), (*text, *reason), "{code}");
            assert_eq!(
                (error.code, error.description, error.source, error.step),
                ("BAD_REQUEST_ERROR", "Payment failed", "bank", "payment_authorization"),
            );
        }
    }

    #[test]
    fn every_other_refusal_is_told_plainly() {
        for row in CODES {
            if row.kind != Kind::Rejected || row.code == "ncex" {
                continue;
            }
            if CONTRACT.iter().all(|(code, _, _)| *code != row.code) {
                let (text, error) = refusal(Some(row.code));
                assert_eq!((text, error.reason), ("Rejected by bank", "payment_failed"));
            }
        }
        for code in [None, Some("M999"), Some(""), Some("1")] {
            let (text, error) = refusal(code);
            assert_eq!((text, error.reason), ("Rejected by bank", "payment_failed"));
        }
        assert_eq!(refusal(Some("ncex")), no_answer());
    }

    #[test]
    fn codes_are_told_apart_and_found_in_either_case() {
        for (at, row) in CODES.iter().enumerate() {
            assert!(CODES[..at].iter().all(|other| other.code != row.code), "{}", row.code);
            assert_eq!(find(&row.code.to_ascii_lowercase()), Some(row));
            assert_eq!(row.code.len(), 4);
        }
    }

    #[test]
    fn presenting_again_follows_the_circulars() {
        let codes = |again| {
            let rows = CODES.iter().filter(|row| row.again == again).map(|row| &row.code[1..]);
            rows.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            codes(Never),
            "006 007 009 011 012 013 014 015 021 024 034 036 037 038 051 054 057 060 067 094 096"
        );
        assert_eq!(
            codes(Twice),
            "008 023 025 026 030 032 035 049 050 052 055 066 074 075 077 078 079 080 081 082 083 \
             084 085"
        );
    }
}
