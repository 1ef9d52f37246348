//! Money arrives at an account number, a UPI address or a QR code. Source: smart-collect 8.

use std::sync::Arc;

use super::closing::close_if_due;
use crate::apply::Context;
use crate::captures::{book, book_capture};
use crate::command::{Receipt, Reply};
use crate::customer::{Customer, e164};
use crate::event::{EventKind, Snapshot};
use crate::id::{PaymentId, VirtualAccountId};
use crate::instruction::{Instruction, InstructionKey};
use crate::ledger::{Account, Cause};
use crate::money::Paise;
use crate::order::{Order, OrderState};
use crate::payment::{Card, Method, Payment, PaymentState};
use crate::refund::{Pace, ReferenceKind, Refund, RefundState, Speed};
use crate::refunds::order_posting;
use crate::rejection::Rejection;
use crate::scope::ScopeId;
use crate::time::Millis;
use crate::transfer::{Payee, Payer, Transfer, TransferKey, TransferMode, is_refundable};
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Alert, Decision, Lookup, WorkingSet};

/// `description` of a payment that came too late. Source: smart-collect 8 step 3.
const CLOSED: &str = "Customer Identifier closed";
/// `description` of a payment by someone who may not pay. Source: smart-collect 8 step 4.
const PAYER_REFUSED: &str = "Bank Account Validation Failed";
/// `description` of a payment for an order that needs none. Source: common E21.
const ORDER_PAID: &str = "Your payment has been declined as the order is already paid. Please \
    initiate the payment with a new order.";
/// `description` of a payment that does not fit its order. Source: common E22.
const ORDER_AMOUNT: &str = "Your payment amount is different from your order amount. To pay \
    successfully, please try using right amount.";

/// A rail's message that money arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundTransfer {
    /// Which connector reports it.
    pub connector: String,
    /// Which rail.
    pub mode: TransferMode,
    /// UTR or RRN; drawn in the right shape when the sandbox was given none.
    pub bank_reference: Option<String>,
    /// What was paid.
    pub payee: Payee,
    /// IFSC that was paid, if the bank said.
    pub ifsc: Option<String>,
    /// How much.
    pub amount: Paise,
    /// Who paid, if the bank said.
    pub payer: Option<Payer>,
    /// The payer's words.
    pub narration: Option<String>,
}

impl InboundTransfer {
    /// How the account it is meant for is found.
    pub fn holder(&self, scope: ScopeId) -> Lookup {
        let space = scope.address_space();
        match &self.payee {
            Payee::Account(number) => Lookup::AccountNumber(space, number.clone()),
            Payee::Vpa(address) => Lookup::Vpa(space, address.clone()),
            Payee::Qr(id) => Lookup::QrCode(*id),
        }
    }

    /// What makes it a repeat; `None` while it has no reference.
    pub fn key(&self, scope: ScopeId) -> Option<TransferKey> {
        let reference = self.bank_reference.as_deref()?;
        Some(TransferKey::new(scope, &self.connector, self.mode, reference, self.payee.clone()))
    }
}

