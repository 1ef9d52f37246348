//! Notes of refunds and payments: the only part a merchant may change. Source: common 3.2, 8.3, 9.3.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::id::{PaymentId, RefundId};
use crate::payment::Payment;
use crate::refund::Refund;
use crate::working_set::{Decision, WorkingSet};

/// Replaces the notes of a refund in any state; nobody is told. Rejects: `NotFound`.
pub fn edit_notes(
    set: &mut WorkingSet,
    ctx: &Context,
    id: RefundId,
    notes: &Notes,
) -> Decision<Reply> {
    let refund = own(ctx, set.refund(&id)?, |row| row.scope)?;
    let refund = Arc::new(Refund { notes: notes.clone(), ..Refund::clone(&refund) });
    set.put_refund(refund.clone());
    Ok(Reply::Refund(refund))
}

/// Replaces the notes of a payment in any state; nobody is told. Rejects: `NotFound`.
pub fn edit_payment_notes(
    set: &mut WorkingSet,
    ctx: &Context,
    id: PaymentId,
    notes: &Notes,
) -> Decision<Reply> {
    let payment = own(ctx, set.payment(&id)?, |row| row.scope)?;
    let payment = Arc::new(Payment { notes: notes.clone(), ..Payment::clone(&payment) });
    set.put_payment(payment.clone());
    Ok(Reply::Payment(payment))
}
