//! Money that goes back: rows SC-89 to SC-91 and SC-111.

use serde_json::{Value, json};

use crate::harness::{Received, TestApp, bank_account_with, id};
use crate::on_both_databases;

const EVENTS: [&str; 5] = [
    "payment.authorized",
    "payment.captured",
    "refund.created",
    "refund.processed",
    "virtual_account.credited",
];

/// Checks everything about a payment that came too late.
async fn check_refused(app: &TestApp, inbound: &Value, amount: i64) {
    assert_eq!(inbound["result"], "refunded");
    let payment = app.payment(inbound).await;
    assert_eq!((&payment["status"], &payment["captured"]), (&json!("refunded"), &json!(false)));
    assert_eq!(payment["amount_refunded"], amount);
    assert_eq!(payment["refund_status"], "full");
    assert_eq!((&payment["fee"], &payment["tax"]), (&json!(0), &json!(0)));
    assert_eq!(payment["description"], "Customer Identifier closed");
}

on_both_databases! {
    async fn sc_89_payment_to_a_closed_account(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let (account, number) = app.virtual_account().await;
        app.pay(&number, 700).await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let body = json!({"account_number": number, "amount": 500, "narration": "Rent"});
        let late = app.transfer(body).await.ok();
        check_refused(&app, &late, 500).await;
        assert_eq!(app.account(&account).await["amount_paid"], 700);
        let got = receiver.until(6).await;
        let events: Vec<String> = got.iter().map(Received::event).collect();
        assert_eq!(events, [
            "payment.authorized", "payment.captured", "virtual_account.credited",
            "payment.authorized", "refund.created", "refund.processed",
        ]);
        // Visible in both lists, with a transfer of its own.
        let payment = late["payment_id"].as_str().unwrap();
        for list in [format!("/v1/virtual_accounts/{account}/payments"), "/v1/payments".to_owned()] {
            let list = app.test.get(&list).await.ok();
            assert_eq!(list["items"][0]["id"], payment);
            assert_eq!(list["items"][0]["status"], "refunded");
        }
        app.test.get(&format!("/v1/payments/{payment}/bank_transfer")).await.ok();
        app.assert_books_clean().await;
    }

    async fn sc_89_the_refund_entity(app: TestApp) {
        let now = app.freeze().await;
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let late = app.pay(&number, 500).await;
        let payment = late["payment_id"].as_str().unwrap();
        let path = format!("/v1/payments/{payment}?expand[]=refunds");
        let refund = app.test.get(&path).await.ok()["refunds"]["items"][0].clone();
        assert_eq!(refund, json!({
            "id": id(&refund), "entity": "refund", "amount": 500, "currency": "INR",
            "payment_id": payment, "notes": [], "receipt": null, "acquirer_data": {"rrn": null},
            "created_at": now, "batch_id": null, "status": "processed",
            "speed_processed": "normal", "speed_requested": "normal"
        }));
    }

    async fn sc_89_where_nobody_can_be_reached_the_refund_waits(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let payers = [
            Value::Null,
            json!({"name": "Meera Iyer", "ifsc": "UTIB0003198"}),
            json!({"account_number": "765432198765432", "ifsc": "UTIB0003198", "account_type": "nre"}),
        ];
        for (n, payer) in payers.iter().enumerate() {
            let body = json!({"account_number": number, "amount": 500, "payer": payer});
            let late = app.transfer(body).await.ok();
            check_refused(&app, &late, 500).await;
            let path = format!("/v1/payments/{}?expand[]=refunds", late["payment_id"].as_str().unwrap());
            let refund = app.test.get(&path).await.ok()["refunds"]["items"][0].clone();
            assert_eq!(refund["status"], "pending", "{payer}");
            let got = receiver.until(2 * n + 2).await;
            assert_eq!(got[2 * n].event(), "payment.authorized");
            assert_eq!(got[2 * n + 1].event(), "refund.created");
        }
        app.advance(60).await;
        assert_eq!(receiver.all().len(), 6);
        app.assert_books_clean().await;
    }

    async fn sc_90_payment_after_close_by(app: TestApp) {
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        app.advance(999).await;
        assert_eq!(app.pay(number, 500).await["result"], "credited");
        app.advance(1).await;
        let late = app.pay(number, 600).await;
        check_refused(&app, &late, 600).await;
        assert_eq!(app.account(&id(&account)).await["amount_paid"], 500);
    }

    async fn sc_91_mistyped_accounts(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        for body in [
            json!({"account_number": "1112229999999999", "amount": 500}),
            json!({"account_number": format!("{number}0"), "amount": 500}),
            json!({"account_number": number, "ifsc": "RAZR0000002", "amount": 500}),
        ] {
            let back = app.transfer(body).await.ok();
            assert_eq!((&back["result"], &back["payment_id"]), (&json!("returned"), &Value::Null));
            assert!(!back["reference"].as_str().unwrap().is_empty());
        }
        assert_eq!(app.test.get("/v1/payments").await.ok()["count"], 0);
        assert_eq!(app.account(&account).await["amount_paid"], 0);
        let right = json!({"account_number": number, "ifsc": "razr0000001", "amount": 500});
        assert_eq!(app.transfer(right).await.ok()["result"], "credited");
        for body in [json!({"amount": 500}), json!({"account_number": "", "amount": 500})] {
            let error = app.transfer(body).await.refused("The account number field is required.");
            assert_eq!(error["field"], "account_number");
        }
        let error = app.transfer(json!({"account_number": number})).await;
        assert_eq!(error.refused("The amount field is required.")["field"], "amount");
    }

    async fn sc_91_a_returned_transfer_may_come_again(app: TestApp) {
        // It left no trace, so the same reference is credited once the account exists.
        let body = json!({"account_number": "1112220000000042", "amount": 500, "utr": "528201736455"});
        assert_eq!(app.transfer(body.clone()).await.ok()["result"], "returned");
        app.open(crate::harness::described("42")).await;
        assert_eq!(app.transfer(body).await.ok()["result"], "credited");
    }

    async fn sc_111_payment_hooks_come_first(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let (_, number) = app.virtual_account().await;
        for _ in 0..5 {
            app.pay(&number, 500).await;
        }
        let got = receiver.until(15).await;
        let events: Vec<String> = got.iter().map(Received::event).collect();
        let one = ["payment.authorized", "payment.captured", "virtual_account.credited"];
        assert_eq!(events, one.repeat(5), "first attempts keep the order of the account's changes");
    }
}
