//! Columns of bulk files and their rows.

use vasool_core::bulk::{BulkFile, BulkKind, BulkRow, BulkState, RowOutcome, RowRefusal};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_strings, write_strings};
use super::super::{Cells, Record, Table, Value};
use super::{millis, opt_time, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for BulkFile {
    const TABLE: &'static Table = table!("bulk_files", key 1, true, [
        id Text, scope Int, lane Int, kind Text, name Text, total Int, succeeded Int, failed Int,
        state Text, due_ms Int, created_at Int, processed_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            self.kind.as_str().into(),
            self.name.as_ref().into(),
            self.total.into(),
            self.succeeded.into(),
            self.failed.into(),
            self.state.as_str().into(),
            self.due.0.into(),
            self.created_at.0.into(),
            self.state.processed_at().map(|at| at.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope) = (cells.id()?, cells.scope()?);
        // The lane follows from the scope.
        cells.int()?;
        let (kind, name) = (cells.word(BulkKind::parse)?, cells.opt_text()?);
        let (total, succeeded, failed) = (cells.int()?, cells.int()?, cells.int()?);
        let word = cells.text()?;
        let (due, created_at) = (millis(cells)?, time(cells)?);
        let state = BulkState::parse(&word, opt_time(cells)?)
            .ok_or_else(|| StoreError::Corrupt(format!("state {word:?} of a bulk file")))?;
        Ok(BulkFile { id, scope, kind, name, total, succeeded, failed, state, due, created_at })
    }
}

impl Record for BulkRow {
    const TABLE: &'static Table = table!("bulk_rows", key 2, true, [
        file Text, number Int, scope Int, cells Text, state Text, customer Text,
        virtual_account Text, error_code Text, error Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, customer, account, refusal) = match &self.outcome {
            None => ("waiting", None, None, None),
            Some(RowOutcome::Done { customer, account }) => {
                ("done", customer.as_ref(), Some(account), None)
            }
            Some(RowOutcome::Refused(refusal)) => ("refused", None, None, Some(refusal)),
        };
        vec![
            (&self.file.0).into(),
            self.number.into(),
            self.scope.into(),
            write_strings(&self.cells).into(),
            state.into(),
            customer.map(|id| &id.0).into(),
            account.map(|id| &id.0).into(),
            refusal.map(|refusal| &refusal.code).into(),
            refusal.map(|refusal| &refusal.description).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (file, number, scope) = (cells.id()?, cells.int()?, cells.scope()?);
        let (given, state) = (read_strings(&cells.text()?)?, cells.text()?);
        let (customer, account) = (cells.opt_id()?, cells.opt_id()?);
        let outcome = match (state.as_str(), account, cells.opt_text()?, cells.opt_text()?) {
            ("waiting", None, None, None) => None,
            ("done", Some(account), None, None) => Some(RowOutcome::Done { customer, account }),
            ("refused", None, Some(code), Some(description)) => {
                Some(RowOutcome::Refused(RowRefusal { code, description }))
            }
            _ => return Err(StoreError::Corrupt(format!("state {state:?} of a bulk row"))),
        };
        Ok(BulkRow { file, number, scope, cells: given, outcome })
    }
}
