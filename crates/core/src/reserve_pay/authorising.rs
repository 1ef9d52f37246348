//! Asking a payer for a mandate. Source: reserve-pay 4, 5.

use std::sync::Arc;

use super::changes::set_timer;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::id::{CustomerId, OrderId, PaymentId, TokenId};
use crate::instruction::{Instruction, InstructionKey};
use crate::money::Paise;
use crate::order::Order;
use crate::payment::{MandateRole, MandateUse, Method, Payment, PaymentState};
use crate::rejection::Rejection;
use crate::scope::Mode;
use crate::time::Time;
use crate::token::{RELEASE_SECONDS, Token, TokenState};
use crate::working_set::{Decision, WorkingSet};

/// Attempts of one order that may wait for their payer at a time. Our choice, to bound what an
/// approval must look at.
const OPEN_MAX: usize = 20;
/// Characters of the opaque `token`. Source: reserve-pay 7.
const OPAQUE_CHARACTERS: usize = 14;

/// What a merchant sends to have a mandate approved.
#[derive(Clone, Debug)]
pub struct AuthorisationDraft {
    /// The authorisation order.
    pub order: OrderId,
    /// Must be the order's.
    pub amount: Paise,
    /// Must be the order's.
    pub customer: CustomerId,
    /// As given.
    pub email: String,
    /// In E.164 form.
    pub contact: String,
    /// Laid over the order's.
    pub notes: Notes,
    /// As given.
    pub description: Option<String>,
    /// The connector to the network; `None` where there is none.
    pub rail: Option<String>,
}

/// Writes payment and mandate, to be approved within the window: payment, token, order, timer and
/// instruction together. Nobody is told yet.
///
/// Rejects, in this order: `NotFound`, `NotForMandate`, `OrderAmountMismatch`, `CustomerMismatch`,
/// `MandateOver`, `DuplicateMandate`, `TooManyAttempts`, `NoUpiRail`.
pub fn authorise(
    set: &mut WorkingSet,
    ctx: &mut Context,
    draft: &AuthorisationDraft,
) -> Decision<Reply> {
    let order = own(ctx, set.order(&draft.order)?, |row| row.scope)?;
    let terms = order.mandate.ok_or(Rejection::NotForMandate)?;
    if draft.amount != order.amount {
        return Err(Rejection::OrderAmountMismatch.into());
    }
    own(ctx, set.customer(&draft.customer)?, |row| row.scope)?;
    if order.customer != Some(draft.customer) {
        return Err(Rejection::CustomerMismatch.into());
    }
    let now = ctx.now.time;
    if terms.expires_at <= now.plus_seconds(RELEASE_SECONDS) {
        return Err(Rejection::MandateOver.into());
    }
    if order.token.is_some() {
        return Err(Rejection::DuplicateMandate.into());
    }
    if order.open.len() >= OPEN_MAX {
        return Err(Rejection::TooManyAttempts.into());
    }
    let connector = draft.rail.clone().ok_or(Rejection::NoUpiRail)?;
    let (payment, token): (PaymentId, TokenId) = (ctx.draw.id(), ctx.draw.id());
    let until = now.plus_seconds(ctx.tenant.settings.approval_window);
    let notes = overlaid(&order.notes, &draft.notes);
    let token = Arc::new(Token {
        id: token,
        scope: ctx.scope.id,
        customer: draft.customer,
        order: order.id,
        payment,
        connector: connector.clone(),
        opaque: ctx.draw.alphanumerics(OPAQUE_CHARACTERS),
        payer: None,
        state: TokenState::Initiated,
        failure: None,
        amount: draft.amount,
        blocked: Paise::ZERO,
        debited: Paise::ZERO,
        held: Paise::ZERO,
        debits: 0,
        max_amount: terms.max_amount,
        approve_by: until,
        expires_at: terms.expires_at,
        starts_at: order.created_at,
        created_at: now,
        used_at: None,
        mandate_number: None,
        trigger: word(ctx.scope.mode, &notes),
        is_deleted: false,
    });
    let role = MandateRole::Approval { until };
    let payment = Arc::new(Payment {
        id: payment,
        scope: ctx.scope.id,
        amount: draft.amount,
        method: Method::Upi { vpa: None },
        state: PaymentState::Created,
        description: draft.description.clone(),
        email: Some(draft.email.clone()),
        contact: Some(draft.contact.clone()),
        customer: Some(draft.customer),
        notes,
        bank_reference: None,
        virtual_account: None,
        qr_code: None,
        order: Some(order.id),
        invoice: None,
        mandate: Some(MandateUse { token: token.id, connector, role, upi_transaction_id: None }),
        created_at: now,
    });
    set.put_payment(payment.clone());
    set.put_token(token.clone());
    set.put_order(Order::clone(&order).attempted().opened(payment.id));
    set_timer(set, &token);
    let key = InstructionKey::Authorise(token.id);
    set.put_instruction(Instruction::new(key, ctx.scope.id, payment.id, ctx.now.millis));
    Ok(Reply::Mandate(payment, token))
}

/// Notes of an order under those of its payment: the payment's win. Source: reserve-pay 12.2.
pub(super) fn overlaid(order: &Notes, payment: &Notes) -> Notes {
    let kept = order.iter().filter(|(key, _)| payment.iter().all(|(other, _)| other != key));
    kept.chain(payment).cloned().collect()
}

/// The sandbox's word in notes. Live mode has none. Source: sandbox 4.
fn word(mode: Mode, notes: &Notes) -> Option<String> {
    let (_, word) = notes.iter().find(|(key, _)| key == "sandbox")?;
    (mode == Mode::Test).then(|| word.clone())
}

impl Token {
    /// Whether it could still be approved at `now`: a block that would be released at once is never
    /// opened. Source: reserve-pay 5.3.
    pub(super) fn is_worth_approving(&self, now: Time) -> bool {
        now < self.approve_by && now < self.releases_at()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rp_79_notes_of_the_payment_win() {
        let note = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let order = vec![note("plan", "grocery"), note("city", "Pune")];
        let payment = vec![note("plan", "fruit"), note("door", "4")];
        let merged = overlaid(&order, &payment);
        assert_eq!(merged, [note("city", "Pune"), note("plan", "fruit"), note("door", "4")]);
        assert_eq!(overlaid(&vec![], &vec![]), []);
    }
}
