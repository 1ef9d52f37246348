//! The sandbox's NACH: sponsor bank, NPCI and the payer's bank in one. Source: sandbox 3, 4, 7.
//!
//! It keeps nothing: what it says follows from the rows, the merchant's settings and armed faults.

use vasool_core::failure::NachFailure;
use vasool_core::instruction::InstructionKey;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::{NachAnswer, NachOutcome, debit_outcome, mandate_outcome};
use vasool_core::sandbox::{FaultTarget, RailOperation};

use super::faults::{self, Side};
use crate::engine::Engine;
use crate::rails::{Answers, NachOrder, NachRail, Status};

/// Digits of a mandate's number behind the bank's letters. Source: rails 5.3.
const UMRN_DIGITS: u128 = 10_u128.pow(16);

/// The NACH of test mode.
pub struct SandboxNach {
    /// Counts the faults it meets.
    engine: Engine,
}

impl SandboxNach {
    /// A rail whose faults are counted through this engine.
    pub fn new(engine: Engine) -> SandboxNach {
        SandboxNach { engine }
    }

    async fn answer(&self, order: &NachOrder) -> Vec<NachAnswer> {
        let side = Side { target: FaultTarget::Nach, name: "the bank" };
        let unknown = |why| NachAnswer::Unknown { why };
        let operation = match order.instruction.key {
            InstructionKey::Present(_) => RailOperation::Debit,
            InstructionKey::Withdraw(_) => RailOperation::Cancel,
            _ => RailOperation::Authorisation,
        };
        faults::answers(&self.engine, &order.tenant, side, operation, decide(order), unknown).await
    }
}

/// What it says when nothing goes wrong: everything takes its time, or waits for a call.
fn decide(order: &NachOrder) -> NachAnswer {
    let outcome = match order.instruction.key {
        InstructionKey::Present(_) => debit_outcome(&order.payment, &order.token),
        InstructionKey::Withdraw(_) => match order.token.trigger.as_deref() {
            Some("cancelfail") => NachOutcome::No(NachFailure::of_mandate(None)),
            _ => NachOutcome::Yes,
        },
        _ => mandate_outcome(&order.token),
    };
    let settings = &order.tenant.settings;
    if outcome == NachOutcome::Waits || !settings.auto {
        return NachAnswer::Pending { again_in_ms: None };
    }
    if order.instruction.asked == 0 && settings.auto_delay > 0 {
        return NachAnswer::Pending { again_in_ms: Some(settings.auto_delay * 1000) };
    }
    match (outcome, order.instruction.key) {
        (NachOutcome::No(failure), _) => NachAnswer::Refused(failure),
        (_, InstructionKey::Present(_)) => NachAnswer::Honoured,
        (_, InstructionKey::Withdraw(_)) => NachAnswer::Ended,
        _ => NachAnswer::Registered { umrn: Some(umrn(&order.token)) },
    }
}

/// The number a mandate gets, the same whenever it is asked for: the bank's letters and digits.
pub fn umrn(token: &NachToken) -> String {
    format!("{}{:016}", token.account.bank(), token.id.0.to_number() % UMRN_DIGITS)
}

impl NachRail for SandboxNach {
    fn tell<'a>(&'a self, order: &'a NachOrder) -> Answers<'a, NachAnswer> {
        Box::pin(self.answer(order))
    }

    fn status<'a>(&'a self, order: &'a NachOrder) -> Status<'a, NachAnswer> {
        Box::pin(async { Some(self.answer(order).await) })
    }
}
