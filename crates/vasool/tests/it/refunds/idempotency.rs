//! The idempotency header: rows CM-94 and CM-95.

use std::collections::BTreeSet;

use serde_json::json;

use super::shown;
use crate::harness::id;
use crate::on_both_databases;

const HEADER: &str = "X-Refund-Idempotency";

on_both_databases! {
    async fn cm_94_the_same_key(app: TestApp) {
        let (payment, other) = (app.paid(1_000).await, app.paid(1_000).await);
        let path = format!("/v1/payments/{payment}/refund");
        let call = app.test.with_header(HEADER, "refund-key_1");
        let body = json!({"amount": 400, "notes": {"a": "1", "b": "2"}});
        let first = call.post(&path, body.clone()).await.ok();
        assert_eq!(call.post(&path, body.clone()).await.ok(), first);
        // The body counts as it is decoded.
        let form = call.form(&path, "notes[b]=2&notes[a]=1&amount=400&speed=normal").await.ok();
        assert_eq!(form, first);
        let mut named = body.clone();
        named["payment_id"] = json!(payment);
        assert_eq!(call.post("/v1/refunds", named).await.ok()["id"], first["id"]);
        let text = "Different request with the same idempotency key has already been processed.";
        for (path, body) in [
            (path.clone(), json!({"amount": 401, "notes": {"a": "1", "b": "2"}})),
            (path.clone(), json!({})),
            (format!("/v1/payments/{other}/refund"), body.clone()),
        ] {
            let error = call.post(&path, body).await.error(409);
            assert_eq!(error["description"], text);
        }
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 400]));
        // The current entity is answered, also when nothing is left.
        app.refund(&payment, json!({})).await.ok();
        let patched = format!("/v1/refunds/{}", id(&first));
        app.test.patch(&patched, json!({"notes": {"c": "3"}})).await.ok();
        assert_eq!(call.post(&path, body).await.ok()["notes"], json!({"c": "3"}));
        // Another merchant's key of the same spelling is another key.
        let stranger = app.another_merchant().await.with_header(HEADER, "refund-key_1");
        stranger.post(&path, json!({})).await.refused("The id provided does not exist");
        app.assert_books_clean().await;
    }

    async fn cm_94_bad_keys_and_keys_that_were_refused(app: TestApp) {
        let payment = app.paid(1_000).await;
        let path = format!("/v1/payments/{payment}/refund");
        for (key, text) in [
            ("short_one", "The idempotency key must be at least 10 characters long."),
            ("", "The idempotency key must be at least 10 characters long."),
            (
                "with a blank",
                "The idempotency key must only contain alphanumeric characters, underscores, and \
                 hyphens",
            ),
        ] {
            app.test.with_header(HEADER, key).post(&path, json!({})).await.refused(text);
        }
        let long = "k".repeat(4_000);
        let call = app.test.with_header(HEADER, &long);
        call.post(&path, json!({"amount": 5_000})).await.error(400);
        let done = call.post(&path, json!({"amount": 500})).await.ok();
        assert_eq!(call.post(&path, json!({"amount": 500})).await.ok()["id"], done["id"]);
    }

    async fn cm_95_one_key_many_at_once(app: TestApp) {
        let payment = app.paid(1_000).await;
        let call = app.test.with_header(HEADER, "refund-key_2");
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (call, path) = (call.clone(), format!("/v1/payments/{payment}/refund"));
            calls.spawn(async move { call.post(&path, json!({"amount": 300})).await });
        }
        let answers = calls.join_all().await;
        let ids: BTreeSet<String> = answers
            .iter()
            .filter(|answer| answer.status != 409)
            .map(|answer| id(&answer.ok()))
            .collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(app.test.get("/v1/refunds").await.ok()["count"], 1);
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 300]));
        app.assert_books_clean().await;
    }
}
