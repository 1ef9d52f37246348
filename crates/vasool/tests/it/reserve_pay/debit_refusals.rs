//! Debits that are refused: rows RP-48 to RP-51.

use serde_json::{Value, json};

use crate::harness::{Mandate, TestApp, authorisation, failure, id, refusal, with};
use crate::on_both_databases;

const PAID: &str = "Your payment has been declined as the order is already paid. Please initiate \
    the payment with a new order.";

async fn pay(app: &TestApp, mandate: &Mandate, order: &str, more: Value) -> crate::harness::Answer {
    let body = with(mandate.debit(order, 40_000), more);
    app.test.post("/v1/payments/create/json", body).await
}

on_both_databases! {
    async fn rp_48_an_order_is_paid_once(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        for capture in [true, false] {
            let order = app.debit_order(40_000, json!({"payment_capture": capture})).await;
            pay(&app, &mandate, &order, json!({})).await.ok();
            let error = pay(&app, &mandate, &order, json!({})).await.refused(PAID);
            let got = ["source", "step", "reason", "metadata"].map(|key| error[key].clone());
            assert_eq!(got, [json!("business"), json!("payment_initiation"),
                             json!("order_already_paid"), json!({})]);
            assert_eq!(app.order_row(&order).await["attempts"], 1);
        }
        let order = app.debit_order(40_000, json!({})).await;
        pay(&app, &mandate, &order, json!({"notes": {"sandbox": "hold"}})).await.ok();
        let error = pay(&app, &mandate, &order, json!({})).await
            .refused("A payment is already in progress for this order.");
        assert_eq!(error["reason"], "duplicate_request");
        assert_eq!(app.block(&mandate).await.1, 80_000);
    }

    async fn rp_49_another_amount_than_the_order(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({})).await;
        let error = pay(&app, &mandate, &order, json!({"amount": 39_999})).await.refused(
            "Your payment amount is different from your order amount. To pay successfully, please \
             try using right amount.",
        );
        assert_eq!((&error["reason"], &error["field"]), (&json!("order_amount_mismatch"), &json!("amount")));
        assert!(app.order_payments(&order).await.is_empty());
    }

    async fn rp_50_what_is_refused_without_a_payment(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let other = json!({"name": "Other", "email": "o@example.test", "contact": "9000012399"});
        let other = id(&app.test.post("/v1/customers", other).await.ok());
        let order = app.debit_order(40_000, json!({})).await;
        let unknown = "The id provided does not exist";
        for (more, text, field) in [
            (json!({"token": null}), "The token field is required.", json!("token")),
            (json!({"token": "token_x"}), "x is not a valid id", Value::Null),
            (json!({"token": "token_AAAAAAAAAAAAAA"}), unknown, json!("token")),
            (json!({"customer_id": other}), unknown, json!("token")),
            (json!({"customer_id": "cust_AAAAAAAAAAAAAA"}), unknown, json!("token")),
            (json!({"customer_id": null}), "The customer id field is required.", json!("customer_id")),
            (json!({"order_id": null}), "The order id field is required.", json!("order_id")),
            (json!({"order_id": "order_AAAAAAAAAAAAAA"}), unknown, Value::Null),
            (json!({"order_id": mandate.order, "amount": 200_000}),
             "The order is linked to an authorisation transaction. Create a new order.", json!("order_id")),
            (json!({"amount": null}), "The amount field is required.", json!("amount")),
            (json!({"amount": 99}), "The amount must be at least INR 1.00", json!("amount")),
            (json!({"amount": "x"}), "The amount must be an integer.", json!("amount")),
            (json!({"currency": "USD"}), "The currency should be INR when method is upi", json!("currency")),
            (json!({"recurring": null}), "The recurring field is required.", json!("recurring")),
            (json!({"recurring": "0"}), "The recurring field is required.", json!("recurring")),
            (json!({"email": null}), "The email field is required.", json!("email")),
            (json!({"contact": null}), "The contact field is required.", json!("contact")),
            (json!({"method": "card"}), "Payment method does not match the order method.", json!("method")),
        ] {
            for path in ["/v1/payments/create/json", "/v1/payments/create/recurring"] {
                let body = with(mandate.debit(&order, 40_000), more.clone());
                let error = app.test.post(path, body).await.refused(text);
                assert_eq!(error["field"], field, "{path}: {text}");
            }
        }
        assert!(app.order_payments(&order).await.is_empty());
        let tied = app.debit_order(40_000, json!({"customer_id": other})).await;
        let error = pay(&app, &mandate, &tied, json!({})).await.refused(unknown);
        assert_eq!(error["field"], "token");
        assert_eq!(app.block(&mandate).await.1, 0);
    }

    async fn rp_51_mandates_that_give_nothing(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.failed"]).await;
        app.by_hand().await;
        app.freeze().await;
        let confirmed = async || app.mandate(200_000).await;
        let initiated = app.pending_mandate(200_000).await;
        let rejected = app.pending_mandate(200_000).await;
        app.act(&rejected.token, json!({"action": "reject"})).await.ok();
        let (paused, cancelled) = (confirmed().await, confirmed().await);
        app.act(&paused.token, json!({"action": "pause"})).await.ok();
        app.act(&cancelled.token, json!({"action": "revoke"})).await.ok();
        let cancelling = confirmed().await;
        app.test.put(&format!("{}/cancel", cancelling.path()), json!({})).await.ok();
        let inactive = ("mandate_not_active", "UPI mandate is not active.", "business");
        let mut seen = receiver.all().len();
        for (mandate, (reason, text, source)) in [
            (&initiated, inactive), (&rejected, inactive), (&cancelling, inactive),
            (&paused, ("mandate_paused", "UPI mandate is not active, it is paused by user.", "customer")),
            (&cancelled, ("mandate_cancelled",
                "UPI mandate created for payment has been cancelled by user.", "customer")),
        ] {
            let order = app.debit_order(40_000, json!({})).await;
            let error = pay(&app, mandate, &order, json!({})).await.error(400);
            let want = ["BAD_REQUEST_ERROR", text, source, "payment_initiation", reason];
            assert_eq!(refusal(&error), want);
            let payments = app.order_payments(&order).await;
            assert_eq!((payments.len(), failure(&payments[0])), (1, want));
            let ids = json!({"payment_id": payments[0]["id"], "order_id": order});
            assert_eq!(error["metadata"], ids);
            assert_eq!(payments[0]["token_id"], json!(mandate.token));
            let row = app.order_row(&order).await;
            assert_eq!((&row["status"], &row["attempts"]), (&json!("attempted"), &json!(1)));
            let path = format!("/v1/payments/{}", payments[0]["id"].as_str().unwrap());
            let told = app.test.get(&path).await.ok();
            seen = seen.max(1);
            let events = loop {
                let events = receiver.until(seen).await;
                let is_own = |event: &crate::harness::Received| {
                    event.json()["payload"]["payment"]["entity"]["id"] == payments[0]["id"]
                };
                if let Some(at) = events.iter().position(is_own) { break events[at].json() }
                seen += 1;
            };
            assert_eq!(failure(&events["payload"]["payment"]["entity"]), failure(&told));
        }
    }

    async fn rp_51_mandates_whose_time_is_over(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let expired = ["BAD_REQUEST_ERROR", "UPI Mandate is expired.", "business",
                       "payment_initiation", "mandate_expired"];
        let token = app.token(&mandate).await;
        let now = app.now().await;
        app.advance(token["expired_at"].as_i64().unwrap() - 600 - now).await;
        assert_eq!(refusal(&app.debit(&mandate, 500).await.error(400)), expired, "released");
        app.advance(600).await;
        assert_eq!(refusal(&app.debit(&mandate, 500).await.error(400)), expired, "expired");
        // An order for a mandate of its own is refused like any other approval.
        let body = authorisation(&mandate.customer, &mandate.order, 200_000);
        app.test.post("/v1/payments/create/json", body).await.error(400);
    }
}
