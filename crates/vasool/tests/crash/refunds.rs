//! A refund is ordered and paid once, whenever the server dies between the two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::http::Client;
use crate::place::Place;
use crate::process::{Server, audit};

const KILLS: usize = 4;
const WORKERS: usize = 3;
/// Enough for more refunds than any machine orders here.
const PAID: i64 = 20_000_000;
const AMOUNT: i64 = 100;

/// Receipts that were sent, and the refunds they became, once that was acknowledged.
type Memory = Arc<Mutex<BTreeMap<String, Option<String>>>>;

/// Orders refunds until the server is gone.
async fn work(mut client: Client, payment: String, memory: Memory, name: String) {
    for number in 0.. {
        let receipt = format!("{name}-{number}");
        memory.lock().expect("unpoisoned").insert(receipt.clone(), None);
        if order(&mut client, &payment, &memory, &receipt).await.is_err() {
            return;
        }
    }
}

/// Orders a refund, for the first time or again: the receipt keeps it from being ordered twice.
async fn order(
    client: &mut Client,
    payment: &str,
    memory: &Memory,
    receipt: &str,
) -> std::io::Result<()> {
    let body = json!({"amount": AMOUNT, "receipt": receipt});
    let answer = client.post(&format!("/v1/payments/{payment}/refund"), body).await?;
    if answer.status == 200 {
        let id = answer.body["id"].as_str().map(str::to_owned);
        memory.lock().expect("unpoisoned").insert(receipt.to_owned(), id);
    } else {
        let text = answer.body["error"]["description"].as_str().unwrap_or_default();
        assert!(text.starts_with("Duplicate receipt"), "{}", answer.body);
    }
    Ok(())
}

/// All refunds of the payment, by receipt.
async fn refunds(client: &mut Client, payment: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    loop {
        let path = format!("/v1/payments/{payment}/refunds?count=100&skip={}", found.len());
        let page = client.get(&path).await.expect("an answer").ok();
        let items = page["items"].as_array().expect("a list").clone();
        let full = items.len() == 100;
        for item in items {
            let receipt = item["receipt"].as_str().expect("a receipt").to_owned();
            assert!(found.insert(receipt, item).is_none(), "a receipt is used once");
        }
        if !full {
            return found;
        }
    }
}

/// What banks were told to pay and have not confirmed.
fn pending(place: &Place) -> i64 {
    let audit = audit(place);
    let balances = audit["balances"].as_object().expect("balances");
    balances.get("refunds:pending").and_then(Value::as_i64).unwrap_or(0)
}

async fn kills(place: Place, mut dice: Dice) {
    let memory = Memory::default();
    let mut server = Server::start(&place);
    let mut client = server.client();
    let body = json!({"receivers": {"types": ["bank_account"]}});
    let account = client.post("/v1/virtual_accounts", body).await.expect("an answer").ok();
    let number = account["receivers"][0]["account_number"].clone();
    let body = json!({"account_number": number, "amount": PAID});
    let paid = client.post("/v1/sandbox/bank_transfers", body).await.expect("an answer").ok();
    let payment = paid["payment_id"].as_str().expect("a payment").to_owned();
    for round in 0..KILLS {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (client, payment) = (server.client(), payment.clone());
                tokio::spawn(work(client, payment, memory.clone(), format!("R{round}-{worker}")))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(50 + dice.below(250))).await;
        server.kill();
        for worker in workers {
            worker.await.expect("a worker");
        }
        place.end_leases().await;
        server = Server::start(&place);
        client = server.client();
        audit(&place);
        let sent: Vec<_> = memory.lock().expect("unpoisoned").clone().into_iter().collect();
        for (receipt, _) in sent.iter().filter(|(_, refund)| refund.is_none()) {
            order(&mut client, &payment, &memory, receipt).await.expect("an answer");
        }
    }
    let found = refunds(&mut client, &payment).await;
    let sent = memory.lock().expect("unpoisoned").clone();
    assert!(found.keys().eq(sent.keys()), "every receipt became one refund");
    for (receipt, refund) in &sent {
        assert!(refund.as_deref().is_none_or(|id| found[receipt]["id"] == id), "{receipt}");
    }
    assert!(sent.len() > KILLS * WORKERS, "there was a load");
    let payment = client.get(&format!("/v1/payments/{payment}")).await.expect("an answer").ok();
    assert_eq!(payment["amount_refunded"], found.len() as i64 * AMOUNT);
    // Nothing that was ordered is left lying, and nothing was paid twice: the audit would say so.
    for _ in 0..100 {
        if pending(&place) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} paise are still on their way", pending(&place));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_orders_and_pays_a_refund_once() {
    kills(Place::sqlite(), Dice::new("refunds on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_orders_and_pays_a_refund_once() {
    let Some(place) = Place::postgres().await else { return };
    kills(place, Dice::new("refunds on PostgreSQL")).await;
}
