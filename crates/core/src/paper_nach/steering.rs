//! A developer plays the payer's bank and the network. Source: sandbox 3.

use super::charging::{honoured, returned};
use super::deciding::{accept, reject};
use super::hearing::finish;
use super::{NachRows, ending};
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::failure::NachFailure;
use crate::filing::FileTimes;
use crate::instruction::InstructionKey;
use crate::nach_token::{Cancellable, NachState};
use crate::payment::MandateRole;
use crate::rejection::Rejection;
use crate::working_set::{Decision, WorkingSet};

/// What a developer makes happen to a mandate.
#[derive(Clone, Debug)]
pub enum NachMandateSteering {
    /// The bank accepts it, under this number; when a first debit goes into a file, where its rail
    /// takes files.
    Accept(String, Option<FileTimes>),
    /// The bank refuses it.
    Reject(NachFailure),
    /// The bank ends it.
    Revoke,
    /// The network ends it, as the merchant asked.
    CancelOk,
    /// The network refuses to.
    CancelFail,
}

/// What a developer makes happen to a debit that is pending.
#[derive(Clone, Debug)]
pub enum NachDebitSteering {
    /// The bank honours it.
    Honour,
    /// The bank returns it.
    Return(NachFailure),
    /// The bank wants another cycle: it stays pending. Source: paper-nach 12.3, code 98.
    Extend,
}

/// Makes bank or network answer now. Rejects: `NotFound`, `MandateFinal` when they have already.
pub fn steer_mandate(
    set: &mut WorkingSet,
    ctx: &mut Context,
    rows: &NachRows,
    steering: &NachMandateSteering,
) -> Decision<Reply> {
    let token = own(ctx, set.nach_token(&rows.token)?, |row| row.scope)?;
    let is_open = match steering {
        NachMandateSteering::Accept(..) | NachMandateSteering::Reject(_) => matches!(
            token.state,
            NachState::Initiated | NachState::Cancelling(Cancellable::Initiated)
        ),
        NachMandateSteering::CancelOk | NachMandateSteering::CancelFail => {
            matches!(token.state, NachState::Cancelling(_))
        }
        NachMandateSteering::Revoke => {
            !matches!(token.state, NachState::Rejected | NachState::Cancelled)
        }
    };
    if !is_open {
        return Err(Rejection::MandateFinal(token.state.told()).into());
    }
    let token = match steering {
        NachMandateSteering::Accept(umrn, first_debit) => {
            accept(set, ctx, token, Some(umrn.clone()), *first_debit)?
        }
        NachMandateSteering::Reject(failure) => reject(set, ctx, token, *failure)?,
        NachMandateSteering::Revoke | NachMandateSteering::CancelOk => {
            ending::ended(set, ctx, token)?
        }
        NachMandateSteering::CancelFail => ending::end_refused(set, ctx, token)?,
    };
    Ok(Reply::NachToken(token))
}

/// Makes the bank decide a pending debit now. Rejects: `NotFound`, `PaymentFinal` when it has
/// already.
pub fn steer_debit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    rows: &NachRows,
    steering: &NachDebitSteering,
) -> Decision<Reply> {
    let payment = own(ctx, set.payment(&rows.payment)?, |row| row.scope)?;
    let role = payment.mandate.as_ref().map(|mandate| mandate.role);
    let Some(MandateRole::Presentation) = role else { return Err(Rejection::NotFound.into()) };
    if !payment.is_open() {
        return Err(Rejection::PaymentFinal(payment.state.told(payment.amount)).into());
    }
    let (payment, answer) = match steering {
        NachDebitSteering::Honour => (honoured(set, ctx, &payment)?, "yes"),
        NachDebitSteering::Return(failure) => {
            (returned(set, ctx, &payment, *failure)?, failure.fields().reason)
        }
        NachDebitSteering::Extend => return Ok(Reply::Payment(payment)),
    };
    finish(set, ctx, InstructionKey::Present(payment.id), answer)?;
    Ok(Reply::Payment(payment))
}