/// Decides what becomes of a transfer, and books it: payment, transfer, `amount_paid`, order,
/// postings and events together.
///
/// Rejects: `AmountOutsideLimit` (only what the rail itself would not carry), `MethodNotEnabled`
/// (a QR code that does not take it).
pub fn receive(
    set: &mut WorkingSet,
    ctx: &mut Context,
    transfer: &InboundTransfer,
) -> Decision<Reply> {
    let (least, most) = transfer.mode.limits(ctx.tenant.settings.upi_limit);
    let paise = transfer.amount.get();
    if paise < least || most.is_some_and(|most| paise > most) {
        return Err(Rejection::AmountOutsideLimit(transfer.mode).into());
    }
    let reference = match &transfer.bank_reference {
        Some(reference) => reference.clone(),
        None => draw_reference(ctx, transfer.mode),
    };

    // 1. Seen before?
    let payee = transfer.payee.clone();
    let key = TransferKey::new(ctx.scope.id, &transfer.connector, transfer.mode, &reference, payee);
    let seen = Lookup::Transfer(key);
    // A reference drawn here and now cannot have been seen.
    if transfer.bank_reference.is_some()
        && let Some(first) = set.lookup(&seen)?.first().copied()
    {
        return repeat(set, ctx, transfer, PaymentId(first), reference);
    }
    // 2. Does an account with this number and bank, this address or this code exist?
    let Some(account) = holder(set, ctx, transfer)? else {
        return Ok(Reply::Receipt(Receipt::Returned(reference)));
    };
    // 3. Is it still open?
    let account = close_if_due(set, ctx, account)?;
    let order = match account.order {
        Some(id) => set.order(&id)?,
        None => None,
    };
    let arrival = Arrival { transfer, reference, seen, account, order };
    if let VirtualAccountState::Closed { .. } = arrival.account.state {
        return send_back(set, ctx, arrival, CLOSED);
    }
    // 4. May this payer pay? Does it fit the order?
    if !arrival.account.admits(transfer.payer.as_ref()) {
        return send_back(set, ctx, arrival, PAYER_REFUSED);
    }
    match &arrival.order {
        Some(order) if order.state == OrderState::Paid => send_back(set, ctx, arrival, ORDER_PAID),
        Some(order) if !order.takes(transfer.amount) => send_back(set, ctx, arrival, ORDER_AMOUNT),
        _ => credit(set, ctx, arrival),
    }
}

/// A transfer with all that was found out about it.
struct Arrival<'a> {
    transfer: &'a InboundTransfer,
    reference: String,
    seen: Lookup,
    account: Arc<VirtualAccount>,
    order: Option<Arc<Order>>,
}

fn holder(
    set: &WorkingSet,
    ctx: &Context,
    transfer: &InboundTransfer,
) -> Decision<Option<Arc<VirtualAccount>>> {
    let Some(raw) = set.lookup(&transfer.holder(ctx.scope.id))?.first().copied() else {
        return Ok(None);
    };
    let account = set.virtual_account(&VirtualAccountId(raw))?;
    let Some(account) = account.filter(|account| account.scope == ctx.scope.id) else {
        return Ok(None);
    };
    let is_payee = match &transfer.payee {
        Payee::Account(number) => account.receives_at(number, transfer.ifsc.as_deref()),
        Payee::Vpa(address) => account.vpa.as_ref().is_some_and(|vpa| vpa.address() == *address),
        Payee::Qr(_) => match account.qr_code.as_ref().map(|qr| qr.methods) {
            Some(methods) if transfer.mode == TransferMode::Card && !methods.card => {
                return Err(Rejection::MethodNotEnabled.into());
            }
            Some(methods) if transfer.mode == TransferMode::Upi && !methods.upi => {
                return Err(Rejection::MethodNotEnabled.into());
            }
            methods => methods.is_some(),
        },
    };
    Ok(is_payee.then_some(account))
}

/// The same message again: the first result stands. Another amount is not another transfer, but
/// someone should look at it. Source: decisions 41 and 49.
fn repeat(
    set: &mut WorkingSet,
    ctx: &mut Context,
    transfer: &InboundTransfer,
    first: PaymentId,
    reference: String,
) -> Decision<Reply> {
    let payment = set.payment(&first)?.ok_or(Rejection::NotFound)?;
    if payment.amount != transfer.amount {
        let alert = Alert {
            id: ctx.draw.id(),
            scope: ctx.scope.id,
            connector: transfer.connector.clone(),
            reference,
            text: format!(
                "repeat of {first} with amount {} instead of {}",
                transfer.amount.get(),
                payment.amount.get()
            ),
            created_at: ctx.now.time,
        };
        set.append().alerts.push(alert);
    }
    Ok(Reply::Receipt(Receipt::Duplicate(payment)))
}

