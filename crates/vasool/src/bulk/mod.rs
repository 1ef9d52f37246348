//! Does the rows of bulk files, a few at a time. Source: smart-collect 5.18, paper-nach 14.
//!
//! `storing` brings a file's rows in and removes what was left half-way; only files that are
//! whole are taken up. What must be done is rows. Every file that is due gets a turn after the
//! other, and in its turn a window of rows behind those that were counted: so a long file holds
//! up neither a short one nor the commands of others. Whoever dies in the middle leaves rows with
//! and without outcomes; the next one does those without.

mod storing;
mod window;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use vasool_core::bulk::{BulkFile, BulkKind, BulkState};
use vasool_core::bulk_rules::BulkCommand;
use vasool_core::command::{Command, Reply, ScopedCommand};
use vasool_core::rejection::Rejection;
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::tenant::Tenant;
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use self::window::{Waiting, Wave, waves};
use crate::clock::{Clock, Stopwatch};
use crate::engine::{Engine, Refusal};
use crate::rails::{NachWish, Rails};
use crate::wire::bulk::{RowContext, above_maximum, refusal};
use crate::wire::error::ApiError;

/// How often due files are looked for; an upload in this process wakes the loop.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// Rows in flight: enough to fill a commit, few enough that other commands share it.
const ROWS_AT_ONCE: i64 = 256;
/// Files of one clock that get their turn after each other.
const FILES_AT_ONCE: i64 = 64;
/// How long a file stays reserved for a process that took it up and died, real milliseconds: longer
/// than a window usually takes. Only speed depends on it: a row has one outcome.
const LEASE_MS: i64 = 5_000;

/// The loop that does the rows of bulk files; clones share it.
#[derive(Clone)]
pub struct BulkFiles {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    engine: Engine,
    clock: Clock,
    rails: Rails,
    /// Base of short URLs.
    base: String,
    /// Woken by uploads.
    uploaded: Notify,
    /// One window at a time in this process.
    window: Mutex<()>,
    /// Tells this process's leases from those of others.
    holder: String,
}

/// Why a window came to no end.
struct Interrupted;

impl BulkFiles {
    /// A loop over the bulk files of a store.
    pub fn new(
        store: Store,
        engine: Engine,
        clock: Clock,
        rails: Rails,
        base: String,
    ) -> BulkFiles {
        let holder = format!("{:016x}", clock.noise());
        let (uploaded, window) = Default::default();
        let parts = Parts { store, engine, clock, rails, base, uploaded, window, holder };
        BulkFiles { parts: Arc::new(parts) }
    }

    /// Tells the loop that there is a new file.
    pub fn wake(&self) {
        self.parts.uploaded.notify_one();
    }

