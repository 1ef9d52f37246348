//! Which process works on which delivery.

use vasool_core::time::Millis;
use vasool_core::webhook::DeliveryKey;

use crate::Store;
use crate::error::StoreResult;

impl Store {
    /// Takes deliveries into the hands of `holder` for `lease_ms` of real time, and tells which of
    /// them it got: those that are pending and in nobody's hands, and, for a first attempt, have no
    /// earlier first attempt of the same endpoint and subject still to be made.
    ///
    /// SQLite and memory serve one process, whose dispatcher knows what it is working on: it gets
    /// all of them.
    pub async fn lease_deliveries(
        &self,
        keys: &[DeliveryKey],
        holder: &str,
        now_real: Millis,
        lease_ms: i64,
    ) -> StoreResult<Vec<DeliveryKey>> {
        match self {
            Store::Postgres(store) => {
                store.lease_deliveries(keys, holder, now_real, lease_ms).await
            }
            Store::Sqlite(_) | Store::Memory(_) => Ok(keys.to_vec()),
        }
    }

    /// Gives deliveries back before the lease ends, so that they can be tried again when they are
    /// due. What another holder took over meanwhile stays with it.
    pub async fn release_deliveries(&self, keys: &[DeliveryKey], holder: &str) -> StoreResult<()> {
        match self {
            Store::Postgres(store) => store.release_deliveries(keys, holder).await,
            Store::Sqlite(_) | Store::Memory(_) => Ok(()),
        }
    }
}
