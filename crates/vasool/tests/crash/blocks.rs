//! Compares what debits promised with what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::debits::{Debit, Shared, Told, read, send};
use crate::http::Client;
use crate::place::Place;
use crate::process::audit;

/// How long what a dead server left undecided may take to be asked for.
const PATIENCE: Duration = Duration::from_secs(15);
/// The network wants status checks this far apart, seconds of the merchant's clock.
const UPI_GAP: i64 = 91;

async fn payments(client: &mut Client, order: &str) -> Vec<Value> {
    let list = client.get(&format!("/v1/orders/{order}/payments")).await.expect("an answer").ok();
    list["items"].as_array().expect("items").clone()
}

/// Whether the money was taken.
fn is_taken(payment: &Value) -> bool {
    payment["status"] == "captured" || payment["status"] == "authorized"
}

/// Waits until the bank has decided every debit of these orders: the worker asks what became of
/// those that nobody knows about.
async fn assert_resolved(client: &mut Client, debits: &[Debit]) {
    // What timed out is asked for again after a while of the merchant's time.
    let clock = json!({"advance": UPI_GAP});
    client.post("/v1/sandbox/clock", clock).await.expect("an answer").ok();
    let start = Instant::now();
    for debit in debits {
        loop {
            let found = payments(client, &debit.order).await;
            let open = found.iter().filter(|payment| payment["status"] == "created").count();
            if open == 0 {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "still open: {found:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The one payment of a debit that says what its answer promised.
fn assert_promised(debit: &Debit, payments: &[Value]) {
    let find = |id: &str| payments.iter().find(|payment| payment["id"] == id);
    match &debit.told {
        Some(Told::Taken(id)) => {
            let want = if debit.captures { "captured" } else { "authorized" };
            let found = find(id).unwrap_or_else(|| panic!("{debit:?} is gone: {payments:?}"));
            assert_eq!(found["status"], want, "{debit:?}");
            assert_eq!(found["amount"], debit.amount, "{debit:?}");
        }
        Some(Told::Failed(id)) => {
            let found = find(id).unwrap_or_else(|| panic!("{debit:?} is gone: {payments:?}"));
            assert_eq!(found["status"], "failed", "{debit:?}");
        }
        Some(Told::Pending(id)) => assert!(find(id).is_some(), "{debit:?}: {payments:?}"),
        None => assert!(payments.len() <= 1, "{debit:?} was sent once: {payments:?}"),
    }
    let taken = payments.iter().filter(|payment| is_taken(payment)).count();
    assert!(taken <= 1, "an order is paid once: {payments:?}");
}

/// Sends what nobody knows about once more: it was taken already, or is now, or is refused.
async fn send_again(client: &mut Client, memory: &Shared, at: usize) {
    let (before, debit) = {
        let debit = memory.lock().debits[at].clone();
        (payments(client, &debit.order).await, debit)
    };
    let answer = send(client, memory, at).await.expect("an answer");
    let told = match before.iter().find(|payment| is_taken(payment)) {
        Some(taken) => {
            assert_eq!(answer.body["error"]["reason"], "order_already_paid", "{debit:?}");
            Told::Taken(taken["id"].as_str().expect("an id").to_owned())
        }
        None => read(&answer).unwrap_or_else(|| panic!("{debit:?}: {}", answer.body)),
    };
    memory.lock().debits[at].told = Some(told);
}

/// Every debit from `since` on is there once and as it was answered, every order and every block
/// agrees, and the books are clean. Returns what must be told: event and payment.
pub async fn assert_kept(
    place: &Place,
    client: &mut Client,
    memory: &Shared,
    since: usize,
) -> BTreeSet<(String, String)> {
    let debits = memory.lock().debits[since..].to_vec();
    assert_resolved(client, &debits).await;
    for debit in &debits {
        assert_promised(debit, &payments(client, &debit.order).await);
    }
    let unknown = |told: &Option<Told>| matches!(told, None | Some(Told::Pending(_)));
    let places: Vec<usize> = {
        let memory = memory.lock();
        let debits = memory.debits.iter().enumerate().skip(since);
        debits.filter(|(_, debit)| unknown(&debit.told)).map(|(at, _)| at).collect()
    };
    for at in places {
        send_again(client, memory, at).await;
    }
    let resent = memory.lock().debits[since..].to_vec();
    assert_resolved(client, &resent).await;
    let (mandates, debits) = {
        let memory = memory.lock();
        (memory.mandates.clone(), memory.debits.clone())
    };
    let mut sums: BTreeMap<usize, i64> = BTreeMap::new();
    let mut wanted = BTreeSet::new();
    for debit in &debits {
        let found = payments(client, &debit.order).await;
        assert_promised(debit, &found);
        let path = format!("/v1/orders/{}", debit.order);
        let order = client.get(&path).await.expect("an answer").ok();
        let taken = found.iter().find(|payment| is_taken(payment));
        *sums.entry(debit.mandate).or_default() += taken.map_or(0, |_| debit.amount);
        let status = match taken {
            Some(_) if debit.captures => "paid",
            _ => "attempted",
        };
        assert_eq!(order["status"], status, "{debit:?}: {found:?}");
        for payment in &found {
            let names: &[&str] = match payment["status"].as_str() {
                Some("failed") => &["payment.failed"],
                Some("authorized") => &["payment.authorized"],
                _ => &["payment.authorized", "payment.captured", "order.paid"],
            };
            let id = payment["id"].as_str().expect("an id");
            wanted.extend(names.iter().map(|name| ((*name).to_owned(), id.to_owned())));
        }
    }
    for (at, mandate) in mandates.iter().enumerate() {
        let path = format!("/v1/customers/{}/tokens/{}", mandate.customer, mandate.token);
        let token = client.get(&path).await.expect("an answer").ok();
        let details = &token["recurring_details"];
        assert_eq!(details["amount_debited"], sums.get(&at).copied().unwrap_or(0), "{token}");
        assert!(details["amount_debited"].as_i64() <= details["amount_blocked"].as_i64());
    }
    audit(place);
    wanted
}
