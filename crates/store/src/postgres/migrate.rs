//! Creating and migrating the schema: forward only, one process at a time.
//!
//! The lock is a row, not an advisory lock, because databases that speak PostgreSQL's protocol have
//! rows. Each step locks its lease row, so a process whose lease ran out cannot go on beside the
//! one that took over. Nothing is analysed: a plan made for empty tables costs a factor of four.

use std::time::Duration;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};

use super::error::failure;
use crate::error::{StoreError, StoreResult};

/// Numbered files, applied in order and never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_init.sql"),
    include_str!("../../migrations/postgres/0002_mandates.sql"),
    include_str!("../../migrations/postgres/0003_paper_nach.sql"),
    include_str!("../../migrations/postgres/0004_rail_files.sql"),
    include_str!("../../migrations/postgres/0005_messages.sql"),
    include_str!("../../migrations/postgres/0006_bulk_volume.sql"),
    include_str!("../../migrations/postgres/0007_operators.sql"),
    include_str!("../../migrations/postgres/0008_dashboard.sql"),
];
/// Where `meta` says how many of them were applied.
const VERSION: &str = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'schema'";
/// How often to ask for the lease before giving up; one per second.
const LEASE_TRIES: u32 = 90;

/// Errors: `Unavailable` unless the schema is the one this program needs.
pub async fn check(client: &Client) -> StoreResult<()> {
    let version = version(client).await.map_err(|error| failure(&error))?;
    if version == MIGRATIONS.len() as i64 {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!(
        "the database has schema {version}, this program needs {}: run `vasool migrate`",
        MIGRATIONS.len()
    )))
}

/// Applies what is missing.
pub async fn migrate(client: &Client) -> StoreResult<()> {
    if check(client).await.is_ok() {
        return Ok(());
    }
    make_leases(client).await?;
    let holder = take_lease(client).await?;
    let result = apply(client, &holder).await;
    if result.is_err() {
        // What failed may have left a transaction open.
        let _ = client.batch_execute("ROLLBACK").await;
    }
    let release = "DELETE FROM leases WHERE name = 'migrate' AND holder = $1";
    let released = client.execute_typed(release, &[(&holder, Type::TEXT)]).await;
    result?;
    released.map(|_| ()).map_err(|error| failure(&error))
}

/// 0 for a database without our tables.
async fn version(client: &Client) -> Result<i64, Error> {
    match client.query_typed_opt(VERSION, &[]).await {
        Ok(row) => row.map_or(Ok(0), |row| row.try_get(0)),
        // 42P01: there is no such table.
        Err(error) if error.code().is_some_and(|code| code.code() == "42P01") => Ok(0),
        Err(error) => Err(error),
    }
}

async fn make_leases(client: &Client) -> StoreResult<()> {
    let sql = "CREATE TABLE IF NOT EXISTS leases (name TEXT COLLATE \"C\" PRIMARY KEY, \
               holder TEXT COLLATE \"C\" NOT NULL, until_ms BIGINT NOT NULL)";
    // Two processes at once: one of them may be told that the name is taken, although it asked to
    // leave an existing table alone. Asked again, it sees the other's table.
    let mut tries = 0;
    loop {
        match client.batch_execute(sql).await {
            Err(error) if tries < 10 && is_taken(&error) => tries += 1,
            done => return done.map_err(|error| failure(&error)),
        }
    }
}

fn is_taken(error: &Error) -> bool {
    error.code().is_some_and(|code| matches!(code.code(), "23505" | "42P07" | "42710"))
}

async fn take_lease(client: &Client) -> StoreResult<String> {
    let sql = "INSERT INTO leases (name, holder, until_ms) \
        VALUES ('migrate', CAST(gen_random_uuid() AS TEXT), \
                CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + 60000) \
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms \
        WHERE leases.until_ms < CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) \
        RETURNING holder";
    for _ in 0..LEASE_TRIES {
        let row = client.query_typed_opt(sql, &[]).await.map_err(|error| failure(&error))?;
        if let Some(row) = row {
            return row.try_get(0).map_err(|error| failure(&error));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Err(StoreError::Unavailable("another process is migrating the database".to_owned()))
}

async fn apply(client: &Client, holder: &str) -> StoreResult<()> {
    loop {
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
        client.batch_execute(begin).await.map_err(|error| failure(&error))?;
        let lease = "SELECT 1 FROM leases WHERE name = 'migrate' AND holder = $1 FOR UPDATE";
        let held = client.query_typed_opt(lease, &[(&holder, Type::TEXT)]).await;
        if held.map_err(|error| failure(&error))?.is_none() {
            return Err(StoreError::Unavailable("the migration lease was lost".to_owned()));
        }
        // A table that is missing would abort the transaction, so its name is looked up.
        let made = "SELECT count(*) FROM information_schema.tables \
                    WHERE table_name = 'meta' AND table_schema = current_schema()";
        let row = client.query_typed_one(made, &[]).await.map_err(|error| failure(&error))?;
        let made: i64 = row.try_get(0).map_err(|error| failure(&error))?;
        let version = match made {
            0 => 0,
            _ => version(client).await.map_err(|error| failure(&error))?,
        };
        let next = usize::try_from(version).unwrap_or(usize::MAX);
        if next > MIGRATIONS.len() {
            return Err(StoreError::Unavailable(format!(
                "the database has schema {version}, newer than this program"
            )));
        }
        let Some(sql) = MIGRATIONS.get(next) else {
            return client.batch_execute("COMMIT").await.map_err(|error| failure(&error));
        };
        client.batch_execute(sql).await.map_err(|error| failure(&error))?;
        let text = (version + 1).to_string();
        let mark = "INSERT INTO meta (name, value) VALUES ('schema', $1) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let marked = client.execute_typed(mark, &[(&text, Type::TEXT)]).await;
        marked.map_err(|error| failure(&error))?;
        client.batch_execute("COMMIT").await.map_err(|error| failure(&error))?;
    }
}
