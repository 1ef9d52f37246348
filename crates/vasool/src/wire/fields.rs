//! Typed reading of an object's fields, with the error texts every endpoint shares.

use std::borrow::Cow;

use super::coerce;
use super::error::ApiError;
use super::value::{Entry, Value};

mod nested;

/// A reader over one object of a request (contract 1.6).
///
/// Every read has two forms. The plain one answers `None` where the field is absent, null or
/// empty; the `required_` one refuses that with `The <words> field is required.`. Both refuse
/// values of the wrong type, naming the field by its dotted path. Ask [`Fields::is_sent`]
/// where an absent field differs from one given as null or empty.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    entries: &'a [Entry<'a>],
    /// Dotted name of the object itself; empty for the request's own object.
    path: String,
    origin: Origin,
    texts: Texts,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    Body,
    Query,
}

#[derive(Clone, Copy, Debug)]
enum Texts {
    /// `The bank account.ifsc field is required.`
    DottedPath,
    /// `The ifsc field is required.`
    LastName,
}

impl<'a> Fields<'a> {
    /// Reads a decoded body (contract 1.6).
    pub fn of_body(body: &'a Value<'a>) -> Self {
        Fields::of(body, Origin::Body)
    }

    /// Reads a decoded query, where booleans have one more spelling (contract 1.6).
    pub fn of_query(query: &'a Value<'a>) -> Self {
        Fields::of(query, Origin::Query)
    }

    fn of(value: &'a Value<'a>, origin: Origin) -> Self {
        let entries: &[_] = match value {
            Value::Object(entries) => entries,
            _ => &[],
        };
        Fields { entries, path: String::new(), origin, texts: Texts::DottedPath }
    }

    /// Lets texts name the last part of a nested name alone; `field` keeps the whole.
    ///
    /// Some product pages print `The max amount must be an integer.` for `token.max_amount`
    /// (decision 27).
    pub fn with_last_names(self) -> Self {
        Fields { texts: Texts::LastName, ..self }
    }

