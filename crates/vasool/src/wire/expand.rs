//! The `expand[]` of a query: which related objects an answer shall embed.

use super::error::ApiError;
use super::fields::Fields;
use super::json;
use super::value::Value;

/// Reads `expand` in any of the spellings of the SDKs (contract 4.2).
///
/// `allowed`: the values of the resource, in the order the refusal lists them. Answers each
/// of them at most once, in the order asked for.
pub fn read_expand(
    query: &Fields<'_>,
    allowed: &[&'static str],
) -> Result<Vec<&'static str>, ApiError> {
    let mut expand = Expand { allowed, seen: 0, chosen: Vec::new() };
    if let Some(value) = query.value("expand") {
        expand.read(value)?;
    }
    Ok(expand.chosen)
}

struct Expand<'w> {
    allowed: &'w [&'static str],
    /// Values read so far: the index of the next one.
    seen: usize,
    chosen: Vec<&'static str>,
}

impl Expand<'_> {
    fn read(&mut self, value: &Value<'_>) -> Result<(), ApiError> {
        match value {
            Value::List(items) => items.iter().try_for_each(|item| self.read(item)),
            // Node sends `expand[expand]`, and `expand[expand][0]` for lists.
            Value::Object(entries) => entries.iter().try_for_each(|(_, item)| self.read(item)),
            // Java sends the list as JSON text.
            Value::Text(text) if text.starts_with('[') => match json::parse(text) {
                Ok(Value::List(items)) => items.iter().try_for_each(|item| self.choose(item)),
                _ => self.choose(value),
            },
            Value::Text(text) if text.is_empty() => Ok(()),
            scalar => self.choose(scalar),
        }
    }

    fn choose(&mut self, value: &Value<'_>) -> Result<(), ApiError> {
        let word = match value {
            Value::Text(word) => &**word,
            _ => "",
        };
        let Some(known) = self.allowed.iter().find(|known| **known == word) else {
            return Err(ApiError::invalid_field(
                format!("expand.{}", self.seen),
                format!(
                    "Value of each expand must be one of following types: {}",
                    self.allowed.join(", ")
                ),
            ));
        };
        self.seen += 1;
        if !self.chosen.contains(known) {
            self.chosen.push(known);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::decode_query;

    const ORDERS: [&str; 3] = ["payments", "payments.card", "virtual_account"];

    fn expand(query: &str) -> Result<Vec<&'static str>, ApiError> {
        let value = decode_query(query).unwrap();
        read_expand(&Fields::of_query(&value), &ORDERS)
    }

    #[test]
    fn cm_42_spellings() {
        for query in [
            "expand[]=payments",
            "expand%5B%5D=payments",
            "expand[]=payments&expand[]=payments",
            "expand[0]=payments",
            "expand[expand]=payments",
            "expand[expand][0]=payments",
            "expand%5Bexpand%5D%5B0%5D=payments",
            "expand[][0]=payments",
            "expand[]=[\"payments\"]",
            "expand[]=%5B%22payments%22%5D",
            "expand=payments",
        ] {
            assert_eq!(expand(query), Ok(vec!["payments"]), "{query}");
        }
        for query in [
            "expand[]=payments.card&expand[]=payments",
            "expand[1]=payments&expand[0]=payments.card",
            "expand[][0]=payments.card&expand[][1]=payments",
            "expand[expand][]=payments.card&expand[expand][]=payments",
            "expand[]=[\"payments.card\",\"payments\"]",
        ] {
            assert_eq!(expand(query), Ok(vec!["payments.card", "payments"]), "{query}");
        }
        for query in ["", "expand=", "expand[]=", "expand[]=[]"] {
            assert_eq!(expand(query), Ok(vec![]), "{query}");
        }
    }

    #[test]
    fn cm_43_unknown_values() {
        let text = "Value of each expand must be one of following types: \
                    payments, payments.card, virtual_account";
        for (query, field) in [
            ("expand[]=foo", "expand.0"),
            ("expand[]=payments&expand[]=Payments", "expand.1"),
            ("expand[]=[\"payments\",\"foo\"]", "expand.1"),
            ("expand[]=[\"payments\",7]", "expand.1"),
            ("expand[]=[payments]", "expand.0"),
            ("expand[]=[[\"payments\"]]", "expand.0"),
        ] {
            assert_eq!(expand(query), Err(ApiError::invalid_field(field, text)), "{query}");
        }
    }
}
