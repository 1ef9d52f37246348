//! The rail answers. Source: reserve-pay 5.2, 9.2, rails 4.1.
//!
//! A yes or no is heard once; a repeat changes nothing, and a contradiction is shown to the operator
//! instead of being believed. No answer is not a no: the status is asked for, and an operation is
//! told again only where the network has never heard of it.

use std::sync::Arc;

use super::changes::{fail_approval, let_go, let_go_unheard, reject, settle_due};
use super::changes::{tell_with_payment, write};
use super::debiting::{debited, refused};
use super::{MandateRows, ending};
use crate::apply::Context;
use crate::command::Reply;
use crate::event::EventKind;
use crate::failure::{Failure, authorisation, debit, dummy_payment, timed_out};
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::order::Order;
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::time::Millis;
use crate::token::{Token, TokenPayer, TokenState};
use crate::working_set::{Alert, Decision, WorkingSet};

/// Row 14: another mandate of the same order was approved.
const ANOTHER_APPROVED: u8 = 14;
/// Row 40: the network did not answer.
const NO_ANSWER: u8 = 40;

/// What the rail said about one instruction.
#[derive(Clone, Debug)]
pub struct RailReport {
    /// The instruction.
    pub key: InstructionKey,
    /// Its number: a rail may still speak of an earlier request.
    pub number: i64,
    /// The rows it is about.
    pub rows: MandateRows,
    /// When the rail was due to be asked, on the merchant's clock: in test mode it said so then.
    pub at: Millis,
    /// Whether it was told to do it, and not only asked for the status.
    pub was_told: bool,
    /// What it said.
    pub answer: RailAnswer,
}

/// What the rail says. Source: rails 8.1 C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RailAnswer {
    /// Done.
    Yes(UpiYes),
    /// Refused for good; nothing was done.
    No(Failure),
    /// Not yet.
    Pending {
        /// When to ask for the status, milliseconds from now; `None`: the rail will tell.
        again_in_ms: Option<i64>,
    },
    /// No answer, or one that says nothing.
    Unknown {
        /// What happened instead, in a few words.
        why: String,
    },
    /// It has never heard of it, and must not be told any more.
    NotKnown,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpiYes {
    /// The payer approved the mandate.
    Approved(Approval),
    /// The payer's account was debited.
    Debited(DebitReceipt),
    /// The mandate has ended.
    Revoked,
}

impl UpiYes {
    /// Whether it can be said of such an instruction.
    fn answers(&self, key: InstructionKey) -> bool {
        matches!(
            (self, key),
            (UpiYes::Approved(_), InstructionKey::Authorise(_))
                | (UpiYes::Debited(_), InstructionKey::Debit(_))
                | (UpiYes::Revoked, InstructionKey::Revoke(_))
        )
    }
}

/// A payer's approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who approved.
    pub vpa: String,
    /// As the bank knows them.
    pub name: Option<String>,
    /// The network's unique mandate number.
    pub mandate_number: Option<String>,
}

/// A debit that took place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitReceipt {
    /// The network's reference (RRN), 12 digits.
    pub rrn: String,
    /// The network's id of the transaction, 32 hexadecimal digits.
    pub transaction_id: String,
}

/// Books what the rail says: payment, token, order, postings, events and when to ask again. Rejects
/// nothing; an answer about rows of another scope, of none, or to an earlier request changes nothing.
pub fn report(set: &mut WorkingSet, ctx: &mut Context, report: &RailReport) -> Decision<Reply> {
    let own = |row: &Instruction| row.scope == ctx.scope.id;
    let instruction = set.instruction(&report.key)?.filter(|row| own(row));
    let token = set.token(&report.rows.token)?.filter(|row| row.scope == ctx.scope.id);
    let (Some(instruction), Some(token)) = (instruction, token) else { return Ok(Reply::Done) };
    if instruction.number != report.number {
        return Ok(Reply::Done);
    }
    if instruction.state == InstructionState::Done {
        return repeated(set, ctx, report, &token);
    }
    let told = instruction.told + i64::from(report.was_told);
    let mut instruction = Instruction { told, ..Instruction::clone(&instruction) };
    let answer = match (&report.answer, report.key) {
        (RailAnswer::NotKnown, InstructionKey::Debit(_)) => RailAnswer::No(debit(NO_ANSWER)),
        (RailAnswer::NotKnown, InstructionKey::Revoke(_)) => {
            alert(set, ctx, report, "the network knows nothing of this cancellation");
            RailAnswer::No(authorisation(NO_ANSWER))
        }
        (RailAnswer::NotKnown, _) => RailAnswer::Unknown { why: "not known".to_owned() },
        (RailAnswer::Yes(yes), key) if !yes.answers(key) => {
            RailAnswer::Unknown { why: "it answered another question".to_owned() }
        }
        (answer, _) => answer.clone(),
    };
    let now = ctx.now.millis;
    instruction = match &answer {
        RailAnswer::Yes(_) => instruction.after("yes", InstructionState::Done),
        RailAnswer::No(failure) => {
            instruction.after(failure.fields().reason, InstructionState::Done)
        }
        RailAnswer::Pending { again_in_ms } => {
            let due = again_in_ms.map(|gap| now.plus(gap));
            instruction.after("pending", InstructionState::Pending { due })
        }
        RailAnswer::Unknown { why } => {
            if !matches!(instruction.state, InstructionState::Unknown { .. }) {
                let text = format!("no answer: {why}; the status will be asked for");
                alert(set, ctx, report, &text);
            }
            let due = instruction.next_try(now);
            instruction.after(why, InstructionState::Unknown { due })
        }
        RailAnswer::NotKnown => instruction,
    };
    let reply = match (report.key, &answer) {
        (InstructionKey::Authorise(_), RailAnswer::Yes(UpiYes::Approved(approval))) => {
            approve(set, ctx, token, approval)?;
            Reply::Done
        }
        (InstructionKey::Authorise(_), RailAnswer::No(failure)) => {
            let token = settle_due(set, ctx, token)?;
            if token.state == TokenState::Initiated {
                reject(set, ctx, &token, *failure, None)?;
            }
            Reply::Done
        }
        (InstructionKey::Debit(id), RailAnswer::Yes(UpiYes::Debited(receipt))) => {
            let payment = set.payment(&id)?.ok_or(Rejection::NotFound)?;
            Reply::Payment(debited(set, ctx, &payment, receipt)?)
        }
        (InstructionKey::Debit(id), RailAnswer::No(failure)) => {
            let payment = set.payment(&id)?.ok_or(Rejection::NotFound)?;
            Reply::Payment(refused(set, ctx, &payment, *failure)?)
        }
        (InstructionKey::Debit(id), _) => {
            Reply::Payment(set.payment(&id)?.ok_or(Rejection::NotFound)?)
        }
        (InstructionKey::Revoke(_), RailAnswer::Yes(UpiYes::Revoked)) => {
            ending::revoked(set, ctx, token)?;
            Reply::Done
        }
        (InstructionKey::Revoke(_), RailAnswer::No(_)) => {
            if token.state == TokenState::Rejected {
                alert(set, ctx, report, "what was approved too late stays blocked");
            }
            ending::revoke_refused(set, ctx, token)?;
            Reply::Done
        }
        _ => Reply::Done,
    };
    set.put_instruction(instruction);
    Ok(reply)
}

