//! Webhooks: endpoints, deliveries, and when to try again. Source: common 10.

use crate::event::{EventKind, Occurrence};
use crate::id::{EndpointId, EventId, RawId};
use crate::scope::ScopeId;
use crate::tenant::Sealed;
use crate::time::{Millis, Time};

/// Webhooks of one account in one mode. Source: common 10.1.
pub const ENDPOINTS_MAX: usize = 30;
/// Gaps between attempts, in minutes; the last attempt is at [`DELIVERY_HOURS`]. Source: common 10.2.
pub const RETRY_GAPS_MINUTES: [i64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
/// How long an event is tried after it happened. Source: common 10.2.
pub const DELIVERY_HOURS: i64 = 24;
/// How old an event may be to be replayed, days. Source: common 10.3.
pub const REPLAY_DAYS_MAX: i64 = 7;
/// Replays of one event in 24 hours. Source: common 10.3.
pub const REPLAYS_MAX: i64 = 5;
/// Secrets an endpoint remembers: older ones sign nothing any more.
const SECRETS_KEPT: usize = 16;

/// Where a merchant wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// 14 characters.
    pub id: EndpointId,
    /// Whose.
    pub scope: ScopeId,
    /// Where events are posted.
    pub url: String,
    /// Who gets the mail when it is disabled.
    pub alert_email: Option<String>,
    /// Whether new events are delivered.
    pub active: bool,
    /// Since when it is disabled.
    pub disabled_at: Option<Time>,
    /// Event names it listens to, as given.
    pub events: Vec<String>,
    /// Every secret it had, with its version; the newest last. `None` after removal.
    pub secrets: Vec<(i64, Option<Sealed>)>,
    /// On the merchant's clock.
    pub created_at: Time,
    /// On the merchant's clock.
    pub updated_at: Time,
}

impl Endpoint {
    /// Version of the secret that signs new events; 0 before the first secret.
    pub fn secret_version(&self) -> i64 {
        self.secrets.last().map_or(0, |(version, _)| *version)
    }

    /// The secret of a version, if it had one.
    pub fn secret(&self, version: i64) -> Option<&Sealed> {
        self.secrets.iter().find(|(known, _)| *known == version)?.1.as_ref()
    }

    /// Whether new events are signed.
    pub fn has_secret(&self) -> bool {
        self.secret(self.secret_version()).is_some()
    }

    /// Sets or removes the secret; events of before keep theirs. Source: common 10.3.
    pub fn rotate_secret(&mut self, secret: Option<Sealed>) {
        self.secrets.push((self.secret_version() + 1, secret));
        let excess = self.secrets.len().saturating_sub(SECRETS_KEPT);
        self.secrets.drain(..excess);
    }

    /// Whether it wants to hear of an event.
    pub fn listens_to(&self, event: &str) -> bool {
        self.events.iter().any(|name| name == event)
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What.
    pub event: EventId,
    /// Where.
    pub endpoint: EndpointId,
    /// Whose.
    pub scope: ScopeId,
    /// What is told.
    pub name: EventKind,
    /// What the event is about: first attempts about one subject keep their order.
    pub subject: RawId,
    /// Version of the secret that signs it.
    pub secret_version: i64,
    /// When the event happened, on the merchant's clock.
    pub happened_at: Millis,
    /// Attempts made.
    pub attempts: i64,
    /// Replays asked for within 24 hours.
    pub replays: i64,
    /// Start of the 24 hours in which [`Delivery::replays`] counts.
    pub replays_since: Time,
    /// True once a fault made it late; it meets such a fault once. Source: sandbox 7.
    pub delayed: bool,
    /// Where it stands.
    pub state: DeliveryState,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// To be tried at a time on the merchant's clock.
    Pending {
        /// When.
        due: Millis,
    },
    /// Acknowledged with a 2xx.
    Delivered,
    /// Given up, or the endpoint was disabled when it happened.
    Undelivered,
}

/// The key of a delivery.
pub type DeliveryKey = (EventId, EndpointId);

impl Delivery {
    /// The delivery of a fresh event: due at once, or kept undelivered for a disabled endpoint.
    pub fn of(
        occurrence: &Occurrence,
        (event, name): (EventId, EventKind),
        endpoint: &Endpoint,
        now: Millis,
    ) -> Delivery {
        let state = if endpoint.active {
            DeliveryState::Pending { due: now }
        } else {
            DeliveryState::Undelivered
        };
        Delivery {
            event,
            endpoint: endpoint.id,
            scope: occurrence.scope.id,
            name,
            subject: occurrence.subject,
            secret_version: endpoint.secret_version(),
            happened_at: now,
            attempts: 0,
            replays: 0,
            replays_since: Time(0),
            delayed: false,
            state,
        }
    }
}

/// What one HTTP call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The answer's status; `None` when there was none.
    pub status: Option<u16>,
    /// What went wrong before an answer, in a few words.
    pub error: Option<String>,
    /// How long it took, real milliseconds.
    pub took_ms: i64,
    /// The signature that was sent.
    pub signature: Option<String>,
}

