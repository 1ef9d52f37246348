//! UPI Reserve Pay: one approval blocks money, many debits take parts of it. Source: reserve-pay.
//!
//! A change that needs the rail is written before the rail is told, as an
//! [`Instruction`](crate::instruction::Instruction) beside it; what the rail says comes back as a
//! [`RailReport`]. Yes and no are heard once, in whatever order they arrive.

mod authorising;
mod changes;
mod debiting;
mod ending;
mod hearing;
mod steering;
#[cfg(test)]
mod tests;
mod trigger;

pub use authorising::AuthorisationDraft;
pub use changes::on_timer;
pub use debiting::{DebitDraft, DebitRows};
pub use hearing::{Approval, DebitReceipt, RailAnswer, RailReport, UpiYes};
pub use steering::{DebitSteering, MandateSteering};
pub use trigger::{MAGIC_PAISE, Outcome, Trigger, authorisation_outcome, debit_outcome};

use crate::apply::Context;
use crate::command::Reply;
use crate::id::{CustomerId, OrderId, PaymentId, TokenId};
use crate::instruction::InstructionKey;
use crate::scope::ScopeId;
use crate::time::Millis;
use crate::token::PayerAct;
use crate::working_set::{Decision, Key, Lookup, WorkingSet};

/// Everything that can happen to a mandate.
#[derive(Clone, Debug)]
pub enum MandateCommand {
    /// `POST /v1/payments/create/json` and `/create/upi` for an authorisation order.
    Authorise(AuthorisationDraft),
    /// `POST /v1/payments/create/json` and `/create/recurring` with a token.
    Debit(DebitDraft),
    /// `PUT /v1/customers/:id/tokens/:id/cancel`.
    Cancel(CustomerId, TokenId, Option<String>),
    /// `DELETE /v1/customers/:id/tokens/:id`.
    Delete(CustomerId, TokenId),
    /// The rail said something about an instruction.
    Report(RailReport),
    /// The rail tells what the payer did in their app.
    PayerActed(TokenId, PayerAct),
    /// `POST /v1/sandbox/mandates/:token_id`.
    SteerMandate(MandateRows, MandateSteering),
    /// `POST /v1/sandbox/payments/:payment_id`.
    SteerDebit(MandateRows, DebitSteering),
}

/// The rows around one payment of a mandate, so that they are loaded together.
#[derive(Clone, Copy, Debug)]
pub struct MandateRows {
    /// The mandate.
    pub token: TokenId,
    /// A payment of it: its approval, or a debit.
    pub payment: PaymentId,
    /// That payment's order.
    pub order: OrderId,
}

/// Decides a command about mandates.
pub(crate) fn decide(
    set: &mut WorkingSet,
    ctx: &mut Context,
    command: &MandateCommand,
) -> Decision<Reply> {
    match command {
        MandateCommand::Authorise(draft) => authorising::authorise(set, ctx, draft),
        MandateCommand::Debit(draft) => debiting::debit(set, ctx, draft),
        MandateCommand::Cancel(customer, token, rail) => {
            ending::cancel(set, ctx, *customer, *token, rail.as_deref())
        }
        MandateCommand::Delete(customer, token) => ending::delete(set, ctx, *customer, *token),
        MandateCommand::Report(report) => hearing::report(set, ctx, report),
        MandateCommand::PayerActed(token, act) => ending::payer_acted(set, ctx, *token, *act),
        MandateCommand::SteerMandate(rows, steering) => {
            steering::steer_mandate(set, ctx, rows, steering)
        }
        MandateCommand::SteerDebit(rows, steering) => {
            steering::steer_debit(set, ctx, rows, steering)
        }
    }
}

impl MandateRows {
    fn keys(&self, scope: ScopeId) -> Vec<Key> {
        vec![
            Key::Lookup(Lookup::Endpoints(scope)),
            Key::Token(self.token),
            Key::Payment(self.payment),
            Key::Order(self.order),
        ]
    }
}

impl MandateCommand {
    /// The rows it is known to need.
    pub fn keys(&self, scope: ScopeId) -> Vec<Key> {
        let endpoints = Key::Lookup(Lookup::Endpoints(scope));
        match self {
            MandateCommand::Authorise(draft) => {
                vec![endpoints, Key::Order(draft.order), Key::Customer(draft.customer)]
            }
            MandateCommand::Debit(draft) => {
                vec![endpoints, Key::Order(draft.order), Key::Token(draft.token)]
            }
            MandateCommand::Cancel(customer, token, _) => vec![
                endpoints,
                Key::Customer(*customer),
                Key::Token(*token),
                Key::Instruction(InstructionKey::Revoke(*token)),
            ],
            MandateCommand::Delete(customer, token) => {
                vec![endpoints, Key::Customer(*customer), Key::Token(*token)]
            }
            MandateCommand::Report(report) => {
                let mut keys = report.rows.keys(scope);
                keys.push(Key::Instruction(report.key));
                keys
            }
            MandateCommand::PayerActed(token, _) => vec![endpoints, Key::Token(*token)],
            MandateCommand::SteerMandate(rows, _) => {
                let mut keys = rows.keys(scope);
                keys.push(Key::Instruction(InstructionKey::Authorise(rows.token)));
                keys
            }
            MandateCommand::SteerDebit(rows, _) => {
                let mut keys = rows.keys(scope);
                keys.push(Key::Instruction(InstructionKey::Debit(rows.payment)));
                keys
            }
        }
    }

    /// When it happened, where that is not when it is decided.
    pub fn happened_at(&self) -> Option<Millis> {
        match self {
            MandateCommand::Report(report) => Some(report.at),
            _ => None,
        }
    }
}
