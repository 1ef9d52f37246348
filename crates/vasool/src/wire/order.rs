//! Orders on the wire. Source: common 7.

use serde::Serialize;
use vasool_core::id::OrderId;
use vasool_core::order::Order;

use super::out::{Id, NotesOut};

/// The order entity. Source: common 7.1.
#[derive(Serialize)]
pub struct OrderOut<'a> {
    id: Id<OrderId>,
    entity: &'static str,
    amount: i64,
    amount_paid: i64,
    amount_due: i64,
    currency: &'static str,
    receipt: Option<&'a str>,
    offer_id: Option<()>,
    status: &'static str,
    attempts: i64,
    notes: NotesOut<'a>,
    created_at: i64,
}

impl<'a> From<&'a Order> for OrderOut<'a> {
    fn from(row: &'a Order) -> Self {
        OrderOut {
            id: Id(row.id),
            entity: "order",
            amount: row.amount.get(),
            amount_paid: row.amount_paid.get(),
            amount_due: row.amount_due().get(),
            currency: "INR",
            receipt: row.receipt.as_deref(),
            offer_id: None,
            status: row.state.as_str(),
            attempts: row.attempts,
            notes: NotesOut(&row.notes),
            created_at: row.created_at.0,
        }
    }
}
