//! JSON in ASCII, for bodies whose bytes are signed.

/// Writes every character beyond ASCII as `\uXXXX` (contract 10.3).
///
/// `json`: a serialized JSON text. In such a text these characters only stand inside strings,
/// so its meaning stays the same. Clients check webhook signatures over ASCII bytes.
pub fn to_ascii(json: String) -> String {
    if json.is_ascii() {
        return json;
    }
    let mut ascii = String::with_capacity(json.len() * 2);
    let mut units = [0; 2];
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut units) {
            ascii.push_str("\\u");
            for shift in [12, 8, 4, 0] {
                let digit = u32::from(*unit >> shift & 0xf);
                ascii.extend(char::from_digit(digit, 16));
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cm_109_ascii_bodies() {
        for (json, want) in [
            (r#"{"a":"b\n"}"#, r#"{"a":"b\n"}"#),
            ("{\"₹\":\"é\"}", r#"{"\u20b9":"\u00e9"}"#),
            ("\"😀\"", r#""\ud83d\ude00""#),
            ("\"\u{7f}\u{ffff}\"", "\"\u{7f}\\uffff\""),
        ] {
            assert_eq!(to_ascii(json.to_owned()), want);
        }
    }

    proptest! {
        #[test]
        fn parses_back(text: String) {
            let ascii = to_ascii(serde_json::to_string(&text).unwrap());
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&ascii).unwrap(), text);
        }
    }
}
