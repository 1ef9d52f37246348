//! Everything a running server is made of, built once from its parts; used by `serve` and tests.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use vasool_core::scope::Mode;
use vasool_store::Store;

use crate::api::file_upload::UPLOADS_AT_ONCE;
use crate::api::keyring::Keyring;
use crate::api::limiter::Limiter;
use crate::bulk::BulkFiles;
use crate::clock::Clock;
use crate::dispatch::Dispatcher;
use crate::engine::timer::Timers;
use crate::engine::{Engine, Refusal};
use crate::messages::{Outbox, Senders};
use crate::observe::Metrics;
use crate::rails::Rails;
use crate::rails::files::{FileBank, FileRail};
use crate::rails::worker::RailWorker;
use crate::sandbox::bank::SandboxBank;
use crate::sandbox::nach::SandboxNach;
use crate::sandbox::network::SandboxNetwork;
use crate::secrets::MasterKey;
use crate::tasks::Tasks;
use crate::web::dashboard::EXPORTS_AT_ONCE;
use crate::web::dashboard::figures::Counted;
use crate::web::session::attempts::Attempts;
use crate::web::session::password::Passwords;
use crate::wire::inbound::CONNECTOR;

/// What an operator decides about a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether `/v1/sandbox` exists.
    pub sandbox: bool,
    /// Whether people can sign in, and `/dashboard` exists.
    pub dashboard: bool,
    /// Base of short URLs, without a trailing slash.
    pub public_url: String,
    /// Sponsor banks that take files.
    pub file_banks: Vec<FileBank>,
    /// How mails and SMS of live mode leave.
    pub senders: Senders,
}

/// A running server; clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of a server.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// All writes.
    pub engine: Engine,
    /// Real time.
    pub clock: Clock,
    /// Opens secrets.
    pub master: MasterKey,
    /// Keys that were seen lately.
    pub keyring: Keyring,
    /// Requests per second and merchant.
    pub limiter: Limiter,
    /// What the clock makes due.
    pub timers: Timers,
    /// Webhooks on their way out.
    pub dispatcher: Dispatcher,
    /// What banks and networks must do.
    pub rail_worker: RailWorker,
    /// Sponsor banks that take files.
    pub file_rails: Vec<FileRail>,
    /// Bulk files whose rows are being done.
    pub bulk_files: BulkFiles,
    /// One uploaded scan or workbook is read at a time, which bounds memory.
    pub uploads: tokio::sync::Mutex<()>,
    /// Places for bulk files on their way, which bounds what they take of the disk.
    pub upload_places: Arc<tokio::sync::Semaphore>,
    /// One refund after the other, where each must be covered by what the merchant is owed.
    pub covered_refunds: tokio::sync::Mutex<()>,
    /// Passwords of operators, a few at a time.
    pub passwords: Passwords,
    /// How many passwords were looked at in this second.
    pub attempts: Attempts,
    /// Places for exports of lists on their way: each reads for long.
    pub exports: Arc<tokio::sync::Semaphore>,
    /// Figures of overviews, counted lately.
    pub figures: Counted,
    /// Whether this process proves the books just now, because somebody asked on a page.
    pub is_auditing: AtomicBool,
    /// Counters.
    pub metrics: Metrics,
    /// Background work.
    pub tasks: Tasks,
    /// The operator's choices.
    pub options: Options,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Starts the engine, the timers, the rails and the dispatcher on the present runtime.
    ///
    /// Errors when the directory of a bank that takes files cannot be used.
    pub fn start(
        store: Store,
        clock: Clock,
        master: MasterKey,
        options: Options,
    ) -> std::io::Result<App> {
        let tasks = Tasks::default();
        let metrics = Metrics::default();
        let engine = Engine::start(store.clone(), clock.clone(), &tasks);
        let timers = Timers::new(store.clone(), engine.clone(), clock.clone());
        let dispatcher = Dispatcher::new(
            store.clone(),
            engine.clone(),
            clock.clone(),
            master.clone(),
            tasks.clone(),
            metrics.clone(),
            options.public_url.clone(),
        );
        let banks = options.file_banks.iter().cloned();
        let open = |bank| FileRail::open(bank, store.clone(), engine.clone(), clock.clone());
        let file_rails: Vec<FileRail> = banks.map(open).collect::<Result<_, _>>()?;
        let bank = Arc::new(SandboxBank::new(engine.clone()));
        let network = Arc::new(SandboxNetwork::new(engine.clone()));
        let mut rails = Rails::default().with_payout(Mode::Test, CONNECTOR, bank).with_upi(
            Mode::Test,
            CONNECTOR,
            network,
        );
        for rail in &file_rails {
            let bank = rail.bank();
            rails = rails.with_nach(bank.mode, &bank.name, Arc::new(rail.clone()));
        }
        // A bank that takes files in test mode takes the sandbox's place.
        if !file_rails.iter().any(|rail| rail.bank().mode == Mode::Test) {
            let nach = Arc::new(SandboxNach::new(engine.clone()));
            rails = rails.with_nach(Mode::Test, CONNECTOR, nach);
        }
        let base = options.public_url.clone();
        let bulk_files =
            BulkFiles::new(store.clone(), engine.clone(), clock.clone(), rails.clone(), base);
        let rail_worker = RailWorker::new(store.clone(), engine.clone(), clock.clone(), rails);
        tasks.spawn_until_stopped(timers.clone().run());
        tasks.spawn_until_stopped(bulk_files.clone().run());
        tasks.spawn_until_stopped(rail_worker.clone().run());
        for rail in &file_rails {
            tasks.spawn(rail.clone().run(tasks.clone()));
        }
        tasks.spawn(dispatcher.clone().run());
        let outbox = Outbox::new(store.clone(), clock.clone(), options.senders.clone());
        tasks.spawn_until_stopped(outbox.run());
        tasks.spawn_until_stopped(purge(store.clone(), bulk_files.clone()));
        Ok(App(Arc::new(Parts {
            keyring: Keyring::new(store.clone(), clock.clone(), master.clone()),
            limiter: Limiter::new(clock.clone()),
            store,
            engine,
            clock,
            master,
            timers,
            dispatcher,
            rail_worker,
            file_rails,
            bulk_files,
            uploads: tokio::sync::Mutex::default(),
            upload_places: Arc::new(tokio::sync::Semaphore::new(UPLOADS_AT_ONCE)),
            covered_refunds: tokio::sync::Mutex::default(),
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            exports: Arc::new(tokio::sync::Semaphore::new(EXPORTS_AT_ONCE)),
            figures: Counted::default(),
            is_auditing: AtomicBool::new(false),
            metrics,
            tasks,
            options,
        })))
    }

    /// Does a command about one merchant in one mode, or says why not as a client sees it.
    pub async fn submit(
        &self,
        scope: vasool_core::scope::ScopeId,
        command: vasool_core::command::ScopedCommand,
    ) -> Result<vasool_core::command::Reply, Refusal> {
        self.engine.submit_for(scope, command).await
    }
}

/// Deletes what resets of the sandbox and uploads that broke off left behind, a little at a time.
async fn purge(store: Store, bulk_files: BulkFiles) {
    const EVERY: std::time::Duration = std::time::Duration::from_secs(5);
    const ROWS: usize = 500;
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = store.purge_retired(ROWS).await {
            tracing::warn!(%error, "rows of a reset sandbox could not be purged");
        }
        if let Err(error) = bulk_files.clean(ROWS).await {
            tracing::warn!(%error, "rows of an upload that broke off could not be purged");
        }
    }
}
