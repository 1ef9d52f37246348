//! Ending a mandate: rows RP-55 to RP-60, RP-64, RP-65.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Mandate, TestApp, failure, id};
use crate::on_both_databases;

async fn cancel(app: &TestApp, mandate: &Mandate) -> Answer {
    app.test.put(&format!("{}/cancel", mandate.path()), json!({})).await
}

/// A refused cancellation: its whole envelope.
fn refused(answer: &Answer, reason: &str, text: &str) {
    let error = answer.error(400);
    assert_eq!(
        error,
        json!({
            "code": "BAD_REQUEST_ERROR", "description": text, "source": "business", "step": "NA",
            "reason": reason, "metadata": {},
        })
    );
}

const NOT_CANCELLABLE: &str = "The UPI mandate linked to this token is not in a cancellable state. \
    The mandate may already be revoked or failed.";
const BUSY: &str = "A cancellation or update operation is already in progress for this token. \
    Simultaneous requests on the same token are not allowed.";

/// Events told about mandates so far, oldest first.
async fn told(app: &TestApp) -> Vec<String> {
    let list = app.test.get("/v1/sandbox/deliveries?count=100").await.ok();
    let items = list["items"].as_array().expect("items").iter().rev();
    items.map(|item| item["event"].as_str().expect("a name").to_owned()).collect()
}

