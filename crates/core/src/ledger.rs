//! Double entry: every paise that moves is a [`Posting`]. Source: design of the ledger in
//! `ARCHITECTURE.md`, "Money".

use crate::id::{PaymentId, RawId, RefundId};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Time;

/// A place money is counted, per merchant and mode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Money at the sponsor bank behind a connector. An asset.
    Bank(String),
    /// Owed to the merchant.
    MerchantPayable,
    /// Fees earned.
    Fees,
    /// Tax on fees, owed to the state.
    Gst,
    /// Refunds ordered, not yet paid out by the bank.
    RefundsPending,
    /// Arrived for a payer who must get it back.
    PayerReturns,
    /// Authorised, and not captured by the merchant yet.
    Uncaptured,
}

impl Account {
    /// The name in the journal, such as `bank:sandbox` or `merchant:payable`.
    pub fn name(&self) -> String {
        match self {
            Account::Bank(connector) => format!("bank:{connector}"),
            Account::MerchantPayable => "merchant:payable".to_owned(),
            Account::Fees => "fees".to_owned(),
            Account::Gst => "gst".to_owned(),
            Account::RefundsPending => "refunds:pending".to_owned(),
            Account::PayerReturns => "payer:returns".to_owned(),
            Account::Uncaptured => "payments:uncaptured".to_owned(),
        }
    }
}

/// What a posting is for. One cause and line can be booked once only: the pair is the key of the
/// journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A payment arrived.
    Payment(PaymentId),
    /// Money goes back.
    Refund(RefundId),
}

impl Cause {
    /// The kind as the journal spells it.
    pub fn kind(self) -> &'static str {
        match self {
            Cause::Payment(_) => "payment",
            Cause::Refund(_) => "refund",
        }
    }

    /// The entity's id without prefix.
    pub fn raw(self) -> RawId {
        match self {
            Cause::Payment(id) => id.0,
            Cause::Refund(id) => id.0,
        }
    }
}

/// One balanced movement: two accounts, one amount, never edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What for.
    pub cause: Cause,
    /// Which line of that cause, from 0.
    pub line: i64,
    /// Whose books.
    pub scope: ScopeId,
    /// The account that receives.
    pub debit: Account,
    /// The account that gives.
    pub credit: Account,
    /// Above zero.
    pub amount: Paise,
    /// On the merchant's clock.
    pub posted_at: Time,
}
