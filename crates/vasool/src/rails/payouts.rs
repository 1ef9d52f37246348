//! Asks banks to pay refunds out, and reports what they say. Source: rails 8.3, sandbox 4.
//!
//! What must be paid is a row, written with the refund. The request that wrote it may tell the bank
//! to pay at once: nobody else has seen the row yet. Whoever finds the row later asks for the status
//! first, because a process may have died between the bank's ear and ours, and tells the bank to pay
//! only when it does not know the reference.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::RefundId;
use vasool_core::instruction::{BankAnswer, Instruction, InstructionKey};
use vasool_core::refund::Refund;
use vasool_core::refunds::{RefundCommand, Report};
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use super::{PayoutOrder, Rails};
use crate::clock::{Clock, Stopwatch};
use crate::engine::Engine;

/// How often due rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// Banks asked at the same time; what they say is reported in order of due time.
const AT_ONCE_MAX: i64 = 16;
/// How long a bank may take, real time. After it nobody knows.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a row stays reserved for a process that took it up and died, real milliseconds: longer
/// than an answer and its report can take.
const LEASE_MS: i64 = 20_000;
/// How long a request waits for its own payout; the worker goes on behind it.
const REQUEST_WAIT: Duration = Duration::from_secs(2);
/// How often a request looks whether another process has asked.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The loop that pays refunds out; clones share it.
#[derive(Clone)]
pub struct Payouts {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    engine: Engine,
    clock: Clock,
    rails: Rails,
    /// What this process is working on.
    in_flight: Mutex<BTreeSet<InstructionKey>>,
    /// What this process has asked a bank about without recording what it said.
    in_doubt: Mutex<BTreeSet<InstructionKey>>,
    /// Tells this process's leases from those of others.
    holder: String,
}

/// What a bank said about one instruction, which stays taken until that is reported.
struct Heard<'a> {
    scope: ScopeId,
    reports: Vec<Report>,
    taken: Taken<'a>,
}

/// Whether the bank may know of an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    /// It was written by this request a moment ago.
    Certainly,
    /// Somebody may have asked before.
    Perhaps,
}

impl Payouts {
    /// A loop over the instructions of a store.
    pub fn new(store: Store, engine: Engine, clock: Clock, rails: Rails) -> Payouts {
        let holder = format!("{:016x}", clock.noise());
        let (in_flight, in_doubt) = Default::default();
        let parts = Parts { store, engine, clock, rails, in_flight, in_doubt, holder };
        Payouts { parts: Arc::new(parts) }
    }

    /// The connectors.
    pub fn rails(&self) -> &Rails {
        &self.parts.rails
    }

    /// Runs until dropped.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.pay_all_due().await {
                tracing::warn!(%error, "instructions could not be read");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Asks about everything that is due in every lane.
    pub async fn pay_all_due(&self) -> StoreResult<()> {
        let lanes = self.parts.store.instruction_lanes_due(self.parts.clock.now()).await?;
        for (lane, now) in lanes {
            self.pay_due(lane, now).await?;
        }
        Ok(())
    }

