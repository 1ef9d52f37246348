//! Several servers on one PostgreSQL, all asked at once: rows RP-47, RP-30, CM-70, invariants I1,
//! I5, I11.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{
    AnotherServer, Answer, Client, Database, Mandate, TestApp, authorisation, refusal,
};

/// Rounds of each race: what goes wrong between two servers goes wrong now and then.
const ROUNDS: usize = 6;

/// Three servers on one database, asked in turn.
struct Servers {
    app: TestApp,
    others: [AnotherServer; 2],
}

impl Servers {
    async fn start() -> Option<Servers> {
        let app = TestApp::start(Database::postgres().await?).await;
        let others = [app.another_server().await, app.another_server().await];
        Some(Servers { app, others })
    }

    fn client(&self, at: usize) -> Client {
        match at % 3 {
            0 => self.app.test.clone(),
            other => self.others[other - 1].test.clone(),
        }
    }

    /// Sends all debits at once, each through the next server.
    fn debit(&self, bodies: Vec<Value>) -> JoinSet<Answer> {
        let mut calls = JoinSet::new();
        for (at, body) in bodies.into_iter().enumerate() {
            let client = self.client(at);
            calls.spawn(async move { client.post("/v1/payments/create/json", body).await });
        }
        calls
    }

    /// Bodies of debits, each for an order of its own.
    async fn bodies(&self, mandate: &Mandate, amount: i64, count: usize) -> Vec<Value> {
        let mut bodies = vec![];
        for _ in 0..count {
            let order = self.app.debit_order(amount, json!({})).await;
            bodies.push(mandate.debit(&order, amount));
        }
        bodies
    }
}

/// Whether a debit was answered as taken: with a signature, not to be polled.
fn is_signed(answer: &Answer) -> bool {
    answer.status == 200 && answer.ok()["razorpay_signature"].is_string()
}

/// How many debits were taken; all others must have been refused for one of these reasons.
#[track_caller]
fn taken(answers: &[Answer], reasons: &[&str]) -> i64 {
    for refused in answers.iter().filter(|answer| !is_signed(answer)) {
        let reason = refused.error(400)["reason"].clone();
        assert!(reasons.contains(&reason.as_str().unwrap_or_default()), "{reason}");
    }
    answers.iter().filter(|answer| is_signed(answer)).count() as i64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rp_47_one_mandate_debited_through_three_servers() {
    let Some(servers) = Servers::start().await else { return };
    for _ in 0..ROUNDS {
        let mandate = servers.app.mandate(100_000).await;
        let bodies = servers.bodies(&mandate, 9_000, 24).await;
        let answers = servers.debit(bodies).join_all().await;
        assert_eq!(taken(&answers, &["transaction_limit_exceeded"]), 11);
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            let error = refused.error(400);
            assert_eq!(
                refusal(&error)[1..4],
                [
                    "Payment failed because Transaction amount limit has exceeded.",
                    "customer",
                    "payment_debit_response",
                ]
            );
            let id = error["metadata"]["payment_id"].as_str().expect("a payment");
            assert_eq!(servers.app.pay_row(id).await["status"], "failed");
        }
        assert_eq!(servers.app.block(&mandate).await, (100_000, 99_000, "confirmed".to_owned()));
    }
    servers.app.assert_books_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i11_one_order_debited_through_three_servers() {
    let Some(servers) = Servers::start().await else { return };
    for _ in 0..ROUNDS {
        let mandate = servers.app.mandate(1_000_000).await;
        let order = servers.app.debit_order(50_000, json!({})).await;
        let answers = servers.debit(vec![mandate.debit(&order, 50_000); 9]).join_all().await;
        assert_eq!(taken(&answers, &["order_already_paid", "duplicate_request"]), 1);
        let payments = servers.app.order_payments(&order).await;
        assert_eq!(payments.len(), 1, "{payments:?}");
        assert_eq!(payments[0]["status"], "captured");
        assert_eq!(servers.app.order_row(&order).await["status"], "paid");
        assert_eq!(servers.app.block(&mandate).await.1, 50_000);
    }
    servers.app.assert_books_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rp_30_two_approvals_of_one_order_through_two_servers() {
    let Some(servers) = Servers::start().await else { return };
    servers.app.by_hand().await;
    for _ in 0..ROUNDS {
        let first = servers.app.pending_mandate(200_000).await;
        let body = authorisation(&first.customer, &first.order, 200_000);
        let (payment, token) = servers.app.authorise(body).await;
        let second = Mandate { payment, token, ..first.clone() };
        let mut calls = JoinSet::new();
        for (at, token) in [&first.token, &second.token].into_iter().enumerate() {
            let (client, path) = (servers.client(at + 1), format!("/v1/sandbox/mandates/{token}"));
            calls.spawn(
                async move { client.post(&path, json!({"action": "approve"})).await.status },
            );
        }
        let mut statuses = calls.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        let mut states = [servers.app.block(&first).await, servers.app.block(&second).await];
        states.sort_unstable();
        assert_eq!(
            states,
            [(0, 0, "rejected".to_owned()), (200_000, 0, "confirmed".to_owned())],
            "one was approved, and the other refused with it"
        );
    }
    servers.app.assert_books_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_among_debits_through_three_servers() {
    let Some(servers) = Servers::start().await else { return };
    for round in 0..ROUNDS {
        let mandate = servers.app.mandate(100_000).await;
        let bodies = servers.bodies(&mandate, 5_000, 18).await;
        let calls = servers.debit(bodies);
        let path = format!("{}/cancel", mandate.path());
        // While a debit is with the bank it is refused, and asked for again.
        loop {
            let answer = servers.client(round).put(&path, json!({})).await;
            if answer.status == 200 {
                break;
            }
            assert_eq!(answer.error(400)["reason"], "concurrent_request_in_progress");
        }
        // Everything taken so far is all that will ever be taken.
        let debited = servers.app.block(&mandate).await.1;
        let answers = calls.join_all().await;
        assert_eq!(taken(&answers, &["mandate_not_active"]) * 5_000, debited);
        let (blocked, after, status) = servers.app.block(&mandate).await;
        assert_eq!((blocked, after, &*status), (100_000, debited, "cancellation_initiated"));
        servers.app.act(&mandate.token, json!({"action": "cancel_ok"})).await.ok();
        assert_eq!(servers.app.block(&mandate).await, (100_000, debited, "cancelled".to_owned()));
    }
    servers.app.assert_books_clean().await;
}
