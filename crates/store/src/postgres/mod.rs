//! PostgreSQL: many processes on one database.

use std::sync::Arc;

use vasool_core::working_set::{Key, WorkingSet};

use crate::Batch;
use crate::columns::{Cells, Value};
use crate::error::{StoreError, StoreResult};

/// A PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStore {}

/// An open batch.
#[derive(Debug)]
pub struct PostgresTransaction {}

impl PostgresStore {
    /// Starts a batch.
    pub async fn begin(&self) -> StoreResult<PostgresTransaction> {
        Err(StoreError::Unavailable(String::new()))
    }

    /// Rows of a query.
    pub async fn rows(&self, _: String, _: Vec<Value<'static>>) -> StoreResult<Vec<Cells>> {
        Err(StoreError::Unavailable(String::new()))
    }

    /// Runs one statement.
    pub async fn execute(&self, _: String, _: Vec<Value<'static>>) -> StoreResult<usize> {
        Err(StoreError::Unavailable(String::new()))
    }
}

impl PostgresTransaction {
    /// Loads.
    pub async fn load(&mut self, _: Vec<Key>, _: WorkingSet) -> StoreResult<WorkingSet> {
        Err(StoreError::Unavailable(String::new()))
    }

    /// Saves.
    pub async fn save(self, _: Arc<Batch>) -> StoreResult<()> {
        Err(StoreError::Unavailable(String::new()))
    }
}
