//! Instructions: what a bank must do for us, as rows that outlive every process. Source: rails 8.3.
//!
//! An instruction is written with the change that causes it. Whoever takes it up asks the bank and
//! reports the answer as a command. No answer is not a no: then the bank is asked for the status,
//! never told to pay again, until it says yes or no.

use crate::id::{PaymentId, RawId, RefundId};
use crate::scope::ScopeId;
use crate::time::Millis;

/// The first gap before a bank that did not answer is asked again, milliseconds on the merchant's
/// clock. Our choice; each further gap is twice as long.
const FIRST_GAP_MS: i64 = 60_000;
/// The longest gap, milliseconds. Our choice.
const GAP_MS_MAX: i64 = 24 * 60 * 60_000;

/// What an instruction is about; there is at most one per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstructionKey {
    /// Pay a refund out.
    PayRefund(RefundId),
}

impl InstructionKey {
    /// The kind as it is stored.
    pub fn kind(self) -> &'static str {
        match self {
            InstructionKey::PayRefund(_) => "pay_refund",
        }
    }

    /// The id of what it is about.
    pub fn subject(self) -> RawId {
        match self {
            InstructionKey::PayRefund(id) => id.0,
        }
    }

    /// Reads what was stored.
    pub fn parse(kind: &str, subject: RawId) -> Option<InstructionKey> {
        (kind == "pay_refund").then_some(InstructionKey::PayRefund(RefundId(subject)))
    }
}

/// Something a bank must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What.
    pub key: InstructionKey,
    /// Whose.
    pub scope: ScopeId,
    /// The payment it concerns.
    pub payment: PaymentId,
    /// How often the bank was asked.
    pub asked: i64,
    /// What it said last, in a few words.
    pub answer: Option<String>,
    /// Where it stands.
    pub state: InstructionState,
}

/// Where an instruction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionState {
    /// To be given to the bank.
    Ordered {
        /// When, on the merchant's clock.
        due: Millis,
    },
    /// The bank has it and will decide.
    Pending {
        /// When to ask for the status; `None`: the bank will tell.
        due: Option<Millis>,
    },
    /// The bank did not answer: nobody knows whether it has it.
    Unknown {
        /// When to ask for the status.
        due: Millis,
    },
    /// The bank said yes or no.
    Done,
}

impl InstructionState {
    /// When the bank must be asked next, on the merchant's clock.
    pub fn due(self) -> Option<Millis> {
        match self {
            InstructionState::Ordered { due } | InstructionState::Unknown { due } => Some(due),
            InstructionState::Pending { due } => due,
            InstructionState::Done => None,
        }
    }

    /// The word as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            InstructionState::Ordered { .. } => "ordered",
            InstructionState::Pending { .. } => "pending",
            InstructionState::Unknown { .. } => "unknown",
            InstructionState::Done => "done",
        }
    }

    /// Reads what was stored.
    pub fn parse(word: &str, due: Option<Millis>) -> Option<InstructionState> {
        Some(match (word, due) {
            ("ordered", Some(due)) => InstructionState::Ordered { due },
            ("pending", due) => InstructionState::Pending { due },
            ("unknown", Some(due)) => InstructionState::Unknown { due },
            ("done", None) => InstructionState::Done,
            _ => return None,
        })
    }
}

impl Instruction {
    /// An instruction to be given to the bank now.
    pub fn new(
        key: InstructionKey,
        scope: ScopeId,
        payment: PaymentId,
        now: Millis,
    ) -> Instruction {
        let state = InstructionState::Ordered { due: now };
        Instruction { key, scope, payment, asked: 0, answer: None, state }
    }

    /// The instruction after the bank was asked and said `answer`.
    pub fn after(&self, answer: &str, state: InstructionState) -> Instruction {
        let answer = Some(answer.to_owned());
        Instruction { asked: self.asked + 1, answer, state, ..self.clone() }
    }

    /// When to ask again after the bank did not answer at `now`: gaps double up to a day.
    pub fn next_try(&self, now: Millis) -> Millis {
        let doublings = u32::try_from(self.asked.clamp(0, 11)).unwrap_or(0);
        now.plus((FIRST_GAP_MS << doublings).min(GAP_MS_MAX))
    }
}

/// What a bank says about an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BankAnswer {
    /// Yes: the money has left.
    Paid {
        /// The bank's number, if it said.
        reference: Option<String>,
    },
    /// No, for good: the money has not left and will not.
    Refused {
        /// Why, in the bank's words.
        reason: String,
    },
    /// Not yet.
    Pending {
        /// When to ask for the status, milliseconds from now; `None`: the bank will tell.
        again_in_ms: Option<i64>,
    },
    /// Not at once: it goes the normal way.
    OnlyNormal,
    /// No answer, or one that says nothing.
    Unknown {
        /// What happened instead, in a few words.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_double_up_to_a_day() {
        let refund = RefundId(RawId::parse("QcD4Rent000001").unwrap());
        let payment = PaymentId(RawId::parse("QcC3Rent000001").unwrap());
        let key = InstructionKey::PayRefund(refund);
        let mut row = Instruction::new(key, crate::scope::ScopeId(1), payment, Millis(0));
        let mut gaps = vec![];
        for _ in 0..14 {
            gaps.push(row.next_try(Millis(0)).0 / 60_000);
            row.asked += 1;
        }
        assert_eq!(gaps, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]);
    }
}
