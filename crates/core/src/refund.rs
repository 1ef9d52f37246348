//! Refunds: money on its way back to a payer. Source: common 9, smart-collect 5.14.

use crate::customer::Notes;
use crate::id::{PaymentId, RefundId};
use crate::money::Paise;
use crate::payment::{Method, Payment, PaymentState};
use crate::scope::ScopeId;
use crate::time::{DAY_SECONDS, Time};

/// Age of a payment, in seconds, beyond which banks give nothing back. Source: common 9.2.
pub const REFUND_AGE_SECONDS_MAX: i64 = 180 * DAY_SECONDS;
/// Characters of a refund's receipt. Source: common 9.2.
pub const RECEIPT_CHARACTERS_MAX: usize = 40;

/// Money on its way back to a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `rfnd_…`; also the reference under which the bank is asked to pay.
    pub id: RefundId,
    /// Whose.
    pub scope: ScopeId,
    /// The payment it gives back.
    pub payment: PaymentId,
    /// How much.
    pub amount: Paise,
    /// The merchant's notes.
    pub notes: Notes,
    /// The merchant's reference, unique per payment.
    pub receipt: Option<String>,
    /// How fast the merchant wants it.
    pub requested: Speed,
    /// How fast it goes.
    pub pace: Pace,
    /// Which number the bank will report.
    pub reference_kind: ReferenceKind,
    /// The number, once the bank has reported it.
    pub reference: Option<String>,
    /// The bank the money leaves by.
    pub connector: String,
    /// Where it stands.
    pub state: RefundState,
    /// Why the bank refused it, in its words.
    pub failure: Option<String>,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// What a merchant asks for. Source: common 9.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// By the bank's usual rail, in days.
    #[default]
    Normal,
    /// At once where the payer's bank can, else normal.
    Optimum,
}

/// What a merchant gets. Source: common 9.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// By the bank's usual rail.
    Normal,
    /// At once.
    Instant,
}

/// The name of the bank's number. Source: common 9.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// 12 digits: UPI, and every payment into a virtual account.
    Rrn,
    /// 23 digits: everything else.
    Arn,
}

/// Where a refund stands. The wire knows three words for these five: what the merchant is told runs
/// ahead of the bank for a normal refund. Source: common 9.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Waits for account details of a payer who sent none; nothing is ordered. Told as pending.
    Stranded,
    /// Ordered, the bank has not said yes. Told as pending.
    Pending,
    /// Ordered, the bank has not said yes. Told as processed: a normal refund is.
    Processed,
    /// The bank has paid. Told as processed.
    Paid,
    /// The bank has refused; the money is where it came from. Told as failed.
    Failed,
}

impl Speed {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Speed::Normal => "normal",
            Speed::Optimum => "optimum",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<Speed> {
        [Speed::Normal, Speed::Optimum].into_iter().find(|speed| speed.as_str() == text)
    }
}

impl Pace {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Pace::Normal => "normal",
            Pace::Instant => "instant",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<Pace> {
        [Pace::Normal, Pace::Instant].into_iter().find(|pace| pace.as_str() == text)
    }
}

impl ReferenceKind {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            ReferenceKind::Rrn => "rrn",
            ReferenceKind::Arn => "arn",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<ReferenceKind> {
        [ReferenceKind::Rrn, ReferenceKind::Arn].into_iter().find(|kind| kind.as_str() == text)
    }

    /// How many digits such a number has.
    pub fn digits(self) -> usize {
        match self {
            ReferenceKind::Rrn => 12,
            ReferenceKind::Arn => 23,
        }
    }

    /// Which number the bank reports for refunds of a payment. Source: common 9.1, A30.
    pub fn of(payment: &Payment) -> ReferenceKind {
        match payment.method {
            _ if payment.virtual_account.is_some() => ReferenceKind::Rrn,
            Method::BankTransfer | Method::Upi { .. } => ReferenceKind::Rrn,
            Method::Card(_) | Method::Nach { .. } => ReferenceKind::Arn,
        }
    }
}

impl RefundState {
    /// Every state.
    pub const ALL: [RefundState; 5] = [
        RefundState::Stranded,
        RefundState::Pending,
        RefundState::Processed,
        RefundState::Paid,
        RefundState::Failed,
    ];

