//! Checking a UPI address, on the wire. Source: common 12.2.

use serde::Serialize;

use super::error::ApiError;
use super::fields::Fields;

/// What is known of an address. No `entity`: SDKs would take the answer for a stored one.
#[derive(Serialize)]
pub struct VpaOut<'a> {
    vpa: &'a str,
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<&'a str>,
}

impl<'a> VpaOut<'a> {
    /// An address and whose it is; `None` where its bank does not know it.
    pub fn of(vpa: &'a str, customer_name: Option<&'a str>) -> VpaOut<'a> {
        VpaOut { vpa, success: customer_name.is_some(), customer_name }
    }
}

/// An address, in the field `vpa`. Source: common 12.2.
pub fn read_vpa(fields: &Fields<'_>) -> Result<String, ApiError> {
    let vpa = fields.required_text("vpa")?;
    if is_vpa(&vpa) { Ok(vpa.into_owned()) } else { Err(invalid_vpa()) }
}

/// An address that may be left out, in the field `vpa`.
pub fn read_optional_vpa(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    if fields.is_present("vpa") { read_vpa(fields).map(Some) } else { Ok(None) }
}

/// An address that cannot be one. Source: common 12.2.
pub fn invalid_vpa() -> ApiError {
    let text = "Invalid VPA. Please enter a valid Virtual Payment Address";
    ApiError::invalid_field("vpa", text).with_source("customer").with_reason("invalid_vpa")
}

/// Whether a text has the shape of a UPI address. Source: common 12.2.
fn is_vpa(text: &str) -> bool {
    let Some((username, handle)) = text.split_once('@') else { return false };
    let is_username = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (2..=256).contains(&username.len())
        && username.bytes().all(is_username)
        && (2..=64).contains(&handle.len())
        && handle.starts_with(|c: char| c.is_ascii_alphabetic())
        && handle.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_123_shapes_of_addresses() {
        let long = format!("{}@ab", "a".repeat(256));
        for good in ["meera@examplebank", "a.b_c-d9@y2", "ME@OKAXIS", &long] {
            assert!(is_vpa(good), "{good}");
        }
        let (user, handle) = (format!("{}@ab", "a".repeat(257)), format!("ab@{}", "a".repeat(65)));
        for bad in
            ["", "meera", "m@bank", "meera@", "meera@b", "meera@1bank", "me era@bank", "a@b@c"]
        {
            assert!(!is_vpa(bad), "{bad}");
        }
        for bad in [user.as_str(), &handle, "meera@bank.in", "₹₹@bank"] {
            assert!(!is_vpa(bad), "{bad}");
        }
    }
}
