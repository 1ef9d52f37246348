//! Columns of endpoints, occurrences, deliveries and attempts.

use vasool_core::event::{EventKind, Occurrence};
use vasool_core::scope::Scope;
use vasool_core::time::Millis;
use vasool_core::webhook::{Attempt, Delivery, DeliveryState, Endpoint, Outcome};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_secrets, read_strings, write_secrets, write_strings};
use super::super::snapshot::{read_snapshot, write_snapshot};
use super::super::{Cells, Record, Table, Value};
use super::{millis, opt_time, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for Endpoint {
    const TABLE: &'static Table = table!("webhook_endpoints", key 1, true, [
        id Text, scope Int, url Text, alert_email Text, active Int, disabled_at Int, events Text,
        secrets Text, created_at Int, updated_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.url).into(),
            self.alert_email.as_ref().into(),
            self.active.into(),
            self.disabled_at.map(|at| at.0).into(),
            write_strings(&self.events).into(),
            write_secrets(&self.secrets).into(),
            self.created_at.0.into(),
            self.updated_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Endpoint {
            id: cells.id()?,
            scope: cells.scope()?,
            url: cells.text()?,
            alert_email: cells.opt_text()?,
            active: cells.flag()?,
            disabled_at: opt_time(cells)?,
            events: read_strings(&cells.text()?)?,
            secrets: read_secrets(&cells.text()?)?,
            created_at: time(cells)?,
            updated_at: time(cells)?,
        })
    }
}

impl Record for Occurrence {
    const TABLE: &'static Table = table!("occurrences", key 1, false, [
        id Text, scope Int, merchant Text, subject Text, created_at Int, kinds Text, snapshot Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        vec![
            (&self.id.0).into(),
            self.scope.id.into(),
            (&self.scope.merchant.0).into(),
            (&self.subject).into(),
            self.created_at.0.into(),
            kinds.join(",").into(),
            write_snapshot(&self.snapshot).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope) = (cells.id()?, cells.scope()?);
        Ok(Occurrence {
            id,
            scope: Scope { id: scope, merchant: cells.id()?, mode: scope.mode() },
            subject: cells.id()?,
            created_at: time(cells)?,
            kinds: cells.word(|kinds| kinds.split(',').map(EventKind::parse).collect())?,
            snapshot: read_snapshot(&cells.text()?)?,
        })
    }
}

impl Record for Delivery {
    const TABLE: &'static Table = table!("deliveries", key 2, true, [
        event Text, endpoint Text, scope Int, lane Int, name Text, subject Text,
        secret_version Int,
        happened_at_ms Int, attempts Int, replays Int, replays_since Int, delayed Int, state Text,
        due_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, due) = match self.state {
            DeliveryState::Pending { due } => ("pending", due.0),
            DeliveryState::Delivered => ("delivered", 0),
            DeliveryState::Undelivered => ("undelivered", 0),
        };
        vec![
            (&self.event.0).into(),
            (&self.endpoint.0).into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            self.name.as_str().into(),
            (&self.subject).into(),
            self.secret_version.into(),
            self.happened_at.0.into(),
            self.attempts.into(),
            self.replays.into(),
            self.replays_since.0.into(),
            self.delayed.into(),
            state.into(),
            due.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (event, endpoint, scope) = (cells.id()?, cells.id()?, cells.scope()?);
        // The lane follows from the scope.
        cells.int()?;
        let name = cells.word(EventKind::parse)?;
        let (subject, secret_version) = (cells.id()?, cells.int()?);
        let (happened_at, attempts) = (millis(cells)?, cells.int()?);
        let (replays, replays_since) = (cells.int()?, time(cells)?);
        let delayed = cells.flag()?;
        let (state, due) = (cells.text()?, millis(cells)?);
        let state = match state.as_str() {
            "pending" => DeliveryState::Pending { due },
            "delivered" => DeliveryState::Delivered,
            "undelivered" => DeliveryState::Undelivered,
            _ => return Err(StoreError::Corrupt(format!("state {state:?} of a delivery"))),
        };
        Ok(Delivery {
            event,
            endpoint,
            scope,
            name,
            subject,
            secret_version,
            happened_at,
            attempts,
            replays,
            replays_since,
            delayed,
            state,
        })
    }
}

impl Record for Attempt {
    const TABLE: &'static Table = table!("attempts", key 3, false, [
        event Text, endpoint Text, number Int, name Text, scope Int, at_ms Int, status Int, error Text,
        took_ms Int, signature Text, next_at_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.event.0).into(),
            (&self.endpoint.0).into(),
            self.number.into(),
            self.name.as_str().into(),
            self.scope.into(),
            self.at.0.into(),
            self.outcome.status.map(i64::from).into(),
            self.outcome.error.as_ref().into(),
            self.outcome.took_ms.into(),
            self.outcome.signature.as_ref().into(),
            self.next_at.map(|at| at.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Attempt {
            event: cells.id()?,
            endpoint: cells.id()?,
            number: cells.int()?,
            name: cells.word(EventKind::parse)?,
            scope: cells.scope()?,
            at: millis(cells)?,
            outcome: Outcome {
                status: cells.opt_int()?.and_then(|status| u16::try_from(status).ok()),
                error: cells.opt_text()?,
                took_ms: cells.int()?,
                signature: cells.opt_text()?,
            },
            next_at: cells.opt_int()?.map(Millis),
        })
    }
}
