//! The mandate form as a PDF: one A4 sheet, the slip that is signed above, what it says and what to
//! do with it below. Source: rails 5.1, paper-nach 5.2.
//!
//! The slip has the sides 24 to 11 of the images that banks take (rails 5.2). The order's id stands
//! on it as text and as a QR code, so that a scan can be told from another order's. The same form
//! always gives the same bytes: no time, no random id. Texts can be selected, and are in the order in
//! which a person reads them; what stands in boxes, a character each, is one text for programs.

mod font;
mod lower;
mod pdf;
mod sheet;
mod slip;

use vasool_core::money::Paise;

use crate::day::Day;
use crate::mandate::Frequency;

/// What a form says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Id of the order, printed and as QR code; at most [`ORDER_ID_MAX`] ASCII characters.
    pub order_id: String,
    /// The mandate's number; blank on a new one.
    pub umrn: Option<String>,
    /// Date of the mandate: the day the order was made.
    pub dated_on: Day,
    /// What the paper asks for.
    pub action: Action,
    /// IFSC or MICR of the sponsor bank, at most 11 characters.
    pub sponsor_bank: String,
    /// Utility code of the company, at most 18 characters.
    pub utility_code: String,
    /// The company that collects.
    pub utility_name: String,
    /// Kind of the account.
    pub account_type: AccountType,
    /// The account, at most 35 characters.
    pub account_number: String,
    /// Name of the payer's bank.
    pub bank_name: String,
    /// IFSC of the payer's bank, at most 11 characters.
    pub ifsc: String,
    /// How much a debit takes, below 10^13 paise (thirteen digits).
    pub amount: Paise,
    /// What the amount means.
    pub debit_type: DebitType,
    /// How often. Paper knows as presented, monthly, quarterly, half-yearly and yearly; any other
    /// frequency is as presented (rails 5.3).
    pub frequency: Frequency,
    /// The company's reference.
    pub reference1: Option<String>,
    /// The company's second reference.
    pub reference2: Option<String>,
    /// The payer's telephone.
    pub phone: Option<String>,
    /// The payer's e-mail.
    pub email: Option<String>,
    /// First day of a debit.
    pub from: Day,
    /// Last day; `None` is "until cancelled".
    pub to: Option<Day>,
    /// The account's holder, as the bank knows the name.
    pub holder: String,
}

/// What a paper asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Action {
    Create,
    Modify,
    Cancel,
}

/// What the amount means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DebitType {
    Fixed,
    Maximum,
}

/// The boxes for the kind of account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the form")]
pub enum AccountType {
    Savings,
    Current,
    CashCredit,
    SavingsNre,
    SavingsNro,
    Other,
}

/// Most characters of an order's id: its prefix and fourteen.
pub const ORDER_ID_MAX: usize = 20;
/// Thirteen digits of paise (rails 5.1).
const AMOUNT_MAX: i64 = 9_999_999_999_999;

/// A form that cannot be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// The text has more characters than the form has boxes for it, or the amount more digits. Names
    /// and references are made smaller and at last cut instead; an account number that is cut would
    /// be another account.
    TooLong {
        /// The field of [`Form`].
        field: &'static str,
        /// Most characters or digits.
        max: usize,
    },
    /// The text has characters that cannot stand in a code: not printable ASCII.
    NotPrintable {
        /// The field of [`Form`].
        field: &'static str,
    },
    /// The PDF could not be put together, which a test with the fonts inside would have shown.
    Font,
}

impl std::fmt::Display for FormError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FormError::TooLong { field, max } => write!(f, "{field}: more than {max} characters"),
            FormError::NotPrintable { field } => write!(f, "{field}: not printable ASCII"),
            FormError::Font => f.write_str("the fonts could not be embedded"),
        }
    }
}

impl std::error::Error for FormError {}

/// The form as PDF.
///
/// Errors: [`FormError::TooLong`] and [`FormError::NotPrintable`] by the field that is at fault.
/// Letters of scripts that the font does not have (it has Latin, Greek and Cyrillic) are printed as
/// an empty box, so that a clerk sees that something is missing.
pub fn render(form: &Form) -> Result<Vec<u8>, FormError> {
    check(form)?;
    let title = format!("NACH mandate form {}", form.order_id);
    pdf::render(&title, &sheet(form)?).ok_or(FormError::Font)
}

fn sheet(form: &Form) -> Result<sheet::Sheet, FormError> {
    let mut sheet = sheet::Sheet::new().ok_or(FormError::Font)?;
    slip::draw(&mut sheet, form)?;
    lower::draw(&mut sheet, form);
    Ok(sheet)
}

fn check(form: &Form) -> Result<(), FormError> {
    let codes = [
        ("order_id", form.order_id.as_str(), ORDER_ID_MAX),
        ("umrn", form.umrn.as_deref().unwrap_or_default(), 20),
        ("sponsor_bank", &form.sponsor_bank, 11),
        ("utility_code", &form.utility_code, 18),
        ("account_number", &form.account_number, 35),
        ("ifsc", &form.ifsc, 11),
    ];
    for (field, text, max) in codes {
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(FormError::NotPrintable { field });
        }
        if text.len() > max {
            return Err(FormError::TooLong { field, max });
        }
    }
    if form.amount.get() > AMOUNT_MAX {
        return Err(FormError::TooLong { field: "amount", max: 13 });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
