//! The end of a mandate on paper: cancelled or deleted by the merchant, or ended by the bank. Source:
//! paper-nach 8.4, 8.5, T12.

use std::sync::Arc;

use super::NachRows;
use super::deciding::fail;
use super::hearing::finish;
use super::links::expire_if_due;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::failure::{Failure, NachFailure};
use crate::filing::{self, Connector};
use crate::id::{CustomerId, TokenId};
use crate::instruction::{Instruction, InstructionKey};
use crate::money::Paise;
use crate::nach_form::Registration;
use crate::nach_token::{NachState, NachToken};
use crate::payment::PaymentState;
use crate::rejection::Rejection;
use crate::working_set::{Decision, WorkingSet};

/// Ends a mandate at the merchant's wish; the network is told, and it is over once that agrees.
///
/// Rejects, in this order: `NotFound`, `NachNotCancellable`, `NoNachRail`. Source: paper-nach 8.5.
pub fn cancel(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    id: TokenId,
    rails: &[Connector],
) -> Decision<Reply> {
    let token = find(set, ctx, customer, id)?;
    let refused = match token.state {
        NachState::Cancelling(_) => Some("cancellation_initiated"),
        NachState::Initiated | NachState::Confirmed => None,
        over => Some(over.told()),
    };
    if let Some(status) = refused {
        return Err(Rejection::NachNotCancellable(status).into());
    }
    if filing::find(rails, &token.connector).is_none() {
        return Err(Rejection::NoNachRail.into());
    }
    let cancelling = withdraw(set, ctx, token, rails)?;
    Ok(Reply::NachToken(cancelling))
}

/// Takes a mandate out of sight, whatever its state; one that could still debit is ended too.
/// Rejects: `NotFound`. Source: paper-nach 8.4.
pub fn delete(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    id: TokenId,
    rails: &[Connector],
) -> Decision<Reply> {
    let token = find(set, ctx, customer, id)?;
    let token = match token.state {
        NachState::Initiated | NachState::Confirmed => withdraw(set, ctx, token, rails)?,
        _ => token,
    };
    let deleted = Arc::new(NachToken { is_deleted: true, ..NachToken::clone(&token) });
    set.put_nach_token(deleted.clone());
    Ok(Reply::NachToken(deleted))
}

fn find(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    id: TokenId,
) -> Decision<Arc<NachToken>> {
    own(ctx, set.customer(&customer)?, |row| row.scope)?;
    let token = own(ctx, set.nach_token(&id)?, |row| row.scope)?;
    match token.is_deleted || token.customer != customer {
        true => Err(Rejection::NotFound.into()),
        false => Ok(token),
    }
}

/// Asks the network to end a mandate. One that its bank has not decided on fails its payment now.
fn withdraw(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<NachToken>,
    rails: &[Connector],
) -> Decision<Arc<NachToken>> {
    let cancelling = Arc::new(token.cancelling().ok_or(Rejection::NotFound)?);
    set.put_nach_token(cancelling.clone());
    let key = InstructionKey::Withdraw(token.id);
    let before = set.instruction(&key)?;
    let instruction = match before {
        Some(before) => before.again(ctx.now.millis),
        None => Instruction::new(key, ctx.scope.id, token.payment, ctx.now.millis),
    };
    let by_file = filing::find(rails, &token.connector).and_then(|rail| rail.by_file);
    filing::order(set, ctx, instruction, &token.connector, Paise::ZERO, by_file);
    if token.state == NachState::Initiated {
        give_up(set, ctx, &cancelling)?;
    }
    Ok(cancelling)
}

/// The registration of a mandate that is withdrawn comes to nothing: its payment fails, and a link
/// whose time was over while it waited for the bank ends now. Source: paper-nach 8.5, 10.4.
fn give_up(set: &mut WorkingSet, ctx: &mut Context, token: &NachToken) -> Decision<()> {
    let failure = Failure::Nach(NachFailure::Withdrawn);
    let payment = fail(set, ctx, token, failure, Registration::Open)?;
    let snapshot = Snapshot { payment: Some(payment.clone()), ..Snapshot::default() };
    ctx.announce(set, payment.id.0, &[EventKind::PaymentFailed], snapshot)?;
    if let Some(id) = payment.invoice
        && let Some(invoice) = set.invoice(&id)?
    {
        expire_if_due(set, ctx, invoice)?;
    }
    Ok(())
}

/// The payer or its bank has ended a mandate; one that is over already stays as it is. Rejects:
/// `NotFound`. Source: paper-nach T12.
pub fn ended_by_bank(set: &mut WorkingSet, ctx: &mut Context, rows: &NachRows) -> Decision<Reply> {
    let token = own(ctx, set.nach_token(&rows.token)?, |row| row.scope)?;
    Ok(Reply::NachToken(ended(set, ctx, token)?))
}

/// A mandate has ended, at whoever's wish. Source: paper-nach T12.
pub(super) fn ended(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<NachToken>,
) -> Decision<Arc<NachToken>> {
    let Some(cancelled) = token.cancelled() else { return Ok(token) };
    let was_open = token.state == NachState::Initiated;
    let cancelled = Arc::new(cancelled);
    set.put_nach_token(cancelled.clone());
    finish(set, ctx, InstructionKey::Withdraw(token.id), "ended")?;
    if was_open {
        give_up(set, ctx, &cancelled)?;
    } else {
        finish(set, ctx, InstructionKey::Register(token.id), "ended")?;
    }
    let snapshot = Snapshot { nach_token: Some(cancelled.clone()), ..Snapshot::default() };
    ctx.announce(set, token.id.0, &[EventKind::TokenCancelled], snapshot)?;
    Ok(cancelled)
}

/// The network refuses to end a mandate: it is what it was.
pub(super) fn end_refused(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<NachToken>,
) -> Decision<Arc<NachToken>> {
    finish(set, ctx, InstructionKey::Withdraw(token.id), "refused")?;
    let Some(after) = token.cancel_refused() else { return Ok(token) };
    let payment = set.payment(&token.payment)?;
    if payment.is_some_and(|payment| matches!(payment.state, PaymentState::Failed(_))) {
        // Its registration was given up, so nothing can come of it, whatever its bank says.
        return ended(set, ctx, token);
    }
    let after = Arc::new(after);
    set.put_nach_token(after.clone());
    Ok(after)
}
