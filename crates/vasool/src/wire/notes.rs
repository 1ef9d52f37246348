//! Notes: a merchant's own pairs of text on almost every object.

use super::error::ApiError;
use super::fields::Fields;
use super::strict::extra_keys;
use super::value::Value;
use super::{coerce, decimal};

/// Pairs of key and value in the order given (contract 3.2).
pub type Notes = Vec<(String, String)>;

/// Most pairs of one object (contract 3.2).
pub const PAIRS_MAX: usize = 15;

/// Most Unicode characters of a key, and of a value (contract 3.2).
pub const CHARACTERS_MAX: usize = 256;

const FIELD: &str = "notes";

/// Notes of a new object; absent, null and empty ones are no notes (contract 3.2).
pub fn read_notes(fields: &Fields<'_>) -> Result<Notes, ApiError> {
    read_changed_notes(fields).map(Option::unwrap_or_default)
}

/// Notes of an edit that may leave them alone: `None` if the key was not sent (contract 6.2).
pub fn read_changed_notes(fields: &Fields<'_>) -> Result<Option<Notes>, ApiError> {
    fields.value(FIELD).map(|value| read(fields, value)).transpose()
}

/// Notes of a PATCH, which must give some or clear them with `[]` or `{}` (contract 3.2).
pub fn read_replaced_notes(fields: &Fields<'_>) -> Result<Notes, ApiError> {
    if fields.is_present(FIELD) {
        read_notes(fields)
    } else {
        Err(fields.refuse(FIELD, ApiError::field_required))
    }
}

/// The body of a PATCH that may change notes alone; any other key is refused (contract 1.6, 3.2).
pub fn read_patched_notes(fields: &Fields<'_>) -> Result<Notes, ApiError> {
    match extra_keys(fields, &[FIELD]) {
        Some(error) => Err(error),
        None => read_replaced_notes(fields),
    }
}

fn read<'a>(fields: &Fields<'a>, value: &'a Value<'a>) -> Result<Notes, ApiError> {
    let refuse = |text: &'static str| fields.refuse(FIELD, |_| ApiError::invalid(text));
    let entries = match value {
        Value::Null => return Ok(Notes::new()),
        Value::Text(text) if text.is_empty() => return Ok(Notes::new()),
        Value::List(items) if items.is_empty() => return Ok(Notes::new()),
        Value::Object(entries) => entries,
        _ => return Err(fields.refuse(FIELD, ApiError::must_be_array)),
    };
    if entries.len() > PAIRS_MAX {
        return Err(refuse("Number of fields in notes should be less than or equal to 15"));
    }
    let mut notes = Notes::with_capacity(entries.len());
    for (key, value) in entries {
        let text = match value {
            Value::List(_) | Value::Object(_) => {
                return Err(refuse("Notes values themselves should not be an array"));
            }
            Value::Null => String::new(),
            Value::Bool(boolean) => boolean.to_string(),
            // A number too large to unfold stays as it was written.
            Value::Number(literal) => decimal::plain(literal).map_or((*literal).into(), Into::into),
            Value::Text(_) => match coerce::text(value) {
                Some(text) => text.into_owned(),
                None => return Err(fields.refuse(FIELD, ApiError::must_be_string)),
            },
        };
        if key.contains('\0') {
            return Err(fields.refuse(FIELD, ApiError::must_be_string));
        }
        if is_too_long(key) {
            return Err(refuse("Notes key cannot be greater than 256 characters."));
        }
        if is_too_long(&text) {
            return Err(refuse("Notes value cannot be greater than 256 characters."));
        }
        notes.push((key.clone().into_owned(), text));
    }
    Ok(notes)
}

