//! The rows of an occurrence as one JSON text of our own shape: a list of parts, each its name and
//! its cells in column order. A row that gains columns later still reads: its old cells end early.

use serde_json::{Value as Json, json};
use vasool_core::event::Snapshot;

use super::records::account_totals;
use super::{Cells, Record, Value};
use crate::error::{StoreError, StoreResult};

/// The parts that are there.
pub fn write_snapshot(snapshot: &Snapshot) -> String {
    let mut parts: Vec<(&str, Vec<Json>)> = vec![];
    if let Some(payment) = &snapshot.payment {
        parts.push(("payment", cells(payment.values())));
    }
    if let Some(account) = &snapshot.virtual_account {
        let mut values = account.values();
        values.extend(account_totals(account));
        parts.push(("virtual_account", cells(values)));
    }
    if let Some(transfer) = &snapshot.transfer {
        parts.push(("transfer", cells(transfer.values())));
    }
    if let Some(order) = &snapshot.order {
        parts.push(("order", cells(order.values())));
    }
    if let Some(refund) = &snapshot.refund {
        parts.push(("refund", cells(refund.values())));
    }
    json!(parts).to_string()
}

/// Reads the parts back.
pub fn read_snapshot(text: &str) -> StoreResult<Snapshot> {
    let parts: Vec<(String, Vec<Json>)> =
        serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let mut snapshot = Snapshot::default();
    for (name, cells) in parts {
        match name.as_str() {
            "payment" => snapshot.payment = Some(read(cells)?),
            "virtual_account" => snapshot.virtual_account = Some(read(cells)?),
            "transfer" => snapshot.transfer = Some(read(cells)?),
            "order" => snapshot.order = Some(read(cells)?),
            "refund" => snapshot.refund = Some(read(cells)?),
            _ => return Err(StoreError::Corrupt(format!("unknown part {name:?} of a snapshot"))),
        }
    }
    Ok(snapshot)
}

fn cells(values: Vec<Value<'_>>) -> Vec<Json> {
    let json = |value| match value {
        Value::Null => Json::Null,
        Value::Int(number) => Json::from(number),
        Value::Text(text) => Json::String(text.into_owned()),
        // No row of a snapshot holds a secret.
        Value::Bytes(_) => Json::Null,
    };
    values.into_iter().map(json).collect()
}

fn read<T: Record>(cells: Vec<Json>) -> StoreResult<std::sync::Arc<T>> {
    let value = |json| {
        Ok(match json {
            Json::Null => Value::Null,
            Json::String(text) => Value::Text(text.into()),
            Json::Number(number) => Value::Int(
                number
                    .as_i64()
                    .ok_or_else(|| StoreError::Corrupt(format!("{number} in a snapshot")))?,
            ),
            other => return Err(StoreError::Corrupt(format!("{other} in a snapshot"))),
        })
    };
    let cells: StoreResult<Vec<Value<'static>>> = cells.into_iter().map(value).collect();
    Ok(std::sync::Arc::new(T::read(&mut Cells::new(cells?))?))
}
