//! The API's description.

use super::answer::Json;

/// Kept as a file: the description is read by people before it is read by programs.
const DESCRIPTION: &str = include_str!("../../openapi.json");

/// The description, JSON.
pub fn description() -> &'static str {
    DESCRIPTION
}

/// `GET /openapi.json`
pub async fn openapi_json() -> Json {
    Json::text(DESCRIPTION.trim_end())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::DESCRIPTION;
    use crate::api::routes;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
        let routed: BTreeSet<&str> = routes(true).into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, routed);
    }

    /// What an operation lacks: words, descriptions of what is given, examples.
    fn lacks(operation: &Value) -> Vec<String> {
        let said = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        let mut out = vec![];
        for part in ["summary", "description"] {
            if !said(&operation[part]) {
                out.push(part.to_owned());
            }
        }
        for row in operation["parameters"].as_array().into_iter().flatten() {
            if !said(&row["description"]) || row["in"] == "path" && row["example"].is_null() {
                out.push(format!("parameter {}", row["name"]));
            }
        }
        let has_example =
            |content: &Value| content.get("example").or(content.get("examples")).is_some();
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        for (kind, content) in bodies {
            // A form has the fields of the JSON beside it.
            if kind != "application/x-www-form-urlencoded" && !has_example(content) {
                out.push(format!("example of {kind}"));
            }
        }
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            let is_reference = response["$ref"].is_string();
            let of_json = &response["content"]["application/json"];
            let is_told = is_reference || status.starts_with('2') || status == "404";
            let is_page = response["content"]["text/html"].is_object();
            if !is_told && !is_page || !is_page && of_json.is_object() && !has_example(of_json) {
                out.push(format!("answer {status}"));
            }
        }
        out
    }

    #[test]
    fn every_operation_says_everything() {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let mut faults = vec![];
        for path in description["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                let name = operation["operationId"].as_str().unwrap();
                faults.extend(lacks(operation).into_iter().map(|lack| format!("{name}: {lack}")));
            }
        }
        for (name, response) in description["components"]["responses"].as_object().unwrap() {
            if response["content"]["application/json"]["example"].is_null() {
                faults.push(format!("{name} has no example"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn operations_are_named_once_and_references_lead_somewhere() {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let mut names = BTreeSet::new();
        for path in description["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{name} is used twice");
            }
        }
        for reference in DESCRIPTION.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(!description["components"]["schemas"][name].is_null(), "{name} is missing");
        }
    }
}
