//! Percent-encoding, as forms and queries have it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Undoes `+` and `%XX`; a `%` that starts no such pair stands for itself (contract 1.5).
///
/// `None` where the bytes are not UTF-8.
pub fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match (byte, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => byte,
            },
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Percent-encodes everything but letters, digits, `-._~` and what is given.
pub fn escape(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// As [`escape`], with `+` for a blank.
pub fn escape_form(text: &str, kept: &[u8]) -> String {
    escape(text, kept).replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let text = "Acme & Söhne +1@x";
        assert_eq!(escape_form(text, b"@"), "Acme+%26+S%C3%B6hne+%2B1@x");
        assert_eq!(unescape(&escape_form(text, b"@")).as_deref(), Some(text));
        assert_eq!(escape("a b", b""), "a%20b");
    }

    #[test]
    fn cm_21_blanks_and_escapes() {
        for (text, want) in [
            ("", ""),
            ("plain", "plain"),
            ("x+y%20z%2B", "x y z+"),
            ("%e2%82%B9", "₹"),
            ("₹", "₹"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%%41", "%A"),
            ("%2541", "%41"),
        ] {
            assert_eq!(unescape(text).as_deref(), Some(want), "{text}");
        }
        for text in ["%ff", "%c3", "%C3%28", "%ed%a0%80"] {
            assert_eq!(unescape(text), None, "{text}");
        }
    }
}
