//! Many at once: rows SC-86 and SC-87, and a thousand credits to one account and to many.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, bank_account};
use crate::on_both_databases;

/// Sends transfers all at once.
async fn at_once(app: &TestApp, bodies: Vec<Value>) -> Vec<Answer> {
    let mut calls = tokio::task::JoinSet::new();
    for body in bodies {
        let test = app.test.clone();
        calls.spawn(async move { test.post("/v1/sandbox/bank_transfers", body).await });
    }
    calls.join_all().await
}

/// Ids and sum of the payments that were acknowledged as credited. Nothing else may be answered,
/// except that a server under load may say so: then nothing was done.
fn credited(answers: &[Answer], amounts: i64) -> (BTreeSet<String>, i64) {
    let mut payments = BTreeSet::new();
    for answer in answers {
        if answer.status == 503 {
            continue;
        }
        let inbound = answer.ok();
        assert_eq!(inbound["result"], "credited");
        let fresh = payments.insert(inbound["payment_id"].as_str().unwrap().to_owned());
        assert!(fresh, "no payment is acknowledged twice");
    }
    let sum = amounts * i64::try_from(payments.len()).unwrap();
    (payments, sum)
}

/// All payments, page by page.
async fn listed(app: &TestApp) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for page in 0.. {
        let path = format!("/v1/payments?count=100&skip={}", page * 100);
        let ids = crate::harness::ids(&app.test.get(&path).await.ok());
        if ids.is_empty() {
            break;
        }
        all.extend(ids);
    }
    all
}

on_both_databases! {
    async fn sc_86_fifty_repeats_at_once(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let body = json!({"account_number": number, "amount": 500, "utr": "528201736455"});
        let answers = at_once(&app, vec![body; 50]).await;
        let results: Vec<Value> = answers.iter().map(Answer::ok).collect();
        let count = |word: &str| results.iter().filter(|one| one["result"] == word).count();
        assert_eq!((count("credited"), count("duplicate")), (1, 49));
        let payments: BTreeSet<&str> =
            results.iter().map(|one| one["payment_id"].as_str().unwrap()).collect();
        assert_eq!(payments.len(), 1);
        assert_eq!(app.account(&account).await["amount_paid"], 500);
        app.assert_books_clean().await;
    }

    async fn sc_87_fifty_credits_at_once(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let bodies = (1..=50).map(|n| json!({"account_number": number, "amount": 100 * n}));
        let answers = at_once(&app, bodies.collect()).await;
        assert!(answers.iter().all(|answer| answer.ok()["result"] == "credited"));
        assert_eq!(app.account(&account).await["amount_paid"], 100 * 50 * 51 / 2);
        app.assert_books_clean().await;
    }

    async fn sc_87_credits_beside_a_close(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let close = app.test.clone();
        let path = format!("/v1/virtual_accounts/{account}/close");
        let closing = tokio::spawn(async move { close.post(&path, json!({})).await.ok() });
        let body = json!({"account_number": number, "amount": 500});
        let answers = at_once(&app, vec![body; 50]).await;
        closing.await.unwrap();
        let credited = answers.iter().filter(|answer| answer.ok()["result"] == "credited").count();
        let refunded = answers.iter().filter(|answer| answer.ok()["result"] == "refunded").count();
        assert_eq!(credited + refunded, 50);
        assert_eq!(app.account(&account).await["amount_paid"], 500 * credited);
        app.assert_books_clean().await;
    }

    async fn a_thousand_credits_to_one_account(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let bodies = (0..1_000).map(|n| {
            json!({"account_number": number, "amount": 500, "utr": format!("U{n:06}")})
        });
        let answers = at_once(&app, bodies.collect()).await;
        let (payments, sum) = credited(&answers, 500);
        assert!(payments.len() > 500, "{} of 1000", payments.len());
        assert_eq!(app.account(&account).await["amount_paid"], sum);
        assert_eq!(listed(&app).await, payments);
        app.assert_books_clean().await;
    }

    async fn a_thousand_credits_to_a_thousand_accounts(app: TestApp) {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let test = app.test.clone();
            calls.spawn(async move {
                let mut numbers = vec![];
                for _ in 0..25 {
                    let account = test.post("/v1/virtual_accounts", bank_account()).await.ok();
                    numbers.push(account["receivers"][0]["account_number"].clone());
                }
                numbers
            });
        }
        let numbers = calls.join_all().await.concat();
        let bodies = numbers.iter().map(|number| json!({"account_number": number, "amount": 500}));
        let answers = at_once(&app, bodies.collect()).await;
        let (payments, sum) = credited(&answers, 500);
        assert!(payments.len() > 500, "{} of 1000", payments.len());
        assert_eq!(listed(&app).await, payments);
        let mut paid = 0;
        for page in 0..10 {
            let path = format!("/v1/virtual_accounts?count=100&skip={}", page * 100);
            let list = app.test.get(&path).await.ok();
            for account in list["items"].as_array().unwrap() {
                let amount = account["amount_paid"].as_i64().unwrap();
                assert!(amount == 0 || amount == 500);
                paid += amount;
            }
        }
        assert_eq!(paid, sum);
        app.assert_books_clean().await;
    }
}
