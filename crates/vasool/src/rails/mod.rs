//! Rails: the one door through which money leaves. Source: rails 8.1, decisions 39.
//!
//! A connector answers yes, no, not yet, or nothing. It is given the same reference every time it is
//! asked about the same money, and it must pay that reference once. [`payouts`] decides when to ask;
//! the core decides what an answer means.

pub mod payouts;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use vasool_core::instruction::BankAnswer;
use vasool_core::scope::Mode;

/// A refund to pay out. Holds account numbers, so it is never printed.
pub type PayoutOrder = vasool_store::reads::PayoutRows;

/// What a bank says to one question, in order: usually one answer. A second one comes after a
/// time-out, or from a bank that repeats itself.
pub type Answers<'a> = Pin<Box<dyn Future<Output = Vec<BankAnswer>> + Send + 'a>>;
/// The same about a reference that the bank may not know: then `None`, and it may be told to pay.
pub type Status<'a> = Pin<Box<dyn Future<Output = Option<Vec<BankAnswer>>> + Send + 'a>>;

/// A bank that can pay out.
pub trait Payout: Send + Sync {
    /// Tells the bank to pay.
    fn pay<'a>(&'a self, order: &'a PayoutOrder) -> Answers<'a>;
    /// Asks what became of an order; never moves money.
    fn status<'a>(&'a self, order: &'a PayoutOrder) -> Status<'a>;
}

/// The connectors of a server, by mode and name.
#[derive(Clone, Default)]
pub struct Rails {
    payouts: BTreeMap<(&'static str, String), Arc<dyn Payout>>,
}

impl Rails {
    /// Adds a connector that pays out in a mode.
    #[must_use]
    pub fn with_payout(mut self, mode: Mode, connector: &str, bank: Arc<dyn Payout>) -> Rails {
        self.payouts.insert((mode.as_str(), connector.to_owned()), bank);
        self
    }

    /// The connector that pays out, if there is one.
    pub fn payout(&self, mode: Mode, connector: &str) -> Option<&Arc<dyn Payout>> {
        self.payouts.get(&(mode.as_str(), connector.to_owned()))
    }

    /// Names of the connectors that pay out in a mode.
    pub fn payout_names(&self, mode: Mode) -> Vec<String> {
        let own = self.payouts.keys().filter(|(known, _)| *known == mode.as_str());
        own.map(|(_, connector)| connector.clone()).collect()
    }
}
