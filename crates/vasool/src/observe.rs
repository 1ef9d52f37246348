//! Counters for `GET /metrics`, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vasool_store::outgoing::OutgoingCounts;

/// Counters of one server; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    answers: [AtomicU64; 6],
    webhooks_delivered: AtomicU64,
    webhooks_failed: AtomicU64,
}

impl Metrics {
    /// An answer left with this status.
    pub fn answered(&self, status: u16) {
        let class = usize::from(status / 100).min(5);
        self.0.answers[class].fetch_add(1, Ordering::Relaxed);
    }

    /// A webhook call ended.
    pub fn webhook(&self, delivered: bool) {
        let counter = if delivered { &self.0.webhooks_delivered } else { &self.0.webhooks_failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything as text.
    /// `messages`: `None` where the database does not say.
    pub fn render(&self, commands_waiting: usize, messages: Option<OutgoingCounts>) -> String {
        let mut out = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{text}");
        };
        line(format_args!("# HELP vasool_http_answers_total Answers by class of status."));
        line(format_args!("# TYPE vasool_http_answers_total counter"));
        for class in 2..=5 {
            let count = self.0.answers[class].load(Ordering::Relaxed);
            line(format_args!("vasool_http_answers_total{{status=\"{class}xx\"}} {count}"));
        }
        line(format_args!("# HELP vasool_commands_waiting Commands waiting for a batch."));
        line(format_args!("# TYPE vasool_commands_waiting gauge"));
        line(format_args!("vasool_commands_waiting {commands_waiting}"));
        if let Some(messages) = messages {
            line(format_args!(
                "# HELP vasool_messages Mails and SMS of live mode that are not sent."
            ));
            line(format_args!("# TYPE vasool_messages gauge"));
            line(format_args!("vasool_messages{{state=\"waiting\"}} {}", messages.waiting));
            line(format_args!("vasool_messages{{state=\"failed\"}} {}", messages.failed));
        }
        line(format_args!("# HELP vasool_webhook_attempts_total Webhook calls by result."));
        line(format_args!("# TYPE vasool_webhook_attempts_total counter"));
        let delivered = self.0.webhooks_delivered.load(Ordering::Relaxed);
        let failed = self.0.webhooks_failed.load(Ordering::Relaxed);
        line(format_args!("vasool_webhook_attempts_total{{result=\"delivered\"}} {delivered}"));
        line(format_args!("vasool_webhook_attempts_total{{result=\"failed\"}} {failed}"));
        out
    }
}
