//! Debits that succeed: rows RP-37, RP-38, RP-40 to RP-45, RP-52 to RP-54, RP-66, RP-67, CM-79, CM-80.

use serde_json::{Value, json};

use crate::harness::{failure, id, keys, refusal, with};
use crate::on_both_databases;

const ROW_44: [&str; 5] = [
    "BAD_REQUEST_ERROR",
    "Payment failed because Transaction amount limit has exceeded.",
    "customer",
    "payment_debit_response",
    "transaction_limit_exceeded",
];

fn payment_id(answer: &Value) -> String {
    answer["razorpay_payment_id"].as_str().expect("a payment").to_owned()
}

on_both_databases! {
    async fn rp_37_debit_with_automatic_capture(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let now = app.freeze().await;
        let order = app.debit_order(40_000, json!({"payment_capture": true, "receipt": "mon-1"})).await;
        let body = mandate.debit(&order, 40_000);
        let answer = app.test.post("/v1/payments/create/json", body).await.ok();
        assert_eq!(keys(&answer), ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]);
        assert_eq!(answer["razorpay_order_id"], json!(order));
        let payment = app.pay_row(&payment_id(&answer)).await;
        let acquirer = payment["acquirer_data"].clone();
        let (rrn, network) =
            (acquirer["rrn"].as_str().unwrap(), acquirer["upi_transaction_id"].as_str().unwrap());
        assert!(rrn.len() == 12 && rrn.bytes().all(|b| b.is_ascii_digit()), "{rrn}");
        let is_hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        assert!(network.len() == 32 && network.bytes().all(is_hex), "{network}");
        let want = json!({
            "id": payment_id(&answer), "entity": "payment", "amount": 40_000, "currency": "INR",
            "status": "captured", "order_id": order, "invoice_id": null, "international": false,
            "method": "upi", "amount_refunded": 0, "refund_status": null, "captured": true,
            "description": null, "card_id": null, "bank": null, "wallet": null,
            "vpa": "meera@examplebank", "email": "meera@example.test", "contact": "+919000012345",
            "customer_id": mandate.customer, "token_id": mandate.token, "notes": [], "fee": 944,
            "tax": 144, "error_code": null, "error_description": null, "error_source": null,
            "error_step": null, "error_reason": null, "acquirer_data": acquirer,
            "created_at": now, "upi": {"vpa": "meera@examplebank", "flow": "intent"},
        });
        assert_eq!(payment, want);
        let row = app.order_row(&order).await;
        let got = ["status", "attempts", "amount_paid", "amount_due"].map(|key| row[key].clone());
        assert_eq!(got, [json!("paid"), json!(1), json!(40_000), json!(0)]);
        let token = app.token(&mandate).await;
        assert_eq!((&token["used_at"], app.block(&mandate).await),
                   (&json!(now), (200_000, 40_000, "confirmed".to_owned())));
        app.assert_books_clean().await;
    }

    async fn rp_38_and_cm_83_signature(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        for path in ["/v1/payments/create/json", "/v1/payments/create/recurring"] {
            let order = app.debit_order(10_000, json!({})).await;
            let answer = app.test.post(path, mandate.debit(&order, 10_000)).await.ok();
            let message = format!("{order}|{}", payment_id(&answer));
            let want = vasool::dispatch::signature::sign(&app.test.key_secret, message.as_bytes());
            assert_eq!(answer["razorpay_signature"], json!(want));
            assert_eq!(want.len(), 64);
        }
        // Whichever key calls, its secret signs.
        let (_, other) = app.another_key().await;
        let order = app.debit_order(10_000, json!({})).await;
        let answer = other.post("/v1/payments/create/json", mandate.debit(&order, 10_000)).await.ok();
        let message = format!("{order}|{}", payment_id(&answer));
        let want = vasool::dispatch::signature::sign(&other.key_secret, message.as_bytes());
        assert_eq!(answer["razorpay_signature"], json!(want));
    }

    async fn rp_40_manual_capture(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({"payment_capture": "0"})).await;
        let answer = app.test.post("/v1/payments/create/json", mandate.debit(&order, 40_000)).await.ok();
        let payment = payment_id(&answer);
        let row = app.pay_row(&payment).await;
        assert_eq!((&row["status"], &row["captured"], &row["fee"], &row["tax"]),
                   (&json!("authorized"), &json!(false), &Value::Null, &Value::Null));
        assert_eq!(app.order_row(&order).await["status"], "attempted");
        assert_eq!(app.block(&mandate).await.1, 40_000);
        app.assert_books_clean().await;
        let path = format!("/v1/payments/{payment}/capture");
        let row = app.test.post(&path, json!({"amount": 40_000})).await.ok();
        assert_eq!((&row["status"], &row["captured"], &row["fee"], &row["tax"]),
                   (&json!("captured"), &json!(true), &json!(944), &json!(144)));
        assert_eq!(row, app.pay_row(&payment).await);
        let order = app.order_row(&order).await;
        assert_eq!((&order["status"], &order["amount_paid"]), (&json!("paid"), &json!(40_000)));
        assert_eq!(app.block(&mandate).await.1, 40_000, "moved once");
        app.test.post(&path, json!({"amount": 40_000})).await.refused(
            "Your payment has been declined as the order is already paid. Please initiate the \
             payment with a new order.",
        );
        app.assert_books_clean().await;
    }

    async fn rp_40_capture_after_the_mandate_is_gone(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({"payment_capture": false})).await;
        let answer = app.test.post("/v1/payments/create/json", mandate.debit(&order, 40_000)).await.ok();
        app.act(&mandate.token, json!({"action": "revoke"})).await.ok();
        app.test.delete(&mandate.path()).await.ok();
        let path = format!("/v1/payments/{}/capture", payment_id(&answer));
        let row = app.test.post(&path, json!({"amount": 40_000, "currency": "INR"})).await.ok();
        assert_eq!(row["status"], "captured");
    }

    async fn rp_41_captures_that_are_refused(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({"payment_capture": 0})).await;
        let answer = app.test.post("/v1/payments/create/json", mandate.debit(&order, 40_000)).await.ok();
        let capture = async |payment: &str, amount: i64| {
            app.test.post(&format!("/v1/payments/{payment}/capture"), json!({"amount": amount})).await
        };
        capture(&payment_id(&answer), 39_999).await
            .refused("Capture amount must be equal to the amount authorized.");
        let text = "Only payments which have been authorized and not yet captured can be captured";
        capture(&mandate.payment, 200_000).await.refused(text);
        let pending = app.pending_mandate(200_000).await;
        capture(&pending.payment, 200_000).await.refused(text);
        assert_eq!(app.pay_row(&payment_id(&answer)).await["status"], "authorized");
    }

    async fn rp_42_and_cm_79_uncaptured_money_goes_back(app: TestApp) {
        let (_, receiver) = app.hook(&["refund.created", "refund.processed"]).await;
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({"payment_capture": false})).await;
        let answer = app.test.post("/v1/payments/create/json", mandate.debit(&order, 40_000)).await.ok();
        let payment = payment_id(&answer);
        app.advance(259_198).await;
        assert_eq!(app.pay_row(&payment).await["status"], "authorized");
        app.advance(3).await;
        let row = app.pay_row(&payment).await;
        let got = ["status", "captured", "amount_refunded", "refund_status", "fee"]
            .map(|key| row[key].clone());
        assert_eq!(got, [json!("refunded"), json!(false), json!(40_000), json!("full"), Value::Null]);
        assert_eq!(app.block(&mandate).await, (200_000, 40_000, "confirmed".to_owned()));
        let refunds = app.test.get(&format!("/v1/payments/{payment}/refunds")).await.ok();
        assert_eq!((&refunds["count"], &refunds["items"][0]["amount"]), (&json!(1), &json!(40_000)));
        let names: Vec<String> =
            receiver.until(2).await.iter().map(crate::harness::Received::event).collect();
        assert_eq!(names, ["refund.created", "refund.processed"]);
        let path = format!("/v1/payments/{payment}/capture");
        app.test.post(&path, json!({"amount": 40_000})).await.error(400);
        app.assert_books_clean().await;
    }

    async fn rp_43_44_and_45_many_debits(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let block = async || app.block(&mandate).await;
        assert_eq!(block().await.1, 0);
        app.debit(&mandate, 40_000).await.ok();
        app.debit(&mandate, 60_000).await.ok();
        assert_eq!(block().await, (200_000, 100_000, "confirmed".to_owned()));
        let over = app.debit(&mandate, 100_001).await.error(400);
        assert_eq!(refusal(&over), ROW_44);
        let payment = over["metadata"]["payment_id"].as_str().unwrap();
        let row = app.pay_row(payment).await;
        assert_eq!((failure(&row), &row["status"], &row["vpa"]),
                   (ROW_44, &json!("failed"), &json!("meera@examplebank")));
        assert_eq!(block().await, (200_000, 100_000, "confirmed".to_owned()));
        let answer = app.debit(&mandate, 100_000).await.ok();
        let token = app.token(&mandate).await;
        assert_eq!(token["recurring_details"], json!({
            "status": "confirmed", "failure_reason": "Mandate execution is completed.",
            "amount_blocked": 200_000, "amount_debited": 200_000,
        }));
        assert_eq!(token["error_description"], Value::Null);
        assert_eq!(refusal(&app.debit(&mandate, 100).await.error(400)), ROW_44);
        // A refund does not give the block back.
        let path = format!("/v1/payments/{}/refund", payment_id(&answer));
        app.test.post(&path, json!({"amount": 60_000})).await.ok();
        assert_eq!(block().await, (200_000, 200_000, "confirmed".to_owned()));
        // The text outlives a cancellation.
        app.act(&mandate.token, json!({"action": "revoke"})).await.ok();
        let details = app.token(&mandate).await["recurring_details"].clone();
        assert_eq!((&details["status"], &details["failure_reason"]),
                   (&json!("cancelled"), &json!("Mandate execution is completed.")));
        app.assert_books_clean().await;
    }

    async fn rp_46_above_the_cap_of_one_debit(app: TestApp) {
        app.by_hand().await;
        let customer = id(&app.customer().await);
        let body = crate::harness::mandate_order(&customer, 200_000, 50_000);
        let order = id(&app.test.post("/v1/orders", body).await.ok());
        let body = crate::harness::authorisation(&customer, &order, 200_000);
        let (payment, token) = app.authorise(body).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        let mandate = crate::harness::Mandate { customer, order, payment, token };
        let order = app.debit_order(50_001, json!({})).await;
        let error = app.test.post("/v1/payments/create/json", mandate.debit(&order, 50_001)).await
            .refused("Amount exceeds maximum amount allowed");
        assert_eq!((&error["field"], &error["metadata"]), (&json!("amount"), &json!({})));
        assert!(app.order_payments(&order).await.is_empty());
        app.debit(&mandate, 50_000).await.ok();
    }

    async fn rp_52_create_recurring(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({})).await;
        let body = with(mandate.debit(&order, 40_000), json!({"method": "upi"}));
        let answer = app.test.post("/v1/payments/create/recurring", body).await.ok();
        assert_eq!(keys(&answer), ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]);
        assert_eq!(app.pay_row(&payment_id(&answer)).await["status"], "captured");
        assert_eq!(app.block(&mandate).await.1, 40_000);
        let form = format!(
            "amount=1000&currency=INR&order_id={}&customer_id={}&token={}&recurring=true\
             &contact=9000012345&email=meera%40example.test&notes[a]=b",
            app.debit_order(1_000, json!({})).await, mandate.customer, mandate.token
        );
        app.test.form("/v1/payments/create/recurring", &form).await.ok();
        assert_eq!(app.block(&mandate).await.1, 41_000);
    }

    async fn rp_53_retry_after_a_failed_debit(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(40_000, json!({})).await;
        let trigger = json!({"notes": {"sandbox": "fail.insufficient_funds"}});
        let body = with(mandate.debit(&order, 40_000), trigger);
        app.test.post("/v1/payments/create/json", body).await.error(502);
        let row = app.order_row(&order).await;
        assert_eq!((&row["status"], &row["attempts"]), (&json!("attempted"), &json!(1)));
        app.test.post("/v1/payments/create/json", mandate.debit(&order, 40_000)).await.ok();
        let row = app.order_row(&order).await;
        assert_eq!((&row["status"], &row["attempts"]), (&json!("paid"), &json!(2)));
        let statuses: Vec<Value> =
            app.order_payments(&order).await.iter().map(|one| one["status"].clone()).collect();
        assert_eq!(statuses, ["failed", "captured"]);
        assert_eq!(app.block(&mandate).await.1, 40_000);
    }

    async fn rp_54_pending_debits(app: TestApp) {
        let mandate = app.mandate(100_000).await;
        let hold = json!({"notes": {"sandbox": "hold"}});
        let answer = app.debit_with(&mandate, 60_000, hold.clone()).await.ok();
        assert_eq!(keys(&answer), ["razorpay_payment_id", "next"]);
        let payment = payment_id(&answer);
        let poll = format!("http://pay.example.test/v1/payments/{payment}");
        assert_eq!(answer["next"], json!([{"action": "poll", "url": poll}]));
        assert_eq!(app.pay_row(&payment).await["status"], "created");
        assert_eq!(app.block(&mandate).await.1, 0);
        assert_eq!(refusal(&app.debit(&mandate, 40_001).await.error(400)), ROW_44, "it is held");
        app.debit(&mandate, 40_000).await.ok();
        // Nothing sweeps it; only the bank decides.
        app.advance(700).await;
        assert_eq!(app.pay_row(&payment).await["status"], "created");
        let act = async |payment: &str, body: Value| {
            app.test.post(&format!("/v1/sandbox/payments/{payment}"), body).await
        };
        let row = act(&payment, json!({"action": "succeed"})).await.ok();
        assert_eq!((&row["status"], &row["id"]), (&json!("captured"), &json!(payment)));
        assert_eq!(app.block(&mandate).await.1, 100_000);
        act(&payment, json!({"action": "fail"})).await.refused("The payment is already captured.");
        let mandate = app.mandate(100_000).await;
        let answer = app.debit_with(&mandate, 60_000, hold).await.ok();
        let payment = payment_id(&answer);
        act(&payment, json!({"action": "fail", "reason": "x"})).await
            .refused("The selected reason is invalid.");
        let failed = json!({"action": "fail", "reason": "insufficient_funds"});
        let row = act(&payment, failed).await.ok();
        assert_eq!((&row["status"], &row["error_reason"]), (&json!("failed"), &json!("insufficient_funds")));
        app.debit(&mandate, 100_000).await.ok();
        act(&mandate.payment, json!({"action": "succeed"})).await
            .refused("The id provided does not exist");
        app.assert_books_clean().await;
    }

    async fn rp_66_refunds_of_debits(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(60_000, json!({})).await;
        let answer = app.test.post("/v1/payments/create/json", mandate.debit(&order, 60_000)).await.ok();
        let payment = payment_id(&answer);
        let refund = async |amount: i64| {
            app.test.post(&format!("/v1/payments/{payment}/refund"), json!({"amount": amount})).await
        };
        let first = refund(20_000).await.ok();
        assert_eq!(first["acquirer_data"], json!({"rrn": null}));
        let row = app.pay_row(&payment).await;
        assert_eq!((&row["status"], &row["refund_status"], &row["amount_refunded"]),
                   (&json!("captured"), &json!("partial"), &json!(20_000)));
        let body = json!({"payment_id": payment, "amount": "40000"});
        app.test.post("/v1/refunds", body).await.ok();
        let row = app.pay_row(&payment).await;
        assert_eq!((&row["status"], &row["refund_status"]), (&json!("refunded"), &json!("full")));
        assert_eq!(app.order_row(&order).await["status"], "paid");
        assert_eq!(app.block(&mandate).await, (200_000, 60_000, "confirmed".to_owned()));
        app.assert_books_clean().await;
    }

    async fn rp_67_an_approval_cannot_be_refunded(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        app.test.post(&format!("/v1/payments/{}/refund", mandate.payment), json!({})).await
            .refused("The payment status should be captured for action to be taken");
    }

    async fn cm_80_an_approval_nobody_gave(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.failed"]).await;
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(601).await;
        assert_eq!(app.pay_row(&mandate.payment).await["status"], "failed");
        let event = receiver.next().await.json();
        assert_eq!(event["payload"]["payment"]["entity"]["error_reason"], "payment_timed_out");
    }

    async fn cm_69_an_order_paid_in_parts(app: TestApp) {
        let (_, receiver) = app.hook(&["order.paid"]).await;
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(50_000, json!({"partial_payment": true})).await;
        let pay = async |amount: i64| {
            app.test.post("/v1/payments/create/json", mandate.debit(&order, amount)).await
        };
        pay(20_000).await.ok();
        let row = app.order_row(&order).await;
        assert_eq!((&row["status"], &row["amount_due"]), (&json!("attempted"), &json!(30_000)));
        assert_eq!(pay(30_001).await.error(400)["reason"], "order_amount_mismatch");
        pay(30_000).await.ok();
        let row = app.order_row(&order).await;
        assert_eq!((&row["status"], &row["amount_due"]), (&json!("paid"), &json!(0)));
        assert_eq!(pay(100).await.error(400)["reason"], "order_already_paid");
        receiver.next().await;
        assert_eq!(receiver.all().len(), 1);
        app.assert_books_clean().await;
    }
}
