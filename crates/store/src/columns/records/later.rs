//! Columns of timers, and of alerts a person should look at.

use vasool_core::timer::{Timer, TimerKey};
use vasool_core::working_set::Alert;

use super::super::Kind::{Int, Text};
use super::super::{Cells, Record, Table, Value};
use super::{millis, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for Timer {
    const TABLE: &'static Table = table!("timers", key 2, false, [
        subject Text, kind Text, scope Int, lane Int, due_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.key.subject().as_str().to_owned().into(),
            self.key.kind().into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            self.due.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (subject, kind) = (cells.id()?, cells.text()?);
        let key = TimerKey::parse(&kind, subject)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown timer {kind:?}")))?;
        let scope = cells.scope()?;
        // The lane follows from the scope.
        cells.int()?;
        Ok(Timer { key, scope, due: millis(cells)? })
    }
}

impl Record for Alert {
    const TABLE: &'static Table = table!("alerts", key 1, false, [
        id Text, scope Int, connector Text, reference Text, body Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id).into(),
            self.scope.into(),
            (&self.connector).into(),
            (&self.reference).into(),
            (&self.text).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Alert {
            id: cells.id()?,
            scope: cells.scope()?,
            connector: cells.text()?,
            reference: cells.text()?,
            text: cells.text()?,
            created_at: time(cells)?,
        })
    }
}
