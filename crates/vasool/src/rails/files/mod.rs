//! NACH by files in a directory that the sponsor bank and we share. Source: rails 5.3 to 5.7, 8.4.
//!
//! What waits in a queue goes into a file once: rows are put into it, it is sealed, written under a
//! name that nobody takes, its digest is stored, and it gets its name. Each step is durable before the
//! next, so a process may die between any two. What the bank sends is checked whole before the first
//! item of it is applied; what cannot be read, or speaks of what was never sent, is put aside with a
//! reason and an alert. Answers are commands like those of any rail, heard once however often they
//! come.

mod answers;
mod debits;
mod decisions;
pub mod directory;
mod making;
mod mandates;
mod settings;
mod taking;

use std::sync::Arc;
use std::time::Duration;

use vasool_core::failure::NachFailure;
use vasool_core::filing::FileTimes;
use vasool_core::instruction::InstructionKey;
use vasool_core::paper_nach::NachAnswer;
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;
use vasool_store::rail_files::Filed;
use vasool_store::{Store, StoreError, StoreResult};

pub use settings::FileBank;

use self::directory::Directory;
use super::{Answers, NachOrder, NachRail, NachWish, Status};
use crate::clock::Clock;
use crate::engine::Engine;
use crate::tasks::Tasks;

/// How often queues and the directory are looked at.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// How long after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// How long a process has a connector to itself without saying so again, milliseconds of real time.
const LEASE_MS: i64 = 10_000;
/// When the status of something is asked for again that is being decided, milliseconds.
const SOON_MS: i64 = 60_000;

/// Why files could not be made or taken now.
#[derive(Debug)]
pub enum FileError {
    /// The database.
    Store(StoreError),
    /// The directory.
    Io(std::io::Error),
    /// A file cannot be made of its rows.
    Make(String),
    /// The engine takes no commands now.
    Busy(String),
    /// Another process took over.
    LeaseLost,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FileError::Store(error) => write!(f, "{error}"),
            FileError::Io(error) => write!(f, "{error}"),
            FileError::Make(why) => write!(f, "a file cannot be made: {why}"),
            FileError::Busy(why) => write!(f, "an answer could not be recorded: {why}"),
            FileError::LeaseLost => f.write_str("another process has taken over"),
        }
    }
}

impl std::error::Error for FileError {}

impl From<StoreError> for FileError {
    fn from(error: StoreError) -> FileError {
        FileError::Store(error)
    }
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> FileError {
        FileError::Io(error)
    }
}

/// What work on files comes to.
type FileResult<T> = Result<T, FileError>;

/// A sponsor bank that takes files; clones share it.
#[derive(Clone)]
pub struct FileRail {
    parts: Arc<Parts>,
}

struct Parts {
    bank: FileBank,
    directory: Directory,
    store: Store,
    engine: Engine,
    clock: Clock,
    /// One look at a time within this process.
    working: tokio::sync::Mutex<()>,
}

impl FileRail {
    /// A rail over a directory, whose folders are made if they are missing.
    pub fn open(
        bank: FileBank,
        store: Store,
        engine: Engine,
        clock: Clock,
    ) -> std::io::Result<FileRail> {
        let directory = Directory::open(&bank.directory)?;
        let working = tokio::sync::Mutex::default();
        Ok(FileRail { parts: Arc::new(Parts { bank, directory, store, engine, clock, working }) })
    }

    /// What the operator said about the bank.
    pub fn bank(&self) -> &FileBank {
        &self.parts.bank
    }

    /// Runs until the server stops, then leaves the directory to others.
    pub async fn run(self, tasks: Tasks) {
        tokio::select! {
            () = tasks.stopped() => {}
            () = self.work_on() => {}
        }
        let (name, holder) = (self.lease(), self.parts.engine.holder());
        if let Err(error) = self.parts.store.release_lease(&name, holder).await {
            // It runs out by itself.
            tracing::info!(%error, "a lease could not be released");
        }
    }

