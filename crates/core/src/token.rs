//! Tokens: a mandate a payer has given a merchant. Source: reserve-pay 6, 7, 10.
//!
//! Every change of state is one function here; what it may not do, it refuses with `None`. The sum
//! of what was debited and what is held never exceeds what was blocked.

use crate::failure::{Failure, MandateFault, timed_out};
use crate::id::{CustomerId, OrderId, PaymentId, TokenId};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Time;

/// Seconds before the end at which the rest of a block is released. Source: reserve-pay 5.3.
pub const RELEASE_SECONDS: i64 = 600;
/// Debits one mandate can carry: the bank's sequence number has three digits. Source: reserve-pay
/// I12.
pub const DEBITS_MAX: i64 = 999;

/// A mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// `token_…`.
    pub id: TokenId,
    /// Whose.
    pub scope: ScopeId,
    /// Who gives it.
    pub customer: CustomerId,
    /// The order that asked for it.
    pub order: OrderId,
    /// The payment that approves it.
    pub payment: PaymentId,
    /// The rail it was made on.
    pub connector: String,
    /// The opaque `token` of the entity.
    pub opaque: String,
    /// Who approved it.
    pub payer: Option<TokenPayer>,
    /// Where it stands.
    pub state: TokenState,
    /// Why it was rejected.
    pub failure: Option<Failure>,
    /// What is to be blocked. Source: reserve-pay AMB-02.
    pub amount: Paise,
    /// What was blocked when it was approved; never changes afterwards.
    pub blocked: Paise,
    /// Sum of the debits that reached us; only grows.
    pub debited: Paise,
    /// Sum of the debits that the bank has not decided.
    pub held: Paise,
    /// Sequence number of the last debit that was sent to the bank.
    pub debits: i64,
    /// The most one debit may take.
    pub max_amount: Paise,
    /// Until when it can be approved.
    pub approve_by: Time,
    /// When it ends.
    pub expires_at: Time,
    /// When its order was made.
    pub starts_at: Time,
    /// When its payment was made.
    pub created_at: Time,
    /// The latest debit that succeeded.
    pub used_at: Option<Time>,
    /// The network's unique mandate number.
    pub mandate_number: Option<String>,
    /// The sandbox's word that came with its payment. Source: sandbox 4.
    pub trigger: Option<String>,
    /// Whether the merchant has deleted it.
    pub is_deleted: bool,
}

/// Who approved a mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPayer {
    /// UPI address, lower case.
    pub vpa: String,
    /// As the bank knows them.
    pub name: Option<String>,
    /// When the address was seen: with the approval of this mandate.
    pub received_at: Time,
}

/// Where a mandate stands. Source: reserve-pay 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// The payer has not acted.
    Initiated,
    /// Active.
    Confirmed,
    /// Refused, or not approved in time.
    Rejected,
    /// Paused by the payer.
    Paused,
    /// On its way to an end.
    Cancelling(Cancelling),
    /// Ended by the payer or the merchant.
    Cancelled,
    /// Its time is over.
    Expired,
}

/// Why a mandate is on its way to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// The merchant asked; where it stood before.
    ByMerchant(Cancellable),
    /// Its rest is released shortly before its time is over. Source: reserve-pay 8.3.
    Release,
}

/// States from which a merchant may cancel. Source: reserve-pay AMB-13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellable {
    /// The payer has not acted.
    Initiated,
    /// Active.
    Confirmed,
    /// Paused by the payer.
    Paused,
}

/// What a payer does to a mandate in their app. Source: reserve-pay 8.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayerAct {
    /// No debits for a while.
    Pause,
    /// Debits again.
    Resume,
    /// The end.
    Revoke,
}

impl Cancellable {
    fn state(self) -> TokenState {
        match self {
            Cancellable::Initiated => TokenState::Initiated,
            Cancellable::Confirmed => TokenState::Confirmed,
            Cancellable::Paused => TokenState::Paused,
        }
    }
}

