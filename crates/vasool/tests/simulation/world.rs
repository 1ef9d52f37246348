//! What happens around a server that crashes, as a seed wills, and what it did.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vasool::clock::{Clock, SimulatedClock, Stopwatch};
use vasool::engine::Refusal;
use vasool::rails::UpiOrder;
use vasool_core::command::{Command, MerchantDraft, Reply, ScopedCommand};
use vasool_core::id::MerchantId;
use vasool_core::instruction::InstructionKey;
use vasool_core::refunds::RefundCommand;
use vasool_core::scope::ScopeId;
use vasool_core::time::Millis;
use vasool_store::Store;
use vasool_store::memory::MemoryStore;

use crate::auditor::{Auditor, told};
use crate::bank::Bank;
use crate::bulk;
use crate::clearing::Clearing;
use crate::mandate_auditor::{self, MandateAuditor};
use crate::mandates;
use crate::mishaps::script;
use crate::network::Network;
use crate::paper;
use crate::paper_auditor::{self, PaperAuditor};
use crate::refunds;
use crate::rng::Rng;
use crate::server::Server;
use crate::workload::Workload;

/// Commands submitted at once.
const AT_ONCE_MAX: usize = 12;
/// How many of the commands are about mandates.
const MANDATES_PERCENT: usize = 30;
/// How many are about mandates on paper.
const PAPER_PERCENT: usize = 25;
/// Turns until nothing is due: more than any run needs.
const TURNS_MAX: usize = 1_000;
const START: Millis = Millis(1_780_000_000_000);

/// What a run did, equal for equal seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub commands: u64,
    pub crashes: u64,
    pub refused: u64,
    pub unknown: u64,
    pub payments: usize,
    pub occurrences: usize,
    pub refunds: usize,
    pub debits: usize,
    pub presented: usize,
    pub seen: BTreeSet<String>,
}

pub struct World {
    rng: Rng,
    memory: MemoryStore,
    calm: Arc<Mutex<bool>>,
    bank: Bank,
    network: Network,
    clearing: Clearing,
    clock: Arc<SimulatedClock>,
    server: Option<Server>,
    merchants: Vec<MerchantId>,
    workload: Workload,
    auditor: Auditor,
    mandates: MandateAuditor,
    paper: PaperAuditor,
    /// Debits that requests have written and are slow to tell, with the time they began.
    slow: Vec<(ScopedCommand, UpiOrder, Stopwatch)>,
    tally: Tally,
}

impl World {
    pub async fn new(seed: u64) -> World {
        let mut rng = Rng::new(seed);
        let calm = Arc::new(Mutex::new(true));
        let memory = MemoryStore::with_script(script(rng.number(), calm.clone()));
        let bank = Bank::new(rng.number(), calm.clone());
        let network = Network::new(rng.number(), calm.clone());
        let clearing = Clearing::new(rng.number(), calm.clone());
        let clock = Arc::new(SimulatedClock::new(START, rng.number()));
        let mut world = World {
            rng,
            memory,
            calm,
            bank,
            network,
            clearing,
            clock,
            server: None,
            merchants: vec![],
            workload: Workload::default(),
            auditor: Auditor::default(),
            mandates: MandateAuditor::default(),
            paper: PaperAuditor::default(),
            slow: vec![],
            tally: Tally {
                commands: 0,
                crashes: 0,
                refused: 0,
                unknown: 0,
                payments: 0,
                occurrences: 0,
                refunds: 0,
                debits: 0,
                presented: 0,
                seen: BTreeSet::new(),
            },
        };
        for name in ["Blue Lotus Traders", "Green Gram Stores"] {
            let draft = MerchantDraft { name: name.to_owned(), parent: None, keys: vec![] };
            let engine = world.server().engine.clone();
            match engine.submit(Command::CreateMerchant(draft)).await {
                Ok(Reply::Merchant(merchant, _)) => world.merchants.push(merchant.id),
                other => panic!("no merchant: {other:?}"),
            }
        }
        *world.calm.lock().expect("unpoisoned") = false;
        world
    }

    /// The running server; a new one after a crash.
    fn server(&mut self) -> &Server {
        let (memory, clock) = (&self.memory, &self.clock);
        let (bank, network, clearing) = (&self.bank, &self.network, &self.clearing);
        self.server.get_or_insert_with(|| Server::start(memory, clock, bank, network, clearing))
    }

