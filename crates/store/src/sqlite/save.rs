//! Saving a batch: one immediate transaction, synced before it is acknowledged.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use vasool_core::timer::TimerKey;

use super::failure;
use crate::Batch;
use crate::columns::{Table, Value};
use crate::error::{StoreError, StoreResult};
use crate::plan::{Insert, Update, plan};

/// Saves all changes of a batch, or none.
pub fn save(connection: &mut Connection, batch: &Batch) -> StoreResult<()> {
    let plan = plan(batch);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    for change in &plan.updates {
        update(&transaction, change)?;
    }
    for addition in &plan.inserts {
        insert(&transaction, addition)?;
    }
    for key in &plan.cleared_timers {
        clear_timer(&transaction, *key)?;
    }
    for id in &plan.deleted_endpoints {
        for sql in [
            "DELETE FROM webhook_endpoints WHERE id = ?1",
            "UPDATE deliveries SET state = 'undelivered', due_ms = 0, version = version + 1 \
             WHERE endpoint = ?1 AND state = 'pending'",
        ] {
            transaction.execute(sql, [id]).map_err(failure)?;
        }
    }
    for scope in &plan.rearmed {
        // The lane only lets the index find them.
        let sql = "UPDATE timers SET due_ms = 0 WHERE lane = ?1 AND scope = ?2";
        transaction.execute(sql, [scope.lane().0, scope.0]).map_err(failure)?;
    }
    transaction.commit().map_err(failure)
}

fn update(transaction: &Transaction<'_>, update: &Update<'_>) -> StoreResult<()> {
    let table = update.table;
    let mut sql = format!("UPDATE {} SET version = version + 1", table.name);
    let mut params: Vec<&Value<'_>> = vec![];
    for (at, value) in &update.changed {
        params.push(value);
        sql += &format!(", {} = ?{}", table.columns[*at].0, params.len());
    }
    sql += " WHERE ";
    for (at, value) in update.key.iter().enumerate() {
        params.push(value);
        sql += &format!("{} = ?{} AND ", table.columns[at].0, params.len());
    }
    let base = Value::Int(update.base);
    params.push(&base);
    sql += &format!("version = ?{}", params.len());
    let mut statement = transaction.prepare_cached(&sql).map_err(failure)?;
    let changed = statement.execute(rusqlite::params_from_iter(params)).map_err(failure)?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict(format!("a row of {} has another version", table.name)))
    }
}

fn insert(transaction: &Transaction<'_>, insert: &Insert<'_>) -> StoreResult<()> {
    let sql = insert_sql(insert.table, insert.replace);
    let mut statement = transaction.prepare_cached(&sql).map_err(failure)?;
    for row in &insert.rows {
        statement.execute(rusqlite::params_from_iter(row)).map_err(failure)?;
    }
    Ok(())
}

/// The statement that adds one row.
pub fn insert_sql(table: &Table, replace: bool) -> String {
    let places: Vec<String> = (1..=table.kinds().len()).map(|at| format!("?{at}")).collect();
    let verb = if replace { "INSERT OR REPLACE" } else { "INSERT" };
    let columns = table.column_list();
    format!("{verb} INTO {} ({columns}) VALUES ({})", table.name, places.join(", "))
}

fn clear_timer(transaction: &Transaction<'_>, key: TimerKey) -> StoreResult<()> {
    let sql = "DELETE FROM timers WHERE subject = ?1 AND kind = ?2";
    let mut statement = transaction.prepare_cached(sql).map_err(failure)?;
    statement.execute([key.subject().as_str(), key.kind()]).map_err(failure)?;
    Ok(())
}
