//! Columns of orders.

use vasool_core::id::{PaymentId, RawId};
use vasool_core::order::{CapturePlan, MandateTerms, Order, OrderState, PartialPayment};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_notes, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{amount_of, opt_time, paise, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for Order {
    const TABLE: &'static Table = table!("orders", key 1, true, [
        id Text, scope Int, amount Int, amount_paid Int, receipt Text, unique_receipt Int,
        status Text, attempts Int, authorized Int, partial_from Int, capture_automatic Int,
        manual_expiry_minutes Int, refunds_optimum Int, customer Text, notes Text, created_at Int,
        mandate_max_amount Int, mandate_expires_at Int, token Text, open_payments Text,
        nach_form Int
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
            self.mandate.map(|terms| terms.max_amount.get()).into(),
            self.mandate.map(|terms| terms.expires_at.0).into(),
            self.token.as_ref().map(|id| &id.0).into(),
            write_ids(&self.open).into(),
            self.has_nach_form.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let mut order = Order {
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
            mandate: None,
            has_nach_form: false,
            token: None,
            open: vec![],
        };
        if let (Some(max_amount), Some(at)) = (cells.opt_int()?, opt_time(cells)?) {
            order.mandate =
                Some(MandateTerms { max_amount: amount_of(max_amount)?, expires_at: at });
        }
        order.token = cells.opt_id()?;
        order.open = read_ids(cells.opt_text()?.as_deref())?;
        // Behind the last cell of a snapshot there is nothing: it ends at the last that is set.
        order.has_nach_form = cells.opt_int()?.unwrap_or(0) != 0;
        Ok(order)
    }
}

/// Few ids, apart by blanks; nothing where there are none.
fn write_ids(ids: &[PaymentId]) -> Option<String> {
    let texts: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn read_ids(text: Option<&str>) -> StoreResult<Vec<PaymentId>> {
    let corrupt = || StoreError::Corrupt("open payments of an order".to_owned());
    let words = text.unwrap_or_default().split_ascii_whitespace();
    words.map(|word| RawId::parse(word).map(PaymentId).ok_or_else(corrupt)).collect()
}
