//! Orders of mandates and of debits: rows RP-07 to RP-14, RP-36, RP-80.

use serde_json::{Value, json};

use crate::harness::{TestApp, id, keys, mandate_order, with};
use crate::on_both_databases;

const DAY: i64 = 86_400;
const SHAPE: [&str; 12] = [
    "id",
    "entity",
    "amount",
    "amount_paid",
    "amount_due",
    "currency",
    "receipt",
    "offer_id",
    "status",
    "attempts",
    "notes",
    "created_at",
];

async fn customer(app: &TestApp) -> String {
    id(&app.customer().await)
}

/// An authorisation order with other words in its token.
fn token(customer: &str, more: Value) -> Value {
    let order = mandate_order(customer, 200_000, 200_000);
    with(order.clone(), json!({"token": with(order["token"].clone(), more)}))
}

on_both_databases! {
    async fn rp_07_authorisation_order(app: TestApp) {
        let customer = customer(&app).await;
        let more = json!({"receipt": "block-1", "notes": {"plan": "grocery"}});
        let body = with(mandate_order(&customer, 200_000, 150_000), more);
        let order = app.test.post("/v1/orders", body).await.ok();
        assert_eq!(keys(&order), SHAPE);
        let id = id(&order);
        let want = json!({
            "id": id, "entity": "order", "amount": 200_000, "amount_paid": 0, "amount_due": 200_000,
            "currency": "INR", "receipt": "block-1", "offer_id": null, "status": "created",
            "attempts": 0, "notes": {"plan": "grocery"}, "created_at": order["created_at"],
        });
        assert_eq!(order, want);
        assert_eq!(app.order_row(&id).await, want);
    }

    async fn rp_08_amount_bounds(app: TestApp) {
        let customer = customer(&app).await;
        for amount in [100, 1_500_000] {
            app.test.post("/v1/orders", mandate_order(&customer, amount, 100)).await.ok();
        }
        for (amount, text) in [
            (99, "The amount must be at least INR 1.00"),
            (1_500_001, "Amount exceeds maximum amount allowed"),
        ] {
            let error =
                app.test.post("/v1/orders", mandate_order(&customer, amount, 100)).await.refused(text);
            assert_eq!(error["field"], "amount");
            assert_eq!(error["reason"], "input_validation_failed");
        }
    }

    async fn rp_09_max_amount_bounds(app: TestApp) {
        let customer = customer(&app).await;
        for amount in [100, 1_500_000] {
            app.test.post("/v1/orders", mandate_order(&customer, 100, amount)).await.ok();
        }
        for (amount, text) in [
            (99, "The max amount must be at least INR 1.00"),
            (1_500_001, "Amount exceeds maximum amount allowed"),
        ] {
            let error =
                app.test.post("/v1/orders", mandate_order(&customer, 100, amount)).await.refused(text);
            assert_eq!(error["field"], "token.max_amount");
        }
    }

    async fn rp_10_expire_at_default(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let token = app.token(&mandate).await;
        let order = app.order_row(&mandate.order).await;
        let made = order["created_at"].as_i64().unwrap();
        assert_eq!(token["expired_at"], made + 90 * DAY);
        assert_eq!(token["start_time"], made);
    }

    async fn rp_11_expire_at_bounds(app: TestApp) {
        let customer = customer(&app).await;
        let now = app.freeze().await;
        for at in [now + 601, now + 90 * DAY, now + 90 * DAY + 60] {
            let body = token(&customer, json!({"expire_at": at}));
            app.test.post("/v1/orders", body).await.ok();
        }
        for (at, text) in [
            (now + 91 * DAY, "The expire at cannot be more than 90 days from now."),
            (now + 300, "The expire at must be at least 10 minutes from now."),
            (now - 300, "The expire at must be at least 10 minutes from now."),
        ] {
            let body = token(&customer, json!({"expire_at": at}));
            let error = app.test.post("/v1/orders", body).await.refused(text);
            assert_eq!(error["field"], "token.expire_at");
        }
    }

    async fn rp_11_a_little_late_is_the_latest(app: TestApp) {
        app.by_hand().await;
        let customer = customer(&app).await;
        let now = app.freeze().await;
        let body = token(&customer, json!({"expire_at": now + 90 * DAY + 60}));
        let order = id(&app.test.post("/v1/orders", body).await.ok());
        let body = crate::harness::authorisation(&customer, &order, 200_000);
        let (_, mandate) = app.authorise(body).await;
        let path = format!("/v1/customers/{customer}/tokens/{mandate}");
        assert_eq!(app.test.get(&path).await.ok()["expired_at"], now + 90 * DAY);
    }

    async fn rp_12_frequency_and_type(app: TestApp) {
        let customer = customer(&app).await;
        for (more, text, field) in [
            (json!({"frequency": "one_time"}), "The selected frequency is invalid.", "token.frequency"),
            (json!({"frequency": "monthly"}), "The selected frequency is invalid.", "token.frequency"),
            (json!({"frequency": null}), "The selected frequency is invalid.", "token.frequency"),
            (json!({"type": "multiple_debit"}), "The selected type is invalid.", "token.type"),
        ] {
            let error = app.test.post("/v1/orders", token(&customer, more)).await.refused(text);
            assert_eq!(error["field"], field);
        }
    }

    async fn rp_13_currency_method_customer(app: TestApp) {
        let customer = customer(&app).await;
        let unknown = "cust_AAAAAAAAAAAAAA";
        for (more, text, field) in [
            (json!({"currency": "USD"}), "The currency should be INR when method is upi", json!("currency")),
            (json!({"currency": null}), "The currency field is required.", json!("currency")),
            (json!({"method": "card"}), "The selected method is invalid.", json!("method")),
            (json!({"method": "nach"}), "The selected method is invalid.", json!("method")),
            (json!({"method": null}), "The method field is required.", json!("method")),
            (json!({"customer_id": unknown}), "The id provided does not exist", Value::Null),
            (json!({"customer_id": "cust_1"}), "1 is not a valid id", Value::Null),
            (json!({"customer_id": null}), "The customer id field is required.", json!("customer_id")),
            (json!({"token": "x"}), "The token must be an array.", json!("token")),
            (json!({"receipt": "r".repeat(41)}), "The receipt may not be greater than 40 characters.", json!("receipt")),
            // In the printed order: the customer is looked up before the method is read.
            (json!({"customer_id": unknown, "method": "card"}), "The id provided does not exist", Value::Null),
            (json!({"amount": 5, "currency": "USD"}), "The amount must be at least INR 1.00", json!("amount")),
        ] {
            let body = with(mandate_order(&customer, 200_000, 200_000), more);
            let error = app.test.post("/v1/orders", body).await.refused(text);
            assert_eq!(error["field"], field, "{text}");
        }
        let orders = app.test.get("/v1/orders").await.ok();
        assert_eq!(orders["count"], 0, "nothing was made");
    }

    async fn rp_14_spellings(app: TestApp) {
        let customer = customer(&app).await;
        let more = json!({"max_amount": "200000"});
        let made = app.test.post("/v1/orders", token(&customer, more)).await.ok();
        assert_eq!(made["amount"], 200_000);
        let form = format!(
            "amount=200000&currency=INR&customer_id={customer}&method=upi&token[max_amount]=200000\
             &token[frequency]=as_presented&token[type]=single_block_multiple_debit&payment_capture=1"
        );
        let made = app.test.form("/v1/orders/", &form).await.ok();
        assert_eq!((&made["amount"], &made["status"]), (&json!(200_000), &json!("created")));
    }

    async fn rp_36_debit_order(app: TestApp) {
        for capture in [json!(true), json!(false), json!(1), json!("0")] {
            let body = json!({"amount": 40_000, "currency": "INR", "receipt": "mon-1",
                              "payment_capture": capture, "notification": {"token_id": "x"}});
            let order = app.test.post("/v1/orders", body).await.ok();
            assert_eq!(keys(&order), SHAPE);
        }
    }

    async fn rp_80_the_limit_is_a_setting(app: TestApp) {
        let customer = customer(&app).await;
        app.set(json!({"block_limit": 1_000_000})).await;
        app.test.post("/v1/orders", mandate_order(&customer, 1_000_000, 1_000_000)).await.ok();
        let text = "Amount exceeds maximum amount allowed";
        for (amount, cap, field) in
            [(1_000_001, 100, "amount"), (100, 1_000_001, "token.max_amount")]
        {
            let error =
                app.test.post("/v1/orders", mandate_order(&customer, amount, cap)).await.refused(text);
            assert_eq!(error["field"], field);
        }
    }

    async fn an_account_cannot_be_tied_to_an_authorisation_order(app: TestApp) {
        let customer = customer(&app).await;
        let order = app.mandate_order(&customer, 200_000).await;
        let body = crate::harness::bank_account_with(json!({"order_id": order}));
        app.test.post("/v1/virtual_accounts", body).await
            .refused("The order is linked to an authorisation transaction. Create a new order.");
    }
}
