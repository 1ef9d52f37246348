//! Brings the rows of a file into the database, a part at a time, and removes what was left half-way.

use std::sync::Arc;

use vasool_core::bulk::BulkFile;
use vasool_core::bulk_rules::{BulkCommand, BulkDraft};
use vasool_core::command::Reply;
use vasool_core::scope::ScopeId;
use vasool_store::StoreResult;

use super::BulkFiles;
use crate::wire::bulk::spool::SpooledRows;
use crate::wire::error::ApiError;

/// Rows of one command: few enough that others share its commit without waiting long.
const ROWS_PER_COMMAND: usize = 1_000;
/// After this real time nobody stores the rest of a file any more, milliseconds: the whole of it takes
/// minutes.
const LEFT_AFTER_MS: i64 = 3_600_000;

impl BulkFiles {
    /// Stores a file and its rows. Whoever dies in the middle, or is no longer waited for, leaves a
    /// file that nobody sees and no row of which is done.
    pub async fn store(
        &self,
        scope: ScopeId,
        draft: BulkDraft,
        mut rows: SpooledRows,
    ) -> Result<Arc<BulkFile>, ApiError> {
        let mut stored = 0;
        let mut file: Option<Arc<BulkFile>> = None;
        loop {
            // Beside the runtime: the disk may be slow.
            let reading = tokio::task::spawn_blocking(move || {
                let part = rows.take(ROWS_PER_COMMAND)?;
                Ok::<_, ApiError>((part, rows))
            });
            let (part, rest) = reading.await.unwrap_or_else(|_| Err(ApiError::server_fault()))?;
            rows = rest;
            let count = i64::try_from(part.len()).unwrap_or(i64::MAX);
            let command = match &file {
                None => BulkCommand::Store(BulkDraft { rows: part.into(), ..draft.clone() }),
                Some(file) => BulkCommand::Append(file.id, stored + 1, part.into()),
            };
            stored += count;
            match self.submit(scope, vec![command]).await.pop() {
                Some(Ok(Reply::BulkFile(now))) if now.is_whole() => return Ok(now),
                Some(Ok(Reply::BulkFile(now))) if count > 0 => file = Some(now),
                refused => {
                    if let Some(file) = &file {
                        self.submit(scope, vec![BulkCommand::Abandon(file.id)]).await;
                    }
                    return Err(match refused {
                        Some(Err(refusal)) => refusal.into(),
                        _ => ApiError::server_fault(),
                    });
                }
            }
        }
    }

    /// Gives up what nobody stores any more, and deletes at most `limit` of its rows; how many there
    /// were.
    pub async fn clean(&self, limit: usize) -> StoreResult<usize> {
        let parts = &self.parts;
        let before = parts.clock.now().plus(-LEFT_AFTER_MS);
        for file in parts.store.bulk_files_left(before).await? {
            // What cannot be given up now is found again.
            self.submit(file.scope, vec![BulkCommand::Abandon(file.id)]).await;
        }
        parts.store.purge_abandoned(limit).await
    }
}
