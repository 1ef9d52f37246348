//! One batch: rows, decisions, answers.

use tokio::sync::oneshot;
use vasool_core::apply::{apply, probe};
use vasool_core::command::{Reply, Submission};
use vasool_core::id::Seed;
use vasool_core::working_set::{Changes, Key, Stop, WorkingSet};
use vasool_store::{Session, StoreResult};

use super::{Job, Refusal};
use crate::clock::Clock;

/// Rounds of loading for one command. A rule that asks for more rows than this is wrong.
const LOAD_ROUNDS_MAX: usize = 32;

/// Hands each command its place in time and in the order of ids.
#[derive(Debug)]
pub struct Sequence {
    clock: Clock,
    last: Option<Seed>,
}

impl Sequence {
    pub fn new(clock: Clock) -> Sequence {
        Sequence { clock, last: None }
    }

    /// A command as it looks before its rows are locked: good enough to say which rows it needs.
    fn draft(&self, job: &Job) -> (Submission, u64) {
        let (real, noise) = (self.clock.now(), self.clock.noise());
        let seed = Seed::first(real.0, noise);
        (Submission { command: job.command.clone(), real, seed }, noise)
    }

    /// Its place in time, once the rows are there: of two batches that wait for each other, also in
    /// two processes, the later one gets the greater ids. The noise stays, and with it every random
    /// digit for which rows were loaded.
    fn place(&mut self, draft: &mut Submission, noise: u64) {
        let real = self.clock.now();
        let seed = match self.last {
            Some(last) => last.next(real.0, noise),
            None => Seed::first(real.0, noise),
        };
        self.last = Some(seed);
        (draft.real, draft.seed) = (real, seed);
    }
}

/// A command that was decided, with the answer it gets once the batch is saved.
struct Decided {
    job: Job,
    reply: Result<Reply, Refusal>,
}

/// A batch between its first command and its save.
#[derive(Default)]
pub struct OpenBatch {
    set: WorkingSet,
    decided: Vec<Decided>,
}

impl OpenBatch {
    /// A batch that runs on top of one that is being saved.
    pub fn on_top_of(changes: Option<&Changes>) -> OpenBatch {
        let mut set = WorkingSet::default();
        if let Some(changes) = changes {
            set.overlay(changes);
        }
        OpenBatch { set, decided: vec![] }
    }

    pub fn len(&self) -> usize {
        self.decided.len()
    }

    pub fn is_empty(&self) -> bool {
        self.decided.is_empty()
    }

    /// Decides commands in order. On `Err` the batch is spoilt; its jobs and the given ones come
    /// back from [`OpenBatch::into_jobs`].
    pub async fn add(
        &mut self,
        jobs: Vec<Job>,
        session: &mut Session,
        sequence: &std::sync::Mutex<Sequence>,
    ) -> Result<(), (vasool_store::StoreError, Vec<Job>)> {
        let (mut submissions, noises): (Vec<Submission>, Vec<u64>) = {
            let sequence = sequence.lock().expect("no holder panics");
            jobs.iter().map(|job| sequence.draft(job)).unzip()
        };
        if let Err(error) = self.load_all(&submissions, session).await {
            return Err((error, jobs));
        }
        {
            let mut sequence = sequence.lock().expect("no holder panics");
            for (submission, noise) in submissions.iter_mut().zip(noises) {
                sequence.place(submission, noise);
            }
        }
        let mut jobs = jobs.into_iter();
        for submission in &submissions {
            let reply = match self.decide(submission, session).await {
                Ok(reply) => reply,
                Err(error) => return Err((error, jobs.collect())),
            };
            if let Some(job) = jobs.next() {
                self.decided.push(Decided { job, reply });
            }
        }
        Ok(())
    }

    /// Loads what the commands are known to need, then what a look at them shows.
    async fn load_all(
        &mut self,
        submissions: &[Submission],
        session: &mut Session,
    ) -> StoreResult<()> {
        let mut keys: Vec<Key> = submissions.iter().flat_map(Submission::keys).collect();
        let mut probed: Vec<&Submission> =
            submissions.iter().filter(|submission| submission.is_worth_probing()).collect();
        for _ in 0..LOAD_ROUNDS_MAX {
            self.load(keys, session).await?;
            keys = vec![];
            probed.retain(|submission| match probe(&mut self.set, submission) {
                Some(key) => {
                    keys.push(key);
                    true
                }
                None => false,
            });
            if keys.is_empty() {
                break;
            }
        }
        Ok(())
    }

    async fn load(&mut self, mut keys: Vec<Key>, session: &mut Session) -> StoreResult<()> {
        keys.retain(|key| !self.set.holds(key));
        keys.sort_unstable();
        keys.dedup();
        if !keys.is_empty() {
            let set = std::mem::take(&mut self.set);
            self.set = session.load(keys, set).await?;
        }
        Ok(())
    }

    async fn decide(
        &mut self,
        submission: &Submission,
        session: &mut Session,
    ) -> StoreResult<Result<Reply, Refusal>> {
        for _ in 0..LOAD_ROUNDS_MAX {
            match apply(&mut self.set, submission) {
                Ok(reply) => return Ok(Ok(reply)),
                Err(Stop::Rejected(rejection)) => return Ok(Err(Refusal::Rejected(rejection))),
                Err(Stop::Missing(key)) => self.load(vec![key], session).await?,
            }
        }
        tracing::error!("a command keeps asking for more rows");
        Ok(Err(Refusal::Unavailable))
    }

    /// The changes to save, and who waits for them.
    pub fn close(self) -> (Changes, Waiting) {
        (self.set.into_changes(), Waiting { decided: self.decided })
    }

    /// Gives the commands back, to be decided again.
    pub fn into_jobs(self) -> Vec<Job> {
        self.decided.into_iter().map(|decided| decided.job).collect()
    }
}

/// The callers of a closed batch.
pub struct Waiting {
    decided: Vec<Decided>,
}

impl Waiting {
    /// The batch is durable: everyone gets the answer that was decided.
    pub fn answer(self) {
        for decided in self.decided {
            send(decided.job.answer, decided.reply);
        }
    }

    /// The batch is lost: everyone is refused.
    pub fn refuse(self, refusal: impl Fn() -> Refusal) {
        for decided in self.decided {
            send(decided.job.answer, Err(refusal()));
        }
    }

    /// Gives the commands back, to be decided again.
    pub fn into_jobs(self) -> Vec<Job> {
        self.decided.into_iter().map(|decided| decided.job).collect()
    }
}

/// Answers a caller; one that went away does not need it.
pub fn send(answer: oneshot::Sender<Result<Reply, Refusal>>, reply: Result<Reply, Refusal>) {
    let _ = answer.send(reply);
}
