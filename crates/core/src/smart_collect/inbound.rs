//! Money arrives at an account number, a UPI address or a QR code of a virtual account.
//! Source: smart-collect 8.

use std::sync::Arc;

use super::closing::close_if_due;
use crate::apply::Context;
use crate::captures::book_capture;
use crate::command::{Receipt, Reply};
use crate::event::{EventKind, Snapshot};
use crate::id::VirtualAccountId;
use crate::inbound::{Arrival, InboundTransfer};
use crate::ledger::Account;
use crate::money::Paise;
use crate::order::{Order, OrderState};
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::transfer::{Payee, TransferMode};
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, WorkingSet};

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

/// Decides what becomes of a new message, from step 2 on: payment, transfer, `amount_paid`, order,
/// postings and events together.
///
/// Rejects: `MethodNotEnabled` (a QR code that does not take it).
pub(crate) fn receive(
    set: &mut WorkingSet,
    ctx: &mut Context,
    arrival: Arrival<'_>,
) -> Decision<Reply> {
    let transfer = arrival.transfer;
    // 2. Does an account with this number and bank, this address or this code exist?
    let Some(account) = holder(set, ctx, transfer)? else {
        return Ok(Reply::Receipt(Receipt::Returned(arrival.reference)));
    };
    // 3. Is it still open?
    let account = close_if_due(set, ctx, account)?;
    let order = match account.order {
        Some(id) => set.order(&id)?,
        None => None,
    };
    let meant = Meant { arrival, account, order };
    if let VirtualAccountState::Closed { .. } = meant.account.state {
        return send_back(set, ctx, meant, CLOSED);
    }
    // 4. May this payer pay? Does it fit the order?
    if !meant.account.admits(transfer.payer.as_ref()) {
        return send_back(set, ctx, meant, PAYER_REFUSED);
    }
    match &meant.order {
        Some(order) if order.state == OrderState::Paid => send_back(set, ctx, meant, ORDER_PAID),
        Some(order) if !order.takes(transfer.amount) => send_back(set, ctx, meant, ORDER_AMOUNT),
        _ => credit(set, ctx, meant),
    }
}

/// A message with whom it is meant for.
struct Meant<'a> {
    arrival: Arrival<'a>,
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

/// Step 5: the merchant gets the money.
fn credit(set: &mut WorkingSet, ctx: &mut Context, meant: Meant<'_>) -> Decision<Reply> {
    let amount = meant.arrival.transfer.amount;
    let fee = amount.fee_at(ctx.tenant.settings.va_fee_bps);
    let mut account = VirtualAccount::clone(&meant.account);
    account.amount_paid = account
        .amount_paid
        .checked_add(amount)
        .ok_or(Rejection::AmountOutsideLimit(meant.arrival.transfer.mode))?;
    account.last_activity_at = ctx.now.time;
    account.payments += 1;

    let authorized = payment(set, ctx, &meant)?;
    let transfer = meant.arrival.transfer_row(ctx, authorized.id, Some(meant.account.id));
    let captured =
        Payment { state: PaymentState::Captured { fee, refunded: Paise::ZERO }, ..authorized };
    // An order takes what it was asked for above.
    let order = meant.order.as_ref().and_then(|row| row.attempted().authorized().captured(amount));
    let order = order.map(Arc::new);

    let bank = Account::Bank(transfer.connector.clone());
    book_capture(set, ctx, &captured, fee, bank, 0);
    let (captured, account, transfer) = (Arc::new(captured), Arc::new(account), Arc::new(transfer));
    meant.arrival.record(set, &captured, &transfer);
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
        order,
        ..Snapshot::default()
    };
    ctx.announce(set, subject, &kinds, snapshot)?;
    Ok(Reply::Receipt(Receipt::Credited(captured)))
}

/// The money goes back; the account and its order remember that it came.
fn send_back(
    set: &mut WorkingSet,
    ctx: &mut Context,
    meant: Meant<'_>,
    why: &str,
) -> Decision<Reply> {
    let Meant { arrival, account, order } = &meant;
    let authorized = payment(set, ctx, &meant)?;
    let transfer = arrival.transfer_row(ctx, authorized.id, Some(account.id));
    let returned = arrival.send_back(set, ctx, authorized, transfer, why, account.id.0)?;
    let mut account = VirtualAccount::clone(account);
    account.payments += 1;
    set.append().lines.push(account.line(returned.id, ctx.now.time));
    set.put_virtual_account(account);
    if let Some(order) = order.as_ref().filter(|order| order.state != OrderState::Paid) {
        set.put_order(order.attempted().authorized());
    }
    Ok(Reply::Receipt(Receipt::Refunded(returned)))
}

fn payment(set: &WorkingSet, ctx: &mut Context, meant: &Meant<'_>) -> Decision<Payment> {
    let account = &meant.account;
    let payment = meant.arrival.payment(set, ctx, account.customer)?;
    Ok(Payment { virtual_account: Some(account.id), order: account.order, ..payment })
}
