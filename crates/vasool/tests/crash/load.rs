//! Load from several connections, which remembers what was promised.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;

use crate::dice::Dice;
use crate::http::Client;
use crate::process::Server;

/// Connections of one load.
const WORKERS: usize = 4;
/// Accounts that stay open, so that there is always something to pay into.
const OPEN_MIN: usize = 6;
const AMOUNT_MAX: u64 = 1_000_000;

/// A virtual account whose creation was acknowledged.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: String,
    pub number: String,
    /// Somebody asked to close it.
    pub closing: bool,
    /// And it was acknowledged.
    pub closed: bool,
}

/// A transfer that was sent.
#[derive(Clone, Debug)]
pub struct Credit {
    pub utr: String,
    /// Position in [`Memory::accounts`].
    pub account: usize,
    pub amount: i64,
    /// What it became, once that was acknowledged.
    pub payment: Option<String>,
    /// Whether the account got it, not only that it came.
    pub credited: bool,
}

/// What a careful merchant remembers.
#[derive(Debug, Default)]
pub struct Memory {
    pub accounts: Vec<Account>,
    pub credits: Vec<Credit>,
    /// Money that came to one of these accounts, and was answered as if it had come to none.
    pub lost: Vec<String>,
    /// Answers that were neither 200 nor lost: status and how many.
    pub refused: Vec<u16>,
}

/// The same memory in many hands.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Memory>>);

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().expect("no holder panics")
    }

    /// How many transfers were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.lock().credits.iter().filter(|credit| credit.payment.is_some()).count()
    }

    /// Waits until so many more were acknowledged.
    pub async fn grow(&self, more: usize) {
        let goal = self.acknowledged() + more;
        let growing = async {
            while self.acknowledged() < goal {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let grown = tokio::time::timeout(Duration::from_secs(15), growing).await;
        assert!(grown.is_ok(), "{} of {goal} credits", self.acknowledged());
    }
}

/// A load that runs until it is stopped or its server is gone.
pub struct Load {
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn start(server: &Server, memory: &Shared, dice: &mut Dice) -> Load {
        let stop: Arc<AtomicBool> = Arc::default();
        let work = |_| {
            let (client, memory) = (server.client(), memory.clone());
            tokio::spawn(worker(client, memory, dice.split(), stop.clone()))
        };
        let workers = (0..WORKERS).map(work).collect();
        Load { stop, workers }
    }

    /// Waits for the workers; the server is gone, or they are told to stop.
    pub async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        for worker in self.workers {
            worker.await.expect("a worker");
        }
    }
}

async fn worker(mut client: Client, memory: Shared, mut dice: Dice, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        let done = match dice.below(20) {
            0 => open(&mut client, &memory).await,
            1 => close(&mut client, &memory, &mut dice).await,
            _ => pay(&mut client, &memory, &mut dice).await,
        };
        if done.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(8))).await;
    }
}

/// Opens an account.
pub async fn open(client: &mut Client, memory: &Shared) -> std::io::Result<()> {
    let body = json!({"receivers": {"types": ["bank_account"]}});
    let answer = client.post("/v1/virtual_accounts", body).await?;
    let mut memory = memory.lock();
    if answer.status != 200 {
        memory.refused.push(answer.status);
        return Ok(());
    }
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    memory.accounts.push(Account {
        id: text(&answer.body["id"]),
        number: text(&answer.body["receivers"][0]["account_number"]),
        closing: false,
        closed: false,
    });
    Ok(())
}

async fn close(client: &mut Client, memory: &Shared, dice: &mut Dice) -> std::io::Result<()> {
    let chosen = {
        let mut memory = memory.lock();
        let open = memory.accounts.iter().filter(|account| !account.closing).count();
        let at = dice.below(memory.accounts.len() as u64) as usize;
        if open <= OPEN_MIN || memory.accounts[at].closing {
            return Ok(());
        }
        memory.accounts[at].closing = true;
        (at, memory.accounts[at].id.clone())
    };
    let answer =
        client.post(&format!("/v1/virtual_accounts/{}/close", chosen.1), json!({})).await?;
    let mut memory = memory.lock();
    match answer.status {
        200 => memory.accounts[chosen.0].closed = true,
        other => memory.refused.push(other),
    }
    Ok(())
}

async fn pay(client: &mut Client, memory: &Shared, dice: &mut Dice) -> std::io::Result<()> {
    let at = {
        let mut memory = memory.lock();
        let account = dice.below(memory.accounts.len() as u64) as usize;
        let at = memory.credits.len();
        memory.credits.push(Credit {
            utr: format!("CRASH{at:08}"),
            account,
            amount: 100 + dice.below(AMOUNT_MAX) as i64,
            payment: None,
            credited: false,
        });
        at
    };
    send(client, memory, at).await
}

/// Sends a transfer, for the first time or again.
pub async fn send(client: &mut Client, memory: &Shared, at: usize) -> std::io::Result<()> {
    let body = {
        let memory = memory.lock();
        let credit = &memory.credits[at];
        let number = &memory.accounts[credit.account].number;
        json!({"account_number": number, "amount": credit.amount, "utr": credit.utr})
    };
    let answer = client.post("/v1/sandbox/bank_transfers", body).await?;
    let mut memory = memory.lock();
    if answer.status != 200 {
        memory.refused.push(answer.status);
        return Ok(());
    }
    let Some(payment) = answer.body["payment_id"].as_str() else {
        let account = memory.accounts[memory.credits[at].account].clone();
        memory.lost.push(format!("{} for {account:?}", answer.body));
        return Ok(());
    };
    memory.credits[at].credited = answer.body["result"] == "credited";
    memory.credits[at].payment = Some(payment.to_owned());
    Ok(())
}
