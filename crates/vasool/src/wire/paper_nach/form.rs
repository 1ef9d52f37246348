//! The `token` block of orders and links for a mandate on paper, in and out. Source: paper-nach 4.2,
//! 4.3, 9.1.

use serde::Serialize;
use vasool_core::failure::NachFailure;
use vasool_core::money::Paise;
use vasool_core::nach_form::{AccountKind, NachAccount, NachForm, Registration};
use vasool_core::paper_nach::{END_MAX, MandateYears, NachFormDraft};
use vasool_core::settings::is_ifsc;
use vasool_core::time::Time;

use crate::wire::banks::bank_name;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::notes::{Notes, read_notes};
use crate::wire::out::NotesOut;

/// The smallest and largest maximum of a mandate, paise. Source: paper-nach 4.2.
const MAX_AMOUNT: (i64, i64) = (500, 1_000_000_000);
/// The smallest first debit, paise.
const FIRST_PAYMENT_MIN: i64 = 100;
/// Characters of references and descriptions.
const REFERENCE_MAX: usize = 255;
/// Characters of a holder's name.
const HOLDER_MAX: usize = 120;
/// Characters of an account number.
const NUMBER: std::ops::RangeInclusive<usize> = 5..=35;
/// Words for how often; they are taken and not shown.
const FREQUENCIES: &[&str] = &[
    "as_presented",
    "daily",
    "weekly",
    "fortnightly",
    "bimonthly",
    "monthly",
    "quarterly",
    "half_yearly",
    "yearly",
];

/// Where a block stands: their defaults differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// `token` of an order, with notes of its own.
    Order,
    /// `subscription_registration` of a link, whose notes it shares.
    Link,
}

/// Reads a block in the order of its table. `now`: the merchant's.
pub fn read_block(
    block: &Fields<'_>,
    within: Within,
    now: Time,
) -> Result<NachFormDraft, ApiError> {
    if block.required_text("auth_type")? != "physical" {
        return Err(block.refuse("auth_type", ApiError::selected_invalid));
    }
    let max_amount = read_max_amount(block)?;
    let ends_at = read_expire_at(block, now)?;
    let first_payment = read_first_payment(block, max_amount)?;
    if block.choice("frequency", FREQUENCIES).is_err() {
        let error = block.refuse("frequency", ApiError::selected_invalid);
        return Err(error.with_reason("selected_frequency_invalid"));
    }
    let notes = match within {
        Within::Order => read_notes(block)?,
        Within::Link => Notes::new(),
    };
    let account = read_account(&block.required_object("bank_account")?)?;
    let nach = block.object("nach")?;
    let text = |name| match &nach {
        Some(nach) => read_reference(nach, name),
        None => Ok(None),
    };
    Ok(NachFormDraft {
        account,
        max_amount,
        ends_at,
        years: match within {
            Within::Order => MandateYears::Thirty,
            Within::Link => MandateYears::Ten,
        },
        first_payment,
        reference1: text("form_reference1")?,
        reference2: text("form_reference2")?,
        description: text("description")?,
        notes,
    })
}

fn read_max_amount(block: &Fields<'_>) -> Result<Paise, ApiError> {
    let name = "max_amount";
    let amount = block.integer(name)?.unwrap_or(MAX_AMOUNT.1);
    if amount < MAX_AMOUNT.0 {
        let text = "The minimum transaction amount allowed is Re. 5.";
        return Err(block.refuse(name, |_| ApiError::invalid(text)));
    }
    let amount = Paise::new(amount).filter(|_| amount <= MAX_AMOUNT.1);
    amount.ok_or_else(|| block.refuse(name, |name| ApiError::may_not_exceed(name, MAX_AMOUNT.1)))
}

fn read_expire_at(block: &Fields<'_>, now: Time) -> Result<Option<Time>, ApiError> {
    let name = "expire_at";
    let not_integer = |_| block.refuse(name, ApiError::must_be_integer);
    let Some(at) = block.time(name).map_err(not_integer)? else { return Ok(None) };
    let refuse = |text: &'static str| Err(block.refuse(name, |_| ApiError::invalid(text)));
    if at <= now.0 {
        return refuse("expire_at should be greater than the current time");
    }
    if at > END_MAX {
        return refuse("expire_at should not be greater than 4102444799");
    }
    Ok(Some(Time(at)))
}

fn read_first_payment(block: &Fields<'_>, max_amount: Paise) -> Result<Paise, ApiError> {
    let name = "first_payment_amount";
    let amount = block.integer(name)?.unwrap_or(0);
    if amount != 0 && amount < FIRST_PAYMENT_MIN {
        let least = |name: &str| ApiError::must_be_at_least(name, FIRST_PAYMENT_MIN);
        return Err(block.refuse(name, least));
    }
    let text = "first_payment_amount should not exceed max_amount";
    let amount = Paise::new(amount).filter(|amount| *amount <= max_amount);
    amount.ok_or_else(|| block.refuse(name, |_| ApiError::invalid(text)))
}

