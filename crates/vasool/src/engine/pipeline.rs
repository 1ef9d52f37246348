//! How batches follow each other.
//!
//! Overlaid (SQLite, memory): while one batch is synced, the next is decided through an overlay of
//! its changes and keeps growing until the disk is free. If the first fails, the next is dropped
//! and decided again. Locked (PostgreSQL): batches run on their own connections and wait for each
//! other's row locks.
//!
//! A batch that conflicts with another writer is decided again in halves with fresh ids. A batch
//! whose outcome is unknown is never repeated: its callers are told so.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, mpsc};
use vasool_store::{Batch, Pipelines, Store, StoreError, StoreResult};

use super::batch::{OpenBatch, Sequence, Waiting, send};
use super::{BATCH_COMMANDS_MAX, IN_HAND_MS, Job, Refusal};
use crate::clock::Clock;
use crate::tasks::Tasks;

/// Times a single command is decided again after conflicts before its caller is refused.
const CONFLICTS_MAX: usize = 8;

/// What all batches share.
#[derive(Clone)]
pub struct Pipeline {
    store: Store,
    clock: Clock,
    sequence: Arc<Mutex<Sequence>>,
    committed: Arc<Notify>,
    holder: Arc<str>,
}

/// Commands to decide again, and how often their batch has conflicted already.
type Redo = VecDeque<(Vec<Job>, usize)>;

/// A batch that is being saved.
struct Saving {
    result: Pin<Box<dyn Future<Output = StoreResult<()>> + Send>>,
    batch: Arc<Batch>,
    waiting: Waiting,
    conflicts: usize,
}

impl Pipeline {
    pub fn new(store: Store, clock: Clock, committed: Arc<Notify>, holder: Arc<str>) -> Pipeline {
        let sequence = Arc::new(Mutex::new(Sequence::new(clock.clone())));
        Pipeline { store, clock, sequence, committed, holder }
    }

    /// Starts as many tasks as the store wants.
    pub fn start(self, waiting: mpsc::Receiver<Job>, tasks: &Tasks) {
        match self.store.pipelines() {
            Pipelines::Overlaid => tasks.spawn(self.run_overlaid(waiting)),
            Pipelines::Locked(lanes) => {
                let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
                for _ in 0..lanes {
                    tasks.spawn(self.clone().run_locked(waiting.clone()));
                }
            }
        }
    }

    async fn run_overlaid(self, mut queue: mpsc::Receiver<Job>) {
        let mut saving: Option<Saving> = None;
        let mut redo = Redo::new();
        loop {
            // Commands that must be decided again go alone, on what is really stored.
            if let Some((jobs, conflicts)) = redo.pop_front() {
                let mut open = OpenBatch::default();
                if let Some(next) = self.decide(&mut open, jobs, &mut redo).await
                    && let Some(failed) = self.save(open, conflicts, next).finish(&self).await
                {
                    redo.put_first(failed);
                }
                continue;
            }
            let overlay = saving.as_ref().map(|saving| &saving.batch.changes);
            let mut open = OpenBatch::on_top_of(overlay);
            let mut session = None;
            let mut closed = false;
            loop {
                let room = BATCH_COMMANDS_MAX - open.len();
                let mut jobs = Vec::new();
                tokio::select! {
                    biased;
                    result = async { saving.as_mut().expect("checked").result.as_mut().await },
                        if saving.is_some() =>
                    {
                        let Some(saved) = saving.take() else { continue };
                        if let Some(failed) = saved.settle(result, &self) {
                            // What was decided on top of a lost batch is decided again.
                            redo.put_first(failed);
                            let jobs = std::mem::take(&mut open).into_jobs();
                            if !jobs.is_empty() {
                                redo.push_back((jobs, 0));
                            }
                            break;
                        }
                        if !open.is_empty() {
                            break;
                        }
                    }
                    taken = queue.recv_many(&mut jobs, room), if room > 0 && !closed => {
                        if taken == 0 {
                            closed = true;
                            if saving.is_none() {
                                return;
                            }
                            continue;
                        }
                        match self.decide(&mut open, jobs, &mut redo).await {
                            Some(next) => session = Some(next),
                            None => break,
                        }
                        if saving.is_none() {
                            break;
                        }
                    }
                    else => return,
                }
            }
            match session {
                Some(session) if !open.is_empty() => {
                    saving = Some(self.save(open, 0, session));
                }
                _ => {
                    if let Some(saved) = saving.take()
                        && let Some(failed) = saved.finish(&self).await
                    {
                        redo.put_first(failed);
                    }
                }
            }
        }
    }