/// Step 5: the merchant gets the money.
fn credit(set: &mut WorkingSet, ctx: &mut Context, arrival: Arrival<'_>) -> Decision<Reply> {
    let amount = arrival.transfer.amount;
    let fee = amount.fee_at(ctx.tenant.settings.va_fee_bps);
    let mut account = VirtualAccount::clone(&arrival.account);
    account.amount_paid =
        account.amount_paid.checked_add(amount).ok_or_else(|| outside_limit(arrival.transfer))?;
    account.last_activity_at = ctx.now.time;
    account.payments += 1;

    let authorized = payment(set, ctx, &arrival)?;
    let transfer = transfer_row(ctx, &arrival, authorized.id);
    let captured =
        Payment { state: PaymentState::Captured { fee, refunded: Paise::ZERO }, ..authorized };
    // An order takes what it was asked for above.
    let order =
        arrival.order.as_ref().and_then(|row| row.attempted().authorized().captured(amount));
    let order = order.map(Arc::new);

    book_capture(set, ctx, &captured, fee, &transfer.connector);
    let (captured, account, transfer) = (Arc::new(captured), Arc::new(account), Arc::new(transfer));
    record(set, arrival.seen, &captured, &transfer);
    set.append().lines.push(account.line(captured.id, ctx.now.time));
    set.put_virtual_account(account.clone());
    if let Some(order) = &order {
        set.put_order(order.clone());
    }

    let subject = account.id.0;
    let mut kinds = vec![EventKind::PaymentAuthorized, EventKind::PaymentCaptured];
    if order.as_ref().is_some_and(|order| order.state == OrderState::Paid) {
        kinds.push(EventKind::OrderPaid);
    }
    kinds.push(EventKind::VirtualAccountCredited);
    let snapshot = Snapshot {
        payment: Some(captured.clone()),
        virtual_account: Some(account),
        transfer: Some(transfer),
        refund: None,
        order,
    };
    ctx.announce(set, subject, &kinds, snapshot)?;
    Ok(Reply::Receipt(Receipt::Credited(captured)))
}

/// The money goes back whole, without fee. Where nobody can be reached, the refund waits for
/// account details.
fn send_back(
    set: &mut WorkingSet,
    ctx: &mut Context,
    arrival: Arrival<'_>,
    why: &str,
) -> Decision<Reply> {
    let amount = arrival.transfer.amount;
    let mut authorized = payment(set, ctx, &arrival)?;
    authorized.description = Some(why.to_owned());
    let transfer = transfer_row(ctx, &arrival, authorized.id);
    let returned = Payment { state: PaymentState::Returned, ..authorized };
    let InboundTransfer { payee, mode, payer, .. } = arrival.transfer;
    let reachable = is_refundable(payee, *mode, payer.as_ref());
    let refund = Refund {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        payment: returned.id,
        amount,
        notes: vec![],
        receipt: None,
        requested: Speed::Normal,
        pace: Pace::Normal,
        reference_kind: ReferenceKind::of(&returned),
        reference: None,
        connector: transfer.connector.clone(),
        state: if reachable { RefundState::Processed } else { RefundState::Stranded },
        failure: None,
        created_at: ctx.now.time,
    };

    let bank = Account::Bank(transfer.connector.clone());
    book(set, ctx, Cause::Payment(returned.id), [(bank, Account::PayerReturns, amount)]);
    if reachable {
        order_posting(set, ctx, &returned, &refund);
        let key = InstructionKey::PayRefund(refund.id);
        set.put_instruction(Instruction::new(key, ctx.scope.id, returned.id, ctx.now.millis));
    }
    let (returned, refund) = (Arc::new(returned), Arc::new(refund));
    record(set, arrival.seen, &returned, &Arc::new(transfer));
    set.put_refund(refund.clone());
    let mut account = VirtualAccount::clone(&arrival.account);
    account.payments += 1;
    set.append().lines.push(account.line(returned.id, ctx.now.time));
    set.put_virtual_account(account);
    if let Some(order) = arrival.order.filter(|order| order.state != OrderState::Paid) {
        set.put_order(order.attempted().authorized());
    }

    let kinds =
        [EventKind::PaymentAuthorized, EventKind::RefundCreated, EventKind::RefundProcessed];
    let told = if reachable { &kinds[..] } else { &kinds[..2] };
    let snapshot =
        Snapshot { payment: Some(returned.clone()), refund: Some(refund), ..Snapshot::default() };
    ctx.announce(set, arrival.account.id.0, told, snapshot)?;
    Ok(Reply::Receipt(Receipt::Refunded(returned)))
}

