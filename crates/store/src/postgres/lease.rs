//! Leases on deliveries: which of many processes makes a webhook call.

use tokio_postgres::types::{ToSql, Type};
use vasool_core::time::Millis;
use vasool_core::webhook::DeliveryKey;

use super::PostgresStore;
use super::error::failure;
use super::pipeline::{Request, all, pipeline};
use super::statements::Shape;
use super::values::cells;
use crate::error::StoreResult;

/// The given deliveries and every earlier first attempt of the same endpoint and subject, locked in
/// the order of their keys. Two processes that want deliveries of one subject come one after the
/// other, and the statement behind this one sees what the first of them leased. `OFFSET 0` makes
/// the planner start from the given deliveries, not from all pending ones.
const LOCK: &str = "SELECT 1 FROM deliveries d WHERE (d.event, d.endpoint) IN (\
    SELECT k.event, k.endpoint FROM unnest($1, $2) AS k (event, endpoint) \
    UNION SELECT e.event, e.endpoint FROM unnest($1, $2) AS k (event, endpoint) \
    JOIN deliveries w ON w.event = k.event AND w.endpoint = k.endpoint AND w.attempts = 0 \
    CROSS JOIN LATERAL (SELECT o.event, o.endpoint FROM deliveries o \
    WHERE o.endpoint = w.endpoint AND o.subject = w.subject AND o.event < w.event \
    AND o.state = 'pending' AND o.attempts = 0 OFFSET 0) e) \
    ORDER BY d.event, d.endpoint FOR UPDATE OF d";

/// Leases what is free and, for a first attempt, is the earliest about its subject: whether anyone has
/// taken up an earlier one or not, it leaves first. The state is
/// wrapped so that the index of pending deliveries does not match: a plan made while there were few
/// would read all of them.
const LEASE: &str = "UPDATE deliveries d SET leased_by = $3, leased_until_ms = $4 + $5 \
    WHERE (d.event, d.endpoint) IN (\
        SELECT k.event, k.endpoint FROM unnest($1, $2) AS k (event, endpoint)) \
    AND d.state || '' = 'pending' AND d.leased_until_ms <= $4 \
    AND (d.attempts > 0 OR NOT EXISTS (\
        SELECT 1 FROM deliveries e WHERE e.endpoint = d.endpoint AND e.subject = d.subject \
        AND e.event < d.event AND e.state = 'pending' AND e.attempts = 0 AND e.delayed = 0)) \
    RETURNING d.event, d.endpoint";

const RELEASE: &str = "UPDATE deliveries d SET leased_by = NULL, leased_until_ms = 0 \
    FROM unnest($1, $2) AS k (event, endpoint) \
    WHERE d.event = k.event AND d.endpoint = k.endpoint AND d.leased_by = $3";

impl PostgresStore {
    /// See [`Store::lease_deliveries`](crate::Store::lease_deliveries).
    pub async fn lease_deliveries(
        &self,
        keys: &[DeliveryKey],
        holder: &str,
        now: Millis,
        lease_ms: i64,
    ) -> StoreResult<Vec<DeliveryKey>> {
        let (texts, number) = (Type::TEXT_ARRAY, Type::INT8);
        let shapes = vec![
            Shape::text("BEGIN ISOLATION LEVEL READ COMMITTED", &[]),
            Shape::text(LOCK, &[texts.clone(), texts.clone()]),
            Shape::text(LEASE, &[texts.clone(), texts, Type::TEXT, number.clone(), number]),
            Shape::text("COMMIT", &[]),
        ];
        let (events, endpoints) = split(keys);
        let params: [Vec<&(dyn ToSql + Sync)>; 4] = [
            vec![],
            vec![&events, &endpoints],
            vec![&events, &endpoints, &holder, &now.0, &lease_ms],
            vec![],
        ];
        self.read(async |connection| {
            let statements = connection.statements(shapes).await?;
            let client = &connection.client;
            let requests = statements.iter().zip(&params).map(|(statement, params)| {
                Box::pin(async move { client.query(statement, params).await })
                    as Request<'_, Vec<tokio_postgres::Row>, _>
            });
            let answers = match all(pipeline(requests.collect()).await) {
                Ok(answers) => answers,
                Err(error) => {
                    // The COMMIT behind a failed statement has rolled back already, unless it was
                    // never sent.
                    let _ = client.batch_execute("ROLLBACK").await;
                    return Err(error);
                }
            };
            let leased = answers.get(2).map(Vec::as_slice).unwrap_or_default();
            let mut keys = vec![];
            for row in leased {
                let mut cells = cells(row)?;
                keys.push((cells.id()?, cells.id()?));
            }
            // The database answers in no order of its own.
            keys.sort_unstable();
            Ok(keys)
        })
        .await
    }

    /// See [`Store::release_deliveries`](crate::Store::release_deliveries).
    pub async fn release_deliveries(&self, keys: &[DeliveryKey], holder: &str) -> StoreResult<()> {
        let (events, endpoints) = split(keys);
        let types = [Type::TEXT_ARRAY, Type::TEXT_ARRAY, Type::TEXT];
        self.read(async |connection| {
            let statement = connection.statement(Shape::text(RELEASE, &types)).await?;
            let params: [&(dyn ToSql + Sync); 3] = [&events, &endpoints, &holder];
            let released = connection.client.execute(&statement, &params).await;
            released.map(|_| ()).map_err(|error| failure(&error))
        })
        .await
    }
}

fn split(keys: &[DeliveryKey]) -> (Vec<String>, Vec<String>) {
    let text = |id: &vasool_core::id::RawId| id.as_str().to_owned();
    keys.iter().map(|(event, endpoint)| (text(&event.0), text(&endpoint.0))).unzip()
}
