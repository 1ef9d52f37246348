//! Columns of orders.

use vasool_core::order::{CapturePlan, Order, OrderState, PartialPayment};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_notes, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{amount_of, paise, table, time};
use crate::error::StoreResult;

impl Record for Order {
    const TABLE: &'static Table = table!("orders", key 1, true, [
        id Text, scope Int, amount Int, amount_paid Int, receipt Text, unique_receipt Int,
        status Text, attempts Int, authorized Int, partial_from Int, capture_automatic Int,
        manual_expiry_minutes Int, refunds_optimum Int, customer Text, notes Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let partial_from = match self.partial_payment {
            PartialPayment::Refused => None,
            PartialPayment::Allowed { first } => Some(first.get()),
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.amount.get().into(),
            self.amount_paid.get().into(),
            self.receipt.as_ref().into(),
            self.has_unique_receipt.into(),
            self.state.as_str().into(),
            self.attempts.into(),
            self.is_authorized.into(),
            partial_from.into(),
            self.capture.is_automatic.into(),
            self.capture.manual_expiry_minutes.into(),
            self.capture.refunds_optimum.into(),
            self.customer.as_ref().map(|id| &id.0).into(),
            write_notes(&self.notes).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Order {
            id: cells.id()?,
            scope: cells.scope()?,
            amount: paise(cells)?,
            amount_paid: paise(cells)?,
            receipt: cells.opt_text()?,
            has_unique_receipt: cells.flag()?,
            state: cells.word(OrderState::parse)?,
            attempts: cells.int()?,
            is_authorized: cells.flag()?,
            partial_payment: match cells.opt_int()? {
                None => PartialPayment::Refused,
                Some(first) => PartialPayment::Allowed { first: amount_of(first)? },
            },
            capture: CapturePlan {
                is_automatic: cells.flag()?,
                manual_expiry_minutes: cells.int()?,
                refunds_optimum: cells.flag()?,
            },
            customer: cells.opt_id()?,
            notes: read_notes(&cells.text()?)?,
            created_at: time(cells)?,
        })
    }
}
