//! One call to a server with a test key, and what its refusals mean for the person at the terminal.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::Value as Json;

use crate::cli::block_on;
use crate::http_client::HttpClient;
use crate::wire::shown::read_refusal;

/// An advance of the clock may take long: it waits for what falls due on the way.
const ANSWER_MAX: Duration = Duration::from_secs(120);
/// No answer of the sandbox is longer: a page of a list.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// What is asked.
#[derive(Debug)]
pub struct Call {
    method: &'static str,
    path: String,
    body: Option<Json>,
}

impl Call {
    /// Reads something.
    pub fn get(path: String) -> Call {
        Call { method: "GET", path, body: None }
    }

    /// Lets something happen.
    pub fn post(path: String, body: Json) -> Call {
        Call { method: "POST", path, body: Some(body) }
    }

    /// Changes something.
    pub fn patch(path: String, body: Json) -> Call {
        Call { method: "PATCH", path, body: Some(body) }
    }

    /// Takes something away.
    pub fn delete(path: String) -> Call {
        Call { method: "DELETE", path, body: None }
    }

    /// What is typed as what is sent.
    pub fn json(call: &impl Serialize) -> Json {
        serde_json::to_value(call).expect("a call has names for keys")
    }
}

/// A server, and the key it is asked with.
#[derive(Debug)]
pub struct Server {
    url: String,
    credentials: String,
}

impl Server {
    /// Errors say what to give.
    pub fn of(url: &str, key: Option<&str>, secret: Option<&str>) -> Result<Server, String> {
        let (Some(key), Some(secret)) = (key, secret) else {
            return Err("the sandbox wants a test key: give --key and --secret, or set \
                        VASOOL_KEY_ID and VASOOL_KEY_SECRET; `vasool keys show` prints the first \
                        merchant's"
                .to_owned());
        };
        if key.starts_with("rzp_live_") {
            return Err(format!(
                "{key} is a live key, and the sandbox plays with test data alone: give a test key \
                 (rzp_test_…); `vasool keys create --merchant acc_… --mode test` makes one"
            ));
        }
        let url = url.trim_end_matches('/').to_owned();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(format!("--url {url:?} must begin with http:// or https://"));
        }
        Ok(Server { url, credentials: base64(format!("{key}:{secret}").as_bytes()) })
    }

    /// Sends a call: the answer's JSON, or what to do.
    pub fn ask(&self, call: Call) -> Result<Json, String> {
        let body = call.body.as_ref().map_or_else(String::new, Json::to_string);
        let request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.url, call.path))
            .header(header::AUTHORIZATION, format!("Basic {}", self.credentials))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| format!("--url {:?} is not an address", self.url))?;
        let answer = block_on(async {
            let client = HttpClient::default();
            let sent = client.fetch(request, ANSWER_BYTES_MAX);
            tokio::time::timeout(ANSWER_MAX, sent).await
        });
        let answer = answer.map_err(|error| error.to_string())?;
        let (status, bytes) = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => {
                return Err(format!(
                    "no server answers at {} ({why}): start one with `vasool serve`, or say where \
                     it is with --url or VASOOL_URL",
                    self.url
                ));
            }
            Err(_) => {
                return Err(format!(
                    "the server at {} did not answer within {} seconds; ask what happened before \
                     you repeat the call",
                    self.url,
                    ANSWER_MAX.as_secs()
                ));
            }
        };
        let json: Option<Json> = serde_json::from_slice(&bytes).ok();
        match json {
            Some(json) if (200..300).contains(&status) => Ok(json),
            Some(json) => Err(explain(status, &json, &call)),
            None => Err(foreign(&self.url, status)),
        }
    }
}

fn foreign(url: &str, status: u16) -> String {
    format!(
        "what answers at {url} (status {status}) does not look like a vasool server: check --url"
    )
}

/// A refusal as a sentence, with the field and what to do.
fn explain(status: u16, answer: &Json, call: &Call) -> String {
    let Some(refused) = read_refusal(answer) else {
        return foreign("that address", status);
    };
    let mut text = refused.description.clone();
    if let Some(field) = &refused.field {
        text += &format!("\n  field:  {field}");
    }
    let reason = refused.reason.as_deref().unwrap_or("input_validation_failed");
    if reason != "input_validation_failed" {
        text += &format!("\n  reason: {reason}");
    }
    let hint = match status {
        401 => "check --key and --secret; `vasool keys show` prints the first merchant's test key",
        429 => "wait a second and try again; `rate_limit_per_second` is a setting",
        503 => "the server is overloaded or cannot write: try again, and look at its log",
        500 => "this is a fault of the server: its log says more",
        _ if refused.description.starts_with("The requested URL was not found") => {
            "the server runs without the sandbox: start it with --sandbox on"
        }
        _ if refused.description.contains("only in test mode") => {
            "give a test key (rzp_test_…): the sandbox plays with test data alone"
        }
        _ if refused.description.contains("id provided does not exist")
            || refused.description.contains("is not a valid id") =>
        {
            "check the id; it must be one of the merchant whose key this is, in test mode"
        }
        _ if refused.field.is_some() || reason == "extra_field_sent" => {
            "put it right; --help of this command says what it takes"
        }
        _ if call.method == "GET" => "",
        _ => "look at what it is now before you repeat the call",
    };
    if !hint.is_empty() {
        text += &format!("\n  to do:  {hint}");
    }
    text
}

/// Base64 with padding, for the header with the key.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for at in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_written_in_base64() {
        for (text, encoded) in
            [("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("a:b?", "YTpiPw==")]
        {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn what_is_missing_is_said_before_anything_is_sent() {
        let error = Server::of("http://h", None, Some("s")).unwrap_err();
        assert!(error.contains("VASOOL_KEY_ID") && error.contains("vasool keys show"), "{error}");
        let error = Server::of("http://h", Some("rzp_live_x"), Some("s")).unwrap_err();
        assert!(error.contains("is a live key") && error.contains("--mode test"), "{error}");
        let error = Server::of("h:80", Some("rzp_test_x"), Some("s")).unwrap_err();
        assert!(error.contains("must begin with http://"), "{error}");
    }

    #[test]
    fn refusals_say_field_and_what_to_do() {
        let call = Call::post("/x".to_owned(), json!({}));
        let body = json!({"error": {"description": "The amount field is required.",
            "reason": "input_validation_failed", "field": "amount"}});
        let text = explain(400, &body, &call);
        assert!(text.starts_with("The amount field is required.\n  field:  amount"), "{text}");
        let body =
            json!({"error": {"description": "The requested URL was not found on the server."}});
        assert!(explain(400, &body, &call).contains("--sandbox on"));
        let body = json!({"error": {"description": "The api key provided is invalid"}});
        assert!(explain(401, &body, &call).contains("check --key and --secret"));
        assert!(explain(404, &json!({}), &call).contains("does not look like a vasool server"));
    }
}
