//! Debits of a mandate. Source: reserve-pay 9.

use std::sync::Arc;

use super::authorising::overlaid;
use super::changes::{settle_due, write_sums};
use super::hearing::DebitReceipt;
use crate::apply::{Context, own};
use crate::captures;
use crate::command::Reply;
use crate::customer::Notes;
use crate::event::{EventKind, Snapshot};
use crate::failure::{Failure, debit as debit_failure};
use crate::id::{CustomerId, OrderId, TokenId};
use crate::instruction::{Instruction, InstructionKey};
use crate::money::Paise;
use crate::order::{Order, OrderState, PartialPayment};
use crate::payment::{MandateRole, MandateUse, Method, Payment, PaymentState};
use crate::rejection::Rejection;
use crate::tenant::Tenant;
use crate::token::{DEBITS_MAX, Token};
use crate::working_set::{Decision, WorkingSet};

/// Row 44: more than what remains of the block.
const ABOVE_REMAINING: u8 = 44;
/// Row 1: the bank's sequence numbers are used up.
const SEQUENCE: u8 = 1;

/// What a merchant sends to debit a mandate.
#[derive(Clone, Debug)]
pub struct DebitDraft {
    /// A new order.
    pub order: OrderId,
    /// Must be the order's.
    pub amount: Paise,
    /// Who gave the mandate.
    pub customer: CustomerId,
    /// The mandate.
    pub token: TokenId,
    /// As given.
    pub email: String,
    /// In E.164 form.
    pub contact: String,
    /// Laid over the order's.
    pub notes: Notes,
    /// As given.
    pub description: Option<String>,
    /// Connectors that exist.
    pub rails: Vec<String>,
}

/// A debit with the rows around it, as they were written together: what the network must know.
#[derive(Clone, Debug)]
pub struct DebitRows {
    /// The debit.
    pub payment: Arc<Payment>,
    /// The mandate.
    pub token: Arc<Token>,
    /// What is paid.
    pub order: Arc<Order>,
    /// The merchant in its mode.
    pub tenant: Arc<Tenant>,
    /// What the network is asked to do.
    pub instruction: Instruction,
}

/// Sets a debit's amount aside, to be taken by the bank: payment, token, order and instruction
/// together, which the reply holds. A mandate that gives nothing leaves a failed payment: then it is
/// the reply.
///
/// Rejects, in this order: `NotFound` (the order), `OrderForMandate`, `OrderPaid`,
/// `PaymentInProgress`, `OrderAmountMismatch`, `TokenMismatch`, `AboveMandateMaximum`, `NoUpiRail`.
pub fn debit(set: &mut WorkingSet, ctx: &mut Context, draft: &DebitDraft) -> Decision<Reply> {
    let order = own(ctx, set.order(&draft.order)?, |row| row.scope)?;
    if order.asks_for_mandate() {
        return Err(Rejection::OrderForMandate.into());
    }
    // In parts, one may wait for its capture beside others; capture takes no more than is due.
    let is_whole = order.partial_payment == PartialPayment::Refused;
    if order.state == OrderState::Paid || order.is_authorized && is_whole {
        return Err(Rejection::OrderPaid.into());
    }
    if !order.open.is_empty() {
        return Err(Rejection::PaymentInProgress.into());
    }
    // What is due no longer, because another payment has paid it, could not be captured.
    if !order.takes(draft.amount) {
        return Err(Rejection::OrderAmountMismatch.into());
    }
    let token = set.token(&draft.token)?;
    let is_own = |row: &Arc<Token>| row.scope == ctx.scope.id && !row.is_deleted;
    let token = token.filter(is_own).ok_or(Rejection::TokenMismatch)?;
    let of_order = order.customer.unwrap_or(draft.customer);
    if token.customer != draft.customer || of_order != draft.customer {
        return Err(Rejection::TokenMismatch.into());
    }
    if draft.amount > token.max_amount {
        return Err(Rejection::AboveMandateMaximum.into());
    }
    if !draft.rails.contains(&token.connector) {
        return Err(Rejection::NoUpiRail.into());
    }
    let token = settle_due(set, ctx, token)?;
    if let Some(fault) = token.state.debit_fault() {
        return fail_at_once(set, ctx, draft, &order, &token, Failure::Mandate(fault));
    }
    let Some(held) = token.hold(draft.amount) else {
        return fail_at_once(set, ctx, draft, &order, &token, debit_failure(ABOVE_REMAINING));
    };
    if held.debits > DEBITS_MAX {
        return fail_at_once(set, ctx, draft, &order, &token, debit_failure(SEQUENCE));
    }
    let payment = Arc::new(payment(ctx, draft, &order, &token, held.debits));
    set.put_payment(payment.clone());
    let held = Arc::new(held);
    write_sums(set, &token, &held);
    let order = Arc::new(order.attempted().opened(payment.id));
    set.put_order(order.clone());
    let key = InstructionKey::Debit(payment.id);
    let instruction = Instruction::new(key, ctx.scope.id, payment.id, ctx.now.millis);
    set.put_instruction(instruction.clone());
    let tenant = ctx.tenant.clone();
    Ok(Reply::Debit(Box::new(DebitRows { payment, token: held, order, tenant, instruction })))
}

