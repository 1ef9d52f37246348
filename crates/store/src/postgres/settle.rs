//! Finding out whether a batch was committed when the answer to its COMMIT was lost.
//!
//! A batch writes its id into `commits` as its last row. To look it up, a fresh connection inserts
//! the same id, marked as absent. The unique key makes that a proof whatever the old backend still
//! does: while the old transaction is open the insert waits for it; if it has committed, the insert
//! finds its row; if not, the insert succeeds, and from then on the old transaction cannot commit
//! any more, because its own row would be the second one. So an id is never used for two batches.

use std::time::Duration;

use tokio_postgres::types::Type;

use super::PostgresStore;
use super::error::failure;
use crate::error::{StoreError, StoreResult};

/// Pauses before each look, milliseconds: eight seconds in all, then the outcome stays unknown.
const PAUSES_MS: [u64; 8] = [0, 50, 150, 300, 500, 1000, 2000, 4000];
/// How long one look may take: it may wait for the old transaction to end.
const LOOK_TIMEOUT: Duration = Duration::from_secs(4);

/// `Ok` when the batch is proven committed, `Unavailable` when it is proven absent.
pub async fn settle(store: &PostgresStore, batch: &str, lost: &str) -> StoreResult<()> {
    tracing::warn!(batch, lost, "the answer to a commit was lost");
    for pause in PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        match tokio::time::timeout(LOOK_TIMEOUT, is_committed(store, batch)).await {
            Ok(Ok(true)) => return Ok(()),
            Ok(Ok(false)) => {
                return Err(StoreError::Unavailable(format!("{lost}; nothing was saved")));
            }
            Ok(Err(error)) => tracing::warn!(batch, %error, "cannot look up a commit yet"),
            Err(_) => tracing::warn!(batch, "looking up a commit takes too long"),
        }
    }
    Err(StoreError::UnknownOutcome(lost.to_owned()))
}

async fn is_committed(store: &PostgresStore, batch: &str) -> StoreResult<bool> {
    // Fresh: connections of the pool may belong to the same lost server.
    let connection = store.reads.connect().await?;
    let client = &connection.client;
    let fence = "INSERT INTO commits (batch, committed_at_ms) \
        VALUES ($1, -CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)) \
        ON CONFLICT (batch) DO NOTHING";
    let mark = "SELECT committed_at_ms FROM commits WHERE batch = $1";
    let params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] = [(&batch, Type::TEXT)];
    client.execute_typed(fence, &params).await.map_err(|error| failure(&error))?;
    let row = client.query_typed_opt(mark, &params).await.map_err(|error| failure(&error))?;
    // An earlier look of ours may have left the mark.
    let at: Option<i64> =
        row.map(|row| row.try_get(0)).transpose().map_err(|error| failure(&error))?;
    match at {
        Some(at) => Ok(at > 0),
        None => Err(StoreError::Corrupt(format!("no row in commits for batch {batch}"))),
    }
}
