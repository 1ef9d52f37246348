//! A database of its own in memory, filled with rows from elsewhere.

use rusqlite::Connection;

use super::save::insert_sql;
use super::{MIGRATIONS, failure, rows};
use crate::columns::{Cells, Table, Value};
use crate::error::StoreResult;

/// A copy of rows that can be asked in SQL.
pub struct Copy(Connection);

impl Copy {
    /// All tables, without rows.
    pub fn empty() -> StoreResult<Copy> {
        let connection = Connection::open_in_memory().map_err(failure)?;
        for sql in MIGRATIONS {
            connection.execute_batch(sql).map_err(failure)?;
        }
        Ok(Copy(connection))
    }

    /// Adds a row, in the order of [`Table::column_list`].
    pub fn add(&self, table: &Table, values: &[Value<'_>]) -> StoreResult<()> {
        let mut statement = self.0.prepare_cached(&insert_sql(table, false)).map_err(failure)?;
        statement.execute(rusqlite::params_from_iter(values)).map_err(failure)?;
        Ok(())
    }

    /// Rows of a query.
    pub fn rows(&self, sql: &str, params: &[Value<'_>]) -> StoreResult<Vec<Cells>> {
        rows(&self.0, sql, params)
    }
}
