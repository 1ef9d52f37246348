//! Columns of bulk files and their rows.

use vasool_core::bulk::{
    BulkFile, BulkKind, BulkRow, BulkState, Made, Notify, RowOutcome, RowRefusal,
};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_strings, write_strings};
use super::super::{Cells, Record, Table, Value};
use super::{millis, opt_time, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for BulkFile {
    const TABLE: &'static Table = table!("bulk_files", key 1, true, [
        id Text, scope Int, lane Int, kind Text, name Text, columns Text, sms Int, email Int,
        schedule Int, total Int, succeeded Int, failed Int, state Text, stored Int,
        stored_since_ms Int, due_ms Int, created_at Int, processed_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let storing = match self.state {
            BulkState::Storing { stored, since } => Some((stored, since.0)),
            _ => None,
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            self.kind.as_str().into(),
            self.name.as_ref().into(),
            write_strings(&self.columns).into(),
            self.notify.sms.into(),
            self.notify.email.into(),
            self.schedule.map(|at| at.0).into(),
            self.total.into(),
            self.succeeded.into(),
            self.failed.into(),
            self.state.as_str().into(),
            storing.map(|(stored, _)| stored).into(),
            storing.map(|(_, since)| since).into(),
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
        let columns = read_strings(&cells.text()?)?;
        let notify = Notify { sms: cells.flag()?, email: cells.flag()? };
        let schedule = opt_time(cells)?;
        let (total, succeeded, failed) = (cells.int()?, cells.int()?, cells.int()?);
        let word = cells.text()?;
        let storing = match (cells.opt_int()?, cells.opt_int()?) {
            (Some(stored), Some(since)) => Some((stored, vasool_core::time::Millis(since))),
            _ => None,
        };
        let (due, created_at) = (millis(cells)?, time(cells)?);
        let state = BulkState::parse(&word, storing, opt_time(cells)?)
            .ok_or_else(|| StoreError::Corrupt(format!("state {word:?} of a bulk file")))?;
        Ok(BulkFile {
            id,
            scope,
            kind,
            name,
            columns,
            notify,
            schedule,
            total,
            succeeded,
            failed,
            state,
            due,
            created_at,
        })
    }
}

impl Record for BulkRow {
    const TABLE: &'static Table = table!("bulk_rows", key 2, true, [
        file Text, number Int, scope Int, cells Text, state Text, customer Text,
        virtual_account Text, invoice Text, order_id Text, payment Text, error_code Text, error Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, made, refusal) = match &self.outcome {
            None => ("waiting", None, None),
            Some(RowOutcome::Done(made)) => ("done", Some(made), None),
            Some(RowOutcome::Refused(refusal)) => ("refused", None, Some(refusal)),
        };
        // Customer, account, link, order, payment.
        let mut ids = [None; 5];
        match made {
            Some(Made::Account { customer, account }) => {
                ids[0] = customer.as_ref().map(|id| &id.0);
                ids[1] = Some(&account.0);
            }
            Some(Made::Link(invoice)) => ids[2] = Some(&invoice.0),
            Some(Made::Debit { order, payment }) => {
                (ids[3], ids[4]) = (Some(&order.0), Some(&payment.0));
            }
            None => {}
        }
        let mut values = vec![
            (&self.file.0).into(),
            self.number.into(),
            self.scope.into(),
            write_strings(&self.cells).into(),
            state.into(),
        ];
        values.extend(ids.map(Value::from));
        values.push(refusal.map(|refusal| &refusal.code).into());
        values.push(refusal.map(|refusal| &refusal.description).into());
        values
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (file, number, scope) = (cells.id()?, cells.int()?, cells.scope()?);
        let (given, state) = (read_strings(&cells.text()?)?, cells.text()?);
        let (customer, account) = (cells.opt_id()?, cells.opt_id()?);
        let (invoice, order, payment) = (cells.opt_id()?, cells.opt_id()?, cells.opt_id()?);
        let made = match (account, invoice, order, payment) {
            (Some(account), None, None, None) => Some(Made::Account { customer, account }),
            (None, Some(invoice), None, None) => Some(Made::Link(invoice)),
            (None, None, Some(order), Some(payment)) => Some(Made::Debit { order, payment }),
            _ => None,
        };
        let outcome = match (state.as_str(), made, cells.opt_text()?, cells.opt_text()?) {
            ("waiting", None, None, None) => None,
            ("done", Some(made), None, None) => Some(RowOutcome::Done(made)),
            ("refused", None, Some(code), Some(description)) => {
                Some(RowOutcome::Refused(RowRefusal { code, description }))
            }
            _ => return Err(StoreError::Corrupt(format!("state {state:?} of a bulk row"))),
        };
        Ok(BulkRow { file, number, scope, cells: given, outcome })
    }
}
