//! One delivery: faults of the sandbox, the HTTP call, the report.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, header};
use http_body_util::Full;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::sandbox::FaultKind;
use vasool_core::scope::Mode;
use vasool_core::webhook::Outcome;

use super::{Dispatcher, Task};
use crate::clock::Stopwatch;
use crate::dispatch::signature::sign;
use crate::wire::event::body;

/// How long a reordered delivery lets others go first, when no fault says otherwise.
const REORDER_DELAY: Duration = Duration::from_millis(400);

impl Dispatcher {
    /// Sends one delivery and reports what came of it. A stop ends this at its next wait, and
    /// gives the delivery back: the next process need not wait for the end of the lease.
    pub(super) async fn deliver_until_stopped(&self, task: Task) {
        tokio::select! {
            () = self.parts.tasks.stopped() => {}
            () = self.deliver(&task) => {}
        }
        let key = [(task.delivery.event, task.delivery.endpoint)];
        if let Err(error) = self.parts.store.release_deliveries(&key, &self.parts.holder).await {
            // The lease runs out by itself.
            tracing::info!(%error, "a lease could not be released");
        }
        self.parts.in_flight.lock().expect("no holder panics").done(&task.delivery);
        self.parts.wake.notify_one();
    }

    async fn deliver(&self, task: &Task) {
        if let Some(outcome) = self.send_with_faults(task).await {
            self.parts.metrics.webhook(outcome.is_success());
            self.report(task, outcome).await;
        }
    }

    async fn report(&self, task: &Task, outcome: Outcome) {
        let delivery = &task.delivery;
        let at = match task.tenant.scope.mode {
            Mode::Test => task.due,
            Mode::Live => task.now,
        };
        let command = ScopedCommand::RecordAttempt(delivery.event, delivery.endpoint, at, outcome);
        // Unreported, it is sent again: at least once is the promise.
        if let Err(refusal) = self.parts.engine.submit_for(delivery.scope, command).await {
            tracing::warn!(?refusal, "a webhook call could not be recorded");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// The outcome to report; `None` when a fault put the delivery off.
    async fn send_with_faults(&self, task: &Task) -> Option<Outcome> {
        let body = match self.parts.store.occurrence(task.delivery.event).await {
            Ok(Some(occurrence)) => {
                let public_url = &self.parts.public_url;
                Bytes::from(body(&occurrence, task.delivery.name, public_url))
            }
            Ok(None) | Err(_) => {
                // Not there to be read now: due again.
                tokio::time::sleep(Duration::from_secs(1)).await;
                return None;
            }
        };
        let fault = match self.meet_fault(task).await {
            Ok(fault) => fault,
            Err(()) => return None,
        };
        match fault {
            None => Some(self.send(task, &body).await),
            Some(FaultKind::Duplicate) => {
                let first = self.send(task, &body).await;
                let second = self.send(task, &body).await;
                Some(if first.is_success() { first } else { second })
            }
            // Kinds of other targets never meet a delivery; see `FaultKind::fits`.
            Some(FaultKind::Delay | FaultKind::Timeout | FaultKind::Error | FaultKind::Late) => {
                None
            }
            Some(FaultKind::Drop) => Some(failed("dropped by an armed fault")),
            Some(FaultKind::Outage) => Some(failed("refused by an armed outage")),
            Some(FaultKind::Reorder) => {
                self.parts.in_flight.lock().expect("no holder panics").overtake(&task.delivery);
                self.parts.wake.notify_one();
                tokio::time::sleep(REORDER_DELAY).await;
                Some(self.send(task, &body).await)
            }
        }
    }

    async fn meet_fault(&self, task: &Task) -> Result<Option<FaultKind>, ()> {
        if task.tenant.faults_armed == 0 {
            return Ok(None);
        }
        let delivery = &task.delivery;
        let command = ScopedCommand::MeetFault(delivery.event, delivery.endpoint, delivery.name);
        match self.parts.engine.submit_for(delivery.scope, command).await {
            Ok(Reply::FaultMet(met)) => Ok(met.map(|(_, kind, _)| kind)),
            Ok(_) => Ok(None),
            Err(_) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Err(())
            }
        }
    }

    /// One HTTP call. Source: common 10.2.
    async fn send(&self, task: &Task, body: &Bytes) -> Outcome {
        let watch = Stopwatch::start();
        let signature = match self.signature(task, body) {
            Ok(signature) => signature,
            Err(outcome) => return outcome,
        };
        let limit = u64::try_from(task.tenant.settings.webhook_timeout_ms).unwrap_or(5_000);
        let call = self.call(task, body, signature.as_deref());
        let result = tokio::time::timeout(Duration::from_millis(limit), call).await;
        let (status, error) = match result {
            Ok(Ok(status)) => (Some(status), None),
            Ok(Err(error)) => (None, Some(error)),
            Err(_) => (None, Some("timed out".to_owned())),
        };
        let took_ms = i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX);
        Outcome { status, error, took_ms, signature }
    }

    fn signature(&self, task: &Task, body: &Bytes) -> Result<Option<String>, Outcome> {
        let Some(sealed) = task.endpoint.secret(task.delivery.secret_version) else {
            return Ok(None);
        };
        match self.parts.master.open(sealed) {
            Ok(secret) => Ok(Some(sign(&secret, body))),
            Err(error) => {
                tracing::error!(endpoint = %task.endpoint.id, %error, "a webhook secret cannot be opened");
                Err(failed("the secret cannot be opened"))
            }
        }
    }

    async fn call(
        &self,
        task: &Task,
        body: &Bytes,
        signature: Option<&str>,
    ) -> Result<u16, String> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&task.endpoint.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "Razorpay-Webhook/v1")
            .header("x-razorpay-event-id", task.delivery.event.to_string());
        if let Some(signature) = signature {
            request = request.header("X-Razorpay-Signature", signature);
        }
        // A body of known size goes out with Content-Length.
        let body = Full::new(body.clone());
        let request = request.body(body).map_err(|_| "the address is not valid".to_owned())?;
        self.parts.client.send(request).await
    }
}

fn failed(why: &str) -> Outcome {
    Outcome { status: None, error: Some(why.to_owned()), took_ms: 0, signature: None }
}
