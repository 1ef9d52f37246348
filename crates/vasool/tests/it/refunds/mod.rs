//! Refunds: rows CM-35, CM-75, CM-86 to CM-102, CM-126, and SC-98 to SC-102.

mod bank;
mod create;
mod idempotency;
mod limits;
mod reads;
mod recon;
mod speeds;

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

/// All events about refunds.
pub const EVENTS: [&str; 4] =
    ["refund.created", "refund.processed", "refund.failed", "refund.speed_changed"];

impl TestApp {
    /// A captured payment: its id.
    pub async fn paid(&self, amount: i64) -> String {
        let (_, number) = self.virtual_account().await;
        let inbound = self.pay(&number, amount).await;
        inbound["payment_id"].as_str().expect("a payment").to_owned()
    }

    /// Asks for a refund of a payment.
    pub async fn refund(&self, payment: &str, body: Value) -> Answer {
        self.test.post(&format!("/v1/payments/{payment}/refund"), body).await
    }

    /// A payment as it is now, by its id.
    pub async fn payment_of(&self, id: &str) -> Value {
        self.test.get(&format!("/v1/payments/{id}")).await.ok()
    }

    /// A refund as it is now.
    pub async fn refund_of(&self, refund: &Value) -> Value {
        let id = refund["id"].as_str().expect("a refund");
        self.test.get(&format!("/v1/refunds/{id}")).await.ok()
    }

    /// Makes the bank say something about a refund.
    pub async fn steer(&self, refund: &Value, body: Value) -> Answer {
        let id = refund["id"].as_str().expect("a refund");
        self.test.post(&format!("/v1/sandbox/refunds/{id}"), body).await
    }
}

/// What a payment shows of its refunds: status, refund_status, amount_refunded.
pub fn shown(payment: &Value) -> Value {
    json!([payment["status"], payment["refund_status"], payment["amount_refunded"]])
}
