//! What the screen of a payer's phone shows of a mandate.

use vasool_core::failure::Failure;
use vasool_core::time::Time;
use vasool_core::token::{Token, TokenState};

use crate::format::{day, rupees};
use crate::web::dashboard::shown::Shown;

/// A mandate on a payer's phone.
#[derive(Debug)]
pub struct Screen {
    /// Who asks, as the network shows it.
    pub payee: String,
    /// What is blocked, or shall be.
    pub amount: String,
    /// The most one debit may take.
    pub max_amount: String,
    /// What was debited.
    pub debited: String,
    /// When it ends.
    pub ends: String,
    /// The word of the API for where it stands.
    pub state: Shown,
    /// How long the payer may still approve.
    pub left: String,
    /// The address that approved it.
    pub vpa: Option<String>,
    /// Why it came to nothing.
    pub why: Option<&'static str>,
    /// What can be done.
    pub stage: Stage,
}

/// What a payer or the network can do about a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The payer is asked.
    Asked,
    /// It can be debited.
    Active,
    /// The payer has paused it.
    Paused,
    /// The network was asked to end it.
    Ending,
    /// Nothing.
    Over,
}

impl Screen {
    /// A mandate for a payee of this name, as it is now.
    pub fn of(payee: &str, token: &Token, now: Time) -> Screen {
        let token = token.as_of(now);
        let stage = match token.state {
            TokenState::Initiated => Stage::Asked,
            TokenState::Confirmed => Stage::Active,
            TokenState::Paused => Stage::Paused,
            TokenState::Cancelling(_) => Stage::Ending,
            TokenState::Rejected | TokenState::Cancelled | TokenState::Expired => Stage::Over,
        };
        let left = (token.approve_by.0 - now.0).max(0);
        Screen {
            payee: payee.to_owned(),
            amount: rupees(token.amount),
            max_amount: rupees(token.max_amount),
            debited: rupees(token.debited),
            ends: day(token.expires_at),
            state: Shown::state(token.state.told().to_owned()),
            left: format!("{}:{:02}", left / 60, left % 60),
            vpa: token.payer.as_ref().map(|payer| payer.vpa.clone()),
            why: token.failure.map(Failure::fields).map(|why| why.description),
            stage,
        }
    }
}
