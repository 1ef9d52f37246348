//! The bank decides: rows PN-35 to PN-38, PN-43, PN-44, PN-78.

use serde_json::{Value, json};

use crate::harness::{Received, failure, id, keys};
use crate::on_both_databases;

const EVENTS: &[&str] = &[
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
    "invoice.paid",
    "token.confirmed",
    "token.rejected",
    "token.cancelled",
];

fn names(events: &[Received]) -> Vec<String> {
    events.iter().map(Received::event).collect()
}

on_both_databases! {
    async fn pn_35_and_36_confirmed(app: TestApp) {
        let (_, receiver) = app.hook(EVENTS).await;
        app.freeze().await;
        let paper = app.pending_paper(app.nach_order().await).await;
        app.advance(306).await;
        let token = app.act(&paper.token, json!({"action": "approve"})).await.ok();
        assert_eq!((&token["recurring"], &token["recurring_details"]["status"]),
                   (&json!(true), &json!("confirmed")));
        let payment = app.pay_row(&paper.payment).await;
        let got = ["status", "captured", "fee", "tax", "amount"].map(|key| payment[key].clone());
        assert_eq!(got, [json!("captured"), json!(true), json!(0), json!(0), json!(0)]);
        assert_eq!(keys(&payment).len(), 31);
        let order = app.order_row(&id(&paper.order)).await;
        assert_eq!((&order["status"], &order["token"]["recurring_status"]),
                   (&json!("paid"), &json!("confirmed")));
        let events = receiver.until(4).await;
        assert_eq!(names(&events),
                   ["payment.authorized", "payment.captured", "order.paid", "token.confirmed"]);
        assert!(events.iter().all(|event| event.is_signed_with("whsec_test")));
        let at = events[0].json()["created_at"].clone();
        assert!(events.iter().all(|event| event.json()["created_at"] == at));
        let authorized = events[0].json()["payload"]["payment"]["entity"].clone();
        assert_eq!((&authorized["status"], &authorized["fee"], &authorized["description"]),
                   (&json!("authorized"), &Value::Null, &Value::Null));
        assert_eq!((&authorized["base_amount"], &authorized["amount_transferred"]), (&json!(0), &json!(0)));
        let paid = events[2].json()["payload"]["order"]["entity"].clone();
        assert_eq!((&paid["status"], &paid["token"]["recurring_status"]), (&json!("paid"), &Value::Null));
        assert!(!keys(&paid).contains(&"payments") && keys(&paid).contains(&"offers"));
        let told = events[3].json()["payload"]["token"]["entity"].clone();
        assert_eq!(keys(&told), [
            "id", "entity", "token", "bank", "wallet", "method", "recurring", "recurring_details",
            "auth_type", "mrn", "used_at", "created_at", "max_amount", "expired_at", "dcc_enabled",
        ]);
        app.act(&paper.token, json!({"action": "approve"})).await
            .refused("The token is already confirmed.");
        app.assert_books_clean().await;
    }

    async fn pn_35_by_itself(app: TestApp) {
        app.freeze().await;
        let order = app.nach_order().await;
        app.scan(&id(&order), "form.png", &crate::harness::png()).await.ok();
        app.advance(2).await;
        assert_eq!(app.order_row(&id(&order)).await["status"], "attempted");
        app.advance(1).await;
        assert_eq!(app.order_row(&id(&order)).await["status"], "paid");
    }

    async fn pn_37_and_38_rejected(app: TestApp) {
        let (_, receiver) = app.hook(EVENTS).await;
        let paper = app.pending_paper(app.nach_order().await).await;
        let token = app.act(&paper.token, json!({"action": "reject", "reason": "M003"})).await.ok();
        assert_eq!((&token["recurring"], &token["recurring_details"]), (&json!(false), &json!({
            "status": "rejected", "failure_reason": "Drawers signature differs",
        })));
        let payment = app.pay_row(&paper.payment).await;
        assert_eq!(payment["status"], "failed");
        let want = ["BAD_REQUEST_ERROR", "Payment failed", "bank", "payment_authorization", "payment_declined"];
        assert_eq!(failure(&payment), want);
        let order = app.order_row(&id(&paper.order)).await;
        let block = &order["token"];
        assert_eq!((&order["status"], &block["recurring_status"], &block["failure_reason"]),
                   (&json!("attempted"), &json!("rejected"), &json!("Drawers signature differs")));
        let events = receiver.until(2).await;
        assert_eq!(names(&events), ["payment.failed", "token.rejected"]);
        assert_eq!(failure(&events[0].json()["payload"]["payment"]["entity"]), want);
        let plain = app.pending_paper(app.nach_order().await).await;
        let token = app.act(&plain.token, json!({"action": "reject"})).await.ok();
        assert_eq!(token["recurring_details"]["failure_reason"], "Rejected by bank");
        assert_eq!(failure(&app.pay_row(&plain.payment).await)[4], "payment_failed");
        app.assert_books_clean().await;
    }

    async fn pn_37_words_in_notes(app: TestApp) {
        app.set(json!({"auto_delay": 0})).await;
        let customer = app.asha().await;
        for (notes, status, text) in [
            (json!({"sandbox": "fail.M037"}), "rejected", json!("Account closed")),
            (json!({"sandbox": "fail"}), "rejected", json!("Rejected by bank")),
            (json!({"sandbox": "hold"}), "initiated", Value::Null),
            (json!({"sandbox": "approve"}), "confirmed", Value::Null),
        ] {
            let body = crate::harness::with(crate::harness::nach_order(&customer), json!({"notes": notes}));
            let order = app.test.post("/v1/orders", body).await.ok();
            let taken = app.scan(&id(&order), "f.png", &crate::harness::png()).await.ok();
            let path = format!("/v1/payments/{}?expand[]=token", taken["razorpay_payment_id"].as_str().unwrap());
            let details = app.test.get(&path).await.ok()["token"]["recurring_details"].clone();
            assert_eq!((&details["status"], &details["failure_reason"]), (&json!(status), &text));
        }
    }

    async fn pn_43_and_44_payments(app: TestApp) {
        let paper = app.paper().await;
        let payments = app.order_payments(&id(&paper.order)).await;
        assert_eq!(payments.len(), 1);
        let got = ["entity", "token_id", "invoice_id"].map(|key| payments[0][key].clone());
        assert_eq!(got, [json!("payment"), json!(paper.token), Value::Null]);
    }

    async fn pn_78_first_debit(app: TestApp) {
        let (_, receiver) = app.hook(EVENTS).await;
        app.freeze().await;
        let paper = app.paper_of(json!({"first_payment_amount": 10_000})).await;
        assert_eq!(paper.order["token"]["first_payment_amount"], 10_000);
        let list = app.test.get("/v1/payments").await.ok();
        let debit = list["items"][0].clone();
        assert_eq!((&debit["amount"], &debit["token_id"], &debit["status"]),
                   (&json!(10_000), &json!(paper.token), &json!("created")));
        assert_ne!(debit["order_id"], paper.order["id"]);
        assert_eq!(debit["notes"], json!({"plan": "SIP-12"}));
        app.decide(&id(&debit), json!({"action": "succeed"})).await.ok();
        let debit = app.pay_row(&id(&debit)).await;
        assert_eq!((&debit["status"], &debit["fee"], &debit["tax"]),
                   (&json!("captured"), &json!(236), &json!(36)));
        let order = app.order_row(debit["order_id"].as_str().unwrap()).await;
        assert_eq!((&order["status"], &order["receipt"]), (&json!("paid"), &Value::Null));
        let events = receiver.until(7).await;
        let told = |name: &str| names(&events).iter().filter(|own| *own == name).count();
        assert_eq!((told("order.paid"), told("token.confirmed")), (2, 1));
        app.assert_books_clean().await;
    }
}
