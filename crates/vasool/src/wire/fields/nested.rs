//! Objects and lists inside an object.

use std::borrow::Cow;

use super::Fields;
use crate::wire::coerce;
use crate::wire::error::ApiError;
use crate::wire::value::Value;

impl<'a> Fields<'a> {
    /// An object; PHP's empty array counts as one (contract 1.6).
    pub fn object(&self, name: &str) -> Result<Option<Fields<'a>>, ApiError> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => self.inner(name, value).map(Some),
        }
    }

    /// As [`Fields::object`], mandatory and not empty (contract 1.6).
    pub fn required_object(&self, name: &str) -> Result<Fields<'a>, ApiError> {
        let object = self.object(name)?.filter(|inner| !inner.entries.is_empty());
        self.required(name, object)
    }

    fn inner(&self, name: &str, value: &'a Value<'a>) -> Result<Fields<'a>, ApiError> {
        let entries: &[_] = match value {
            Value::Object(entries) => entries,
            Value::List(items) if items.is_empty() => &[],
            _ => return Err(self.refuse(name, ApiError::must_be_array)),
        };
        Ok(Fields { entries, path: self.dotted(name), origin: self.origin, texts: self.texts })
    }

    fn list(&self, name: &str) -> Result<Option<Vec<&'a Value<'a>>>, ApiError> {
        self.read(name, coerce::list, ApiError::must_be_array)
    }

    /// A list of texts in any of its spellings; one bare text is a list of one (contract 1.6).
    pub fn list_of_text(&self, name: &str) -> Result<Option<Vec<Cow<'a, str>>>, ApiError> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        let texts = items.into_iter().enumerate().map(|(index, item)| {
            let refuse = || self.refuse(&format!("{name}.{index}"), ApiError::must_be_string);
            coerce::text(item).ok_or_else(refuse)
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// As [`Fields::list_of_text`], mandatory and not empty (contract 1.6).
    pub fn required_list_of_text(&self, name: &str) -> Result<Vec<Cow<'a, str>>, ApiError> {
        let texts = self.list_of_text(name)?.filter(|texts| !texts.is_empty());
        self.required(name, texts)
    }

    /// A list of objects in any of its spellings, named `list.0`, `list.1`, … (contract 1.6).
    pub fn list_of_objects(&self, name: &str) -> Result<Option<Vec<Fields<'a>>>, ApiError> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        let objects = items.into_iter().enumerate();
        let objects = objects.map(|(index, item)| self.inner(&format!("{name}.{index}"), item));
        objects.collect::<Result<_, _>>().map(Some)
    }

    /// As [`Fields::list_of_objects`], mandatory and not empty (contract 1.6).
    pub fn required_list_of_objects(&self, name: &str) -> Result<Vec<Fields<'a>>, ApiError> {
        let objects = self.list_of_objects(name)?.filter(|list| !list.is_empty());
        self.required(name, objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn cm_20_lists_of_text() {
        let want = Ok(Some(vec!["vpa".to_owned()]));
        for json in [r#"{"types":["vpa"]}"#, r#"{"types":{"0":"vpa"}}"#, r#"{"types":"vpa"}"#] {
            let got = read(json, |f| {
                let list = f.list_of_text("types")?;
                Ok(list.map(|words| words.into_iter().map(Cow::into_owned).collect()))
            });
            assert_eq!(got, want, "{json}");
        }
        for (json, want) in [
            (r#"{"types":{"a":"vpa"}}"#, "The types must be an array. | types"),
            (r#"{"types":["vpa",true]}"#, "The types.1 must be a string. | types.1"),
        ] {
            assert_eq!(read(json, |f| f.list_of_text("types").map(drop)), Err(want.to_owned()));
        }
    }

    #[test]
    fn nested_names_are_dotted() {
        let json = r#"{"allowed_payers":{"0":{"bank_account":{}}},"token":{"max_amount":"x"}}"#;
        let ifsc = read(json, |f| {
            let payers = f.required_list_of_objects("allowed_payers")?;
            let account = payers[0].object("bank_account")?.unwrap();
            account.required_text("ifsc").map(drop)
        });
        let name = "allowed_payers.0.bank_account.ifsc";
        let text = "The allowed payers.0.bank account.ifsc field is required.";
        assert_eq!(ifsc, Err(format!("{text} | {name}")));
        let amount = |f: &Fields<'_>| f.required_object("token")?.integer("max_amount");
        let want = "The token.max amount must be an integer. | token.max_amount";
        assert_eq!(read(json, amount), Err(want.to_owned()));
        let want = "The max amount must be an integer. | token.max_amount";
        assert_eq!(read(json, |f| amount(&f.clone().with_last_names())), Err(want.to_owned()));
        let want = Err("The token must be an array. | token".to_owned());
        assert_eq!(read(r#"{"token":"x"}"#, |f| f.object("token").map(drop)), want);
    }
}
