//! Debits of a mandate on paper. Source: paper-nach 12.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::captures;
use crate::command::Reply;
use crate::customer::{Notes, e164};
use crate::event::{EventKind, Snapshot};
use crate::failure::{Failure, NachFailure};
use crate::filing::{self, Connector, FileTimes};
use crate::id::{CustomerId, OrderId, TokenId};
use crate::instruction::{Instruction, InstructionKey};
use crate::money::Paise;
use crate::nach_form::NachForm;
use crate::nach_token::{NachState, NachToken};
use crate::order::{CapturePlan, Order, OrderState, PartialPayment};
use crate::orders::{self, OrderDraft};
use crate::payment::{MandateRole, MandateUse, Method, Payment, PaymentState};
use crate::rejection::Rejection;
use crate::scope::ScopeId;
use crate::working_set::{Decision, Key, Lookup, WorkingSet};

use super::ending;

/// What a merchant sends to debit a mandate.
#[derive(Clone, Debug)]
pub struct ChargeDraft {
    /// The order to pay.
    pub order: OrderId,
    /// Must be the order's.
    pub amount: Paise,
    /// Who signed the mandate.
    pub customer: CustomerId,
    /// The mandate.
    pub token: TokenId,
    /// As given.
    pub email: String,
    /// In E.164 form.
    pub contact: String,
    /// The payment's notes.
    pub notes: Notes,
    /// As given.
    pub description: Option<String>,
    /// Connectors that exist. A mandate must last until its connector presents the debit.
    pub rails: Vec<Connector>,
}

/// Writes a debit that goes to the bank with the next cycle: payment, order and instruction together.
///
/// Rejects, in this order: `NotFound` (order, customer, mandate), `OrderPaid`, `OrderForMandate`,
/// `OrderAmountMismatch`, `MandateNotConfirmed`, `MandateNotActive`, `AboveMandateMaximum`,
/// `ChargeInProgress`, `NoNachRail`. Source: paper-nach 12.2.
pub fn charge(set: &mut WorkingSet, ctx: &mut Context, draft: &ChargeDraft) -> Decision<Reply> {
    let order = own(ctx, set.order(&draft.order)?, |row| row.scope)?;
    own(ctx, set.customer(&draft.customer)?, |row| row.scope)?;
    let token = own(ctx, set.nach_token(&draft.token)?, |row| row.scope)?;
    let of_order = order.customer.unwrap_or(draft.customer);
    if token.is_deleted || token.customer != draft.customer || of_order != draft.customer {
        return Err(Rejection::NotFound.into());
    }
    if order.state == OrderState::Paid || order.is_authorized {
        return Err(Rejection::OrderPaid.into());
    }
    if order.asks_for_mandate() {
        return Err(Rejection::OrderForMandate.into());
    }
    if !order.takes(draft.amount) {
        return Err(Rejection::OrderAmountMismatch.into());
    }
    let rail = filing::find(&draft.rails, &token.connector);
    let by_file = rail.and_then(|rail| rail.by_file);
    gives(ctx, &token, draft.amount, by_file)?;
    if !order.open.is_empty() {
        return Err(Rejection::ChargeInProgress.into());
    }
    if rail.is_none() {
        return Err(Rejection::NoNachRail.into());
    }
    let payment = Payment {
        email: Some(draft.email.clone()),
        contact: Some(draft.contact.clone()),
        notes: draft.notes.clone(),
        description: draft.description.clone(),
        ..debit(ctx, &token, &order)
    };
    present(set, ctx, &order, payment, &token, by_file)
}

/// Whether a mandate gives an amount when its connector presents the debit.
///
/// Rejects, in this order: `MandateNotConfirmed`, `MandateNotActive`, `AboveMandateMaximum`.
fn gives(
    ctx: &Context,
    token: &NachToken,
    amount: Paise,
    by_file: Option<FileTimes>,
) -> Decision<()> {
    let presented_at = by_file.map_or(ctx.now.time, |times| times.due.to_time());
    match token.state {
        NachState::Initiated => return Err(Rejection::MandateNotConfirmed.into()),
        NachState::Confirmed if !token.is_expired(presented_at) => {}
        _ => return Err(Rejection::MandateNotActive.into()),
    }
    if amount > token.max_amount {
        return Err(Rejection::AboveMandateMaximum.into());
    }
    Ok(())
}

/// A debit that brings its own order.
#[derive(Clone, Debug)]
pub struct NewChargeDraft {
    /// The order, of the customer who signed the mandate; the payment shares its notes.
    pub order: OrderDraft,
    /// Who signed the mandate.
    pub customer: CustomerId,
    /// The mandate.
    pub token: TokenId,
    /// As given.
    pub description: Option<String>,
    /// See [`ChargeDraft::rails`].
    pub rails: Arc<[Connector]>,
}

impl NewChargeDraft {
    /// The rows it is known to need.
    pub(crate) fn keys(&self, scope: ScopeId) -> Vec<Key> {
        let receipt = self.order.receipt.clone().filter(|_| self.order.has_unique_receipt);
        let receipt = receipt.map(|receipt| Key::Lookup(Lookup::OrderReceipt(scope, receipt)));
        let mut keys = vec![Key::Customer(self.customer), Key::NachToken(self.token)];
        keys.extend(receipt);
        keys
    }
}

