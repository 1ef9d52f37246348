//! A call of an operation in three languages, from its example.

use std::fmt::Write as _;

use serde_json::Value;

/// One call in one language.
pub struct Sample {
    pub language: &'static str,
    pub code: String,
}

/// The calls of an operation. The SDKs know paths with a version alone, and files not at all.
pub fn samples(path: &str, method: &str, operation: &Value) -> Vec<Sample> {
    let mut url = path.to_owned();
    let mut query = vec![];
    for row in operation["parameters"].as_array().into_iter().flatten() {
        let name = row["name"].as_str().unwrap_or("");
        let example = match &row["example"] {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match row["in"].as_str() {
            Some("path") => url = url.replace(&format!("{{{name}}}"), &example),
            _ => query.push((name.to_owned(), example)),
        }
    }
    let content = &operation["requestBody"]["content"];
    let form = &content["multipart/form-data"];
    let body = example_of(&content["application/json"]);
    let with_key = operation["security"].as_array().is_none_or(|rows| !rows.is_empty());
    let key = if with_key { " -u $KEY" } else { "" };
    let mut curl = format!("curl -s{key}");
    let plain = if body.is_some() || form.is_object() { "post" } else { "get" };
    if method != plain {
        let _ = write!(curl, " -X {}", method.to_ascii_uppercase());
    }
    let shown = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    match shown.is_empty() {
        true => curl.push_str(&format!(" $URL{url}")),
        false => curl.push_str(&format!(" \"$URL{url}?{}\"", shown.join("&"))),
    }
    if let Some(body) = &body {
        curl.push_str(" \\\n  -H 'Content-Type: application/json' \\\n  -d '");
        curl.push_str(&json(body).replace('\'', "'\\''"));
        curl.push('\'');
    }
    for (name, value) in example_of(form).iter().filter_map(Value::as_object).flatten() {
        let mark = if name == "file" { "@" } else { "" };
        let _ = write!(curl, " \\\n  -F {name}={mark}{}", value.as_str().unwrap_or(""));
    }
    let mut out = vec![Sample { language: "curl", code: curl }];
    let version = url.split('/').nth(1).filter(|part| matches!(*part, "v1" | "v2"));
    let Some(version) = version.filter(|_| !form.is_object()) else { return out };
    let data = body.or_else(|| (!query.is_empty()).then(|| pairs(&query)));
    let arguments = data.as_ref().map(|data| format!(", {}", python(data, 0))).unwrap_or_default();
    let code = format!("client.{method}(\"{url}\"{arguments})");
    out.push(Sample { language: "Python", code });
    let path = url.trim_start_matches(&format!("/{version}"));
    let mut code = format!("await rz.api.{method}({{\n  url: '{path}',\n");
    if version != "v1" {
        let _ = writeln!(code, "  version: '{version}',");
    }
    if let Some(data) = &data {
        let _ = writeln!(code, "  data: {},", node(data, 1));
    }
    code.push_str("});");
    out.push(Sample { language: "Node", code });
    out
}

fn example_of(content: &Value) -> Option<Value> {
    let first = || content["examples"].as_object()?.values().next().map(|row| row["value"].clone());
    content.get("example").cloned().or_else(first)
}

fn pairs(query: &[(String, String)]) -> Value {
    let value = |text: &str| match text.parse::<i64>() {
        Ok(number) => Value::from(number),
        Err(_) => Value::from(text),
    };
    Value::Object(query.iter().map(|(name, text)| (name.clone(), value(text))).collect())
}

fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The three words in which Python differs from JSON.
fn python(value: &Value, depth: usize) -> String {
    let word = |value: &Value| match value {
        Value::Null => Some("None"),
        Value::Bool(true) => Some("True"),
        Value::Bool(false) => Some("False"),
        _ => None,
    };
    literal(value, depth, &word, &|key| format!("\"{key}\""))
}

/// JavaScript, where names need no quotes.
fn node(value: &Value, depth: usize) -> String {
    let is_name = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let key = |key: &str| if is_name(key) { key.to_owned() } else { format!("'{key}'") };
    literal(value, depth, &|_| None, &key)
}

fn literal(
    value: &Value,
    depth: usize,
    word: &dyn Fn(&Value) -> Option<&'static str>,
    key: &dyn Fn(&str) -> String,
) -> String {
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Object(object) => {
            let lines = object.iter().map(|(name, value)| {
                format!("{inner}{}: {},\n", key(name), literal(value, depth + 1, word, key))
            });
            format!("{{\n{}{outer}}}", lines.collect::<String>())
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| literal(item, depth, word, key));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        other => word(other).map_or_else(|| other.to_string(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_call_in_three_languages() {
        let operation = json!({
            "parameters": [{"name": "id", "in": "path", "example": "va_1"}],
            "requestBody": {"content": {"application/json": {
                "example": {"notes": {"a b": "it's"}, "on": true, "n": null, "list": ["x"]}}}},
        });
        let samples = samples("/v1/virtual_accounts/{id}", "patch", &operation);
        let code: Vec<&str> = samples.iter().map(|sample| &*sample.code).collect();
        assert!(code[0].starts_with("curl -s -u $KEY -X PATCH $URL/v1/virtual_accounts/va_1"));
        assert!(code[0].contains("it'\\''s"), "{}", code[0]);
        let python = "client.patch(\"/v1/virtual_accounts/va_1\", {\n  \"notes\": {\n    \"a b\": \
                      \"it's\",\n  },\n  \"on\": True,\n  \"n\": None,\n  \"list\": [\"x\"],\n})";
        assert_eq!(code[1], python);
        assert!(code[2].contains("url: '/virtual_accounts/va_1'"), "{}", code[2]);
        assert!(code[2].contains("'a b': \"it's\"") && code[2].contains("on: true"), "{}", code[2]);
    }
}
