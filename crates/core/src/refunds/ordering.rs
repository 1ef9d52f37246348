//! A merchant orders a refund. Source: common 9.2, 9.4, 5.8, smart-collect 5.14.

use std::sync::Arc;

use super::trigger::{FALLBACK_PAISE, Trigger};
use super::{Claim, RefundDraft};
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::event::{EventKind, Snapshot};
use crate::id::RawId;
use crate::instruction::{Instruction, InstructionKey};
use crate::ledger::{Account, Cause, Posting};
use crate::money::Paise;
use crate::payment::{Method, Payment, PaymentState};
use crate::refund::{
    IdempotencyRecord, Pace, REFUND_AGE_SECONDS_MAX, ReferenceKind, Refund, RefundState, Speed,
};
use crate::rejection::Rejection;
use crate::scope::Mode;
use crate::working_set::{Decision, Lookup, WorkingSet};

/// Least amount of a refund that is given, paise. Source: common 9.2.
const AMOUNT_MIN: i64 = 100;
/// Least characters of an idempotency key. Source: common 5.8.
const KEY_CHARACTERS_MIN: usize = 10;

/// Orders a refund: payment, refund, instruction, posting and events together. The same idempotency
/// key and request again answers the first refund.
///
/// Rejects, in this order: `NotFound`, `IdempotencyKeyTooShort`, `IdempotencyKeyCharacters`,
/// `IdempotencyMismatch`, `PaymentNotCaptured`, `RefundTooSmall` (nothing was paid),
/// `FullyRefunded`, `RefundTooSmall`, `RefundAboveLeft`, `RefundTooLate`, `BalanceTooLow`,
/// `PayerUnreachable`, `ReceiptTaken`, `NoRail`.
pub fn create(set: &mut WorkingSet, ctx: &mut Context, draft: &RefundDraft) -> Decision<Reply> {
    let payment = own(ctx, set.payment(&draft.payment)?, |row| row.scope)?;
    if let Some(claim) = &draft.claim
        && let Some(first) = first_of(set, ctx, claim)?
    {
        return Ok(Reply::SameRefund(first));
    }
    let amount = amount(&payment, draft)?;
    if payment.created_at.plus_seconds(REFUND_AGE_SECONDS_MAX) < ctx.now.time {
        return Err(Rejection::RefundTooLate.into());
    }
    if draft.funds.is_some_and(|funds| amount > funds) {
        return Err(Rejection::BalanceTooLow.into());
    }
    let connector = connector(set, &payment)?;
    if let Some(receipt) = &draft.receipt {
        let lookup = Lookup::RefundReceipt(payment.id, receipt.clone());
        if !set.lookup(&lookup)?.is_empty() {
            return Err(Rejection::ReceiptTaken.into());
        }
    }
    if !draft.rails.contains(&connector) {
        return Err(Rejection::NoRail.into());
    }
    let after = payment.after_refund(amount).ok_or(Rejection::RefundAboveLeft)?;

    let pace = pace(ctx, &payment, draft.speed, amount);
    let refund = Arc::new(Refund {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        payment: payment.id,
        amount,
        notes: draft.notes.clone(),
        receipt: draft.receipt.clone(),
        requested: draft.speed,
        pace,
        reference_kind: ReferenceKind::of(&payment),
        reference: None,
        connector,
        state: first_state(ctx, pace, &draft.notes),
        failure: None,
        created_at: ctx.now.time,
    });
    order_payout(set, ctx, &after, &refund);
    remember(set, ctx, draft, &refund);
    let after = Arc::new(after);
    set.put_payment(after.clone());
    set.put_refund(refund.clone());
    let (told, subject) = (told_at_once(&refund), subject(&after));
    let snapshot =
        Snapshot { payment: Some(after), refund: Some(refund.clone()), ..Snapshot::default() };
    ctx.announce(set, subject, told, snapshot)?;
    Ok(Reply::Refund(refund))
}

/// The connector that pays a payment back, if its payer can be reached.
fn connector(set: &WorkingSet, payment: &Payment) -> Decision<String> {
    if let Some(mandate) = &payment.mandate {
        return Ok(mandate.connector.clone());
    }
    let transfer = set.transfer(&payment.id)?.filter(|transfer| transfer.is_refundable());
    Ok(transfer.ok_or(Rejection::PayerUnreachable)?.connector.clone())
}

/// A refund of a whole payment that nobody asked for: money that was never captured goes back.
/// Source: common 8.4, smart-collect 8.
pub fn automatic(ctx: &mut Context, payment: &Payment, connector: String, speed: Speed) -> Refund {
    let pace = pace(ctx, payment, speed, payment.amount);
    Refund {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        payment: payment.id,
        amount: payment.amount,
        notes: vec![],
        receipt: None,
        requested: speed,
        pace,
        reference_kind: ReferenceKind::of(payment),
        reference: None,
        connector,
        state: first_state(ctx, pace, &vec![]),
        failure: None,
        created_at: ctx.now.time,
    }
}

/// Writes that a refund must be paid: its posting, and the instruction.
pub fn order_payout(set: &mut WorkingSet, ctx: &Context, payment: &Payment, refund: &Refund) {
    order_posting(set, ctx, payment, refund);
    let key = InstructionKey::PayRefund(refund.id);
    set.put_instruction(Instruction::new(key, ctx.scope.id, payment.id, ctx.now.millis));
}