    /// A few commands at once, perhaps a crash in the middle, perhaps timers.
    pub async fn round(&mut self) {
        self.clock.advance(self.rng.between(0, 5_000));
        let count = 1 + self.rng.below(AT_ONCE_MAX);
        let commands: Vec<(ScopeId, ScopedCommand)> = (0..count).map(|_| self.command()).collect();
        let engine = self.server().engine.clone();
        let calls: Vec<_> = commands
            .into_iter()
            .map(|(scope, command)| {
                let (engine, began) = (engine.clone(), Stopwatch::start());
                tokio::spawn(async move {
                    let result = engine.submit_for(scope, command.clone()).await;
                    (scope, command, result, began)
                })
            })
            .collect();
        drop(engine);
        self.tally.commands += count as u64;
        if self.rng.percent(12) {
            self.crash_soon().await;
        }
        let mut slow_asks = vec![];
        for call in calls {
            let (scope, command, result, began) = call.await.expect("a call ends");
            match &result {
                Ok(_) => {}
                Err(Refusal::UnknownOutcome) => self.tally.unknown += 1,
                Err(_) => self.tally.refused += 1,
            }
            self.auditor.observe(scope, &command, &result);
            self.mandates.observe(&command, result.as_ref().ok());
            match result {
                Ok(Reply::Debit(rows)) => {
                    let order = UpiOrder::from(*rows);
                    match self.rng.percent(30) && self.server.is_some() {
                        true => self.slow.push((command, order, began)),
                        false => self.tell_now(&command, order, began).await,
                    }
                }
                Ok(reply) => {
                    if let Some(key) = written(&command, &reply) {
                        match self.server.is_some() && self.rng.percent(20) {
                            // The worker may find the instruction before a slow request asks.
                            true => slow_asks.push((command, key)),
                            false => self.ask_now(&command, key).await,
                        }
                    }
                }
                Err(_) => {}
            }
        }
        if self.rng.percent(40) {
            let timers = self.server().timers.clone();
            // An outage leaves the timers due; the next round fires them.
            let _ = timers.fire_all_due().await;
        }
        if self.rng.percent(40) {
            let worker = self.server().rail_worker.clone();
            let _ = self.within_a_life(worker.ask_all_due()).await;
        }
        for (command, key) in slow_asks {
            self.ask_now(&command, key).await;
        }
        if self.rng.percent(30) {
            let bulk_files = self.server().bulk_files.clone();
            let _ = self.within_a_life(bulk_files.move_all_due()).await;
        }
        // By now the worker may have asked.
        for (command, order, began) in std::mem::take(&mut self.slow) {
            self.tell_now(&command, order, began).await;
        }
    }

    /// The request that wrote a debit has the network told of it, unless its process dies first or
    /// on the way.
    async fn tell_now(&mut self, command: &ScopedCommand, order: UpiOrder, began: Stopwatch) {
        if self.server.is_none() || self.rng.percent(20) {
            return;
        }
        let worker = self.server().rail_worker.clone();
        let told = self.within_a_life(worker.tell_now(order, began)).await;
        let reply = told.and_then(Result::ok).flatten();
        self.mandates.observe(command, reply.as_ref());
    }

    /// The request that wrote an instruction asks about it, unless its process dies first or on the
    /// way.
    async fn ask_now(&mut self, command: &ScopedCommand, key: InstructionKey) {
        if self.server.is_none() || self.rng.percent(20) {
            return;
        }
        let worker = self.server().rail_worker.clone();
        // An outage leaves it to the worker.
        let asked = self.within_a_life(worker.ask_now(key)).await;
        let reply = asked.and_then(Result::ok).flatten();
        self.mandates.observe(command, reply.as_ref());
    }

