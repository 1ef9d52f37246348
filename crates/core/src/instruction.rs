//! Instructions: what a bank must do for us, as rows that outlive every process. Source: rails 8.3.
//!
//! An instruction is written with the change that causes it. Whoever takes it up asks the bank and
//! reports the answer as a command. No answer is not a no: then the bank is asked for the status,
//! never told to pay again, until it says yes or no.

use crate::id::{PaymentId, RawId, RefundId, TokenId};
use crate::scope::ScopeId;
use crate::time::Millis;

/// The first gap before a bank that did not answer is asked again, milliseconds on the merchant's
/// clock. Our choice; each further gap is twice as long.
const FIRST_GAP_MS: i64 = 60_000;
/// The same for UPI, whose network wants status checks this far apart. Source: rails 4.1.
const UPI_GAP_MS: i64 = 90_000;
/// How often a mandate operation is repeated after a time-out. Source: rails 4.1, OC-228.
const REPEATS_MAX: i64 = 3;
/// Within which time it is repeated, milliseconds. Source: rails 4.1, OC-228.
const REPEAT_WITHIN_MS: i64 = 24 * 60 * 60_000;
/// The longest gap, milliseconds. Our choice.
const GAP_MS_MAX: i64 = 24 * 60 * 60_000;

/// What an instruction is about; there is at most one per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstructionKey {
    /// Pay a refund out.
    PayRefund(RefundId),
    /// Have a mandate approved by its payer.
    Authorise(TokenId),
    /// Debit a mandate.
    Debit(PaymentId),
    /// End a mandate.
    Revoke(TokenId),
    /// Have a paper mandate registered by its bank.
    Register(TokenId),
    /// Present a debit of a paper mandate.
    Present(PaymentId),
    /// End a paper mandate.
    Withdraw(TokenId),
}

impl InstructionKey {
    /// The kind as it is stored.
    pub fn kind(self) -> &'static str {
        match self {
            InstructionKey::PayRefund(_) => "pay_refund",
            InstructionKey::Authorise(_) => "authorise",
            InstructionKey::Debit(_) => "debit",
            InstructionKey::Revoke(_) => "revoke",
            InstructionKey::Register(_) => "register",
            InstructionKey::Present(_) => "present",
            InstructionKey::Withdraw(_) => "withdraw",
        }
    }

    /// The id of what it is about.
    pub fn subject(self) -> RawId {
        match self {
            InstructionKey::PayRefund(id) => id.0,
            InstructionKey::Debit(id) | InstructionKey::Present(id) => id.0,
            InstructionKey::Authorise(id)
            | InstructionKey::Revoke(id)
            | InstructionKey::Register(id)
            | InstructionKey::Withdraw(id) => id.0,
        }
    }

    /// Reads what was stored.
    pub fn parse(kind: &str, subject: RawId) -> Option<InstructionKey> {
        Some(match kind {
            "pay_refund" => InstructionKey::PayRefund(RefundId(subject)),
            "authorise" => InstructionKey::Authorise(TokenId(subject)),
            "debit" => InstructionKey::Debit(PaymentId(subject)),
            "revoke" => InstructionKey::Revoke(TokenId(subject)),
            "register" => InstructionKey::Register(TokenId(subject)),
            "present" => InstructionKey::Present(PaymentId(subject)),
            "withdraw" => InstructionKey::Withdraw(TokenId(subject)),
            _ => return None,
        })
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
    /// Which request about the same thing it is, from 1: the end of a mandate may be asked for again
    /// after the network refused.
    pub number: i64,
    /// How often the bank was asked.
    pub asked: i64,
    /// How often of these it was told to do it; at other times it was asked for the status.
    pub told: i64,
    /// On the merchant's clock.
    pub created_at: Millis,
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
        let (number, asked, told) = (1, 0, 0);
        let answer = None;
        Instruction { key, scope, payment, number, asked, told, created_at: now, answer, state }
    }

    /// The same instruction as another request, after the first was decided.
    pub fn again(&self, now: Millis) -> Instruction {
        let fresh = Instruction::new(self.key, self.scope, self.payment, now);
        Instruction { number: self.number + 1, ..fresh }
    }

    /// The instruction after the bank was asked and said `answer`.
    pub fn after(&self, answer: &str, state: InstructionState) -> Instruction {
        let answer = Some(answer.to_owned());
        Instruction { asked: self.asked + 1, answer, state, ..self.clone() }
    }

    /// Whether a bank that knows nothing of it may be told: a refund always, because its reference
    /// is paid once; an operation on a mandate three more times within a day, and only because a
    /// bank that knows nothing is one that timed out. Source: rails 4.1, OC-228.
    pub fn may_be_told(&self, now: Millis) -> bool {
        match self.key {
            // A file carries every reference once, however often it is told.
            InstructionKey::PayRefund(_)
            | InstructionKey::Register(_)
            | InstructionKey::Present(_)
            | InstructionKey::Withdraw(_) => true,
            InstructionKey::Authorise(_) | InstructionKey::Debit(_) | InstructionKey::Revoke(_) => {
                self.told <= REPEATS_MAX && now < self.created_at.plus(REPEAT_WITHIN_MS)
            }
        }
    }

    /// When to ask again after the bank did not answer at `now`: gaps double up to a day.
    pub fn next_try(&self, now: Millis) -> Millis {
        let doublings = u32::try_from(self.asked.clamp(0, 11)).unwrap_or(0);
        let first = match self.key {
            InstructionKey::PayRefund(_)
            | InstructionKey::Register(_)
            | InstructionKey::Present(_)
            | InstructionKey::Withdraw(_) => FIRST_GAP_MS,
            InstructionKey::Authorise(_) | InstructionKey::Debit(_) | InstructionKey::Revoke(_) => {
                UPI_GAP_MS
            }
        };
        now.plus((first << doublings).min(GAP_MS_MAX))
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

    #[test]
    fn a_debit_is_repeated_three_times_within_a_day() {
        let payment = PaymentId(RawId::parse("QcC3Rent000001").unwrap());
        let key = InstructionKey::Debit(payment);
        let row = Instruction::new(key, crate::scope::ScopeId(1), payment, Millis(0));
        let told = |told| Instruction { told, ..row.clone() };
        assert!((0..=3).all(|times| told(times).may_be_told(Millis(REPEAT_WITHIN_MS - 1))));
        assert!(!told(4).may_be_told(Millis(0)));
        assert!(!told(1).may_be_told(Millis(REPEAT_WITHIN_MS)));
        assert_eq!(row.next_try(Millis(0)), Millis(90_000));
    }
}
