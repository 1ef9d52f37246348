//! A developer plays the bank. Source: sandbox 3, decisions 20.

use std::sync::Arc;

use super::Steering;
use super::ordering::order_posting;
use super::payout::hear;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::id::RefundId;
use crate::instruction::BankAnswer;
use crate::refund::{Refund, RefundState};
use crate::rejection::Rejection;
use crate::working_set::{Decision, WorkingSet};

/// Makes the bank answer now. Rejects: `NotFound`, `RefundFinal` when its last word was heard.
pub fn steer(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: RefundId,
    steering: &Steering,
) -> Decision<Reply> {
    let refund = own(ctx, set.refund(&id)?, |row| row.scope)?;
    let answer = match steering {
        Steering::Process(reference) => BankAnswer::Paid { reference: reference.clone() },
        Steering::Fail(reason) => BankAnswer::Refused {
            reason: reason.clone().unwrap_or_else(|| "payment_failed".to_owned()),
        },
        Steering::Reference(reference) => return report_reference(set, ctx, &refund, reference),
    };
    let refund = match refund.state {
        RefundState::Paid | RefundState::Failed => {
            return Err(Rejection::RefundFinal(refund.state.told()).into());
        }
        RefundState::Stranded => order(set, ctx, &refund)?,
        RefundState::Pending | RefundState::Processed => refund,
    };
    Ok(Reply::Refund(hear(set, ctx, refund, &answer)?))
}

/// Account details were supplied: what waited for them is ordered.
fn order(set: &mut WorkingSet, ctx: &Context, refund: &Refund) -> Decision<Arc<Refund>> {
    let payment = set.payment(&refund.payment)?.ok_or(Rejection::NotFound)?;
    let state = refund.state.ordered().ok_or(Rejection::NotFound)?;
    let ordered = Arc::new(Refund { state, ..refund.clone() });
    order_posting(set, ctx, &payment, &ordered);
    Ok(ordered)
}

/// The bank's number comes later than its yes. Nobody is told. Source: common 9.6.
fn report_reference(
    set: &mut WorkingSet,
    ctx: &mut Context,
    refund: &Refund,
    reference: &Option<String>,
) -> Decision<Reply> {
    if refund.state == RefundState::Failed {
        return Err(Rejection::RefundFinal(refund.state.told()).into());
    }
    let digits = refund.reference_kind.digits();
    let reference = reference.clone().unwrap_or_else(|| ctx.draw.digits(digits));
    let refund = Arc::new(Refund { reference: Some(reference), ..refund.clone() });
    set.put_refund(refund.clone());
    Ok(Reply::Refund(refund))
}
