//! A webhook receiver that is as bad as real ones, and what must arrive there all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::dice::Dice;
use crate::load::Shared;
use crate::process::Server;

/// How long everything that is due may take to arrive.
const PATIENCE: Duration = Duration::from_secs(25);
/// Longer than the server waits for an answer in these tests.
const HANG: Duration = Duration::from_millis(2_000);
/// Long enough for a busy machine: an attempt that was given up before it got through would count
/// as the first one, and let the next event go before it.
const TIMEOUT_MS: i64 = 1_500;

#[derive(Clone)]
struct Inbox {
    /// Event id, its name, the payment or account it is about, the account's total if it says so.
    arrived: Arc<Mutex<Vec<Arrival>>>,
    dice: Arc<Mutex<Dice>>,
    calm: Arc<AtomicBool>,
}

/// A webhook call.
#[derive(Clone, Debug)]
struct Arrival {
    event: String,
    name: String,
    about: String,
    total: Option<i64>,
}

/// A receiver on a port of its own.
pub struct Receiver {
    url: String,
    inbox: Inbox,
    server: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// One that answers 200, 500 or not in time, at random.
    pub async fn start(dice: &mut Dice) -> Receiver {
        let inbox = Inbox {
            arrived: Arc::default(),
            dice: Arc::new(Mutex::new(dice.split())),
            calm: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let router = Router::new().route("/hook", post(take)).with_state(inbox.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a receiver");
        });
        Receiver { url, inbox, server }
    }

    /// Subscribes to everything, with short waits between tries.
    pub async fn subscribe(&self, server: &Server) {
        let mut client = server.client();
        let settings = json!({"webhook_time_scale": 0.001, "webhook_timeout_ms": TIMEOUT_MS});
        let path = "/v1/sandbox/settings";
        client.call("PATCH", path, Some(settings)).await.expect("an answer").ok();
        let events = [
            "payment.authorized",
            "payment.captured",
            "payment.failed",
            "order.paid",
            "refund.created",
            "virtual_account.created",
            "virtual_account.credited",
            "virtual_account.closed",
        ];
        let body = json!({"url": self.url, "secret": "whsec_test", "events": events});
        client.post("/v1/webhooks", body).await.expect("an answer").ok();
    }

    /// Answers 200 from now on, and waits for everything that the payments and accounts promise.
    pub async fn assert_told(&self, memory: &Shared, payments: &BTreeMap<String, (usize, bool)>) {
        self.assert_arrived(wanted(memory, payments)).await;
        self.assert_ordered(memory, payments);
    }

    /// Answers 200 from now on, and waits for these events: their names, and what they are about.
    pub async fn assert_arrived(&self, mut missing: BTreeSet<(String, String)>) {
        self.inbox.calm.store(true, Ordering::SeqCst);
        let start = Instant::now();
        while !missing.is_empty() && start.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(50)).await;
            for arrival in self.arrived() {
                missing.remove(&(arrival.name, arrival.about));
            }
        }
        let some: Vec<_> = missing.iter().take(5).collect();
        assert!(missing.is_empty(), "{} events never arrived: {some:?}", missing.len());
    }

    /// First arrivals about one account come in the order in which things happened to it.
    fn assert_ordered(&self, memory: &Shared, payments: &BTreeMap<String, (usize, bool)>) {
        let accounts: BTreeMap<String, usize> = {
            let memory = memory.lock();
            let ids = memory.accounts.iter().enumerate();
            ids.map(|(at, account)| (account.id.clone(), at)).collect()
        };
        let mut seen = BTreeSet::new();
        let mut last: BTreeMap<usize, Arrival> = BTreeMap::new();
        let mut totals: BTreeMap<usize, i64> = BTreeMap::new();
        for arrival in self.arrived() {
            let account = accounts.get(&arrival.about).copied();
            let account = account.or(payments.get(&arrival.about).map(|(account, _)| *account));
            // An account whose creation was not acknowledged is nobody's.
            let Some(account) = account else { continue };
            if !seen.insert(arrival.event.clone()) {
                continue;
            }
            if let Some(total) = arrival.total {
                let before = totals.insert(account, total).unwrap_or(0);
                assert!(before < total, "{arrival:?} after a total of {before}");
            }
            if let Some(before) = last.insert(account, arrival.clone()) {
                assert!(before.event < arrival.event, "{arrival:?} after {before:?}");
            }
        }
    }

    fn arrived(&self) -> Vec<Arrival> {
        self.inbox.arrived.lock().expect("unpoisoned").clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Names and subjects of all events that must arrive.
fn wanted(
    memory: &Shared,
    payments: &BTreeMap<String, (usize, bool)>,
) -> BTreeSet<(String, String)> {
    let mut wanted = BTreeSet::new();
    let mut want = |name: &str, about: &str| {
        wanted.insert((name.to_owned(), about.to_owned()));
    };
    for (payment, (_, captured)) in payments {
        want("payment.authorized", payment);
        if *captured {
            want("payment.captured", payment);
            want("virtual_account.credited", payment);
        } else {
            want("refund.created", payment);
        }
    }
    for account in &memory.lock().accounts {
        want("virtual_account.created", &account.id);
        if account.closed {
            want("virtual_account.closed", &account.id);
        }
    }
    wanted
}

fn read(headers: &HeaderMap, body: &Bytes) -> Arrival {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let payload = &body["payload"];
    let account = &payload["virtual_account"]["entity"];
    let about = payload["payment"]["entity"]["id"].as_str().or(account["id"].as_str());
    let name = body["event"].as_str().expect("a name");
    let credited = name == "virtual_account.credited";
    Arrival {
        event: headers["x-razorpay-event-id"].to_str().expect("ASCII").to_owned(),
        name: name.to_owned(),
        about: about.expect("an id").to_owned(),
        total: account["amount_paid"].as_i64().filter(|_| credited),
    }
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    inbox.arrived.lock().expect("unpoisoned").push(read(&headers, &body));
    let mood = inbox.dice.lock().expect("unpoisoned").below(60);
    match mood {
        _ if inbox.calm.load(Ordering::SeqCst) => StatusCode::OK,
        0 => {
            tokio::time::sleep(HANG).await;
            StatusCode::OK
        }
        1..15 => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
    }
}
