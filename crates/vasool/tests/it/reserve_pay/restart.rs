//! What survives, and what a rail that misbehaves comes to: row RP-76, rails 4.1, sandbox 7.

use serde_json::json;

use crate::harness::{TestApp, refusal, with};
use crate::on_both_databases;

/// Arms a fault of the network.
async fn fault(app: &TestApp, kind: &str, operation: &str) {
    let body = json!({"target": "upi", "kind": kind, "operation": operation, "times": 1});
    app.test.post("/v1/sandbox/faults", body).await.ok();
}

on_both_databases! {
    async fn rp_76_crash_between_approve_and_poll(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let app = app.crash().await;
        assert_eq!(app.block(&mandate).await, (200_000, 0, "confirmed".to_owned()));
        let payment = app.pay_row(&mandate.payment).await;
        assert_eq!(payment["error_reason"], "upi_dummy_payment");
    }

    async fn rp_76_restart_between_debit_and_webhook(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.captured"]).await;
        let mandate = app.mandate(200_000).await;
        app.debit(&mandate, 40_000).await.ok();
        let app = app.restart().await;
        assert_eq!(app.block(&mandate).await.1, 40_000);
        assert_eq!(receiver.next().await.event(), "payment.captured");
        app.assert_books_clean().await;
    }

    async fn rp_76_a_held_debit_survives(app: TestApp) {
        let mandate = app.mandate(100_000).await;
        let hold = json!({"notes": {"sandbox": "hold"}});
        let answer = app.debit_with(&mandate, 60_000, hold).await.ok();
        let app = app.crash().await;
        assert_eq!(app.debit(&mandate, 50_000).await.error(400)["reason"], "transaction_limit_exceeded");
        let payment = answer["razorpay_payment_id"].as_str().unwrap();
        let path = format!("/v1/sandbox/payments/{payment}");
        app.test.post(&path, json!({"action": "succeed"})).await.ok();
        assert_eq!(app.block(&mandate).await.1, 60_000);
    }

    async fn a_debit_that_timed_out_is_resolved_once(app: TestApp) {
        for kind in ["timeout", "error"] {
            let mandate = app.mandate(100_000).await;
            app.freeze().await;
            fault(&app, kind, "debit").await;
            let answer = app.debit(&mandate, 60_000).await.ok();
            assert_eq!(crate::harness::keys(&answer), ["razorpay_payment_id", "next"], "{kind}");
            assert_eq!(app.debit(&mandate, 50_000).await.error(400)["reason"],
                       "transaction_limit_exceeded", "it may have been taken");
            // Asked for after 90 seconds, never blindly repeated.
            app.advance(91).await;
            let payment = app.pay_row(answer["razorpay_payment_id"].as_str().unwrap()).await;
            assert_eq!(payment["status"], "captured");
            assert_eq!(app.block(&mandate).await.1, 60_000);
            app.assert_books_clean().await;
        }
    }

    async fn answers_that_come_late_or_twice_count_once(app: TestApp) {
        for kind in ["late", "duplicate"] {
            let mandate = app.mandate(100_000).await;
            fault(&app, kind, "debit").await;
            app.debit(&mandate, 60_000).await.ok();
            app.eventually("the debit is there", async || {
                app.block(&mandate).await.1 == 60_000
            }).await;
            assert_eq!(app.debit(&mandate, 40_001).await.error(400)["reason"],
                       "transaction_limit_exceeded");
            app.debit(&mandate, 40_000).await.ok();
            app.assert_books_clean().await;
        }
    }

    async fn a_refusal_that_comes_late_frees_the_amount(app: TestApp) {
        let mandate = app.mandate(100_000).await;
        fault(&app, "late", "debit").await;
        let order = app.debit_order(60_000, json!({})).await;
        let notes = json!({"notes": {"sandbox": "fail.insufficient_funds"}});
        let body = with(mandate.debit(&order, 60_000), notes);
        let answer = app.test.post("/v1/payments/create/json", body).await.ok();
        let payment = answer["razorpay_payment_id"].as_str().unwrap().to_owned();
        app.eventually("the refusal is there", async || {
            app.pay_row(&payment).await["status"] == "failed"
        }).await;
        app.debit(&mandate, 100_000).await.ok();
    }

    async fn a_cancellation_nobody_answered(app: TestApp) {
        let mandate = app.mandate(100_000).await;
        app.set(json!({"auto": true, "auto_delay": 0})).await;
        app.freeze().await;
        fault(&app, "timeout", "cancel").await;
        app.test.put(&format!("{}/cancel", mandate.path()), json!({})).await.ok();
        assert_eq!(app.block(&mandate).await.2, "cancellation_initiated");
        app.advance(91).await;
        assert_eq!(app.block(&mandate).await.2, "cancelled");
        let error = app.debit(&mandate, 500).await.error(400);
        assert_eq!(refusal(&error)[4], "mandate_cancelled");
    }
}
