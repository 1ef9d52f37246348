//! Whether two answers have the same keys.

use serde_json::Value;

/// What differs between an example and an answer: keys, and kinds of values.
pub fn differences(example: &Value, answer: &Value) -> Vec<String> {
    let mut out = vec![];
    compare("", example, answer, &mut out);
    out
}

fn compare(path: &str, example: &Value, answer: &Value, out: &mut Vec<String>) {
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => {
            for key in example.keys().filter(|key| !answer.contains_key(*key)) {
                out.push(format!("{path}.{key} is only in the example"));
            }
            for (key, value) in answer {
                match example.get(key) {
                    Some(example) => compare(&format!("{path}.{key}"), example, value, out),
                    None => out.push(format!("{path}.{key} is only in the answer")),
                }
            }
        }
        (Value::Array(example), Value::Array(answer)) => {
            if let (Some(example), Some(answer)) = (example.first(), answer.first()) {
                compare(&format!("{path}[]"), example, answer, out);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ if std::mem::discriminant(example) != std::mem::discriminant(answer) => {
            out.push(format!("{path} is {example} in the example and {answer} in the answer"));
        }
        _ => {}
    }
}
