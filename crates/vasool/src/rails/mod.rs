//! Rails: the doors through which money leaves, and through which a payer's bank is asked for it.
//! Source: rails 8.1, decisions 39.
//!
//! A connector answers yes, no, not yet, or nothing. It is given the same reference every time it is
//! asked about the same thing, and it must do that once. [`worker`] decides when to ask; the core
//! decides what an answer means.

mod asking;
pub mod files;
mod hands;
pub mod worker;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use vasool_core::filing::{Connector, FileTimes};
use vasool_core::instruction::BankAnswer;
use vasool_core::paper_nach::NachAnswer;
use vasool_core::reserve_pay::RailAnswer;
use vasool_core::scope::Mode;
use vasool_core::time::Millis;

/// A refund to pay out. Holds account numbers, so it is never printed.
pub type PayoutOrder = vasool_store::reads::PayoutRows;
/// Something to do about a mandate: the instruction says what.
pub type UpiOrder = vasool_store::reads::UpiRows;

/// Something to do about a mandate on paper: the instruction says what. Never printed.
pub type NachOrder = vasool_store::reads::NachRailRows;

/// What a rail says to one question, in order: usually one answer. A second one comes after a
/// time-out, or from a rail that repeats itself.
pub type Answers<'a, A = BankAnswer> = Pin<Box<dyn Future<Output = Vec<A>> + Send + 'a>>;
/// The same about a reference that the rail may not know: then `None`, and it may be told.
pub type Status<'a, A = BankAnswer> = Pin<Box<dyn Future<Output = Option<Vec<A>>> + Send + 'a>>;

/// A bank that can pay out.
pub trait Payout: Send + Sync {
    /// Tells the bank to pay.
    fn pay<'a>(&'a self, order: &'a PayoutOrder) -> Answers<'a>;
    /// Asks what became of an order; never moves money.
    fn status<'a>(&'a self, order: &'a PayoutOrder) -> Status<'a>;
}

/// The UPI network, as a sponsor bank or PSP opens it. Source: rails 8.1 C, 4.3.
///
/// References: the id of the mandate for its approval; the same and the instruction's number for its
/// end, which may be asked for again after it was refused; the id of the payment for a debit, whose
/// sequence number the payment carries.
pub trait UpiRail: Send + Sync {
    /// Announces a mandate that its payer will be asked to approve.
    fn authorise<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer>;
    /// Debits a mandate.
    fn debit<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer>;
    /// Ends a mandate.
    fn cancel<'a>(&'a self, order: &'a UpiOrder) -> Answers<'a, RailAnswer>;
    /// Asks what became of any of these; changes nothing.
    fn status<'a>(&'a self, order: &'a UpiOrder) -> Status<'a, RailAnswer>;
}

/// What NACH is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NachWish {
    /// A mandate to register.
    Registration,
    /// A debit to present.
    Debit,
    /// A mandate to end.
    Withdrawal,
}

/// NACH, as a sponsor bank opens it. Source: rails 5, 8.4.
///
/// A rail is told at once, or takes files at its own times. What goes by file is never told here: it
/// waits in a queue from the commit that causes it, and the status is asked for when its answer is
/// given up.
pub trait NachRail: Send + Sync {
    /// When a wish of now goes into a file; `None` for a rail that is told at once.
    fn file_times(&self, _wish: NachWish, _now: Millis) -> Option<FileTimes> {
        None
    }
    /// Tells it what the instruction says: to register a mandate, present a debit, end a mandate.
    fn tell<'a>(&'a self, order: &'a NachOrder) -> Answers<'a, NachAnswer>;
    /// Asks what became of it; changes nothing.
    fn status<'a>(&'a self, order: &'a NachOrder) -> Status<'a, NachAnswer>;
}

/// The connectors of a server, by mode and name.
#[derive(Clone, Default)]
pub struct Rails {
    payouts: BTreeMap<(&'static str, String), Arc<dyn Payout>>,
    networks: BTreeMap<(&'static str, String), Arc<dyn UpiRail>>,
    clearing: BTreeMap<(&'static str, String), Arc<dyn NachRail>>,
}

impl Rails {
    /// Adds a connector that pays out in a mode.
    #[must_use]
    pub fn with_payout(mut self, mode: Mode, connector: &str, bank: Arc<dyn Payout>) -> Rails {
        self.payouts.insert((mode.as_str(), connector.to_owned()), bank);
        self
    }

    /// Adds a connector to the UPI network in a mode.
    #[must_use]
    pub fn with_upi(mut self, mode: Mode, connector: &str, network: Arc<dyn UpiRail>) -> Rails {
        self.networks.insert((mode.as_str(), connector.to_owned()), network);
        self
    }

    /// Adds a connector to NACH in a mode.
    #[must_use]
    pub fn with_nach(mut self, mode: Mode, connector: &str, nach: Arc<dyn NachRail>) -> Rails {
        self.clearing.insert((mode.as_str(), connector.to_owned()), nach);
        self
    }

    /// The connector to NACH, if there is one.
    pub fn nach(&self, mode: Mode, connector: &str) -> Option<&Arc<dyn NachRail>> {
        self.clearing.get(&(mode.as_str(), connector.to_owned()))
    }

    /// The connectors to NACH in a mode, and how they take a wish of now: the merchant's now.
    pub fn nach_connectors(&self, mode: Mode, wish: NachWish, now: Millis) -> Vec<Connector> {
        let own = self.clearing.iter().filter(|((known, _), _)| *known == mode.as_str());
        own.map(|((_, name), nach)| Connector {
            name: name.clone(),
            by_file: nach.file_times(wish, now),
        })
        .collect()
    }

    /// When a debit of now goes into a file of a connector; `None` where it is told at once.
    pub fn debit_times(&self, mode: Mode, connector: &str, now: Millis) -> Option<FileTimes> {
        self.nach(mode, connector)?.file_times(NachWish::Debit, now)
    }

    /// The connector that pays out, if there is one.
    pub fn payout(&self, mode: Mode, connector: &str) -> Option<&Arc<dyn Payout>> {
        self.payouts.get(&(mode.as_str(), connector.to_owned()))
    }

    /// The connector to the UPI network, if there is one.
    pub fn upi(&self, mode: Mode, connector: &str) -> Option<&Arc<dyn UpiRail>> {
        self.networks.get(&(mode.as_str(), connector.to_owned()))
    }

    /// Names of the connectors that pay out in a mode.
    pub fn payout_names(&self, mode: Mode) -> Vec<String> {
        names(self.payouts.keys(), mode)
    }

    /// Names of the connectors to the UPI network in a mode.
    pub fn upi_names(&self, mode: Mode) -> Vec<String> {
        names(self.networks.keys(), mode)
    }
}

fn names<'a>(keys: impl Iterator<Item = &'a (&'static str, String)>, mode: Mode) -> Vec<String> {
    let own = keys.filter(|(known, _)| *known == mode.as_str());
    own.map(|(_, connector)| connector.clone()).collect()
}
