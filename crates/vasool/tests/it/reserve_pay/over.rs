//! The end of a mandate's time: rows RP-61 to RP-63.

use serde_json::json;

use crate::harness::{Mandate, Received, TestApp, refusal};
use crate::on_both_databases;

const DAY: i64 = 86_400;

async fn is_listed(app: &TestApp, mandate: &Mandate) -> bool {
    let list = app.test.get(&format!("/v1/customers/{}/tokens", mandate.customer)).await.ok();
    crate::harness::ids(&list).contains(&mandate.token)
}

on_both_databases! {
    async fn rp_61_automatic_release(app: TestApp) {
        let events = ["token.cancellation_initiated", "token.cancelled", "token.rejected"];
        let (_, receiver) = app.hook(&events).await;
        let now = app.freeze().await;
        let mandate = app.mandate(200_000).await;
        app.debit(&mandate, 40_000).await.ok();
        app.advance(90 * DAY - 601).await;
        assert_eq!(app.block(&mandate).await.2, "confirmed");
        app.advance(1).await;
        assert_eq!(app.block(&mandate).await, (200_000, 40_000, "cancellation_initiated".to_owned()));
        let event = receiver.next().await.json();
        assert_eq!(event["event"], "token.cancellation_initiated");
        assert_eq!(event["created_at"], now + 90 * DAY - 600);
        let status = &event["payload"]["token"]["entity"]["recurring_details"]["status"];
        assert_eq!(status, "cancellation_initiated");
        let error = app.debit(&mandate, 500).await.error(400);
        assert_eq!(refusal(&error)[4], "mandate_expired");
        assert!(is_listed(&app, &mandate).await);
        app.advance(600).await;
        assert_eq!(app.block(&mandate).await.2, "expired");
        assert!(!is_listed(&app, &mandate).await);
        app.test.delete(&mandate.path()).await.ok();
        app.advance(DAY).await;
        assert_eq!(receiver.all().len(), 1, "nothing is told of the end itself");
    }

    async fn rp_62_a_block_that_is_used_up(app: TestApp) {
        let (_, receiver) = app.hook(&["token.cancellation_initiated"]).await;
        app.freeze().await;
        let mandate = app.mandate(100_000).await;
        app.debit(&mandate, 100_000).await.ok();
        app.advance(90 * DAY - 300).await;
        assert_eq!(app.block(&mandate).await.2, "confirmed");
        app.advance(300).await;
        assert_eq!(app.block(&mandate).await.2, "expired");
        assert!(receiver.all().is_empty());
    }

    async fn rp_63_a_jump_over_both_moments(app: TestApp) {
        let (_, receiver) = app.hook(&["token.cancellation_initiated"]).await;
        let now = app.freeze().await;
        let mandate = app.mandate(200_000).await;
        app.advance(91 * DAY).await;
        assert_eq!(app.block(&mandate).await.2, "expired");
        let event = receiver.next().await;
        assert_eq!(event.event(), "token.cancellation_initiated");
        assert_eq!(event.json()["created_at"], now + 90 * DAY - 600);
        app.advance(DAY).await;
        let all: Vec<String> = receiver.all().iter().map(Received::event).collect();
        assert_eq!(all, ["token.cancellation_initiated"]);
    }

    async fn rp_61_a_pending_debit_keeps_its_hold(app: TestApp) {
        app.freeze().await;
        let mandate = app.mandate(100_000).await;
        let hold = json!({"notes": {"sandbox": "hold"}});
        let answer = app.debit_with(&mandate, 60_000, hold).await.ok();
        let payment = answer["razorpay_payment_id"].as_str().unwrap();
        app.advance(91 * DAY).await;
        assert_eq!(app.block(&mandate).await, (100_000, 0, "expired".to_owned()));
        app.test.post(&format!("/v1/sandbox/payments/{payment}"), json!({"action": "succeed"})).await.ok();
        assert_eq!(app.block(&mandate).await, (100_000, 60_000, "expired".to_owned()));
        app.assert_books_clean().await;
    }
}
