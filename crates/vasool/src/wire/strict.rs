//! Keys nobody asked for, where they are refused.

use super::error::ApiError;
use super::fields::Fields;

/// The refusal of all keys beyond the allowed ones, E10 (contract 1.6, last table).
///
/// For PATCH, refund creation, and any call of a merchant with `strict_params`.
pub fn extra_keys(fields: &Fields<'_>, allowed: &[&str]) -> Option<ApiError> {
    let extra = fields.keys().filter(|key| !allowed.contains(key));
    let names: Vec<_> = extra.map(|key| fields.dotted(key)).collect();
    (!names.is_empty()).then(|| ApiError::extra_keys(&names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::parse;

    fn refusal(json: &str, allowed: &[&str]) -> Option<String> {
        let value = parse(json).unwrap();
        let error = extra_keys(&Fields::of_body(&value), allowed)?;
        assert_eq!((error.reason, error.field), ("extra_field_sent", None));
        Some(error.description.into_owned())
    }

    #[test]
    fn cm_25_and_35_unknown_keys() {
        assert_eq!(refusal("{}", &["notes"]), None);
        assert_eq!(refusal(r#"{"notes":{"any":"key"}}"#, &["notes"]), None);
        let want = "amount is/are not required and should not be sent";
        assert_eq!(refusal(r#"{"notes":{},"amount":1}"#, &["notes"]).as_deref(), Some(want));
        let want = "foo, bar is/are not required and should not be sent";
        assert_eq!(
            refusal(r#"{"foo":1,"notes":[],"bar":null}"#, &["notes"]).as_deref(),
            Some(want)
        );
    }
}
