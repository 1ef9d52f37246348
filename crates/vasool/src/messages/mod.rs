//! Mails and SMS of live mode: rows that were written with what causes them, sent behind it. Source:
//! design 1.
//!
//! No request waits for a sender. What fails is tried again for a day with growing gaps; then it is
//! given up, counted, and an alert says so. A process that dies leaves a message to be tried again: it
//! is sent at least once.

mod mail;
mod sms;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};
use vasool_core::sandbox::Message;
use vasool_core::time::{DAY_SECONDS, Millis};
use vasool_store::outgoing::Outgoing;
use vasool_store::{Store, StoreResult};

pub use mail::MailSender;
pub use sms::{SmsGateway, SmsOptions};

use crate::clock::Clock;

/// How often messages are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Messages tried at the same time.
const AT_ONCE_MAX: i64 = 8;
/// How long one try may take. Nobody else tries a message for twice that time.
const TRY_MAX: Duration = Duration::from_secs(30);
/// The first gap before a message is tried again, milliseconds; each further one is twice as long.
const FIRST_GAP_MS: i64 = 60_000;
/// The longest gap.
const GAP_MS_MAX: i64 = 3_600_000;
/// How long a message is tried.
const TRIED_SECONDS: i64 = DAY_SECONDS;

/// Why a message was not sent, in words without addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// It may work later.
    Later(String),
    /// It never will.
    Never(String),
}

/// What a try comes to.
pub type Try<'a> = Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + 'a>>;

/// A way for messages to leave.
pub trait Sender: Send + Sync {
    /// Sends a message. Given the same message again it may send it again.
    fn send<'a>(&'a self, message: &'a Message) -> Try<'a>;
}

/// The ways there are; a channel without one keeps its messages waiting.
#[derive(Clone, Default)]
pub struct Senders {
    /// For `email`.
    pub mail: Option<Arc<dyn Sender>>,
    /// For `sms`.
    pub sms: Option<Arc<dyn Sender>>,
}

impl std::fmt::Debug for Senders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Senders(mail: {}, sms: {})", self.mail.is_some(), self.sms.is_some())
    }
}

impl Senders {
    fn of(&self, channel: &str) -> Option<&Arc<dyn Sender>> {
        match channel {
            "email" => self.mail.as_ref(),
            _ => self.sms.as_ref(),
        }
    }
}

/// The loop over messages; clones share it.
#[derive(Clone)]
pub struct Outbox {
    store: Store,
    clock: Clock,
    senders: Senders,
}

impl Outbox {
    /// A loop over the messages of a store.
    pub fn new(store: Store, clock: Clock, senders: Senders) -> Outbox {
        Outbox { store, clock, senders }
    }

    /// Runs until dropped.
    pub async fn run(self) {
        loop {
            match self.send_due().await {
                Ok(0) => tokio::time::sleep(SWEEP_EVERY).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "messages must wait");
                    tokio::time::sleep(SWEEP_EVERY).await;
                }
            }
        }
    }

    /// Tries some messages that are due: how many.
    pub async fn send_due(&self) -> StoreResult<usize> {
        let due = self.store.messages_due(self.clock.now(), AT_ONCE_MAX).await?;
        for result in join_all(due.iter().map(|row| self.try_one(row))).await {
            result?;
        }
        Ok(due.len())
    }

    async fn try_one(&self, row: &Outgoing) -> StoreResult<()> {
        let (message, now) = (&row.message, self.clock.now());
        let until = now.plus(2 * i64::try_from(TRY_MAX.as_millis()).unwrap_or(i64::MAX));
        if !self.store.take_message(message, until).await? {
            return Ok(());
        }
        let sent = match self.senders.of(message.channel) {
            None => Err(NotSent::Later(format!("no sender for {} is set up", message.channel))),
            Some(sender) => {
                let late = || NotSent::Later("no answer in time".to_owned());
                tokio::time::timeout(TRY_MAX, sender.send(message))
                    .await
                    .unwrap_or_else(|_| Err(late()))
            }
        };
        match sent {
            Ok(()) => self.store.message_sent(message.id).await,
            Err(NotSent::Later(why)) => {
                let again = now.plus(gap(row.attempts));
                let is_over = again > message.created_at.plus_seconds(TRIED_SECONDS).to_millis();
                let again = (!is_over).then_some(again);
                self.not_sent(message, &why, again, now).await
            }
            Err(NotSent::Never(why)) => self.not_sent(message, &why, None, now).await,
        }
    }

    async fn not_sent(
        &self,
        message: &Message,
        why: &str,
        again: Option<Millis>,
        now: Millis,
    ) -> StoreResult<()> {
        self.store.message_not_sent(message.id, why, again).await?;
        if again.is_some() {
            tracing::info!(message = %message.id, why, "a message is tried again");
            return Ok(());
        }
        tracing::error!(message = %message.id, why, "a message was given up");
        let (id, event) = (message.id.to_string(), Sha256::digest(message.id.0.as_str()).into());
        self.store.alert_operator(message.channel, &id, why, &event, now.to_time()).await
    }
}

/// How long a message rests after a failure, by how often it failed before.
fn gap(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(0);
    (FIRST_GAP_MS << doublings).min(GAP_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_double_up_to_an_hour() {
        let minutes: Vec<i64> = (0..9).map(|attempts| gap(attempts) / 60_000).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
