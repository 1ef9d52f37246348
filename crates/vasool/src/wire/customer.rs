//! Customers on the wire. Source: common 6.

use serde::Serialize;
use vasool_core::command::OnDuplicate;
use vasool_core::customer::{Customer, CustomerDraft, CustomerEdit};

use super::error::ApiError;
use super::fields::Fields;
use super::notes;
use super::out::{Id, NotesOut};

/// The customer entity. Source: common 6.1.
#[derive(Serialize)]
pub struct CustomerOut<'a> {
    id: Id<vasool_core::id::CustomerId>,
    entity: &'static str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    contact: Option<&'a str>,
    gstin: Option<&'a str>,
    notes: NotesOut<'a>,
    created_at: i64,
}

impl<'a> From<&'a Customer> for CustomerOut<'a> {
    fn from(row: &'a Customer) -> Self {
        CustomerOut {
            id: Id(row.id),
            entity: "customer",
            name: row.name.as_deref(),
            email: row.email.as_deref(),
            contact: row.contact.as_deref(),
            gstin: row.gstin.as_deref(),
            notes: NotesOut(&row.notes),
            created_at: row.created_at.0,
        }
    }
}

/// Reads the body of `POST /v1/customers`, in the documented order of checks. Source: common 6.3.
pub fn read_create(fields: &Fields<'_>) -> Result<(CustomerDraft, OnDuplicate), ApiError> {
    let name = read(fields, "name", check_name)?;
    let email = read(fields, "email", check_email)?;
    let contact = read(fields, "contact", check_contact)?;
    let gstin = read(fields, "gstin", check_gstin)?;
    let fail_existing = fields
        .boolean("fail_existing")
        .map_err(|_| ApiError::selected_invalid("fail_existing"))?
        .unwrap_or(true);
    let notes = notes::read_notes(fields)?;
    let on_duplicate =
        if fail_existing { OnDuplicate::Refuse } else { OnDuplicate::AnswerExisting };
    Ok((CustomerDraft { name, email, contact, gstin, notes }, on_duplicate))
}

/// Reads the body of `PUT /v1/customers/:id`: what is not sent stays. Source: common 6.2.
pub fn read_edit(fields: &Fields<'_>) -> Result<CustomerEdit, ApiError> {
    let given = |name, check: Check| {
        if !fields.is_sent(name) {
            return Ok(None);
        }
        read(fields, name, check).map(Some)
    };
    Ok(CustomerEdit {
        name: given("name", check_name)?,
        email: given("email", check_email)?,
        contact: given("contact", check_contact)?,
        gstin: given("gstin", check_gstin)?,
        notes: notes::read_changed_notes(fields)?,
    })
}

type Check = fn(&str) -> Result<(), ApiError>;

fn read(fields: &Fields<'_>, name: &str, check: Check) -> Result<Option<String>, ApiError> {
    let Some(text) = fields.text(name)? else { return Ok(None) };
    check(&text)?;
    Ok(Some(text.into_owned()))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let length = name.chars().count();
    if length > 50 {
        return Err(ApiError::too_long("name", 50));
    }
    if length < 3 {
        return Err(ApiError::invalid_field("name", "The name must be at least 3 characters."));
    }
    let letter = |c: char| c.is_alphanumeric();
    let inside = |c: char| letter(c) || " .'/@()-_".contains(c) || is_mark(c);
    let starts = name.starts_with(letter);
    let ends = name.ends_with(|c| letter(c) || c == '.' || c == ')' || is_mark(c));
    if starts && ends && name.chars().all(inside) {
        Ok(())
    } else {
        Err(ApiError::invalid_field("name", "The name format is invalid."))
    }
}

/// Vowel signs and the like, which names in Indian scripts are written with: they belong to the
/// letter before them although they are no letters of their own.
fn is_mark(c: char) -> bool {
    ('\u{0900}'..='\u{0DFF}').contains(&c) && !c.is_ascii()
}

