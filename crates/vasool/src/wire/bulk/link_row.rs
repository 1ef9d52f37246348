//! A row of a file of registration links: the call `auth_links`. Source: paper-nach 9, 14.

use std::borrow::Cow;

use vasool_core::calendar::{india_midnight, plus_years};
use vasool_core::customer::CustomerDraft;
use vasool_core::paper_nach::{LinkCustomer, LinkDraft};
use vasool_core::time::{DAY_SECONDS, Time};

use super::columns::Row;
use super::task::{RowContext, object, text};
use crate::wire::banks::bank_name;
use crate::wire::customer::{check_contact, check_email, check_name};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::paper_nach::link::{link_expires_too_soon, read_link_for};
use crate::wire::value::Value;

/// The maximum of a mandate where a row gives none, paise; the call has another one.
const MAX_AMOUNT: &str = "10000000";
/// How far ahead a mandate may end, calendar years.
const END_YEARS_MAX: i64 = 30;

/// Reads a row with the rules and texts of the call, and those of the file.
pub fn read(context: &RowContext<'_>, row: Row<'_>) -> Result<LinkDraft, ApiError> {
    let customer = read_customer(row)?;
    check_bank(row)?;
    let seconds = |at: Option<Time>| at.map(|at| at.0.to_string()).unwrap_or_default();
    let (amount, currency) = read_amount(row)?;
    let ends_at = seconds(read_token_expiry(row, context.now)?);
    let expire_by = seconds(read_link_expiry(row)?);
    let max_amount = match row.cell("token_max_amount") {
        "" => MAX_AMOUNT,
        given => given,
    };
    let account = object([
        ("beneficiary_name", text(row.cell("account_holder_name"))),
        ("account_number", text(row.cell("account_number"))),
        ("ifsc_code", text(row.cell("ifsc"))),
        ("account_type", text(row.cell("account_type"))),
    ]);
    let registration = object([
        ("method", text(row.cell("method"))),
        ("auth_type", text(row.cell("auth_type"))),
        ("max_amount", text(max_amount)),
        ("expire_at", text(&ends_at)),
        ("first_payment_amount", text(amount)),
        ("bank_account", account),
    ]);
    let body = object([
        ("type", text("link")),
        ("amount", text("0")),
        ("currency", text(currency)),
        ("description", text(row.cell("description"))),
        ("subscription_registration", registration),
        ("sms_notify", Value::Bool(context.file.notify.sms)),
        ("email_notify", Value::Bool(context.file.notify.email)),
        ("expire_by", text(&expire_by)),
        ("receipt", text(row.cell("receipt"))),
        ("notes", notes(row)),
    ]);
    let draft = read_link_for(customer, &Fields::of_body(&body), context.now, context.base)?;
    let kind = object([("account_type", text(row.cell("account_type")))]);
    Fields::of_body(&kind).required_choice("account_type", &["savings", "current"])?;
    Ok(draft)
}

/// The columns of notes as a body has them.
pub fn notes<'a>(row: Row<'a>) -> Value<'a> {
    let entry = |(key, cell): (&'a str, &'a str)| (Cow::Borrowed(key), text(cell));
    Value::Object(row.notes().into_iter().map(entry).collect())
}

/// A name may be left out, unlike in the call.
fn read_customer(row: Row<'_>) -> Result<LinkCustomer, ApiError> {
    let body = object([
        ("name", text(row.cell("name"))),
        ("email", text(row.cell("email"))),
        ("contact", text(row.cell("phone"))),
    ]);
    let fields = Fields::of_body(&body);
    let email = fields.required_text("email")?;
    check_email(&email)?;
    let contact = fields.required_text("contact")?;
    check_contact(&contact)?;
    let name = fields.text("name")?;
    name.as_ref().map_or(Ok(()), |name| check_name(name))?;
    Ok(LinkCustomer::Described(CustomerDraft {
        name: name.map(Cow::into_owned),
        email: Some(email.into_owned()),
        contact: Some(contact.into_owned()),
        gstin: None,
        notes: vec![],
    }))
}

fn check_bank(row: Row<'_>) -> Result<(), ApiError> {
    let body = object([("bank", text(row.cell("bank")))]);
    let bank = Fields::of_body(&body).required_text("bank")?;
    match bank.len() == 4 && bank_name(&bank).is_some() {
        true => Ok(()),
        false => Err(ApiError::invalid_field("bank", "Bank code provided is invalid.")),
    }
}

/// The first debit, and the currency, which only a first debit must have.
fn read_amount<'a>(row: Row<'a>) -> Result<(&'a str, &'a str), ApiError> {
    let (amount, currency) = (row.cell("amount"), row.cell("currency"));
    let body = object([("amount", text(amount)), ("currency", text(currency))]);
    let fields = Fields::of_body(&body);
    if fields.integer("amount")?.unwrap_or(0) != 0 {
        fields.required_text("currency")?;
    }
    Ok((amount, if currency.is_empty() { "INR" } else { currency }))
}

/// Our texts: the call takes a number there.
fn read_token_expiry(row: Row<'_>, now: Time) -> Result<Option<Time>, ApiError> {
    let (name, given) = ("token_expiry_by", row.cell("token_expiry_by"));
    if given.is_empty() {
        return Ok(None);
    }
    let refuse = |text: &'static str| Err(ApiError::invalid_field(name, text));
    let Some(at) = instant(given) else {
        return refuse(
            "The token expiry by does not match the format DD/MM/YYYY, DD/MM/YYYY HH:mm or \
             DD/MM/YYYY HH:mm:ss.",
        );
    };
    if at < now.plus_seconds(DAY_SECONDS) {
        return refuse("token_expiry_by should be at least 1 day after current time");
    }
    if at > plus_years(now, END_YEARS_MAX) {
        return refuse("token_expiry_by should not be more than 30 years after current time");
    }
    Ok(Some(at))
}

/// A date alone; whatever else is there has the text of a date that is too early. Source: paper-nach
/// 14.
fn read_link_expiry(row: Row<'_>) -> Result<Option<Time>, ApiError> {
    match row.cell("link_expiry_by") {
        "" => Ok(None),
        given => date(given).map(Some).ok_or_else(link_expires_too_soon),
    }
}

/// `DD/MM/YYYY`, `DD/MM/YYYY HH:mm` or `DD/MM/YYYY HH:mm:ss` in India; a date alone is its first
/// instant.
fn instant(text: &str) -> Option<Time> {
    let Some((day, clock)) = text.split_once(' ') else { return date(text) };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, "00"),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let seconds = digits(hour, 2, 23)? * 3_600 + digits(minute, 2, 59)? * 60;
    Some(date(day)?.plus_seconds(seconds + digits(second, 2, 59)?))
}

fn date(text: &str) -> Option<Time> {
    let parts: Vec<&str> = text.split('/').collect();
    let [day, month, year] = parts[..] else { return None };
    india_midnight(digits(year, 4, 9_999)?, digits(month, 2, 12)?, digits(day, 2, 31)?)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize, most: i64) -> Option<i64> {
    let is_plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && *number <= most)
}

#[cfg(test)]
#[path = "link_row_tests.rs"]
mod tests;
