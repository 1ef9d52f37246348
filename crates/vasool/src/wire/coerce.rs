//! One value to one type, as lenient as the SDKs need (contract 1.6).
//!
//! Every function answers `None` where the contract prints an error; who calls knows the
//! field and therefore the text.

use std::borrow::Cow;

use super::value::{Value, index_order, is_index_map};
use super::{decimal, instant};

/// Integers, also as text, blanks around them, or integral floats.
pub fn integer(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Number(literal) => decimal::integer(literal),
        Value::Text(text) => decimal::integer(text.trim()),
        _ => None,
    }
}

/// `true`, `false`, `1` and `0`, also as text; an empty text is false (decision 37).
pub fn boolean(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(boolean) => Some(*boolean),
        Value::Number(literal) => zero_or_one(decimal::integer(literal)?),
        Value::Text(text) => match &**text {
            "1" | "true" => Some(true),
            "0" | "false" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// As [`boolean`], and the spelling of Python, which only queries may use.
pub fn query_boolean(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Text(text) if text == "True" => Some(true),
        Value::Text(text) if text == "False" => Some(false),
        _ => boolean(value),
    }
}

fn zero_or_one(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Text as sent, and numbers in plain decimal with all their digits.
///
/// Refuses U+0000 too, which PostgreSQL cannot keep.
pub fn text<'a>(value: &'a Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Text(text) => (!text.contains('\0')).then_some(Cow::Borrowed(text)),
        Value::Number(literal) => decimal::plain(literal),
        _ => None,
    }
}

/// Unix seconds, given as an integer or as an ISO 8601 date-time.
pub fn time(value: &Value<'_>) -> Option<i64> {
    integer(value).or_else(|| match value {
        Value::Text(text) => instant::unix_seconds(text.trim()),
        _ => None,
    })
}

/// The items of a list, of an index map in the order of its indexes, or one bare scalar.
pub fn list<'a>(value: &'a Value<'a>) -> Option<Vec<&'a Value<'a>>> {
    match value {
        Value::List(items) => Some(items.iter().collect()),
        Value::Object(entries) if is_index_map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| index_order(key));
            Some(entries.into_iter().map(|(_, item)| item).collect())
        }
        Value::Object(_) => None,
        scalar => Some(vec![scalar]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &'static str) -> Value<'static> {
        Value::Text(text.into())
    }

    #[test]
    fn cm_22_integer_coercion() {
        let number = Value::Number;
        for value in [number("25000"), number("25000.0"), number("2.5e4")] {
            assert_eq!(integer(&value), Some(25_000), "{value:?}");
        }
        for value in [word("25000"), word(" 25000"), word("25000.0\n"), word("2.5e4")] {
            assert_eq!(integer(&value), Some(25_000), "{value:?}");
        }
        for value in [number("10.5"), word("x"), word(" "), Value::Bool(true), Value::Null] {
            assert_eq!(integer(&value), None, "{value:?}");
        }
    }

    #[test]
    fn cm_23_boolean_coercion() {
        for value in [Value::Bool(true), Value::Number("1"), word("1"), word("true")] {
            assert_eq!(boolean(&value), Some(true), "{value:?}");
        }
        for value in [Value::Bool(false), Value::Number("0"), word("0"), word("false"), word("")] {
            assert_eq!(boolean(&value), Some(false), "{value:?}");
        }
        for value in [word("maybe"), word("True"), Value::Number("2"), Value::List(vec![])] {
            assert_eq!(boolean(&value), None, "{value:?}");
        }
        assert_eq!(query_boolean(&word("True")), Some(true));
        assert_eq!(query_boolean(&word("False")), Some(false));
        assert_eq!(query_boolean(&word("1")), Some(true));
        assert_eq!(query_boolean(&word("TRUE")), None);
    }

    #[test]
    fn cm_24_text_coercion() {
        let digits = "91401009876543210123456789";
        assert_eq!(text(&Value::Number(digits)).as_deref(), Some(digits));
        assert_eq!(text(&word("00914")).as_deref(), Some("00914"));
        assert_eq!(text(&Value::Number("5e2")).as_deref(), Some("500"));
        assert_eq!(text(&Value::Bool(true)), None);
        assert_eq!(text(&word("a\0b")), None);
    }

    #[test]
    fn cm_40_time_coercion() {
        for value in [
            Value::Number("1780272000"),
            word("1780272000"),
            word("1.780272e+09"),
            word("2026-06-01T00:00:00.000Z"),
        ] {
            assert_eq!(time(&value), Some(1_780_272_000), "{value:?}");
        }
        assert_eq!(time(&word("yesterday")), None);
        assert_eq!(time(&Value::Bool(true)), None);
    }

    #[test]
    fn cm_20_list_coercion() {
        let map = Value::Object(vec![("1".into(), word("b")), ("0".into(), word("a"))]);
        assert_eq!(list(&map), Some(vec![&word("a"), &word("b")]));
        assert_eq!(list(&word("a")), Some(vec![&word("a")]));
        assert_eq!(list(&Value::empty_object()), Some(vec![]));
        assert_eq!(list(&Value::Object(vec![("x".into(), word("a"))])), None);
    }
}