/// Refuses what is no e-mail address. Source: common 6.3.
pub fn check_email(email: &str) -> Result<(), ApiError> {
    if email.chars().count() > 64 {
        return Err(ApiError::too_long("email", 64));
    }
    if is_email(email) {
        Ok(())
    } else {
        Err(ApiError::invalid_field("email", "The email must be a valid email address."))
    }
}

/// Whether a text has the shape of an e-mail address: one `@`, a dotted domain, no blanks.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"()<>,;:\\\"[]@".contains(c);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(plain)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// Refuses what is no contact number. Source: common 6.3.
pub fn check_contact(contact: &str) -> Result<(), ApiError> {
    let rest = contact.strip_prefix('+').unwrap_or(contact);
    if !rest.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-') {
        return Err(ApiError::invalid(
            "Contact number contains invalid characters, only digits and + symbol are allowed",
        )
        .with_reason("invalid_contact_number")
        .with_field("contact"));
    }
    if rest.chars().filter(char::is_ascii_digit).count() < 8 {
        return Err(ApiError::contact_too_short());
    }
    if contact.chars().count() > 15 {
        return Err(ApiError::too_long("contact", 15));
    }
    Ok(())
}

fn check_gstin(gstin: &str) -> Result<(), ApiError> {
    if gstin.len() == 15 && gstin.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(ApiError::invalid_field("gstin", "GSTIN Format is invalid"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::body::decode_body;

    fn refused(json: &str) -> (String, Option<String>) {
        let body = decode_body(Some("application/json"), json.as_bytes()).unwrap();
        let error = read_create(&Fields::of_body(&body)).unwrap_err();
        (error.description.into_owned(), error.field.map(|field| field.into_owned()))
    }

    #[test]
    fn cm_52_every_field_has_its_text() {
        let long = format!(r#"{{"name":"{}"}}"#, "a".repeat(51));
        let address = format!(r#"{{"email":"{}@b.in"}}"#, "a".repeat(64));
        let rows = [
            (long.as_str(), "The name may not be greater than 50 characters.", "name"),
            (r#"{"name":"Al"}"#, "The name must be at least 3 characters.", "name"),
            (r#"{"name":"-Meera"}"#, "The name format is invalid.", "name"),
            (r#"{"name":"Meera!"}"#, "The name format is invalid.", "name"),
            (r#"{"email":"meera"}"#, "The email must be a valid email address.", "email"),
            (address.as_str(), "The email may not be greater than 64 characters.", "email"),
            (
                r#"{"contact":"1234567"}"#,
                "Contact number should be at least 8 digits, including country code",
                "contact",
            ),
            (
                r#"{"contact":"+91 90000 12345 678"}"#,
                "The contact may not be greater than 15 characters.",
                "contact",
            ),
            (
                r#"{"contact":"90000x12345"}"#,
                "Contact number contains invalid characters, only digits and + symbol are allowed",
                "contact",
            ),
            (r#"{"gstin":"123"}"#, "GSTIN Format is invalid", "gstin"),
            (
                r#"{"fail_existing":"maybe"}"#,
                "The selected fail existing is invalid.",
                "fail_existing",
            ),
        ];
        for (json, text, field) in rows {
            assert_eq!(refused(json), (text.to_owned(), Some(field.to_owned())), "{json}");
        }
    }

    #[test]
    fn cm_52_ordinary_names_pass() {
        for name in [
            "Meera Iyer",
            "O'Brien & Sons".trim_end_matches("& Sons").trim(),
            "A.B. (Ltd)",
            "मीरा अय्यर",
            "Unit-4_B",
        ] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn an_edit_tells_absent_from_empty() {
        let body = decode_body(None, br#"{"name":"Meera Rao","email":null}"#).unwrap();
        let edit = read_edit(&Fields::of_body(&body)).unwrap();
        assert_eq!(edit.name, Some(Some("Meera Rao".to_owned())));
        assert_eq!(edit.email, Some(None));
        assert_eq!(edit.contact, None);
    }
}
