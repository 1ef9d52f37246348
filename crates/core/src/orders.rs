//! Rules about orders. Source: common 7.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::order::{Order, OrderState};
use crate::rejection::Rejection;
use crate::working_set::Stop;

/// The order, while it can still be paid. Rejects: `NotFound`, `OrderPaid`.
pub fn payable(ctx: &Context, row: Option<Arc<Order>>) -> Result<Arc<Order>, Stop> {
    let order = own(ctx, row, |row| row.scope)?;
    match order.state {
        OrderState::Paid => Err(Rejection::OrderPaid.into()),
        OrderState::Created | OrderState::Attempted => Ok(order),
    }
}
