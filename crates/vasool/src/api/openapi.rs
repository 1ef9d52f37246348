//! The API's description.

use super::answer::Json;

/// Kept as a file: the description is read by people before it is read by programs.
const DESCRIPTION: &str = include_str!("../../openapi.json");

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
