//! Answers as people read them at a terminal: which keys make a table, what a number means.

use serde_json::Value as Json;
use vasool_core::time::Time;
use vasool_nach::day::timestamp;

use crate::format::signed_rupees;

/// The columns of a list, by the `entity` of its items: keys, dotted where nested, and titles.
fn columns_of(entity: &str) -> Option<&'static [(&'static str, &'static str)]> {
    Some(match entity {
        "sandbox.fault" => &[
            ("target", "TARGET"),
            ("kind", "KIND"),
            ("operation", "OPERATION"),
            ("events", "EVENTS"),
            ("times", "TIMES"),
            ("fired", "FIRED"),
            ("armed", "ARMED"),
        ],
        "sandbox.message" => &[
            ("created_at", "AT"),
            ("channel", "BY"),
            ("to", "TO"),
            ("subject", "SUBJECT"),
            ("text", "TEXT"),
        ],
        "sandbox.delivery" => &[
            ("created_at", "AT"),
            ("event", "EVENT"),
            ("event_id", "EVENT ID"),
            ("attempt", "TRY"),
            ("response_status", "STATUS"),
            ("error", "ERROR"),
            ("next_attempt_at", "NEXT"),
            ("url", "TO"),
        ],
        _ => return None,
    })
}

/// What an answer looks like.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// A list: titles and rows.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// One thing: names and values.
    Pairs(Vec<(String, String)>),
}

/// An answer of the server for a person.
pub fn shown(answer: &Json) -> Shown {
    if answer["entity"] == "collection" {
        let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
        let entity = items.first().and_then(|item| item["entity"].as_str()).unwrap_or("");
        let columns = columns_of(entity).unwrap_or(&[]);
        let cell = |item: &Json, key: &str| value_of(key, &item[key]);
        let row = |item| columns.iter().map(|(key, _)| cell(item, key)).collect();
        let titles = columns.iter().map(|(_, title)| *title).collect();
        return Shown::Table(titles, items.iter().map(row).collect());
    }
    let mut pairs = vec![];
    flatten("", answer, &mut pairs);
    Shown::Pairs(pairs)
}

/// Values with dotted names. What says nothing is left out: nulls, and the name of the kind.
fn flatten(path: &str, value: &Json, pairs: &mut Vec<(String, String)>) {
    let Some(object) = value.as_object() else { return };
    for (key, value) in object {
        let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Json::Null => {}
            Json::String(_) if key == "entity" => {}
            Json::Object(_) => flatten(&name, value, pairs),
            Json::Array(items) if items.is_empty() => {}
            _ => pairs.push((name, value_of(key, value))),
        }
    }
}

fn value_of(key: &str, value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.replace('\n', " "),
        Json::Number(number) => match number.as_i64() {
            Some(paise) if is_amount(key) => signed_rupees(paise),
            // A length of time is not an instant; no instant lies before 2001.
            Some(at) if is_instant(key) && at > 1_000_000_000 => {
                timestamp(Time(at)).replace("+05:30", "").replace('T', " ")
            }
            _ => number.to_string(),
        },
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Array(items) if items.iter().all(Json::is_string) => {
            let texts: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            texts.join(", ")
        }
        _ => value.to_string(),
    }
}

fn is_amount(key: &str) -> bool {
    key == "amount"
        || key == "fee"
        || key == "tax"
        || key.starts_with("amount_")
        || key.ends_with("_amount")
        || key.ends_with("_limit") && key != "rate_limit"
}

fn is_instant(key: &str) -> bool {
    key == "now" || key.ends_with("_at") || key.ends_with("_by")
}

/// A refusal as the server told it.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// The sentence.
    pub description: String,
    /// The field at fault.
    pub field: Option<String>,
    /// For programs; `None` where it says nothing.
    pub reason: Option<String>,
}

/// Reads the error envelope; `None` for an answer of something else than this API.
pub fn read_refusal(answer: &Json) -> Option<Refused> {
    let error = &answer["error"];
    let text = |key: &str| error[key].as_str().map(str::to_owned);
    Some(Refused {
        description: text("description")?,
        field: text("field"),
        reason: text("reason").filter(|reason| reason != "NA"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_and_instants_are_written_out() {
        let clock = json!({"entity": "sandbox.clock", "now": 1780000000, "frozen": false,
                           "offset": 0, "amount": 123456789, "x": null, "a": {"b": [1]}});
        let Shown::Pairs(pairs) = shown(&clock) else { panic!("one thing") };
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected = [
            ("now", "2026-05-29 01:56:40"),
            ("frozen", "no"),
            ("offset", "0"),
            ("amount", "₹12,34,567.89"),
            ("a.b", "[1]"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn a_refusal_is_read_and_nothing_else() {
        let envelope = json!({"error": {"description": "No.", "reason": "NA", "field": "amount"}});
        let refused = read_refusal(&envelope).unwrap();
        assert_eq!(refused.field.as_deref(), Some("amount"));
        assert_eq!(refused.reason, None);
        assert_eq!(read_refusal(&json!({"detail": "x"})), None);
    }
}
