//! Asks rails to do what instructions say, and reports what they answer. Source: rails 8.3,
//! sandbox 4.
//!
//! What must be done is a row, written with the change that causes it. The request that wrote it may
//! tell the rail at once; a debit is born in the hands of its process, all else is leased first.
//! Whoever finds the row later asks for the status first, because a process may have died between the rail's ear and ours,
//! and tells the rail only when it does not know the reference.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::instruction::{BankAnswer, Instruction, InstructionKey, InstructionState};
use vasool_core::refunds::RefundCommand;
use vasool_core::reserve_pay::{MandateCommand, RailAnswer};
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use super::asking::{First, Order};
use super::hands::{Hands, Taken, WRITTEN_MAX};
use super::{Rails, UpiOrder};
use crate::clock::{Clock, Stopwatch};
use crate::engine::{Engine, IN_HAND_MS};

/// How often due rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// Rails asked at the same time; what they say is reported in order of due time.
const AT_ONCE_MAX: i64 = 16;
/// How long a request waits for its own instruction; the worker goes on behind it.
const REQUEST_WAIT: Duration = WRITTEN_MAX;
/// How often a request looks whether another process has asked.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The loop over instructions; clones share it.
#[derive(Clone)]
pub struct RailWorker {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    engine: Engine,
    clock: Clock,
    rails: Rails,
    hands: Hands,
}

/// What a rail said about one instruction, which stays taken until that is reported.
struct Heard<'a> {
    scope: ScopeId,
    reports: Vec<ScopedCommand>,
    taken: Taken<'a>,
}

impl RailWorker {
    /// A loop over the instructions of a store.
    pub fn new(store: Store, engine: Engine, clock: Clock, rails: Rails) -> RailWorker {
        let parts = Parts { store, engine, clock, rails, hands: Hands::default() };
        RailWorker { parts: Arc::new(parts) }
    }

    /// The connectors.
    pub fn rails(&self) -> &Rails {
        &self.parts.rails
    }

