//! Answers SQL from a copy of the data in SQLite, so that the memory store has every read of the
//! databases. The copy costs time that grows with the data: a simulation holds little.

use super::Data;
use crate::columns::{Cells, Record, Value};
use crate::error::StoreResult;
use crate::sqlite::Copy;

impl Data {
    /// The answers of queries.
    pub(super) fn answer(
        &self,
        queries: &[(String, Vec<Value<'static>>)],
    ) -> StoreResult<Vec<Vec<Cells>>> {
        let copy = Copy::empty()?;
        versioned(&copy, self.merchants.values())?;
        versioned(&copy, self.api_keys.values())?;
        versioned(&copy, self.tenants.values())?;
        versioned(&copy, self.customers.values())?;
        versioned(&copy, self.virtual_accounts.values())?;
        versioned(&copy, self.payments.values())?;
        versioned(&copy, self.transfers.values())?;
        versioned(&copy, self.orders.values())?;
        versioned(&copy, self.bank_accounts.values())?;
        versioned(&copy, self.qr_codes.values())?;
        versioned(&copy, self.refunds.values())?;
        versioned(&copy, self.tokens.values())?;
        versioned(&copy, self.nach_forms.values())?;
        versioned(&copy, self.nach_tokens.values())?;
        versioned(&copy, self.invoices.values())?;
        plain(&copy, self.scans.values())?;
        plain(&copy, self.filings.values())?;
        versioned(&copy, self.instructions.values())?;
        versioned(&copy, self.idempotency.values())?;
        versioned(&copy, self.endpoints.values())?;
        versioned(&copy, self.deliveries.values())?;
        versioned(&copy, self.bulk_files.values())?;
        versioned(&copy, self.bulk_rows.values())?;
        versioned(&copy, self.faults.values())?;
        plain(&copy, self.postings.values().map(|row| &**row))?;
        plain(&copy, self.lines.values())?;
        plain(&copy, self.links.values())?;
        plain(&copy, self.fund_accounts.values())?;
        plain(&copy, self.occurrences.values())?;
        plain(&copy, self.attempts.iter().map(|row| &**row))?;
        plain(&copy, self.messages.iter().map(|row| &**row))?;
        plain(&copy, self.alerts.iter().map(|row| &**row))?;
        plain(&copy, self.timers.values())?;
        queries.iter().map(|(sql, params)| copy.rows(sql, params)).collect()
    }
}

fn versioned<'a, T: Record + 'a>(
    copy: &Copy,
    rows: impl Iterator<Item = &'a (std::sync::Arc<T>, i64)>,
) -> StoreResult<()> {
    for (row, version) in rows {
        let mut values = row.values();
        values.insert(T::TABLE.key, Value::Int(*version));
        copy.add(T::TABLE, &values)?;
    }
    Ok(())
}

fn plain<'a, T: Record + 'a>(copy: &Copy, rows: impl Iterator<Item = &'a T>) -> StoreResult<()> {
    for row in rows {
        copy.add(T::TABLE, &row.values())?;
    }
    Ok(())
}
