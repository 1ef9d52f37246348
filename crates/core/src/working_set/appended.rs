//! Rows that are only ever added.

use crate::event::Occurrence;
use crate::filing::Filing;
use crate::fund_account::FundAccount;
use crate::id::{EndpointId, RawId};
use crate::ledger::Posting;
use crate::paper_nach::NachScan;
use crate::sandbox::Message;
use crate::scope::ScopeId;
use crate::short_link::ShortLink;
use crate::time::Time;
use crate::timer::{Timer, TimerKey};
use crate::virtual_account::StatementLine;
use crate::webhook::Attempt;

/// Rows that are only ever added, and what becomes of timers.
#[derive(Clone, Debug, Default)]
pub struct Appended {
    /// Movements of money.
    pub postings: Vec<Posting>,
    /// Payments on the statements of virtual accounts.
    pub lines: Vec<StatementLine>,
    /// Short URLs.
    pub links: Vec<ShortLink>,
    /// Fund accounts.
    pub fund_accounts: Vec<FundAccount>,
    /// Scans of signed forms.
    pub scans: Vec<NachScan>,
    /// What waits for files of rails.
    pub filings: Vec<Filing>,
    /// Changes that merchants are told about.
    pub occurrences: Vec<Occurrence>,
    /// Webhook calls.
    pub attempts: Vec<Attempt>,
    /// Mails and SMS.
    pub messages: Vec<Message>,
    /// Something for the operator to look at.
    pub alerts: Vec<Alert>,
    /// Timers set (`Some`) or cleared (`None`); the last word on a key counts.
    pub timers: Vec<(TimerKey, Option<Timer>)>,
    /// Endpoints deleted.
    pub deleted_endpoints: Vec<EndpointId>,
    /// Scopes whose timers must all be looked at again.
    pub rearmed: Vec<ScopeId>,
}

/// An oddity on a rail that a person should look at, such as a repeat with another amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: RawId,
    /// Whose.
    pub scope: ScopeId,
    /// Which connector said so.
    pub connector: String,
    /// The bank's reference.
    pub reference: String,
    /// What is odd.
    pub text: String,
    /// On the merchant's clock.
    pub created_at: Time,
}

impl Appended {
    pub(super) fn take(&mut self, other: &mut Appended) {
        self.postings.append(&mut other.postings);
        self.lines.append(&mut other.lines);
        self.links.append(&mut other.links);
        self.fund_accounts.append(&mut other.fund_accounts);
        self.scans.append(&mut other.scans);
        self.filings.append(&mut other.filings);
        self.occurrences.append(&mut other.occurrences);
        self.attempts.append(&mut other.attempts);
        self.messages.append(&mut other.messages);
        self.alerts.append(&mut other.alerts);
        self.timers.append(&mut other.timers);
        self.deleted_endpoints.append(&mut other.deleted_endpoints);
        self.rearmed.append(&mut other.rearmed);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.postings.is_empty()
            && self.lines.is_empty()
            && self.links.is_empty()
            && self.fund_accounts.is_empty()
            && self.scans.is_empty()
            && self.filings.is_empty()
            && self.occurrences.is_empty()
            && self.attempts.is_empty()
            && self.messages.is_empty()
            && self.alerts.is_empty()
            && self.timers.is_empty()
            && self.deleted_endpoints.is_empty()
            && self.rearmed.is_empty()
    }
}
