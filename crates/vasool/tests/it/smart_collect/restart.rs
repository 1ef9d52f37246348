//! Stops and crashes: row SC-118.

use serde_json::json;

use crate::harness::{bank_account_with, id};
use crate::on_both_databases;

on_both_databases! {
    async fn sc_118_restart(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let account = app.open(bank_account_with(json!({
            "customer_id": customer, "close_by": now + 1_000, "notes": {"unit": "14B"}
        }))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap().to_owned();
        let body = json!({"account_number": number, "amount": 500, "utr": "528201736455"});
        let paid = app.transfer(body.clone()).await.ok();
        app.set(json!({"billing_label": "Lotus"})).await;
        let paths = [
            format!("/v1/virtual_accounts/{}", id(&account)),
            format!("/v1/virtual_accounts/{}/payments", id(&account)),
            format!("/v1/payments/{}/bank_transfer", paid["payment_id"].as_str().unwrap()),
            format!("/v1/customers/{customer}"),
            "/v1/webhooks".to_owned(),
            "/v1/sandbox/settings".to_owned(),
        ];
        let mut before = vec![];
        for path in &paths {
            before.push(app.test.get(path).await.ok());
        }
        let app = app.restart().await;
        for (path, before) in paths.iter().zip(&before) {
            assert_eq!(app.test.get(path).await.ok(), *before, "{path}");
        }
        // What was seen is still known, money still finds its account, time still closes it.
        assert_eq!(app.transfer(body).await.ok()["result"], "duplicate");
        assert_eq!(app.pay(&number, 600).await["result"], "credited");
        app.advance(1_000).await;
        let closed = app.account(&id(&account)).await;
        assert_eq!((&closed["status"], &closed["amount_paid"]), (&json!("closed"), &json!(1_100)));
        receiver.until(1).await;
        app.live.get("/v1/virtual_accounts").await.ok();
        app.assert_books_clean().await;
    }

    async fn sc_118_crash_under_load(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let mut calls = tokio::task::JoinSet::new();
        for n in 0..200 {
            let test = app.test.clone();
            let body = json!({"account_number": number, "amount": 500, "utr": format!("U{n:06}")});
            calls.spawn(async move { test.try_post("/v1/sandbox/bank_transfers", body).await });
        }
        // The server goes while calls are under way.
        let first = calls.join_next().await.unwrap().unwrap();
        let app = app.crash().await;
        let mut acknowledged = vec![first];
        acknowledged.extend(calls.join_all().await);
        let acknowledged: Vec<_> =
            acknowledged.into_iter().flatten().filter(|answer| answer.status == 200).collect();
        let list = async |query: String| app.test.get(&format!("/v1/payments?{query}")).await.ok();
        for answer in &acknowledged {
            let utr = answer.json()["reference"].as_str().unwrap().to_owned();
            let found = list(format!("va_transaction_id={utr}")).await;
            assert_eq!(found["items"][0]["id"], answer.json()["payment_id"], "{utr}");
        }
        // Sent again, all 200 are there once.
        for n in 0..200 {
            let body = json!({"account_number": number, "amount": 500, "utr": format!("U{n:06}")});
            app.transfer(body).await.ok();
        }
        assert_eq!(app.account(&account).await["amount_paid"], 200 * 500);
        app.assert_books_clean().await;
    }
}
