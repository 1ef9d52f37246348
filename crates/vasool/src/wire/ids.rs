//! Ids as clients send them: a prefix and 14 letters or digits.

use super::error::ApiError;
use super::fields::Fields;

/// What is left of an id without its prefix (contract 2).
pub type IdRest = [u8; 14];

/// Reads an id out of a path (contract 2, decision 4).
///
/// `prefix`: with its underscore, such as `order_`; empty for webhooks and events.
/// Refuses: a malformed id, printing it without the prefix; a bare rest where a prefix
/// belongs, as unknown, since no object is known by it.
pub fn path_id(prefix: &str, given: &str) -> Result<IdRest, ApiError> {
    let (rest, prefixed) = match given.strip_prefix(prefix) {
        Some(rest) => (rest, true),
        None => (given, false),
    };
    match IdRest::try_from(rest.as_bytes()) {
        Ok(id) if id.iter().all(u8::is_ascii_alphanumeric) => {
            prefixed.then_some(id).ok_or_else(ApiError::unknown_id)
        }
        _ => Err(ApiError::malformed_id(rest)),
    }
}

/// Reads an optional id out of a body or query; refusals as [`path_id`] (contract 2).
pub fn entity_id(
    fields: &Fields<'_>,
    name: &str,
    prefix: &str,
) -> Result<Option<IdRest>, ApiError> {
    let given = fields.text(name)?;
    given.map(|given| path_id(prefix, &given)).transpose()
}

/// As [`entity_id`], mandatory (contract 2).
pub fn required_entity_id(
    fields: &Fields<'_>,
    name: &str,
    prefix: &str,
) -> Result<IdRest, ApiError> {
    path_id(prefix, &fields.required_text(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::parse;

    #[test]
    fn cm_28_malformed_and_unknown_ids() {
        assert_eq!(path_id("order_", "order_QcB2Rent000001"), Ok(*b"QcB2Rent000001"));
        assert_eq!(path_id("", "QcB2Rent000001"), Ok(*b"QcB2Rent000001"));
        assert_eq!(path_id("order_", "QcB2Rent000001"), Err(ApiError::unknown_id()));
        for (given, rest) in [
            ("order_fake123", "fake123"),
            ("fake123", "fake123"),
            ("order_", ""),
            ("pay_QcB2Rent000001", "pay_QcB2Rent000001"),
            ("ORDER_QcB2Rent000001", "ORDER_QcB2Rent000001"),
            ("order_QcB2Rent0000012", "QcB2Rent0000012"),
            ("order_QcB2Rent00000-", "QcB2Rent00000-"),
            ("order_QcB2Rent000é", "QcB2Rent000é"),
            ("order_order_fake", "order_fake"),
        ] {
            assert_eq!(path_id("order_", given), Err(ApiError::malformed_id(rest)), "{given}");
        }
    }

    #[test]
    fn cm_29_unset_variables() {
        for given in ["null", "undefined", "None"] {
            let error = path_id("pay_", given).unwrap_err();
            assert_eq!(error.description, format!("{given} is not a valid id"));
            assert_eq!((error.status, error.field), (400, None));
        }
    }

    #[test]
    fn ids_in_bodies() {
        let value = parse(r#"{"a":"cust_QcA1Meera00001","b":"cust_1","c":7,"d":""}"#).unwrap();
        let fields = Fields::of_body(&value);
        let id = |name| entity_id(&fields, name, "cust_");
        assert_eq!(id("a"), Ok(Some(*b"QcA1Meera00001")));
        assert_eq!(id("b"), Err(ApiError::malformed_id("1")));
        assert_eq!(id("c"), Err(ApiError::malformed_id("7")));
        assert_eq!(id("d"), Ok(None));
        let required = |name| required_entity_id(&fields, name, "cust_");
        assert_eq!(required("a"), Ok(*b"QcA1Meera00001"));
        assert_eq!(required("d"), Err(ApiError::field_required("d")));
    }
}
