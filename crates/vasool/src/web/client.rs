//! The API as a page calls it: the same routes, checks and answers as for a merchant's own program,
//! on behalf of somebody who is signed in. So a page can do nothing that the API cannot, and the
//! `curl` it shows is what it did.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value as Json;
use tower::ServiceExt as _;

use super::dashboard::place::Place;
use super::session::PageError;
use crate::api::caller::Caller;
use crate::app::App;
use crate::wire::error::ApiError;

/// The API of this server.
#[derive(Clone, Debug)]
pub struct Api(pub Router);

/// One request to the API.
#[derive(Clone, Debug)]
pub struct Call {
    /// How.
    pub method: Method,
    /// Path and query, from `/v1` on.
    pub path: String,
    /// The body, if it has one.
    pub body: Option<Json>,
    /// A key that makes sending it twice harmless, where the API takes one. Source: common 5.8.
    pub once: Option<String>,
}

/// The header of [`Call::once`].
const ONCE: &str = "X-Refund-Idempotency";

/// What the API answered.
#[derive(Clone, Debug)]
pub struct Called {
    /// The HTTP status.
    pub status: u16,
    /// The body as it was sent.
    pub text: String,
}

impl Call {
    /// A request.
    pub fn new(method: Method, path: impl Into<String>, body: Option<Json>) -> Call {
        Call { method, path: path.into(), body, once: None }
    }

    /// A request that reads.
    pub fn get(path: impl Into<String>) -> Call {
        Call::new(Method::GET, path, None)
    }

    /// A request that acts.
    pub fn post(path: impl Into<String>, body: Json) -> Call {
        Call::new(Method::POST, path, Some(body))
    }

    /// The same request as a person types it, with the secret left to the shell.
    pub fn curl(&self, base: &str) -> String {
        let mut line = String::from("curl -u \"$VASOOL_KEY_ID:$VASOOL_KEY_SECRET\"");
        if self.method != Method::GET && (self.method != Method::POST || self.body.is_none()) {
            line += &format!(" -X {}", self.method);
        }
        line += &format!(" {}", quoted(&format!("{base}{}", self.path)));
        if let Some(once) = &self.once {
            line += &format!(" \\\n  -H '{ONCE}: {once}'");
        }
        if let Some(body) = &self.body {
            line += " \\\n  -H 'Content-Type: application/json'";
            line += &format!(" \\\n  -d {}", quoted(&body.to_string()));
        }
        line
    }
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-".contains(&byte);
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Api {
    /// Calls the API as a merchant in a mode.
    ///
    /// Errors: the database is away. What the API refuses is an answer.
    pub async fn call(&self, app: &App, place: &Place, call: &Call) -> Result<Called, PageError> {
        let caller = Caller::on_behalf(app, &place.merchant, &place.tenant).await?;
        let mut request = Request::builder().method(call.method.clone()).uri(&call.path);
        if let Some(once) = &call.once {
            request = request.header(ONCE, once);
        }
        let body = match &call.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let request = request.extension(caller).body(body).map_err(|_| PageError::fault())?;
        let response = match self.0.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(|_| PageError::fault())?;
        let text = String::from_utf8(body.to_bytes().to_vec()).map_err(|_| PageError::fault())?;
        Ok(Called { status, text })
    }

    /// Calls the API for a list.
    pub async fn list(
        &self,
        app: &App,
        place: &Place,
        path: impl Into<String>,
    ) -> Result<Vec<Json>, PageError> {
        let called = self.call(app, place, &Call::get(path)).await?;
        if called.is_ok() { Ok(called.items()) } else { Err(called.fault()) }
    }

    /// Calls the API for something that is there, or is not.
    pub async fn find(
        &self,
        app: &App,
        place: &Place,
        path: impl Into<String>,
    ) -> Result<Option<Called>, PageError> {
        let called = self.call(app, place, &Call::get(path)).await?;
        match called.status {
            200..300 => Ok(Some(called)),
            // No such id, in the words of the API.
            400 | 404 => Ok(None),
            _ => Err(called.fault()),
        }
    }
}

impl Called {
    /// Whether it was done.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as a tree; null where it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or(Json::Null)
    }

    /// The page for an answer that is no answer: the database is away, or worse.
    pub fn fault(&self) -> PageError {
        let description = self.problem().map_or_else(String::new, |problem| problem.description);
        PageError::from(ApiError::plain(self.status, format!("{description} Please try again.")))
    }

    /// The rows of a list.
    pub fn items(&self) -> Vec<Json> {
        match self.json() {
            Json::Object(mut map) => match map.remove("items") {
                Some(Json::Array(items)) => items,
                _ => vec![],
            },
            _ => vec![],
        }
    }

    /// What was wrong: a sentence, and the field it is about.
    pub fn problem(&self) -> Option<Problem> {
        if self.is_ok() {
            return None;
        }
        let error = &self.json()["error"];
        let description = error["description"].as_str().unwrap_or("The server could not do this.");
        let field = error["field"].as_str().map(str::to_owned);
        Some(Problem { description: description.to_owned(), field })
    }
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A sentence.
    pub description: String,
    /// The dotted name of the field at fault.
    pub field: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn curl_is_what_a_shell_takes() {
        let call = Call::get("/v1/payments?count=2");
        let want = "curl -u \"$VASOOL_KEY_ID:$VASOOL_KEY_SECRET\" 'http://h:1/v1/payments?count=2'";
        assert_eq!(call.curl("http://h:1"), want);
        let call = Call::post("/v1/orders", json!({"receipt": "Rita's"}));
        let curl = call.curl("http://h:1");
        assert!(curl.ends_with(r#"-d '{"receipt":"Rita'\''s"}'"#), "{curl}");
        assert!(!curl.contains("-X"));
        let call = Call::new(Method::DELETE, "/v1/sandbox", None);
        assert!(call.curl("http://h:1").contains(" -X DELETE http://h:1/v1/sandbox"));
    }

    #[test]
    fn refusals_name_their_field() {
        let text = r#"{"error":{"description":"Too small","field":"amount"}}"#.to_owned();
        let problem = Called { status: 400, text }.problem().unwrap();
        assert_eq!(
            (&*problem.description, problem.field.as_deref()),
            ("Too small", Some("amount"))
        );
        assert_eq!(Called { status: 200, text: "{}".to_owned() }.problem(), None);
    }
}