    /// Asks about everything due in one lane at its now, in order of due time; what an answer makes
    /// due by then is asked about too. Source: sandbox 5.
    pub async fn pay_due(&self, lane: Lane, now: Millis) -> StoreResult<()> {
        loop {
            let due = self.parts.store.instructions_due(lane, now, AT_ONCE_MAX).await?;
            let mut moved = false;
            for heard in join_all(due.iter().map(|row| self.ask(row, First::Perhaps))).await {
                if let Some(heard) = heard? {
                    moved |= self.report(heard).await.is_some();
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// Pays a refund that this request has just ordered: the refund as the bank's answer left it, or
    /// `None` where the worker must go on.
    pub async fn pay_now(&self, refund: RefundId) -> StoreResult<Option<Arc<Refund>>> {
        let watch = Stopwatch::start();
        while watch.elapsed() < REQUEST_WAIT {
            let key = InstructionKey::PayRefund(refund);
            let row = self.parts.store.instruction(key).await?;
            let Some(row) = row.filter(|row| row.asked == 0) else { return Ok(None) };
            let asked = self.ask(&row, First::Certainly);
            let rest = REQUEST_WAIT.saturating_sub(watch.elapsed());
            match tokio::time::timeout(rest, asked).await {
                Ok(Ok(Some(heard))) => return Ok(self.report(heard).await),
                Ok(Ok(None)) => tokio::time::sleep(LOOK_EVERY).await,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Asks the bank, unless somebody else is asking.
    async fn ask(&self, row: &Instruction, first: First) -> StoreResult<Option<Heard<'_>>> {
        let Some(taken) = Taken::of(&self.parts, row.key) else { return Ok(None) };
        let parts = &self.parts;
        let real = parts.clock.now();
        if !parts.store.lease_instruction(row.key, &parts.holder, real, LEASE_MS).await? {
            return Ok(None);
        }
        let said = self.ask_leased(row, first).await;
        if !matches!(said, Ok(Some(_))) {
            self.release(row.key).await;
        }
        Ok(said?.map(|(scope, reports)| Heard { scope, reports, taken }))
    }

    async fn ask_leased(
        &self,
        row: &Instruction,
        first: First,
    ) -> StoreResult<Option<(ScopeId, Vec<Report>)>> {
        let InstructionKey::PayRefund(refund) = row.key else { return Ok(None) };
        let parts = &self.parts;
        // Somebody may have asked between the look at the row and the lease.
        let Some(instruction) = parts.store.instruction(row.key).await? else { return Ok(None) };
        let (false, Some(due)) = (instruction.asked != row.asked, instruction.state.due()) else {
            return Ok(None);
        };
        let order = parts.store.payout(instruction).await?;
        // What a reset of the sandbox left behind is paid by nobody.
        let Some(order) = order.filter(|order| !order.tenant.retired) else { return Ok(None) };
        // From here until the report is durable, nobody may tell the bank to pay without asking.
        let fresh = parts.in_doubt.lock().expect("no holder panics").insert(row.key);
        let first = if fresh { first } else { First::Perhaps };
        let answers = self.answers(&order, first).await;
        let (scope, payment) = (order.refund.scope, order.refund.payment);
        let report = |answer| Report { refund, payment, at: due, answer };
        Ok(Some((scope, answers.into_iter().map(report).collect())))
    }

    async fn answers(&self, order: &PayoutOrder, first: First) -> Vec<BankAnswer> {
        let mode = order.tenant.scope.mode;
        let unknown = |why: &str| vec![BankAnswer::Unknown { why: why.to_owned() }];
        let Some(bank) = self.parts.rails.payout(mode, &order.refund.connector) else {
            return unknown("no connector pays out");
        };
        let asking = async {
            if first == First::Perhaps
                && let Some(answers) = bank.status(order).await
            {
                return answers;
            }
            bank.pay(order).await
        };
        match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
            Ok(answers) => answers,
            Err(_) => unknown("the bank did not answer in time"),
        }
    }

    /// Reports what the bank said; the refund as the last report left it, `None` when that could not
    /// be done: then the row stays due, and the bank is asked for the status again.
    async fn report(&self, heard: Heard<'_>) -> Option<Arc<Refund>> {
        let mut refund = None;
        for report in heard.reports {
            let command = ScopedCommand::Refund(RefundCommand::Report(report));
            match self.parts.engine.submit_for(heard.scope, command).await {
                Ok(Reply::Refund(row)) => refund = Some(row),
                Ok(_) => {}
                Err(refusal) => {
                    // The lease is kept until it runs out: by then no request that ordered the refund
                    // still believes that the bank was not asked.
                    tracing::warn!(?refusal, "a bank's answer could not be recorded");
                    return refund;
                }
            }
        }
        let key = heard.taken.1;
        self.parts.in_doubt.lock().expect("no holder panics").remove(&key);
        self.release(key).await;
        refund
    }

    async fn release(&self, key: InstructionKey) {
        if let Err(error) = self.parts.store.release_instruction(key, &self.parts.holder).await {
            // The lease runs out by itself.
            tracing::info!(%error, "a lease could not be released");
        }
    }
}

/// An instruction this process is working on, until dropped.
struct Taken<'a>(&'a Parts, InstructionKey);

impl Taken<'_> {
    fn of(parts: &Parts, key: InstructionKey) -> Option<Taken<'_>> {
        let fresh = parts.in_flight.lock().expect("no holder panics").insert(key);
        fresh.then_some(Taken(parts, key))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.in_flight.lock().expect("no holder panics").remove(&self.1);
    }
}