on_both_databases! {
    async fn rp_55_cancel(app: TestApp) {
        let (_, receiver) = app.hook(&["token.cancellation_initiated", "token.cancelled"]).await;
        app.freeze().await;
        let mandate = app.mandate(200_000).await;
        app.set(json!({"auto": true})).await;
        let answer = cancel(&app, &mandate).await;
        assert_eq!(answer.ok(), json!({"status": "cancellation_initiated"}));
        assert_eq!(app.block(&mandate).await.2, "cancellation_initiated");
        let error = app.debit(&mandate, 500).await.error(400);
        assert_eq!(error["reason"], "mandate_not_active");
        app.advance(3).await;
        assert_eq!(app.block(&mandate).await.2, "cancelled");
        let events = receiver.until(2).await;
        let names: Vec<String> = events.iter().map(crate::harness::Received::event).collect();
        assert_eq!(names, ["token.cancellation_initiated", "token.cancelled"]);
        for (event, status) in events.iter().zip(["cancellation_initiated", "cancelled"]) {
            let entity = &event.json()["payload"]["token"]["entity"];
            assert_eq!(entity["recurring_details"]["status"], status);
        }
        let error = app.debit(&mandate, 500).await.error(400);
        assert_eq!(error["reason"], "mandate_cancelled");
    }

    async fn rp_56_bodies_of_a_cancel(app: TestApp) {
        for body in [&b""[..], b"null", b"{}"] {
            let mandate = app.mandate(200_000).await;
            let path = format!("{}/cancel", mandate.path());
            let kind = (!body.is_empty()).then_some("application/json");
            app.test.send(Method::PUT, &path, kind, Bytes::from_static(body)).await.ok();
        }
    }

    async fn rp_57_what_cannot_be_cancelled(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let other = json!({"name": "Other", "email": "o@example.test", "contact": "9000012399"});
        let other = id(&app.test.post("/v1/customers", other).await.ok());
        let path = format!("/v1/customers/{other}/tokens/{}/cancel", mandate.token);
        refused(&app.test.put(&path, json!({})).await, "token_customer_mismatch",
            "The token provided does not belong to the authenticated customer. Cross-customer token \
             access is not permitted.");
        let stranger = app.another_merchant().await;
        let customer = json!({"name": "Meera Iyer", "contact": "9000012345"});
        let customer = id(&stranger.post("/v1/customers", customer).await.ok());
        let path = format!("/v1/customers/{customer}/tokens/{}/cancel", mandate.token);
        refused(&stranger.put(&path, json!({})).await, "token_merchant_mismatch",
            "The token provided was not created under your merchant account. Cross-merchant token \
             access is not permitted.");
        // A debit the bank has not decided.
        let held = app.debit_with(&mandate, 500, json!({"notes": {"sandbox": "hold"}})).await.ok();
        refused(&cancel(&app, &mandate).await, "concurrent_request_in_progress", BUSY);
        let payment = held["razorpay_payment_id"].as_str().unwrap();
        app.test.post(&format!("/v1/sandbox/payments/{payment}"), json!({"action": "fail"})).await.ok();
        cancel(&app, &mandate).await.ok();
        refused(&cancel(&app, &mandate).await, "concurrent_request_in_progress", BUSY);
        app.act(&mandate.token, json!({"action": "cancel_ok"})).await.ok();
        refused(&cancel(&app, &mandate).await, "invalid_mandate_state", NOT_CANCELLABLE);
        let rejected = app.pending_mandate(200_000).await;
        app.act(&rejected.token, json!({"action": "reject"})).await.ok();
        refused(&cancel(&app, &rejected).await, "invalid_mandate_state", NOT_CANCELLABLE);
        app.test.delete(&rejected.path()).await.ok();
        let text = "The id provided does not exist";
        cancel(&app, &rejected).await.refused(text);
        let path = format!("/v1/customers/{}/tokens/token_AAAAAAAAAAAAAA/cancel", mandate.customer);
        app.test.put(&path, json!({})).await.refused(text);
        let path = format!("/v1/customers/{}/tokens/token_x/cancel", mandate.customer);
        app.test.put(&path, json!({})).await.refused("x is not a valid id");
        // Nothing is left to release, and the end is near.
        let spent = app.mandate(100_000).await;
        app.debit(&spent, 100_000).await.ok();
        app.advance(7_776_000 - 300).await;
        refused(&cancel(&app, &spent).await, "invalid_request_timing",
            "The cancellation request was received outside the allowed cancellation window or for \
             an unsupported mandate type.");
        // One that is being released.
        let releasing = app.mandate(100_000).await;
        app.advance(7_776_000 - 300).await;
        refused(&cancel(&app, &releasing).await, "concurrent_request_in_progress", BUSY);
        app.advance(301).await;
        refused(&cancel(&app, &releasing).await, "invalid_mandate_state", NOT_CANCELLABLE);
    }

    async fn rp_58_cancel_before_approval(app: TestApp) {
        let (_, receiver) = app.hook(&[
            "token.cancellation_initiated", "payment.failed", "token.cancelled", "token.confirmed",
        ]).await;
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        cancel(&app, &mandate).await.ok();
        let payment = app.pay_row(&mandate.payment).await;
        assert_eq!(failure(&payment), [
            "BAD_REQUEST_ERROR",
            "Your payment has been cancelled. Try again or complete the payment later.",
            "business", "mandate_creation", "payment_cancelled",
        ]);
        assert_eq!(app.block(&mandate).await, (0, 0, "cancellation_initiated".to_owned()));
        app.act(&mandate.token, json!({"action": "approve"})).await
            .refused("The token is already cancellation_initiated.");
        app.act(&mandate.token, json!({"action": "cancel_ok"})).await.ok();
        assert_eq!(app.block(&mandate).await.2, "cancelled");
        let names: Vec<String> =
            receiver.until(3).await.iter().map(crate::harness::Received::event).collect();
        assert_eq!(names, ["token.cancellation_initiated", "payment.failed", "token.cancelled"]);
        app.eventually("three are told", async || told(&app).await.len() == 3).await;
    }

    async fn rp_59_the_network_refuses(app: TestApp) {
        app.freeze().await;
        let mandate = app.mandate_with(200_000, json!({"vpa": "cancelfail@sandbox"})).await;
        app.set(json!({"auto": true})).await;
        cancel(&app, &mandate).await.ok();
        assert_eq!(app.block(&mandate).await.2, "cancellation_initiated");
        app.advance(3).await;
        assert_eq!(app.block(&mandate).await, (200_000, 0, "confirmed".to_owned()));
        app.debit(&mandate, 40_000).await.ok();
        app.by_hand().await;
        let paused = app.mandate(200_000).await;
        app.act(&paused.token, json!({"action": "pause"})).await.ok();
        cancel(&app, &paused).await.ok();
        let token = app.act(&paused.token, json!({"action": "cancel_fail"})).await.ok();
        assert_eq!(token["recurring_details"]["status"], "paused", "as it was");
    }

    async fn rp_60_delete(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        app.debit(&mandate, 40_000).await.ok();
        let text = "The token cannot be deleted as the mandate is still active. Cancel the token first.";
        let delete = async || app.test.delete(&mandate.path()).await;
        refused(&delete().await, "invalid_mandate_state", text);
        app.act(&mandate.token, json!({"action": "pause"})).await.ok();
        refused(&delete().await, "invalid_mandate_state", text);
        cancel(&app, &mandate).await.ok();
        refused(&delete().await, "invalid_mandate_state", text);
        app.act(&mandate.token, json!({"action": "cancel_ok"})).await.ok();
        let kind = Some("application/json");
        let body = Bytes::from_static(b"{}");
        let answer = app.test.send(Method::DELETE, &mandate.path(), kind, body).await;
        assert_eq!(answer.ok(), json!({"deleted": true}));
        delete().await.refused("The id provided does not exist");
        app.test.get(&mandate.path()).await.refused("The id provided does not exist");
        let list = app.test.get(&format!("/v1/customers/{}/tokens", mandate.customer)).await.ok();
        assert_eq!(list["count"], 0);
        let payment = app.pay_row(&mandate.payment).await;
        assert_eq!(payment["token_id"], json!(mandate.token), "payments keep it");
        let error = app.debit(&mandate, 500).await.refused("The id provided does not exist");
        assert_eq!(error["field"], "token");
        let pending = app.pending_mandate(200_000).await;
        refused(&app.test.delete(&pending.path()).await, "invalid_mandate_state", text);
    }

    async fn rp_64_pause_and_resume(app: TestApp) {
        let (_, receiver) = app.hook(&["token.paused", "token.resumed"]).await;
        let mandate = app.mandate(200_000).await;
        app.act(&mandate.token, json!({"action": "pause"})).await.ok();
        assert_eq!(app.block(&mandate).await, (200_000, 0, "paused".to_owned()));
        let error = app.debit(&mandate, 500).await.error(400);
        assert_eq!((&error["reason"], &error["source"]), (&json!("mandate_paused"), &json!("customer")));
        app.act(&mandate.token, json!({"action": "pause"})).await
            .refused("The token is already paused.");
        let token = app.act(&mandate.token, json!({"action": "resume"})).await.ok();
        assert_eq!(token["recurring_details"]["status"], "confirmed");
        app.debit(&mandate, 500).await.ok();
        let events = receiver.until(2).await;
        for (event, (name, status)) in
            events.iter().zip([("token.paused", "paused"), ("token.resumed", "resumed")])
        {
            assert_eq!(event.event(), name);
            let entity = &event.json()["payload"]["token"]["entity"];
            assert_eq!(entity["recurring_details"]["status"], status);
        }
    }

    async fn rp_65_the_payer_revokes(app: TestApp) {
        let (_, receiver) = app.hook(&["token.cancellation_initiated", "token.cancelled"]).await;
        let mandate = app.mandate(200_000).await;
        app.act(&mandate.token, json!({"action": "revoke"})).await.ok();
        assert_eq!(app.block(&mandate).await, (200_000, 0, "cancelled".to_owned()));
        let error = app.debit(&mandate, 500).await.error(400);
        let got = ["reason", "description", "source", "step"].map(|key| error[key].clone());
        assert_eq!(got, [
            "mandate_cancelled", "UPI mandate created for payment has been cancelled by user.",
            "customer", "payment_initiation",
        ].map(Value::from));
        assert_eq!(receiver.next().await.event(), "token.cancelled");
        app.eventually("one is told", async || told(&app).await.len() == 1).await;
    }
}
