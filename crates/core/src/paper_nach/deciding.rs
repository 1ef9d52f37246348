//! The bank decides on a mandate. Source: paper-nach T4, T5, 7.

use std::sync::Arc;

use super::charging::charge_first;
use super::links::{expire_if_due, set_timer};
use super::{ending, hearing::finish};
use crate::apply::Context;
use crate::event::{EventKind, Snapshot};
use crate::failure::{Failure, NachFailure};
use crate::filing::FileTimes;
use crate::instruction::InstructionKey;
use crate::invoice::{Invoice, InvoiceState};
use crate::money::{Fee, Paise};
use crate::nach_form::{NachForm, Registration};
use crate::nach_token::{NachState, NachToken};
use crate::order::Order;
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::working_set::{Decision, WorkingSet};

/// The bank has accepted a mandate: its payment of nothing is captured, order and link are paid, and
/// the first debit starts. All of it is one change, told in the printed order. `first_debit`: when the
/// first debit goes into a file, where its rail takes files.
pub(super) fn accept(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<NachToken>,
    umrn: Option<String>,
    first_debit: Option<FileTimes>,
) -> Decision<Arc<NachToken>> {
    let Some(confirmed) = token.confirmed(umrn) else { return Ok(token) };
    let confirmed = Arc::new(confirmed);
    set.put_nach_token(confirmed.clone());
    finish(set, ctx, InstructionKey::Register(token.id), "accepted")?;
    let payment = set.payment(&token.payment)?.ok_or(Rejection::NotFound)?;
    if !payment.is_open() {
        // The merchant has withdrawn it; that is on its way to the network.
        return Ok(confirmed);
    }
    let order = set.order(&token.order)?.ok_or(Rejection::NotFound)?;
    let form = set.nach_form(&token.order)?.ok_or(Rejection::NotFound)?;
    let fee = Fee { fee: Paise::ZERO, tax: Paise::ZERO };
    let state = PaymentState::Captured { fee, refunded: Paise::ZERO };
    let payment = Arc::new(Payment { state, ..Payment::clone(&payment) });
    let paid = Order::clone(&order).authorized().decided(payment.id);
    let paid = Arc::new(paid.captured(Paise::ZERO).ok_or(Rejection::OrderPaid)?);
    let registration = Registration::Confirmed;
    let form = Arc::new(NachForm { registration, ..NachForm::clone(&form) });
    let invoice = match form.invoice {
        Some(id) => set.invoice(&id)?,
        None => None,
    };
    // A link that was cancelled stays cancelled. Source: paper-nach 10.3.
    let invoice = invoice.filter(|invoice| invoice.state == InvoiceState::Issued).map(|invoice| {
        let state = InvoiceState::Paid { at: ctx.now.time, payment: payment.id };
        Arc::new(Invoice { state, ..Invoice::clone(&invoice) })
    });
    set.put_payment(payment.clone());
    set.put_order(paid.clone());
    set.put_nach_form(form.clone());
    let mut kinds =
        vec![EventKind::PaymentAuthorized, EventKind::PaymentCaptured, EventKind::OrderPaid];
    if let Some(invoice) = &invoice {
        set.put_invoice(invoice.clone());
        set_timer(set, invoice);
        kinds.push(EventKind::InvoicePaid);
    }
    kinds.push(EventKind::TokenConfirmed);
    let snapshot = Snapshot {
        payment: Some(payment.clone()),
        order: Some(paid),
        nach_form: Some(form.clone()),
        invoice,
        nach_token: Some(confirmed.clone()),
        ..Snapshot::default()
    };
    ctx.announce(set, payment.id.0, &kinds, snapshot)?;
    charge_first(set, ctx, &confirmed, &form, first_debit)?;
    Ok(confirmed)
}

/// The bank has refused a mandate, or nobody answered: another scan may be sent.
pub(super) fn reject(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<NachToken>,
    failure: NachFailure,
) -> Decision<Arc<NachToken>> {
    let Some(rejected) = token.rejected(failure) else { return Ok(token) };
    let payment = set.payment(&token.payment)?.ok_or(Rejection::NotFound)?;
    if !payment.is_open() {
        // The merchant has withdrawn it: there is nothing left to end.
        return ending::ended(set, ctx, token);
    }
    let rejected = Arc::new(rejected);
    set.put_nach_token(rejected.clone());
    let registration = Registration::Rejected(failure);
    let payment = fail(set, ctx, &rejected, Failure::Nach(failure), registration)?;
    let kinds = [EventKind::PaymentFailed, EventKind::TokenRejected];
    let snapshot = Snapshot {
        payment: Some(payment.clone()),
        nach_token: Some(rejected.clone()),
        ..Snapshot::default()
    };
    ctx.announce(set, payment.id.0, &kinds, snapshot)?;
    if rejected.state == NachState::Rejected
        && let Some(id) = payment.invoice
        && let Some(invoice) = set.invoice(&id)?
    {
        expire_if_due(set, ctx, invoice)?;
    }
    Ok(rejected)
}

/// The payment that would have registered a mandate fails; its order takes another scan.
pub(super) fn fail(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: &NachToken,
    failure: Failure,
    registration: Registration,
) -> Decision<Arc<Payment>> {
    let payment = set.payment(&token.payment)?.ok_or(Rejection::NotFound)?;
    let state = PaymentState::Failed(failure);
    let failed = Arc::new(Payment { state, ..Payment::clone(&payment) });
    set.put_payment(failed.clone());
    if let Some(order) = set.order(&token.order)? {
        set.put_order(Order::clone(&order).decided(payment.id));
    }
    if let Some(form) = set.nach_form(&token.order)? {
        set.put_nach_form(NachForm { registration, ..NachForm::clone(&form) });
    }
    finish(set, ctx, InstructionKey::Register(token.id), failure.fields().reason)?;
    Ok(failed)
}
