//! Columns of mandates.

use vasool_core::failure::Failure;
use vasool_core::time::Time;
use vasool_core::token::{Token, TokenPayer, TokenState};

use super::super::Kind::{Int, Text};
use super::super::{Cells, Record, Table, Value};
use super::{opt_time, paise, table, time};
use crate::error::StoreResult;

impl Record for Token {
    const TABLE: &'static Table = table!("tokens", key 1, true, [
        id Text, scope Int, customer Text, order_id Text, payment Text, connector Text,
        opaque Text, payer_vpa Text, payer_name Text, payer_since Int, state Text, failure Text,
        amount Int, blocked Int, debited Int, held Int, debits Int, max_amount Int,
        approve_by Int, expires_at Int, starts_at Int, created_at Int, used_at Int,
        mandate_number Text, sandbox_word Text, deleted Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let payer = self.payer.as_ref();
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.customer.0).into(),
            (&self.order.0).into(),
            (&self.payment.0).into(),
            (&self.connector).into(),
            (&self.opaque).into(),
            payer.map(|payer| &payer.vpa).into(),
            payer.and_then(|payer| payer.name.as_ref()).into(),
            payer.map(|payer| payer.received_at.0).into(),
            self.state.as_str().into(),
            self.failure.map(|failure| failure.key().into_owned()).into(),
            self.amount.get().into(),
            self.blocked.get().into(),
            self.debited.get().into(),
            self.held.get().into(),
            self.debits.into(),
            self.max_amount.get().into(),
            self.approve_by.0.into(),
            self.expires_at.0.into(),
            self.starts_at.0.into(),
            self.created_at.0.into(),
            self.used_at.map(|at| at.0).into(),
            self.mandate_number.as_ref().into(),
            self.trigger.as_ref().into(),
            self.is_deleted.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Token {
            id: cells.id()?,
            scope: cells.scope()?,
            customer: cells.id()?,
            order: cells.id()?,
            payment: cells.id()?,
            connector: cells.text()?,
            opaque: cells.text()?,
            payer: read_payer(cells)?,
            state: cells.word(TokenState::parse)?,
            failure: cells.opt_word(Failure::parse)?,
            amount: paise(cells)?,
            blocked: paise(cells)?,
            debited: paise(cells)?,
            held: paise(cells)?,
            debits: cells.int()?,
            max_amount: paise(cells)?,
            approve_by: time(cells)?,
            expires_at: time(cells)?,
            starts_at: time(cells)?,
            created_at: time(cells)?,
            used_at: opt_time(cells)?,
            mandate_number: cells.opt_text()?,
            trigger: cells.opt_text()?,
            // Behind the last cell of a snapshot there is nothing: it ends at the last that is set.
            is_deleted: cells.opt_int()?.unwrap_or(0) != 0,
        })
    }
}

fn read_payer(cells: &mut Cells) -> StoreResult<Option<TokenPayer>> {
    let (vpa, name, since) = (cells.opt_text()?, cells.opt_text()?, cells.opt_int()?);
    Ok(match (vpa, since) {
        (Some(vpa), Some(since)) => Some(TokenPayer { vpa, name, received_at: Time(since) }),
        _ => None,
    })
}
