//! Refunds. Source: common 9.

use crate::customer::Notes;
use crate::id::{PaymentId, RefundId};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Time;

/// Money on its way back to a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `rfnd_…`.
    pub id: RefundId,
    /// Whose.
    pub scope: ScopeId,
    /// The payment it gives back.
    pub payment: PaymentId,
    /// How much.
    pub amount: Paise,
    /// The merchant's notes.
    pub notes: Notes,
    /// The merchant's reference.
    pub receipt: Option<String>,
    /// Where it stands.
    pub state: RefundState,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// Where a refund stands. Source: common 9.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Waits: for the bank, or for account details of a payer who sent none.
    Pending,
    /// The bank has it.
    Processed,
}
