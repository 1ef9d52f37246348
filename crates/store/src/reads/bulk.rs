//! Reads of bulk files and their rows, and which process works on which file.

use vasool_core::bulk::{BulkFile, BulkRow, BulkState};
use vasool_core::customer::Customer;
use vasool_core::id::BatchId;
use vasool_core::invoice::Invoice;
use vasool_core::receiver::BankReceiver;
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;

use super::due::lanes_in_memory;
use super::{Page, Select, text};
use crate::Store;
use crate::columns::{Record, Value, read_banks, read_row, read_versioned};
use crate::error::StoreResult;

/// A row with what it made, for the report.
#[derive(Clone, PartialEq, Eq)]
pub struct BulkRowView {
    /// The row.
    pub row: BulkRow,
    /// The customer of the account.
    pub customer: Option<Customer>,
    /// Name and number of the account, and its bank receivers; nothing for a refused row.
    pub account: Option<(String, Option<String>, Vec<BankReceiver>)>,
    /// The registration link.
    pub link: Option<Invoice>,
}

/// Files that have rows to do; said for the index, which holds no others.
const OPEN: &str = "state IN ('created', 'processing')";
/// Files whose rows are all stored.
const WHOLE: &str = "state NOT IN ('storing', 'abandoned')";

impl Store {
    /// A bulk file that is whole.
    pub async fn bulk_file(&self, scope: ScopeId, id: BatchId) -> StoreResult<Option<BulkFile>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let row = data.bulk_files.get(&id).map(|(row, _)| BulkFile::clone(row));
                row.filter(|row| row.scope == scope && row.is_whole())
            }));
        }
        let select = Select::from::<BulkFile>().and("scope =", scope).and("id =", text(id.0));
        self.one(select.and_sql(WHOLE, vec![])).await
    }

    /// Bulk files that are whole, newest first.
    pub async fn bulk_files(&self, scope: ScopeId, page: Page) -> StoreResult<Vec<BulkFile>> {
        let select = Select::from::<BulkFile>().and("scope =", scope).and_sql(WHOLE, vec![]);
        self.all(select.page(page)).await
    }

    /// Rows of a file behind a number, in order.
    pub async fn bulk_rows(
        &self,
        file: BatchId,
        behind: i64,
        limit: i64,
    ) -> StoreResult<Vec<BulkRow>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let rows = data.bulk_rows.range((file, behind + 1)..=(file, i64::MAX));
                let limit = usize::try_from(limit).unwrap_or(0);
                rows.take(limit).map(|(_, (row, _))| BulkRow::clone(row)).collect()
            }));
        }
        let select = Select::from::<BulkRow>().and("file =", text(file.0)).and("number >", behind);
        self.all(select.order_by("number").limit(limit, 0)).await
    }

    /// The same with what the rows made.
    pub async fn bulk_row_views(
        &self,
        file: BatchId,
        behind: i64,
        limit: i64,
    ) -> StoreResult<Vec<BulkRowView>> {
        let columns = format!(
            "v.name, v.account_number, v.banks, {}, {}, {}",
            BulkRow::TABLE.column_list_of("b."),
            Customer::TABLE.column_list_of("c."),
            Invoice::TABLE.column_list_of("i.")
        );
        let from = "bulk_rows b LEFT JOIN virtual_accounts v ON v.id = b.virtual_account \
                    LEFT JOIN customers c ON c.id = b.customer \
                    LEFT JOIN invoices i ON i.id = b.invoice";
        let select = Select::columns(&columns, from, "b.")
            .and("b.file =", text(file.0))
            .and("b.number >", behind)
            .order_by("b.number")
            .limit(limit, 0);
        let [width, of_customer] = [BulkRow::TABLE, Customer::TABLE].map(|row| row.kinds().len());
        let rows = self.rows(select.sql(), select.params).await?;
        let view = |mut cells: crate::columns::Cells| {
            let (name, number, banks) = (cells.opt_text()?, cells.opt_text()?, cells.opt_text()?);
            let account = match name {
                Some(name) => Some((name, number, read_banks(banks.as_deref().unwrap_or("[]"))?)),
                None => None,
            };
            let mut row = cells.take(width);
            let row = read_row(&mut row)?;
            let mut customer = cells.take(of_customer);
            let customer = match customer.peek() {
                Value::Null => None,
                _ => Some(read_versioned(&mut customer)?.0),
            };
            let link = match cells.peek() {
                Value::Null => None,
                _ => Some(read_versioned(&mut cells)?.0),
            };
            Ok(BulkRowView { row, customer, account, link })
        };
        rows.into_iter().map(view).collect()
    }

    /// Lanes with files whose rows must be done, and their now.
    pub async fn bulk_lanes_due(&self, real: Millis) -> StoreResult<Vec<(Lane, Millis)>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let open = data.bulk_files.values().filter(|(row, _)| row.is_open());
                let due = open.map(|(row, _)| (row.scope, row.due));
                lanes_in_memory(&data.tenants, due, real)
            }));
        }
        self.lanes_due("bulk_files", OPEN, real).await
    }

    /// Files of a lane whose rows must be done at its now, earliest first, whoever may be working on
    /// them.
    pub async fn bulk_files_due(
        &self,
        lane: Lane,
        now: Millis,
        limit: i64,
    ) -> StoreResult<Vec<BulkFile>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let open = data.bulk_files.values().filter(|(row, _)| row.is_open());
                let mut due: Vec<BulkFile> = open
                    .filter(|(row, _)| row.scope.lane() == lane && row.due <= now)
                    .map(|(row, _)| BulkFile::clone(row))
                    .collect();
                due.sort_by_key(|row| (row.due, row.id));
                due.truncate(usize::try_from(limit).unwrap_or(0));
                due
            }));
        }
        let select = Select::from::<BulkFile>()
            .and("lane =", lane.0)
            .and("due_ms <=", now.0)
            .and_sql(OPEN, vec![]);
        self.all(select.order_by("due_ms, id").limit(limit, 0)).await
    }

    /// Takes a file into the hands of `holder` for `lease_ms` of real time, or keeps it there;
    /// false while it is in other hands. SQLite and memory serve one process.
    pub async fn lease_bulk_file(
        &self,
        id: BatchId,
        holder: &str,
        now_real: Millis,
        lease_ms: i64,
    ) -> StoreResult<bool> {
        let Store::Postgres(store) = self else { return Ok(true) };
        let sql = "UPDATE bulk_files SET leased_by = $1, leased_until_ms = $2 \
                   WHERE id = $3 AND (leased_until_ms <= $4 OR leased_by = $1)";
        let until = Value::Int(now_real.plus(lease_ms).0);
        let params = vec![holder.to_owned().into(), until, text(id.0), Value::Int(now_real.0)];
        Ok(store.execute(sql.to_owned(), params).await? == 1)
    }

    /// Files whose rows were being stored before that instant of real time, and are not all there.
    pub async fn bulk_files_left(&self, before: Millis) -> StoreResult<Vec<BulkFile>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let files = data.bulk_files.values().map(|(row, _)| BulkFile::clone(row));
                let is_left = |row: &BulkFile| match row.state {
                    BulkState::Storing { since, .. } => since < before,
                    _ => false,
                };
                files.filter(is_left).collect()
            }));
        }
        let select = Select::from::<BulkFile>().and_sql("state = 'storing'", vec![]);
        self.all(select.and("stored_since_ms <", before.0)).await
    }
}
