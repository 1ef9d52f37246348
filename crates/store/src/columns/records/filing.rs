//! Columns of what waits for files of rails.

use vasool_core::filing::Filing;
use vasool_core::instruction::InstructionKey;

use super::super::Kind::{Int, Text};
use super::super::{Cells, Record, Table, Value};
use super::{millis, paise, table};
use crate::error::{StoreError, StoreResult};

/// What a change adds. Later columns, `file` and `umrn`, belong to the connector.
impl Record for Filing {
    const TABLE: &'static Table = table!("filings", key 3, false, [
        subject Text, kind Text, number Int, scope Int, lane Int, connector Text, amount Int,
        due_ms Int, queue Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.key.subject().as_str().to_owned().into(),
            self.key.kind().into(),
            self.number.into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            (&self.connector).into(),
            self.amount.get().into(),
            self.due.0.into(),
            Filing::queue(&self.connector, self.key.kind()).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (subject, kind) = (cells.id()?, cells.text()?);
        let key = InstructionKey::parse(&kind, subject)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown kind {kind:?} of a filing")))?;
        let (number, scope) = (cells.int()?, cells.scope()?);
        // The lane follows from the scope.
        cells.int()?;
        let (connector, amount, due) = (cells.text()?, paise(cells)?, millis(cells)?);
        // The queue follows from connector and kind while it waits.
        cells.opt_text()?;
        Ok(Filing { key, number, scope, connector, amount, due })
    }
}
