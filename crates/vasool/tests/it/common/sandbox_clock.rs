//! The merchant's clock: row CM-128 and sandbox 5.

use serde_json::{Value, json};

use crate::harness::{bank_account_with, id, keys};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_128_advance_runs_due_timers_once(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let mut accounts = vec![];
        // Opened in another order than they close in.
        for close_by in [now + 3_000, now + 1_000, now + 2_000] {
            let account = app.open(bank_account_with(json!({"close_by": close_by}))).await;
            accounts.push((close_by, id(&account)));
        }
        app.advance(999).await;
        assert_eq!(receiver.all().len(), 0);
        app.advance(5_000).await;
        let closed = receiver.until(3).await;
        let times: Vec<i64> = closed
            .iter()
            .map(|got| got.json()["created_at"].as_i64().unwrap())
            .collect();
        for at in [now + 1_000, now + 2_000, now + 3_000] {
            assert!(times.contains(&at), "{times:?} names {at}");
        }
        for (close_by, account) in &accounts {
            let account = app.account(account).await;
            assert_eq!(account["status"], "closed");
            assert_eq!(account["closed_at"], *close_by);
        }
        app.advance(5_000).await;
        assert_eq!(receiver.all().len(), 3);
    }

    async fn cm_128_a_restart_changes_nothing(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        app.advance(1_500).await;
        let before = app.test.get("/v1/sandbox/clock").await.ok();
        receiver.until(1).await;
        let app = app.restart().await;
        let after = app.test.get("/v1/sandbox/clock").await.ok();
        assert_eq!((&after["now"], &after["frozen"]), (&before["now"], &json!(true)));
        assert_eq!(after["now"], now + 1_500);
        assert_eq!(app.account(&id(&account)).await["closed_at"], now + 1_000);
        app.advance(60).await;
        assert_eq!(receiver.all().len(), 1);
    }

    async fn cm_128_a_timer_due_at_a_stop_runs_afterwards(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        let app = app.crash().await;
        app.advance(1_000).await;
        assert_eq!(receiver.until(1).await.len(), 1);
    }

    async fn the_clock_as_it_is_shown(app: TestApp) {
        let clock = app.test.get("/v1/sandbox/clock").await.ok();
        assert_eq!(keys(&clock), ["entity", "now", "frozen", "offset"]);
        assert_eq!(clock["entity"], "sandbox.clock");
        assert_eq!((&clock["frozen"], &clock["offset"]), (&json!(false), &json!(0)));
        let real = app.app.clock.now().to_time().0;
        assert!((clock["now"].as_i64().unwrap() - real).abs() <= 2);
        let moved = app.advance(7_776_000).await;
        assert_eq!(moved["offset"], 7_776_000);
        let more = app.advance(1_000).await;
        assert_eq!(more["offset"], 7_777_000);
        let customer = app.customer().await;
        let made = customer["created_at"].as_i64().unwrap();
        assert!((made - real - 7_777_000).abs() <= 5, "everything uses the clock");
    }

    async fn freeze_and_thaw(app: TestApp) {
        let frozen = app.test.post("/v1/sandbox/clock", json!({"freeze": true})).await.ok();
        assert_eq!(frozen["frozen"], true);
        let now = &frozen["now"];
        app.eventually("a real second", async || {
            app.app.clock.now().to_time().0 > now.as_i64().unwrap() + 1
        }).await;
        assert_eq!(app.test.get("/v1/sandbox/clock").await.ok()["now"], *now);
        let both = app.test.post("/v1/sandbox/clock", json!({"freeze": "1", "advance": 10})).await.ok();
        assert_eq!(both["now"], now.as_i64().unwrap() + 10);
        let thawed = app.test.post("/v1/sandbox/clock", json!({"freeze": false})).await.ok();
        assert_eq!(thawed["frozen"], false);
        assert!(thawed["now"].as_i64().unwrap() >= now.as_i64().unwrap() + 10, "never back");
        app.eventually("the clock runs", async || {
            app.now().await > thawed["now"].as_i64().unwrap()
        }).await;
    }

    async fn what_a_clock_refuses(app: TestApp) {
        for (body, field) in [
            (json!({"advance": -1}), "advance"),
            (json!({"advance": 400 * 86_400 + 1}), "advance"),
            (json!({"advance": "x"}), "advance"),
            (json!({"freeze": "maybe"}), "freeze"),
            (json!({}), "advance"),
        ] {
            let error = app.test.post("/v1/sandbox/clock", body).await.error(400);
            assert_eq!(error["field"], field);
        }
        assert_eq!(app.test.get("/v1/sandbox/clock").await.ok()["offset"], 0);
        app.advance(400 * 86_400).await;
        app.advance(0).await;
    }

    async fn clocks_are_per_merchant_and_mode(app: TestApp) {
        let stranger = app.another_merchant().await;
        app.advance(1_000_000).await;
        assert_eq!(stranger.get("/v1/sandbox/clock").await.ok()["offset"], Value::from(0));
        let live = app.live.post("/v1/customers", json!({})).await.ok();
        let real = app.app.clock.now().to_time().0;
        assert!((live["created_at"].as_i64().unwrap() - real).abs() <= 5);
    }
}
