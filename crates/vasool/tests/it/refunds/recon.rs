//! Settlement recon: row CM-126.

use serde_json::{Value, json};
use vasool_core::calendar::india_date;
use vasool_core::time::Time;

use crate::harness::{id, keys};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_126_recon(app: TestApp) {
        let now = app.freeze().await;
        let date = india_date(Time(now).to_millis());
        let payment = app.paid(239_000).await;
        let refund = app.refund(&payment, json!({"amount": 9_000})).await.ok();
        app.refund(&payment, json!({"amount": 500, "notes": {"sandbox": "fail"}})).await.ok();
        // Money that was never taken is not settled.
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        app.pay(&number, 700).await;
        let month = format!("/v1/settlements/recon/combined?year={}&month={}", date.year, date.month);
        let list = app.test.get(&month).await.ok();
        assert_eq!(list["count"], 2);
        let row = |entity: &str| {
            let items = list["items"].as_array().unwrap();
            items.iter().find(|row| row["entity_id"] == entity).unwrap().clone()
        };
        let (paid, given) = (row(&payment), row(&id(&refund)));
        assert_eq!(keys(&paid), [
            "entity_id", "type", "debit", "credit", "amount", "currency", "fee", "tax", "on_hold",
            "settled", "created_at", "settled_at", "settlement_id", "posted_at", "credit_type",
            "description", "notes", "payment_id", "settlement_utr", "order_id", "order_receipt",
            "method", "card_network", "card_issuer", "card_type", "dispute_id",
        ]);
        assert_eq!(
            json!([paid["type"], paid["debit"], paid["credit"], paid["fee"], paid["tax"]]),
            json!(["payment", 0, 239_000 - 2_820, 2_820, 430])
        );
        assert_eq!(
            json!([given["type"], given["debit"], given["credit"], given["fee"], given["tax"]]),
            json!(["refund", 9_000, 0, 0, 0])
        );
        assert_eq!(given["payment_id"], payment);
        assert_eq!((&paid["settled"], &paid["settlement_id"]), (&json!(false), &Value::Null));
        // Credits less debits are what the merchant is owed.
        let merchant = app.app.store.merchant(app.merchant).await.unwrap().unwrap();
        let owed = app.app.store.payable(merchant.test_scope).await.unwrap();
        assert_eq!(owed, 239_000 - 2_820 - 9_000);
        let day = app.test.get(&format!("{month}&day={}", date.day)).await.ok();
        assert_eq!(day, list);
        assert_eq!(app.test.get(&format!("{month}&count=1&skip=1")).await.ok()["count"], 1);
        let before = format!("/v1/settlements/recon/combined?year={}&month=1&day=1", date.year - 1);
        assert_eq!(app.test.get(&before).await.ok()["count"], 0);
        for (path, text) in [
            ("/v1/settlements/recon/combined?month=1", "The year field is required."),
            ("/v1/settlements/recon/combined?year=2026", "The month field is required."),
            (
                "/v1/settlements/recon/combined?year=2026&month=1&count=1001",
                "The count may not be greater than 1000.",
            ),
        ] {
            app.test.get(path).await.refused(text);
        }
        app.assert_books_clean().await;
    }
}
