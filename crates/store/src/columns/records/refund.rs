//! Columns of refunds, what banks must do about them, and idempotency keys.

use vasool_core::instruction::{Instruction, InstructionKey, InstructionState};
use vasool_core::refund::{IdempotencyRecord, Pace, ReferenceKind, Refund, RefundState, Speed};
use vasool_core::time::Millis;

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_notes, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{paise, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for Refund {
    const TABLE: &'static Table = table!("refunds", key 1, true, [
        id Text, scope Int, payment Text, amount Int, status Text, notes Text, receipt Text,
        requested Text, pace Text, reference_kind Text, reference Text, connector Text,
        failure Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.payment.0).into(),
            self.amount.get().into(),
            self.state.as_str().into(),
            write_notes(&self.notes).into(),
            self.receipt.as_ref().into(),
            self.requested.as_str().into(),
            self.pace.as_str().into(),
            self.reference_kind.as_str().into(),
            self.reference.as_ref().into(),
            (&self.connector).into(),
            self.failure.as_ref().into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Refund {
            id: cells.id()?,
            scope: cells.scope()?,
            payment: cells.id()?,
            amount: paise(cells)?,
            state: cells.word(RefundState::parse)?,
            notes: read_notes(&cells.text()?)?,
            receipt: cells.opt_text()?,
            requested: cells.word(Speed::parse)?,
            pace: cells.word(Pace::parse)?,
            reference_kind: cells.word(ReferenceKind::parse)?,
            reference: cells.opt_text()?,
            connector: cells.text()?,
            failure: cells.opt_text()?,
            created_at: time(cells)?,
        })
    }
}

impl Record for Instruction {
    const TABLE: &'static Table = table!("instructions", key 2, true, [
        subject Text, kind Text, scope Int, lane Int, payment Text, asked Int, answer Text,
        state Text, due_ms Int, number Int, told Int, created_ms Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.key.subject().as_str().to_owned().into(),
            self.key.kind().into(),
            self.scope.into(),
            self.scope.lane().0.into(),
            (&self.payment.0).into(),
            self.asked.into(),
            self.answer.as_ref().into(),
            self.state.as_str().into(),
            self.state.due().map(|due| due.0).into(),
            self.number.into(),
            self.told.into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (subject, kind) = (cells.id()?, cells.text()?);
        let key = InstructionKey::parse(&kind, subject)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown instruction {kind:?}")))?;
        let scope = cells.scope()?;
        // The lane follows from the scope.
        cells.int()?;
        let (payment, asked, answer) = (cells.id()?, cells.int()?, cells.opt_text()?);
        let (word, due) = (cells.text()?, cells.opt_int()?.map(Millis));
        let state = InstructionState::parse(&word, due)
            .ok_or_else(|| StoreError::Corrupt(format!("state {word:?} of an instruction")))?;
        let (number, told, created_at) = (cells.int()?, cells.int()?, Millis(cells.int()?));
        Ok(Instruction { key, scope, payment, number, asked, told, created_at, answer, state })
    }
}

impl Record for IdempotencyRecord {
    const TABLE: &'static Table = table!("idempotency_keys", key 2, true, [
        scope Int, digest Text, request Text, refund Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            self.scope.into(),
            (&self.key).into(),
            (&self.request).into(),
            (&self.refund.0).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(IdempotencyRecord {
            scope: cells.scope()?,
            key: cells.text()?,
            request: cells.text()?,
            refund: cells.id()?,
            created_at: time(cells)?,
        })
    }
}
