//! Which process works on which delivery, and on what only one may.

use vasool_core::time::Millis;
use vasool_core::webhook::DeliveryKey;

use crate::Store;
use crate::columns::Value;
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

    /// Takes a lease of a name in real time, or keeps one; false while another process has it.
    /// SQLite serves one process.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now_real: Millis,
        lease_ms: i64,
    ) -> StoreResult<bool> {
        let Store::Postgres(_) = self else { return Ok(true) };
        let sql = "INSERT INTO leases (name, holder, until_ms) VALUES ($1, $2, $3) \
                   ON CONFLICT (name) DO UPDATE SET holder = $2, until_ms = $3 \
                   WHERE leases.until_ms <= $4 OR leases.holder = $2";
        let params = vec![
            name.to_owned().into(),
            holder.to_owned().into(),
            Value::Int(now_real.plus(lease_ms).0),
            Value::Int(now_real.0),
        ];
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Gives a lease back before it ends.
    pub async fn release_lease(&self, name: &str, holder: &str) -> StoreResult<()> {
        let Store::Postgres(_) = self else { return Ok(()) };
        let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        let params = vec![name.to_owned().into(), holder.to_owned().into()];
        self.execute(sql, params).await.map(|_| ())
    }
}
