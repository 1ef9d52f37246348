//! What merchants and operators are told, with unkind values.

use vasool_core::event::{EventKind, Occurrence, Snapshot};
use vasool_core::sandbox::{Fault, FaultKind, FaultTarget, Message, RailOperation};
use vasool_core::scope::{Mode, Scope};
use vasool_core::virtual_account::VirtualAccount;
use vasool_core::webhook::{Attempt, Delivery, DeliveryState, Endpoint, Outcome};
use vasool_core::working_set::Alert;

use crate::random::Random;

impl Random {
    /// A change about an account, with all parts of a snapshot or some of them.
    pub fn occurrence(&mut self, account: &VirtualAccount) -> Occurrence {
        let scope = Scope { id: account.scope, merchant: self.id(), mode: account.scope.mode() };
        let (payment, mut told) = (self.payment(), account.clone());
        self.pay(&mut told, 3);
        let (transfer, refund) = (self.transfer(&payment), self.refund(&payment));
        let parts = if self.flag() { 63 } else { self.below(64) };
        let kinds = 1 + self.below(EventKind::ALL.len() as u64);
        Occurrence {
            id: self.draw.occurrence(),
            scope,
            subject: account.id.0,
            created_at: self.time(),
            kinds: (0..kinds).map(|_| self.one_of(&EventKind::ALL)).collect(),
            snapshot: Snapshot {
                payment: (parts & 1 != 0).then(|| payment.into()),
                virtual_account: (parts & 2 != 0).then(|| told.into()),
                transfer: (parts & 4 != 0).then(|| transfer.into()),
                refund: (parts & 8 != 0).then(|| refund.into()),
                order: self.some(Random::order).map(Into::into),
                qr_code: (parts & 16 != 0).then(|| self.qr_code().into()),
                token: (parts & 32 != 0).then(|| self.token().into()),
                nach_token: self.some(Random::nach_token).map(Into::into),
                nach_form: self.some(Random::nach_form).map(Into::into),
                invoice: self.some(Random::invoice).map(Into::into),
            },
        }
    }

    pub fn endpoint(&mut self) -> Endpoint {
        let mode = self.mode();
        Endpoint {
            id: self.id(),
            scope: self.scope(mode),
            url: self.text(),
            alert_email: self.some(Random::text),
            active: self.flag(),
            disabled_at: self.some(Random::time),
            events: vec![self.text(), self.text()],
            secrets: vec![(1, Some(self.sealed())), (2, None)],
            created_at: self.time(),
            updated_at: self.time(),
        }
    }

    pub fn delivery(&mut self) -> Delivery {
        let mode = self.mode();
        let pending = DeliveryState::Pending { due: self.millis() };
        Delivery {
            event: self.id(),
            endpoint: self.id(),
            scope: self.scope(mode),
            name: self.one_of(&EventKind::ALL),
            subject: self.id(),
            secret_version: self.int(),
            happened_at: self.millis(),
            attempts: self.int(),
            replays: self.int(),
            replays_since: self.time(),
            delayed: self.flag(),
            state: self.one_of(&[pending, DeliveryState::Delivered, DeliveryState::Undelivered]),
        }
    }

    pub fn attempt(&mut self, delivery: &Delivery) -> Attempt {
        Attempt {
            event: delivery.event,
            endpoint: delivery.endpoint,
            scope: delivery.scope,
            number: self.int(),
            name: delivery.name,
            at: self.millis(),
            outcome: Outcome {
                status: self.some(|random| random.below(65_536) as u16),
                error: self.some(Random::text),
                took_ms: self.int(),
                signature: self.some(Random::text),
            },
            next_at: self.some(Random::millis),
        }
    }

    pub fn fault(&mut self) -> Fault {
        Fault {
            id: self.id(),
            scope: self.scope(Mode::Test),
            target: self.one_of(&[FaultTarget::Webhook, FaultTarget::Bank]),
            kind: self.one_of(&FaultKind::ALL),
            operation: self.some(|_| RailOperation::Refund),
            events: vec![self.text()],
            times: self.int(),
            seconds: self.int(),
            fired: self.int(),
            armed_at: self.millis(),
            disarmed: self.flag(),
        }
    }

    pub fn message(&mut self) -> Message {
        let mode = self.mode();
        Message {
            id: self.id(),
            scope: self.scope(mode),
            channel: self.one_of(&["email", "sms"]),
            to: self.text(),
            subject: self.text(),
            text: self.text(),
            links: vec![self.text()],
            due: self.some(Random::millis),
            created_at: self.time(),
        }
    }

    pub fn alert(&mut self) -> Alert {
        let mode = self.mode();
        Alert {
            id: self.id(),
            scope: self.scope(mode),
            connector: self.text(),
            reference: self.text(),
            text: self.text(),
            created_at: self.time(),
        }
    }
}
