//! Debits: rows PN-65 to PN-77.

use serde_json::{Value, json};

use crate::harness::{Received, failure, id, keys, with};
use crate::on_both_databases;

fn payment_of(answer: &Value) -> String {
    answer["razorpay_payment_id"].as_str().expect("a payment").to_owned()
}

on_both_databases! {
    async fn pn_65_debit_order(app: TestApp) {
        for capture in [json!(true), json!(1), json!("1")] {
            let body = json!({"amount": 49_900, "currency": "INR", "payment_capture": capture});
            app.test.post("/v1/orders", body).await.ok();
        }
        let error = app.test.post("/v1/orders", json!({"amount": 99, "currency": "INR"})).await
            .refused("The amount must be at least INR 1.00");
        assert_eq!(error["field"], "amount");
    }

    async fn pn_66_67_and_70_a_debit_that_is_honoured(app: TestApp) {
        let paper = app.paper().await;
        let (_, receiver) =
            app.hook(&["payment.authorized", "payment.captured", "payment.failed", "order.paid"]).await;
        let now = app.freeze().await;
        for recurring in [json!("1"), json!(1), json!(true), json!("true")] {
            let answer = app.charge(&paper, 49_900, json!({"recurring": recurring})).await.ok();
            assert_eq!(keys(&answer), ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]);
            let (payment, order) =
                (payment_of(&answer), answer["razorpay_order_id"].as_str().unwrap().to_owned());
            let message = format!("{order}|{payment}");
            let want = vasool::dispatch::signature::sign(&app.test.key_secret, message.as_bytes());
            assert_eq!(answer["razorpay_signature"], json!(want));
            let row = app.pay_row(&payment).await;
            let got = ["status", "method", "bank", "token_id", "customer_id", "invoice_id", "notes"]
                .map(|key| row[key].clone());
            assert_eq!(got, [json!("created"), json!("nach"), json!("HDFC"), json!(paper.token),
                             json!(paper.customer), Value::Null, json!({"instalment": "2"})]);
            app.decide(&payment, json!({"action": "succeed"})).await.ok();
            let row = app.pay_row(&payment).await;
            let got = ["status", "captured", "fee", "tax"].map(|key| row[key].clone());
            assert_eq!(got, [json!("captured"), json!(true), json!(1178), json!(180)]);
            assert_eq!(row["acquirer_data"], json!({}));
            let order = app.order_row(&order).await;
            assert_eq!((&order["status"], &order["amount_due"]), (&json!("paid"), &json!(0)));
        }
        assert_eq!(app.paper_token(&paper).await["used_at"], now);
        let events = receiver.until(12).await;
        let of = |payment: &Value| -> Vec<String> {
            let is_own = |event: &&Received| {
                event.json()["payload"]["payment"]["entity"]["id"] == *payment
            };
            events.iter().filter(is_own).map(Received::event).collect()
        };
        let first = events[0].json()["payload"]["payment"]["entity"]["id"].clone();
        assert_eq!(of(&first), ["payment.authorized", "payment.captured", "order.paid"]);
        app.assert_books_clean().await;
    }

    async fn pn_67_by_itself(app: TestApp) {
        let paper = app.paper().await;
        app.set(json!({"auto": true})).await;
        app.freeze().await;
        let payment = payment_of(&app.charge(&paper, 49_900, json!({})).await.ok());
        app.advance(2).await;
        assert_eq!(app.pay_row(&payment).await["status"], "created");
        app.advance(1).await;
        assert_eq!(app.pay_row(&payment).await["status"], "captured");
        let payment = payment_of(
            &app.charge(&paper, 49_900, json!({"notes": {"sandbox": "fail.04"}})).await.ok());
        app.advance(3).await;
        assert_eq!(failure(&app.pay_row(&payment).await)[4], "insufficient_funds");
    }

    async fn pn_68_without_capture(app: TestApp) {
        let paper = app.paper().await;
        let order = app.debit_order(49_900, json!({"payment_capture": false})).await;
        let body = paper.charge(&order, 49_900);
        let payment = payment_of(&app.test.post("/v1/payments/create/recurring", body).await.ok());
        app.decide(&payment, json!({"action": "succeed"})).await.ok();
        assert_eq!(app.pay_row(&payment).await["status"], "authorized");
        app.assert_books_clean().await;
        let path = format!("/v1/payments/{payment}/capture");
        app.test.post(&path, json!({"amount": 49_899, "currency": "INR"})).await
            .refused("Capture amount must be equal to the amount authorized");
        let row = app.test.post(&path, json!({"amount": 49_900, "currency": "INR"})).await.ok();
        assert_eq!((&row["status"], &row["fee"]), (&json!("captured"), &json!(1178)));
        assert_eq!(app.order_row(&order).await["status"], "paid");
        app.assert_books_clean().await;
        // What nobody captures goes back, three days after the bank honoured it.
        let order = app.debit_order(1_000, json!({"payment_capture": false})).await;
        let body = paper.charge(&order, 1_000);
        let payment = payment_of(&app.test.post("/v1/payments/create/recurring", body).await.ok());
        app.advance(4 * 86_400).await;
        app.decide(&payment, json!({"action": "succeed"})).await.ok();
        app.advance(259_199).await;
        assert_eq!(app.pay_row(&payment).await["status"], "authorized");
        app.advance(2).await;
        assert_eq!(app.pay_row(&payment).await["status"], "refunded");
        app.assert_books_clean().await;
    }

    async fn pn_69_a_debit_that_is_returned(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.failed", "token.cancelled"]).await;
        let paper = app.paper().await;
        let charged = async || payment_of(&app.charge(&paper, 500, json!({})).await.ok());
        for (code, reason, text, class, source) in [
            ("04", "insufficient_funds", "Transaction failed due to insufficient funds.", "BAD_REQUEST_ERROR", "customer"),
            ("01", "bank_account_invalid", "Payment failed", "BAD_REQUEST_ERROR", "issuer_bank"),
            ("70", "payment_mandate_not_active", "Customer has to refer to branch to complete registration", "BAD_REQUEST_ERROR", "issuer_bank"),
            ("59", "bank_technical_error", "Payment failed", "GATEWAY_ERROR", "issuer_bank"),
            ("ZZ", "payment_failed", "Payment failed", "BAD_REQUEST_ERROR", "issuer_bank"),
        ] {
            let payment = charged().await;
            let row = app.decide(&payment, json!({"action": "fail", "reason": code})).await.ok();
            assert_eq!(row["status"], "failed");
            let want = [class, text, source, "payment_authorization", reason];
            assert_eq!(failure(&row), want);
            let event = receiver.next().await.json();
            assert_eq!(failure(&event["payload"]["payment"]["entity"]), want);
            app.decide(&payment, json!({"action": "succeed"})).await
                .refused("The payment is already failed.");
        }
        let payment = charged().await;
        let row = app.decide(&payment, json!({"action": "fail", "reason": "98"})).await.ok();
        assert_eq!(row["status"], "created", "the bank wants another cycle");
        app.decide(&payment, json!({"action": "fail", "reason": "x"})).await
            .refused("The selected reason is invalid.");
        app.decide(&payment, json!({"action": "fail", "reason": "61"})).await.ok();
        assert_eq!(failure(&app.pay_row(&payment).await)[1],
                   "Payment failed because emandate is cancelled or inactive");
        assert_eq!(app.paper_token(&paper).await["recurring_details"]["status"], "cancelled");
        let mut told = [receiver.next().await.event(), receiver.next().await.event()];
        told.sort_unstable();
        assert_eq!(told, ["payment.failed", "token.cancelled"]);
        app.assert_books_clean().await;
    }

    async fn pn_71_to_76_what_is_refused(app: TestApp) {
        let paper = app.paper_of(json!({"max_amount": 50_000})).await;
        let waiting = app.pending_paper(app.nach_order().await).await;
        let rejected = app.pending_paper(app.nach_order().await).await;
        app.act(&rejected.token, json!({"action": "reject"})).await.ok();
        app.charge(&paper, 50_001, json!({})).await.refused("Amount exceeds maximum amount allowed");
        app.charge(&paper, 50_000, json!({})).await.ok();
        let error = app.charge(&waiting, 500, json!({})).await.refused("The mandate is not yet confirmed");
        assert_eq!(error["reason"], "payment_mandate_not_active");
        let error = app.charge(&rejected, 500, json!({})).await.refused("The mandate is no longer active");
        assert_eq!(error["reason"], "mandate_not_active");
        let order = app.debit_order(500, json!({})).await;
        let try_it = async |more: Value| {
            let body = with(paper.charge(&order, 500), more);
            app.test.post("/v1/payments/create/recurring", body).await
        };
        let error = try_it(json!({"amount": 499})).await.refused(
            "Your payment amount is different from your order amount. To pay successfully, please \
             try using right amount.",
        );
        assert_eq!(error["reason"], "order_amount_mismatch");
        let other = json!({"name": "Other", "email": "o@example.test", "contact": "9000012399"});
        let other = id(&app.test.post("/v1/customers", other).await.ok());
        let gone = "The id provided does not exist";
        for more in [
            json!({"customer_id": other}), json!({"customer_id": "cust_AAAAAAAAAAAAAA"}),
            json!({"order_id": "order_AAAAAAAAAAAAAA"}), json!({"token": "token_AAAAAAAAAAAAAA"}),
        ] {
            try_it(more).await.refused(gone);
        }
        for name in ["email", "contact", "amount", "currency", "order_id", "customer_id", "token", "recurring"] {
            let mut more = json!({});
            more[name] = Value::Null;
            let text = format!("The {} field is required.", name.replace('_', " "));
            let error = try_it(more).await.refused(&text);
            assert_eq!(error["field"], name);
        }
        let error = try_it(json!({"amount": "x"})).await.refused("The amount must be an integer.");
        assert_eq!(error["reason"], "invalid_amount");
        let error = try_it(json!({"currency": "USD"})).await
            .refused("The currency should be INR when method is nach");
        assert_eq!(error["reason"], "invalid_currency");
        for recurring in [json!(false), json!("0"), json!(0)] {
            try_it(json!({"recurring": recurring})).await.refused("The selected recurring is invalid.");
        }
        assert!(app.order_payments(&order).await.is_empty());
        assert_eq!(app.order_row(&order).await["attempts"], 0);
        try_it(json!({"order_id": paper.order["id"], "amount": 0})).await.error(400);
    }

    async fn pn_77_retry_and_double_charge(app: TestApp) {
        let paper = app.paper().await;
        let order = app.debit_order(500, json!({})).await;
        let pay = async || {
            app.test.post("/v1/payments/create/recurring", paper.charge(&order, 500)).await
        };
        let payment = payment_of(&pay().await.ok());
        let error = pay().await.refused("A payment for this order is already in progress");
        assert_eq!(error["reason"], "duplicate_request");
        app.decide(&payment, json!({"action": "fail", "reason": "04"})).await.ok();
        let payment = payment_of(&pay().await.ok());
        assert_eq!(app.order_row(&order).await["attempts"], 2);
        app.decide(&payment, json!({"action": "succeed"})).await.ok();
        let error = pay().await.refused(
            "Your payment has been declined as the order is already paid. Please initiate the \
             payment with a new order.",
        );
        assert_eq!(error["reason"], "order_already_paid");
        app.assert_books_clean().await;
    }

    async fn pn_77_ten_at_once(app: TestApp) {
        let paper = app.paper().await;
        let order = app.debit_order(500, json!({})).await;
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (test, body) = (app.test.clone(), paper.charge(&order, 500));
            calls.spawn(async move { test.post("/v1/payments/create/recurring", body).await.status });
        }
        let answers = calls.join_all().await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1);
        assert_eq!(app.order_payments(&order).await.len(), 1);
    }

    async fn refunds_of_debits(app: TestApp) {
        let paper = app.paper().await;
        let payment = payment_of(&app.charge(&paper, 50_000, json!({})).await.ok());
        app.decide(&payment, json!({"action": "succeed"})).await.ok();
        let refund = app.test.post(&format!("/v1/payments/{payment}/refund"), json!({})).await.ok();
        assert_eq!((&refund["amount"], &refund["acquirer_data"]), (&json!(50_000), &json!({"arn": null})));
        app.test.post(&format!("/v1/payments/{}/refund", paper.payment), json!({})).await.error(400);
        app.assert_books_clean().await;
    }

    async fn a_bank_that_does_not_answer(app: TestApp) {
        for (kind, operation) in [("timeout", "debit"), ("late", "debit"), ("duplicate", "debit")] {
            let paper = app.paper().await;
            app.set(json!({"auto": true, "auto_delay": 0})).await;
            let body = json!({"target": "nach", "kind": kind, "operation": operation, "times": 1});
            app.test.post("/v1/sandbox/faults", body).await.ok();
            let payment = payment_of(&app.charge(&paper, 500, json!({})).await.ok());
            app.advance(61).await;
            assert_eq!(app.pay_row(&payment).await["status"], "captured", "{kind}");
            app.assert_books_clean().await;
        }
    }
}
