//! The end of a mandate: cancelled by the merchant, revoked or paused by the payer, deleted.
//! Source: reserve-pay 8.

use std::sync::Arc;

use super::changes::{fail_approval, settle_due, tell, tell_with_payment, write};
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::event::EventKind;
use crate::failure::Failure;
use crate::id::{CustomerId, TokenId};
use crate::instruction::{Instruction, InstructionKey};
use crate::money::Paise;
use crate::rejection::Rejection;
use crate::token::{PayerAct, Token, TokenState};
use crate::working_set::{Decision, WorkingSet};

/// Ends a mandate at the merchant's wish; the network has the last word.
///
/// Rejects, in this order: `NotFound` (customer, token), `TokenOfOtherMerchant`,
/// `TokenOfOtherCustomer`, `MandateNotCancellable`, `MandateBusy`, `CancelTooLate`, `NoUpiRail`.
/// Source: reserve-pay 8.1.
pub fn cancel(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    id: TokenId,
    rail: Option<&str>,
) -> Decision<Reply> {
    own(ctx, set.customer(&customer)?, |row| row.scope)?;
    let token = set.token(&id)?.filter(|row| !row.is_deleted).ok_or(Rejection::NotFound)?;
    if token.scope != ctx.scope.id {
        // The other mode, and what a reset left behind, is not there at all.
        let is_of_other = set.tenant(&token.scope)?.is_some_and(|tenant| {
            let (own, other) = (ctx.scope, tenant.scope);
            other.merchant != own.merchant && other.mode == own.mode && !tenant.retired
        });
        return Err(match is_of_other {
            true => Rejection::TokenOfOtherMerchant.into(),
            false => Rejection::NotFound.into(),
        });
    }
    if token.customer != customer {
        return Err(Rejection::TokenOfOtherCustomer.into());
    }
    let token = settle_due(set, ctx, token)?;
    let refusal = match token.state {
        TokenState::Rejected | TokenState::Cancelled | TokenState::Expired => {
            Some(Rejection::MandateNotCancellable)
        }
        TokenState::Cancelling(_) => Some(Rejection::MandateBusy),
        _ if token.held > Paise::ZERO => Some(Rejection::MandateBusy),
        _ if token.is_exhausted() && token.releases_at() <= ctx.now.time => {
            Some(Rejection::CancelTooLate)
        }
        _ if rail != Some(token.connector.as_str()) => Some(Rejection::NoUpiRail),
        _ => None,
    };
    if let Some(refusal) = refusal {
        return Err(refusal.into());
    }
    let was_pending = token.state == TokenState::Initiated;
    let key = InstructionKey::Revoke(id);
    let before = set.instruction(&key)?;
    let cancelling = Arc::new(token.cancelling().ok_or(Rejection::MandateNotCancellable)?);
    write(set, &cancelling);
    set.put_instruction(match before {
        // The network knows the first request, and has refused it.
        Some(before) => before.again(ctx.now.millis),
        None => Instruction::new(key, ctx.scope.id, token.payment, ctx.now.millis),
    });
    if was_pending {
        let payment = fail_approval(set, ctx, &cancelling, Failure::Cancelled)?;
        let kinds = [EventKind::TokenCancellationInitiated, EventKind::PaymentFailed];
        tell_with_payment(set, ctx, &cancelling, payment, &kinds)?;
    } else {
        tell(set, ctx, &cancelling, &[EventKind::TokenCancellationInitiated])?;
    }
    Ok(Reply::Token(cancelling))
}

/// The network has ended a mandate: the rest is free at once.
pub(super) fn revoked(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<Token>,
) -> Decision<Arc<Token>> {
    let token = settle_due(set, ctx, token)?;
    let Some(cancelled) = token.cancelled() else { return Ok(token) };
    let cancelled = Arc::new(cancelled);
    write(set, &cancelled);
    tell(set, ctx, &cancelled, &[EventKind::TokenCancelled])?;
    Ok(cancelled)
}

/// The network refuses to end a mandate: it is what it was, and nobody is told. Source:
/// reserve-pay 8.1.
pub(super) fn revoke_refused(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<Token>,
) -> Decision<Arc<Token>> {
    let token = settle_due(set, ctx, token)?;
    let Some(after) = token.cancel_refused() else { return Ok(token) };
    let after = Arc::new(after);
    write(set, &after);
    if after.state == TokenState::Cancelled {
        tell(set, ctx, &after, &[EventKind::TokenCancelled])?;
        return Ok(after);
    }
    // Time went on while the answer was waited for.
    settle_due(set, ctx, after)
}

/// The payer paused, resumed or revoked a mandate in their app. Rejects: `NotFound`, `MandateFinal`
/// where it stands differently already. Source: reserve-pay 8.4.
pub fn payer_acted(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: TokenId,
    act: PayerAct,
) -> Decision<Reply> {
    let token = own(ctx, set.token(&id)?, |row| row.scope)?;
    let token = settle_due(set, ctx, token)?;
    let after = token.after_payer(act).ok_or(Rejection::MandateFinal(token.state.told()))?;
    let after = Arc::new(after);
    write(set, &after);
    let kind = match act {
        PayerAct::Pause => EventKind::TokenPaused,
        PayerAct::Resume => EventKind::TokenResumed,
        PayerAct::Revoke => EventKind::TokenCancelled,
    };
    tell(set, ctx, &after, &[kind])?;
    Ok(Reply::Token(after))
}

/// Takes a mandate that is over out of sight. Payments keep its id. Rejects: `NotFound`,
/// `MandateNotDeletable`. Source: reserve-pay 8.2.
pub fn delete(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    id: TokenId,
) -> Decision<Reply> {
    own(ctx, set.customer(&customer)?, |row| row.scope)?;
    let token = own(ctx, set.token(&id)?, |row| row.scope)?;
    if token.is_deleted || token.customer != customer {
        return Err(Rejection::NotFound.into());
    }
    let token = settle_due(set, ctx, token)?;
    if !token.state.is_deletable() {
        return Err(Rejection::MandateNotDeletable.into());
    }
    let deleted = Arc::new(Token { is_deleted: true, ..Token::clone(&token) });
    write(set, &deleted);
    Ok(Reply::Token(deleted))
}
