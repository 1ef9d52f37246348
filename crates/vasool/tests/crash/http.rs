//! A small HTTP client that tells a lost answer from a refusal: one connection, one call at a time.

use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[path = "../it/harness/client.rs"]
#[allow(dead_code, reason = "the client that shows everything of an answer is not needed here")]
mod client;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(12);

/// Calls with one key.
pub struct Client {
    address: String,
    credentials: String,
    stream: Option<TcpStream>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Value,
}

impl Answer {
    /// The body of a 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Client {
    pub fn new(address: &str, key: &(String, String)) -> Client {
        let credentials = client::base64(format!("{}:{}", key.0, key.1).as_bytes());
        Client { address: address.to_owned(), credentials, stream: None }
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.call("GET", path, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Result<Answer> {
        self.call("POST", path, Some(body)).await
    }

    /// `POST /v1/batches` with a CSV file.
    pub async fn upload(&mut self, kind: &str, file: &str) -> Result<Answer> {
        let head = "Content-Disposition: form-data; name=";
        let body = format!(
            "--seam\r\n{head}\"type\"\r\n\r\n{kind}\r\n\
             --seam\r\n{head}\"file\"; filename=\"f.csv\"\r\n\r\n{file}\r\n--seam--\r\n"
        );
        self.send("POST", "/v1/batches", "multipart/form-data; boundary=seam", body).await
    }

    /// Any call with JSON. An error says that nobody knows what came of it.
    pub async fn call(&mut self, method: &str, path: &str, body: Option<Value>) -> Result<Answer> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, path, "application/json", body).await
    }

    async fn send(&mut self, method: &str, path: &str, kind: &str, body: String) -> Result<Answer> {
        let exchange = self.exchange(method, path, kind, body);
        let called = tokio::time::timeout(PATIENCE, exchange).await;
        let answer = called.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
    ) -> Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address).await?,
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Basic {}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            self.credentials,
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut seen = vec![];
        let (head, rest) = loop {
            if let Some(at) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
                break (String::from_utf8_lossy(&seen[..at]).into_owned(), seen.split_off(at + 4));
            }
            read_more(&mut stream, &mut seen).await?;
        };
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
        let mut answer =
            Answer { status: status.ok_or(ErrorKind::InvalidData)?, head, body: Value::Null };
        let length = answer.header("content-length").and_then(|text| text.parse().ok());
        let length: usize = length.ok_or(ErrorKind::InvalidData)?;
        let mut bytes = rest;
        while bytes.len() < length {
            read_more(&mut stream, &mut bytes).await?;
        }
        answer.body = serde_json::from_slice(&bytes).map_err(Error::from)?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

async fn read_more(stream: &mut TcpStream, into: &mut Vec<u8>) -> Result<()> {
    match stream.read_buf(into).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