impl TokenState {
    /// `recurring_details.status`. Source: reserve-pay 6.
    pub fn told(self) -> &'static str {
        match self {
            TokenState::Initiated => "initiated",
            TokenState::Confirmed => "confirmed",
            TokenState::Rejected => "rejected",
            TokenState::Paused => "paused",
            TokenState::Cancelling(_) => "cancellation_initiated",
            TokenState::Cancelled => "cancelled",
            TokenState::Expired => "expired",
        }
    }

    /// The word as it is stored.
    pub fn as_str(self) -> &'static str {
        use Cancelling::*;
        match self {
            TokenState::Cancelling(ByMerchant(Cancellable::Initiated)) => "cancelling_initiated",
            TokenState::Cancelling(ByMerchant(Cancellable::Confirmed)) => "cancelling_confirmed",
            TokenState::Cancelling(ByMerchant(Cancellable::Paused)) => "cancelling_paused",
            TokenState::Cancelling(Release) => "releasing",
            other => other.told(),
        }
    }

    /// Reads what was stored.
    pub fn parse(word: &str) -> Option<TokenState> {
        TokenState::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Every state.
    pub const ALL: [TokenState; 10] = [
        TokenState::Initiated,
        TokenState::Confirmed,
        TokenState::Rejected,
        TokenState::Paused,
        TokenState::Cancelling(Cancelling::ByMerchant(Cancellable::Initiated)),
        TokenState::Cancelling(Cancelling::ByMerchant(Cancellable::Confirmed)),
        TokenState::Cancelling(Cancelling::ByMerchant(Cancellable::Paused)),
        TokenState::Cancelling(Cancelling::Release),
        TokenState::Cancelled,
        TokenState::Expired,
    ];

    /// Why a debit finds nothing here; `None` where it may go on. Source: reserve-pay 9.3.
    pub fn debit_fault(self) -> Option<MandateFault> {
        match self {
            TokenState::Confirmed => None,
            TokenState::Paused => Some(MandateFault::Paused),
            TokenState::Cancelled => Some(MandateFault::Cancelled),
            TokenState::Expired | TokenState::Cancelling(Cancelling::Release) => {
                Some(MandateFault::Expired)
            }
            TokenState::Initiated
            | TokenState::Rejected
            | TokenState::Cancelling(Cancelling::ByMerchant(_)) => Some(MandateFault::NotActive),
        }
    }

    /// Whether a list shows it: what was never active, and what has expired, is left out. Source:
    /// reserve-pay 7.
    pub fn is_listed(self) -> bool {
        !matches!(self, TokenState::Initiated | TokenState::Rejected | TokenState::Expired)
    }

    /// Whether a merchant may delete it. Source: reserve-pay 8.2.
    pub fn is_deletable(self) -> bool {
        matches!(self, TokenState::Rejected | TokenState::Cancelled | TokenState::Expired)
    }
}

impl Token {
    /// What further debits may take.
    pub fn remaining(&self) -> Paise {
        let taken = self.debited.checked_add(self.held).unwrap_or(Paise::MAX);
        self.blocked.checked_sub(taken).unwrap_or(Paise::ZERO)
    }

    /// Whether debits have taken the whole block.
    pub fn is_exhausted(&self) -> bool {
        self.blocked > Paise::ZERO && self.debited == self.blocked
    }

    /// When the rest is released.
    pub fn releases_at(&self) -> Time {
        self.expires_at.plus_seconds(-RELEASE_SECONDS)
    }

    /// When time changes it next; `None` where it never will. Source: reserve-pay 5.3, 8.3.
    pub fn changes_at(&self) -> Option<Time> {
        match self.state {
            TokenState::Initiated => Some(self.approve_by),
            TokenState::Confirmed | TokenState::Paused if self.is_exhausted() => {
                Some(self.expires_at)
            }
            TokenState::Confirmed | TokenState::Paused => Some(self.releases_at()),
            TokenState::Cancelling(_) => Some(self.expires_at),
            TokenState::Rejected | TokenState::Cancelled | TokenState::Expired => None,
        }
    }

