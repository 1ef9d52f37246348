//! A debit that was acknowledged is there once, whenever the server dies: row RP-76.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

use crate::blocks::assert_kept;
use crate::dice::Dice;
use crate::events::Receiver;
use crate::http::{Answer, Client};
use crate::place::Place;
use crate::process::Server;

const KILLS: usize = 6;
const WORKERS: usize = 4;
/// The most a mandate blocks, in paise, and little enough that some are used up.
const BLOCK: i64 = 1_500_000;
const AMOUNT_MAX: u64 = 60_000;
const MANDATES: usize = 5;

/// An approved mandate.
#[derive(Clone, Debug)]
pub struct Mandate {
    pub customer: String,
    pub token: String,
}

/// What a debit was answered as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// With a signature.
    Taken(String),
    /// Refused, with a payment that failed.
    Failed(String),
    /// To be polled.
    Pending(String),
}

/// A debit that was sent, for an order of its own.
#[derive(Clone, Debug)]
pub struct Debit {
    pub order: String,
    /// Position in [`Memory::mandates`].
    pub mandate: usize,
    pub amount: i64,
    /// Whether the order is captured by itself.
    pub captures: bool,
    /// The bank refuses it.
    pub fails: bool,
    /// `None` while nobody knows.
    pub told: Option<Told>,
}

/// What a careful merchant remembers.
#[derive(Debug, Default)]
pub struct Memory {
    pub mandates: Vec<Mandate>,
    pub debits: Vec<Debit>,
}

/// The same memory in many hands.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Memory>>);

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().expect("no holder panics")
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A mandate that the sandbox's payer approves at once.
async fn approved(client: &mut Client) -> Mandate {
    let customer = client.post("/v1/customers", json!({"name": "Meera Iyer"})).await;
    let customer = text(&customer.expect("an answer").ok()["id"]);
    let token = json!({
        "max_amount": BLOCK, "frequency": "as_presented", "type": "single_block_multiple_debit",
    });
    let order = json!({
        "amount": BLOCK, "currency": "INR", "customer_id": customer, "method": "upi", "token": token,
    });
    let order = text(&client.post("/v1/orders", order).await.expect("an answer").ok()["id"]);
    let payment = json!({
        "amount": BLOCK, "currency": "INR", "order_id": order, "customer_id": customer,
        "method": "upi", "recurring": true, "upi": {"flow": "intent"},
        "contact": "9000012345", "email": "meera@example.test",
    });
    let payment = client.post("/v1/payments/create/json", payment).await.expect("an answer").ok();
    let path = format!("/v1/payments/{}", text(&payment["razorpay_payment_id"]));
    let payment = client.get(&path).await.expect("an answer").ok();
    assert_eq!(payment["error_reason"], "upi_dummy_payment", "{payment}");
    Mandate { customer, token: text(&payment["token_id"]) }
}

/// Makes orders and debits mandates for them until the server is gone.
async fn work(mut client: Client, memory: Shared, mut dice: Dice) {
    while debit(&mut client, &memory, &mut dice).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(dice.below(4))).await;
    }
}

async fn debit(client: &mut Client, memory: &Shared, dice: &mut Dice) -> std::io::Result<()> {
    let amount = 100 + dice.below(AMOUNT_MAX) as i64;
    let captures = dice.below(5) > 0;
    let order = json!({"amount": amount, "currency": "INR", "payment_capture": captures});
    // One that was not acknowledged is never paid.
    let order = text(&client.post("/v1/orders", order).await?.ok()["id"]);
    let at = {
        let mut memory = memory.lock();
        let mandate = dice.below(memory.mandates.len() as u64) as usize;
        let fails = dice.below(10) == 0;
        memory.debits.push(Debit { order, mandate, amount, captures, fails, told: None });
        memory.debits.len() - 1
    };
    let answer = send(client, memory, at).await?;
    let told = read(&answer);
    memory.lock().debits[at].told = Some(told.unwrap_or_else(|| panic!("{}", answer.body)));
    Ok(())
}

/// Sends a debit, for the first time or again: its order keeps it from being taken twice.
pub async fn send(client: &mut Client, memory: &Shared, at: usize) -> std::io::Result<Answer> {
    let (debit, mandate) = {
        let memory = memory.lock();
        let debit = memory.debits[at].clone();
        (debit.clone(), memory.mandates[debit.mandate].clone())
    };
    let words = if debit.fails { json!({"sandbox": "fail.insufficient_funds"}) } else { json!({}) };
    let body = json!({
        "amount": debit.amount, "currency": "INR", "order_id": debit.order,
        "customer_id": mandate.customer, "token": mandate.token, "recurring": "1",
        "contact": "9000012345", "email": "meera@example.test", "notes": words,
    });
    client.post("/v1/payments/create/json", body).await
}

/// What an answer promises; `None` where it refuses without a payment.
pub fn read(answer: &Answer) -> Option<Told> {
    let payment = answer.body["razorpay_payment_id"].as_str().map(str::to_owned);
    if answer.status == 200 {
        let is_signed = answer.body["razorpay_signature"].is_string();
        return payment.map(if is_signed { Told::Taken } else { Told::Pending });
    }
    let failed = answer.body["error"]["metadata"]["payment_id"].as_str();
    failed.map(|id| Told::Failed(id.to_owned()))
}

/// Arms a fault of the network for a few debits: nobody knows what became of them.
async fn arm(client: &mut Client, dice: &mut Dice) {
    let kind = ["timeout", "error", "late", "duplicate"][dice.below(4) as usize];
    let body = json!({"target": "upi", "kind": kind, "operation": "debit", "times": 2});
    client.post("/v1/sandbox/faults", body).await.expect("an answer").ok();
}

async fn kills(place: Place, mut dice: Dice) {
    let memory = Shared::default();
    let receiver = Receiver::start(&mut dice).await;
    let mut server = Server::start(&place);
    receiver.subscribe(&server).await;
    let mut client = server.client();
    let settings = json!({"auto": true, "auto_delay": 0});
    client.call("PATCH", "/v1/sandbox/settings", Some(settings)).await.expect("an answer").ok();
    for _ in 0..KILLS {
        // Those of earlier rounds are used up one after the other.
        for _ in 0..MANDATES {
            let mandate = approved(&mut client).await;
            memory.lock().mandates.push(mandate);
        }
        arm(&mut client, &mut dice).await;
        let since = memory.lock().debits.len();
        let work = |_| tokio::spawn(work(server.client(), memory.clone(), dice.split()));
        let workers: Vec<_> = (0..WORKERS).map(work).collect();
        tokio::time::sleep(Duration::from_millis(100 + dice.below(400))).await;
        server.kill();
        for worker in workers {
            worker.await.expect("a worker");
        }
        place.end_leases().await;
        server = Server::start(&place);
        client = server.client();
        assert_kept(&place, &mut client, &memory, since).await;
    }
    let taken = memory
        .lock()
        .debits
        .iter()
        .filter(|debit| matches!(debit.told, Some(Told::Taken(_))))
        .count();
    assert!(taken > KILLS * WORKERS, "there was a load: {taken}");
    let wanted = assert_kept(&place, &mut client, &memory, 0).await;
    receiver.assert_arrived(wanted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rp_76_sqlite_keeps_debits() {
    kills(Place::sqlite(), Dice::new("debits on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rp_76_postgres_keeps_debits() {
    let Some(place) = Place::postgres().await else { return };
    kills(place, Dice::new("debits on PostgreSQL")).await;
}
