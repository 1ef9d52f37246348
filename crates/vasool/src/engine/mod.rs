//! The engine: the only code that writes.
//!
//! Commands wait in a bounded queue. A batch takes what is there, without an artificial delay,
//! loads the rows they need, lets the core decide each in order, and saves everything in one
//! durable transaction; only then are the callers answered. A full queue is an answer, not a
//! longer queue.

mod batch;
mod pipeline;
pub mod timer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use vasool_core::command::{Command, Reply, ScopedCommand};
use vasool_core::rejection::Rejection;
use vasool_core::scope::ScopeId;
use vasool_store::Store;

use crate::clock::Clock;
use crate::tasks::Tasks;

/// Commands waiting for a batch. Beyond it callers get 503 at once: they would wait longer than
/// the ten seconds a client does.
pub const QUEUE_MAX: usize = 4_096;
/// Commands per batch. Bounds the working set and the time one caller waits for another.
pub const BATCH_COMMANDS_MAX: usize = 256;
/// How long what a process writes down for a rail, or takes up, stays in its hands, real
/// milliseconds: longer than an answer and its report can take. After it others take it up.
pub const IN_HAND_MS: i64 = 20_000;
/// How long a caller waits for its answer, well under the ten seconds of the strictest SDK.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// Why a command got no reply.
#[derive(Debug)]
pub enum Refusal {
    /// The rules say no.
    Rejected(Rejection),
    /// Too many commands are waiting.
    Overloaded,
    /// The database cannot be written now; nothing was done.
    Unavailable,
    /// Nobody knows whether it was done: ask, or send it again where that is safe.
    UnknownOutcome,
}

/// A waiting command.
struct Job {
    command: Command,
    answer: oneshot::Sender<Result<Reply, Refusal>>,
}

/// Takes commands and answers them once they are durable.
#[derive(Clone)]
pub struct Engine {
    queue: mpsc::Sender<Job>,
    committed: Arc<Notify>,
    holder: Arc<str>,
}

impl Engine {
    /// Starts the engine's tasks.
    pub fn start(store: Store, clock: Clock, tasks: &Tasks) -> Engine {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let committed = Arc::new(Notify::new());
        let holder: Arc<str> = format!("{:016x}", clock.noise()).into();
        let pipeline = pipeline::Pipeline::new(store, clock, committed.clone(), holder.clone());
        pipeline.start(waiting, tasks);
        Engine { queue, committed, holder }
    }

    /// Does a command. Returns once it is durable, or refused.
    pub async fn submit(&self, command: Command) -> Result<Reply, Refusal> {
        let (answer, wait) = oneshot::channel();
        self.queue.try_send(Job { command, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Overloaded,
            mpsc::error::TrySendError::Closed(_) => Refusal::Unavailable,
        })?;
        match tokio::time::timeout(ANSWER_TIMEOUT, wait).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(Refusal::UnknownOutcome),
        }
    }

    /// Does a command about one merchant in one mode.
    pub async fn submit_for(
        &self,
        scope: ScopeId,
        command: ScopedCommand,
    ) -> Result<Reply, Refusal> {
        self.submit(Command::Scoped(scope, command)).await
    }

    /// Does commands in the given order, waiting for room in the queue.
    pub async fn submit_in_order(&self, commands: Vec<Command>) -> Vec<Result<Reply, Refusal>> {
        let mut waits = Vec::with_capacity(commands.len());
        for command in commands {
            let (answer, wait) = oneshot::channel();
            // A failed send drops the sender, which the wait below reports.
            let _ = self.queue.send(Job { command, answer }).await;
            waits.push(wait);
        }
        let mut results = Vec::with_capacity(waits.len());
        for wait in waits {
            results.push(wait.await.unwrap_or(Err(Refusal::UnknownOutcome)));
        }
        results
    }

    /// Tells what is in the hands of this process from what is in those of others.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Woken after every commit that stored deliveries.
    pub fn committed(&self) -> Arc<Notify> {
        self.committed.clone()
    }

    /// How many commands are waiting.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }
}
