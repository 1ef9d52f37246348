//! Columns of standalone QR codes.

use vasool_core::money::Paise;
use vasool_core::qr_code::{CloseReason, QrCode, QrKind, QrState, QrUsage};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_notes, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{amount_of, opt_time, paise, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for QrCode {
    const TABLE: &'static Table = table!("qr_codes", key 1, true, [
        id Text, scope Int, name Text, description Text, kind Text, usage Text, fixed_amount Int,
        amount_received Int, payments_received Int, short_code Text, customer Text, notes Text,
        close_by Int, state Text, closed_at Int, close_reason Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, closed_at, reason) = match self.state {
            QrState::Active => ("active", None, None),
            QrState::Closed { at, reason } => ("closed", Some(at.0), Some(reason.as_str())),
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.name.as_ref().into(),
            self.description.as_ref().into(),
            self.kind.as_str().into(),
            self.usage.as_str().into(),
            self.fixed_amount.map(Paise::get).into(),
            self.amount_received.get().into(),
            self.payments_received.into(),
            (&self.short_code).into(),
            self.customer.as_ref().map(|id| &id.0).into(),
            write_notes(&self.notes).into(),
            self.close_by.map(|at| at.0).into(),
            state.into(),
            closed_at.into(),
            reason.into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(QrCode {
            id: cells.id()?,
            scope: cells.scope()?,
            name: cells.opt_text()?,
            description: cells.opt_text()?,
            kind: cells.word(QrKind::parse)?,
            usage: cells.word(QrUsage::parse)?,
            fixed_amount: cells.opt_int()?.map(amount_of).transpose()?,
            amount_received: paise(cells)?,
            payments_received: cells.int()?,
            short_code: cells.text()?,
            customer: cells.opt_id()?,
            notes: read_notes(&cells.text()?)?,
            close_by: opt_time(cells)?,
            state: read_state(cells)?,
            created_at: time(cells)?,
        })
    }
}

fn read_state(cells: &mut Cells) -> StoreResult<QrState> {
    let (state, at) = (cells.text()?, opt_time(cells)?);
    match (state.as_str(), at, cells.opt_word(CloseReason::parse)?) {
        ("active", None, None) => Ok(QrState::Active),
        ("closed", Some(at), Some(reason)) => Ok(QrState::Closed { at, reason }),
        _ => Err(StoreError::Corrupt(format!("state {state:?} of a QR code"))),
    }
}