    /// What time alone has made of it. A mandate nobody approved in time is rejected by a rule of
    /// its own, because its payment fails with it: see [`Payment::as_of`](crate::payment::Payment).
    /// Source: reserve-pay 5.3, 8.3, decisions 50.
    pub fn as_of(&self, now: Time) -> Token {
        let state = match self.state {
            TokenState::Initiated if self.approve_by <= now => {
                let (state, failure) = (TokenState::Rejected, Some(timed_out()));
                return Token { state, failure, ..self.clone() };
            }
            TokenState::Confirmed | TokenState::Paused | TokenState::Cancelling(_)
                if self.expires_at <= now =>
            {
                TokenState::Expired
            }
            TokenState::Confirmed | TokenState::Paused
                if self.releases_at() <= now && !self.is_exhausted() =>
            {
                TokenState::Cancelling(Cancelling::Release)
            }
            other => other,
        };
        Token { state, ..self.clone() }
    }

    /// The payer approved: the amount is blocked.
    pub fn approved(&self, payer: TokenPayer, number: Option<String>) -> Option<Token> {
        (self.state == TokenState::Initiated).then(|| Token {
            state: TokenState::Confirmed,
            payer: Some(payer),
            blocked: self.amount,
            mandate_number: number,
            ..self.clone()
        })
    }

    /// Payer, bank or time said no.
    pub fn rejected(&self, failure: Failure) -> Option<Token> {
        (self.state == TokenState::Initiated).then(|| Token {
            state: TokenState::Rejected,
            failure: Some(failure),
            ..self.clone()
        })
    }

    /// The payer acted in their app. Source: reserve-pay 8.4.
    pub fn after_payer(&self, act: PayerAct) -> Option<Token> {
        let state = match (act, self.state) {
            (PayerAct::Pause, TokenState::Confirmed) => TokenState::Paused,
            (PayerAct::Resume, TokenState::Paused) => TokenState::Confirmed,
            (PayerAct::Revoke, TokenState::Confirmed | TokenState::Paused) => TokenState::Cancelled,
            _ => return None,
        };
        Some(Token { state, ..self.clone() })
    }

    /// The merchant asked to end it. Source: reserve-pay 8.1.
    pub fn cancelling(&self) -> Option<Token> {
        let from = match self.state {
            TokenState::Initiated => Cancellable::Initiated,
            TokenState::Confirmed => Cancellable::Confirmed,
            TokenState::Paused => Cancellable::Paused,
            _ => return None,
        };
        let state = TokenState::Cancelling(Cancelling::ByMerchant(from));
        Some(Token { state, ..self.clone() })
    }

    /// The network has ended it.
    pub fn cancelled(&self) -> Option<Token> {
        let ByMerchant(_) = self.cancelling_state()? else { return None };
        Some(Token { state: TokenState::Cancelled, ..self.clone() })
    }

    /// The network refuses to end it: it is what it was. What the payer never approved is ended
    /// all the same, because its payment has failed.
    pub fn cancel_refused(&self) -> Option<Token> {
        let ByMerchant(from) = self.cancelling_state()? else { return None };
        let state = match from {
            Cancellable::Initiated => TokenState::Cancelled,
            Cancellable::Confirmed | Cancellable::Paused => from.state(),
        };
        Some(Token { state, ..self.clone() })
    }

    fn cancelling_state(&self) -> Option<Cancelling> {
        match self.state {
            TokenState::Cancelling(cancelling) => Some(cancelling),
            _ => None,
        }
    }

    /// Sets an amount aside for a debit that goes to the bank, and counts the debit. `None` when it
    /// is more than what remains, or the mandate gives nothing. Source: reserve-pay I1.
    pub fn hold(&self, amount: Paise) -> Option<Token> {
        let allowed = self.state.debit_fault().is_none() && amount <= self.remaining();
        let held = self.held.checked_add(amount)?;
        allowed.then(|| Token { held, debits: self.debits + 1, ..self.clone() })
    }

    /// The bank has debited what was held. Source: reserve-pay 9.2.
    pub fn settle(&self, amount: Paise, at: Time) -> Option<Token> {
        let held = self.held.checked_sub(amount)?;
        let debited = self.debited.checked_add(amount)?;
        // The bank may tell of an early debit after a late one.
        let used_at = self.used_at.max(Some(at));
        Some(Token { held, debited, used_at, ..self.clone() })
    }

    /// The bank has refused what was held.
    pub fn unhold(&self, amount: Paise) -> Option<Token> {
        let held = self.held.checked_sub(amount)?;
        Some(Token { held, ..self.clone() })
    }
}

use Cancelling::ByMerchant;

#[cfg(test)]
mod tests;