    /// Runs until dropped.
    pub async fn run(self) {
        let mut fresh = BTreeSet::new();
        loop {
            if let Err(error) = self.sweep(&mut fresh).await {
                tracing::warn!(%error, "instructions could not be read");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Asks about everything that is due, but leaves what nobody has asked about yet to the request
    /// that wrote it until the next look. `fresh`: what was left so at the last one.
    async fn sweep(&self, fresh: &mut BTreeSet<InstructionKey>) -> StoreResult<()> {
        let before = std::mem::take(fresh);
        let mut leave = |row: &Instruction| {
            let is_new = row.asked == 0 && !before.contains(&row.key);
            if is_new {
                fresh.insert(row.key);
            }
            is_new
        };
        for (lane, now) in self.parts.store.instruction_lanes_due(self.parts.clock.now()).await? {
            self.ask_due_but(lane, now, &mut leave).await?;
        }
        Ok(())
    }

    /// Asks about everything that is due in every lane.
    pub async fn ask_all_due(&self) -> StoreResult<()> {
        let lanes = self.parts.store.instruction_lanes_due(self.parts.clock.now()).await?;
        for (lane, now) in lanes {
            self.ask_due(lane, now).await?;
        }
        Ok(())
    }

    /// Asks about everything due in one lane at its now, in order of due time; what an answer makes
    /// due by then is asked about too. On a test clock a timer that was due earlier fires first:
    /// then what comes after it is left for the next look. Source: sandbox 5.
    ///
    /// True when anything was answered.
    pub async fn ask_due(&self, lane: Lane, now: Millis) -> StoreResult<bool> {
        self.ask_due_but(lane, now, &mut |_| false).await
    }

    async fn ask_due_but(
        &self,
        lane: Lane,
        now: Millis,
        leave: &mut (impl FnMut(&Instruction) -> bool + Send),
    ) -> StoreResult<bool> {
        let mut moved_at_all = false;
        loop {
            let until = match lane.is_test() {
                true => {
                    let timers = self.parts.store.timers_due(lane, now, 1).await?;
                    timers.first().map_or(now, |timer| timer.due.min(now))
                }
                false => now,
            };
            let mut due = self.parts.store.instructions_due(lane, until, AT_ONCE_MAX).await?;
            due.retain(|row| !leave(row));
            let mut moved = false;
            for heard in join_all(due.iter().map(|row| self.ask(row, First::Perhaps))).await {
                if let Some(heard) = heard? {
                    moved |= self.report(heard).await.is_some();
                }
            }
            if !moved {
                return Ok(moved_at_all);
            }
            moved_at_all = true;
        }
    }

    /// Tells the network what a request that began at `began` has just written, with the rows as it
    /// wrote them; the rest is as in [`RailWorker::ask_now`]. Nobody else has the row in hand: other
    /// processes leave it to this one, and this one leaves it to the request, for as long as it
    /// takes up rows that it wrote so lately. What a developer decides in the sandbox within these
    /// milliseconds goes unseen here; the core then hears the network as one that repeats itself.
    pub async fn tell_now(&self, order: UpiOrder, began: Stopwatch) -> StoreResult<Option<Reply>> {
        let (key, due) = (order.instruction.key, order.instruction.state.due());
        let (Some(due), Some(taken)) = (due, self.parts.hands.take_written(key, began)) else {
            return self.ask_now(key).await;
        };
        let order = Order::Upi(Box::new(order));
        let scope = order.scope();
        let put = order.put(&self.parts.rails, taken.doubt(First::Certainly), due);
        let rest = REQUEST_WAIT.saturating_sub(began.elapsed());
        match tokio::time::timeout(rest, put).await {
            Ok(reports) => Ok(self.report(Heard { scope, reports, taken }).await),
            Err(_) => Ok(None),
        }
    }

    /// Asks about an instruction that this request has just written: what the rail's first answer
    /// came to, or `None` where the worker must go on.
    pub async fn ask_now(&self, key: InstructionKey) -> StoreResult<Option<Reply>> {
        let watch = Stopwatch::start();
        while watch.elapsed() < REQUEST_WAIT {
            let row = self.parts.store.instruction(key).await?;
            let is_untold = |row: &Instruction| {
                row.asked == 0 && matches!(row.state, InstructionState::Ordered { .. })
            };
            let Some(row) = row.filter(is_untold) else { return Ok(None) };
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

    /// Asks the rail, unless somebody else is asking.
    async fn ask(&self, row: &Instruction, first: First) -> StoreResult<Option<Heard<'_>>> {
        let parts = &self.parts;
        let Some(taken) = parts.hands.take(row.key) else { return Ok(None) };
        let (holder, real) = (parts.engine.holder(), parts.clock.now());
        if !parts.store.lease_instruction(row.key, holder, real, IN_HAND_MS).await? {
            return Ok(None);
        }
        let said = self.ask_leased(row, first, &taken).await;
        if !matches!(said, Ok(Some(_))) {
            self.release(row.key).await;
        }
        Ok(said?.map(|(scope, reports)| Heard { scope, reports, taken }))
    }

    async fn ask_leased(
        &self,
        row: &Instruction,
        first: First,
        taken: &Taken<'_>,
    ) -> StoreResult<Option<(ScopeId, Vec<ScopedCommand>)>> {
        let parts = &self.parts;
        // Somebody may have asked between the look at the row and the lease.
        let Some(instruction) = parts.store.instruction(row.key).await? else { return Ok(None) };
        let is_same = (instruction.number, instruction.asked) == (row.number, row.asked);
        let (true, Some(due)) = (is_same, instruction.state.due()) else { return Ok(None) };
        let Some(order) = Order::of(&parts.store, instruction).await? else { return Ok(None) };
        let first = taken.doubt(first);
        let scope = order.scope();
        Ok(Some((scope, order.put(&parts.rails, first, due).await)))
    }

    /// Reports what the rail said; what the first report came to, `None` when that could not be
    /// done: then the row stays due, and the rail is asked for the status again. A late answer that
    /// follows a time-out is reported too, but whoever waits was told before it came.
    async fn report(&self, heard: Heard<'_>) -> Option<Reply> {
        let mut first = None;
        let is_over = heard.reports.iter().any(is_last_word);
        for report in heard.reports {
            match self.parts.engine.submit_for(heard.scope, report).await {
                Ok(reply) => first = first.or(Some(reply)),
                Err(refusal) => {
                    // The lease is kept until it runs out: by then no request that wrote the
                    // instruction still believes that the rail was not asked.
                    tracing::warn!(?refusal, "a rail's answer could not be recorded");
                    return first;
                }
            }
        }
        heard.taken.settle();
        // Nobody takes up what is done, unless the same is asked for once more.
        if !is_over || matches!(heard.taken.key, InstructionKey::Revoke(_)) {
            self.release(heard.taken.key).await;
        }
        first
    }

    async fn release(&self, key: InstructionKey) {
        if let Err(error) =
            self.parts.store.release_instruction(key, self.parts.engine.holder()).await
        {
            // The lease runs out by itself.
            tracing::info!(%error, "a lease could not be released");
        }
    }
}

/// Whether a rail has decided for good.
fn is_last_word(report: &ScopedCommand) -> bool {
    match report {
        ScopedCommand::Mandate(MandateCommand::Report(report)) => {
            matches!(report.answer, RailAnswer::Yes(_) | RailAnswer::No(_))
        }
        ScopedCommand::Refund(RefundCommand::Report(report)) => {
            matches!(report.answer, BankAnswer::Paid { .. } | BankAnswer::Refused { .. })
        }
        _ => false,
    }
}
