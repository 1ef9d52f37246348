//! The sandbox's bank: the other side of a payout. Source: sandbox 4 and 7, common 9.5.
//!
//! It keeps nothing: what it says follows from the refund, the merchant's settings and armed faults,
//! so asking twice about one reference is harmless, also after a restart.

use vasool_core::instruction::BankAnswer;
use vasool_core::refund::{Pace, Speed};
use vasool_core::refunds::{FALLBACK_PAISE, Trigger};
use vasool_core::sandbox::{FaultTarget, RailOperation};

use super::faults::{self, Side};
use crate::engine::Engine;
use crate::rails::{Answers, Payout, PayoutOrder, Status};

/// The bank of test mode.
pub struct SandboxBank {
    /// Counts the faults it meets.
    engine: Engine,
}

impl SandboxBank {
    /// A bank whose faults are counted through this engine.
    pub fn new(engine: Engine) -> SandboxBank {
        SandboxBank { engine }
    }

    async fn answer(&self, order: &PayoutOrder) -> Vec<BankAnswer> {
        let side = Side { target: FaultTarget::Bank, name: "the bank" };
        let unknown = |why| BankAnswer::Unknown { why };
        let operation = RailOperation::Refund;
        faults::answers(&self.engine, &order.tenant, side, operation, decide(order), unknown).await
    }
}

/// What the bank says when nothing goes wrong.
fn decide(order: &PayoutOrder) -> BankAnswer {
    let (refund, settings) = (&order.refund, &order.tenant.settings);
    let trigger = Trigger::of(order.tenant.scope.mode, &refund.notes);
    if trigger == Some(Trigger::Hold) {
        return BankAnswer::Pending { again_in_ms: None };
    }
    if refund.pace == Pace::Instant {
        if !settings.auto {
            return BankAnswer::Pending { again_in_ms: None };
        }
        if order.instruction.asked == 0 && settings.auto_delay > 0 {
            return BankAnswer::Pending { again_in_ms: Some(settings.auto_delay * 1000) };
        }
    }
    if let Some(Trigger::Fail(reason)) = trigger {
        return BankAnswer::Refused { reason };
    }
    let falls_back = refund.requested == Speed::Optimum && refund.amount.get() == FALLBACK_PAISE;
    if falls_back && refund.pace == Pace::Instant {
        return BankAnswer::OnlyNormal;
    }
    BankAnswer::Paid { reference: None }
}

impl Payout for SandboxBank {
    fn pay<'a>(&'a self, order: &'a PayoutOrder) -> Answers<'a> {
        Box::pin(self.answer(order))
    }

    fn status<'a>(&'a self, order: &'a PayoutOrder) -> Status<'a> {
        Box::pin(async { Some(self.answer(order).await) })
    }
}
