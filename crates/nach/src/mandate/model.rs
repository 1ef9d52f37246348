//! What messages about mandates say. Source: rails 5.3.

use vasool_core::money::Paise;
use vasool_core::time::Time;

use crate::day::Day;

/// The head of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its id, at most 35 characters.
    pub message_id: String,
    /// When it was made, to the second.
    pub created_at: Time,
    /// Who sends it: the sponsor bank in a request.
    pub from: Member,
    /// Who shall act on it: the payer's bank in a request.
    pub to: Member,
}

/// A bank as a member of clearing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its IFSC.
    pub id: String,
    /// Its name, at most 140 characters.
    pub name: String,
}

/// A mandate to register (pain.009.001.01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The head of the message.
    pub header: Header,
    /// The number NPCI gave it; `None` on its way to NPCI, set on its way to the payer's bank.
    pub umrn: Option<String>,
    /// Our id of the mandate, at most 35 characters.
    pub request_id: String,
    /// Category of the purpose, such as `L001` for a loan.
    pub category: String,
    /// How often it is used.
    pub occurrence: Occurrence,
    /// The date on the paper.
    pub dated_on: Day,
    /// First day of a debit.
    pub first_on: Day,
    /// Last day of a debit.
    pub final_on: Option<Day>,
    /// How much each debit takes.
    pub amount: Amount,
    /// Who collects.
    pub creditor: Creditor,
    /// Who pays.
    pub debtor: Debtor,
}

/// How often a mandate is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// Once, on its first day.
    Once,
    /// Again and again.
    Recurring(Frequency),
}

/// How often a debit may be presented. Source: rails 5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Frequency {
    AsPresented,
    IntraDay,
    Daily,
    Weekly,
    Monthly,
    TwiceAMonth,
    Quarterly,
    HalfYearly,
    Yearly,
}

const FREQUENCIES: [(Frequency, &str); 9] = [
    (Frequency::AsPresented, "ADHO"),
    (Frequency::IntraDay, "INDA"),
    (Frequency::Daily, "DAIL"),
    (Frequency::Weekly, "WEEK"),
    (Frequency::Monthly, "MNTH"),
    (Frequency::TwiceAMonth, "BIMN"),
    (Frequency::Quarterly, "QURT"),
    (Frequency::HalfYearly, "MIAN"),
    (Frequency::Yearly, "YEAR"),
];

impl Frequency {
    /// The code of the message.
    pub fn code(self) -> &'static str {
        FREQUENCIES.iter().find(|(row, _)| *row == self).map_or("", |(_, code)| code)
    }

    /// The frequency of a code.
    pub fn from_code(code: &str) -> Option<Frequency> {
        FREQUENCIES.iter().find(|(_, row)| *row == code).map(|(frequency, _)| *frequency)
    }
}

/// How much a debit takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Exactly this.
    Fixed(Paise),
    /// At most this.
    Maximum(Paise),
}

/// Who collects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creditor {
    /// Its name, at most 140 characters.
    pub name: String,
    /// Its utility code, 18 characters.
    pub utility_code: String,
    /// IFSC of the sponsor bank.
    pub bank: String,
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debtor {
    /// Name as the bank knows it, at most 40 characters.
    pub name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Anything else, such as a reference of the company.
    pub other: Option<String>,
    /// The account, at most 35 characters.
    pub account_number: String,
    /// Its kind.
    pub account_type: AccountType,
    /// IFSC of the bank.
    pub bank: String,
    /// Name of the bank.
    pub bank_name: Option<String>,
}

/// Kind of an account in a message.
///
/// That an NRE or NRO account is `OTHER` is our reading: the published list has no more words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum AccountType {
    Savings,
    Current,
    CashCredit,
    Other,
}

const ACCOUNT_TYPES: [(AccountType, &str); 4] = [
    (AccountType::Savings, "SAVINGS"),
    (AccountType::Current, "CURRENT"),
    (AccountType::CashCredit, "CC"),
    (AccountType::Other, "OTHER"),
];

impl AccountType {
    /// The word of the message.
    pub fn code(self) -> &'static str {
        ACCOUNT_TYPES.iter().find(|(row, _)| *row == self).map_or("", |(_, code)| code)
    }

    /// The kind of a word.
    pub fn from_code(code: &str) -> Option<AccountType> {
        ACCOUNT_TYPES.iter().find(|(_, row)| *row == code).map(|(kind, _)| *kind)
    }
}

/// A mandate to end (pain.011.001.01; how NPCI's members fill it is unverified).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// The head of the message.
    pub header: Header,
    /// The mandate.
    pub umrn: String,
    /// Why: a code such as `C002`, see [`crate::codes::mandate`].
    pub reason: String,
}

/// Acknowledgement, acceptance or response (pain.012.001.01): the name of its file says which. How
/// NPCI's members fill it is unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The head of the message.
    pub header: Header,
    /// The decisions, at least one.
    pub decisions: Vec<Decision>,
}

/// A decision on one mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Id of the message that asked.
    pub original_message_id: String,
    /// Kind of that message, such as `pain.009.001.01`.
    pub original_message: String,
    /// Our id of the mandate, where the answer carries it.
    pub request_id: Option<String>,
    /// The mandate's number; an acknowledgement of a new mandate assigns it.
    pub umrn: Option<String>,
    /// Yes or no.
    pub verdict: Verdict,
}

/// Yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted.
    Accepted,
    /// Refused, with a code of [`crate::codes::mandate`] where one is given.
    Rejected(Option<String>),
}

/// Whether a text has the shape of a UMRN: four capital letters, then sixteen capital letters or
/// digits. Lenient behind the bank: identifiers beyond 0, 3 and 5 are unverified (rails 5.3).
pub fn is_umrn(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 20
        && bytes[..4].iter().all(u8::is_ascii_uppercase)
        && bytes[4..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The UMRN of a paper mandate: bank, the identifier `0`, fifteen digits. What NPCI assigns, for the
/// side that plays it. `None` when `bank` is not four capital letters or `number` has more digits.
pub fn paper_umrn(bank: &str, number: u64) -> Option<String> {
    Some(format!("{bank}0{number:015}")).filter(|text| is_umrn(text))
}