fn payment(set: &WorkingSet, ctx: &mut Context, arrival: &Arrival<'_>) -> Decision<Payment> {
    let account = &arrival.account;
    let customer: Option<Arc<Customer>> = match account.customer {
        Some(id) => set.customer(&id)?,
        None => None,
    };
    Ok(Payment {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        amount: arrival.transfer.amount,
        method: method(ctx, arrival.transfer),
        state: PaymentState::Authorized,
        description: arrival.transfer.narration.clone(),
        email: customer.as_ref().and_then(|customer| customer.email.clone()),
        contact: customer.as_ref().and_then(|customer| customer.contact.as_deref().map(e164)),
        customer: account.customer,
        notes: vec![],
        bank_reference: Some(arrival.reference.clone()),
        virtual_account: Some(account.id),
        qr_code: None,
        order: account.order,
        created_at: ctx.now.time,
    })
}

fn method(ctx: &mut Context, transfer: &InboundTransfer) -> Method {
    match (&transfer.payee, transfer.mode) {
        (Payee::Account(_), _) => Method::BankTransfer,
        (_, TransferMode::Card) => Method::Card(test_card(ctx)),
        _ => Method::Upi { vpa: transfer.payer.as_ref().and_then(|payer| payer.vpa.clone()) },
    }
}

/// The card of every test payment by card. Source: smart-collect 5.15 asks for no card.
fn test_card(ctx: &mut Context) -> Card {
    Card {
        id: ctx.draw.id(),
        name: "Test Payer".to_owned(),
        last4: "1111".to_owned(),
        network: "Visa".to_owned(),
        kind: "debit".to_owned(),
        issuer: "UTIB".to_owned(),
    }
}

fn transfer_row(ctx: &mut Context, arrival: &Arrival<'_>, payment: PaymentId) -> Transfer {
    let transfer = arrival.transfer;
    Transfer {
        payment,
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        connector: transfer.connector.clone(),
        mode: transfer.mode,
        bank_reference: arrival.reference.clone(),
        amount: transfer.amount,
        payee: transfer.payee.clone(),
        payer: transfer.payer.clone().map(|payer| (ctx.draw.id(), payer)),
        virtual_account: Some(arrival.account.id),
    }
}

/// Writes payment and transfer, so that a repeat of the message finds them.
fn record(set: &mut WorkingSet, seen: Lookup, payment: &Arc<Payment>, transfer: &Arc<Transfer>) {
    set.set_lookup(seen, vec![payment.id.0]);
    set.put_transfer(transfer.clone());
    set.put_payment(payment.clone());
}

fn outside_limit(transfer: &InboundTransfer) -> Rejection {
    Rejection::AmountOutsideLimit(transfer.mode)
}

/// A bank reference in the shape of its rail. Source: rails 1.8.
fn draw_reference(ctx: &mut Context, mode: TransferMode) -> String {
    let date = crate::calendar::india_date(Millis(ctx.now.millis.0));
    match mode {
        TransferMode::Neft => format!(
            "UTIBN{:02}{:03}{}",
            date.year.rem_euclid(100),
            date.day_of_year,
            ctx.draw.alphanumerics(6)
        ),
        TransferMode::Rtgs => {
            format!("UTIBR5{:04}{:02}{:02}{}", date.year, date.month, date.day, ctx.draw.digits(8))
        }
        TransferMode::Imps | TransferMode::Upi | TransferMode::Card => {
            format!("{}{:03}{}", date.year.rem_euclid(10), date.day_of_year, ctx.draw.digits(8))
        }
    }
}
