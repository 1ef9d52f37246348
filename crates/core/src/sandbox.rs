//! What only test mode has: faults that are armed, and mails that would have gone out.
//! Source: sandbox 6 and 7.

use crate::id::{FaultId, MessageId};
use crate::scope::{Mode, ScopeId};
use crate::time::{Millis, Time};

/// Faults one merchant may have armed at a time.
pub const FAULTS_MAX: i64 = 100;

/// An unkindness armed for coming deliveries or answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its handle in answers.
    pub id: FaultId,
    /// Whose.
    pub scope: ScopeId,
    /// Where it waits.
    pub target: FaultTarget,
    /// What it does there.
    pub kind: FaultKind,
    /// Which events it meets; empty is all.
    pub events: Vec<String>,
    /// Which operation of a rail it meets; `None` is all.
    pub operation: Option<RailOperation>,
    /// How many deliveries or answers it meets.
    pub times: i64,
    /// How long a delay or an outage lasts.
    pub seconds: i64,
    /// How many it has met.
    pub fired: i64,
    /// On the merchant's clock.
    pub armed_at: Millis,
    /// True once it was disarmed by a call.
    pub disarmed: bool,
}

/// Where a fault waits. Source: sandbox 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultTarget {
    /// On the way to a merchant's webhook.
    Webhook,
    /// At the sandbox's bank.
    Bank,
    /// At the sandbox's UPI network.
    Upi,
    /// At the sandbox's NACH.
    Nach,
}

/// What a rail is asked to do. Source: sandbox 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RailOperation {
    /// To pay a refund out.
    Refund,
    /// To have a mandate approved.
    Authorisation,
    /// To debit a mandate.
    Debit,
    /// To end a mandate.
    Cancel,
}

/// What a fault does to the deliveries or answers it meets. Source: sandbox 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Sent twice.
    Duplicate,
    /// Sent late.
    Delay,
    /// Not sent; retried by the normal schedule.
    Drop,
    /// Sent after the next one.
    Reorder,
    /// Refused until the seconds are over.
    Outage,
    /// The rail does not answer.
    Timeout,
    /// The rail answers with a fault.
    Error,
    /// The rail answers after our time-out.
    Late,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [FaultKind; 8] = [
        FaultKind::Duplicate,
        FaultKind::Delay,
        FaultKind::Drop,
        FaultKind::Reorder,
        FaultKind::Outage,
        FaultKind::Timeout,
        FaultKind::Error,
        FaultKind::Late,
    ];

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultKind::Duplicate => "duplicate",
            FaultKind::Delay => "delay",
            FaultKind::Drop => "drop",
            FaultKind::Reorder => "reorder",
            FaultKind::Outage => "outage",
            FaultKind::Timeout => "timeout",
            FaultKind::Error => "error",
            FaultKind::Late => "late",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<FaultKind> {
        FaultKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether such a fault can wait there.
    pub fn fits(self, target: FaultTarget) -> bool {
        use FaultKind::*;
        match target {
            FaultTarget::Webhook => matches!(self, Duplicate | Delay | Drop | Reorder | Outage),
            FaultTarget::Bank | FaultTarget::Upi | FaultTarget::Nach => {
                matches!(self, Timeout | Error | Late | Duplicate)
            }
        }
    }
}

impl FaultTarget {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultTarget::Webhook => "webhook",
            FaultTarget::Bank => "bank",
            FaultTarget::Upi => "upi",
            FaultTarget::Nach => "nach",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<FaultTarget> {
        let all = [FaultTarget::Webhook, FaultTarget::Bank, FaultTarget::Upi, FaultTarget::Nach];
        all.into_iter().find(|known| known.as_str() == text)
    }
}

impl RailOperation {
    /// Whether that rail does such a thing.
    pub fn is_of(self, target: FaultTarget) -> bool {
        match self {
            RailOperation::Refund => target == FaultTarget::Bank,
            RailOperation::Authorisation | RailOperation::Debit | RailOperation::Cancel => {
                matches!(target, FaultTarget::Upi | FaultTarget::Nach)
            }
        }
    }

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            RailOperation::Refund => "refund",
            RailOperation::Authorisation => "authorisation",
            RailOperation::Debit => "debit",
            RailOperation::Cancel => "cancel",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<RailOperation> {
        let all = [
            RailOperation::Refund,
            RailOperation::Authorisation,
            RailOperation::Debit,
            RailOperation::Cancel,
        ];
        all.into_iter().find(|known| known.as_str() == text)
    }
}

impl Fault {
    /// Whether it still meets deliveries at `now`. An outage ends by time, the others by count.
    pub fn is_armed(&self, now: Millis) -> bool {
        !self.disarmed
            && match self.kind {
                FaultKind::Outage => now < self.armed_at.plus(self.seconds * 1000),
                _ => self.fired < self.times,
            }
    }

    /// Whether it meets a delivery of this event.
    pub fn meets(&self, event: &str, now: Millis) -> bool {
        self.target == FaultTarget::Webhook
            && self.is_armed(now)
            && (self.events.is_empty() || self.events.iter().any(|e| e == event))
    }

    /// Whether it meets an answer of this rail about this operation.
    pub fn meets_rail(&self, target: FaultTarget, operation: RailOperation, now: Millis) -> bool {
        self.target == target
            && self.is_armed(now)
            && self.operation.is_none_or(|wanted| wanted == operation)
    }
}

/// A mail or SMS that went out, or would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its handle.
    pub id: MessageId,
    /// Whose merchant caused it.
    pub scope: ScopeId,
    /// `email` or `sms`.
    pub channel: &'static str,
    /// Address or number.
    pub to: String,
    /// Subject line; empty for SMS.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Links in the text.
    pub links: Vec<String>,
    /// When it is to be sent first; `None` in test mode, where it is kept to be read.
    pub due: Option<Millis>,
    /// On the merchant's clock.
    pub created_at: Time,
}

impl Message {
    /// When a message of now is to be sent: in live mode at once.
    pub fn due(mode: Mode, now: Millis) -> Option<Millis> {
        (mode == Mode::Live).then_some(now)
    }
}
