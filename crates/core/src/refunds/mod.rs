//! The rules of refunds. Source: common 9, smart-collect 5.14, sandbox 3 and 4.
//!
//! Ordering a refund and its payout are two changes: the merchant's wish is committed first, with an
//! [`Instruction`](crate::instruction::Instruction) for the bank; what the bank says comes back as
//! [`RefundCommand::Report`]. Between the two the amount is in `refunds:pending`.

mod edits;
mod ordering;
mod payout;
mod steering;
#[cfg(test)]
mod tests;
mod trigger;

pub(crate) use edits::edit_payment_notes;
pub use ordering::subject;
pub(crate) use ordering::{automatic, order_payout, told_at_once};
pub use trigger::{FALLBACK_PAISE, Trigger};

use crate::apply::Context;
use crate::command::Reply;
use crate::customer::Notes;
use crate::id::{PaymentId, RefundId};
use crate::instruction::{BankAnswer, InstructionKey};
use crate::money::Paise;
use crate::refund::Speed;
use crate::scope::ScopeId;
use crate::time::Millis;
use crate::working_set::{Decision, Key, Lookup, WorkingSet};

/// Everything that can happen to a refund.
#[derive(Clone, Debug)]
pub enum RefundCommand {
    /// `POST /v1/payments/:id/refund` and `POST /v1/refunds`.
    Create(RefundDraft),
    /// `PATCH /v1/refunds/:id`.
    EditNotes(RefundId, Notes),
    /// A bank answers.
    Report(Report),
    /// `POST /v1/sandbox/refunds/:id`: the bank answers because a developer says so.
    Steer(RefundId, PaymentId, Steering),
}

/// A refund to order.
#[derive(Clone, Debug)]
pub struct RefundDraft {
    /// Of which payment.
    pub payment: PaymentId,
    /// As given; `None` is all that is left.
    pub amount: Option<i64>,
    /// How fast.
    pub speed: Speed,
    /// The merchant's reference.
    pub receipt: Option<String>,
    /// The merchant's notes.
    pub notes: Notes,
    /// The idempotency header, if one was sent.
    pub claim: Option<Claim>,
    /// What the merchant is owed, where the setting `refund_balance_check` asks for it.
    pub funds: Option<Paise>,
    /// Connectors that can pay out in this mode.
    pub rails: Vec<String>,
}

/// The header `X-Refund-Idempotency` of a request. Source: common 5.8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// As it was sent.
    pub key: String,
    /// Digest of the key.
    pub digest: String,
    /// Digest of payment and body as decoded.
    pub request: String,
}

/// What a bank said about one refund.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which.
    pub refund: RefundId,
    /// Of which payment.
    pub payment: PaymentId,
    /// When the bank was due to be asked, on the merchant's clock: in test mode it said so then.
    pub at: Millis,
    /// What it said.
    pub answer: BankAnswer,
}

/// What a developer makes the sandbox's bank say. Source: sandbox 3, decisions 20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steering {
    /// Yes, with a number if one is given. For a payer nobody can reach, the account details have
    /// been supplied.
    Process(Option<String>),
    /// No, and why.
    Fail(Option<String>),
    /// The number, which is drawn when none is given.
    Reference(Option<String>),
}

/// Decides a command about refunds.
pub(crate) fn decide(
    set: &mut WorkingSet,
    ctx: &mut Context,
    command: &RefundCommand,
) -> Decision<Reply> {
    match command {
        RefundCommand::Create(draft) => ordering::create(set, ctx, draft),
        RefundCommand::EditNotes(id, notes) => edits::edit_notes(set, ctx, *id, notes),
        RefundCommand::Report(report) => payout::report(set, ctx, report),
        RefundCommand::Steer(refund, _, steering) => steering::steer(set, ctx, *refund, steering),
    }
}

impl RefundCommand {
    /// The rows it is known to need.
    pub fn keys(&self, scope: ScopeId) -> Vec<Key> {
        let endpoints = Key::Lookup(Lookup::Endpoints(scope));
        match self {
            RefundCommand::Create(draft) => {
                let mut keys = vec![endpoints, Key::Payment(draft.payment)];
                keys.extend(
                    draft.claim.iter().map(|claim| Key::Idempotency((scope, claim.digest.clone()))),
                );
                keys.extend(draft.receipt.iter().map(|receipt| {
                    Key::Lookup(Lookup::RefundReceipt(draft.payment, receipt.clone()))
                }));
                keys
            }
            RefundCommand::EditNotes(id, _) => vec![Key::Refund(*id)],
            RefundCommand::Report(Report { refund, payment, .. })
            | RefundCommand::Steer(refund, payment, _) => vec![
                endpoints,
                Key::Payment(*payment),
                Key::Refund(*refund),
                Key::Instruction(InstructionKey::PayRefund(*refund)),
            ],
        }
    }

    /// When it happened, where that is not when it is decided.
    pub fn happened_at(&self) -> Option<Millis> {
        match self {
            RefundCommand::Report(report) => Some(report.at),
            _ => None,
        }
    }
}
