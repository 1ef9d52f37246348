//! The API's description.

use super::answer::Json;

/// Kept as a file: the description is read by people before it is read by programs.
const DESCRIPTION: &str = include_str!("../../openapi.json");

/// `GET /openapi.json`
pub async fn openapi_json() -> Json {
    Json::text(DESCRIPTION)
}
