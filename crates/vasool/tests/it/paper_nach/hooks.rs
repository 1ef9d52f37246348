//! What is told of mandates on paper, key by key: row PN-79.

use serde_json::{Value, json};

use crate::harness::{Received, link, png};
use crate::on_both_databases;

const EVENTS: &[&str] =
    &["payment.captured", "payment.failed", "invoice.paid", "token.confirmed", "token.rejected"];

fn entity(event: &Received, name: &str) -> Value {
    event.json()["payload"][name]["entity"].clone()
}

on_both_databases! {
    async fn pn_79_webhook_shape(app: TestApp) {
        app.by_hand().await;
        let now = app.freeze().await;
        let (_, receiver) = app.hook(EVENTS).await;
        let link = app.test.post("/v1/subscription_registration/auth_links", link()).await.ok();
        let order = link["order_id"].as_str().unwrap();
        let taken = app.scan(order, "form.png", &png()).await.ok();
        let payment = taken["razorpay_payment_id"].as_str().unwrap();
        let token = app.pay_row(payment).await["token_id"].as_str().unwrap().to_owned();
        app.advance(306).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        let events = receiver.until(3).await;
        let names: Vec<String> = events.iter().map(Received::event).collect();
        assert_eq!(names, ["payment.captured", "invoice.paid", "token.confirmed"]);
        let envelope = json!({
            "entity": "event", "account_id": app.merchant.to_string(), "event": "payment.captured",
            "contains": ["payment"], "created_at": now + 306,
            "payload": {"payment": {"entity": {
                "id": payment, "entity": "payment", "amount": 0, "currency": "INR",
                "base_amount": 0, "status": "captured", "order_id": order,
                "invoice_id": link["id"], "international": false, "method": "nach",
                "amount_refunded": 0, "amount_transferred": 0, "refund_status": null,
                "captured": true, "description": null, "card_id": null, "bank": "HDFC",
                "wallet": null, "vpa": null, "email": "asha.verma@example.com",
                "contact": "+919820012345", "customer_id": link["customer_id"],
                "token_id": token, "notes": {"source": "counter"}, "fee": 0, "tax": 0,
                "error_code": null, "error_description": null, "error_source": null,
                "error_step": null, "error_reason": null, "acquirer_data": {}, "created_at": now,
            }}},
        });
        assert_eq!(events[0].json(), envelope);
        assert_eq!(entity(&events[1], "payment"), entity(&events[0], "payment"));
        let told = entity(&events[2], "token");
        let customer = link["customer_id"].as_str().unwrap();
        let path = format!("/v1/customers/{customer}/tokens/{token}");
        let row = app.test.get(&path).await.ok();
        assert_eq!((told.get("vpa"), told.get("bank_details")), (None, None));
        for (key, value) in told.as_object().unwrap() {
            assert_eq!(*value, row[key], "{key}");
        }
    }

    async fn pn_79_of_a_debit(app: TestApp) {
        let paper = app.paper().await;
        app.freeze().await;
        let (_, receiver) = app.hook(EVENTS).await;
        for (decision, event) in [
            (json!({"action": "succeed"}), "payment.captured"),
            (json!({"action": "fail", "reason": "04"}), "payment.failed"),
        ] {
            let taken = app.charge(&paper, 49_900, json!({})).await.ok();
            let payment = taken["razorpay_payment_id"].as_str().unwrap();
            app.decide(payment, decision).await.ok();
            let got = receiver.next().await;
            assert_eq!(got.event(), event);
            let told = entity(&got, "payment");
            let row = app.pay_row(payment).await;
            let mut want = row.as_object().unwrap().clone();
            want.insert("base_amount".to_owned(), json!(49_900));
            want.insert("amount_transferred".to_owned(), json!(0));
            assert_eq!(told, Value::Object(want));
        }
    }

    async fn pn_79_an_event_keeps_its_id(app: TestApp) {
        let (_, receiver) = app.hook(&["token.rejected"]).await;
        receiver.then(&[500]);
        app.freeze().await;
        let paper = app.pending_paper(app.nach_order().await).await;
        app.act(&paper.token, json!({"action": "reject", "reason": "M003"})).await.ok();
        receiver.until(1).await;
        app.advance(60).await;
        let got = receiver.until(2).await;
        assert_eq!((&got[0].event_id, &got[0].body), (&got[1].event_id, &got[1].body));
        assert!(got.iter().all(|one| one.is_signed_with("whsec_test")));
        let told = entity(&got[0], "token");
        assert_eq!(told["recurring_details"], json!({
            "status": "rejected", "failure_reason": "Drawers signature differs",
        }));
        assert_eq!(told.get("vpa"), None);
    }
}
