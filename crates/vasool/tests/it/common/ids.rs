//! Ids: rows CM-27 to CM-29, SC-52 and SC-120.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::{id, is_id};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_27_a_thousand_ids(app: TestApp) {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let test = app.test.clone();
            calls.spawn(async move {
                let mut made = vec![];
                for _ in 0..50 {
                    made.push(test.post("/v1/customers", json!({})).await.ok()["id"].clone());
                }
                made
            });
        }
        let made: Vec<_> = calls.join_all().await.concat();
        for id in &made {
            assert!(is_id(id, "cust_"), "{id}");
        }
        let distinct: BTreeSet<String> = made.iter().map(ToString::to_string).collect();
        assert_eq!(distinct.len(), 1_000);
    }

    async fn sc_120_ids_of_all_kinds(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.credited"]).await;
        assert!(is_id(&json!(hook), ""));
        let account = app.open(crate::harness::bank_account()).await;
        assert!(is_id(&account["id"], "va_"));
        assert!(is_id(&account["receivers"][0]["id"], "ba_"));
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let paid = app.pay(number, 500).await;
        assert!(is_id(&paid["payment_id"], "pay_"));
        let path = format!("/v1/payments/{}/bank_transfer", paid["payment_id"].as_str().unwrap());
        let transfer = app.test.get(&path).await.ok();
        assert!(is_id(&transfer["id"], "bt_"));
        assert!(is_id(&transfer["payer_bank_account"]["id"], "ba_"));
        let event = receiver.next().await;
        assert!(is_id(&json!(event.event_id), ""));
        assert!(is_id(&event.json()["account_id"], "acc_"));
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&account)), json!({})).await.ok();
        let late = app.pay(number, 500).await;
        let payment = late["payment_id"].as_str().unwrap();
        let payment = app.test.get(&format!("/v1/payments/{payment}?expand[]=refunds")).await.ok();
        assert!(is_id(&payment["refunds"]["items"][0]["id"], "rfnd_"), "{payment}");
    }

    async fn cm_28_malformed_and_unknown_ids(app: TestApp) {
        let unknown = "The id provided does not exist";
        for (resource, prefix) in [
            ("customers", "cust_"), ("virtual_accounts", "va_"), ("payments", "pay_"), ("webhooks", ""),
        ] {
            let get = |id: String| {
                let path = format!("/v1/{resource}/{id}");
                let test = app.test.clone();
                async move { test.get(&path).await }
            };
            let error = get(format!("{prefix}fake123")).await.refused("fake123 is not a valid id");
            assert_eq!(error["reason"], "input_validation_failed");
            assert_eq!(error.get("field"), None);
            let error = get(format!("{prefix}QcZ9Nobody0001")).await.refused(unknown);
            assert_eq!(error.get("field"), None);
            get(format!("{prefix}QcZ9Nobody000111")).await
                .refused("QcZ9Nobody000111 is not a valid id");
            get(format!("{prefix}QcZ9Nobody000-")).await
                .refused("QcZ9Nobody000- is not a valid id");
        }
    }

    async fn cm_28_bytes_that_are_no_text(app: TestApp) {
        for path in [
            "/v1/customers/%ff",
            "/v1/payments/%c3%28",
            "/v1/virtual_accounts/va_%ff/close",
            "/v2/accounts/%ff/webhooks",
            "/v1/customers/cust_%F0%9F%92%B8",
        ] {
            let answer = if path.ends_with("close") {
                app.test.post(path, json!({})).await
            } else {
                app.test.get(path).await
            };
            assert_eq!(answer.headers["content-type"], "application/json", "{path}");
            let error = answer.error(400);
            let text = error["description"].as_str().unwrap();
            assert!(text.ends_with("is not a valid id"), "{path}: {text}");
        }
        let query = app.test.get("/v1/customers?email=%ff").await;
        assert_eq!(query.error(400)["code"], "BAD_REQUEST_ERROR");
    }

    async fn cm_29_unset_variables_in_paths(app: TestApp) {
        for unset in ["undefined", "null", "None"] {
            let text = format!("{unset} is not a valid id");
            for resource in ["payments", "customers", "virtual_accounts", "webhooks"] {
                app.test.get(&format!("/v1/{resource}/{unset}")).await.refused(&text);
            }
            app.test.get(&format!("/v1/payments/{unset}/bank_transfer")).await.refused(&text);
            app.test.put(&format!("/v1/customers/{unset}"), json!({})).await.refused(&text);
            let close = format!("/v1/virtual_accounts/{unset}/close");
            app.test.post(&close, json!({})).await.refused(&text);
            app.test.delete(&format!("/v1/webhooks/{unset}")).await.refused(&text);
        }
    }

    async fn cm_28_ids_in_bodies(app: TestApp) {
        let with = |customer: &str| crate::harness::bank_account_with(json!({"customer_id": customer}));
        let post = async |customer: &str| app.test.post("/v1/virtual_accounts", with(customer)).await;
        post("cust_fake123").await.refused("fake123 is not a valid id");
        post("cust_QcZ9Nobody0001").await.refused("The id provided does not exist");
        post("va_QcZ9Nobody0001").await.refused("va_QcZ9Nobody0001 is not a valid id");
    }
}
