//! What time does to a mandate, and how every change of one is told. Source: reserve-pay 5.2, 8.3,
//! 13.

use std::sync::Arc;

use crate::apply::Context;
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::failure::{Failure, timed_out};
use crate::id::TokenId;
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::money::Paise;
use crate::order::Order;
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::timer::{Timer, TimerKey};
use crate::token::{Cancelling, Token, TokenPayer, TokenState};
use crate::working_set::{Decision, WorkingSet};

/// The clock reached a moment that changes a mandate. Looking too early or twice does no harm.
pub fn on_timer(set: &mut WorkingSet, ctx: &mut Context, id: TokenId) -> Decision<Reply> {
    match set.token(&id)?.filter(|row| row.scope == ctx.scope.id) {
        Some(token) => {
            let token = settle_due(set, ctx, token)?;
            set_timer(set, &token);
        }
        None => set.clear_timer(TimerKey::ChangeToken(id)),
    }
    Ok(Reply::Done)
}

/// Sets the timer of the next change by time, or clears it.
pub(super) fn set_timer(set: &mut WorkingSet, token: &Token) {
    let key = TimerKey::ChangeToken(token.id);
    match token.changes_at() {
        Some(at) => set.set_timer(Timer { key, scope: token.scope, due: at.to_millis() }),
        None => set.clear_timer(key),
    }
}

/// Writes down what time has made of a mandate by now, so that there is no window in which one that
/// is over can be approved or debited.
pub(super) fn settle_due(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<Token>,
) -> Decision<Arc<Token>> {
    let now = ctx.now.time;
    if token.state == TokenState::Initiated {
        if token.approve_by <= now {
            let_go_unheard(set, ctx, &token)?;
            return reject(set, ctx, &token, timed_out(), None);
        }
        return Ok(token);
    }
    let after = token.as_of(now);
    if after.state == token.state {
        return Ok(token);
    }
    let (after, was) = (Arc::new(after), token.state);
    write(set, &after);
    // The rest is released once, and told once, even where the clock jumped over both moments.
    let is_release =
        matches!(was, TokenState::Confirmed | TokenState::Paused) && !token.is_exhausted();
    if is_release {
        let state = TokenState::Cancelling(Cancelling::Release);
        let released = Arc::new(Token { state, ..Token::clone(&after) });
        tell(set, ctx, &released, &[EventKind::TokenCancellationInitiated])?;
    }
    if let TokenState::Cancelling(Cancelling::ByMerchant(_)) = was {
        finish(set, ctx, InstructionKey::Revoke(token.id), "expired")?;
    }
    Ok(after)
}

/// Payer, bank or time said no to a mandate: its payment fails with it, for the same reason. The
/// payer's address is kept where the app got as far.
pub(super) fn reject(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: &Token,
    failure: Failure,
    payer: Option<TokenPayer>,
) -> Decision<Arc<Token>> {
    let rejected = token.rejected(failure).ok_or(Rejection::NotFound)?;
    let rejected = Arc::new(Token { payer, ..rejected });
    write(set, &rejected);
    let payment = fail_approval(set, ctx, &rejected, failure)?;
    tell_with_payment(
        set,
        ctx,
        &rejected,
        payment,
        &[EventKind::TokenRejected, EventKind::PaymentFailed],
    )?;
    Ok(rejected)
}

/// The approving payment ends: it never carries money. Its order may be tried again.
pub(super) fn fail_approval(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: &Token,
    failure: Failure,
) -> Decision<Arc<Payment>> {
    let payment = set.payment(&token.payment)?.ok_or(Rejection::NotFound)?;
    let failed = Arc::new(payment.failed(failure, token));
    set.put_payment(failed.clone());
    if let Some(order) = set.order(&token.order)? {
        set.put_order(Order::clone(&order).decided(payment.id));
    }
    finish(set, ctx, InstructionKey::Authorise(token.id), failure.fields().reason)?;
    Ok(failed)
}

/// A payer has approved what is over here: the network is told to end it, so that their money does
/// not stay blocked. Nobody is told, because for the merchant it never was. Our choice.
pub(super) fn let_go(set: &mut WorkingSet, ctx: &Context, token: &Token) -> Decision<()> {
    let key = InstructionKey::Revoke(token.id);
    if token.blocked == Paise::ZERO && set.instruction(&key)?.is_none() {
        let (scope, now) = (ctx.scope.id, ctx.now.millis);
        set.put_instruction(Instruction::new(key, scope, token.payment, now));
    }
    Ok(())
}

/// The same where nobody knows whether the network has the request, and nobody will ask any more.
pub(super) fn let_go_unheard(set: &mut WorkingSet, ctx: &Context, token: &Token) -> Decision<()> {
    let asked = set.instruction(&InstructionKey::Authorise(token.id))?;
    match asked.map(|row| row.state) {
        Some(InstructionState::Unknown { .. }) => let_go(set, ctx, token),
        _ => Ok(()),
    }
}

/// Nobody must be asked about it any more.
pub(super) fn finish(
    set: &mut WorkingSet,
    ctx: &Context,
    key: InstructionKey,
    answer: &str,
) -> Decision<()> {
    let own = set.instruction(&key)?.filter(|row| row.scope == ctx.scope.id);
    if let Some(row) = own.filter(|row| row.state != InstructionState::Done) {
        let (state, answer) = (InstructionState::Done, Some(answer.to_owned()));
        set.put_instruction(Instruction { state, answer, ..Instruction::clone(&row) });
    }
    Ok(())
}

/// Writes a mandate and sets its timer.
pub(super) fn write(set: &mut WorkingSet, token: &Arc<Token>) {
    set.put_token(token.clone());
    set_timer(set, token);
}

/// Writes a mandate whose sums have changed, and its timer only where they move it: debits are many,
/// and all but the last leave it where it is.
pub(super) fn write_sums(set: &mut WorkingSet, before: &Token, after: &Arc<Token>) {
    set.put_token(after.clone());
    if after.changes_at() != before.changes_at() {
        set_timer(set, after);
    }
}

/// Tells the merchant about a mandate.
pub(super) fn tell(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: &Arc<Token>,
    kinds: &[EventKind],
) -> Decision<()> {
    let snapshot = Snapshot { token: Some(token.clone()), ..Snapshot::default() };
    ctx.announce(set, token.id.0, kinds, snapshot)
}

/// Tells the merchant about a mandate and the payment that approves it.
pub(super) fn tell_with_payment(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: &Arc<Token>,
    payment: Arc<Payment>,
    kinds: &[EventKind],
) -> Decision<()> {
    let snapshot =
        Snapshot { token: Some(token.clone()), payment: Some(payment), ..Snapshot::default() };
    ctx.announce(set, token.id.0, kinds, snapshot)
}

impl Payment {
    /// The payment after it was refused. Source: reserve-pay 12.2.
    pub(super) fn failed(&self, failure: Failure, token: &Token) -> Payment {
        let vpa = token.payer.as_ref().map(|payer| payer.vpa.clone());
        let method = crate::payment::Method::Upi { vpa };
        Payment { state: PaymentState::Failed(failure), method, ..self.clone() }
    }
}