/// What is told about a refund when it is made.
pub fn told_at_once(refund: &Refund) -> &'static [EventKind] {
    match refund.state {
        RefundState::Processed => &[EventKind::RefundCreated, EventKind::RefundProcessed],
        _ => &[EventKind::RefundCreated],
    }
}

/// The refund that the same request made before. A key that was refused is not used up.
fn first_of(set: &WorkingSet, ctx: &Context, claim: &Claim) -> Decision<Option<Arc<Refund>>> {
    if claim.key.chars().count() < KEY_CHARACTERS_MIN {
        return Err(Rejection::IdempotencyKeyTooShort.into());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !claim.key.bytes().all(allowed) {
        return Err(Rejection::IdempotencyKeyCharacters.into());
    }
    let Some(record) = set.idempotency(&(ctx.scope.id, claim.digest.clone()))? else {
        return Ok(None);
    };
    if record.request != claim.request {
        return Err(Rejection::IdempotencyMismatch.into());
    }
    set.refund(&record.refund)
}

/// How much goes back, if the payment and what is left of it allow it.
fn amount(payment: &Payment, draft: &RefundDraft) -> Result<Paise, Rejection> {
    match payment.state {
        PaymentState::Created | PaymentState::Authorized | PaymentState::Failed(_) => {
            return Err(Rejection::PaymentNotCaptured);
        }
        PaymentState::Captured { .. } if payment.amount == Paise::ZERO => {
            return Err(Rejection::RefundTooSmall);
        }
        PaymentState::Captured { .. } | PaymentState::Returned => {}
    }
    let left = payment.refundable();
    if left == Paise::ZERO {
        return Err(Rejection::FullyRefunded);
    }
    match draft.amount {
        None => Ok(left),
        Some(paise) if paise < AMOUNT_MIN => Err(Rejection::RefundTooSmall),
        Some(paise) => {
            Paise::new(paise).filter(|amount| *amount <= left).ok_or(Rejection::RefundAboveLeft)
        }
    }
}

/// How fast a refund goes. Source: common 9.5.
fn pace(ctx: &Context, payment: &Payment, speed: Speed, amount: Paise) -> Pace {
    let can_be_instant = match payment.method {
        // Money for a virtual account goes back the way it came.
        _ if payment.virtual_account.is_some() => false,
        Method::BankTransfer | Method::Nach { .. } => false,
        Method::Upi { .. } | Method::Card(_) => true,
    };
    let falls_back = ctx.scope.mode == Mode::Test && amount.get() == FALLBACK_PAISE;
    match speed {
        Speed::Optimum if can_be_instant || falls_back => Pace::Instant,
        Speed::Optimum | Speed::Normal => Pace::Normal,
    }
}

/// A normal refund is told as processed at once, unless a trigger keeps the bank from saying yes.
fn first_state(ctx: &Context, pace: Pace, notes: &Notes) -> RefundState {
    match (pace, Trigger::of(ctx.scope.mode, notes)) {
        (Pace::Instant, _) | (_, Some(Trigger::Hold | Trigger::Fail(_))) => RefundState::Pending,
        (Pace::Normal, Some(Trigger::Approve) | None) => RefundState::Processed,
    }
}

/// What keeps receipt and key from being used again.
fn remember(set: &mut WorkingSet, ctx: &Context, draft: &RefundDraft, refund: &Refund) {
    if let Some(receipt) = &draft.receipt {
        let lookup = Lookup::RefundReceipt(refund.payment, receipt.clone());
        set.set_lookup(lookup, vec![refund.id.0]);
    }
    if let Some(claim) = &draft.claim {
        set.put_idempotency(IdempotencyRecord {
            scope: ctx.scope.id,
            key: claim.digest.clone(),
            request: claim.request.clone(),
            refund: refund.id,
            created_at: ctx.now.time,
        });
    }
}

/// Whose money a refund gives back: the merchant's, or what was never taken.
pub fn source(payment: &Payment) -> Account {
    match payment.state {
        PaymentState::Returned if payment.mandate.is_some() => Account::Uncaptured,
        PaymentState::Returned => Account::PayerReturns,
        PaymentState::Created
        | PaymentState::Failed(_)
        | PaymentState::Authorized
        | PaymentState::Captured { .. } => Account::MerchantPayable,
    }
}

/// Line 0 of a refund: its amount is on its way.
pub fn order_posting(set: &mut WorkingSet, ctx: &Context, payment: &Payment, refund: &Refund) {
    set.post(Posting {
        cause: Cause::Refund(refund.id),
        line: 0,
        scope: ctx.scope.id,
        debit: source(payment),
        credit: Account::RefundsPending,
        amount: refund.amount,
        posted_at: ctx.now.time,
    });
}

/// What keeps the events of a payment and its refunds in order: the account or QR code it was paid
/// to, as for the payment's own events.
pub fn subject(payment: &Payment) -> RawId {
    let code = payment.qr_code.map_or(payment.id.0, |code| code.0);
    payment.virtual_account.map_or(code, |account| account.0)
}
