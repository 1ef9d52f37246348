//! From the changes of a batch to statements, the same for both databases.
//!
//! Updates come before inserts, so that a row that frees something unique frees it for a new one.
//! An update names only the columns that changed: an index whose columns are not named is not
//! touched, which keeps a credit to few dirty pages.

use vasool_core::scope::ScopeId;
use vasool_core::timer::TimerKey;
use vasool_core::working_set::Saved;

use crate::Batch;
use crate::columns::{Record, Table, Value};

/// One row to change.
pub struct Update<'a> {
    pub table: &'static Table,
    pub key: Vec<Value<'a>>,
    /// The version the row must still have.
    pub base: i64,
    /// Column positions and new values.
    pub changed: Vec<(usize, Value<'a>)>,
}

/// Rows to add to one table, each in the order of [`Table::column_list`].
pub struct Insert<'a> {
    pub table: &'static Table,
    pub rows: Vec<Vec<Value<'a>>>,
    /// Replace a row with the same key: timers only.
    pub replace: bool,
}

/// What a batch writes.
pub struct Plan<'a> {
    pub updates: Vec<Update<'a>>,
    pub inserts: Vec<Insert<'a>>,
    pub cleared_timers: Vec<TimerKey>,
    pub deleted_endpoints: Vec<String>,
    pub rearmed: Vec<ScopeId>,
}

/// The statements of a batch.
pub fn plan(batch: &Batch) -> Plan<'_> {
    let mut plan = Plan {
        updates: vec![],
        inserts: vec![],
        cleared_timers: vec![],
        deleted_endpoints: vec![],
        rearmed: vec![],
    };
    let changes = &batch.changes;
    plan.rows(&changes.merchants);
    plan.rows(&changes.api_keys);
    plan.rows(&changes.tenants);
    plan.rows(&changes.customers);
    plan.rows(&changes.virtual_accounts);
    plan.rows(&changes.orders);
    plan.rows(&changes.bank_accounts);
    plan.rows(&changes.qr_codes);
    plan.rows(&changes.payments);
    plan.rows(&changes.transfers);
    plan.rows(&changes.refunds);
    plan.rows(&changes.tokens);
    plan.rows(&changes.nach_forms);
    plan.rows(&changes.nach_tokens);
    plan.rows(&changes.invoices);
    plan.rows(&changes.instructions);
    plan.rows(&changes.idempotency);
    plan.rows(&changes.endpoints);
    plan.rows(&changes.deliveries);
    plan.rows(&changes.bulk_files);
    plan.rows(&changes.bulk_rows);
    plan.rows(&changes.faults);
    plan.add(&batch.postings);
    plan.add(&changes.appended.lines);
    plan.add(&changes.appended.links);
    plan.add(&changes.appended.fund_accounts);
    plan.add(&changes.appended.scans);
    plan.add(&changes.appended.filings);
    plan.add(&changes.appended.occurrences);
    plan.add(&changes.appended.attempts);
    plan.add(&changes.appended.messages);
    plan.add(&changes.appended.alerts);
    plan.timers(batch);
    let deleted = &changes.appended.deleted_endpoints;
    plan.deleted_endpoints = deleted.iter().map(|id| id.0.as_str().to_owned()).collect();
    plan.rearmed = changes.appended.rearmed.clone();
    plan
}

impl<'a> Plan<'a> {
    fn rows<T: Record>(&mut self, saved: &'a [Saved<T>]) {
        let table = T::TABLE;
        let mut rows = vec![];
        for row in saved.iter().filter(|row| row.is_written) {
            let mut values = row.row.values();
            let Some((before, base)) = &row.before else {
                values.insert(table.key, Value::Int(1));
                rows.push(values);
                continue;
            };
            let changed = values
                .split_off(table.key)
                .into_iter()
                .zip(before.values().split_off(table.key))
                .enumerate()
                .filter(|(_, (new, old))| new != old)
                .map(|(at, (new, _))| (at + table.key, new))
                .collect();
            self.updates.push(Update { table, key: values, base: *base, changed });
        }
        self.insert(table, rows, false);
    }

    fn add<T: Record>(&mut self, rows: &'a [T]) {
        self.insert(T::TABLE, rows.iter().map(Record::values).collect(), false);
    }

    fn timers(&mut self, batch: &'a Batch) {
        // The last word on a key counts.
        let mut last = std::collections::BTreeMap::new();
        for (key, timer) in &batch.changes.appended.timers {
            last.insert(*key, timer.as_ref());
        }
        let mut rows = vec![];
        for (key, timer) in last {
            match timer {
                Some(timer) => rows.push(timer.values()),
                None => self.cleared_timers.push(key),
            }
        }
        self.insert(vasool_core::timer::Timer::TABLE, rows, true);
    }

    fn insert(&mut self, table: &'static Table, rows: Vec<Vec<Value<'a>>>, replace: bool) {
        if !rows.is_empty() {
            self.inserts.push(Insert { table, rows, replace });
        }
    }
}