/// The payer approved: the amount is blocked, the payment ends with its mark of success, and every
/// other attempt of the order fails. Source: reserve-pay 5.2, 4.1, I5.
pub(super) fn approve(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<Token>,
    approval: &Approval,
) -> Decision<Arc<Token>> {
    let token = settle_due(set, ctx, token)?;
    let payer = TokenPayer {
        vpa: approval.vpa.to_lowercase(),
        name: approval.name.clone(),
        received_at: ctx.now.time,
    };
    if token.state != TokenState::Initiated {
        let_go(set, ctx, &token)?;
        return Ok(token);
    }
    if !token.is_worth_approving(ctx.now.time) {
        let_go(set, ctx, &token)?;
        return reject(set, ctx, &token, timed_out(), Some(payer));
    }
    let approved = token.approved(payer, approval.mandate_number.clone());
    let approved = Arc::new(approved.ok_or(Rejection::NotFound)?);
    write(set, &approved);
    let payment = fail_approval(set, ctx, &approved, dummy_payment())?;
    let order = set.order(&approved.order)?.ok_or(Rejection::NotFound)?;
    set.put_order(Order { token: Some(approved.id), ..Order::clone(&order) });
    let kinds = [EventKind::TokenConfirmed, EventKind::PaymentFailed];
    tell_with_payment(set, ctx, &approved, payment, &kinds)?;
    for other in &order.open {
        let attempt = set.payment(other)?.and_then(|payment| payment.mandate.clone());
        let Some(attempt) = attempt else { continue };
        let loser = set.token(&attempt.token)?.filter(|row| row.state == TokenState::Initiated);
        if let Some(loser) = loser {
            let_go_unheard(set, ctx, &loser)?;
            reject(set, ctx, &loser, authorisation(ANOTHER_APPROVED), None)?;
        }
    }
    Ok(approved)
}

/// The rail speaks after its last word.
fn repeated(
    set: &mut WorkingSet,
    ctx: &mut Context,
    report: &RailReport,
    token: &Token,
) -> Decision<Reply> {
    let payment = set.payment(&report.rows.payment)?;
    let state = payment.as_ref().map(|payment| payment.state);
    let was_approved = token.blocked.get() > 0;
    let contradiction = match (report.key, &report.answer) {
        (InstructionKey::Debit(_), RailAnswer::Yes(_)) => {
            matches!(state, Some(PaymentState::Failed(_))).then_some("debited after it was refused")
        }
        (InstructionKey::Debit(_), RailAnswer::No(_)) => {
            (!matches!(state, Some(PaymentState::Failed(_) | PaymentState::Created)))
                .then_some("refused after it was debited")
        }
        (InstructionKey::Authorise(_), RailAnswer::Yes(_)) => {
            (!was_approved).then_some("approved after it was over")
        }
        (InstructionKey::Authorise(_), RailAnswer::No(_)) => {
            was_approved.then_some("refused after it was approved")
        }
        _ => None,
    };
    if let Some(text) = contradiction {
        alert(set, ctx, report, text);
    }
    if let (InstructionKey::Authorise(_), RailAnswer::Yes(_)) = (report.key, &report.answer) {
        let_go(set, ctx, token)?;
    }
    Ok(payment.map_or(Reply::Done, Reply::Payment))
}

fn alert(set: &mut WorkingSet, ctx: &mut Context, report: &RailReport, text: &str) {
    let alert = Alert {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        connector: "upi".to_owned(),
        reference: report.rows.payment.to_string(),
        text: format!("{}: {text}", report.key.kind()),
        created_at: ctx.now.time,
    };
    set.append().alerts.push(alert);
}

impl Payment {
    /// Whether nobody has decided it yet.
    pub fn is_open(&self) -> bool {
        self.state == PaymentState::Created
    }
}
