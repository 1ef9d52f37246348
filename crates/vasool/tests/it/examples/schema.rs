//! As much of JSON Schema as the description uses. Keys that a schema does not name are faults,
//! unless it says that there may be others.

use serde_json::Value;

/// The description whose schemas refer to each other.
pub struct Schemas<'a>(pub &'a Value);

impl Schemas<'_> {
    /// What is wrong with a value.
    pub fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut out = vec![];
        self.check("", schema, value, &mut out);
        out
    }

    fn check(&self, path: &str, schema: &Value, value: &Value, out: &mut Vec<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            let target =
                self.0.pointer(pointer).unwrap_or_else(|| panic!("{reference} is nothing"));
            return self.check(path, target, value, out);
        }
        let shown = || value.to_string().chars().take(60).collect::<String>();
        for word in ["anyOf", "oneOf"] {
            if let Some(choices) = schema[word].as_array() {
                let tried: Vec<Vec<String>> =
                    choices.iter().map(|choice| self.faults(choice, value)).collect();
                if tried.iter().all(|faults| !faults.is_empty()) {
                    let least = tried.into_iter().min_by_key(Vec::len).unwrap_or_default();
                    out.push(format!("{path}: {} fits no choice: {}", shown(), least.join("; ")));
                }
            }
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => vec![],
        };
        if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind, value)) {
            out.push(format!("{path}: {} is not {}", shown(), kinds.join(" or ")));
            return;
        }
        if !schema["const"].is_null() && schema["const"] != *value {
            out.push(format!("{path}: {} is not {}", shown(), schema["const"]));
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(value)
        {
            out.push(format!("{path}: {} is none of {}", shown(), schema["enum"]));
        }
        if let (Some(most), Some(text)) = (schema["maxLength"].as_u64(), value.as_str())
            && text.chars().count() as u64 > most
        {
            out.push(format!("{path}: {} is too long", shown()));
        }
        if let Some(items) = value.as_array() {
            let count = items.len() as u64;
            if schema["minItems"].as_u64().is_some_and(|least| count < least)
                || schema["maxItems"].as_u64().is_some_and(|most| count > most)
            {
                out.push(format!("{path}: {count} items"));
            }
            for item in items {
                self.check(&format!("{path}[]"), &schema["items"], item, out);
            }
        }
        if let Some(object) = value.as_object() {
            let required = schema["required"].as_array();
            for key in required.into_iter().flatten().filter_map(Value::as_str) {
                if !object.contains_key(key) {
                    out.push(format!("{path}.{key} is missing"));
                }
            }
            let Some(known) = schema["properties"].as_object() else {
                for (key, value) in object {
                    self.check(
                        &format!("{path}.{key}"),
                        &schema["additionalProperties"],
                        value,
                        out,
                    );
                }
                return;
            };
            for (key, value) in object {
                match known.get(key) {
                    Some(schema) => self.check(&format!("{path}.{key}"), schema, value, out),
                    None if schema["additionalProperties"].is_null() => {
                        out.push(format!("{path}.{key} is not described"));
                    }
                    None => {}
                }
            }
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