fn is_too_long(text: &str) -> bool {
    text.len() > CHARACTERS_MAX && text.chars().count() > CHARACTERS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::decode_form;
    use crate::wire::json::parse;

    fn notes(json: &str) -> Result<Notes, String> {
        let value = parse(json).unwrap();
        read_notes(&Fields::of_body(&value)).map_err(|error| {
            assert_eq!(error.field.as_deref(), Some("notes"));
            error.description.into_owned()
        })
    }

    fn pairs(pairs: &[(&str, &str)]) -> Notes {
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    }

    #[test]
    fn cm_32_shapes() {
        for json in
            ["{}", r#"{"notes":{}}"#, r#"{"notes":[]}"#, r#"{"notes":null}"#, r#"{"notes":""}"#]
        {
            assert_eq!(notes(json), Ok(vec![]), "{json}");
        }
        let json = r#"{"notes":{"b":"x","a":1.50,"c":true,"d":5e2,"e":"","f":null,"g":"007"}}"#;
        let want = [
            ("b", "x"),
            ("a", "1.5"),
            ("c", "true"),
            ("d", "500"),
            ("e", ""),
            ("f", ""),
            ("g", "007"),
        ];
        assert_eq!(notes(json), Ok(pairs(&want)));
        let form = decode_form(b"notes[unit]=14B&notes%5Bblock%5D=C+1").unwrap();
        let want = pairs(&[("unit", "14B"), ("block", "C 1")]);
        assert_eq!(read_notes(&Fields::of_body(&form)), Ok(want));
    }

    #[test]
    fn cm_33_limits() {
        let many = |n: usize| {
            let pairs: Vec<_> = (0..n).map(|i| format!("\"k{i}\":\"v\"")).collect();
            notes(&format!("{{\"notes\":{{{}}}}}", pairs.join(",")))
        };
        assert_eq!(many(15).unwrap().len(), 15);
        let want = "Number of fields in notes should be less than or equal to 15";
        assert_eq!(many(16), Err(want.to_owned()));
        let value = |n: usize| notes(&format!("{{\"notes\":{{\"k\":\"{}\"}}}}", "v".repeat(n)));
        assert!(value(256).is_ok());
        let want = "Notes value cannot be greater than 256 characters.";
        assert_eq!(value(257), Err(want.to_owned()));
        let key = |n: usize| notes(&format!("{{\"notes\":{{\"{}\":\"v\"}}}}", "k".repeat(n)));
        assert!(key(256).is_ok());
        assert_eq!(key(257), Err("Notes key cannot be greater than 256 characters.".to_owned()));
        for json in [r#"{"notes":{"k":[]}}"#, r#"{"notes":{"k":{"a":"b"}}}"#] {
            let want = "Notes values themselves should not be an array";
            assert_eq!(notes(json), Err(want.to_owned()), "{json}");
        }
        for json in [r#"{"notes":"x"}"#, r#"{"notes":["x"]}"#, r#"{"notes":1}"#] {
            assert_eq!(notes(json), Err("The notes must be an array.".to_owned()), "{json}");
        }
        for json in [r#"{"notes":{"k":"\u0000"}}"#, r#"{"notes":{"\u0000":"v"}}"#] {
            assert_eq!(notes(json), Err("The notes must be a string.".to_owned()), "{json}");
        }
    }

    #[test]
    fn cm_34_characters_are_not_bytes() {
        let json = format!("{{\"notes\":{{\"k\":\"{}\"}}}}", "😀".repeat(256));
        assert_eq!(notes(&json).unwrap()[0].1.len(), 1024);
    }

    #[test]
    fn cm_35_patch() {
        let replaced = |json: &str| {
            let value = parse(json).unwrap();
            read_replaced_notes(&Fields::of_body(&value))
        };
        assert_eq!(replaced(r#"{"notes":{"k":"v"}}"#), Ok(pairs(&[("k", "v")])));
        assert_eq!(replaced(r#"{"notes":[]}"#), Ok(vec![]));
        assert_eq!(replaced(r#"{"notes":{}}"#), Ok(vec![]));
        for json in ["{}", r#"{"notes":null}"#, r#"{"notes":""}"#] {
            assert_eq!(replaced(json), Err(ApiError::field_required("notes")), "{json}");
        }
    }

    #[test]
    fn an_edit_may_leave_notes_alone() {
        for (json, want) in
            [("{}", None), (r#"{"notes":null}"#, Some(vec![])), (r#"{"notes":[]}"#, Some(vec![]))]
        {
            let value = parse(json).unwrap();
            assert_eq!(read_changed_notes(&Fields::of_body(&value)), Ok(want), "{json}");
        }
    }
}