    async fn work_on(&self) {
        loop {
            let rest = match self.work().await {
                Ok(_) => SWEEP_EVERY,
                Err(FileError::LeaseLost) => SWEEP_EVERY,
                Err(error) => {
                    let connector = &self.parts.bank.name;
                    tracing::warn!(%error, connector, "files of a rail must wait");
                    RETRY_AFTER
                }
            };
            tokio::time::sleep(rest).await;
        }
    }

    /// Takes what the bank sent, and makes every file that is due. True when anything moved.
    pub async fn work(&self) -> FileResult<bool> {
        let _one_at_a_time = self.parts.working.lock().await;
        self.keep_lease().await?;
        let moved = self.take_files().await?;
        Ok(moved | self.make_files().await?)
    }

    fn lease(&self) -> String {
        format!("rail {}", self.parts.bank.name)
    }

    /// Says that this process goes on.
    async fn keep_lease(&self) -> FileResult<()> {
        let now = self.parts.clock.now();
        let holder = self.parts.engine.holder();
        match self.parts.store.take_lease(&self.lease(), holder, now, LEASE_MS).await? {
            true => Ok(()),
            false => Err(FileError::LeaseLost),
        }
    }

    /// The now of a lane; `None` where its sandbox was reset.
    async fn now_of(&self, lane: Lane) -> StoreResult<Option<Millis>> {
        let real = self.parts.clock.now();
        if !lane.is_test() {
            return Ok(Some(real));
        }
        let tenant = self.parts.store.tenant(ScopeId(lane.0)).await?;
        Ok(tenant.filter(|tenant| !tenant.retired).map(|tenant| tenant.now(real)))
    }

    /// What became of something whose answer is given up now.
    async fn status_of(&self, order: &NachOrder) -> StoreResult<Vec<NachAnswer>> {
        let (key, number) = (order.instruction.key, order.instruction.number);
        let pending = |again_in_ms| vec![NachAnswer::Pending { again_in_ms: Some(again_in_ms) }];
        let (wish, failure) = match key {
            InstructionKey::Register(_) => (NachWish::Registration, NachFailure::NoAnswer),
            InstructionKey::Present(_) => (NachWish::Debit, NachFailure::DebitTimedOut),
            _ => (NachWish::Withdrawal, NachFailure::NoAnswer),
        };
        let silent = match wish {
            // Whether it has ended is for the bank to say.
            NachWish::Withdrawal => NachAnswer::Unknown { why: "no answer to a file".to_owned() },
            NachWish::Registration | NachWish::Debit => NachAnswer::Refused(failure),
        };
        let Some(filed) = self.parts.store.filing(key, number).await? else {
            return Ok(vec![NachAnswer::Unknown { why: "it waits for no file".to_owned() }]);
        };
        match filed {
            Filed::Waiting if wish == NachWish::Withdrawal => Ok(vec![silent]),
            // Out of the queue it can get into no file any more, so it is safe to give it up.
            Filed::Waiting => match self.parts.store.drop_filing(key, number).await? {
                true => Ok(vec![silent]),
                false => Ok(pending(SOON_MS)),
            },
            Filed::Dropped => Ok(vec![silent]),
            Filed::InFile { made } => {
                // A file that was made late has its full term all the same.
                let now = order.tenant.now(self.parts.clock.now());
                let rest = self.parts.bank.give_up(wish, made).0 - now.0;
                if rest > 0 { Ok(pending(rest)) } else { Ok(vec![silent]) }
            }
        }
    }

    async fn answer(&self, order: &NachOrder) -> Vec<NachAnswer> {
        match self.status_of(order).await {
            Ok(answers) => answers,
            Err(error) => vec![NachAnswer::Unknown { why: error.to_string() }],
        }
    }
}

impl NachRail for FileRail {
    fn file_times(&self, wish: NachWish, now: Millis) -> Option<FileTimes> {
        Some(self.parts.bank.file_times(wish, now))
    }

    fn tell<'a>(&'a self, order: &'a NachOrder) -> Answers<'a, NachAnswer> {
        Box::pin(self.answer(order))
    }

    fn status<'a>(&'a self, order: &'a NachOrder) -> Status<'a, NachAnswer> {
        Box::pin(async { Some(self.answer(order).await) })
    }
}
