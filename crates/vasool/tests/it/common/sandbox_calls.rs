//! Settings, messages, deliveries, merchants and reset: sandbox 6, 8 and 9.

use serde_json::{Value, json};

use crate::harness::{Client, bank_account, id, ids, is_id, keys};
use crate::on_both_databases;

on_both_databases! {
    async fn settings_and_their_defaults(app: TestApp) {
        let settings = app.test.get("/v1/sandbox/settings").await.ok();
        for (name, value) in [
            ("billing_label", json!(null)),
            ("va_bank", json!([{"ifsc": "RAZR0000001", "bank_name": null}])),
            ("va_number_prefix", json!("111222")),
            ("va_custom_descriptor", json!(true)),
            ("va_handle", json!(null)),
            ("va_dormancy_days", json!(90)),
            ("va_fee_bps", json!(100)),
            ("qr_fee_bps", json!(0)),
            ("strict_params", json!(false)),
            ("rate_limit_per_second", json!(0)),
            ("webhook_time_scale", json!(1)),
            ("webhook_public_urls_only", json!(false)),
        ] {
            assert_eq!(settings[name], value, "{name}");
        }
    }

    async fn settings_change_and_come_back(app: TestApp) {
        let before = app.test.get("/v1/sandbox/settings").await.ok();
        let changes = json!({
            "billing_label": "Lotus", "va_number_prefix": "ABC12345", "va_custom_descriptor": false,
            "va_handle": "LOTS", "va_dormancy_days": 0, "va_fee_bps": 250,
            "webhook_time_scale": 0.5,
            "va_bank": [{"ifsc": "UTIB000RAZP", "bank_name": "Axis Bank"}]
        });
        let after = app.test.patch("/v1/sandbox/settings", changes.clone()).await.ok();
        for (name, value) in changes.as_object().unwrap() {
            assert_eq!(after[name], *value, "{name}");
        }
        assert_eq!(app.test.get("/v1/sandbox/settings").await.ok(), after);
        let nulls: serde_json::Map<String, Value> =
            changes.as_object().unwrap().keys().map(|name| (name.clone(), Value::Null)).collect();
        let back = app.test.patch("/v1/sandbox/settings", Value::Object(nulls)).await.ok();
        assert_eq!(back, before);
    }

    async fn settings_that_are_refused(app: TestApp) {
        let before = app.test.get("/v1/sandbox/settings").await.ok();
        let unknown = app.test.patch("/v1/sandbox/settings", json!({"colour": "red"})).await;
        assert_eq!(unknown.error(400)["reason"], "extra_field_sent");
        for (name, value) in [
            ("va_fee_bps", json!(-1)),
            ("va_fee_bps", json!("x")),
            ("va_number_prefix", json!("12345")),
            ("va_number_prefix", json!("123456789")),
            ("va_number_prefix", json!("12-456")),
            ("va_handle", json!("ABC")),
            ("va_dormancy_days", json!(-1)),
            ("va_custom_descriptor", json!("maybe")),
            ("va_bank", json!([])),
            ("va_bank", json!([{"ifsc": "UTIB"}])),
            ("webhook_time_scale", json!(0)),
            ("webhook_time_scale", json!("x")),
        ] {
            // All or none: the good one beside it stays undone.
            let body = json!({"billing_label": "Changed", name: value});
            app.test.patch("/v1/sandbox/settings", body).await.error(400);
            assert_eq!(app.test.get("/v1/sandbox/settings").await.ok(), before, "{name} {value}");
        }
    }

    async fn deliveries_show_the_whole_call(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.created", "virtual_account.closed"]).await;
        let (other, _second) = app.hook(&["virtual_account.created"]).await;
        app.freeze().await;
        let account = id(&app.open(bank_account()).await);
        let got = receiver.next().await;
        app.eventually("both attempts", async || {
            app.deliveries("virtual_account.created").await.len() == 2
        }).await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        app.eventually("the third attempt", async || {
            app.deliveries("virtual_account.closed").await.len() == 1
        }).await;
        let of = |endpoint: &str| format!("/v1/sandbox/deliveries?endpoint_id={endpoint}");
        assert_eq!(app.test.get(&of(&other)).await.ok()["count"], 1);
        let mine = app.test.get(&of(&hook)).await.ok();
        assert_eq!(mine["count"], 2);
        assert_eq!(mine["items"][0]["event"], "virtual_account.closed", "newest first");
        let one = &mine["items"][1];
        assert_eq!(one["event_id"], got.event_id);
        assert_eq!(one["endpoint_id"], hook);
        assert_eq!(one["request"]["body"].as_str().unwrap().as_bytes(), &*got.body);
        let headers = &one["request"]["headers"];
        assert_eq!(headers["X-Razorpay-Signature"], got.signature().unwrap());
        assert_eq!(headers["x-razorpay-event-id"], got.event_id);
        assert_eq!((&one["response_status"], &one["attempt"]), (&json!(200), &json!(1)));
        assert_eq!(one["next_attempt_at"], Value::Null);
        let second = app.test.get("/v1/sandbox/deliveries?count=1&skip=2").await.ok();
        assert_eq!(second["count"], 1);
        app.test.get(&of("x")).await.refused("x is not a valid id");
        let stranger = app.another_merchant().await;
        assert_eq!(stranger.get("/v1/sandbox/deliveries").await.ok()["count"], 0);
    }

    async fn messages_and_their_filters(app: TestApp) {
        assert_eq!(app.test.get("/v1/sandbox/messages").await.ok()["count"], 0);
        let hook = json!({
            "url": "http://127.0.0.1:9/", "events": ["virtual_account.created"],
            "alert_email": "ops@example.test"
        });
        app.test.post("/v1/webhooks", hook).await.ok();
        app.freeze().await;
        app.open(bank_account()).await;
        app.eventually("a refused connection", async || {
            !app.deliveries("virtual_account.created").await.is_empty()
        }).await;
        app.advance(86_400).await;
        let all = app.test.get("/v1/sandbox/messages").await.ok();
        assert_eq!(ids(&all).len(), 1);
        let mail = &all["items"][0];
        for key in ["id", "channel", "to", "subject", "text", "links", "created_at"] {
            assert!(keys(mail).contains(&key), "{key}");
        }
        assert_eq!((&mail["to"], &mail["channel"]), (&json!("ops@example.test"), &json!("email")));
        assert!(mail["links"].is_array());
        for (query, count) in [
            ("to=ops@example.test", 1), ("to=other@example.test", 0), ("channel=email", 1),
            ("channel=sms", 0), ("skip=1", 0), ("count=1", 1),
        ] {
            let found = app.test.get(&format!("/v1/sandbox/messages?{query}")).await.ok();
            assert_eq!(found["count"], count, "{query}");
        }
        app.test.get("/v1/sandbox/messages?channel=fax").await.refused("The selected channel is invalid.");
        let stranger = app.another_merchant().await;
        assert_eq!(stranger.get("/v1/sandbox/messages").await.ok()["count"], 0);
    }

    async fn merchants_of_ones_own(app: TestApp) {
        let made = app.test.post("/v1/sandbox/merchants", json!({"name": "Suite 7"})).await.ok();
        assert_eq!(keys(&made), ["entity", "id", "name", "key_id", "key_secret"]);
        assert_eq!((&made["entity"], &made["name"]), (&json!("merchant"), &json!("Suite 7")));
        assert!(is_id(&made["id"], "acc_"));
        assert!(is_id(&made["key_id"], "rzp_test_"));
        let secret = made["key_secret"].as_str().unwrap();
        assert!(secret.len() >= 24);
        let theirs = Client::new(&app.base, made["key_id"].as_str().unwrap(), secret);
        let account = theirs.post("/v1/virtual_accounts", bank_account()).await.ok();
        assert_eq!(account["name"], "Suite 7");
        app.test.get(&format!("/v1/virtual_accounts/{}", id(&account))).await
            .refused("The id provided does not exist");
        // Not a sub-merchant: its creator has no power over it.
        let header = app.test.with_header("X-Razorpay-Account", made["id"].as_str().unwrap());
        header.get("/v1/virtual_accounts").await.refused("The id provided does not exist");
        let error = app.test.post("/v1/sandbox/merchants", json!({})).await;
        assert_eq!(error.refused("The name field is required.")["field"], "name");
    }

    async fn reset_forgets_all_but_keys_and_webhooks(app: TestApp) {
        let (hook, receiver) = app.hook(&["virtual_account.created"]).await;
        let customer = id(&app.customer().await);
        let (account, number) = app.virtual_account().await;
        let payment = app.pay(&number, 500).await;
        let payment = payment["payment_id"].as_str().unwrap();
        receiver.until(1).await;
        app.set(json!({"billing_label": "Lotus"})).await;
        app.advance(1_000_000).await;
        let live = id(&app.live.post("/v1/customers", json!({})).await.ok());
        app.test.delete("/v1/sandbox").await.ok();
        for path in [
            format!("customers/{customer}"),
            format!("virtual_accounts/{account}"),
            format!("payments/{payment}"),
        ] {
            app.test.get(&format!("/v1/{path}")).await.refused("The id provided does not exist");
        }
        for list in ["customers", "virtual_accounts", "payments", "sandbox/deliveries", "sandbox/messages"] {
            assert_eq!(app.test.get(&format!("/v1/{list}")).await.ok()["count"], 0, "{list}");
        }
        assert_eq!(app.test.get("/v1/sandbox/clock").await.ok()["offset"], 0);
        assert_eq!(app.test.get("/v1/sandbox/settings").await.ok()["billing_label"], Value::Null);
        app.live.get(&format!("/v1/customers/{live}")).await.ok();
        assert_eq!(app.test.get(&format!("/v1/webhooks/{hook}")).await.ok()["id"], hook);
        // The old number pays nobody; the webhook still hears of new accounts.
        assert_eq!(app.pay(&number, 500).await["result"], "returned");
        app.customer().await;
        let (_, number) = app.virtual_account().await;
        receiver.until(2).await;
        assert_eq!(app.pay(&number, 500).await["result"], "credited");
        app.assert_books_clean().await;
    }

    async fn a_reset_leaves_other_merchants_alone(app: TestApp) {
        let stranger = app.another_merchant().await;
        let theirs = stranger.post("/v1/virtual_accounts", bank_account()).await.ok();
        app.virtual_account().await;
        app.test.delete("/v1/sandbox").await.ok();
        let path = format!("/v1/virtual_accounts/{}", id(&theirs));
        assert_eq!(stranger.get(&path).await.ok(), theirs);
    }
}