fn read_reference(nach: &Fields<'_>, name: &str) -> Result<Option<String>, ApiError> {
    let text = nach.text(name)?.map(|text| text.into_owned());
    if text.as_ref().is_some_and(|text| text.chars().count() > REFERENCE_MAX) {
        return Err(nach.refuse(name, |name| ApiError::too_long(name, REFERENCE_MAX)));
    }
    Ok(text)
}

/// Reads `bank_account`. Refusals of the number name the field without what is around it. Source:
/// paper-nach 4.2.
pub fn read_account(account: &Fields<'_>) -> Result<NachAccount, ApiError> {
    let of_number =
        |error: ApiError| error.with_reason("invalid_account_number").with_field("account_number");
    let number = account.required_text("account_number").map_err(of_number)?;
    if !NUMBER.contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(of_number(ApiError::invalid("The account number format is invalid.")));
    }
    let ifsc = account.required_text("ifsc_code")?.trim().to_ascii_uppercase();
    if !is_ifsc(&ifsc) || bank_name(&ifsc).is_none() {
        return Err(account.refuse("ifsc_code", |_| ApiError::invalid("Invalid IFSC Code")));
    }
    let holder = account.required_text("beneficiary_name")?.into_owned();
    if holder.chars().count() > HOLDER_MAX {
        let long = |name: &str| ApiError::too_long(name, HOLDER_MAX);
        return Err(account.refuse("beneficiary_name", long));
    }
    let kind = account.chosen("account_type", AccountKind::parse)?;
    Ok(NachAccount {
        number: number.into_owned(),
        ifsc,
        holder,
        kind: kind.unwrap_or(AccountKind::Savings),
    })
}

/// The block as it is shown. Source: paper-nach 4.3.
#[derive(Serialize)]
pub struct BlockOut<'a> {
    method: &'static str,
    notes: NotesOut<'a>,
    recurring_status: Option<&'static str>,
    failure_reason: Option<&'static str>,
    currency: &'static str,
    max_amount: i64,
    auth_type: &'static str,
    expire_at: Option<i64>,
    nach: UrlsOut<'a>,
    bank_account: AccountOut<'a>,
    first_payment_amount: i64,
}

#[derive(Serialize)]
struct UrlsOut<'a> {
    create_form: bool,
    form_reference1: Option<&'a str>,
    form_reference2: Option<&'a str>,
    prefilled_form: String,
    prefilled_form_transient: String,
    upload_form_url: String,
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct AccountOut<'a> {
    ifsc: &'a str,
    bank_name: Option<&'static str>,
    name: &'a str,
    account_number: &'a str,
    account_type: &'static str,
    beneficiary_email: Option<&'a str>,
    beneficiary_mobile: Option<&'a str>,
}

/// A short URL. Source: paper-nach 5.1.
pub fn short_url(public_url: &str, code: &str) -> String {
    format!("{public_url}/i/{code}")
}

impl<'a> BlockOut<'a> {
    /// With what the bank said last.
    pub fn of(form: &'a NachForm, public_url: &str) -> BlockOut<'a> {
        let url = |code: &str| short_url(public_url, code);
        let (recurring_status, failure_reason) = match form.registration {
            Registration::Open => (None, None),
            Registration::Confirmed => (Some("confirmed"), None),
            Registration::Rejected(failure) => {
                (Some("rejected"), Some(NachFailure::told_of_mandate(failure)))
            }
        };
        BlockOut {
            method: "nach",
            notes: NotesOut(&form.notes),
            recurring_status,
            failure_reason,
            currency: "INR",
            max_amount: form.max_amount.get(),
            auth_type: "physical",
            expire_at: form.shown_end.map(|at| at.0),
            nach: UrlsOut {
                create_form: true,
                form_reference1: form.reference1.as_deref(),
                form_reference2: form.reference2.as_deref(),
                prefilled_form: url(&form.form_code),
                prefilled_form_transient: url(&form.transient_code),
                upload_form_url: url(&form.upload_code),
                description: form.description.as_deref(),
            },
            bank_account: AccountOut {
                ifsc: &form.account.ifsc,
                bank_name: bank_name(&form.account.ifsc),
                name: &form.account.holder,
                account_number: &form.account.number,
                account_type: form.account.kind.as_str(),
                beneficiary_email: form.email.as_deref(),
                beneficiary_mobile: form.contact.as_deref(),
            },
            first_payment_amount: form.first_payment.get(),
        }
    }

    /// As an event shows it: before the bank's word is mirrored. Source: paper-nach 15, A20.
    pub fn in_webhook(form: &'a NachForm, public_url: &str) -> BlockOut<'a> {
        let out = BlockOut::of(form, public_url);
        BlockOut { recurring_status: None, failure_reason: None, ..out }
    }
}
