//! The sandbox's bank: the other side of a payout. Source: sandbox 4 and 7, common 9.5.
//!
//! It keeps nothing: what it says follows from the refund, the merchant's settings and armed faults,
//! so asking twice about one reference is harmless, also after a restart.

use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::instruction::BankAnswer;
use vasool_core::refund::{Pace, Speed};
use vasool_core::refunds::{FALLBACK_PAISE, Trigger};
use vasool_core::sandbox::{FaultKind, FaultTarget, RailOperation};

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
        let unknown = |why: &str| BankAnswer::Unknown { why: why.to_owned() };
        let answer = decide(order);
        match self.meet_fault(order).await {
            None => vec![answer],
            Some(FaultKind::Duplicate) => vec![answer.clone(), answer],
            Some(FaultKind::Late) => vec![unknown("the bank did not answer in time"), answer],
            Some(FaultKind::Error) => vec![unknown("the bank answered with a fault")],
            Some(_) => vec![unknown("the bank did not answer")],
        }
    }

    async fn meet_fault(&self, order: &PayoutOrder) -> Option<FaultKind> {
        if order.tenant.faults_armed == 0 {
            return None;
        }
        let meet = ScopedCommand::MeetRailFault(FaultTarget::Bank, RailOperation::Refund);
        match self.engine.submit_for(order.refund.scope, meet).await {
            Ok(Reply::FaultMet(met)) => met.map(|(_, kind, _)| kind),
            Ok(_) => None,
            // Whether a fault was armed cannot be told now: no answer is always safe.
            Err(_) => Some(FaultKind::Timeout),
        }
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
