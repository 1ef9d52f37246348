//! Deliveries that fail: rows CM-111 to CM-115, CM-119 and CM-120.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Receiver, bank_account};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_111_retry(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.then(&[500, 404]);
        app.freeze().await;
        app.open(bank_account()).await;
        receiver.until(1).await;
        app.advance(59).await;
        assert_eq!(receiver.all().len(), 1, "the first gap is a minute");
        app.advance(1).await;
        receiver.until(2).await;
        app.advance(119).await;
        assert_eq!(receiver.all().len(), 2, "the second gap is two minutes");
        app.advance(1).await;
        let got = receiver.until(3).await;
        assert!(got.iter().all(|one| one.body == got[0].body));
        assert!(got.iter().all(|one| one.event_id == got[0].event_id));
        assert!(got.iter().all(|one| one.signature() == got[0].signature()));
        app.advance(86_400).await;
        assert_eq!(receiver.all().len(), 3, "acknowledged");
        let log = app.deliveries("virtual_account.created").await;
        let statuses: Vec<&Value> = log.iter().rev().map(|one| &one["response_status"]).collect();
        assert_eq!(statuses, [500, 404, 200]);
        let numbers: Vec<&Value> = log.iter().rev().map(|one| &one["attempt"]).collect();
        assert_eq!(numbers, [1, 2, 3]);
        let at = |n: usize| log[2 - n]["created_at"].as_i64().unwrap();
        assert_eq!((at(1) - at(0), at(2) - at(1)), (60, 120));
        assert_eq!(log[2]["next_attempt_at"], at(1));
        assert_eq!(log[0]["next_attempt_at"], Value::Null);
    }

    async fn cm_111_the_time_scale_shrinks_gaps(app: TestApp) {
        app.set(json!({"webhook_time_scale": 0.001})).await;
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.then(&[500, 500]);
        app.open(bank_account()).await;
        // Gaps of 60 and 120 real milliseconds.
        assert_eq!(receiver.until(3).await.len(), 3);
    }

    async fn cm_112_slow_receivers(app: TestApp) {
        app.set(json!({"webhook_timeout_ms": 300})).await;
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        receiver.then_slowly(200, Duration::from_millis(600));
        app.open(bank_account()).await;
        app.eventually("a time-out in the log", async || {
            !app.deliveries("virtual_account.created").await.is_empty()
        }).await;
        let log = app.deliveries("virtual_account.created").await;
        assert_eq!(log[0]["response_status"], Value::Null);
        assert_eq!(log[0]["error"], "timed out");
        receiver.then_slowly(200, Duration::from_millis(50));
        app.advance(60).await;
        receiver.until(2).await;
        app.advance(86_400).await;
        assert_eq!(receiver.all().len(), 2, "an answer within the limit counts");
    }

    async fn cm_112_five_seconds_are_the_limit(app: TestApp) {
        let settings = app.test.get("/v1/sandbox/settings").await.ok();
        assert_eq!(settings["webhook_timeout_ms"], 5_000);
    }

    async fn cm_113_redirects(app: TestApp) {
        let target = Receiver::start().await;
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.redirect_to(&target.url);
        receiver.then(&[302, 307]);
        app.freeze().await;
        app.open(bank_account()).await;
        receiver.until(1).await;
        app.advance(60).await;
        receiver.until(2).await;
        app.advance(120).await;
        receiver.until(3).await;
        assert_eq!(target.all().len(), 0);
        let log = app.deliveries("virtual_account.created").await;
        assert_eq!(log[2]["response_status"], 302);
        assert_eq!(log[1]["response_status"], 307);
    }

    async fn cm_114_disabling(app: TestApp) {
        let receiver = Receiver::start().await;
        let body = json!({
            "url": receiver.url, "events": ["virtual_account.created"],
            "alert_email": "ops@example.test"
        });
        let hook = crate::harness::id(&app.test.post("/v1/webhooks", body).await.ok());
        let path = format!("/v1/webhooks/{hook}");
        receiver.always(500);
        let start = app.freeze().await;
        app.open(bank_account()).await;
        receiver.until(1).await;
        app.advance(86_399).await;
        assert_eq!(app.test.get(&path).await.ok()["active"], true);
        app.advance(1).await;
        let disabled = app.test.get(&path).await.ok();
        assert_eq!(disabled["active"], false);
        assert_eq!(disabled["disabled_at"], start + 86_400);
        assert_eq!(receiver.all().len(), 12, "at 0, ten gaps, and after 24 hours");
        let mails = app.test.get("/v1/sandbox/messages?to=ops@example.test").await.ok();
        assert_eq!(mails["count"], 1);
        assert_eq!(mails["items"][0]["channel"], "email");
        // Events of the time it is disabled are not sent, not even later by themselves.
        app.open(bank_account()).await;
        app.advance(86_400).await;
        assert_eq!(receiver.all().len(), 12);
        receiver.always(200);
        let enabled = app.test.put(&path, json!({"active": true})).await.ok();
        assert_eq!((&enabled["active"], &enabled["disabled_at"]), (&json!(true), &json!(0)));
        app.open(bank_account()).await;
        receiver.until(13).await;
        assert_eq!(receiver.all().len(), 13);
    }

    async fn cm_115_secret_rotation(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.created"]).await;
        let path = format!("/v1/webhooks/{hook}");
        receiver.then(&[500]);
        app.freeze().await;
        app.open(bank_account()).await;
        let first = receiver.next().await;
        assert!(first.is_signed_with("whsec_test"));
        app.test.put(&path, json!({"secret": "whsec_new"})).await.ok();
        app.open(bank_account()).await;
        assert!(receiver.next().await.is_signed_with("whsec_new"));
        app.advance(60).await;
        let retry = receiver.next().await;
        assert_eq!(retry.event_id, first.event_id);
        assert!(retry.is_signed_with("whsec_test"), "an old event keeps its secret");
        app.test.put(&path, json!({"secret": ""})).await.ok();
        app.open(bank_account()).await;
        assert_eq!(receiver.next().await.signature(), None);
    }

    async fn cm_115_url_change(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.always(500);
        app.freeze().await;
        app.open(bank_account()).await;
        let first = receiver.next().await;
        let moved = Receiver::start().await;
        app.test.put(&format!("/v1/webhooks/{hook}"), json!({"url": moved.url})).await.ok();
        app.advance(60).await;
        assert_eq!(moved.next().await.event_id, first.event_id);
        assert_eq!(receiver.all().len(), 1);
    }

    async fn cm_119_crash_safety(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.then(&[500]);
        app.freeze().await;
        app.open(bank_account()).await;
        // The first attempt failed and is on record; the retry belongs to the next process.
        receiver.until(1).await;
        app.eventually("the attempt is on record", async || {
            !app.deliveries("virtual_account.created").await.is_empty()
        }).await;
        // Once another has come and gone, nothing of the first is in the dying process's hands.
        app.open(bank_account()).await;
        app.eventually("the second attempt is on record", async || {
            app.deliveries("virtual_account.created").await.len() == 2
        }).await;
        let app = app.crash().await;
        app.advance(60).await;
        let got = receiver.until(3).await;
        assert_eq!(got[0].body, got[2].body);
        assert_eq!(got[0].event_id, got[2].event_id);
    }

    async fn cm_119_events_written_before_a_stop(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.captured"]).await;
        let (_, number) = app.virtual_account().await;
        for _ in 0..10 {
            app.pay(&number, 500).await;
        }
        let app = app.restart().await;
        // At least once each, whatever was under way when the server stopped.
        app.eventually("ten events", async || {
            let all = receiver.all();
            let ids: std::collections::BTreeSet<_> =
                all.iter().map(|got| got.event_id.clone()).collect();
            ids.len() == 10
        }).await;
        app.assert_books_clean().await;
    }

    async fn cm_120_replay(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.always(500);
        app.freeze().await;
        app.open(bank_account()).await;
        let event = receiver.next().await;
        app.advance(86_400).await;
        let path = format!("/v1/webhooks/{hook}");
        let disabled = app.test.get(&path).await.ok();
        assert_eq!(disabled["active"], false);
        app.test.put(&path, json!({"secret": "whsec_new"})).await.ok();
        let before = receiver.all().len();
        receiver.always(200);
        let replay = format!("/v1/sandbox/webhooks/{hook}/replay");
        let body = json!({"event_ids": [event.event_id]});
        app.test.post(&replay, body.clone()).await.ok();
        let again = receiver.until(before + 1).await.pop().unwrap();
        assert_eq!((&again.event_id, &again.body), (&event.event_id, &event.body));
        assert!(again.is_signed_with("whsec_new"), "a replay has the present secret");
        assert_eq!(app.test.get(&path).await.ok()["active"], true, "re-enabled");
        app.eventually("the replay is on record", async || {
            app.test.post(&replay, body.clone()).await.status == 400
        }).await;
        app.test.post(&replay, body).await
            .refused("Only events that were not acknowledged can be replayed.");
    }

    async fn cm_120_replay_rules(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.created"]).await;
        receiver.always(500);
        app.freeze().await;
        app.open(bank_account()).await;
        let event = receiver.next().await.event_id;
        app.advance(86_400).await;
        let replay = format!("/v1/sandbox/webhooks/{hook}/replay");
        for body in [json!({}), json!({"event_ids": []}), json!({"event_ids": ""})] {
            let error = app.test.post(&replay, body).await.refused("The event ids field is required.");
            assert_eq!(error["field"], "event_ids");
        }
        let unknown = "The id provided does not exist";
        let body = json!({"event_ids": ["QcZ9Nobody0001"]});
        app.test.post(&replay, body).await.refused(unknown);
        app.test.post(&replay, json!({"event_ids": ["x"]})).await.refused("x is not a valid id");
        let body = json!({"event_ids": [event]});
        app.test.post("/v1/sandbox/webhooks/QcZ9Nobody0001/replay", body.clone()).await.refused(unknown);
        app.another_merchant().await.post(&replay, body.clone()).await.refused(unknown);
        for _ in 0..5 {
            app.test.post(&replay, body.clone()).await.ok();
            app.advance(1).await;
        }
        let text = "An event can be replayed 5 times in 24 hours.";
        app.test.post(&replay, body.clone()).await.refused(text);
        app.advance(86_400).await;
        app.test.post(&replay, body.clone()).await.ok();
        app.advance(7 * 86_400).await;
        let text = "Only events of the last 7 days can be replayed.";
        app.test.post(&replay, body).await.refused(text);
    }
}