    /// Runs until dropped.
    pub async fn run(self) {
        loop {
            match self.move_all_due().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "bulk files could not be read"),
            }
            let _ = tokio::time::timeout(SWEEP_EVERY, self.parts.uploaded.notified()).await;
        }
    }

    /// A turn for every file that is due in any lane; whether one of them moved on.
    pub async fn move_all_due(&self) -> StoreResult<bool> {
        let mut moved = false;
        for (lane, now) in self.parts.store.bulk_lanes_due(self.parts.clock.now()).await? {
            moved |= self.move_due(lane, now).await?;
        }
        Ok(moved)
    }

    /// Does what is due in a lane at its now, as far as `limit` of real time allows; the loop goes
    /// on with the rest. Source: sandbox 5.
    pub async fn settle(&self, lane: Lane, now: Millis, limit: Duration) -> StoreResult<()> {
        let watch = Stopwatch::start();
        while watch.elapsed() < limit && self.move_due(lane, now).await? {}
        Ok(())
    }

    async fn move_due(&self, lane: Lane, now: Millis) -> StoreResult<bool> {
        let mut moved = false;
        for file in self.parts.store.bulk_files_due(lane, now, FILES_AT_ONCE).await? {
            moved |= self.move_on(&file).await?;
        }
        Ok(moved)
    }

    /// Does the next rows of a file, unless another process is at it; whether it moved on.
    async fn move_on(&self, file: &BulkFile) -> StoreResult<bool> {
        let parts = &self.parts;
        let _one_at_a_time = parts.window.lock().await;
        let real = parts.clock.now();
        if !parts.store.lease_bulk_file(file.id, &parts.holder, real, LEASE_MS).await? {
            return Ok(false);
        }
        // It may have moved on since it was listed.
        let Some(file) = parts.store.bulk_file(file.scope, file.id).await? else {
            return Ok(false);
        };
        match file.state {
            BulkState::Storing { .. } | BulkState::Abandoned | BulkState::Processed { .. } => {
                return Ok(false);
            }
            BulkState::Processing => {}
            BulkState::Created => {
                let begun = self.submit(file.scope, vec![BulkCommand::Begin(file.id)]).await;
                if !begun.iter().all(Result::is_ok) {
                    return Ok(false);
                }
            }
        }
        let Some(tenant) = parts.store.tenant(file.scope).await? else { return Ok(false) };
        let rows = parts.store.bulk_rows(file.id, file.decided(), ROWS_AT_ONCE).await?;
        let last = rows.last().map_or(file.decided(), |row| row.number);
        let waves = waves(&self.context(&file, &tenant), rows);
        Ok(self.do_window(&file, waves, last).await.is_ok())
    }

    fn context<'a>(&'a self, file: &'a BulkFile, tenant: &'a Tenant) -> RowContext<'a> {
        let (parts, mode) = (&self.parts, file.scope.mode());
        let now = tenant.now(parts.clock.now());
        RowContext {
            file,
            settings: &tenant.settings,
            now: now.to_time(),
            base: &parts.base,
            rails: parts.rails.nach_connectors(mode, NachWish::Debit, now).into(),
        }
    }

    /// Does rows wave by wave, and counts them.
    async fn do_window(
        &self,
        file: &BulkFile,
        waves: Vec<Wave>,
        last: i64,
    ) -> Result<(), Interrupted> {
        for wave in waves {
            self.do_wave(file, wave).await?;
        }
        let count = BulkCommand::CountUpTo((file.id, last), file.decided() + 1);
        match self.submit(file.scope, vec![count]).await.pop() {
            Some(Ok(Reply::BulkFile(counted))) if counted.decided() >= last => Ok(()),
            _ => Err(Interrupted),
        }
    }

    /// Does rows, and writes down which were refused: those that cannot be read beside the others,
    /// those that the rules refuse after them.
    async fn do_wave(&self, file: &BulkFile, wave: Wave) -> Result<(), Interrupted> {
        let (mut commands, mut rows) = (vec![], vec![]);
        for (key, row) in wave {
            let (command, checked) = match row {
                Waiting::Task(task, checked) => (BulkCommand::DoRow(key, *task), checked),
                Waiting::Refused(error) => (BulkCommand::RefuseRow(key, refusal(&error)), None),
            };
            commands.push(command);
            rows.push((key, checked));
        }
        let mut refused = vec![];
        for (result, (key, checked)) in
            self.submit(file.scope, commands).await.into_iter().zip(rows)
        {
            match result {
                Ok(_) => {}
                Err(Refusal::Rejected(Rejection::ScopeRetired)) => return Err(Interrupted),
                Err(Refusal::Rejected(rejection)) => {
                    let error = rejected(file.kind, rejection, checked);
                    refused.push(BulkCommand::RefuseRow(key, refusal(&error)));
                }
                Err(refusal) => {
                    tracing::warn!(?refusal, file = %file.id, "a row waits for another turn");
                    return Err(Interrupted);
                }
            }
        }
        match self.submit(file.scope, refused).await.iter().all(Result::is_ok) {
            true => Ok(()),
            false => Err(Interrupted),
        }
    }

    async fn submit(
        &self,
        scope: ScopeId,
        commands: Vec<BulkCommand>,
    ) -> Vec<Result<Reply, Refusal>> {
        if commands.is_empty() {
            return vec![];
        }
        let command = |command| Command::Scoped(scope, ScopedCommand::Bulk(command));
        self.parts.engine.submit_in_order(commands.into_iter().map(command).collect()).await
    }
}

/// What the rules refuse, as the API says it; a batch has a text of its own for one reason. Source:
/// paper-nach 14.
fn rejected(kind: BulkKind, rejection: Rejection, checked: Option<ApiError>) -> ApiError {
    match (kind, &rejection) {
        (BulkKind::Debits, Rejection::AboveMandateMaximum) => above_maximum(),
        _ => ApiError::of_checked(Refusal::Rejected(rejection), checked),
    }
}
