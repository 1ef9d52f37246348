//! The payment entity and its small routes: rows CM-68, CM-71, CM-72, CM-82, CM-84, CM-85, SC-102.

use serde_json::{Value, json};

use crate::harness::{id, keys};
use crate::on_both_databases;

/// Every key of a payment that is always there, in order. Source: common 8.1.
const KEYS: &[&str] = &[
    "id",
    "entity",
    "amount",
    "currency",
    "status",
    "order_id",
    "invoice_id",
    "international",
    "method",
    "amount_refunded",
    "refund_status",
    "captured",
    "description",
    "card_id",
    "bank",
    "wallet",
    "vpa",
    "email",
    "contact",
    "notes",
    "fee",
    "tax",
    "error_code",
    "error_description",
    "error_source",
    "error_step",
    "error_reason",
    "acquirer_data",
    "created_at",
];

on_both_databases! {
    async fn cm_71_and_72_every_key_of_a_payment(app: TestApp) {
        let customer = id(&app.customer().await);
        let body = json!({"receivers": {"types": ["bank_account", "vpa", "qr_code"]}});
        let plain = app.open(body.clone()).await;
        let mut linked = body;
        linked["customer_id"] = json!(customer);
        let linked = app.open(linked).await;
        for (account, has_customer) in [(plain, false), (linked, true)] {
            let number = account["receivers"][0]["account_number"].as_str().unwrap();
            let bank = app.payment(&app.pay(number, 500).await).await;
            let vpa = json!({"vpa": account["receivers"][1]["address"], "amount": 500});
            let upi = app.test.post("/v1/sandbox/upi_payments", vpa).await.ok();
            let upi = app.payment(&upi).await;
            let card = json!({"reference": account["receivers"][2]["id"], "amount": 500, "method": "card"});
            let card = app.test.post("/v1/bharatqr/pay/test", card).await.ok();
            for (payment, method) in [(bank, "bank_transfer"), (upi, "upi"), (card, "card")] {
                assert_eq!(payment["method"], method);
                let mut want = KEYS.to_vec();
                if has_customer {
                    want.insert(19, "customer_id");
                    assert_eq!(payment["customer_id"], customer);
                    assert_eq!(payment["contact"], "+919000012345");
                }
                if method == "upi" {
                    want.push("upi");
                }
                assert_eq!(keys(&payment), want, "{method}");
                for number in ["amount", "amount_refunded", "fee", "tax", "created_at"] {
                    assert!(payment[number].is_i64(), "{number} of {method}");
                }
                for flag in ["international", "captured"] {
                    assert!(payment[flag].is_boolean(), "{flag} of {method}");
                }
                assert_eq!(payment["notes"], json!([]));
                for null in ["invoice_id", "order_id", "bank", "wallet", "error_code"] {
                    assert_eq!(payment[null], Value::Null, "{null} of {method}");
                }
            }
        }
    }

    async fn cm_82_and_sc_102_a_refund_leaves_the_fee(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 239_000).await;
        let before = app.payment(&paid).await;
        let path = format!("/v1/payments/{}/refund", id(&before));
        app.test.post(&path, json!({"amount": 1_000})).await.ok();
        app.test.post(&path, json!({})).await.ok();
        let after = app.payment(&paid).await;
        assert_eq!(after["status"], "refunded");
        assert_eq!((&after["fee"], &after["tax"]), (&json!(2_820), &json!(430)));
        // Money that was refused costs nothing. Source: decisions 36.
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let refused = app.payment(&app.pay(&number, 239_000).await).await;
        assert_eq!((&refused["fee"], &refused["tax"]), (&json!(0), &json!(0)));
        app.assert_books_clean().await;
    }

    async fn cm_68_an_order_after_a_refund(app: TestApp) {
        let order = json!({"amount": 25_000, "currency": "INR"});
        let order = app.test.post("/v1/orders", order).await.ok();
        let account = json!({"receivers": {"types": ["bank_account"]}, "order_id": order["id"]});
        let account = app.open(account).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let paid = app.pay(number, 25_000).await;
        let path = format!("/v1/payments/{}/refund", paid["payment_id"].as_str().unwrap());
        app.test.post(&path, json!({})).await.ok();
        let after = app.test.get(&format!("/v1/orders/{}", id(&order))).await.ok();
        assert_eq!((&after["status"], &after["amount_paid"]), (&json!("paid"), &json!(25_000)));
        assert_eq!(after["amount_due"], 0);
        assert_eq!(app.account(&id(&account)).await["amount_paid"], 25_000);
        app.assert_books_clean().await;
    }

    async fn cm_84_and_85_cards_and_downtimes(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 500).await;
        let path = format!("/v1/payments/{}/card", paid["payment_id"].as_str().unwrap());
        let error = app.test.get(&path).await.refused("Payment was not done using card");
        assert_eq!((&error["source"], &error["reason"]), (&json!("NA"), &json!("NA")));
        let answer = app.test.get("/v1/payments/downtimes").await;
        assert_eq!(&*answer.bytes, br#"{"entity":"collection","count":0,"items":[]}"#);
        app.test.get("/v1/payments/pay_QcZ9Nobody0001/card").await
            .refused("The id provided does not exist");
    }
}
