//! Request bodies: which encoding they are in, and what empty ones mean.

use super::error::ApiError;
use super::form::decode_form;
use super::json::{Fault, parse};
use super::value::Value;

/// Most bytes of a body; uploads have bounds of their own (contract 1.4).
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Decodes a body of POST, PUT or PATCH into an object (contract 1.4, decisions 7 and 8).
///
/// Refuses: more than [`BODY_BYTES_MAX`] bytes, JSON that is cut off or malformed or not an
/// object, invalid UTF-8, too many or too deep keys.
pub fn decode_body<'a>(content_type: Option<&str>, bytes: &'a [u8]) -> Result<Value<'a>, ApiError> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(ApiError::body_too_large());
    }
    let trimmed = bytes.trim_ascii();
    let is_json = is_json(content_type);
    match trimmed {
        b"" | b"null" => Ok(Value::empty_object()),
        [b'{', ..] => decode_json(trimmed),
        [b'[' | b'"', ..] if is_json => decode_json(trimmed),
        _ if is_json && is_valid_json(trimmed) => Err(ApiError::body_not_object()),
        _ => decode_form(bytes),
    }
}

fn decode_json(bytes: &[u8]) -> Result<Value<'_>, ApiError> {
    let text = str::from_utf8(bytes).map_err(|error| match error.error_len() {
        None => ApiError::body_truncated(),
        Some(_) => ApiError::body_not_json(),
    })?;
    match parse(text) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Ok(_) => Err(ApiError::body_not_object()),
        Err(Fault::Truncated) => Err(ApiError::body_truncated()),
        Err(Fault::Malformed) => Err(ApiError::body_not_json()),
        Err(Fault::TooComplex) => Err(ApiError::request_too_complex()),
    }
}

/// Whether the text is JSON after all, a bare number or word, and not a form under its type.
fn is_valid_json(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| parse(text).is_ok())
}

/// Whether the content type is JSON; parameters such as the character set do not matter.
fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|text| text.split(';').next());
    essence.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JSON: Option<&str> = Some("application/json");
    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    fn text(content_type: Option<&str>, body: &str) -> String {
        match decode_body(content_type, body.as_bytes()) {
            Ok(value) => format!("{value:?}"),
            Err(error) => error.description.into_owned(),
        }
    }

    #[test]
    fn cm_12_three_spellings_of_one_order() {
        let json = r#"{"currency":"INR","notes":{"unit":"14B"},"types":["a","b"]}"#;
        let want = decode_body(JSON, json.as_bytes()).unwrap();
        for form in [
            "currency=INR&notes[unit]=14B&types[0]=a&types[1]=b",
            "currency=INR&notes%5Bunit%5D=14B&types%5B%5D=a&types%5B%5D=b",
        ] {
            assert_eq!(decode_body(FORM, form.as_bytes()).unwrap(), want);
        }
    }

    #[test]
    fn cm_13_json_under_the_form_type() {
        assert_eq!(text(FORM, "\n {\"a\":1}"), text(JSON, "{\"a\":1}"));
    }

    #[test]
    fn cm_14_sniffing() {
        for content_type in [None, Some("text/plain"), Some("")] {
            assert_eq!(text(content_type, "{\"a\":1}"), text(JSON, "{\"a\":1}"));
            assert_eq!(text(content_type, "a=1"), text(FORM, "a=1"));
        }
    }

    #[test]
    fn json_with_parameters_and_capitals() {
        let object = Ok(Value::Object(vec![("a".into(), Value::Number("1"))]));
        for content_type in [
            "application/json; charset=utf-8",
            "application/json;charset=utf-8",
            "Application/JSON",
        ] {
            assert_eq!(decode_body(Some(content_type), b" {\"a\":1}\r\n"), object);
            assert_eq!(text(Some(content_type), "[]"), text(JSON, "[]"));
        }
    }

    #[test]
    fn cm_15_bodies_without_content() {
        for content_type in [JSON, FORM, None, Some("text/plain")] {
            for body in ["", " \n", "null", " null ", "{}", " {} "] {
                let value = decode_body(content_type, body.as_bytes());
                assert_eq!(value, Ok(Value::empty_object()), "{content_type:?} {body:?}");
            }
        }
    }

    #[test]
    fn cm_17_malformed_json() {
        let malformed = "The request body is not valid JSON.";
        assert_eq!(text(JSON, "{\"amount\":"), "EOF");
        assert_eq!(text(FORM, "{\"amount\":"), "EOF");
        assert_eq!(text(JSON, "[1,"), "EOF");
        assert_eq!(text(JSON, "{\"amount\":1 // paise\n}"), malformed);
        assert_eq!(text(JSON, "{\"amount\":1}}"), malformed);
        for (bytes, want) in [(&b"{\"a\":\"\xff\"}"[..], malformed), (b"{\"a\":\"\xe2\x82", "EOF")]
        {
            assert_eq!(decode_body(JSON, bytes).unwrap_err().description, want);
        }
        assert_eq!(decode_body(FORM, b"a=\xff").unwrap_err().description, malformed);
    }

    #[test]
    fn cm_18_not_an_object() {
        for body in ["[1]", "[]", "\"x\"", "\"\"", "12", "true", "-1.5"] {
            assert_eq!(text(JSON, body), "The request body must be a JSON object.", "{body}");
        }
    }

    #[test]
    fn a_form_under_the_json_type() {
        for body in ["a=1", "true=1", "12=1", "amount=100&currency=INR", "null=1"] {
            assert_eq!(text(JSON, body), text(FORM, body));
        }
    }

    #[test]
    fn more_than_a_mebibyte() {
        let mut body = vec![b' '; BODY_BYTES_MAX];
        assert!(decode_body(JSON, &body).is_ok());
        body.push(b' ');
        let error = decode_body(JSON, &body).unwrap_err();
        assert_eq!(error.description, "The request body is too large.");
    }

    #[test]
    fn too_complex() {
        let body = format!("{{\"a\":{}1{}}}", "[".repeat(8), "]".repeat(8));
        let error = decode_body(JSON, body.as_bytes()).unwrap_err();
        assert_eq!(error, ApiError::request_too_complex());
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, head in "[ {\\[\"n]?") {
            let body = [head.as_bytes(), &bytes].concat();
            for content_type in [JSON, FORM, None] {
                let _ = decode_body(content_type, &body);
            }
        }
    }
}
