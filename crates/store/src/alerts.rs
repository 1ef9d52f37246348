//! Alerts, also those about no merchant's row: a file of a bank, a message that could not be sent.

use vasool_core::id::RawId;
use vasool_core::scope::ScopeId;
use vasool_core::time::Time;
use vasool_core::working_set::Alert;

use crate::Store;
use crate::columns::{Cells, Record, Value, read_row};
use crate::error::StoreResult;
use crate::reads::text;

impl Store {
    /// Tells an operator that something happened at a connector, once for each `event`, a digest of
    /// what happened. The text holds nothing that may not be logged.
    pub async fn alert_operator(
        &self,
        connector: &str,
        reference: &str,
        body: &str,
        event: &[u8; 32],
        at: Time,
    ) -> StoreResult<()> {
        // The scope of no merchant.
        let sql = "INSERT INTO alerts (id, scope, connector, reference, body, created_at) \
                   VALUES ($1, 0, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
        let params = vec![
            text(id_of(event)),
            connector.to_owned().into(),
            reference.to_owned().into(),
            body.to_owned().into(),
            Value::Int(at.0),
        ];
        self.execute(sql, params).await.map(|_| ())
    }

    /// Everything that operators were told, newest first: about rows of merchants, too.
    pub async fn alerts(&self, count: i64) -> StoreResult<Vec<Alert>> {
        let sql = format!(
            "SELECT {} FROM alerts ORDER BY created_at DESC, id DESC LIMIT $1",
            Alert::TABLE.column_list()
        );
        let rows = self.rows(sql, vec![Value::Int(count)]).await?;
        rows.into_iter().map(|mut cells| read_row(&mut cells)).collect()
    }

    /// What operators were told about a merchant in a mode, newest first.
    pub async fn alerts_of(
        &self,
        scope: ScopeId,
        count: i64,
        skip: i64,
    ) -> StoreResult<Vec<Alert>> {
        let sql = format!(
            "SELECT {} FROM alerts WHERE scope = $1 ORDER BY created_at DESC, id DESC \
             LIMIT $2 OFFSET $3",
            Alert::TABLE.column_list()
        );
        let rows = self.rows(sql, vec![scope.into(), Value::Int(count), Value::Int(skip)]).await?;
        rows.into_iter().map(|mut cells| read_row(&mut cells)).collect()
    }

    /// How many of these there are about a connector.
    pub async fn count_alerts_to_operator(&self, connector: &str) -> StoreResult<i64> {
        let sql = "SELECT count(*) FROM alerts WHERE scope = 0 AND connector = $1".to_owned();
        let mut rows = self.rows(sql, vec![connector.to_owned().into()]).await?;
        rows.first_mut().map_or(Ok(0), Cells::int)
    }
}

/// An id that follows from a digest.
fn id_of(digest: &[u8; 32]) -> RawId {
    let mut number = [0; 16];
    // 80 bits fit into fourteen characters of base 62.
    number[6..].copy_from_slice(&digest[..10]);
    RawId::from_number(u128::from_be_bytes(number)).expect("80 bits are an id")
}
