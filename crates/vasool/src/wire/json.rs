//! A JSON reader that keeps numbers as text and tells a cut-off body from a wrong one.
//!
//! The usual libraries read `1.6e+09` and long account numbers through floats, and report
//! truncation only in prose; the contract needs both exact (1.4, 1.6).

use std::borrow::Cow;

use super::value::{DEPTH_MAX, Entry, KEYS_MAX, Value, insert};

/// Why a text is not a JSON value this server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text ends before the value does.
    Truncated,
    /// No continuation of the text would be JSON.
    Malformed,
    /// Deeper than [`DEPTH_MAX`] or more keys than [`KEYS_MAX`].
    TooComplex,
}

/// Reads one JSON value of any type, blanks around it allowed (contract 1.4).
pub fn parse(text: &str) -> Result<Value<'_>, Fault> {
    let mut reader = Reader { text, at: 0, keys: 0 };
    reader.skip_blanks();
    let value = reader.value(0)?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Fault::Malformed),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    keys: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, Fault> {
        let byte = self.peek().ok_or(Fault::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, word: &str) -> Result<(), Fault> {
        for wanted in word.bytes() {
            if self.next()? != wanted {
                return Err(Fault::Malformed);
            }
        }
        Ok(())
    }

    /// `depth`: how many objects and lists are open around the value.
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        match self.peek().ok_or(Fault::Truncated)? {
            b'{' => self.object(depth + 1),
            b'[' => self.list(depth + 1),
            b'"' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number().map(Value::Number),
            b't' => self.expect("true").map(|()| Value::Bool(true)),
            b'f' => self.expect("false").map(|()| Value::Bool(false)),
            b'n' => self.expect("null").map(|()| Value::Null),
            _ => Err(Fault::Malformed),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        if self.open(depth, b'}')? {
            return Ok(Value::Object(entries));
        }
        loop {
            self.count_key()?;
            match self.peek() {
                Some(b'"') => {}
                Some(_) => return Err(Fault::Malformed),
                None => return Err(Fault::Truncated),
            }
            let key = self.string()?;
            self.skip_blanks();
            self.expect(":")?;
            self.skip_blanks();
            let value = self.value(depth)?;
            insert(&mut entries, key, value);
            if self.close(b'}')? {
                return Ok(Value::Object(entries));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut items = Vec::new();
        if self.open(depth, b']')? {
            return Ok(Value::List(items));
        }
        loop {
            self.count_key()?;
            items.push(self.value(depth)?);
            if self.close(b']')? {
                return Ok(Value::List(items));
            }
        }
    }

    /// Passes the opening bracket; true if the closing one follows at once.
    fn open(&mut self, depth: usize, closing: u8) -> Result<bool, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::TooComplex);
        }
        self.at += 1;
        self.skip_blanks();
        let empty = self.peek() == Some(closing);
        self.at += usize::from(empty);
        Ok(empty)
    }

    /// Passes a comma, or the closing bracket and answers true.
    fn close(&mut self, closing: u8) -> Result<bool, Fault> {
        self.skip_blanks();
        let byte = self.next()?;
        if byte == closing {
            return Ok(true);
        }
        if byte != b',' {
            return Err(Fault::Malformed);
        }
        self.skip_blanks();
        Ok(false)
    }

    fn count_key(&mut self) -> Result<(), Fault> {
        self.keys += 1;
        if self.keys > KEYS_MAX {
            return Err(Fault::TooComplex);
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), Fault> {
        if !self.next()?.is_ascii_digit() {
            return Err(Fault::Malformed);
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let mut start = self.at;
        let mut unescaped: Option<String> = None;
        loop {
            match self.next()? {
                b'"' => {
                    let rest = &self.text[start..self.at - 1];
                    return Ok(match unescaped {
                        None => Cow::Borrowed(rest),
                        Some(head) => Cow::Owned(head + rest),
                    });
                }
                b'\\' => {
                    let text = unescaped.get_or_insert_default();
                    text.push_str(&self.text[start..self.at - 1]);
                    text.push(self.escape()?);
                    start = self.at;
                }
                0..0x20 => return Err(Fault::Malformed),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Fault::Malformed),
        })
    }

    fn unicode(&mut self) -> Result<char, Fault> {
        let first = self.four_hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            self.expect("\\u")?;
            let second = self.four_hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(Fault::Malformed);
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or(Fault::Malformed)
    }

    fn four_hex(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.next()?).to_digit(16);
            code = code * 16 + digit.ok_or(Fault::Malformed)?;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_value() {
        let text = r#" {"a":null,"b":[true,false,-0.5e+3],"c":{"d":""},"e":"x"} "#;
        let value = parse(text).unwrap();
        assert_eq!(value.get("a"), Some(&Value::Null));
        let list = [Value::Bool(true), Value::Bool(false), Value::Number("-0.5e+3")];
        assert_eq!(value.get("b"), Some(&Value::List(list.into())));
        let inner = value.get("c").unwrap();
        assert_eq!(inner.get("d"), Some(&Value::Text("".into())));
        assert_eq!(value.get("e"), Some(&Value::Text("x".into())));
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let Ok(Value::Text(Cow::Borrowed("Meera अय्यर"))) = parse("\"Meera अय्यर\"")
        else {
            panic!("not borrowed");
        };
    }

    #[test]
    fn escapes() {
        let text = r#""a\"\\\/\b\f\n\r\t\u20B9\ud83d\ude00z""#;
        let want = "a\"\\/\u{8}\u{c}\n\r\t\u{20b9}\u{1f600}z";
        assert_eq!(parse(text), Ok(Value::Text(want.into())));
    }

    #[test]
    fn cm_24_numbers_of_any_size_survive() {
        let digits = "9".repeat(400);
        assert_eq!(parse(&digits), Ok(Value::Number(&digits)));
        assert_eq!(parse("1.6e+09"), Ok(Value::Number("1.6e+09")));
    }

    #[test]
    fn duplicate_keys_are_legal() {
        let value = parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        let want = [("a".into(), Value::Number("3")), ("b".into(), Value::Number("2"))];
        assert_eq!(value, Value::Object(want.into()));
    }

    #[test]
    fn cm_17_every_prefix_is_truncated() {
        let text =
            r#"{"amount":-1.5e+3,"on":true,"off":null,"t":"a\u20b9\ud83d\ude00","l":[{},[]]}"#;
        for end in 0..text.len() {
            assert_eq!(parse(&text[..end]), Err(Fault::Truncated), "{}", &text[..end]);
        }
        assert!(parse(text).is_ok());
    }

    #[test]
    fn cm_17_malformed() {
        for text in [
            "{} x",
            "{\"a\":1} // paise",
            "{/* paise */}",
            "{a:1}",
            "{'a':1}",
            "{\"a\" 1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":1e}",
            "{\"a\":1,}",
            "{,}",
            "[1,]",
            "[1 2]",
            "\"a\nb\"",
            r#""\x""#,
            r#""\u12g4""#,
            r#""\ud800""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            "nuLl",
            "NaN",
            "\u{feff}{}",
        ] {
            assert_eq!(parse(text), Err(Fault::Malformed), "{text}");
        }
    }

    #[test]
    fn depth_and_keys_are_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(parse(&nested(DEPTH_MAX + 1)), Err(Fault::TooComplex));
        let keys = |n: usize| {
            let keys: Vec<_> = (0..n).map(|i| format!("\"k{i}\":1")).collect();
            format!("{{{}}}", keys.join(","))
        };
        assert!(parse(&keys(KEYS_MAX)).is_ok());
        assert_eq!(parse(&keys(KEYS_MAX + 1)), Err(Fault::TooComplex));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\",:\\\\u0-9a-f.eE+\\- \u{20b9}]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn takes_what_serde_json_takes(text in "[\\[\\]{}\",:\\\\ubdf10.eE+\\- ]{0,12}") {
            // serde_json also refuses numbers no float can hold; this reader keeps them.
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let overflow = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
            prop_assume!(!overflow);
            prop_assert_eq!(parse(&text).is_ok(), theirs.is_ok());
        }
    }
}
