//! Durable rows behind one interface: SQLite, PostgreSQL, or memory.
//!
//! The engine loads the rows a batch needs into a [`WorkingSet`], lets the core change them, and
//! saves all changes in one durable transaction ([`Batch`]). How two batches keep out of each
//! other's way is the store's business, told by [`Store::pipelines`]: SQLite and memory save one
//! batch at a time while the next is decided on top of its changes; PostgreSQL locks rows.
//!
//! Everything a `GET` answers comes from [`reads`], always within one scope.

mod alerts;
pub mod audit;
pub mod columns;
mod error;
mod leases;
pub mod memory;
pub mod operators;
pub mod outgoing;
mod plan;
pub mod postgres;
mod purge;
pub mod rail_files;
pub mod reads;
pub mod sqlite;

pub use columns::PostingRow;
pub use error::{StoreError, StoreResult};

use memory::MemoryStore;
use postgres::{PostgresStore, PostgresTransaction};
use sqlite::SqliteStore;
use vasool_core::time::Millis;
use vasool_core::working_set::{Changes, Key, WorkingSet};

/// The database.
#[derive(Clone, Debug)]
pub enum Store {
    /// The embedded default.
    Sqlite(SqliteStore),
    /// For many processes.
    Postgres(PostgresStore),
    /// For the simulation.
    Memory(MemoryStore),
}

/// How batches of one process run beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipelines {
    /// One batch is saved while the next is decided through an overlay of its changes.
    Overlaid,
    /// This many batches run on their own; row locks keep them apart.
    Locked(usize),
}

/// What one transaction saves.
#[derive(Debug)]
pub struct Batch {
    /// Tells a lost answer from a lost batch. A new one for every try: PostgreSQL refuses an id
    /// that it has seen, also when that batch was proven absent.
    pub id: String,
    /// Rows, timers and additions.
    pub changes: Changes,
    /// The postings of `changes`.
    pub postings: Vec<PostingRow>,
    /// In whose hands the debits are that are added, and until when in real time. Databases that
    /// serve one process do not keep it.
    pub hands: Option<(String, Millis)>,
}

impl Batch {
    /// A batch of changes.
    pub fn new(id: String, changes: Changes) -> Batch {
        let postings = changes.appended.postings.iter().map(PostingRow::new).collect();
        Batch { id, changes, postings, hands: None }
    }

    /// The same, where its debits stay in the hands of a process until then: others leave them alone,
    /// so that the request that wrote one may tell the network without a lease of its own.
    #[must_use]
    pub fn in_the_hands_of(self, holder: &str, until: Millis) -> Batch {
        Batch { hands: Some((holder.to_owned(), until)), ..self }
    }
}

/// One batch between load and save. Dropped without a save, it leaves nothing.
#[derive(Debug)]
pub enum Session {
    /// Loads see what is committed; a save checks versions.
    Free(Store),
    /// An open transaction that holds locks on what it loaded.
    Postgres(Box<PostgresTransaction>),
}

impl Store {
    /// How the engine should run batches.
    pub fn pipelines(&self) -> Pipelines {
        match self {
            Store::Sqlite(_) | Store::Memory(_) => Pipelines::Overlaid,
            Store::Postgres(_) => Pipelines::Locked(postgres::BATCHES),
        }
    }

    /// Writes a consistent copy to a new file while the server runs. Only SQLite: PostgreSQL has
    /// tools for this.
    pub async fn backup(&self, to: std::path::PathBuf) -> StoreResult<()> {
        match self {
            Store::Sqlite(store) => store.backup(to).await,
            Store::Postgres(store) => store.backup(to).await,
            Store::Memory(_) => {
                Err(StoreError::Unavailable("the memory store is not kept".to_owned()))
            }
        }
    }

    /// Starts a batch.
    pub async fn begin(&self) -> StoreResult<Session> {
        match self {
            Store::Postgres(store) => Ok(Session::Postgres(Box::new(store.begin().await?))),
            other => Ok(Session::Free(other.clone())),
        }
    }
}

impl Session {
    /// Loads the rows of these keys into the set. Rows that are in the set stay as they are.
    pub async fn load(&mut self, keys: Vec<Key>, set: WorkingSet) -> StoreResult<WorkingSet> {
        match self {
            Session::Free(Store::Sqlite(store)) => store.load(keys, set).await,
            Session::Free(Store::Memory(store)) => store.load(keys, set).await,
            Session::Free(Store::Postgres(_)) => {
                Err(StoreError::Corrupt("a PostgreSQL batch needs a transaction".to_owned()))
            }
            Session::Postgres(transaction) => transaction.load(keys, set).await,
        }
    }

    /// Saves a batch durably, whole or not at all.
    pub async fn save(self, batch: std::sync::Arc<Batch>) -> StoreResult<()> {
        match self {
            Session::Free(Store::Sqlite(store)) => store.save(batch).await,
            Session::Free(Store::Memory(store)) => store.save(batch).await,
            Session::Free(Store::Postgres(_)) => {
                Err(StoreError::Corrupt("a PostgreSQL batch needs a transaction".to_owned()))
            }
            Session::Postgres(transaction) => transaction.save(batch).await,
        }
    }
}
