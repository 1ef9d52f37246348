//! Closing: rows SC-60 to SC-65 and SC-121.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{bank_account, bank_account_with, id};
use crate::on_both_databases;

const DAY: i64 = 86_400;

on_both_databases! {
    async fn sc_60_and_62_close(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({
            "description": "Unit 14B", "close_by": now + 10 * DAY, "notes": {"unit": "14B"}
        }))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        app.pay(number, 500).await;
        app.advance(100).await;
        let path = format!("/v1/virtual_accounts/{}/close", id(&account));
        let closed = app.test.post(&path, json!({})).await.ok();
        let mut want = account.clone();
        want["status"] = json!("closed");
        want["closed_at"] = json!(now + 100);
        want["amount_paid"] = json!(500);
        assert_eq!(closed, want);
        app.advance(100).await;
        assert_eq!(app.test.post(&path, json!({})).await.ok(), closed, "twice changes nothing");
        assert_eq!(app.account(&id(&account)).await, closed);
        receiver.until(1).await;
        app.advance(20 * DAY).await;
        assert_eq!(receiver.all().len(), 1);
    }

    async fn sc_61_body_forms(app: TestApp) {
        for (kind, body) in [
            (None, ""), (Some("application/json"), ""), (Some("application/json"), "{}"),
            (Some("application/json"), "null"), (Some("application/x-www-form-urlencoded"), ""),
            (Some("application/x-www-form-urlencoded"), "reason=paid"),
        ] {
            let (id, _) = app.virtual_account().await;
            let path = format!("/v1/virtual_accounts/{id}/close");
            let bytes = Bytes::from_static(body.as_bytes());
            let closed = app.test.send(Method::POST, &path, kind, bytes).await.ok();
            assert_eq!(closed["status"], "closed", "{kind:?} {body}");
        }
    }

    async fn sc_63_close_unknown(app: TestApp) {
        let post = async |id: &str| {
            app.test.post(&format!("/v1/virtual_accounts/{id}/close"), json!({})).await
        };
        post("va_QcZ9Nobody0001").await.refused("The id provided does not exist");
        post("va_x").await.refused("x is not a valid id");
        let (id, _) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{id}/close");
        app.another_merchant().await.post(&path, json!({})).await
            .refused("The id provided does not exist");
        app.live.post(&path, json!({})).await.refused("The id provided does not exist");
        assert_eq!(app.account(&id).await["status"], "active");
    }

    async fn sc_64_close_by_time(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        app.advance(999).await;
        assert_eq!(app.account(&id(&account)).await["status"], "active");
        app.advance(1).await;
        let closed = app.account(&id(&account)).await;
        assert_eq!((&closed["status"], &closed["closed_at"]), (&json!("closed"), &json!(now + 1_000)));
        assert_eq!(closed["close_by"], now + 1_000);
        let event = receiver.next().await.json();
        assert_eq!(event["payload"]["virtual_account"]["entity"]["closed_at"], now + 1_000);
        // Closing by hand what time has closed changes nothing.
        let path = format!("/v1/virtual_accounts/{}/close", id(&account));
        assert_eq!(app.test.post(&path, json!({})).await.ok(), closed);
        app.advance(200 * DAY).await;
        assert_eq!(receiver.all().len(), 1);
    }

    async fn sc_64_a_manual_close_beats_close_by(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        let path = format!("/v1/virtual_accounts/{}/close", id(&account));
        let closed = app.test.post(&path, json!({})).await.ok();
        app.advance(2_000).await;
        assert_eq!(app.account(&id(&account)).await, closed);
        assert_eq!(closed["closed_at"], now);
        assert_eq!(receiver.all().len(), 1);
    }

    async fn sc_65_dormancy(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let idle = app.open(bank_account()).await;
        let used = app.open(bank_account()).await;
        let number = used["receivers"][0]["account_number"].as_str().unwrap();
        app.advance(80 * DAY).await;
        app.pay(number, 500).await;
        app.advance(10 * DAY - 1).await;
        assert_eq!(app.account(&id(&idle)).await["status"], "active");
        app.advance(1).await;
        let closed = app.account(&id(&idle)).await;
        assert_eq!((&closed["status"], &closed["closed_at"]), (&json!("closed"), &json!(now + 90 * DAY)));
        assert_eq!(app.account(&id(&used)).await["status"], "active", "a credit postpones it");
        app.advance(80 * DAY - 1).await;
        assert_eq!(app.account(&id(&used)).await["status"], "active");
        app.advance(1).await;
        let closed = app.account(&id(&used)).await;
        assert_eq!(closed["closed_at"], now + 170 * DAY);
        receiver.until(2).await;
        app.advance(200 * DAY).await;
        assert_eq!(receiver.all().len(), 2, "once each");
        assert_eq!(app.pay(number, 500).await["result"], "refunded");
    }

    async fn sc_65_a_refused_payment_is_no_activity(app: TestApp) {
        let now = app.freeze().await;
        let account = app.open(bank_account()).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        app.advance(50 * DAY).await;
        // A transfer the rail does not carry, one to another bank, and a repeat.
        let body = json!({"account_number": number, "amount": 1});
        app.transfer(body).await.error(400);
        let body = json!({"account_number": number, "ifsc": "YESB0CMSNOC", "amount": 500});
        assert_eq!(app.transfer(body).await.ok()["result"], "returned");
        app.advance(40 * DAY).await;
        assert_eq!(app.account(&id(&account)).await["closed_at"], now + 90 * DAY);
    }

    async fn sc_65_dormancy_beside_close_by(app: TestApp) {
        let now = app.freeze().await;
        let late = app.open(bank_account_with(json!({"close_by": now + 100 * DAY}))).await;
        let early = app.open(bank_account_with(json!({"close_by": now + 80 * DAY}))).await;
        app.advance(101 * DAY).await;
        assert_eq!(app.account(&id(&early)).await["closed_at"], now + 80 * DAY);
        let late = app.account(&id(&late)).await;
        assert_eq!(late["closed_at"], now + 90 * DAY, "whichever comes first");
    }

    async fn sc_121_dormancy_switched_off(app: TestApp) {
        app.set(json!({"va_dormancy_days": 0})).await;
        app.freeze().await;
        let account = app.open(bank_account()).await;
        app.advance(400 * DAY).await;
        assert_eq!(app.account(&id(&account)).await["status"], "active");
        // The setting comes back: the account was unused for longer than it allows.
        app.set(json!({"va_dormancy_days": 30})).await;
        app.advance(1).await;
        assert_eq!(app.account(&id(&account)).await["status"], "closed");
        app.set(json!({"va_dormancy_days": 90})).await;
        assert_eq!(app.account(&id(&account)).await["status"], "closed", "never open again");
    }

    async fn closed_accounts_stay_readable(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        app.pay(&number, 500).await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let list = app.test.get("/v1/virtual_accounts").await.ok();
        assert_eq!(list["items"][0]["status"], "closed");
        let payments = app.test.get(&format!("/v1/virtual_accounts/{account}/payments")).await.ok();
        assert_eq!(payments["count"], 1);
        assert_ne!(list["items"][0]["closed_at"], Value::Null);
    }
}
