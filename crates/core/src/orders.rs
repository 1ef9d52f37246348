//! Rules about orders. Source: common 7.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::id::{CustomerId, OrderId};
use crate::money::Paise;
use crate::order::{CapturePlan, MandateTerms, Order, OrderState, PartialPayment};
use crate::paper_nach::{NachFormDraft, make_form};
use crate::rejection::Rejection;
use crate::time::{DAY_SECONDS, Time};
use crate::working_set::{Decision, Lookup, Stop, WorkingSet};

/// An order to create; its fields were checked when they were read.
#[derive(Clone, Debug)]
pub struct OrderDraft {
    /// See [`Order::amount`].
    pub amount: Paise,
    /// See [`Order::receipt`].
    pub receipt: Option<String>,
    /// Whether the receipt must be the only one of its kind.
    pub has_unique_receipt: bool,
    /// See [`Order::partial_payment`].
    pub partial_payment: PartialPayment,
    /// See [`Order::capture`].
    pub capture: CapturePlan,
    /// See [`Order::customer`].
    pub customer: Option<CustomerId>,
    /// The mandate its payment approves.
    pub mandate: Option<MandateDraft>,
    /// The mandate on paper that it asks for.
    pub nach: Option<Box<NachFormDraft>>,
    /// See [`Order::notes`].
    pub notes: Notes,
}

/// A mandate to ask for. Source: reserve-pay 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MandateDraft {
    /// See [`MandateTerms::max_amount`].
    pub max_amount: Paise,
    /// See [`MandateTerms::expires_at`]; as late as may be where it is not given.
    pub expires_at: Option<Time>,
}

/// The longest mandate, seconds. Source: reserve-pay 3, I4.
pub const MANDATE_SECONDS_MAX: i64 = 90 * DAY_SECONDS;

/// Creates an order; one for a mandate on paper with its form. Rejects: `NotFound` (customer),
/// `OrderReceiptTaken`.
pub fn create(set: &mut WorkingSet, ctx: &mut Context, draft: &OrderDraft) -> Decision<Reply> {
    let customer = match draft.customer {
        Some(id) => Some(own(ctx, set.customer(&id)?, |row| row.scope)?),
        None => None,
    };
    let is_unique = draft.has_unique_receipt || ctx.tenant.settings.unique_receipts;
    let receipt = draft.receipt.clone().filter(|_| is_unique);
    let order = Order {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        amount: draft.amount,
        amount_paid: Paise::ZERO,
        receipt: draft.receipt.clone(),
        has_unique_receipt: is_unique,
        state: OrderState::Created,
        attempts: 0,
        is_authorized: false,
        partial_payment: draft.partial_payment,
        capture: draft.capture,
        customer: draft.customer,
        mandate: draft.mandate.map(|mandate| terms(ctx, mandate)),
        has_nach_form: draft.nach.is_some(),
        token: None,
        open: vec![],
        notes: draft.notes.clone(),
        created_at: ctx.now.time,
    };
    if let Some(receipt) = receipt {
        let holder = Lookup::OrderReceipt(ctx.scope.id, receipt);
        if !set.lookup(&holder)?.is_empty() {
            return Err(Rejection::OrderReceiptTaken.into());
        }
        set.set_lookup(holder, vec![order.id.0]);
    }
    let order = Arc::new(order);
    set.put_order(order.clone());
    match (&draft.nach, customer) {
        (Some(nach), Some(customer)) => {
            let form = make_form(set, ctx, &order, &customer, nach, None);
            Ok(Reply::NachOrder(order, Arc::new(form)))
        }
        (Some(_), None) => Err(Rejection::NotFound.into()),
        (None, _) => Ok(Reply::Order(order)),
    }
}

/// Frozen with the order. A time that was a little too late is the latest there is. Source:
/// reserve-pay 3.
fn terms(ctx: &Context, draft: MandateDraft) -> MandateTerms {
    let latest = ctx.now.time.plus_seconds(MANDATE_SECONDS_MAX);
    let expires_at = draft.expires_at.map_or(latest, |at| at.min(latest));
    MandateTerms { max_amount: draft.max_amount, expires_at }
}

/// Replaces the notes. Rejects: `NotFound`.
pub fn edit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: OrderId,
    notes: &Notes,
) -> Decision<Reply> {
    let order = own(ctx, set.order(&id)?, |row| row.scope)?;
    let order = Arc::new(Order { notes: notes.clone(), ..Order::clone(&order) });
    set.put_order(order.clone());
    Ok(Reply::Order(order))
}

/// The order, while it can still be paid. Rejects: `NotFound`, `OrderPaid`.
pub fn payable(ctx: &Context, row: Option<Arc<Order>>) -> Result<Arc<Order>, Stop> {
    let order = own(ctx, row, |row| row.scope)?;
    match order.state {
        OrderState::Paid => Err(Rejection::OrderPaid.into()),
        OrderState::Created | OrderState::Attempted => Ok(order),
    }
}
