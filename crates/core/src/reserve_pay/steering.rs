//! A developer plays payer, bank and network. Source: sandbox 3.

use super::changes::{finish, reject, settle_due};
use super::debiting::{debited, refused};
use super::hearing::approve;
use super::{Approval, DebitReceipt, MandateRows, ending};
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::failure::{Failure, Operation, Row, timed_out};
use crate::instruction::InstructionKey;
use crate::payment::MandateRole;
use crate::rejection::Rejection;
use crate::token::{Cancelling, PayerAct, TokenState};
use crate::working_set::{Decision, WorkingSet};

/// What a developer makes happen to a mandate.
#[derive(Clone, Debug)]
pub enum MandateSteering {
    /// The payer approves.
    Approve(Approval),
    /// Payer, bank or network refuses with this row.
    Reject(&'static Row),
    /// The approval window ends.
    Expire,
    /// The payer acts in their app.
    Act(PayerAct),
    /// The network ends it, as the merchant asked.
    CancelOk,
    /// The network refuses to.
    CancelFail,
}

/// What a developer makes happen to a payment that is pending.
#[derive(Clone, Debug)]
pub enum DebitSteering {
    /// The bank debits.
    Succeed(DebitReceipt),
    /// It refuses, with this row.
    Fail(&'static Row),
}

/// Makes payer or network answer now. Rejects: `NotFound`, `MandateFinal` when they have already.
pub fn steer_mandate(
    set: &mut WorkingSet,
    ctx: &mut Context,
    rows: &MandateRows,
    steering: &MandateSteering,
) -> Decision<Reply> {
    let token = own(ctx, set.token(&rows.token)?, |row| row.scope)?;
    let token = settle_due(set, ctx, token)?;
    let answers_request = matches!(
        steering,
        MandateSteering::Approve(_) | MandateSteering::Reject(_) | MandateSteering::Expire
    );
    let answers_cancel =
        matches!(steering, MandateSteering::CancelOk | MandateSteering::CancelFail);
    let is_cancelling = matches!(token.state, TokenState::Cancelling(Cancelling::ByMerchant(_)));
    if answers_request && token.state != TokenState::Initiated || answers_cancel && !is_cancelling {
        return Err(Rejection::MandateFinal(token.state.told()).into());
    }
    let token = match steering {
        MandateSteering::Approve(approval) => approve(set, ctx, token, approval)?,
        // Row 35 leaves it open. Source: decisions 25.
        MandateSteering::Reject(row) if row.is_pending() => token,
        MandateSteering::Reject(row) => {
            let failure = Failure::Upi(row, Operation::Authorisation);
            reject(set, ctx, &token, failure, None)?
        }
        MandateSteering::Expire => reject(set, ctx, &token, timed_out(), None)?,
        MandateSteering::Act(act) => return ending::payer_acted(set, ctx, token.id, *act),
        MandateSteering::CancelOk => {
            finish(set, ctx, InstructionKey::Revoke(token.id), "revoked")?;
            ending::revoked(set, ctx, token)?
        }
        MandateSteering::CancelFail => {
            finish(set, ctx, InstructionKey::Revoke(token.id), "refused")?;
            ending::revoke_refused(set, ctx, token)?
        }
    };
    Ok(Reply::Token(token))
}

/// Makes the bank decide a pending debit now. Rejects: `NotFound`, `PaymentFinal` when it has
/// already.
pub fn steer_debit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    rows: &MandateRows,
    steering: &DebitSteering,
) -> Decision<Reply> {
    let payment = own(ctx, set.payment(&rows.payment)?, |row| row.scope)?;
    let role = payment.mandate.as_ref().map(|mandate| mandate.role);
    let Some(MandateRole::Debit { .. }) = role else { return Err(Rejection::NotFound.into()) };
    if !payment.is_open() {
        return Err(Rejection::PaymentFinal(payment.state.told(payment.amount)).into());
    }
    let (payment, answer) = match steering {
        DebitSteering::Succeed(receipt) => (debited(set, ctx, &payment, receipt)?, "yes"),
        DebitSteering::Fail(row) if row.is_pending() => return Ok(Reply::Payment(payment)),
        DebitSteering::Fail(row) => {
            let failure = Failure::Upi(row, Operation::Debit);
            (refused(set, ctx, &payment, failure)?, row.reason)
        }
    };
    finish(set, ctx, InstructionKey::Debit(payment.id), answer)?;
    Ok(Reply::Payment(payment))
}
