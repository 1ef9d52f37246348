//! Columns of armed faults and mails.

use vasool_core::sandbox::{Fault, FaultKind, FaultTarget, Message, RailOperation};
use vasool_core::time::Millis;

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_strings, write_strings};
use super::super::{Cells, Record, Table, Value};
use super::{millis, table, time};
use crate::error::StoreResult;

impl Record for Fault {
    const TABLE: &'static Table = table!("faults", key 1, true, [
        id Text, scope Int, target Text, kind Text, events Text, operation Text, times Int, seconds Int, fired Int,
        armed_at_ms Int, disarmed Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.target.as_str().into(),
            self.kind.as_str().into(),
            write_strings(&self.events).into(),
            self.operation.map(RailOperation::as_str).into(),
            self.times.into(),
            self.seconds.into(),
            self.fired.into(),
            self.armed_at.0.into(),
            self.disarmed.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Fault {
            id: cells.id()?,
            scope: cells.scope()?,
            target: cells.word(FaultTarget::parse)?,
            kind: cells.word(FaultKind::parse)?,
            events: read_strings(&cells.text()?)?,
            operation: cells.opt_word(RailOperation::parse)?,
            times: cells.int()?,
            seconds: cells.int()?,
            fired: cells.int()?,
            armed_at: millis(cells)?,
            disarmed: cells.flag()?,
        })
    }
}

impl Record for Message {
    const TABLE: &'static Table = table!("messages", key 1, false, [
        id Text, scope Int, channel Text, recipient Text, subject Text, body Text, links Text,
        created_at Int, due_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.channel.into(),
            (&self.to).into(),
            (&self.subject).into(),
            (&self.text).into(),
            write_strings(&self.links).into(),
            self.created_at.0.into(),
            self.due.map(|due| due.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Message {
            id: cells.id()?,
            scope: cells.scope()?,
            channel: cells.word(|word| match word {
                "email" => Some("email"),
                "sms" => Some("sms"),
                _ => None,
            })?,
            to: cells.text()?,
            subject: cells.text()?,
            text: cells.text()?,
            links: read_strings(&cells.text()?)?,
            created_at: time(cells)?,
            due: cells.opt_int()?.map(Millis),
        })
    }
}
