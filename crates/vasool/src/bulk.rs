//! Does the rows of bulk files, a few at a time. Source: smart-collect 5.18.
//!
//! What must be done is rows. Every file that is due gets a turn after the other, and in its turn a
//! window of rows behind those that were counted: so a long file holds up neither a short one nor
//! the commands of others. Whoever dies in the middle leaves rows with and without outcomes; the
//! next one does those without.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use vasool_core::bulk::{BulkFile, BulkRow, BulkRowKey, BulkState};
use vasool_core::bulk_rules::{BulkCommand, RowTask};
use vasool_core::command::{Command, Reply, ScopedCommand};
use vasool_core::rejection::Rejection;
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use crate::clock::{Clock, Stopwatch};
use crate::engine::{Engine, Refusal};
use crate::wire::bulk::{read_row, refusal};
use crate::wire::error::ApiError;

/// How often due files are looked for; an upload in this process wakes the loop.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// Rows in flight: enough to fill a commit, few enough that other commands share it.
const ROWS_AT_ONCE: i64 = 32;
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
    /// Woken by uploads.
    uploaded: Notify,
    /// One window at a time in this process.
    window: Mutex<()>,
    /// Tells this process's leases from those of others.
    holder: String,
}

/// A row that waits for its outcome.
enum Waiting {
    /// It can be read, but for what the rules meet in their own order.
    Task(BulkRowKey, RowTask, Option<ApiError>),
    /// It cannot.
    Refused(BulkRowKey, ApiError),
}

/// Why a window came to no end.
struct Interrupted;

impl BulkFiles {
    /// A loop over the bulk files of a store.
    pub fn new(store: Store, engine: Engine, clock: Clock) -> BulkFiles {
        let holder = format!("{:016x}", clock.noise());
        let (uploaded, window) = Default::default();
        let parts = Parts { store, engine, clock, uploaded, window, holder };
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
            BulkState::Processed { .. } => return Ok(false),
            BulkState::Processing => {}
            BulkState::Created => {
                let begun = self.submit(file.scope, vec![BulkCommand::Begin(file.id)]).await;
                if !begun.iter().all(Result::is_ok) {
                    return Ok(false);
                }
            }
        }
        let rows = parts.store.bulk_rows(file.id, file.decided(), ROWS_AT_ONCE).await?;
        Ok(self.do_window(&file, rows).await.is_ok())
    }

    /// Does rows, writes down which were refused, and counts them.
    async fn do_window(&self, file: &BulkFile, rows: Vec<BulkRow>) -> Result<(), Interrupted> {
        let (waiting, last) = window(file, rows);
        let (mut commands, mut errors, mut refused) = (vec![], vec![], vec![]);
        for row in waiting {
            match row {
                Waiting::Task(key, task, error) => {
                    commands.push(BulkCommand::DoRow(key, task));
                    errors.push((key, error));
                }
                Waiting::Refused(key, error) => refused.push((key, error)),
            }
        }
        for (result, (key, error)) in
            self.submit(file.scope, commands).await.into_iter().zip(errors)
        {
            match result {
                Ok(_) => {}
                Err(Refusal::Rejected(Rejection::ScopeRetired)) => return Err(Interrupted),
                Err(refusal @ Refusal::Rejected(_)) => {
                    refused.push((key, ApiError::of_checked(refusal, error)));
                }
                Err(refusal) => {
                    tracing::warn!(?refusal, file = %file.id, "a row waits for another turn");
                    return Err(Interrupted);
                }
            }
        }
        let refusals = refused
            .into_iter()
            .map(|(key, error)| BulkCommand::RefuseRow(key, refusal(&error)))
            .collect();
        if !self.submit(file.scope, refusals).await.iter().all(Result::is_ok) {
            return Err(Interrupted);
        }
        let count = BulkCommand::CountUpTo((file.id, last), file.decided() + 1);
        match self.submit(file.scope, vec![count]).await.pop() {
            Some(Ok(Reply::BulkFile(counted))) if counted.decided() >= last => Ok(()),
            _ => Err(Interrupted),
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

/// The rows that may be in flight together, without those that have an outcome, and the number of
/// the last one. Rows about the same thing are done one after the other, in the order of the file:
/// on PostgreSQL commands in flight may overtake each other.
fn window(file: &BulkFile, rows: Vec<BulkRow>) -> (Vec<Waiting>, i64) {
    let (mut waiting, mut last, mut touched) = (vec![], file.decided(), BTreeSet::new());
    for row in rows {
        let key = (row.file, row.number);
        if row.outcome.is_none() {
            match read_row(file.kind, &row.cells) {
                Ok((task, error)) => {
                    let subjects = task.subjects();
                    if subjects.iter().any(|subject| touched.contains(subject)) {
                        break;
                    }
                    touched.extend(subjects);
                    waiting.push(Waiting::Task(key, task, error));
                }
                Err(error) => waiting.push(Waiting::Refused(key, error)),
            }
        }
        last = row.number;
    }
    (waiting, last)
}

#[cfg(test)]
mod tests {
    use vasool_core::bulk::BulkKind;
    use vasool_core::id::{BatchId, RawId};
    use vasool_core::time::Time;

    use super::*;

    fn numbers(kind: BulkKind, rows: &[&str]) -> (Vec<i64>, i64) {
        let (id, scope) = (BatchId(RawId::parse("QcA1Batch00001").unwrap()), ScopeId(1));
        let file = BulkFile {
            id,
            scope,
            kind,
            name: None,
            total: 99,
            succeeded: 1,
            failed: 1,
            state: BulkState::Processing,
            due: Millis(0),
            created_at: Time(0),
        };
        let row = |(number, row): (i64, &&str)| BulkRow {
            file: id,
            number,
            scope,
            cells: row.split('|').map(str::to_owned).collect(),
            outcome: None,
        };
        let (waiting, last) = window(&file, (3..).zip(rows).map(row).collect());
        let number = |row: &Waiting| match row {
            Waiting::Task(key, ..) | Waiting::Refused(key, _) => key.1,
        };
        (waiting.iter().map(number).collect(), last)
    }

    #[test]
    fn rows_about_one_thing_are_never_in_flight_together() {
        let (a, b) = ("va_QcA1Meera00001|01-12-2026 10:00", "va_QcA1Meera00002|01-12-2026 10:00");
        assert_eq!(numbers(BulkKind::MoveExpiries, &[a, b, "va_1|x"]), (vec![3, 4, 5], 5));
        assert_eq!(numbers(BulkKind::MoveExpiries, &[a, b, a, b]), (vec![3, 4], 4));
        let open = BulkKind::OpenAccounts;
        let rows = ["|Meera|||RENT1||", "|Ravi|||RENT2||", "|Asha|||0rent1||"];
        assert_eq!(numbers(open, &rows), (vec![3, 4], 4));
        let rows =
            ["|Meera|9000012345|m@x.in|||", "||9000012345||||", "|M R|+919000012345|M@x.in|||"];
        assert_eq!(numbers(open, &rows), (vec![3, 4], 4));
        assert_eq!(numbers(open, &["|Meera|||||", "|Meera|||||"]), (vec![3, 4], 4));
        assert_eq!(numbers(open, &[]), (vec![], 2));
    }
}
