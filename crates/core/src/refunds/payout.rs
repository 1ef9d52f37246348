//! A bank answers. Source: common 9.5, 9.6, rails 8.3.
//!
//! The bank's yes or no is heard once; a repeat changes nothing, and a contradiction is shown to the
//! operator instead of being believed.

use std::sync::Arc;

use super::Report;
use super::ordering::{source, subject};
use crate::apply::Context;
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::instruction::{BankAnswer, Instruction, InstructionKey, InstructionState};
use crate::ledger::{Account, Cause, Posting};
use crate::payment::{Payment, PaymentState};
use crate::refund::{Pace, Refund, RefundState};
use crate::rejection::Rejection;
use crate::working_set::{Alert, Decision, WorkingSet};

/// Books what a bank says about a refund: state, postings, events and when to ask again. Rejects:
/// nothing; an answer about a refund of another scope, or of none, changes nothing.
pub fn report(set: &mut WorkingSet, ctx: &mut Context, report: &Report) -> Decision<Reply> {
    let Some(refund) = set.refund(&report.refund)?.filter(|row| row.scope == ctx.scope.id) else {
        return Ok(Reply::Done);
    };
    if !refund.state.is_ordered() {
        return repeated(set, ctx, &refund, &report.answer);
    }
    Ok(Reply::Refund(hear(set, ctx, refund, &report.answer)?))
}

/// What the bank says about a refund that it was asked to pay.
pub fn hear(
    set: &mut WorkingSet,
    ctx: &mut Context,
    refund: Arc<Refund>,
    answer: &BankAnswer,
) -> Decision<Arc<Refund>> {
    let payment = set.payment(&refund.payment)?.ok_or(Rejection::NotFound)?;
    let key = InstructionKey::PayRefund(refund.id);
    let now = ctx.now.millis;
    let instruction = match set.instruction(&key)? {
        Some(row) => Instruction::clone(&row),
        None => Instruction::new(key, ctx.scope.id, payment.id, now),
    };
    let (refund, instruction) = match answer {
        BankAnswer::Paid { reference } => {
            let paid = paid(set, ctx, &payment, &refund, reference.as_deref())?;
            (paid, instruction.after("paid", InstructionState::Done))
        }
        BankAnswer::Refused { reason } => {
            let failed = refused(set, ctx, &payment, &refund, reason)?;
            (failed, instruction.after(reason, InstructionState::Done))
        }
        BankAnswer::OnlyNormal if refund.pace == Pace::Instant => {
            let slowed = slowed(set, ctx, &payment, &refund)?;
            let state = InstructionState::Ordered { due: now };
            (slowed, instruction.after("only the normal way", state))
        }
        BankAnswer::Pending { again_in_ms } => {
            let due = again_in_ms.map(|gap| now.plus(gap));
            (refund, instruction.after("pending", InstructionState::Pending { due }))
        }
        BankAnswer::OnlyNormal => {
            let due = instruction.next_try(now);
            (refund, instruction.after("only the normal way", InstructionState::Unknown { due }))
        }
        BankAnswer::Unknown { why } => {
            if !matches!(instruction.state, InstructionState::Unknown { .. }) {
                let text = format!("payout without an answer: {why}; its status will be asked for");
                alert(set, ctx, &refund, text);
            }
            let due = instruction.next_try(now);
            (refund, instruction.after(why, InstructionState::Unknown { due }))
        }
    };
    set.put_instruction(instruction);
    Ok(refund)
}

/// The bank speaks after its last word.
fn repeated(
    set: &mut WorkingSet,
    ctx: &mut Context,
    refund: &Arc<Refund>,
    answer: &BankAnswer,
) -> Decision<Reply> {
    match (refund.state, answer) {
        (RefundState::Paid, BankAnswer::Paid { reference: Some(reference) })
            if refund.reference.is_none() =>
        {
            let known = Refund { reference: Some(reference.clone()), ..Refund::clone(refund) };
            set.put_refund(known);
        }
        (RefundState::Paid, BankAnswer::Refused { reason }) => {
            alert(set, ctx, refund, format!("refused after it was paid: {reason}"));
        }
        (RefundState::Failed, BankAnswer::Paid { .. }) => {
            alert(set, ctx, refund, "paid after it was refused".to_owned());
        }
        (RefundState::Stranded, BankAnswer::Paid { .. } | BankAnswer::Refused { .. }) => {
            alert(set, ctx, refund, "answered before it was ordered".to_owned());
        }
        _ => {}
    }
    Ok(Reply::Refund(refund.clone()))
}

