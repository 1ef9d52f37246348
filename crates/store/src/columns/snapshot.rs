//! The rows of an occurrence as one JSON text of our own shape: a list of parts, each its name and
//! its cells in column order. A row that gains columns later still reads: its old cells end early.

use std::sync::Arc;

use serde_json::Value as Json;
use vasool_core::event::Snapshot;

use super::records::{account_totals, read_account_totals};
use super::{Cells, Record, Value};
use crate::error::{StoreError, StoreResult};

/// The parts that are there. Written without a tree of JSON values in between, which took more time
/// than the text.
pub fn write_snapshot(snapshot: &Snapshot) -> String {
    let mut out = Writer { text: Vec::with_capacity(USUAL_LENGTH) };
    out.text.push(b'[');
    if let Some(payment) = &snapshot.payment {
        out.part("payment", &payment.values());
    }
    if let Some(account) = &snapshot.virtual_account {
        out.part("virtual_account", &account.values());
        out.part("totals", &account_totals(account));
    }
    if let Some(transfer) = &snapshot.transfer {
        out.part("transfer", &transfer.values());
    }
    if let Some(order) = &snapshot.order {
        out.part("order", &order.values());
    }
    if let Some(refund) = &snapshot.refund {
        out.part("refund", &refund.values());
    }
    if let Some(code) = &snapshot.qr_code {
        out.part("qr_code", &code.values());
    }
    if let Some(token) = &snapshot.token {
        out.part("token", &token.values());
    }
    if let Some(token) = &snapshot.nach_token {
        out.part("nach_token", &token.values());
    }
    if let Some(form) = &snapshot.nach_form {
        out.part("nach_form", &form.values());
    }
    if let Some(invoice) = &snapshot.invoice {
        out.part("invoice", &invoice.values());
    }
    out.text.push(b']');
    String::from_utf8(out.text).expect("JSON is UTF-8")
}

/// Bytes of the snapshot of a credit, with room for notes.
const USUAL_LENGTH: usize = 1024;

struct Writer {
    text: Vec<u8>,
}

impl Writer {
    fn part(&mut self, name: &str, values: &[Value<'_>]) {
        self.comma();
        self.text.push(b'[');
        self.json(name);
        self.text.extend_from_slice(b",[");
        // What ends early reads as null, and most rows end in columns they do not need.
        let end = values.iter().rposition(|value| *value != Value::Null).map_or(0, |at| at + 1);
        for value in &values[..end] {
            self.comma();
            match value {
                Value::Int(number) => self.json(number),
                Value::Text(text) => self.json(text.as_ref()),
                // No row of a snapshot holds a secret.
                Value::Null | Value::Bytes(_) => self.text.extend_from_slice(b"null"),
            }
        }
        self.text.extend_from_slice(b"]]");
    }

    /// Between two items, not before the first.
    fn comma(&mut self) {
        if self.text.last() != Some(&b'[') {
            self.text.push(b',');
        }
    }

    fn json<T: serde::Serialize + ?Sized>(&mut self, value: &T) {
        serde_json::to_writer(&mut self.text, value).expect("memory takes every text");
    }
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
            "totals" => {
                if let Some(account) = &mut snapshot.virtual_account {
                    read_account_totals(Arc::make_mut(account), &mut Cells::new(values(cells)?))?;
                }
            }
            "transfer" => snapshot.transfer = Some(read(cells)?),
            "order" => snapshot.order = Some(read(cells)?),
            "refund" => snapshot.refund = Some(read(cells)?),
            "token" => snapshot.token = Some(read(cells)?),
            "nach_token" => snapshot.nach_token = Some(read(cells)?),
            "nach_form" => snapshot.nach_form = Some(read(cells)?),
            "invoice" => snapshot.invoice = Some(read(cells)?),
            "qr_code" => snapshot.qr_code = Some(read(cells)?),
            _ => return Err(StoreError::Corrupt(format!("unknown part {name:?} of a snapshot"))),
        }
    }
    Ok(snapshot)
}

fn read<T: Record>(cells: Vec<Json>) -> StoreResult<Arc<T>> {
    Ok(Arc::new(T::read(&mut Cells::new(values(cells)?))?))
}

fn values(cells: Vec<Json>) -> StoreResult<Vec<Value<'static>>> {
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
    cells.into_iter().map(value).collect()
}