    /// The keys of this object as sent (contract 1.6, last table).
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.entries.iter().map(|(key, _)| &**key)
    }

    /// The dotted name of a field of this object, as errors print it (contract 5.1).
    pub fn dotted(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { [&self.path, ".", name].concat() }
    }

    /// A field as decoded, null and empty included (contract 1.6).
    pub fn value(&self, name: &str) -> Option<&'a Value<'a>> {
        let entry = self.entries.iter().find(|(key, _)| key == name);
        entry.map(|(_, value)| value)
    }

    /// Whether the key was sent at all, be it as null or empty (contract 1.6).
    pub fn is_sent(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether the field has a value other than null and the empty text (contract 1.6).
    pub fn is_present(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    fn given(&self, name: &str) -> Option<&'a Value<'a>> {
        self.value(name).filter(|value| match value {
            Value::Null => false,
            Value::Text(text) => !text.is_empty(),
            _ => true,
        })
    }

    /// A refusal of one field: `make` gets the name its text prints (contract 1.6).
    pub fn refuse(&self, name: &str, make: impl FnOnce(&str) -> ApiError) -> ApiError {
        let dotted = self.dotted(name);
        let error = match self.texts {
            Texts::DottedPath => make(&dotted),
            Texts::LastName => make(name),
        };
        error.with_field(dotted)
    }

    fn read<T>(
        &self,
        name: &str,
        coerce: impl FnOnce(&'a Value<'a>) -> Option<T>,
        otherwise: impl FnOnce(&str) -> ApiError,
    ) -> Result<Option<T>, ApiError> {
        match self.given(name).map(coerce) {
            None => Ok(None),
            Some(Some(read)) => Ok(Some(read)),
            Some(None) => Err(self.refuse(name, otherwise)),
        }
    }

    fn required<T>(&self, name: &str, read: Option<T>) -> Result<T, ApiError> {
        read.ok_or_else(|| self.refuse(name, ApiError::field_required))
    }

    /// Text, or a number in plain decimal (contract 1.6).
    pub fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, ApiError> {
        self.read(name, coerce::text, ApiError::must_be_string)
    }

    /// As [`Fields::text`], mandatory (contract 1.6).
    pub fn required_text(&self, name: &str) -> Result<Cow<'a, str>, ApiError> {
        self.required(name, self.text(name)?)
    }

    /// A 64-bit integer in any of its spellings (contract 1.6).
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.read(name, coerce::integer, ApiError::must_be_integer)
    }

    /// As [`Fields::integer`], mandatory (contract 1.6).
    pub fn required_integer(&self, name: &str) -> Result<i64, ApiError> {
        self.required(name, self.integer(name)?)
    }

    /// A boolean; the empty text is false, not absent (contract 1.6, decision 37).
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let coerced = match (self.value(name), self.origin) {
            (None | Some(Value::Null), _) => return Ok(None),
            (Some(value), Origin::Body) => coerce::boolean(value),
            (Some(value), Origin::Query) => coerce::query_boolean(value),
        };
        match coerced {
            Some(boolean) => Ok(Some(boolean)),
            None => Err(self.refuse(name, ApiError::must_be_boolean)),
        }
    }

    /// As [`Fields::boolean`], mandatory (contract 1.6).
    pub fn required_boolean(&self, name: &str) -> Result<bool, ApiError> {
        self.required(name, self.boolean(name)?)
    }

    /// Unix seconds, from an integer or an ISO 8601 date-time (contract 1.6).
    pub fn time(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.read(name, coerce::time, ApiError::time_must_be_integer)
    }

    /// As [`Fields::time`], mandatory (contract 1.6).
    pub fn required_time(&self, name: &str) -> Result<i64, ApiError> {
        self.required(name, self.time(name)?)
    }

    /// One of the allowed words, exactly (contract 1.6).
    pub fn choice<'w>(&self, name: &str, allowed: &[&'w str]) -> Result<Option<&'w str>, ApiError> {
        self.chosen(name, |word| allowed.iter().copied().find(|w| *w == word))
    }

    /// As [`Fields::choice`], mandatory (contract 1.6).
    pub fn required_choice<'w>(
        &self,
        name: &str,
        allowed: &[&'w str],
    ) -> Result<&'w str, ApiError> {
        self.required(name, self.choice(name, allowed)?)
    }

    /// A word that `read` knows, for enumerations with a type of their own (contract 1.6).
    pub fn chosen<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let coerce = |value| coerce::text(value).and_then(|word| read(&word));
        self.read(name, coerce, ApiError::selected_invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::decode_query;
    use crate::wire::json::parse;

    /// Reads from a JSON body; an error becomes `text | field`.
    fn read<T>(
        json: &str,
        read: impl FnOnce(&Fields<'_>) -> Result<T, ApiError>,
    ) -> Result<T, String> {
        let value = parse(json).unwrap();
        read(&Fields::of_body(&value)).map_err(|error| {
            let field = error.field.unwrap_or_default();
            format!("{} | {field}", error.description)
        })
    }

    #[test]
    fn cm_22_integer_coercion() {
        for json in [r#"{"amount":"25000"}"#, r#"{"amount":25000.0}"#, r#"{"amount":2.5e4}"#] {
            assert_eq!(read(json, |f| f.required_integer("amount")), Ok(25_000), "{json}");
        }
        for json in [
            r#"{"amount":10.5}"#,
            r#"{"amount":"x"}"#,
            r#"{"amount":true}"#,
            r#"{"amount":[1]}"#,
            r#"{"amount":9223372036854775808}"#,
        ] {
            let want = Err("The amount must be an integer. | amount".to_owned());
            assert_eq!(read(json, |f| f.integer("amount").map(drop)), want, "{json}");
        }
    }

    #[test]
    fn cm_23_boolean_coercion() {
        for json in [r#"{"on":true}"#, r#"{"on":1}"#, r#"{"on":"1"}"#, r#"{"on":"true"}"#] {
            assert_eq!(read(json, |f| f.boolean("on")), Ok(Some(true)), "{json}");
        }
        assert_eq!(read(r#"{"on":""}"#, |f| f.boolean("on")), Ok(Some(false)));
        assert_eq!(read(r#"{"on":null}"#, |f| f.boolean("on")), Ok(None));
        let want = "The partial payment field must be true or false. | partial_payment";
        for json in [r#"{"partial_payment":"maybe"}"#, r#"{"partial_payment":"True"}"#] {
            let got = read(json, |f| f.required_boolean("partial_payment"));
            assert_eq!(got, Err(want.to_owned()), "{json}");
        }
        let query = decode_query("authorized=True").unwrap();
        assert_eq!(Fields::of_query(&query).boolean("authorized"), Ok(Some(true)));
    }

    #[test]
    fn cm_24_numeric_strings() {
        let json = r#"{"contact":919000012345,"account":91401009876543210123,"ifsc":"00U"}"#;
        let got = read(json, |f| {
            Ok([f.required_text("contact")?, f.required_text("account")?, f.required_text("ifsc")?]
                .map(Cow::into_owned))
        });
        let want = ["919000012345", "91401009876543210123", "00U"].map(str::to_owned);
        assert_eq!(got, Ok(want));
        let want = Err("The account number must be a string. | account_number".to_owned());
        let json = r#"{"account_number":false}"#;
        assert_eq!(read(json, |f| f.text("account_number").map(drop)), want);
    }

    #[test]
    fn absent_null_and_empty() {
        for (json, sent) in [("{}", false), (r#"{"a":null}"#, true), (r#"{"a":""}"#, true)] {
            let required = "The a field is required. | a";
            assert_eq!(read(json, |f| Ok((f.is_sent("a"), f.is_present("a")))), Ok((sent, false)));
            assert_eq!(read(json, |f| f.text("a").map(|t| t.is_none())), Ok(true));
            assert_eq!(read(json, |f| f.integer("a")), Ok(None));
            assert_eq!(read(json, |f| f.time("a")), Ok(None));
            assert_eq!(read(json, |f| f.choice("a", &["x"])), Ok(None));
            assert_eq!(read(json, |f| f.object("a").map(|o| o.is_none())), Ok(true));
            assert_eq!(read(json, |f| f.list_of_text("a").map(|l| l.is_none())), Ok(true));
            assert_eq!(read(json, |f| f.required_text("a").map(drop)), Err(required.into()));
            assert_eq!(read(json, |f| f.required_integer("a").map(drop)), Err(required.into()));
            assert_eq!(read(json, |f| f.required_time("a").map(drop)), Err(required.into()));
            assert_eq!(read(json, |f| f.required_object("a").map(drop)), Err(required.into()));
        }
        for json in [r#"{"a":[]}"#, r#"{"a":{}}"#] {
            let required = Err("The a field is required. | a".to_owned());
            assert_eq!(read(json, |f| f.object("a").map(|o| o.is_some())), Ok(true));
            assert_eq!(read(json, |f| f.required_object("a").map(drop)), required);
            assert_eq!(read(json, |f| f.required_list_of_text("a").map(drop)), required);
            assert_eq!(read(json, |f| f.required_list_of_objects("a").map(drop)), required);
        }
    }

    #[test]
    fn times() {
        let json = r#"{"close_by":"2026-06-01T00:00:00.000Z"}"#;
        assert_eq!(read(json, |f| f.required_time("close_by")), Ok(1_780_272_000));
        let want = Err("close_by must be an integer | close_by".to_owned());
        assert_eq!(read(r#"{"close_by":"soon"}"#, |f| f.time("close_by")), want);
    }

    #[test]
    fn choices_are_case_sensitive() {
        let speeds = ["normal", "optimum"];
        let json = r#"{"speed":"optimum"}"#;
        assert_eq!(read(json, |f| f.required_choice("speed", &speeds)), Ok("optimum"));
        for json in [r#"{"speed":"Normal"}"#, r#"{"speed":true}"#, r#"{"speed":["normal"]}"#] {
            let want = Err("The selected speed is invalid. | speed".to_owned());
            assert_eq!(read(json, |f| f.choice("speed", &speeds)), want, "{json}");
        }
        let flag = |word: &str| (word == "0").then_some(7);
        assert_eq!(
            read(r#"{"fail_existing":0}"#, |f| f.chosen("fail_existing", flag)),
            Ok(Some(7))
        );
    }
}