/// Writes an order and its debit together; e-mail and contact are those of the customer.
///
/// Rejects, in this order: `NotFound` (customer, mandate), what [`gives`] rejects, `NoNachRail`,
/// `OrderReceiptTaken`. Source: paper-nach 14.
pub(crate) fn charge_anew(
    set: &mut WorkingSet,
    ctx: &mut Context,
    draft: &NewChargeDraft,
) -> Decision<Reply> {
    let customer = own(ctx, set.customer(&draft.customer)?, |row| row.scope)?;
    let token = own(ctx, set.nach_token(&draft.token)?, |row| row.scope)?;
    if token.is_deleted || token.customer != customer.id {
        return Err(Rejection::NotFound.into());
    }
    let rail = filing::find(&draft.rails, &token.connector);
    let by_file = rail.and_then(|rail| rail.by_file);
    gives(ctx, &token, draft.order.amount, by_file)?;
    if rail.is_none() {
        return Err(Rejection::NoNachRail.into());
    }
    let Reply::Order(order) = orders::create(set, ctx, &draft.order)? else {
        return Err(Rejection::NotFound.into());
    };
    let payment = Payment {
        email: customer.email.clone(),
        contact: customer.contact.as_deref().map(e164),
        notes: order.notes.clone(),
        description: draft.description.clone(),
        ..debit(ctx, &token, &order)
    };
    present(set, ctx, &order, payment, &token, by_file)
}

/// The debit that was asked for with the registration: an order of its own, paid at once. Source:
/// paper-nach 13.
pub(super) fn charge_first(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: &NachToken,
    form: &NachForm,
    by_file: Option<FileTimes>,
) -> Decision<()> {
    if form.first_payment == Paise::ZERO {
        return Ok(());
    }
    let order = Order {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        amount: form.first_payment,
        amount_paid: Paise::ZERO,
        receipt: None,
        has_unique_receipt: false,
        state: OrderState::Created,
        attempts: 0,
        is_authorized: false,
        partial_payment: PartialPayment::Refused,
        capture: CapturePlan::default(),
        customer: Some(token.customer),
        mandate: None,
        has_nach_form: false,
        token: None,
        open: vec![],
        notes: form.notes.clone(),
        created_at: ctx.now.time,
    };
    let payment = Payment {
        email: form.email.clone(),
        contact: form.contact.as_deref().map(e164),
        notes: form.notes.clone(),
        ..debit(ctx, token, &order)
    };
    present(set, ctx, &order, payment, token, by_file)?;
    Ok(())
}

fn debit(ctx: &mut Context, token: &NachToken, order: &Order) -> Payment {
    Payment {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        amount: order.amount_due(),
        method: Method::Nach { bank: token.account.bank().to_owned() },
        state: PaymentState::Created,
        description: None,
        email: None,
        contact: None,
        customer: Some(token.customer),
        notes: vec![],
        bank_reference: None,
        virtual_account: None,
        qr_code: None,
        order: Some(order.id),
        invoice: None,
        mandate: Some(MandateUse {
            token: token.id,
            connector: token.connector.clone(),
            role: MandateRole::Presentation,
            upi_transaction_id: None,
        }),
        created_at: ctx.now.time,
    }
}

fn present(
    set: &mut WorkingSet,
    ctx: &mut Context,
    order: &Order,
    payment: Payment,
    token: &NachToken,
    by_file: Option<FileTimes>,
) -> Decision<Reply> {
    let payment = Arc::new(payment);
    set.put_payment(payment.clone());
    set.put_order(order.attempted().opened(payment.id));
    let key = InstructionKey::Present(payment.id);
    let instruction = Instruction::new(key, ctx.scope.id, payment.id, ctx.now.millis);
    filing::order(set, ctx, instruction, &token.connector, payment.amount, by_file);
    Ok(Reply::Payment(payment))
}

/// The bank has honoured a debit: the money is here, and is captured where the order says so.
/// Source: paper-nach T10.
pub(super) fn honoured(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
) -> Decision<Arc<Payment>> {
    let Some(mandate) = payment.mandate.clone().filter(|_| payment.is_open()) else {
        return Ok(payment.clone());
    };
    let token = set.nach_token(&mandate.token)?.ok_or(Rejection::NotFound)?;
    set.put_nach_token(token.used(ctx.now.time));
    let authorized = Payment { state: PaymentState::Authorized, ..Payment::clone(payment) };
    let rate = ctx.tenant.settings.nach_fee_bps;
    captures::arrive(set, ctx, authorized, mandate.connector, rate)
}

/// The bank has returned a debit, or it never got there. Two codes end the mandate with it. Source:
/// paper-nach T11, 12.3.
pub(super) fn returned(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
    failure: NachFailure,
) -> Decision<Arc<Payment>> {
    if !payment.is_open() {
        return Ok(payment.clone());
    }
    let state = PaymentState::Failed(Failure::Nach(failure));
    let failed = Arc::new(Payment { state, ..Payment::clone(payment) });
    set.put_payment(failed.clone());
    if let Some(id) = payment.order
        && let Some(order) = set.order(&id)?
    {
        set.put_order(Order::clone(&order).decided(payment.id));
    }
    let snapshot = Snapshot { payment: Some(failed.clone()), ..Snapshot::default() };
    ctx.announce(set, payment.id.0, &[EventKind::PaymentFailed], snapshot)?;
    if let Some(mandate) = payment.mandate.as_ref().filter(|_| failure.ends_mandate())
        && let Some(token) = set.nach_token(&mandate.token)?
    {
        ending::ended(set, ctx, token)?;
    }
    Ok(failed)
}
