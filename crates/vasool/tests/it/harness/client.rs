//! A plain HTTP client that shows everything of an answer.

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, Request};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Calls with one key.
#[derive(Clone)]
pub struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    pub base: String,
    pub key_id: String,
    pub key_secret: String,
    headers: Vec<(String, String)>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.bytes))
    }

    /// The body of a 200.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The `error` object of a refusal with this status.
    #[track_caller]
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()["error"].clone()
    }

    /// Checks status 400 and the text, a trailing full stop aside.
    #[track_caller]
    pub fn refused(&self, text: &str) -> Value {
        let error = self.error(400);
        let description = error["description"].as_str().expect("a description");
        assert_eq!(description.trim_end_matches('.'), text.trim_end_matches('.'));
        error
    }
}

impl Client {
    pub fn new(base: &str, key_id: &str, key_secret: &str) -> Client {
        Client {
            http: hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http(),
            base: base.to_owned(),
            key_id: key_id.to_owned(),
            key_secret: key_secret.to_owned(),
            headers: vec![],
        }
    }

    /// The same key at another server.
    pub fn at(self, base: &str) -> Client {
        Client { base: base.to_owned(), ..self }
    }

    /// The same key with one more header on every call.
    pub fn with_header(&self, name: &str, value: &str) -> Client {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Bytes::new()).await
    }

    /// A person's browser: no key.
    pub async fn send_plain(&self, path: &str) -> Answer {
        self.send_as(Method::GET, path, None, None, Bytes::new()).await
    }

    pub async fn form(&self, path: &str, body: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(Method::POST, path, Some(kind), Bytes::from(body.to_owned())).await
    }

    async fn json(&self, method: Method, path: &str, body: Value) -> Answer {
        self.send(method, path, Some("application/json"), Bytes::from(body.to_string())).await
    }

    /// Any call: method, path, content type, body.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Bytes,
    ) -> Answer {
        let credentials = format!("{}:{}", self.key_id, self.key_secret);
        let authorization = format!("Basic {}", base64(credentials.as_bytes()));
        self.send_as(method, path, Some(&authorization), content_type, body).await
    }

    /// Any call with any `Authorization` header, or none.
    pub async fn send_as(
        &self,
        method: Method,
        path: &str,
        authorization: Option<&str>,
        content_type: Option<&str>,
        body: Bytes,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).expect("a request");
        self.answer(request).await.expect("an answer")
    }

    /// A POST to a server that may go away: `None` when there was no whole answer.
    pub async fn try_post(&self, path: &str, body: Value) -> Option<Answer> {
        let credentials = format!("{}:{}", self.key_id, self.key_secret);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Basic {}", base64(credentials.as_bytes())))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.to_string())));
        self.answer(request.expect("a request")).await
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Option<Answer> {
        let response = self.http.request(request).await.ok()?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, bytes })
    }
}

/// Standard base64.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let six = (bits >> (18 - 6 * at)) as usize & 63;
            out.push(if at <= chunk.len() { char::from(ALPHABET[six]) } else { '=' });
        }
    }
    out
}
