//! Paper NACH: a mandate on signed paper, then debits in NACH cycles. Source: paper-nach.
//!
//! What a bank must do is an [`Instruction`](crate::instruction::Instruction) beside the change that
//! causes it; what it says comes back as a [`NachReport`] and is heard once, whatever is repeated,
//! late, or out of order.

mod charging;
mod deciding;
mod ending;
mod hearing;
mod linking;
mod links;
mod ordering;
mod steering;
#[cfg(test)]
mod tests;
mod trigger;
mod uploading;

pub(crate) use charging::charge_anew;
pub use charging::{ChargeDraft, NewChargeDraft};
pub use hearing::{NachAnswer, NachReport};
pub(crate) use linking::create as create_link;
pub use linking::{LinkCustomer, LinkDraft};
pub use links::{Medium, on_timer};
pub(crate) use ordering::make_form;
pub use ordering::{END_MAX, MandateYears, NachFormDraft};
pub use steering::{NachDebitSteering, NachMandateSteering};
pub use trigger::{NachOutcome, debit_outcome, mandate_outcome};
pub use uploading::{NachScan, UploadDraft, refusal};

use crate::apply::Context;
use crate::command::Reply;
use crate::filing::Connector;
use crate::id::{CustomerId, InvoiceId, OrderId, PaymentId, TokenId};
use crate::instruction::InstructionKey;
use crate::scope::ScopeId;
use crate::time::Millis;
use crate::working_set::{Decision, Key, Lookup, WorkingSet};

/// Everything that can happen to a mandate on paper.
#[derive(Clone, Debug)]
pub enum NachCommand {
    /// `POST /v1/subscription_registration/auth_links`.
    CreateLink(Box<LinkDraft>),
    /// `POST /v1/invoices/:id/cancel`.
    CancelLink(InvoiceId),
    /// `POST /v1/invoices/:id/notify_by/:medium`; with the base of short URLs.
    NotifyLink(InvoiceId, Medium, String),
    /// `POST /v1/payments/create/nach/file`, and the page that does the same.
    Upload(UploadDraft),
    /// `POST /v1/payments/create/recurring` with a mandate on paper.
    Charge(ChargeDraft),
    /// `PUT /v1/customers/:id/tokens/:id/cancel`; connectors that exist.
    Cancel(CustomerId, TokenId, Vec<Connector>),
    /// `DELETE /v1/customers/:id/tokens/:id`; connectors that exist.
    Delete(CustomerId, TokenId, Vec<Connector>),
    /// The rail said something about an instruction.
    Report(NachReport),
    /// The payer or its bank has ended a mandate, and the network says so unasked.
    EndedByBank(NachRows),
    /// `POST /v1/sandbox/mandates/:token_id`.
    SteerMandate(NachRows, NachMandateSteering),
    /// `POST /v1/sandbox/payments/:payment_id`.
    SteerDebit(NachRows, NachDebitSteering),
}

/// The rows around one payment of a mandate, so that they are loaded together.
#[derive(Clone, Copy, Debug)]
pub struct NachRows {
    /// The mandate.
    pub token: TokenId,
    /// A payment of it: its registration, or a debit.
    pub payment: PaymentId,
    /// That payment's order.
    pub order: OrderId,
}

/// Decides a command about mandates on paper.
pub(crate) fn decide(
    set: &mut WorkingSet,
    ctx: &mut Context,
    command: &NachCommand,
) -> Decision<Reply> {
    match command {
        NachCommand::CreateLink(draft) => linking::create(set, ctx, draft),
        NachCommand::CancelLink(id) => links::cancel(set, ctx, *id),
        NachCommand::NotifyLink(id, medium, base) => links::notify(set, ctx, *id, *medium, base),
        NachCommand::Upload(draft) => uploading::upload(set, ctx, draft),
        NachCommand::Charge(draft) => charging::charge(set, ctx, draft),
        NachCommand::Cancel(customer, token, rails) => {
            ending::cancel(set, ctx, *customer, *token, rails)
        }
        NachCommand::Delete(customer, token, rails) => {
            ending::delete(set, ctx, *customer, *token, rails)
        }
        NachCommand::EndedByBank(rows) => ending::ended_by_bank(set, ctx, rows),
        NachCommand::Report(report) => hearing::report(set, ctx, report),
        NachCommand::SteerMandate(rows, steering) => {
            steering::steer_mandate(set, ctx, rows, steering)
        }
        NachCommand::SteerDebit(rows, steering) => steering::steer_debit(set, ctx, rows, steering),
    }
}

impl NachRows {
    fn keys(&self, scope: ScopeId) -> Vec<Key> {
        vec![
            Key::Lookup(Lookup::Endpoints(scope)),
            Key::NachToken(self.token),
            Key::Payment(self.payment),
            Key::Order(self.order),
            Key::NachForm(self.order),
        ]
    }
}

impl NachCommand {
    /// The rows it is known to need.
    pub fn keys(&self, scope: ScopeId) -> Vec<Key> {
        let endpoints = Key::Lookup(Lookup::Endpoints(scope));
        match self {
            NachCommand::CreateLink(draft) => draft.keys(scope),
            NachCommand::CancelLink(id) | NachCommand::NotifyLink(id, ..) => {
                vec![endpoints, Key::Invoice(*id)]
            }
            NachCommand::Upload(draft) => {
                vec![endpoints, Key::Order(draft.order), Key::NachForm(draft.order)]
            }
            NachCommand::Charge(draft) => vec![
                endpoints,
                Key::Order(draft.order),
                Key::Customer(draft.customer),
                Key::NachToken(draft.token),
            ],
            NachCommand::Cancel(customer, token, _) | NachCommand::Delete(customer, token, _) => {
                vec![endpoints, Key::Customer(*customer), Key::NachToken(*token)]
            }
            NachCommand::Report(report) => {
                let mut keys = report.rows.keys(scope);
                keys.push(Key::Instruction(report.key));
                keys
            }
            NachCommand::SteerMandate(rows, _) | NachCommand::EndedByBank(rows) => {
                let mut keys = rows.keys(scope);
                keys.push(Key::Instruction(InstructionKey::Register(rows.token)));
                keys
            }
            NachCommand::SteerDebit(rows, _) => {
                let mut keys = rows.keys(scope);
                keys.push(Key::Instruction(InstructionKey::Present(rows.payment)));
                keys
            }
        }
    }

    /// When it happened, where that is not when it is decided.
    pub fn happened_at(&self) -> Option<Millis> {
        match self {
            NachCommand::Report(report) => Some(report.at),
            _ => None,
        }
    }
}
