//! A server of a few lines for the tests of the load generator.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, LocalSet, spawn_local};

use crate::http::Target;

/// Answers each request, numbered from 0, with a status and a body.
type Reply = dyn Fn(u64, &str) -> (u16, String);

/// Runs until dropped with the runtime of the test.
pub struct TestServer {
    address: String,
    seen: Rc<Seen>,
    listening: AbortHandle,
}

#[derive(Default)]
struct Seen {
    count: Cell<u64>,
    heads: RefCell<Vec<String>>,
    bodies: RefCell<Vec<String>>,
}

impl TestServer {
    /// A "status" that closes the connection without an answer.
    pub const HANG_UP: u16 = 0;
    /// A "status" that never answers.
    pub const SILENCE: u16 = 1;

    pub async fn start(reply: impl Fn(u64, &str) -> (u16, String) + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Rc::new(Seen::default());
        let reply: Rc<Reply> = Rc::new(reply);
        let task = {
            let seen = Rc::clone(&seen);
            spawn_local(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    spawn_local(serve(stream, Rc::clone(&seen), Rc::clone(&reply)));
                }
            })
        };
        Self { address, seen, listening: task.abort_handle() }
    }

    pub fn target(&self) -> Target {
        Target::new(&self.address, Some(("key", "secret"))).unwrap()
    }

    pub fn heads(&self) -> Vec<String> {
        self.seen.heads.borrow().clone()
    }

    pub fn bodies(&self) -> Vec<String> {
        self.seen.bodies.borrow().clone()
    }

    pub fn stop(&self) {
        self.listening.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: Rc<Seen>, reply: Rc<Reply>) {
    let mut bytes = Vec::new();
    loop {
        let (head, length) = loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                let length = head
                    .split_once("Content-Length: ")
                    .map_or(0, |(_, rest)| rest.split("\r\n").next().unwrap().parse().unwrap());
                if rest.len() >= length {
                    break (format!("{head}\r\n\r\n"), length);
                }
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let end = head.len() + length;
        let body = String::from_utf8(bytes[head.len()..end].to_vec()).unwrap();
        bytes.drain(..end);

        let number = seen.count.replace(seen.count.get() + 1);
        let (status, answer) = reply(number, &body);
        seen.heads.borrow_mut().push(head);
        seen.bodies.borrow_mut().push(body);
        match status {
            TestServer::HANG_UP => return,
            TestServer::SILENCE => std::future::pending().await,
            _ => {}
        }
        // Every fifth answer comes in two pieces, every seventh closes.
        let close = number % 7 == 6;
        let connection = if close { "close" } else { "keep-alive" };
        let text = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: {connection}\r\n\r\n{answer}",
            answer.len()
        );
        let middle = if number % 5 == 4 { text.len() / 2 } else { text.len() };
        for piece in [&text[..middle], &text[middle..]] {
            if stream.write_all(piece.as_bytes()).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        if close {
            return;
        }
    }
}

/// Runs a test the way the program runs: on one thread.
pub fn in_runtime(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}