impl Outcome {
    /// Any 2xx is a success; a redirect is not. Source: common 10.2.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// One HTTP call of a delivery, kept for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What.
    pub event: EventId,
    /// Where.
    pub endpoint: EndpointId,
    /// Whose.
    pub scope: ScopeId,
    /// Which attempt, from 1.
    pub number: i64,
    /// What was told.
    pub name: EventKind,
    /// On the merchant's clock.
    pub at: Millis,
    /// What came of it.
    pub outcome: Outcome,
    /// When the next one is due, on the merchant's clock.
    pub next_at: Option<Millis>,
}

/// When to try again after `attempts` failed ones, the last of them at `at`; `None` is the end.
///
/// `scale`: millionths, shrinks the gaps and the 24 hours alike. Source: common 10.2.
pub fn next_attempt(happened_at: Millis, attempts: i64, at: Millis, scale: i64) -> Option<Millis> {
    let scaled = |minutes: i64| minutes * 60_000 * scale / 1_000_000;
    let last = happened_at.plus(scaled(DELIVERY_HOURS * 60));
    if at >= last {
        return None;
    }
    let gap = usize::try_from(attempts - 1).ok().and_then(|made| RETRY_GAPS_MINUTES.get(made));
    Some(gap.map_or(last, |minutes| at.plus(scaled(*minutes).max(1)).min(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn schedule(scale: i64) -> Vec<i64> {
        let happened = Millis(1_000_000);
        let (mut at, mut attempts, mut out) = (happened, 1, vec![]);
        while let Some(next) = next_attempt(happened, attempts, at, scale) {
            out.push(next.0 - happened.0);
            at = next;
            attempts += 1;
        }
        out
    }

    #[test]
    fn cm_111_gaps_double_and_the_last_attempt_is_at_24_hours() {
        let minutes: Vec<i64> = schedule(1_000_000).iter().map(|ms| ms / MINUTE).collect();
        assert_eq!(minutes, [1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1440]);
    }

    #[test]
    fn the_time_scale_shrinks_every_gap() {
        assert_eq!(schedule(1_000).first(), Some(&60));
        assert_eq!(schedule(1_000).last(), Some(&86_400));
    }

    #[test]
    fn cm_115_a_rotated_secret_leaves_the_old_one_readable() {
        let mut endpoint = Endpoint {
            id: EndpointId(RawId::parse("QcW5Hook000001").unwrap()),
            scope: ScopeId(1),
            url: String::new(),
            alert_email: None,
            active: true,
            disabled_at: None,
            events: vec![],
            secrets: vec![],
            created_at: Time(0),
            updated_at: Time(0),
        };
        assert!(!endpoint.has_secret());
        endpoint.rotate_secret(Some(Sealed(vec![1])));
        let old = endpoint.secret_version();
        endpoint.rotate_secret(Some(Sealed(vec![2])));
        assert_eq!(endpoint.secret(old), Some(&Sealed(vec![1])));
        assert_eq!(endpoint.secret(endpoint.secret_version()), Some(&Sealed(vec![2])));
        endpoint.rotate_secret(None);
        assert!(!endpoint.has_secret());
    }
}
