//! What this process is sending: room per endpoint, and the order of first attempts.

use std::collections::{BTreeMap, BTreeSet};

use vasool_core::id::{EndpointId, RawId};
use vasool_core::webhook::{Delivery, DeliveryKey};

use super::{CALLS_MAX, CALLS_PER_ENDPOINT_MAX};

/// First attempts about one subject to one endpoint.
pub type Queue = (EndpointId, RawId);

/// Calls in flight.
#[derive(Debug, Default)]
pub struct InFlight {
    keys: BTreeSet<DeliveryKey>,
    per_endpoint: BTreeMap<EndpointId, usize>,
    first_attempts: BTreeSet<Queue>,
    /// Ended since the last look at what is due: rows read meanwhile may not know it yet.
    ended: BTreeSet<DeliveryKey>,
}

impl InFlight {
    /// How many calls are in flight.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// A look at what is due begins: rows read from now on know of everything that has ended.
    pub fn look(&mut self) {
        self.ended.clear();
    }

    /// Takes a delivery up if there is room and nothing before it must leave first. `blocked`
    /// collects the queues of this sweep in which something waits.
    pub fn take(&mut self, row: &Delivery, blocked: &mut BTreeSet<Queue>) -> bool {
        let key = (row.event, row.endpoint);
        if self.keys.contains(&key) || self.ended.contains(&key) {
            return false;
        }
        let queue = queue(row);
        let waits =
            is_ordered(row) && (self.first_attempts.contains(&queue) || blocked.contains(&queue));
        let calls = self.per_endpoint.get(&row.endpoint).copied().unwrap_or(0);
        if waits || calls >= CALLS_PER_ENDPOINT_MAX || self.keys.len() >= CALLS_MAX {
            if is_ordered(row) {
                blocked.insert(queue);
            }
            return false;
        }
        self.keys.insert(key);
        *self.per_endpoint.entry(row.endpoint).or_default() += 1;
        if is_ordered(row) {
            self.first_attempts.insert(queue);
        }
        true
    }

    /// A call has ended.
    pub fn done(&mut self, row: &Delivery) {
        let key = (row.event, row.endpoint);
        if !self.keys.remove(&key) {
            return;
        }
        self.ended.insert(key);
        if let Some(calls) = self.per_endpoint.get_mut(&row.endpoint) {
            *calls -= 1;
            if *calls == 0 {
                self.per_endpoint.remove(&row.endpoint);
            }
        }
        self.overtake(row);
    }

    /// Lets the next first attempt about the same subject go although this one has not left.
    pub fn overtake(&mut self, row: &Delivery) {
        if is_ordered(row) {
            self.first_attempts.remove(&queue(row));
        }
    }
}

fn queue(row: &Delivery) -> Queue {
    (row.endpoint, row.subject)
}

/// First attempts keep their order; retries, and what a fault made late, do not.
fn is_ordered(row: &Delivery) -> bool {
    row.attempts == 0 && !row.delayed
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasool_core::event::EventKind;
    use vasool_core::id::EventId;
    use vasool_core::scope::ScopeId;
    use vasool_core::time::{Millis, Time};
    use vasool_core::webhook::DeliveryState;

    fn id(n: u32) -> RawId {
        RawId::parse(&format!("{n:014}")).unwrap()
    }

    fn row(event: u32, endpoint: u32, subject: u32, attempts: i64) -> Delivery {
        Delivery {
            event: EventId(id(event)),
            endpoint: EndpointId(id(endpoint)),
            scope: ScopeId(1),
            name: EventKind::PaymentCaptured,
            subject: id(subject),
            secret_version: 0,
            happened_at: Millis(0),
            attempts,
            replays: 0,
            replays_since: Time(0),
            delayed: false,
            state: DeliveryState::Pending { due: Millis(0) },
        }
    }

    #[test]
    fn first_attempts_about_one_subject_go_one_by_one() {
        let mut in_flight = InFlight::default();
        let mut blocked = BTreeSet::new();
        assert!(in_flight.take(&row(1, 1, 7, 0), &mut blocked));
        assert!(!in_flight.take(&row(2, 1, 7, 0), &mut blocked));
        assert!(in_flight.take(&row(3, 1, 8, 0), &mut blocked), "another subject");
        assert!(in_flight.take(&row(4, 2, 7, 0), &mut blocked), "another endpoint");
        assert!(in_flight.take(&row(5, 1, 7, 1), &mut blocked), "a retry");
        in_flight.done(&row(1, 1, 7, 0));
        assert!(!in_flight.take(&row(6, 1, 7, 0), &mut blocked), "the second comes first");
        assert!(in_flight.take(&row(2, 1, 7, 0), &mut BTreeSet::new()));
    }

    #[test]
    fn what_ends_after_it_was_read_is_not_taken_again() {
        let mut in_flight = InFlight::default();
        let mut blocked = BTreeSet::new();
        in_flight.look();
        assert!(in_flight.take(&row(1, 1, 7, 0), &mut blocked));
        in_flight.look();
        in_flight.done(&row(1, 1, 7, 0));
        assert!(!in_flight.take(&row(1, 1, 7, 0), &mut blocked), "read before it ended");
        assert!(in_flight.take(&row(2, 1, 7, 0), &mut blocked), "and holds nobody up");
        in_flight.look();
        assert!(in_flight.take(&row(1, 1, 7, 1), &mut blocked), "due again");
    }

    #[test]
    fn cm_117_a_dead_endpoint_takes_a_bounded_number_of_calls() {
        let mut in_flight = InFlight::default();
        let mut blocked = BTreeSet::new();
        let taken = (0..100).filter(|n| in_flight.take(&row(*n, 1, *n, 1), &mut blocked)).count();
        assert_eq!(taken, CALLS_PER_ENDPOINT_MAX);
        assert!(in_flight.take(&row(200, 2, 1, 0), &mut blocked));
    }
}
