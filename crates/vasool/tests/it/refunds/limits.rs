//! What is refused: rows CM-89, CM-91, CM-92, CM-101, SC-100 and SC-101.

use serde_json::{Value, json};
use vasool_core::command::{Receipt, Reply, ScopedCommand};
use vasool_core::money::Paise;
use vasool_core::scope::Mode;
use vasool_core::smart_collect::VirtualAccountDraft;
use vasool_core::smart_collect::{InboundTransfer, NumberDraft, ReceiversDraft};
use vasool_core::transfer::{Payee, Payer, TransferMode};

use super::shown;
use crate::harness::id;
use crate::on_both_databases;

on_both_databases! {
    async fn cm_89_and_sc_100_limits(app: TestApp) {
        let payment = app.paid(1_000).await;
        for amount in [99, 0, -5] {
            let error = app.refund(&payment, json!({"amount": amount})).await;
            let error = error.refused("The amount must be at least INR 1.00");
            assert_eq!(error["field"], "amount");
        }
        let above = "The refund amount provided is greater than amount captured";
        for amount in [1_001, i64::MAX] {
            let error = app.refund(&payment, json!({"amount": amount})).await.refused(above);
            assert_eq!(
                (&error["field"], &error["reason"]),
                (&json!("amount"), &json!("refund_limit_crossed"))
            );
        }
        app.refund(&payment, json!({"amount": 600})).await.ok();
        app.refund(&payment, json!({"amount": 401})).await.refused(above);
        app.refund(&payment, json!({"amount": 400})).await.ok();
        for body in [json!({}), json!({"amount": 100}), json!({"amount": 99})] {
            let error = app.refund(&payment, body).await;
            error.refused("The payment has been fully refunded already");
        }
        // Money that was sent back by itself.
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let late = app.pay(&number, 500).await;
        let late = late["payment_id"].as_str().unwrap();
        app.refund(late, json!({})).await.refused("The payment has been fully refunded already");
        app.assert_books_clean().await;
    }

    async fn cm_91_unknown_keys_and_wrong_types(app: TestApp) {
        let payment = app.paid(1_000).await;
        for (body, text, field) in [
            (json!({"foo": 1}), "foo is/are not required and should not be sent", Value::Null),
            (json!({"amount": "x"}), "The amount must be an integer.", json!("amount")),
            (json!({"amount": 10.5}), "The amount must be an integer.", json!("amount")),
            (json!({"speed": "fast"}), "The selected speed is invalid.", json!("speed")),
            (
                json!({"receipt": "r".repeat(41)}),
                "The receipt may not be greater than 40 characters.",
                json!("receipt"),
            ),
            (
                json!({"notes": {"a": []}}),
                "Notes values themselves should not be an array",
                json!("notes"),
            ),
        ] {
            assert_eq!(app.refund(&payment, body).await.refused(text)["field"], field, "{text}");
        }
        assert_eq!(app.test.get("/v1/refunds").await.ok()["count"], 0);
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", null, 0]));
    }

    async fn cm_92_a_receipt_is_unique_per_payment(app: TestApp) {
        let (first, second) = (app.paid(1_000).await, app.paid(1_000).await);
        let body = json!({"amount": 100, "receipt": "RF-1"});
        assert_eq!(app.refund(&first, body.clone()).await.ok()["receipt"], "RF-1");
        let error = app.refund(&first, body.clone()).await;
        error.refused("Duplicate receipt found for this refund request.");
        app.refund(&second, body.clone()).await.ok();
        let again = json!({"amount": 100, "receipt": "RF-2"});
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (test, body) = (app.test.clone(), again.clone());
            let path = format!("/v1/payments/{second}/refund");
            calls.spawn(async move { test.post(&path, body).await.status });
        }
        let done = calls.join_all().await.into_iter().filter(|status| *status == 200).count();
        assert_eq!(done, 1);
    }

    async fn cm_101_a_payment_older_than_180_days(app: TestApp) {
        let payment = app.paid(1_000).await;
        app.advance(180 * 86_400 - 60).await;
        app.refund(&payment, json!({"amount": 100})).await.ok();
        app.advance(86_400).await;
        app.refund(&payment, json!({"amount": 100})).await.refused(
            "Refund is not supported by the bank because the payment is more than 6 months old",
        );
    }

    async fn sc_101_nobody_to_pay_back(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        for payer in [
            Value::Null,
            json!({"name": "Meera Iyer", "ifsc": "UTIB0003198"}),
            json!({"account_number": "765432198765432", "account_type": "nre"}),
        ] {
            let body = json!({"account_number": number, "amount": 500, "payer": payer});
            let paid = app.transfer(body).await.ok();
            let payment = paid["payment_id"].as_str().unwrap();
            let error = app.refund(payment, json!({})).await.refused(
                "Refund is not possible as the payer account details are not available",
            );
            assert_eq!(error["reason"], "payer_account_unavailable");
            assert_eq!(shown(&app.payment_of(payment).await), json!(["captured", null, 0]));
        }
    }

    async fn the_balance_is_checked_when_the_merchant_wants_it(app: TestApp) {
        let payment = app.paid(10_000).await;
        // 100.00 less a fee of 1.18 is owed.
        app.set(json!({"refund_balance_check": true})).await;
        let text = "Your account does not have enough balance to carry out the refund operation.";
        app.refund(&payment, json!({})).await.refused(text);
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (test, path) = (app.test.clone(), format!("/v1/payments/{payment}/refund"));
            calls.spawn(async move { test.post(&path, json!({"amount": 1_300})).await.status });
        }
        let done = calls.join_all().await.into_iter().filter(|status| *status == 200).count();
        assert_eq!(done, 7, "9882 covers seven of 1300");
        app.set(json!({"refund_balance_check": false})).await;
        app.refund(&payment, json!({})).await.ok();
        app.assert_books_clean().await;
    }

    async fn without_a_rail_nothing_leaves_and_nothing_changes(app: TestApp) {
        let merchant = app.app.store.merchant(app.merchant).await.unwrap().unwrap();
        let scope = merchant.scope(Mode::Live);
        let number = Some(NumberDraft::default());
        let receivers = ReceiversDraft { bank_account: number, ..ReceiversDraft::default() };
        let draft = VirtualAccountDraft { receivers, ..VirtualAccountDraft::default() };
        let open = ScopedCommand::CreateVirtualAccount(draft);
        let Ok(Reply::VirtualAccount(account)) = app.app.submit(scope.id, open).await else {
            panic!("no account")
        };
        let credit = ScopedCommand::ReceiveTransfer(InboundTransfer {
            connector: "sponsor".to_owned(),
            mode: TransferMode::Neft,
            bank_reference: Some("N1".to_owned()),
            payee: Payee::account(account.account_number.as_deref().unwrap()),
            ifsc: None,
            amount: Paise::new(50_000).unwrap(),
            payer: Some(Payer { account_number: Some("1".to_owned()), ..Payer::default() }),
            narration: None,
        });
        let Ok(Reply::Receipt(Receipt::Credited(paid))) = app.app.submit(scope.id, credit).await
        else {
            panic!("no payment")
        };
        let path = format!("/v1/payments/{}", paid.id);
        let error = app.live.post(&format!("{path}/refund"), json!({})).await.error(502);
        assert_eq!(
            (&error["code"], &error["reason"]),
            (&json!("GATEWAY_ERROR"), &json!("gateway_technical_error"))
        );
        assert_eq!(shown(&app.live.get(&path).await.ok()), json!(["captured", null, 0]));
        assert_eq!(app.live.get("/v1/refunds").await.ok()["count"], 0);
        assert_eq!(id(&app.live.get(&path).await.ok()), paid.id.to_string());
    }
}