fn payment(
    ctx: &mut Context,
    draft: &DebitDraft,
    order: &Order,
    token: &Token,
    sequence: i64,
) -> Payment {
    Payment {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        amount: draft.amount,
        method: Method::Upi { vpa: token.payer.as_ref().map(|payer| payer.vpa.clone()) },
        state: PaymentState::Created,
        description: draft.description.clone(),
        email: Some(draft.email.clone()),
        contact: Some(draft.contact.clone()),
        customer: Some(draft.customer),
        notes: overlaid(&order.notes, &draft.notes),
        bank_reference: None,
        virtual_account: None,
        qr_code: None,
        order: Some(order.id),
        invoice: None,
        mandate: Some(MandateUse {
            token: token.id,
            connector: token.connector.clone(),
            role: MandateRole::Debit { sequence },
            upi_transaction_id: None,
        }),
        created_at: ctx.now.time,
    }
}

/// A debit that never goes to the bank leaves a failed payment. Source: reserve-pay 9.3.
fn fail_at_once(
    set: &mut WorkingSet,
    ctx: &mut Context,
    draft: &DebitDraft,
    order: &Order,
    token: &Token,
    failure: Failure,
) -> Decision<Reply> {
    let failed = Arc::new(payment(ctx, draft, order, token, 0).failed(failure, token));
    set.put_payment(failed.clone());
    set.put_order(order.attempted());
    tell_failed(set, ctx, &failed)?;
    Ok(Reply::Payment(failed))
}

/// The bank has debited the payer: the money is here, and is captured where the order says so.
/// Source: reserve-pay 9.2.
pub(super) fn debited(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
    receipt: &DebitReceipt,
) -> Decision<Arc<Payment>> {
    let Some(mandate) = payment.mandate.clone().filter(|_| payment.is_open()) else {
        return Ok(payment.clone());
    };
    let amount = payment.amount;
    let token = set.token(&mandate.token)?.ok_or(Rejection::NotFound)?;
    let settled = token.settle(amount, ctx.now.time).ok_or(Rejection::NotFound)?;
    write_sums(set, &token, &Arc::new(settled));
    let connector = mandate.connector.clone();
    let authorized = Payment {
        state: PaymentState::Authorized,
        bank_reference: Some(receipt.rrn.clone()),
        mandate: Some(MandateUse {
            upi_transaction_id: Some(receipt.transaction_id.clone()),
            ..mandate
        }),
        ..Payment::clone(payment)
    };
    let rate = ctx.tenant.settings.upi_fee_bps;
    captures::arrive(set, ctx, authorized, connector, rate)
}

/// The bank has refused a debit: nothing was taken, and what was set aside is free again.
pub(super) fn refused(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
    failure: Failure,
) -> Decision<Arc<Payment>> {
    let Some(mandate) = payment.mandate.as_ref().filter(|_| payment.is_open()) else {
        return Ok(payment.clone());
    };
    let token = set.token(&mandate.token)?.ok_or(Rejection::NotFound)?;
    let free = Arc::new(token.unhold(payment.amount).ok_or(Rejection::NotFound)?);
    write_sums(set, &token, &free);
    let order = match payment.order {
        Some(id) => set.order(&id)?,
        None => None,
    };
    if let Some(order) = order {
        set.put_order(order.decided(payment.id));
    }
    let failed = Arc::new(payment.failed(failure, &free));
    set.put_payment(failed.clone());
    tell_failed(set, ctx, &failed)?;
    Ok(failed)
}

fn tell_failed(set: &mut WorkingSet, ctx: &mut Context, payment: &Arc<Payment>) -> Decision<()> {
    let snapshot = Snapshot { payment: Some(payment.clone()), ..Snapshot::default() };
    ctx.announce(set, payment.id.0, &[EventKind::PaymentFailed], snapshot)
}
