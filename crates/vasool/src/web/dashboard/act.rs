//! What can be done with an entity: a form becomes one call of the API.

use axum::http::Method as Verb;
use serde_json::{Map, Value as Json};

use super::lists::{Act, Input, InputKind, Method};
use super::shown::text;
use crate::web::client::{Call, Problem};
use crate::web::session::Fields;

impl Method {
    /// The method of the request.
    pub fn verb(self) -> Verb {
        match self {
            Method::Post => Verb::POST,
            Method::Put => Verb::PUT,
            Method::Patch => Verb::PATCH,
            Method::Delete => Verb::DELETE,
        }
    }
}

impl Act {
    /// The call that a form asks for. Errors: what is wrong with a field.
    pub fn call(&self, entity: &Json, fields: &Fields) -> Result<Call, Problem> {
        let mut body = Map::new();
        for input in self.inputs {
            let typed = fields.get(input.name).trim();
            if let Some(value) = read(input, typed)? {
                body.insert(input.name.to_owned(), value);
            }
        }
        let path = self.fill(entity, &mut body);
        let has_body = !body.is_empty() || self.method == Method::Patch;
        let body = has_body.then_some(Json::Object(body));
        let call = Call::new(self.method.verb(), path, body);
        // A form that is sent twice, by a double click or a reload, is one act.
        let once = Some(fields.get("once")).filter(|once| self.is_once && is_key(once));
        Ok(Call { once: once.map(str::to_owned), ..call })
    }

    /// The path with its places filled in, from what was typed first: that is not sent in the body,
    /// too. Only ids of entities that are there, and choices, stand there: nothing needs to be escaped.
    fn fill(&self, entity: &Json, body: &mut Map<String, Json>) -> String {
        let mut path = String::new();
        let mut rest = self.path;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let typed = body.remove(name).and_then(|value| value.as_str().map(str::to_owned));
            path += before;
            path += &typed.or_else(|| text(entity, name)).unwrap_or_default();
            rest = behind;
        }
        path + rest
    }
}

/// Whether a text can be such a key: what the page drew.
fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn read(input: &Input, typed: &str) -> Result<Option<Json>, Problem> {
    let wrong = |description: &str| Problem {
        description: description.to_owned(),
        field: Some(input.name.to_owned()),
    };
    match input.kind {
        _ if typed.is_empty() => Ok(None),
        InputKind::Text => Ok(Some(typed.into())),
        InputKind::Choice(choices) => {
            let known = choices.iter().any(|(value, _)| *value == typed);
            if known { Ok(Some(typed.into())) } else { Err(wrong("Choose one of the list.")) }
        }
        InputKind::Rupees => {
            let paise = paise(typed).ok_or_else(|| wrong("An amount such as 2,390.00, please."))?;
            Ok(Some(paise.into()))
        }
    }
}

/// Paise of an amount as people type it: `2390`, `2,390.5`, `₹12,34,567.00`.
pub fn paise(typed: &str) -> Option<i64> {
    let plain: String = typed.chars().filter(|c| !matches!(c, ',' | ' ' | '₹')).collect();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::web::dashboard::lists::List;

    #[test]
    fn amounts_are_read_as_typed() {
        for (typed, want) in [
            ("2390", Some(239_000)),
            ("2,390.5", Some(239_050)),
            ("₹12,34,567.00", Some(123_456_700)),
            ("0.01", Some(1)),
            ("1.234", None),
            ("-1", None),
            ("1e3", None),
            ("", None),
            (".5", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(paise(typed), want, "{typed}");
        }
    }

    #[test]
    fn acts_are_calls_of_the_api() {
        let act = |list, name| List::named(list).unwrap().act(name).unwrap();
        let form = |text| Fields::parse(text).unwrap();
        let entity = json!({"id": "pay_1", "status": "captured"});
        let call =
            act("payments", "refund").call(&entity, &form("amount=12.50&speed=normal")).unwrap();
        assert_eq!((call.method, &*call.path), (Verb::POST, "/v1/payments/pay_1/refund"));
        assert_eq!(call.body, Some(json!({"amount": 1250, "speed": "normal"})));
        let wrong = act("payments", "refund").call(&entity, &form("amount=x&speed=normal"));
        assert_eq!(wrong.unwrap_err().field.as_deref(), Some("amount"));
        let link = json!({"id": "inv_1"});
        let call = act("links", "notify").call(&link, &form("medium=sms")).unwrap();
        assert_eq!((&*call.path, call.body), ("/v1/invoices/inv_1/notify_by/sms", None));
        assert!(act("links", "notify").call(&link, &form("medium=../x")).is_err());
        let token = json!({"id": "token_1", "customer_id": "cust_1"});
        let call = act("mandates", "cancel").call(&token, &form("")).unwrap();
        assert_eq!(
            (call.method, &*call.path),
            (Verb::PUT, "/v1/customers/cust_1/tokens/token_1/cancel")
        );
    }
}
