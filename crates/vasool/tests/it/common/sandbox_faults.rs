//! Bad delivery on demand: sandbox 7.

use serde_json::{Value, json};

use crate::harness::{Received, TestApp, bank_account, keys};
use crate::on_both_databases;

async fn arm(app: &TestApp, more: Value) -> Value {
    let mut body = json!({"target": "webhook"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    app.test.post("/v1/sandbox/faults", body).await.ok()
}

async fn faults(app: &TestApp) -> Vec<Value> {
    app.test.get("/v1/sandbox/faults").await.ok()["items"].as_array().unwrap().clone()
}

on_both_databases! {
    async fn duplicate(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        arm(&app, json!({"kind": "duplicate", "times": 1})).await;
        app.open(bank_account()).await;
        let got = receiver.until(2).await;
        assert_eq!((&got[0].event_id, &got[0].body), (&got[1].event_id, &got[1].body));
        app.open(bank_account()).await;
        receiver.until(3).await;
        app.advance(86_400).await;
        assert_eq!(receiver.all().len(), 3, "counted: the second event goes once");
    }

    async fn delay(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        arm(&app, json!({"kind": "delay", "times": 1, "seconds": 300})).await;
        app.open(bank_account()).await;
        app.eventually("the fault is met", async || faults(&app).await[0]["fired"] == 1).await;
        app.advance(299).await;
        assert_eq!(receiver.all().len(), 0);
        app.advance(1).await;
        receiver.until(1).await;
        app.advance(86_400).await;
        assert_eq!(receiver.all().len(), 1);
    }

    async fn drop_is_retried_by_the_schedule(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        arm(&app, json!({"kind": "drop", "times": 1})).await;
        app.open(bank_account()).await;
        app.eventually("the drop is on record", async || {
            !app.deliveries("virtual_account.created").await.is_empty()
        }).await;
        assert_eq!(receiver.all().len(), 0);
        let log = app.deliveries("virtual_account.created").await;
        assert_eq!(log[0]["response_status"], Value::Null);
        assert!(log[0]["error"].as_str().unwrap().contains("dropped"), "faults are listed");
        app.advance(60).await;
        receiver.until(1).await;
    }

    async fn reorder(app: TestApp) {
        let events = ["payment.authorized", "payment.captured"];
        let (_, receiver) = app.hook(&events).await;
        let (_, number) = app.virtual_account().await;
        let order = async |at: usize| -> Vec<String> {
            app.pay(&number, 500).await;
            receiver.until(at + 2).await[at..].iter().map(Received::event).collect()
        };
        assert_eq!(order(0).await, events);
        // The first waits for the next one, but not for ever: on a busy machine a try may miss.
        let mut at = 2;
        for attempt in 1.. {
            arm(&app, json!({"kind": "reorder", "times": 1, "events": events[..1]})).await;
            let got = order(at).await;
            at += 2;
            if got == ["payment.captured", "payment.authorized"] {
                break;
            }
            assert!(attempt < 5, "never in the wrong order");
        }
        assert_eq!(order(at).await, events, "once each");
    }

    async fn outage(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        arm(&app, json!({"kind": "outage", "seconds": 120})).await;
        app.open(bank_account()).await;
        app.eventually("a refused attempt", async || {
            app.deliveries("virtual_account.created").await.len() == 1
        }).await;
        app.advance(60).await;
        app.eventually("another refused attempt", async || {
            app.deliveries("virtual_account.created").await.len() == 2
        }).await;
        assert_eq!(receiver.all().len(), 0);
        app.advance(120).await;
        receiver.until(1).await;
        assert_eq!(faults(&app).await[0]["armed"], false, "over");
    }

    async fn the_first_fault_armed_is_the_first_met(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        arm(&app, json!({"kind": "drop", "times": 1})).await;
        arm(&app, json!({"kind": "delay", "times": 1})).await;
        app.open(bank_account()).await;
        app.eventually("a fault is met", async || {
            faults(&app).await.iter().any(|fault| fault["fired"] == 1)
        }).await;
        let met: Vec<Value> = faults(&app).await;
        let met = met.iter().find(|fault| fault["fired"] == 1).unwrap();
        assert_eq!(met["kind"], "drop");
        assert_eq!(receiver.all().len(), 0);
    }

    async fn faults_meet_only_their_events(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created", "virtual_account.closed"]).await;
        app.freeze().await;
        let armed = json!({"kind": "drop", "times": 3, "events": ["virtual_account.closed"]});
        arm(&app, armed).await;
        let (id, _) = app.virtual_account().await;
        receiver.until(1).await;
        app.test.post(&format!("/v1/virtual_accounts/{id}/close"), json!({})).await.ok();
        app.eventually("the fault is met", async || faults(&app).await[0]["fired"] == 1).await;
        assert_eq!(receiver.all().len(), 1);
    }

    async fn arming_listing_and_disarming(app: TestApp) {
        assert_eq!(faults(&app).await, [json!(null); 0]);
        let made = arm(&app, json!({
            "kind": "delay", "events": ["payment.captured"], "times": 3, "seconds": 60
        })).await;
        for (key, value) in [
            ("target", json!("webhook")), ("kind", json!("delay")), ("times", json!(3)),
            ("seconds", json!(60)), ("fired", json!(0)), ("armed", json!(true)),
            ("events", json!(["payment.captured"])),
        ] {
            assert_eq!(made[key], value, "{key}");
        }
        assert!(keys(&made).contains(&"id"));
        let stranger = app.another_merchant().await;
        assert_eq!(stranger.get("/v1/sandbox/faults").await.ok()["count"], 0);
        stranger.delete("/v1/sandbox/faults").await.ok();
        assert_eq!(faults(&app).await.len(), 1);
        app.test.delete("/v1/sandbox/faults").await.ok();
        assert!(faults(&app).await.iter().all(|fault| fault["armed"] == false));
        let (_, receiver) = app.hook(&["payment.captured"]).await;
        let (_, number) = app.virtual_account().await;
        app.freeze().await;
        app.pay(&number, 500).await;
        receiver.until(1).await;
    }

    async fn faults_that_are_refused(app: TestApp) {
        for (body, field) in [
            (json!({}), "target"),
            (json!({"target": "moon", "kind": "drop"}), "target"),
            (json!({"target": "webhook"}), "kind"),
            (json!({"target": "webhook", "kind": "explode"}), "kind"),
            (json!({"target": "webhook", "kind": "drop", "times": 0}), "times"),
            (json!({"target": "webhook", "kind": "delay", "seconds": "x"}), "seconds"),
        ] {
            let error = app.test.post("/v1/sandbox/faults", body).await.error(400);
            assert_eq!(error["field"], field);
        }
        assert_eq!(faults(&app).await.len(), 0);
    }

    async fn faults_never_corrupt_state(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.credited"]).await;
        for kind in ["duplicate", "drop", "reorder"] {
            arm(&app, json!({"kind": kind, "times": 2})).await;
        }
        let (id, number) = app.virtual_account().await;
        for _ in 0..6 {
            app.pay(&number, 500).await;
        }
        // What was dropped is due again after a minute, and after two more if dropped twice.
        app.eventually("every event at least once", async || {
            app.advance(60).await;
            let all = receiver.all();
            let ids: std::collections::BTreeSet<_> =
                all.iter().map(|got| got.event_id.clone()).collect();
            ids.len() == 6
        }).await;
        assert_eq!(app.account(&id).await["amount_paid"], 3_000);
        app.assert_books_clean().await;
    }
}
