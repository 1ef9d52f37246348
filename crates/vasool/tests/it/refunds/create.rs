//! Full and partial refunds: rows CM-86 to CM-88, CM-90, CM-96, SC-98, SC-99 and SC-102.

use serde_json::json;

use super::{EVENTS, shown};
use crate::harness::{Received, id};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_86_and_sc_98_a_full_refund(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let now = app.freeze().await;
        let (account, number) = app.virtual_account().await;
        let payment = app.pay(&number, 239_000).await["payment_id"].as_str().unwrap().to_owned();
        let refund = app.refund(&payment, json!({})).await.ok();
        assert_eq!(refund, json!({
            "id": id(&refund), "entity": "refund", "amount": 239_000, "currency": "INR",
            "payment_id": payment, "notes": [], "receipt": null, "acquirer_data": {"rrn": null},
            "created_at": now, "batch_id": null, "status": "processed",
            "speed_processed": "normal", "speed_requested": "normal"
        }));
        let after = app.payment_of(&payment).await;
        assert_eq!(shown(&after), json!(["refunded", "full", 239_000]));
        assert_eq!(after["captured"], true);
        // SC-102: fee and tax stay with us; what the account received stays received.
        assert_eq!((&after["fee"], &after["tax"]), (&json!(2820), &json!(430)));
        assert_eq!(app.account(&account).await["amount_paid"], 239_000);
        let got = receiver.until(2).await;
        let events: Vec<String> = got.iter().map(Received::event).collect();
        assert_eq!(events, ["refund.created", "refund.processed"]);
        for event in &got {
            let body = event.json();
            assert_eq!(body["contains"], json!(["refund", "payment"]));
            assert_eq!(body["payload"]["refund"]["entity"], refund);
            let payment = &body["payload"]["payment"]["entity"];
            assert_eq!(shown(payment), json!(["refunded", "full", 239_000]));
            assert_eq!(payment["base_amount"], 239_000);
        }
        app.assert_books_clean().await;
    }

    async fn cm_87_and_90_and_sc_99_partial_refunds(app: TestApp) {
        let payment = app.paid(1_000).await;
        // CM-90: a number as text.
        let first = app.refund(&payment, json!({"amount": "100"})).await.ok();
        assert_eq!(first["amount"], 100);
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 100]));
        app.refund(&payment, json!({"amount": 850})).await.ok();
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 950]));
        // Less than a rupee is left: only a refund without an amount returns it.
        let error = app.refund(&payment, json!({"amount": 50})).await;
        error.refused("The amount must be at least INR 1.00");
        let last = app.refund(&payment, json!({})).await.ok();
        assert_eq!(last["amount"], 50);
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["refunded", "full", 1_000]));
        app.assert_books_clean().await;
    }

    async fn cm_88_refunds_by_the_other_route(app: TestApp) {
        let payment = app.paid(1_000).await;
        let body = json!({"payment_id": payment, "amount": 300, "notes": {"why": "overpaid"}});
        let of_json = app.test.post("/v1/refunds", body).await.ok();
        let form = format!("payment_id={payment}&amount=300&notes[why]=overpaid");
        let of_form = app.test.form("/v1/refunds/", &form).await.ok();
        assert_ne!(of_json["id"], of_form["id"]);
        for key in ["amount", "payment_id", "notes", "status", "entity"] {
            assert_eq!(of_json[key], of_form[key], "{key}");
        }
        let error = app.test.post("/v1/refunds", json!({"amount": 100})).await;
        assert_eq!(error.refused("The payment id field is required.")["field"], "payment_id");
        for (payment, text) in [
            ("pay_QcC3Nobody0001", "The id provided does not exist"),
            ("pay_1", "1 is not a valid id"),
        ] {
            app.test.post("/v1/refunds", json!({"payment_id": payment})).await.refused(text);
            app.refund(payment, json!({})).await.refused(text);
        }
    }

    async fn cm_96_parallel_refunds_never_exceed_the_payment(app: TestApp) {
        let payment = app.paid(1_000).await;
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (test, path) = (app.test.clone(), format!("/v1/payments/{payment}/refund"));
            calls.spawn(async move { test.post(&path, json!({"amount": 200})).await });
        }
        let answers = calls.join_all().await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 5);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.refused("The payment has been fully refunded already");
        }
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["refunded", "full", 1_000]));
        let list = app.test.get(&format!("/v1/payments/{payment}/refunds")).await.ok();
        assert_eq!(list["count"], 5);
        app.assert_books_clean().await;
    }
}
