//! As much of HTTP/1.1 as a load generator needs: one request, one answer with a
//! Content-Length, the connection kept.

use std::io::{self, ErrorKind, Write as _};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest head and longest body taken from a server, in bytes.
const HEAD_MAX: usize = 64 * 1024;
const BODY_MAX: usize = 16 * 1024 * 1024;

/// A server, and the headers that go with every request.
pub struct Target {
    address: String,
    headers: String,
}

impl Target {
    /// `url`: `http://host:port`. `credentials`: key id and secret.
    pub fn new(url: &str, credentials: Option<(&str, &str)>) -> Result<Self, String> {
        let authority = url
            .strip_prefix("http://")
            .map(|rest| rest.trim_end_matches('/'))
            .filter(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']))
            .ok_or_else(|| format!("`{url}` is not of the form http://host:port"))?;
        let has_port =
            authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        let mut headers = format!("Host: {authority}\r\nUser-Agent: vasool-bench\r\n");
        if let Some((id, secret)) = credentials {
            let encoded = base64(format!("{id}:{secret}").as_bytes());
            headers.push_str(&format!("Authorization: Basic {encoded}\r\n"));
        }
        Ok(Self { address, headers })
    }

    /// Writes a GET into `out`.
    pub fn get(&self, path: &str, out: &mut Vec<u8>) {
        write!(out, "GET {path} HTTP/1.1\r\n{}\r\n", self.headers).expect("memory");
    }

    /// Writes a POST of JSON into `out`.
    pub fn post(&self, path: &str, json: &str, out: &mut Vec<u8>) {
        write!(
            out,
            "POST {path} HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
            self.headers,
            json.len()
        )
        .expect("memory");
    }

    pub async fn connect(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(8 * 1024), answered: 0, closing: false })
    }
}

/// An open connection and the bytes read from it.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Length of the last answer, at the front of `buffer`.
    answered: usize,
    closing: bool,
}

/// What came back.
#[derive(Debug)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Connection {
    /// Has the server announced that it will close this connection?
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    /// Sends a whole request and reads its answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.drain(..self.answered);
        self.answered = 0;
        let head = loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(bad("the head of the answer does not end"));
            }
            self.read_more().await?;
        };
        let end = head.length + head.body;
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        self.answered = end;
        self.closing = head.close;
        Ok(Answer { status: head.status, body: &self.buffer[head.length..end] })
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// Status line and headers of an answer.
struct Head {
    status: u16,
    /// Bytes of the head, with the empty line.
    length: usize,
    /// Bytes of the body.
    body: usize,
    close: bool,
}

impl Head {
    /// `None` while the head is not complete.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| bad("the head is not text"))?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1.1 "))
            .and_then(|line| line.get(..3))
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| bad("not an HTTP/1.1 answer"))?;
        let mut body = None;
        let mut close = false;
        for line in lines {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if name.eq_ignore_ascii_case("content-length") {
                let length: usize =
                    value.trim().parse().map_err(|_| bad("the Content-Length is not a number"))?;
                body = Some(length);
            } else if name.eq_ignore_ascii_case("connection") {
                close = value.trim().eq_ignore_ascii_case("close");
            }
        }
        let body = match (body, status) {
            (_, 204 | 304) => 0,
            (Some(length), _) if length <= BODY_MAX => length,
            (Some(_), _) => return Err(bad("the body is too long")),
            (None, _) => return Err(bad("an answer without Content-Length")),
        };
        Ok(Some(Self { status, length: end + 4, body, close }))
    }
}

fn bad(message: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let group = three
            .iter()
            .enumerate()
            .fold(0u32, |group, (place, byte)| group | u32::from(*byte) << (16 - 8 * place));
        for digit in 0..4 {
            if digit <= three.len() {
                let value = (group >> (18 - 6 * digit)) & 63;
                text.push(char::from(DIGITS[value as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_standard_vectors() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn urls_must_name_a_host_and_nothing_else() {
        for good in ["http://127.0.0.1:8080", "http://localhost/", "http://[::1]:80"] {
            assert!(Target::new(good, None).is_ok(), "{good}");
        }
        for bad in ["127.0.0.1:8080", "https://x", "http://", "http://x/v1", "http://a@b"] {
            assert!(Target::new(bad, None).is_err(), "{bad}");
        }
    }

    #[test]
    fn heads_may_come_in_pieces() {
        let text = b"HTTP/1.1 400 Bad Request\r\ncontent-LENGTH: 12\r\nConnection: Close\r\n\r\n";
        for length in 0..text.len() {
            assert!(Head::parse(&text[..length]).unwrap().is_none());
        }
        let head = Head::parse(text).unwrap().unwrap();
        assert_eq!((head.status, head.length, head.body), (400, text.len(), 12));
        assert!(head.close);
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(Head::parse(b"SSH-2.0-x\r\n\r\n").is_err());
    }
}
