//! Requests byte by byte, for what an HTTP library would not send.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Client, base64};

/// A connection on which a test writes its own bytes.
pub struct Raw {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Raw {
    pub async fn connect(base: &str) -> Raw {
        let address = base.strip_prefix("http://").expect("a base");
        Raw { stream: TcpStream::connect(address).await.expect("a connection"), read: vec![] }
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("written");
    }

    /// Waits until the bytes that were read contain this text; returns everything so far.
    pub async fn until(&mut self, text: &str) -> String {
        let reading = async {
            loop {
                let so_far = String::from_utf8_lossy(&self.read).into_owned();
                if so_far.contains(text) {
                    return so_far;
                }
                let mut some = [0; 4096];
                let count = self.stream.read(&mut some).await.expect("bytes");
                assert!(count > 0, "closed before {text:?}: {so_far}");
                self.read.extend_from_slice(&some[..count]);
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(5), reading).await;
        waited.unwrap_or_else(|_| panic!("waited for {text:?}"))
    }
}

impl Client {
    /// The lines of a request head that name host and key.
    pub fn raw_head(&self, line: &str) -> String {
        let credentials = base64(format!("{}:{}", self.key_id, self.key_secret).as_bytes());
        format!("{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n")
    }
}
