//! Mandates on paper: one per scan that was taken, as the bank decided on it. Source: paper-nach 1.1,
//! 8.

use crate::failure::NachFailure;
use crate::id::{CustomerId, OrderId, PaymentId, TokenId};
use crate::money::Paise;
use crate::nach_form::NachAccount;
use crate::scope::ScopeId;
use crate::time::Time;

/// A mandate on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NachToken {
    /// `token_…`.
    pub id: TokenId,
    /// Whose.
    pub scope: ScopeId,
    /// Who signed.
    pub customer: CustomerId,
    /// The order that asked for it.
    pub order: OrderId,
    /// The payment that registers it.
    pub payment: PaymentId,
    /// The rail it goes over.
    pub connector: String,
    /// The opaque `token` of the entity.
    pub opaque: String,
    /// The account it debits.
    pub account: NachAccount,
    /// Where it stands.
    pub state: NachState,
    /// Why the bank refused it.
    pub failure: Option<NachFailure>,
    /// The most one debit may take.
    pub max_amount: Paise,
    /// When it ends.
    pub ends_at: Time,
    /// When its scan came, or the last debit that was honoured.
    pub used_at: Time,
    /// When its scan came.
    pub created_at: Time,
    /// The network's number of the mandate, once it is registered.
    pub umrn: Option<String>,
    /// The sandbox's word that came with its order. Source: sandbox 4.
    pub trigger: Option<String>,
    /// Whether the merchant has deleted it.
    pub is_deleted: bool,
}

/// Where a mandate stands. Source: paper-nach 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NachState {
    /// The bank has not decided.
    Initiated,
    /// Registered: it can be debited.
    Confirmed,
    /// The merchant wants it to end; where it stood before, which is what is told until the network
    /// has agreed.
    Cancelling(Cancellable),
    /// The bank refused it.
    Rejected,
    /// Ended by the merchant or the bank.
    Cancelled,
}

/// States from which a merchant may end a mandate. Source: paper-nach 8.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellable {
    /// The bank has not decided.
    Initiated,
    /// Registered.
    Confirmed,
}

impl NachState {
    /// `recurring_details.status`. Source: paper-nach 8.1.
    pub fn told(self) -> &'static str {
        match self {
            NachState::Initiated | NachState::Cancelling(Cancellable::Initiated) => "initiated",
            NachState::Confirmed | NachState::Cancelling(Cancellable::Confirmed) => "confirmed",
            NachState::Rejected => "rejected",
            NachState::Cancelled => "cancelled",
        }
    }

    /// The word as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            NachState::Cancelling(Cancellable::Initiated) => "cancelling_initiated",
            NachState::Cancelling(Cancellable::Confirmed) => "cancelling_confirmed",
            other => other.told(),
        }
    }

    /// Every state.
    pub const ALL: [NachState; 6] = [
        NachState::Initiated,
        NachState::Confirmed,
        NachState::Cancelling(Cancellable::Initiated),
        NachState::Cancelling(Cancellable::Confirmed),
        NachState::Rejected,
        NachState::Cancelled,
    ];

    /// Reads what was stored.
    pub fn parse(word: &str) -> Option<NachState> {
        NachState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl NachToken {
    /// The bank has accepted the mandate; `None` where it is decided already.
    pub fn confirmed(&self, umrn: Option<String>) -> Option<NachToken> {
        let state = match self.state {
            NachState::Initiated => NachState::Confirmed,
            // The merchant wanted it to end; the network's word on that is still to come.
            NachState::Cancelling(Cancellable::Initiated) => {
                NachState::Cancelling(Cancellable::Confirmed)
            }
            _ => return None,
        };
        Some(NachToken { state, umrn, ..self.clone() })
    }

    /// The bank has refused it.
    pub fn rejected(&self, failure: NachFailure) -> Option<NachToken> {
        let open = matches!(
            self.state,
            NachState::Initiated | NachState::Cancelling(Cancellable::Initiated)
        );
        let failure = Some(failure);
        open.then(|| NachToken { state: NachState::Rejected, failure, ..self.clone() })
    }

    /// The merchant wants it to end. Source: paper-nach 8.4, 8.5.
    pub fn cancelling(&self) -> Option<NachToken> {
        let from = match self.state {
            NachState::Initiated => Cancellable::Initiated,
            NachState::Confirmed => Cancellable::Confirmed,
            _ => return None,
        };
        Some(NachToken { state: NachState::Cancelling(from), ..self.clone() })
    }

    /// It has ended, at whoever's wish.
    pub fn cancelled(&self) -> Option<NachToken> {
        let is_over = matches!(self.state, NachState::Rejected | NachState::Cancelled);
        (!is_over).then(|| NachToken { state: NachState::Cancelled, ..self.clone() })
    }

    /// The network refuses to end it.
    pub fn cancel_refused(&self) -> Option<NachToken> {
        let state = match self.state {
            NachState::Cancelling(Cancellable::Initiated) => NachState::Initiated,
            NachState::Cancelling(Cancellable::Confirmed) => NachState::Confirmed,
            _ => return None,
        };
        Some(NachToken { state, ..self.clone() })
    }

    /// A debit was honoured.
    pub fn used(&self, at: Time) -> NachToken {
        NachToken { used_at: self.used_at.max(at), ..self.clone() }
    }

    /// Whether its time is over. Source: paper-nach 8.2.
    pub fn is_expired(&self, now: Time) -> bool {
        self.ends_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_back() {
        for state in NachState::ALL {
            assert_eq!(NachState::parse(state.as_str()), Some(state));
        }
        assert_eq!(NachState::parse("paused"), None);
        assert_eq!(NachState::Cancelling(Cancellable::Confirmed).told(), "confirmed");
    }
}
