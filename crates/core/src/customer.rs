//! Customers. Source: common 6.

use crate::id::CustomerId;
use crate::scope::ScopeId;
use crate::time::Time;
use crate::working_set::{Key, Lookup};

/// Key and value pairs a merchant attaches to an object, in the order given. Source: common 3.2.
pub type Notes = Vec<(String, String)>;

/// Someone who pays a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// `cust_…`.
    pub id: CustomerId,
    /// Whose.
    pub scope: ScopeId,
    /// As given.
    pub name: Option<String>,
    /// As given.
    pub email: Option<String>,
    /// As given; see [`e164`] for the form payments carry.
    pub contact: Option<String>,
    /// Tax number, as given.
    pub gstin: Option<String>,
    /// The merchant's notes.
    pub notes: Notes,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// The fields a merchant may send to create a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerDraft {
    /// See [`Customer::name`].
    pub name: Option<String>,
    /// See [`Customer::email`].
    pub email: Option<String>,
    /// See [`Customer::contact`].
    pub contact: Option<String>,
    /// See [`Customer::gstin`].
    pub gstin: Option<String>,
    /// See [`Customer::notes`].
    pub notes: Notes,
}

impl CustomerDraft {
    /// What must be loaded to know whether there is such a customer.
    pub fn key(&self, scope: ScopeId) -> Option<Key> {
        let identity = identity(self.email.as_deref(), self.contact.as_deref())?;
        Some(Key::Lookup(Lookup::CustomerIdentity(scope, identity)))
    }
}

/// An edit: an outer `None` leaves the field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerEdit {
    /// See [`Customer::name`].
    pub name: Option<Option<String>>,
    /// See [`Customer::email`].
    pub email: Option<Option<String>>,
    /// See [`Customer::contact`].
    pub contact: Option<Option<String>>,
    /// See [`Customer::gstin`].
    pub gstin: Option<Option<String>>,
    /// Replaces all notes.
    pub notes: Option<Notes>,
}

/// What makes two customers the same person: e-mail in lower case, and the digits of the contact
/// with `91` before a bare ten. `None` when both are missing: never a duplicate. Source: common 6.3.
pub fn identity(email: Option<&str>, contact: Option<&str>) -> Option<String> {
    if email.is_none() && contact.is_none() {
        return None;
    }
    let email = email.unwrap_or("").to_lowercase();
    let digits: String = contact.unwrap_or("").chars().filter(char::is_ascii_digit).collect();
    let country = if digits.len() == 10 { "91" } else { "" };
    Some(format!("{email}|{country}{digits}"))
}

/// The form in which payments carry a contact: `+91` before a bare ten digits, `+` before `91` and
/// ten digits, otherwise as given. Prefixes that are dialled count too: `0` before ten digits, `00`
/// before a country. Source: common 8.1, decisions 42.
pub fn e164(contact: &str) -> String {
    let digits: String = contact.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        10 if !contact.trim_start().starts_with('+') => format!("+91{digits}"),
        11 if digits.starts_with('0') => format!("+91{}", &digits[1..]),
        12 if digits.starts_with("91") => format!("+{digits}"),
        13.. if digits.starts_with("00") => format!("+{}", &digits[2..]),
        _ if contact.trim_start().starts_with('+') => format!("+{digits}"),
        _ => contact.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_53_spellings_of_one_person_share_an_identity() {
        let plain = identity(Some("Meera@Example.test"), Some("9000012345"));
        assert_eq!(plain, identity(Some("meera@example.test"), Some("+91 90000-12345")));
        assert_ne!(plain, identity(Some("meera@example.test"), None));
        assert_eq!(identity(None, None), None);
    }

    #[test]
    fn cm_73_contact_of_a_payment() {
        assert_eq!(e164("9000012345"), "+919000012345");
        assert_eq!(e164("919000012345"), "+919000012345");
        assert_eq!(e164("+919000012345"), "+919000012345");
        assert_eq!(e164("+14155550123"), "+14155550123");
        assert_eq!(e164("091234 56780"), "+919123456780");
        assert_eq!(e164("00919811122233"), "+919811122233");
        assert_eq!(e164("12345678"), "12345678");
    }
}
