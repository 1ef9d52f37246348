//! Columns of endpoints, events, deliveries and attempts.

use vasool_core::event::Event;
use vasool_core::id::{EventId, RawId};
use vasool_core::scope::ScopeId;
use vasool_core::time::{Millis, Time};
use vasool_core::webhook::{Attempt, Delivery, DeliveryState, Endpoint, Outcome};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_secrets, read_strings, write_secrets, write_strings};
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

/// An event with its body as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its id.
    pub id: EventId,
    /// Whose.
    pub scope: ScopeId,
    /// Its name on the wire.
    pub name: String,
    /// What it is about.
    pub subject: RawId,
    /// On the merchant's clock.
    pub created_at: Time,
    /// The JSON that every attempt sends.
    pub body: String,
}

impl EventRow {
    /// The row of an event whose body was rendered.
    pub fn new(event: &Event, body: String) -> EventRow {
        EventRow {
            id: event.id,
            scope: event.scope.id,
            name: event.fact.name().to_owned(),
            subject: event.subject,
            created_at: event.created_at,
            body,
        }
    }
}

impl Record for EventRow {
    const TABLE: &'static Table = table!("events", key 1, false, [
        id Text, scope Int, name Text, subject Text, created_at Int, body Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.name).into(),
            (&self.subject).into(),
            self.created_at.0.into(),
            (&self.body).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(EventRow {
            id: cells.id()?,
            scope: cells.scope()?,
            name: cells.text()?,
            subject: cells.id()?,
            created_at: time(cells)?,
            body: cells.text()?,
        })
    }
}

impl Record for Delivery {
    const TABLE: &'static Table = table!("deliveries", key 2, true, [
        event Text, endpoint Text, scope Int, lane Int, subject Text, secret_version Int,
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
        event Text, endpoint Text, number Int, scope Int, at_ms Int, status Int, error Text,
        took_ms Int, signature Text, next_at_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.event.0).into(),
            (&self.endpoint.0).into(),
            self.number.into(),
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
