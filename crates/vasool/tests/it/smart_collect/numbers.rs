//! Account numbers: rows SC-29 to SC-35, SC-42 and SC-43.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{bank_account, described, id};
use crate::on_both_databases;

const TAKEN: &str =
    "An active Customer Identifier with the same descriptor already exists for your account.";

fn number(account: &Value) -> String {
    account["receivers"][0]["account_number"].as_str().unwrap().to_owned()
}

fn vanity(descriptor: Option<&str>) -> Value {
    let mut bank = json!({"numeric": 0});
    if let Some(descriptor) = descriptor {
        bank["descriptor"] = json!(descriptor);
    }
    json!({"receivers": {"types": ["bank_account"], "bank_account": bank}})
}

on_both_databases! {
    async fn sc_29_descriptors(app: TestApp) {
        assert_eq!(number(&app.open(described("4081220937")).await), "1112224081220937");
        assert_eq!(number(&app.open(described("42")).await), "1112220000000042");
        assert_eq!(number(&app.open(described("ab1")).await), "1112220000000AB1", "upper case");
        let as_number = json!({"receivers": {"types": ["bank_account"], "bank_account": {"descriptor": 77}}});
        assert_eq!(number(&app.open(as_number).await), "1112220000000077");
    }

    async fn sc_30_descriptor_limits(app: TestApp) {
        let text = "Invalid character length for descriptor";
        let error = app.test.post("/v1/virtual_accounts", described("12345678901")).await.refused(text);
        assert_eq!(error["field"], "receivers.bank_account.descriptor");
        app.set(json!({"va_number_prefix": "99887766"})).await;
        app.test.post("/v1/virtual_accounts", described("123456789")).await.refused(text);
        assert_eq!(number(&app.open(described("12345678")).await), "9988776612345678");
    }

    async fn sc_31_descriptor_characters(app: TestApp) {
        for bad in ["AB-1", "AB 1", "AB_1", "१२", "é"] {
            let answer = app.test.post("/v1/virtual_accounts", described(bad)).await;
            let error = answer.refused("The descriptor may only contain letters and numbers.");
            assert_eq!(error["field"], "receivers.bank_account.descriptor", "{bad}");
        }
    }

    async fn sc_32_and_33_duplicates_and_freed_descriptors(app: TestApp) {
        let first = app.open(described("ab42")).await;
        for same in ["ab42", "AB42", "000000AB42", "0ab42"] {
            let answer = app.test.post("/v1/virtual_accounts", described(same)).await;
            let error = answer.refused(TAKEN);
            assert_eq!((error.get("field"), &error["reason"]), (None, &json!("NA")));
        }
        // Test mode: unique per merchant.
        let stranger = app.another_merchant().await;
        stranger.post("/v1/virtual_accounts", described("ab42")).await.ok();
        let close = format!("/v1/virtual_accounts/{}/close", id(&first));
        app.test.post(&close, json!({})).await.ok();
        let second = app.open(described("ab42")).await;
        assert_eq!(number(&second), number(&first));
        app.test.post("/v1/virtual_accounts", described("ab42")).await.refused(TAKEN);
        // The active account wins over the closed one.
        app.pay(&number(&second), 500).await;
        assert_eq!(app.account(&id(&second)).await["amount_paid"], 500);
        assert_eq!(app.account(&id(&first)).await["amount_paid"], 0);
    }

    async fn sc_33_freed_by_time(app: TestApp) {
        let now = app.freeze().await;
        let mut body = described("42");
        body["close_by"] = json!(now + 1_000);
        app.open(body).await;
        app.test.post("/v1/virtual_accounts", described("42")).await.refused(TAKEN);
        app.advance(1_000).await;
        app.open(described("42")).await;
    }

    async fn live_numbers_are_unique_on_the_whole_server(app: TestApp) {
        app.live.post("/v1/virtual_accounts", described("42")).await.ok();
        app.live.post("/v1/virtual_accounts", described("42")).await.refused(TAKEN);
        // Test mode has a space of its own.
        app.open(described("42")).await;
    }

    async fn sc_32_parallel_duplicates(app: TestApp) {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let test = app.test.clone();
            calls.spawn(async move { test.post("/v1/virtual_accounts", described("42")).await });
        }
        let answers = calls.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.refused(TAKEN);
        }
        app.assert_books_clean().await;
    }

    async fn sc_34_descriptors_switched_off(app: TestApp) {
        app.set(json!({"va_custom_descriptor": false})).await;
        let text = "Descriptor cannot be used with your account.";
        app.test.post("/v1/virtual_accounts", described("42")).await.refused(text);
        app.open(bank_account()).await;
    }

    async fn sc_35_vanity_numbers(app: TestApp) {
        let text = "Descriptor field cannot be used as merchant handle is not set for your account.";
        let answer = app.test.post("/v1/virtual_accounts", vanity(Some("RENT14B"))).await;
        assert_eq!(answer.refused(text).get("field"), None);
        let plain = number(&app.open(vanity(None)).await);
        assert!(plain.len() == 16 && plain.starts_with("111222"), "{plain}");
        app.set(json!({"va_handle": "lots"})).await;
        assert_eq!(number(&app.open(vanity(Some("rent14b"))).await), "RZRPLOTS00RENT14B");
        let drawn = number(&app.open(vanity(None)).await);
        assert!(drawn.len() == 17 && drawn.starts_with("RZRPLOTS"), "{drawn}");
        let answer = app.test.post("/v1/virtual_accounts", vanity(Some("1234567890"))).await;
        answer.refused("Invalid character length for descriptor");
        // Money finds it in any case.
        let paid = app.pay("rzrplots00rent14b", 500).await;
        assert_eq!(paid["result"], "credited");
        // With `numeric` 1 the handle is not used.
        let numeric = json!({"receivers": {
            "types": ["bank_account"], "bank_account": {"numeric": 1, "descriptor": "7"}
        }});
        assert_eq!(number(&app.open(numeric).await), "1112220000000007");
    }

    async fn sc_42_two_banks(app: TestApp) {
        app.set(json!({"va_bank": [
            {"ifsc": "RATN0VAAPIS", "bank_name": "RBL Bank"},
            {"ifsc": "UTIB000RAZP", "bank_name": "Axis Bank"}
        ]})).await;
        let account = app.open(bank_account()).await;
        let receivers = account["receivers"].as_array().unwrap();
        assert_eq!(receivers.len(), 2);
        assert_eq!(receivers[0]["account_number"], receivers[1]["account_number"]);
        assert_ne!(receivers[0]["id"], receivers[1]["id"]);
        assert_eq!(
            (&receivers[0]["ifsc"], &receivers[1]["ifsc"]),
            (&json!("RATN0VAAPIS"), &json!("UTIB000RAZP"))
        );
        for (ifsc, result) in
            [("RATN0VAAPIS", "credited"), ("utib000razp", "credited"), ("YESB0CMSNOC", "returned")]
        {
            let body = json!({"account_number": number(&account), "ifsc": ifsc, "amount": 500});
            assert_eq!(app.transfer(body).await.ok()["result"], result, "{ifsc}");
        }
        assert_eq!(app.account(&id(&account)).await["amount_paid"], 1_000);
    }

    async fn sc_43_a_thousand_numbers(app: TestApp) {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let test = app.test.clone();
            calls.spawn(async move {
                let mut numbers = vec![];
                for _ in 0..25 {
                    let account = test.post("/v1/virtual_accounts", bank_account()).await.ok();
                    numbers.push(number(&account));
                }
                numbers
            });
        }
        let numbers: BTreeSet<String> = calls.join_all().await.concat().into_iter().collect();
        assert_eq!(numbers.len(), 1_000);
        app.assert_books_clean().await;
    }
}
