//! A webhook receiver that keeps what it got and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use vasool::dispatch::signature::sign;

/// How long a test waits for a delivery that must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A delivery as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
    pub event_id: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn event(&self) -> String {
        self.json()["event"].as_str().expect("a name").to_owned()
    }

    pub fn signature(&self) -> Option<&str> {
        self.headers.get("x-razorpay-signature").map(|value| value.to_str().expect("ASCII"))
    }

    /// Whether it is signed with this secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        self.signature() == Some(sign(secret, &self.body).as_str())
    }
}

/// How the next calls are answered: status, after a wait.
type Script = VecDeque<(u16, Duration)>;

#[derive(Clone, Default)]
struct Shared {
    received: Arc<Mutex<Vec<Received>>>,
    script: Arc<Mutex<Script>>,
    /// What an empty script answers.
    always: Arc<Mutex<Option<(u16, Duration)>>>,
    /// The `Location` of every answer.
    location: Arc<Mutex<Option<String>>>,
}

/// A receiver on a port of its own.
pub struct Receiver {
    pub url: String,
    shared: Shared,
    server: tokio::task::JoinHandle<()>,
    seen: Mutex<usize>,
}

impl Receiver {
    pub async fn start() -> Receiver {
        let shared = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let router = Router::new().route("/hook", post(take)).with_state(shared.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a receiver");
        });
        Receiver { url, shared, server, seen: Mutex::new(0) }
    }

    /// Answers the next calls with these statuses.
    pub fn then(&self, statuses: &[u16]) {
        let mut script = self.shared.script.lock().expect("unpoisoned");
        script.extend(statuses.iter().map(|status| (*status, Duration::ZERO)));
    }

    /// Answers the next call after a wait.
    pub fn then_slowly(&self, status: u16, wait: Duration) {
        self.shared.script.lock().expect("unpoisoned").push_back((status, wait));
    }

    /// Answers every call without a script with this status.
    pub fn always(&self, status: u16) {
        *self.shared.always.lock().expect("unpoisoned") = Some((status, Duration::ZERO));
    }

    /// Answers every call without a script with this status, after a wait.
    pub fn always_slowly(&self, status: u16, wait: Duration) {
        *self.shared.always.lock().expect("unpoisoned") = Some((status, wait));
    }

    /// Names another place in every answer.
    pub fn redirect_to(&self, url: &str) {
        *self.shared.location.lock().expect("unpoisoned") = Some(url.to_owned());
    }

    /// Everything so far.
    pub fn all(&self) -> Vec<Received> {
        self.shared.received.lock().expect("unpoisoned").clone()
    }

    /// The next delivery, in order of arrival.
    pub async fn next(&self) -> Received {
        let at = {
            let mut seen = self.seen.lock().expect("unpoisoned");
            *seen += 1;
            *seen - 1
        };
        self.until(at + 1).await;
        self.all()[at].clone()
    }

    /// The next delivery of this event, leaving out others.
    pub async fn next_of(&self, event: &str) -> Received {
        loop {
            let next = self.next().await;
            if next.event() == event {
                return next;
            }
        }
    }

    /// Waits until so many deliveries arrived.
    pub async fn until(&self, count: usize) -> Vec<Received> {
        let waiting = async {
            while self.all().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let events: Vec<String> = self.all().iter().map(Received::event).collect();
            panic!("waited for {count} deliveries, got {events:?}");
        }
        self.all()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    // A gateway is sent something else than events.
    let event_id = headers.get("x-razorpay-event-id");
    let event_id = event_id.map_or("", |id| id.to_str().expect("ASCII")).to_owned();
    shared.received.lock().expect("unpoisoned").push(Received { headers, body, event_id });
    let scripted = shared.script.lock().expect("unpoisoned").pop_front();
    let always = *shared.always.lock().expect("unpoisoned");
    let (status, wait) = scripted.or(always).unwrap_or((200, Duration::ZERO));
    tokio::time::sleep(wait).await;
    let mut response = StatusCode::from_u16(status).expect("a status").into_response();
    if let Some(location) = shared.location.lock().expect("unpoisoned").as_ref() {
        response.headers_mut().insert("location", location.parse().expect("a header"));
    }
    response
}