fn paid(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
    refund: &Refund,
    reference: Option<&str>,
) -> Decision<Arc<Refund>> {
    let was_told = refund.state == RefundState::Processed;
    let state = refund.state.paid().ok_or(Rejection::NotFound)?;
    let reference = reference.map(str::to_owned).or_else(|| refund.reference.clone());
    let refund = Arc::new(Refund { state, reference, ..refund.clone() });
    close_posting(set, ctx, &refund, Account::Bank(refund.connector.clone()));
    set.put_refund(refund.clone());
    if !was_told {
        tell(set, ctx, EventKind::RefundProcessed, payment.clone(), &refund)?;
    }
    Ok(refund)
}

fn refused(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
    refund: &Refund,
    reason: &str,
) -> Decision<Arc<Refund>> {
    // Nobody asked for these, or somebody believes that the money has left.
    let unexpected = payment.state == PaymentState::Returned;
    if unexpected || refund.state == RefundState::Processed {
        alert(set, ctx, refund, format!("refused by the bank: {reason}"));
    }
    let state = refund.state.refused().ok_or(Rejection::NotFound)?;
    let failure = Some(reason.to_owned());
    let refund = Arc::new(Refund { state, failure, ..refund.clone() });
    close_posting(set, ctx, &refund, source(payment));
    let payment = Arc::new(payment.after_failed_refund(refund.amount));
    set.put_payment(payment.clone());
    set.put_refund(refund.clone());
    tell(set, ctx, EventKind::RefundFailed, payment, &refund)?;
    Ok(refund)
}

/// An instant refund goes the normal way after all, which is told as processed at once.
fn slowed(
    set: &mut WorkingSet,
    ctx: &mut Context,
    payment: &Arc<Payment>,
    refund: &Refund,
) -> Decision<Arc<Refund>> {
    let changed = Arc::new(Refund { pace: Pace::Normal, ..refund.clone() });
    tell(set, ctx, EventKind::RefundSpeedChanged, payment.clone(), &changed)?;
    let state = refund.state.slowed().ok_or(Rejection::NotFound)?;
    let processed = Arc::new(Refund { state, ..Refund::clone(&changed) });
    set.put_refund(processed.clone());
    tell(set, ctx, EventKind::RefundProcessed, payment.clone(), &processed)?;
    Ok(processed)
}

/// Line 1 of a refund, its last: there can be no second one, so a refund is paid or reversed once.
fn close_posting(set: &mut WorkingSet, ctx: &Context, refund: &Refund, to: Account) {
    set.post(Posting {
        cause: Cause::Refund(refund.id),
        line: 1,
        scope: ctx.scope.id,
        debit: Account::RefundsPending,
        credit: to,
        amount: refund.amount,
        posted_at: ctx.now.time,
    });
}

fn tell(
    set: &mut WorkingSet,
    ctx: &mut Context,
    kind: EventKind,
    payment: Arc<Payment>,
    refund: &Arc<Refund>,
) -> Decision<()> {
    let subject = subject(&payment);
    let snapshot =
        Snapshot { payment: Some(payment), refund: Some(refund.clone()), ..Snapshot::default() };
    ctx.announce(set, subject, &[kind], snapshot)
}

fn alert(set: &mut WorkingSet, ctx: &mut Context, refund: &Refund, text: String) {
    let alert = Alert {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        connector: refund.connector.clone(),
        reference: refund.id.to_string(),
        text,
        created_at: ctx.now.time,
    };
    set.append().alerts.push(alert);
}
