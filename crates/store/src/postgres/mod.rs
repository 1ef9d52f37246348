//! PostgreSQL: many processes on one database.
//!
//! Each process has two connections for batches (one commits while the other loads; three make
//! smaller batches and are slower) and up to eight for everything else. A batch costs two round
//! trips: BEGIN with all loads, then all writes with the COMMIT. Connections that went away are
//! made anew when they are needed. There is no TLS: the database is reached over a trusted network
//! or a tunnel.

mod error;
mod fill;
mod lease;
mod load;
mod migrate;
mod parts;
mod pipeline;
mod pool;
mod save;
mod settle;
mod statements;
mod transaction;
mod values;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, Statement};
pub use transaction::PostgresTransaction;

use self::error::failure;
use self::pool::{Connection, Pool, WHOLE_TABLES};
use self::statements::Shape;
use self::values::{cells, type_of_value};
use crate::audit::AuditProgress;
use crate::columns::{Cells, Value};
use crate::error::{StoreError, StoreResult};

/// Batches of one process that run beside each other.
pub const BATCHES: usize = 2;
/// Connections for reads and single statements.
const READS_MAX: usize = 8;
/// How long a read may take before the connection counts as lost.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// A read that fails sooner than this is asked once more.
const RETRY_WITHIN: Duration = Duration::from_secs(1);
/// After this many batches old rows of `commits` are removed.
const BATCHES_PER_PURGE: u64 = 1000;
/// Removes a bounded number of rows that are older than a day, whichever way they are marked.
const PURGE: &str = "DELETE FROM commits WHERE batch IN (SELECT batch FROM commits \
    WHERE committed_at_ms BETWEEN \
    86400000 - CAST(extract(epoch FROM now()) * 1000 AS BIGINT) \
    AND CAST(extract(epoch FROM now()) * 1000 AS BIGINT) - 86400000 LIMIT 5000)";

/// A PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    batches: Arc<Pool>,
    reads: Arc<Pool>,
    saved: Arc<AtomicU64>,
}

impl PostgresStore {
    /// Opens an existing database, such as `postgres://user@host/name`. Errors: `Unavailable` when
    /// it cannot be reached or is not ours.
    pub async fn open(url: &str) -> StoreResult<PostgresStore> {
        let store = PostgresStore::at(url)?;
        let lent = store.reads.take().await?;
        migrate::check(&lent.connection()?.client).await?;
        drop(lent);
        Ok(store)
    }

    /// Creates or migrates the tables, then opens the database.
    pub async fn open_or_create(url: &str) -> StoreResult<PostgresStore> {
        let store = PostgresStore::at(url)?;
        // Outside the pool: what a migration prepared is of no use later.
        let connection = store.reads.connect().await?;
        migrate::migrate(&connection.client).await?;
        drop(connection);
        PostgresStore::open(url).await
    }

    fn at(url: &str) -> StoreResult<PostgresStore> {
        // The address may hold a password, so the error does not repeat it.
        let mut config = Config::from_str(url).map_err(|_| {
            StoreError::Unavailable("the address of the database cannot be read".to_owned())
        })?;
        if config.get_application_name().is_none() {
            config.application_name("vasool");
        }
        // A server that vanished without a word is noticed even while nothing is sent.
        config.keepalives_idle(Duration::from_secs(15)).tcp_user_timeout(Duration::from_secs(15));
        Ok(PostgresStore {
            batches: Pool::new(config.clone(), BATCHES),
            reads: Pool::new(config, READS_MAX),
            saved: Arc::default(),
        })
    }

    /// Starts a batch. Nothing is sent before its first load.
    pub async fn begin(&self) -> StoreResult<PostgresTransaction> {
        let lent = self.batches.take().await?;
        Ok(PostgresTransaction::new(self.clone(), lent))
    }

