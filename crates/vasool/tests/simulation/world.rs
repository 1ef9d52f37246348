//! A server that crashes and a database that fails, as a seed wills.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use vasool::bulk::BulkFiles;
use vasool::clock::{Clock, SimulatedClock};
use vasool::engine::timer::Timers;
use vasool::engine::{Engine, Refusal};
use vasool::rails::Rails;
use vasool::rails::worker::RailWorker;
use vasool::tasks::Tasks;
use vasool_core::command::{Command, MerchantDraft, Reply, ScopedCommand};
use vasool_core::id::{MerchantId, RefundId};
use vasool_core::instruction::InstructionKey;
use vasool_core::refunds::RefundCommand;
use vasool_core::scope::{Mode, ScopeId};
use vasool_core::time::Millis;
use vasool_store::Store;
use vasool_store::memory::{MemoryStore, Mishap, Step};

use crate::auditor::Auditor;
use crate::bank::Bank;
use crate::bulk;
use crate::refunds;
use crate::rng::Rng;
use crate::workload::Workload;

/// Commands submitted at once.
const AT_ONCE_MAX: usize = 12;
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
}

pub struct World {
    rng: Rng,
    memory: MemoryStore,
    calm: Arc<Mutex<bool>>,
    bank: Bank,
    clock: Arc<SimulatedClock>,
    server: Option<Server>,
    merchants: Vec<MerchantId>,
    workload: Workload,
    auditor: Auditor,
    tally: Tally,
}

struct Server {
    engine: Engine,
    timers: Timers,
    rail_worker: RailWorker,
    bulk_files: BulkFiles,
    tasks: Tasks,
}

impl World {
    pub async fn new(seed: u64) -> World {
        let mut rng = Rng::new(seed);
        let calm = Arc::new(Mutex::new(true));
        let memory = MemoryStore::with_script(script(rng.number(), calm.clone()));
        let bank = Bank::new(rng.number(), calm.clone());
        let clock = Arc::new(SimulatedClock::new(START, rng.number()));
        let mut world = World {
            rng,
            memory,
            calm,
            bank,
            clock,
            server: None,
            merchants: vec![],
            workload: Workload::default(),
            auditor: Auditor::default(),
            tally: Tally {
                commands: 0,
                crashes: 0,
                refused: 0,
                unknown: 0,
                payments: 0,
                occurrences: 0,
                refunds: 0,
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
        let (memory, clock) = (self.memory.clone(), self.clock.clone());
        let bank = Arc::new(self.bank.clone());
        self.server.get_or_insert_with(|| {
            let (store, clock) = (Store::Memory(memory), Clock::Simulated(clock));
            let tasks = Tasks::default();
            let engine = Engine::start(store.clone(), clock.clone(), &tasks);
            let timers = Timers::new(store.clone(), engine.clone(), clock.clone());
            let bulk_files = BulkFiles::new(store.clone(), engine.clone(), clock.clone());
            let rails = Rails::default()
                .with_payout(Mode::Test, "sandbox", bank.clone())
                .with_payout(Mode::Live, "sandbox", bank);
            let rail_worker = RailWorker::new(store, engine.clone(), clock, rails);
            Server { engine, timers, rail_worker, bulk_files, tasks }
        })
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
                let engine = engine.clone();
                tokio::spawn(async move {
                    let result = engine.submit_for(scope, command.clone()).await;
                    (scope, command, result)
                })
            })
            .collect();
        drop(engine);
        self.tally.commands += count as u64;
        if self.rng.percent(12) {
            self.crash_soon().await;
        }
        for call in calls {
            let (scope, command, result) = call.await.expect("a call ends");
            match &result {
                Ok(_) => {}
                Err(Refusal::UnknownOutcome) => self.tally.unknown += 1,
                Err(_) => self.tally.refused += 1,
            }
            self.auditor.observe(scope, &command, &result);
            if let (ScopedCommand::Refund(RefundCommand::Create(_)), Ok(Reply::Refund(refund))) =
                (&command, &result)
            {
                self.pay_now(refund.id).await;
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
        if self.rng.percent(30) {
            let bulk_files = self.server().bulk_files.clone();
            let _ = self.within_a_life(bulk_files.move_all_due()).await;
        }
    }

    /// The request that ordered a refund pays it, unless its process dies first or on the way.
    async fn pay_now(&mut self, refund: RefundId) {
        if self.server.is_none() || self.rng.percent(20) {
            return;
        }
        let worker = self.server().rail_worker.clone();
        // An outage leaves it to the worker.
        let _ = self.within_a_life(worker.ask_now(InstructionKey::PayRefund(refund))).await;
    }

    /// Runs something that may be cut off anywhere, as a dying process would.
    async fn within_a_life<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let limit = if self.rng.percent(30) { self.rng.number() % 60 } else { 60_000 };
        tokio::time::timeout(Duration::from_millis(limit), work).await.ok()
    }

    fn command(&mut self) -> (ScopeId, ScopedCommand) {
        let merchant = *self.rng.pick(&self.merchants).expect("two");
        let (rng, workload, clock) = (&mut self.rng, &mut self.workload, &self.clock);
        self.memory.inspect(|data| {
            let row = data.merchant(merchant).expect("a merchant stays");
            let scope = if rng.percent(75) { row.test_scope } else { row.live_scope };
            let real = Clock::Simulated(clock.clone()).now();
            let now = data.tenants[&scope].0.now(real).to_time();
            let mut command = workload.next(rng, data, scope, now);
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
            self.tally.crashes += 1;
        }
    }

    /// No more faults: everything that is due happens.
    pub async fn calm_down(&mut self) {
        *self.calm.lock().expect("unpoisoned") = true;
        self.catch_up().await;
        self.memory.inspect(|data| {
            self.auditor.check_nothing_due(data, self.clock());
            refunds::check_nothing_due(data, self.clock());
            bulk::check_nothing_due(data);
            crate::codes::check_nothing_due(data, self.clock());
        });
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

    pub fn check(&self) {
        self.memory.inspect(|data| {
            self.auditor.check(data);
            refunds::check(data, &self.bank);
            bulk::check(data);
        });
    }

    pub fn tally(&self) -> Tally {
        self.memory.inspect(|data| Tally {
            payments: data.payments.len(),
            occurrences: data.occurrences.len(),
            refunds: data.refunds.len(),
            ..self.tally.clone()
        })
    }
}

/// What goes wrong at each step of the store.
fn script(seed: u64, calm: Arc<Mutex<bool>>) -> impl FnMut(Step) -> Mishap + Send {
    let mut rng = Rng::new(seed);
    move |step| {
        if *calm.lock().expect("unpoisoned") {
            return Mishap::None;
        }
        match (step, rng.below(100)) {
            (_, 0..=24) => Mishap::Slow(rng.number() % 30),
            (Step::Load | Step::BeforeCommit, 25..=27) => Mishap::Gone,
            (Step::AfterCommit, 25..=29) => Mishap::LostReply,
            _ => Mishap::None,
        }
    }
}
