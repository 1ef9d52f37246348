//! Money arrives at an account number. Source: smart-collect 8.

use std::sync::Arc;

use super::closing::close_if_due;
use crate::apply::Context;
use crate::command::{InboundTransfer, Receipt, Reply};
use crate::customer::{Customer, e164};
use crate::event::{EventKind, Snapshot};
use crate::id::{PaymentId, VirtualAccountId};
use crate::instruction::{Instruction, InstructionKey};
use crate::ledger::{Account, Cause, Posting};
use crate::money::Paise;
use crate::payment::{BankTransfer, Method, Payment, PaymentState, TransferKey, TransferMode};
use crate::refund::{Pace, ReferenceKind, Refund, RefundState, Speed};
use crate::refunds::order_posting;
use crate::rejection::Rejection;
use crate::time::Millis;
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Alert, Decision, Lookup, WorkingSet};

/// `description` of a payment that came too late. Source: smart-collect 8 step 3.
const CLOSED: &str = "Customer Identifier closed";

/// Decides what becomes of a transfer, and books it: payment, transfer, `amount_paid`, postings
/// and events together.
///
/// Rejects: `AmountOutsideLimit` (only what the rail itself would not carry).
pub fn receive(
    set: &mut WorkingSet,
    ctx: &mut Context,
    transfer: &InboundTransfer,
) -> Decision<Reply> {
    let (least, most) = transfer.mode.limits();
    let paise = transfer.amount.get();
    if paise < least || most.is_some_and(|most| paise > most) {
        return Err(Rejection::AmountOutsideLimit(transfer.mode).into());
    }
    let reference = match &transfer.bank_reference {
        Some(reference) => reference.clone(),
        None => draw_reference(ctx, transfer.mode),
    };

    // 1. Seen before?
    let number = &transfer.account_number;
    let key =
        TransferKey::new(ctx.scope.id, &transfer.connector, transfer.mode, &reference, number);
    let seen = Lookup::Transfer(key);
    // A reference drawn here and now cannot have been seen.
    if transfer.bank_reference.is_some()
        && let Some(first) = set.lookup(&seen)?.first().copied()
    {
        return repeat(set, ctx, transfer, PaymentId(first), reference);
    }
    // 2. Does an account with this number and bank exist?
    let Some(account) = payee(set, ctx, transfer)? else {
        return Ok(Reply::Receipt(Receipt::Returned(reference)));
    };
    // 3. Is it still open?
    let account = close_if_due(set, ctx, account)?;
    let arrival = Arrival { transfer, reference, seen, account };
    match arrival.account.state {
        VirtualAccountState::Active => credit(set, ctx, arrival),
        VirtualAccountState::Closed { .. } => send_back(set, ctx, arrival, CLOSED),
    }
}

/// A transfer with all that was found out about it.
struct Arrival<'a> {
    transfer: &'a InboundTransfer,
    reference: String,
    seen: Lookup,
    account: Arc<VirtualAccount>,
}

fn payee(
    set: &WorkingSet,
    ctx: &Context,
    transfer: &InboundTransfer,
) -> Decision<Option<Arc<VirtualAccount>>> {
    let Some(raw) = set.lookup(&transfer.payee(ctx.scope.id))?.first().copied() else {
        return Ok(None);
    };
    let account = set.virtual_account(&VirtualAccountId(raw))?;
    Ok(account.filter(|account| {
        account.scope == ctx.scope.id
            && account.receives_at(&transfer.account_number, transfer.ifsc.as_deref())
    }))
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
    let transfer = bank_transfer(ctx, &arrival, authorized.id);
    let captured =
        Payment { state: PaymentState::Captured { fee, refunded: Paise::ZERO }, ..authorized };

    let bank = Account::Bank(transfer.connector.clone());
    let net_fee = fee.fee.checked_sub(fee.tax).expect("the tax is a part of the fee");
    let lines = [
        (bank, Account::MerchantPayable, amount),
        (Account::MerchantPayable, Account::Fees, net_fee),
        (Account::MerchantPayable, Account::Gst, fee.tax),
    ];
    book(set, ctx, Cause::Payment(captured.id), lines);
    let (captured, account, transfer) = (Arc::new(captured), Arc::new(account), Arc::new(transfer));
    record(set, arrival.seen, &captured, &transfer);
    set.append().lines.push(account.line(captured.id, ctx.now.time));
    set.put_virtual_account(account.clone());

    let subject = account.id.0;
    let kinds = [
        EventKind::PaymentAuthorized,
        EventKind::PaymentCaptured,
        EventKind::VirtualAccountCredited,
    ];
    let snapshot = Snapshot {
        payment: Some(captured.clone()),
        virtual_account: Some(account),
        bank_transfer: Some(transfer),
        refund: None,
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
    let transfer = bank_transfer(ctx, &arrival, authorized.id);
    let returned = Payment { state: PaymentState::Returned, ..authorized };
    let reachable = arrival.transfer.payer.as_ref().is_some_and(|payer| payer.is_refundable());
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
        method: Method::BankTransfer,
        state: PaymentState::Authorized,
        description: arrival.transfer.narration.clone(),
        email: customer.as_ref().and_then(|customer| customer.email.clone()),
        contact: customer.as_ref().and_then(|customer| customer.contact.as_deref().map(e164)),
        customer: account.customer,
        notes: vec![],
        bank_reference: arrival.reference.clone(),
        virtual_account: account.id,
        created_at: ctx.now.time,
    })
}

fn bank_transfer(ctx: &mut Context, arrival: &Arrival<'_>, payment: PaymentId) -> BankTransfer {
    let transfer = arrival.transfer;
    BankTransfer {
        payment,
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        connector: transfer.connector.clone(),
        mode: transfer.mode,
        bank_reference: arrival.reference.clone(),
        amount: transfer.amount,
        payee_account: transfer.account_number.to_ascii_uppercase(),
        payer: transfer.payer.clone().map(|payer| (ctx.draw.id(), payer)),
        virtual_account: arrival.account.id,
    }
}

/// Books the lines of one cause in order, leaving out those without money.
fn book<const N: usize>(
    set: &mut WorkingSet,
    ctx: &Context,
    cause: Cause,
    lines: [(Account, Account, Paise); N],
) {
    let lines = lines.into_iter().filter(|(_, _, amount)| *amount > Paise::ZERO);
    for (line, (debit, credit, amount)) in (0..).zip(lines) {
        set.post(Posting {
            cause,
            line,
            scope: ctx.scope.id,
            debit,
            credit,
            amount,
            posted_at: ctx.now.time,
        });
    }
}

/// Writes payment and transfer, so that a repeat of the message finds them.
fn record(
    set: &mut WorkingSet,
    seen: Lookup,
    payment: &Arc<Payment>,
    transfer: &Arc<BankTransfer>,
) {
    set.set_lookup(seen, vec![payment.id.0]);
    set.put_bank_transfer(transfer.clone());
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
        TransferMode::Imps | TransferMode::Upi => {
            format!("{}{:03}{}", date.year.rem_euclid(10), date.day_of_year, ctx.draw.digits(8))
        }
    }
}
