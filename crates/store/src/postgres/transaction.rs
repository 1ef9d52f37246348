//! One batch on a connection of its own.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use vasool_core::working_set::{Key, WorkingSet};

use super::pool::Lent;
use super::save::{Outcome, save};
use super::{PostgresStore, load, settle};
use crate::Batch;
use crate::error::{StoreError, StoreResult};

/// How long a load or a save may take before the connection counts as lost. Longer than
/// `lock_timeout`, so that the database answers first.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// An open batch. It holds row locks until it is saved or dropped.
#[derive(Debug)]
pub struct PostgresTransaction {
    store: PostgresStore,
    lent: Lent,
    /// BEGIN was sent: it travels with the first load, or before the save when nothing is loaded.
    begun: bool,
}

impl PostgresTransaction {
    pub(super) fn new(store: PostgresStore, lent: Lent) -> PostgresTransaction {
        PostgresTransaction { store, lent, begun: false }
    }

    /// Loads rows into the set; see [`Session::load`](crate::Session::load). The first call locks
    /// what commands change; when its connection turns out to have died in the pool, it is asked
    /// again on a new one, because nothing has happened yet.
    pub async fn load(&mut self, keys: Vec<Key>, set: WorkingSet) -> StoreResult<WorkingSet> {
        let first = !self.begun;
        self.begun = true;
        if !first {
            return self.load_once(keys, set, false).await;
        }
        let loaded = self.load_once(keys.clone(), set.clone(), true).await;
        match loaded {
            // A load that took too long has discarded its connection, and is not repeated.
            Err(StoreError::Unavailable(_)) if self.lent.held().is_some() => {
                self.lent.renew().await?;
                self.load_once(keys, set, true).await
            }
            other => other,
        }
    }

    async fn load_once(
        &mut self,
        keys: Vec<Key>,
        mut set: WorkingSet,
        first: bool,
    ) -> StoreResult<WorkingSet> {
        let loading = load::load(self.lent.connection()?, keys, &mut set, first);
        let loaded = tokio::time::timeout(ANSWER_TIMEOUT, loading).await;
        if let Ok(done) = loaded {
            return done.map(|()| set);
        }
        self.lent.discard();
        Err(StoreError::Unavailable("the database does not answer a load".to_owned()))
    }

    /// Saves a batch in the open transaction, durably. Errors: see [`StoreError`]; a lost answer is
    /// looked up before it is told.
    pub async fn save(mut self, batch: Arc<Batch>) -> StoreResult<()> {
        let begun = std::mem::replace(&mut self.begun, true);
        let saving = save(self.lent.connection()?, &batch, begun);
        let outcome = match tokio::time::timeout(ANSWER_TIMEOUT, saving).await {
            Ok(outcome) => outcome?,
            Err(_) => Outcome::Lost("the database does not answer a save".to_owned()),
        };
        match outcome {
            Outcome::Committed => {
                self.begun = false;
                self.store.saved();
                Ok(())
            }
            Outcome::Refused(error) => Err(error),
            Outcome::Lost(error) => {
                self.lent.discard();
                settle::settle(&self.store, &batch.id, &error).await
            }
        }
    }
}

impl Drop for PostgresTransaction {
    fn drop(&mut self) {
        let Some(connection) = self.lent.held().filter(|_| self.begun) else { return };
        // The first poll puts the ROLLBACK behind everything sent before; whoever uses the
        // connection next comes after it. Its answer interests nobody.
        let mut rollback = std::pin::pin!(connection.client.batch_execute("ROLLBACK"));
        let _ = rollback.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}
