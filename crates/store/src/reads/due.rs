//! What must be done now: timers and deliveries, lane by lane.

use std::collections::BTreeMap;

use vasool_core::scope::{Lane, ScopeId};
use vasool_core::tenant::Tenant;
use vasool_core::time::Millis;
use vasool_core::timer::Timer;
use vasool_core::webhook::{Delivery, DeliveryState};

use super::select::Select;
use crate::Store;
use crate::columns::Value;
use crate::error::StoreResult;

impl Store {
    /// Lanes in which something is due at a real instant, each with its own now. Lane by lane, not
    /// row by row: a merchant whose clock is far ahead costs one look.
    pub(crate) async fn lanes_due(
        &self,
        table: &str,
        condition: &str,
        real: Millis,
    ) -> StoreResult<Vec<(Lane, Millis)>> {
        let sql = format!(
            "WITH RECURSIVE lanes (lane) AS (
                 SELECT min(lane) FROM {table} WHERE {condition}
                 UNION ALL
                 SELECT (SELECT min(t.lane) FROM {table} t WHERE t.{condition} AND t.lane > l.lane)
                 FROM lanes l WHERE l.lane IS NOT NULL
             ), due (lane, due_ms) AS (
                 SELECT l.lane, (SELECT min(t.due_ms) FROM {table} t
                                 WHERE t.{condition} AND t.lane = l.lane)
                 FROM lanes l WHERE l.lane IS NOT NULL
             ), clocks (lane, due_ms, now_ms) AS (
                 SELECT d.lane, d.due_ms, CASE WHEN d.lane = 0 THEN $1
                     ELSE (SELECT coalesce(n.clock_frozen_at_ms, n.clock_offset_ms + $1)
                           FROM tenants n WHERE n.scope = d.lane AND n.retired = 0) END
                 FROM due d
             )
             SELECT lane, now_ms FROM clocks WHERE due_ms <= now_ms ORDER BY lane"
        );
        let rows = self.rows(sql, vec![Value::Int(real.0)]).await?;
        rows.into_iter().map(|mut cells| Ok((Lane(cells.int()?), Millis(cells.int()?)))).collect()
    }

    /// Lanes with due timers, and their now.
    pub async fn timer_lanes_due(&self, real: Millis) -> StoreResult<Vec<(Lane, Millis)>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let due = data.timers.values().map(|timer| (timer.scope, timer.due));
                lanes_in_memory(&data.tenants, due, real)
            }));
        }
        self.lanes_due("timers", "due_ms >= 0", real).await
    }

    /// Lanes with deliveries to make, and their now.
    pub async fn delivery_lanes_due(&self, real: Millis) -> StoreResult<Vec<(Lane, Millis)>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let due = data.deliveries.values().filter_map(|(row, _)| match row.state {
                    DeliveryState::Pending { due } => Some((row.scope, due)),
                    _ => None,
                });
                lanes_in_memory(&data.tenants, due, real)
            }));
        }
        self.lanes_due("deliveries", "state = 'pending'", real).await
    }

    /// Timers of a lane due at its now, earliest first.
    pub async fn timers_due(&self, lane: Lane, now: Millis, limit: i64) -> StoreResult<Vec<Timer>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let mut due: Vec<Timer> = data
                    .timers
                    .values()
                    .filter(|timer| timer.scope.lane() == lane && timer.due <= now)
                    .copied()
                    .collect();
                due.sort_by_key(|timer| (timer.due, timer.key.subject()));
                due.truncate(usize::try_from(limit).unwrap_or(0));
                due
            }));
        }
        let select = Select::from::<Timer>().and("lane =", lane.0).and("due_ms <=", now.0);
        self.all(select.order_by("due_ms, subject").limit(limit, 0)).await
    }

    /// Deliveries of a lane due at its now, earliest first, whoever may be working on them.
    pub async fn deliveries_due(
        &self,
        lane: Lane,
        now: Millis,
        limit: i64,
        skip: i64,
    ) -> StoreResult<Vec<Delivery>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let due_of = |row: &Delivery| match row.state {
                    DeliveryState::Pending { due } => Some(due),
                    _ => None,
                };
                let mut due: Vec<(Millis, Delivery)> = data
                    .deliveries
                    .values()
                    .filter(|(row, _)| row.scope.lane() == lane)
                    .filter_map(|(row, _)| Some((due_of(row)?, Delivery::clone(row))))
                    .filter(|(due, _)| *due <= now)
                    .collect();
                due.sort_by_key(|(due, row)| (*due, row.event));
                let skip = usize::try_from(skip).unwrap_or(0);
                let limit = usize::try_from(limit).unwrap_or(0);
                due.into_iter().skip(skip).take(limit).map(|(_, row)| row).collect()
            }));
        }
        let select = Select::from::<Delivery>()
            .and("lane =", lane.0)
            .and("state =", "pending")
            .and("due_ms <=", now.0);
        self.all(select.order_by("due_ms, event").limit(limit, skip)).await
    }
}

pub(super) fn lanes_in_memory(
    tenants: &crate::memory::Stored<Tenant>,
    due: impl Iterator<Item = (ScopeId, Millis)>,
    real: Millis,
) -> Vec<(Lane, Millis)> {
    let mut lanes = BTreeMap::new();
    for (scope, due) in due {
        let Some((tenant, _)) = tenants.get(&scope).filter(|(row, _)| !row.retired) else {
            continue;
        };
        let now = tenant.now(real);
        if due <= now {
            lanes.insert(scope.lane(), now);
        }
    }
    lanes.into_iter().collect()
}
