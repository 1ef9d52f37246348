//! What the payer does: rows RP-23 to RP-30, RP-70, RP-76.

use serde_json::{Value, json};

use crate::harness::{TestApp, authorisation, failure, id, with};
use crate::on_both_databases;

const DUMMY: [&str; 5] = [
    "BAD_REQUEST_ERROR",
    "Payment was a dummy payment for one time mandate registration.",
    "business",
    "payment_initiation",
    "upi_dummy_payment",
];
const DECLINED: [&str; 5] = [
    "BAD_REQUEST_ERROR",
    "You have declined the payment request on the UPI app. Please retry when you are ready.",
    "customer",
    "payment_authentication",
    "payment_declined",
];
const TIMED_OUT: [&str; 5] = [
    "BAD_REQUEST_ERROR",
    "Payment was unsuccessful as you could not complete it in time.",
    "customer",
    "payment_authentication",
    "payment_timed_out",
];

/// The status of a mandate and why it failed.
async fn status(app: &TestApp, mandate: &crate::harness::Mandate) -> (String, Value, Value) {
    let token = app.token(mandate).await;
    let details = &token["recurring_details"];
    let status = details["status"].as_str().expect("a status").to_owned();
    (status, details["failure_reason"].clone(), token["error_description"].clone())
}

on_both_databases! {
    async fn rp_23_approve(app: TestApp) {
        app.by_hand().await;
        let now = app.freeze().await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(90).await;
        let body = json!({"action": "approve", "vpa": "9876500001@upi", "name": "ASHA RAO"});
        let token = app.act(&mandate.token, body).await.ok();
        assert_eq!(token, app.token(&mandate).await, "the changed entity");
        let vpa = json!({"username": "9876500001", "handle": "upi", "name": "ASHA RAO",
                         "status": "valid", "received_at": now + 90});
        assert_eq!(token["vpa"], vpa);
        let details = json!({"status": "confirmed", "failure_reason": null,
                             "amount_blocked": 200_000, "amount_debited": 0});
        assert_eq!(token["recurring_details"], details);
        assert_eq!((&token["used_at"], &token["error_description"]), (&Value::Null, &Value::Null));
        let payment = app.pay_row(&mandate.payment).await;
        assert_eq!(failure(&payment), DUMMY);
        assert_eq!((&payment["status"], &payment["captured"]), (&json!("failed"), &json!(false)));
        assert_eq!(payment["vpa"], "9876500001@upi");
        assert_eq!(payment["upi"], json!({"vpa": "9876500001@upi", "flow": "intent"}));
        assert_eq!(payment["acquirer_data"], json!({"rrn": null}));
        assert_eq!((&payment["fee"], &payment["tax"]), (&Value::Null, &Value::Null));
        assert_eq!(app.order_row(&mandate.order).await["status"], "attempted");
        app.act(&mandate.token, json!({"action": "approve"})).await
            .refused("The token is already confirmed.");
    }

    async fn rp_24_a_poller_never_sees_half_of_it(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let poller = {
            let (test, token) = (app.test.clone(), mandate.path());
            let payment = format!("/v1/payments/{}", mandate.payment);
            tokio::spawn(async move {
                loop {
                    let payment = test.get(&payment).await.ok()["status"].clone();
                    let token = test.get(&token).await.ok();
                    if payment == "failed" {
                        return token["recurring_details"]["status"].clone();
                    }
                }
            })
        };
        app.act(&mandate.token, json!({"action": "approve"})).await.ok();
        assert_eq!(poller.await.unwrap(), "confirmed");
        let path = format!("/v1/payments/{}?expand[]=token", mandate.payment);
        let payment = app.test.get(&path).await.ok();
        assert_eq!(payment["token"]["recurring_details"]["status"], "confirmed");
    }

    async fn rp_26_it_answers_by_itself(app: TestApp) {
        let now = app.freeze().await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(2).await;
        assert_eq!(status(&app, &mandate).await.0, "initiated");
        app.advance(1).await;
        assert_eq!(status(&app, &mandate).await.0, "confirmed");
        let token = app.token(&mandate).await;
        assert_eq!(token["vpa"]["received_at"], now + 3);
        app.set(json!({"auto_delay": 0})).await;
        let mandate = app.pending_mandate(200_000).await;
        assert_eq!(status(&app, &mandate).await.0, "confirmed", "in the same request");
    }

    async fn rp_27_decline(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        app.act(&mandate.token, json!({"action": "reject"})).await.ok();
        let (state, reason, description) = status(&app, &mandate).await;
        assert_eq!((&*state, &reason, &description),
                   ("rejected", &json!(DECLINED[1]), &json!(DECLINED[1])));
        let payment = app.pay_row(&mandate.payment).await;
        assert_eq!(failure(&payment), DECLINED);
        assert_eq!((&payment["vpa"], &payment["status"]), (&Value::Null, &json!("failed")));
        assert_eq!(app.order_row(&mandate.order).await["status"], "attempted");
        for action in ["approve", "reject", "expire"] {
            app.act(&mandate.token, json!({"action": action})).await
                .refused("The token is already rejected.");
        }
    }

    async fn rp_28_timeout(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(598).await;
        assert_eq!(status(&app, &mandate).await.0, "initiated");
        app.advance(3).await;
        assert_eq!(failure(&app.pay_row(&mandate.payment).await), TIMED_OUT);
        let (state, reason, _) = status(&app, &mandate).await;
        assert_eq!((&*state, &reason), ("rejected", &json!(TIMED_OUT[1])));
        let other = app.pending_mandate(200_000).await;
        app.act(&other.token, json!({"action": "expire"})).await.ok();
        assert_eq!(failure(&app.pay_row(&other.payment).await), TIMED_OUT);
    }

    async fn rp_28_the_window_is_a_setting(app: TestApp) {
        app.set(json!({"approval_window": 60, "auto": false})).await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(61).await;
        assert_eq!(failure(&app.pay_row(&mandate.payment).await), TIMED_OUT);
    }

    async fn rp_29_retry(app: TestApp) {
        app.by_hand().await;
        let first = app.pending_mandate(200_000).await;
        app.act(&first.token, json!({"action": "reject"})).await.ok();
        let body = authorisation(&first.customer, &first.order, 200_000);
        let (payment, token) = app.authorise(body).await;
        assert!(payment != first.payment && token != first.token);
        assert_eq!(app.order_row(&first.order).await["attempts"], 2);
        let token = app.act(&token, json!({"action": "approve"})).await.ok();
        assert_eq!(token["recurring_details"]["status"], "confirmed");
        let payments = app.order_payments(&first.order).await;
        assert_eq!(payments.iter().map(id).collect::<Vec<_>>(), [first.payment, payment]);
    }

    async fn rp_30_one_mandate_for_an_order(app: TestApp) {
        app.by_hand().await;
        let first = app.pending_mandate(200_000).await;
        let body = authorisation(&first.customer, &first.order, 200_000);
        let (_, token) = app.authorise(body.clone()).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        let text = "Duplicate mandate request. Please try again with another mandate request.";
        let row_14 = ["BAD_REQUEST_ERROR", text, "business", "mandate_creation",
                      "duplicate_mandate_request"];
        assert_eq!(failure(&app.pay_row(&first.payment).await), row_14);
        let (state, reason, _) = status(&app, &first).await;
        assert_eq!((&*state, &reason), ("rejected", &json!(text)));
        let error = app.test.post("/v1/payments/create/json", body).await.error(400);
        assert_eq!(crate::harness::refusal(&error), row_14);
        assert_eq!(app.order_row(&first.order).await["attempts"], 2, "no payment row");
    }

    async fn rp_30_a_mandate_that_would_be_over(app: TestApp) {
        app.by_hand().await;
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let order = crate::harness::mandate_order(&customer, 200_000, 200_000);
        let token = with(order["token"].clone(), json!({"expire_at": now + 1_000}));
        let order = with(order, json!({"token": token}));
        let order = id(&app.test.post("/v1/orders", order).await.ok());
        let body = authorisation(&customer, &order, 200_000);
        let (payment, token) = app.authorise(body.clone()).await;
        // A block that would be released at once is never opened.
        app.advance(400).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        assert_eq!(failure(&app.pay_row(&payment).await), TIMED_OUT);
        let error = app.test.post("/v1/payments/create/json", body).await
            .refused("UPI Mandate is expired.");
        let got = ["source", "step", "reason"].map(|key| error[key].clone());
        assert_eq!(got, ["business", "payment_initiation", "mandate_expired"].map(Value::from));
        assert_eq!(app.order_row(&order).await["attempts"], 1);
    }

    async fn sandbox_calls_that_mean_nothing(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        for (body, text) in [
            (json!({}), "The action field is required."),
            (json!({"action": "dance"}), "The selected action is invalid."),
            (json!({"action": "approve", "vpa": "nobody"}),
             "Invalid VPA. Please enter a valid Virtual Payment Address"),
            (json!({"action": "reject", "reason": "bored"}), "The selected reason is invalid."),
            (json!({"action": "reject", "reason": "upi_dummy_payment"}),
             "The selected reason is invalid."),
            (json!({"action": "reject", "reason": "payment_declined", "variant": 3}),
             "The selected variant is invalid."),
            (json!({"action": "pause"}), "The token is already initiated."),
            (json!({"action": "cancel_ok"}), "The token is already initiated."),
        ] {
            app.act(&mandate.token, body).await.refused(text);
        }
        app.act("token_AAAAAAAAAAAAAA", json!({"action": "approve"})).await
            .refused("The id provided does not exist");
        app.live.post(&format!("/v1/sandbox/mandates/{}", mandate.token), json!({})).await
            .refused("This operation is allowed only in test mode.");
        assert_eq!(status(&app, &mandate).await.0, "initiated");
    }
}
