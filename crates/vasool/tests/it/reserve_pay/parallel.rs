//! Many at once: row RP-47, invariants I1 and I11, CM-70.

use serde_json::json;

use crate::harness::{Answer, Mandate, TestApp};
use crate::on_both_databases;

/// Debits a mandate many times at once, each for an order of its own.
async fn at_once(app: &TestApp, mandate: &Mandate, amounts: &[i64]) -> Vec<Answer> {
    let mut bodies = vec![];
    for amount in amounts {
        let order = app.debit_order(*amount, json!({})).await;
        bodies.push(mandate.debit(&order, *amount));
    }
    let mut calls = tokio::task::JoinSet::new();
    for body in bodies {
        let test = app.test.clone();
        calls.spawn(async move { test.post("/v1/payments/create/json", body).await });
    }
    calls.join_all().await
}

fn succeeded(answers: &[Answer]) -> usize {
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused.error(400)["reason"], "transaction_limit_exceeded");
    }
    answers.iter().filter(|answer| answer.status == 200).count()
}

on_both_databases! {
    async fn rp_47_parallel_debits(app: TestApp) {
        let mandate = app.mandate(100_000).await;
        let answers = at_once(&app, &mandate, &[30_000; 10]).await;
        assert_eq!(succeeded(&answers), 3);
        assert_eq!(app.block(&mandate).await, (100_000, 90_000, "confirmed".to_owned()));
        app.assert_books_clean().await;
    }

    async fn rp_47_two_that_exceed_the_rest_together(app: TestApp) {
        for _ in 0..5 {
            let mandate = app.mandate(100_000).await;
            let answers = at_once(&app, &mandate, &[60_000, 60_000]).await;
            assert_eq!(succeeded(&answers), 1);
            assert_eq!(app.block(&mandate).await.1, 60_000);
        }
    }

    async fn cm_70_ten_debits_of_one_order(app: TestApp) {
        let mandate = app.mandate(1_000_000).await;
        let order = app.debit_order(50_000, json!({})).await;
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (test, body) = (app.test.clone(), mandate.debit(&order, 50_000));
            calls.spawn(async move { test.post("/v1/payments/create/json", body).await });
        }
        let answers = calls.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            let reason = refused.error(400)["reason"].clone();
            assert!(["order_already_paid", "duplicate_request"].contains(&reason.as_str().unwrap()));
        }
        let captured = app.order_payments(&order).await;
        let captured = captured.iter().filter(|row| row["status"] == "captured").count();
        assert_eq!(captured, 1);
        assert_eq!(app.block(&mandate).await.1, 50_000);
        app.assert_books_clean().await;
    }

    async fn two_approvals_at_once(app: TestApp) {
        app.by_hand().await;
        let first = app.pending_mandate(200_000).await;
        let body = crate::harness::authorisation(&first.customer, &first.order, 200_000);
        let (_, second) = app.authorise(body).await;
        let mut calls = tokio::task::JoinSet::new();
        for token in [first.token.clone(), second.clone()] {
            let test = app.test.clone();
            calls.spawn(async move {
                let path = format!("/v1/sandbox/mandates/{token}");
                test.post(&path, json!({"action": "approve"})).await.status
            });
        }
        let mut statuses = calls.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        let list = app.test.get(&format!("/v1/customers/{}/tokens", first.customer)).await.ok();
        assert_eq!(list["count"], 1);
    }
}