    async fn run_locked(self, queue: Arc<tokio::sync::Mutex<mpsc::Receiver<Job>>>) {
        let mut redo = Redo::new();
        loop {
            let (jobs, conflicts) = match redo.pop_front() {
                Some(again) => again,
                None => {
                    let mut jobs = Vec::new();
                    let taken = queue.lock().await.recv_many(&mut jobs, BATCH_COMMANDS_MAX).await;
                    if taken == 0 {
                        return;
                    }
                    (jobs, 0)
                }
            };
            let mut open = OpenBatch::default();
            if let Some(session) = self.decide(&mut open, jobs, &mut redo).await
                && let Some(failed) = self.save(open, conflicts, session).finish(&self).await
            {
                redo.put_first(failed);
            }
        }
    }

    /// Decides commands into an open batch. `None` when the database cannot be read: the commands
    /// of this call are refused, those decided before are to be decided again.
    async fn decide(
        &self,
        open: &mut OpenBatch,
        jobs: Vec<Job>,
        redo: &mut Redo,
    ) -> Option<vasool_store::Session> {
        let failed = match self.store.begin().await {
            Ok(mut session) => match open.add(jobs, &mut session, &self.sequence).await {
                Ok(()) => return Some(session),
                Err(failed) => failed,
            },
            Err(error) => (error, jobs),
        };
        let (error, jobs) = failed;
        tracing::warn!(%error, commands = jobs.len(), "rows could not be loaded");
        let conflict = matches!(error, StoreError::Conflict(_));
        let before = std::mem::take(open).into_jobs();
        if !before.is_empty() {
            redo.push_back((before, 0));
        }
        if conflict {
            redo.push_back((jobs, 1));
        } else {
            for job in jobs {
                send(job.answer, Err(Refusal::Unavailable));
            }
        }
        None
    }

    fn save(&self, open: OpenBatch, conflicts: usize, session: vasool_store::Session) -> Saving {
        let (changes, waiting) = open.close();
        let now = self.clock.now();
        let id = format!("{:016x}{:016x}", now.0, self.clock.noise());
        let batch = Batch::new(id, changes);
        let batch = Arc::new(batch.in_the_hands_of(&self.holder, now.plus(IN_HAND_MS)));
        let result: Pin<Box<dyn Future<Output = _> + Send>> = if batch.changes.is_empty() {
            Box::pin(async { Ok(()) })
        } else {
            let batch = batch.clone();
            Box::pin(session.save(batch))
        };
        Saving { result, batch, waiting, conflicts }
    }
}

impl Saving {
    async fn finish(mut self, pipeline: &Pipeline) -> Option<Redo> {
        let result = self.result.as_mut().await;
        self.settle(result, pipeline)
    }

    /// Answers the callers, or says what must be decided again.
    fn settle(self, result: StoreResult<()>, pipeline: &Pipeline) -> Option<Redo> {
        match result {
            Ok(()) => {
                if !self.batch.changes.deliveries.is_empty() {
                    pipeline.committed.notify_one();
                }
                self.waiting.answer();
                None
            }
            Err(StoreError::Conflict(text)) => {
                let conflicts = self.conflicts + 1;
                tracing::info!(reason = text, conflicts, "a batch is decided again");
                let mut jobs = self.waiting.into_jobs();
                if jobs.len() == 1 && conflicts > CONFLICTS_MAX {
                    for job in jobs {
                        send(job.answer, Err(Refusal::Unavailable));
                    }
                    return Some(Redo::new());
                }
                let half = jobs.split_off(jobs.len() / 2);
                let halves = [jobs, half].into_iter().filter(|jobs| !jobs.is_empty());
                Some(halves.map(|jobs| (jobs, conflicts)).collect())
            }
            Err(StoreError::UnknownOutcome(text)) => {
                tracing::error!(reason = text, "the outcome of a batch is unknown");
                self.waiting.refuse(|| Refusal::UnknownOutcome);
                Some(Redo::new())
            }
            Err(error) => {
                tracing::error!(%error, "a batch could not be saved");
                self.waiting.refuse(|| Refusal::Unavailable);
                Some(Redo::new())
            }
        }
    }
}

trait PutFirst {
    fn put_first(&mut self, first: Redo);
}

impl PutFirst for Redo {
    fn put_first(&mut self, first: Redo) {
        for entry in first.into_iter().rev() {
            self.push_front(entry);
        }
    }
}
