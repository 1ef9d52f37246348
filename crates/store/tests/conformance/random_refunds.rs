//! Refunds, and what a bank must do for them, with unkind values.

use vasool_core::instruction::{Instruction, InstructionKey, InstructionState};
use vasool_core::payment::Payment;
use vasool_core::refund::{IdempotencyRecord, Pace, ReferenceKind, Refund, RefundState, Speed};

use crate::random::Random;

impl Random {
    pub fn refund(&mut self, payment: &Payment) -> Refund {
        Refund {
            id: self.id(),
            scope: payment.scope,
            payment: payment.id,
            amount: self.paise(),
            notes: self.notes(),
            receipt: self.some(Random::text),
            requested: self.one_of(&[Speed::Normal, Speed::Optimum]),
            pace: self.one_of(&[Pace::Normal, Pace::Instant]),
            reference_kind: self.one_of(&[ReferenceKind::Rrn, ReferenceKind::Arn]),
            reference: self.some(Random::text),
            connector: self.text(),
            state: self.one_of(&RefundState::ALL),
            failure: self.some(Random::text),
            created_at: self.time(),
        }
    }

    pub fn instruction(&mut self, refund: &Refund) -> Instruction {
        let due = self.millis();
        let states = [
            InstructionState::Ordered { due },
            InstructionState::Pending { due: Some(due) },
            InstructionState::Pending { due: None },
            InstructionState::Unknown { due },
            InstructionState::Done,
        ];
        Instruction {
            key: InstructionKey::PayRefund(refund.id),
            scope: refund.scope,
            payment: refund.payment,
            number: self.int(),
            asked: self.int(),
            told: self.int(),
            created_at: self.millis(),
            answer: self.some(Random::text),
            state: self.one_of(&states),
        }
    }

    pub fn idempotency(&mut self, refund: &Refund) -> IdempotencyRecord {
        IdempotencyRecord {
            scope: refund.scope,
            key: format!("{}{}", self.text(), refund.id),
            request: self.text(),
            refund: refund.id,
            created_at: self.time(),
        }
    }
}
