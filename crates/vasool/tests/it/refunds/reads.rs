//! Reads and edits: rows CM-35, CM-75, CM-97 and CM-98.

use serde_json::json;

use crate::harness::{id, ids};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_97_refunds_are_read(app: TestApp) {
        let (first, second) = (app.paid(1_000).await, app.paid(1_000).await);
        let a = app.refund(&first, json!({"amount": 100})).await.ok();
        let b = app.refund(&second, json!({"amount": 200})).await.ok();
        let c = app.refund(&first, json!({"amount": 300})).await.ok();
        let (a, b, c) = (id(&a), id(&b), id(&c));
        let list = async |path: &str| ids(&app.test.get(path).await.ok());
        assert_eq!(list("/v1/refunds").await, [&*c, &b, &a]);
        assert_eq!(list("/v1/refunds/?count=1&skip=1").await, [&*b]);
        assert_eq!(list(&format!("/v1/refunds?payment_id={first}")).await, [&*c, &a]);
        assert_eq!(list(&format!("/v1/payments/{first}/refunds")).await, [&*c, &a]);
        assert_eq!(list(&format!("/v1/payments/{first}/refunds?count=1")).await, [&*c]);
        assert_eq!(list("/v1/refunds?payment_id=pay_QcC3Nobody0001").await, Vec::<String>::new());
        assert_eq!(list("/v1/refunds?to=946684800").await, Vec::<String>::new());
        let one = app.test.get(&format!("/v1/refunds/{a}")).await.ok();
        assert_eq!(one["amount"], 100);
        let same = app.test.get(&format!("/v1/payments/{first}/refunds/{a}")).await.ok();
        assert_eq!(same, one);
        for (path, text) in [
            (format!("/v1/payments/{second}/refunds/{a}"), "The id provided does not exist"),
            ("/v1/payments/pay_QcC3Nobody0001/refunds".to_owned(), "The id provided does not exist"),
            ("/v1/refunds/rfnd_QcD4Nobody0001".to_owned(), "The id provided does not exist"),
            ("/v1/refunds/rfnd_1".to_owned(), "1 is not a valid id"),
            ("/v1/refunds?count=101".to_owned(), "The count may not be greater than 100."),
            ("/v1/refunds?from=x".to_owned(), "from must be an integer"),
        ] {
            app.test.get(&path).await.refused(text);
        }
        let path = format!("/v1/payments/{first}?expand[]=refunds");
        assert_eq!(ids(&app.test.get(&path).await.ok()["refunds"]), [&*c, &a]);
    }

    async fn cm_35_and_98_notes_of_a_refund(app: TestApp) {
        let (_, receiver) = app.hook(&["refund.processed"]).await;
        let payment = app.paid(1_000).await;
        let refund = app.refund(&payment, json!({"amount": 100, "notes": {"a": "1"}})).await.ok();
        let path = format!("/v1/refunds/{}", id(&refund));
        let done = app.test.patch(&path, json!({"notes": {"b": "2"}})).await.ok();
        assert_eq!(done["notes"], json!({"b": "2"}));
        assert_eq!(app.refund_of(&refund).await, done);
        assert_eq!(app.test.patch(&path, json!({"notes": []})).await.ok()["notes"], json!([]));
        let missing = app.test.patch(&path, json!({})).await;
        assert_eq!(missing.refused("The notes field is required.")["field"], "notes");
        for body in [json!({"notes": {}, "amount": 5}), json!({"amount": 5})] {
            let error = app.test.patch(&path, body).await;
            let error = error.refused("amount is/are not required and should not be sent");
            assert_eq!(error["reason"], "extra_field_sent");
        }
        let nobody = app.test.patch("/v1/refunds/rfnd_QcD4Nobody0001", json!({"notes": {}})).await;
        nobody.refused("The id provided does not exist");
        app.advance(60).await;
        assert_eq!(receiver.all().len(), 1, "nobody is told of notes");
        app.assert_books_clean().await;
    }

    async fn cm_75_notes_of_a_payment_in_any_state(app: TestApp) {
        let captured = app.paid(1_000).await;
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let returned = app.pay(&number, 500).await["payment_id"].as_str().unwrap().to_owned();
        for payment in [&captured, &returned] {
            let before = app.payment_of(payment).await;
            let path = format!("/v1/payments/{payment}/");
            let done = app.test.patch(&path, json!({"notes": {"unit": "14B"}})).await.ok();
            assert_eq!(done["notes"], json!({"unit": "14B"}));
            assert_eq!(done["status"], before["status"]);
            assert_eq!(app.payment_of(payment).await, done);
            assert_eq!(app.test.patch(&path, json!({"notes": {}})).await.ok()["notes"], json!([]));
            app.test.patch(&path, json!({})).await.refused("The notes field is required.");
            let error = app.test.patch(&path, json!({"notes": {}, "amount": 5})).await;
            error.refused("amount is/are not required and should not be sent");
        }
    }
}