    /// The word as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            RefundState::Stranded => "stranded",
            RefundState::Pending => "pending",
            RefundState::Processed => "processed",
            RefundState::Paid => "paid",
            RefundState::Failed => "failed",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<RefundState> {
        RefundState::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The word a merchant reads. Source: common 9.1.
    pub fn told(self) -> &'static str {
        match self {
            RefundState::Stranded | RefundState::Pending => "pending",
            RefundState::Processed | RefundState::Paid => "processed",
            RefundState::Failed => "failed",
        }
    }

    /// Whether the bank's last word is still to come: the amount is in `refunds:pending`.
    pub fn is_ordered(self) -> bool {
        matches!(self, RefundState::Pending | RefundState::Processed)
    }

    /// Account details are there: the bank is asked. `None`: it was ordered before.
    pub fn ordered(self) -> Option<RefundState> {
        (self == RefundState::Stranded).then_some(RefundState::Pending)
    }

    /// It goes the normal way after all, which is told as processed at once. `None`: it is no
    /// longer pending.
    pub fn slowed(self) -> Option<RefundState> {
        (self == RefundState::Pending).then_some(RefundState::Processed)
    }

    /// The bank has paid. `None`: nothing was ordered, or the bank's word was heard before.
    pub fn paid(self) -> Option<RefundState> {
        self.is_ordered().then_some(RefundState::Paid)
    }

    /// The bank has refused. `None`: nothing was ordered, or the bank's word was heard before.
    pub fn refused(self) -> Option<RefundState> {
        self.is_ordered().then_some(RefundState::Failed)
    }
}

impl Payment {
    /// What a merchant may still give back: nothing unless the money was taken.
    pub fn refundable(&self) -> Paise {
        match self.state {
            PaymentState::Captured { refunded, .. } => {
                self.amount.checked_sub(refunded).unwrap_or(Paise::ZERO)
            }
            PaymentState::Created
            | PaymentState::Failed(_)
            | PaymentState::Authorized
            | PaymentState::Returned => Paise::ZERO,
        }
    }

    /// The payment after giving back `amount`; `None` when that is more than is left. Source:
    /// common 9.4.
    pub fn after_refund(&self, amount: Paise) -> Option<Payment> {
        let PaymentState::Captured { fee, refunded } = self.state else { return None };
        let refunded = refunded.checked_add(amount).filter(|sum| *sum <= self.amount)?;
        Some(Payment { state: PaymentState::Captured { fee, refunded }, ..self.clone() })
    }

    /// The payment after a refund of `amount` failed. Money that was never taken stays sent back:
    /// its status has nowhere to go back to. Source: common 9.5, A32.
    pub fn after_failed_refund(&self, amount: Paise) -> Payment {
        match self.state {
            PaymentState::Captured { fee, refunded } => {
                let refunded =
                    refunded.checked_sub(amount).expect("a refund is a part of what was refunded");
                Payment { state: PaymentState::Captured { fee, refunded }, ..self.clone() }
            }
            PaymentState::Created
            | PaymentState::Failed(_)
            | PaymentState::Authorized
            | PaymentState::Returned => self.clone(),
        }
    }
}

/// One use of `X-Refund-Idempotency`: the request that used the key, and what it made. Source:
/// common 5.8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Whose; a key belongs to one merchant in one mode.
    pub scope: ScopeId,
    /// Digest of the key, of fixed length.
    pub key: String,
    /// Digest of payment and body as decoded.
    pub request: String,
    /// The refund it made.
    pub refund: RefundId,
    /// On the merchant's clock.
    pub created_at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_heard_once() {
        use RefundState::*;
        for (state, ordered, slowed, closed) in [
            (Stranded, Some(Pending), None, false),
            (Pending, None, Some(Processed), true),
            (Processed, None, None, true),
            (Paid, None, None, false),
            (Failed, None, None, false),
        ] {
            assert_eq!(state.ordered(), ordered, "{state:?}");
            assert_eq!(state.slowed(), slowed, "{state:?}");
            assert_eq!(state.paid(), closed.then_some(Paid), "{state:?}");
            assert_eq!(state.refused(), closed.then_some(Failed), "{state:?}");
            assert_eq!(RefundState::parse(state.as_str()), Some(state));
        }
    }
}