    /// Rows of a query with places `$1` and on. A query that met a lost connection is asked again.
    pub async fn rows(&self, sql: String, params: Vec<Value<'static>>) -> StoreResult<Vec<Cells>> {
        let asked = Instant::now();
        match self.query(&sql, &params).await {
            // Told at once, so the connection was dead; a slow database is not asked twice.
            Err(StoreError::Unavailable(_)) if asked.elapsed() < RETRY_WITHIN => {
                self.reads.forget_idle();
                self.query(&sql, &params).await
            }
            other => other,
        }
    }

    async fn query(&self, sql: &str, params: &[Value<'static>]) -> StoreResult<Vec<Cells>> {
        self.read(async |connection| {
            let (statement, values) = prepare(connection, sql, params).await?;
            let rows = connection.client.query(&statement, &values).await;
            rows.map_err(|error| failure(&error))?.iter().map(cells).collect()
        })
        .await
    }

    /// Runs one statement in a transaction of its own; the number of rows it changed.
    pub async fn execute(&self, sql: String, params: Vec<Value<'static>>) -> StoreResult<usize> {
        self.read(async |connection| {
            let (statement, values) = prepare(connection, &sql, &params).await?;
            let changed = connection.client.execute(&statement, &values).await;
            let changed = changed.map_err(|error| failure(&error))?;
            Ok(usize::try_from(changed).unwrap_or(usize::MAX))
        })
        .await
    }

    /// Answers of several queries on one snapshot, however long that takes.
    pub async fn snapshot(
        &self,
        queries: Vec<String>,
        progress: AuditProgress,
    ) -> StoreResult<Vec<Vec<Cells>>> {
        // Outside the pool: it may take minutes.
        let connection = self.reads.connect().await?;
        let client = &connection.client;
        // A database that does not know these settings was not given them before either.
        let _ = client.batch_execute(WHOLE_TABLES).await;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        client.batch_execute(begin).await.map_err(|error| failure(&error))?;
        let mut answers = vec![];
        for sql in &queries {
            let rows = client.query_typed(sql, &[]).await.map_err(|error| failure(&error))?;
            answers.push(rows.iter().map(cells).collect::<StoreResult<Vec<Cells>>>()?);
            progress.step();
        }
        Ok(answers)
    }

    /// Always refused: PostgreSQL has tools of its own for this.
    pub async fn backup(&self, _to: PathBuf) -> StoreResult<()> {
        Err(StoreError::Unavailable(
            "a PostgreSQL database is copied with pg_dump (or pg_basebackup), not with this \
             command"
                .to_owned(),
        ))
    }

    /// Counts a saved batch; now and then old marks are removed, on the side.
    fn saved(&self) {
        if self.saved.fetch_add(1, Ordering::Relaxed) % BATCHES_PER_PURGE != BATCHES_PER_PURGE - 1 {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = store.execute(PURGE.to_owned(), vec![]).await {
                tracing::warn!(%error, "old commit marks stay for now");
            }
        });
    }

    /// Works on a connection of the read pool, for a bounded time. A connection that does not answer
    /// is dropped.
    async fn read<T>(
        &self,
        work: impl AsyncFnOnce(&Connection) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let late = |_| StoreError::Unavailable("the database does not answer".to_owned());
        let taken = tokio::time::timeout(READ_TIMEOUT, self.reads.take()).await;
        let mut lent = taken.map_err(late)??;
        let done = tokio::time::timeout(READ_TIMEOUT, work(lent.connection()?)).await;
        if done.is_err() {
            lent.discard();
        }
        done.map_err(late)?
    }
}

/// The statement of a text with values, and the values as the driver takes them.
async fn prepare<'a>(
    connection: &Connection,
    sql: &str,
    params: &'a [Value<'_>],
) -> StoreResult<(Statement, Vec<&'a (dyn ToSql + Sync)>)> {
    let types = params.iter().map(type_of_value).collect();
    let statement = connection.statement(Shape::Text(sql.to_owned().into(), types)).await?;
    Ok((statement, params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()))
}
