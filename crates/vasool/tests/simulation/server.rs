//! The server of a run: the real engine, timers and workers, on rows that outlive it.

use std::sync::Arc;

use vasool::bulk::BulkFiles;
use vasool::clock::{Clock, SimulatedClock};
use vasool::engine::Engine;
use vasool::engine::timer::Timers;
use vasool::rails::Rails;
use vasool::rails::worker::RailWorker;
use vasool::tasks::Tasks;
use vasool_core::scope::Mode;
use vasool_store::Store;
use vasool_store::memory::MemoryStore;

use crate::bank::Bank;
use crate::clearing::Clearing;
use crate::network::Network;

pub struct Server {
    pub engine: Engine,
    pub timers: Timers,
    pub rail_worker: RailWorker,
    pub bulk_files: BulkFiles,
    pub tasks: Tasks,
}

impl Server {
    pub fn start(
        memory: &MemoryStore,
        clock: &Arc<SimulatedClock>,
        bank: &Bank,
        network: &Network,
        clearing: &Clearing,
    ) -> Server {
        let (store, clock) = (Store::Memory(memory.clone()), Clock::Simulated(clock.clone()));
        let (bank, network) = (Arc::new(bank.clone()), Arc::new(network.clone()));
        let clearing = Arc::new(clearing.clone());
        let tasks = Tasks::default();
        let engine = Engine::start(store.clone(), clock.clone(), &tasks);
        let timers = Timers::new(store.clone(), engine.clone(), clock.clone());
        let rails = Rails::default()
            .with_payout(Mode::Test, "sandbox", bank.clone())
            .with_payout(Mode::Live, "sandbox", bank)
            .with_upi(Mode::Test, "sandbox", network.clone())
            .with_upi(Mode::Live, "sandbox", network)
            .with_nach(Mode::Test, "sandbox", clearing.clone())
            .with_nach(Mode::Live, "sandbox", clearing);
        let own = (store.clone(), engine.clone(), clock.clone());
        let bulk_files = BulkFiles::new(own.0, own.1, own.2, rails.clone(), String::new());
        let rail_worker = RailWorker::new(store, engine.clone(), clock, rails);
        Server { engine, timers, rail_worker, bulk_files, tasks }
    }
}