    /// Runs something that may be cut off anywhere, as a dying process would.
    async fn within_a_life<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let limit = if self.rng.percent(30) { self.rng.number() % 60 } else { 60_000 };
        tokio::time::timeout(Duration::from_millis(limit), work).await.ok()
    }

    fn command(&mut self) -> (ScopeId, ScopedCommand) {
        let merchant = *self.rng.pick(&self.merchants).expect("two");
        let (rng, workload, clock) = (&mut self.rng, &mut self.workload, &self.clock);
        let (network, clearing) = (&self.network, &self.clearing);
        self.memory.inspect(|data| {
            let row = data.merchant(merchant).expect("a merchant stays");
            let scope = if rng.percent(75) { row.test_scope } else { row.live_scope };
            let real = Clock::Simulated(clock.clone()).now();
            let now = data.tenants[&scope].0.now(real);
            let mut command = match rng.below(100) {
                die if die < MANDATES_PERCENT => mandates::command(rng, data, network, scope, now),
                die if die < MANDATES_PERCENT + PAPER_PERCENT => {
                    paper::command(rng, data, clearing, scope, now)
                }
                _ => workload.next(rng, data, scope, now.to_time()),
            };
            let test_only =
                matches!(command, ScopedCommand::SetClock(_) | ScopedCommand::ResetSandbox);
            if test_only && scope == row.live_scope {
                command = ScopedCommand::DisarmFaults;
            }
            (scope, command)
        })
    }

    /// Lets the engine run for a moment, then ends it where it stands.
    async fn crash_soon(&mut self) {
        for _ in 0..self.rng.below(12) {
            tokio::task::yield_now().await;
        }
        if self.rng.percent(40) {
            tokio::time::sleep(Duration::from_millis(self.rng.number() % 40)).await;
        }
        if let Some(server) = self.server.take() {
            server.tasks.abort();
            server.tasks.finish(Duration::from_secs(1)).await;
            self.slow.clear();
            self.tally.crashes += 1;
        }
    }

    /// No more faults: everything that is due happens.
    pub async fn calm_down(&mut self) {
        *self.calm.lock().expect("unpoisoned") = true;
        self.catch_up().await;
        self.hear_last_calls().await;
        self.catch_up().await;
        self.memory.inspect(|data| {
            mandate_auditor::check_at_rest(data, &self.network, self.clock());
            paper_auditor::check_at_rest(data, &self.clearing, self.clock());
            self.auditor.check_nothing_due(data, self.clock());
            refunds::check_nothing_due(data, self.clock());
            bulk::check_nothing_due(data);
            crate::codes::check_nothing_due(data, self.clock());
        });
    }

    /// Most of what the network left open it tells in the end.
    async fn hear_last_calls(&mut self) {
        let real = self.clock();
        let calls = self.memory.inspect(|data| {
            let now = |scope| data.tenants[&scope].0.now(real);
            let mut calls = mandates::last_calls(data, &self.network, now);
            calls.extend(paper::last_calls(data, &self.clearing, now));
            calls
        });
        for (scope, report) in calls {
            if self.rng.percent(80) {
                // What was reset hears nothing more.
                let _ = self.server().engine.clone().submit_for(scope, report).await;
            }
        }
    }

    /// Timers and rails let each other go first where the other was due earlier, and what a dead
    /// process had sent may still arrive: so all take turns until nothing is due.
    async fn catch_up(&mut self) {
        let Server { timers, rail_worker, bulk_files, .. } = self.server();
        let (timers, worker, files) = (timers.clone(), rail_worker.clone(), bulk_files.clone());
        let store = Store::Memory(self.memory.clone());
        for _ in 0..TURNS_MAX {
            timers.fire_all_due().await.expect("no outage");
            worker.ask_all_due().await.expect("no outage");
            files.move_all_due().await.expect("no outage");
            let now = self.clock();
            let timers_left = store.timer_lanes_due(now).await.expect("no outage");
            let rails_left = store.instruction_lanes_due(now).await.expect("no outage");
            let files_left = store.bulk_lanes_due(now).await.expect("no outage");
            if timers_left.is_empty() && rails_left.is_empty() && files_left.is_empty() {
                return;
            }
        }
        panic!("something stays due");
    }

    fn clock(&self) -> Millis {
        Clock::Simulated(self.clock.clone()).now()
    }

    pub fn check(&mut self) {
        self.memory.inspect(|data| {
            let told = told(data);
            self.auditor.check(data, &told);
            refunds::check(data, &self.bank);
            self.mandates.check(data, &self.network, &told);
            self.paper.check(data, &self.clearing, &told);
            bulk::check(data);
        });
    }

    /// The server's own audit agrees.
    pub async fn check_books(&self) {
        let audit = Store::Memory(self.memory.clone()).audit().await.expect("no outage");
        assert!(audit.is_clean(), "{:#?}", audit.findings);
    }

    pub fn tally(&self) -> Tally {
        self.memory.inspect(|data| Tally {
            payments: data.payments.len(),
            occurrences: data.occurrences.len(),
            refunds: data.refunds.len(),
            debits: self.network.executed().len(),
            presented: self.clearing.honoured().len(),
            seen: {
                let mut seen = mandate_auditor::seen(data, &self.network);
                seen.extend(paper_auditor::seen(data));
                seen
            },
            ..self.tally.clone()
        })
    }
}

/// The instruction that a request has just written.
fn written(command: &ScopedCommand, reply: &Reply) -> Option<InstructionKey> {
    match (command, reply) {
        (ScopedCommand::Refund(RefundCommand::Create(_)), Reply::Refund(refund)) => {
            Some(InstructionKey::PayRefund(refund.id))
        }
        _ => mandates::written(command, reply),
    }
}
