//! Money arrives: rows SC-78 to SC-97.

use serde_json::json;

use crate::on_both_databases;

on_both_databases! {
    async fn sc_78_bank_transfer_credit(app: TestApp) {
        let (id, number) = app.virtual_account().await;
        let inbound = app.pay(&number, 239_000).await;
        assert_eq!(inbound["result"], "credited");
        let payment = inbound["payment_id"].as_str().unwrap();
        let payment = app.test.get(&format!("/v1/payments/{payment}")).await.ok();
        assert_eq!(payment["status"], "captured");
        assert_eq!(payment["method"], "bank_transfer");
        assert_eq!((&payment["fee"], &payment["tax"]), (&json!(2820), &json!(430)));
        let account = app.test.get(&format!("/v1/virtual_accounts/{id}")).await.ok();
        assert_eq!(account["amount_paid"], 239_000);
        app.assert_books_clean().await;
    }
}
