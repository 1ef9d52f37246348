//! Webhook configuration: rows CM-103 to CM-106, CM-114 and CM-116 as far as they are shape.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{id, ids, keys};
use crate::on_both_databases;

fn hook() -> Value {
    json!({"url": "https://shop.example.test/hook", "events": ["payment.captured"]})
}

fn hook_with(more: Value) -> Value {
    let mut body = hook();
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

on_both_databases! {
    async fn cm_103_crud_v1(app: TestApp) {
        let now = app.freeze().await;
        let body = hook_with(json!({
            "secret": "whsec_1", "alert_email": "ops@example.test",
            "events": ["payment.captured", "refund.processed"]
        }));
        let made = app.test.post("/v1/webhooks", body).await;
        let id = id(&made.ok());
        let owner = app.merchant.to_string().replace("acc_", "");
        let whole = format!(
            r#"{{"id":"{id}","created_at":{now},"updated_at":{now},"service":"beta-api-test","owner_id":"{owner}","owner_type":"merchant","context":[],"disabled_at":0,"url":"https://shop.example.test/hook","alert_email":"ops@example.test","secret_exists":true,"entity":"webhook","active":true,"events":["payment.captured","refund.processed"]}}"#
        );
        assert_eq!(made.bytes, whole);
        let path = format!("/v1/webhooks/{id}");
        assert_eq!(app.test.get(&path).await.ok(), made.ok());
        assert_eq!(app.test.get("/v1/webhooks").await.ok()["items"], json!([made.ok()]));
        app.advance(10).await;
        let edited = app.test.put(&path, json!({"url": "http://shop.example.test/2"})).await.ok();
        let mut want = made.ok();
        want["url"] = json!("http://shop.example.test/2");
        want["updated_at"] = json!(now + 10);
        assert_eq!(edited, want);
        let patched = app.test.patch(&path, json!({"events": ["payment.failed"]})).await.ok();
        assert_eq!(patched["events"], json!(["payment.failed"]));
        let gone = app.test.delete(&path).await;
        assert_eq!((gone.status, &*gone.bytes), (200, &b"[]"[..]));
        for answer in [
            app.test.get(&path).await,
            app.test.delete(&path).await,
            app.test.put(&path, hook()).await,
        ] {
            answer.refused("The id provided does not exist");
        }
        assert_eq!(app.live.post("/v1/webhooks", hook()).await.ok()["service"], "beta-api-live");
    }

    async fn cm_103_put_without_an_id(app: TestApp) {
        let unknown = "The requested URL was not found on the server.";
        app.test.put("/v1/webhooks", json!({"active": false})).await.refused(unknown);
        let made = app.test.post("/v1/webhooks", hook()).await.ok();
        let edited = app.test.put("/v1/webhooks", json!({"active": false})).await.ok();
        assert_eq!((&edited["id"], &edited["active"]), (&made["id"], &json!(false)));
        app.test.post("/v1/webhooks", hook()).await.ok();
        app.test.put("/v1/webhooks", json!({"active": true})).await.refused(unknown);
    }

    async fn cm_103_list_paging(app: TestApp) {
        let mut made = vec![];
        for _ in 0..12 {
            made.push(id(&app.test.post("/v1/webhooks", hook()).await.ok()));
        }
        made.reverse();
        assert_eq!(ids(&app.test.get("/v1/webhooks").await.ok()), made[..10]);
        assert_eq!(ids(&app.test.get("/v1/webhooks?count=3&skip=3").await.ok()), made[3..6]);
        assert_eq!(ids(&app.test.get("/v1/webhooks?to=1000000000").await.ok()), [""; 0]);
    }

    async fn cm_104_crud_v2(app: TestApp) {
        for account in [&app.merchant.to_string(), "undefined", "None", "null", ""] {
            let base = format!("/v2/accounts/{account}/webhooks");
            let made = app.test.post(&base, hook()).await.ok();
            let path = format!("{base}/{}", id(&made));
            assert_eq!(app.test.get(&path).await.ok(), made, "{account}");
            assert_eq!(app.test.get(&base).await.ok()["items"], json!([made]));
            let edited = app.test.patch(&path, json!({"active": false})).await.ok();
            assert_eq!(edited["active"], false);
            assert_eq!(app.test.put(&path, json!({"active": 1})).await.ok()["active"], true);
            let gone = app.test.delete(&path).await;
            assert_eq!((gone.status, &*gone.bytes), (200, &b"[]"[..]));
        }
        let made = id(&app.test.post("/v1/webhooks", hook()).await.ok());
        let stranger = app.another_merchant().await;
        let foreign = format!("/v2/accounts/{}/webhooks", app.merchant);
        let unknown = "The id provided does not exist";
        stranger.get(&foreign).await.refused(unknown);
        stranger.post(&foreign, hook()).await.refused(unknown);
        stranger.get(&format!("{foreign}/{made}")).await.refused(unknown);
        stranger.get(&format!("/v1/webhooks/{made}")).await.refused(unknown);
        stranger.patch(&format!("/v1/webhooks/{made}"), json!({})).await.refused(unknown);
        stranger.delete(&format!("/v1/webhooks/{made}")).await.refused(unknown);
        app.test.get("/v2/accounts/acc_1/webhooks").await.refused("1 is not a valid id");
        assert_eq!(app.test.get("/v1/webhooks").await.ok()["count"], 1);
    }

    async fn cm_105_validation(app: TestApp) {
        let long = format!("https://shop.example.test/{}", "a".repeat(230));
        for (body, text, field) in [
            (json!({"events": ["payment.captured"]}), "The url field is required.", "url"),
            (hook_with(json!({"url": ""})), "The url field is required.", "url"),
            (hook_with(json!({"url": "nope"})), "The url is not a valid URL.", "url"),
            (hook_with(json!({"url": "ftp://shop.example.test"})), "The url is not a valid URL.", "url"),
            (hook_with(json!({"url": "http://"})), "The url is not a valid URL.", "url"),
            (hook_with(json!({"url": long})), "The url may not be greater than 255 characters.", "url"),
            (json!({"url": "http://shop.example.test"}), "The events field is required.", "events"),
            (hook_with(json!({"events": []})), "The events field is required.", "events"),
            (hook_with(json!({"events": {"payment.captured": false}})), "The events field is required.", "events"),
            (hook_with(json!({"events": ["a.b", "payment.captured", "c"]})), "Invalid event name/names: a.b, c", "events"),
            (hook_with(json!({"alert_email": "ops"})), "The alert email must be a valid email address.", "alert_email"),
            (hook_with(json!({"active": "maybe"})), "The active field must be true or false.", "active"),
        ] {
            let error = app.test.post("/v1/webhooks", body).await.refused(text);
            assert_eq!(error["field"], field);
        }
        app.test.post("/v1/webhooks", hook_with(json!({"secret": "s".repeat(256)}))).await.error(400);
        assert_eq!(app.test.get("/v1/webhooks").await.ok()["count"], 0);
        let fits = format!("https://shop.example.test/{}", "a".repeat(229));
        app.test.post("/v1/webhooks", hook_with(json!({"url": fits}))).await.ok();
        // Events of the vendor that never fire here are accepted.
        let vendor = json!({"events": ["subscription.charged", "order.paid", "settlement.processed"]});
        app.test.post("/v1/webhooks", hook_with(vendor)).await.ok();
    }

    async fn cm_105_at_most_30(app: TestApp) {
        for _ in 0..30 {
            app.test.post("/v1/webhooks", hook()).await.ok();
        }
        let text = "You can only have 30 webhooks configured.";
        app.test.post("/v1/webhooks", hook()).await.refused(text);
        app.live.post("/v1/webhooks", hook()).await.ok();
        let one = ids(&app.test.get("/v1/webhooks?count=1").await.ok()).remove(0);
        app.test.delete(&format!("/v1/webhooks/{one}")).await.ok();
        app.test.post("/v1/webhooks", hook()).await.ok();
    }

    async fn cm_105_public_addresses_only_where_asked(app: TestApp) {
        let private = hook_with(json!({"url": "http://127.0.0.1:9/hook"}));
        let made = id(&app.test.post("/v1/webhooks", private.clone()).await.ok());
        app.set(json!({"webhook_public_urls_only": true})).await;
        let text = "The url is not a valid URL.";
        app.test.post("/v1/webhooks", private.clone()).await.refused(text);
        app.test.put(&format!("/v1/webhooks/{made}"), private).await.refused(text);
        app.test.post("/v1/webhooks", hook()).await.ok();
    }

    async fn cm_106_the_secret_is_hidden(app: TestApp) {
        let secret = "whsec_very_secret_indeed";
        let without = app.test.post("/v1/webhooks", hook()).await;
        assert!(!keys(&without.ok()).contains(&"secret_exists"));
        let with = app.test.post("/v1/webhooks", hook_with(json!({"secret": secret}))).await;
        assert_eq!(with.ok()["secret_exists"], true);
        let path = format!("/v1/webhooks/{}", id(&with.ok()));
        let put = app.test.put(&path, json!({"secret": secret})).await;
        let get = app.test.get(&path).await;
        let list = app.test.get("/v1/webhooks").await;
        let deliveries = app.test.get("/v1/sandbox/deliveries").await;
        for answer in [with, put, get, list, deliveries] {
            assert!(!String::from_utf8(answer.bytes.to_vec()).unwrap().contains(secret));
        }
        let removed = app.test.put(&path, json!({"secret": ""})).await.ok();
        assert!(!keys(&removed).contains(&"secret_exists"));
    }

    async fn cm_114_switching_off_and_on(app: TestApp) {
        let now = app.freeze().await;
        let off = app.test.post("/v1/webhooks", hook_with(json!({"active": false}))).await.ok();
        assert_eq!((&off["active"], &off["disabled_at"]), (&json!(false), &json!(now)));
        let path = format!("/v1/webhooks/{}", id(&off));
        app.advance(5).await;
        let still = app.test.put(&path, json!({"active": false})).await.ok();
        assert_eq!(still["disabled_at"], now);
        let on = app.test.put(&path, json!({"active": true})).await.ok();
        assert_eq!((&on["active"], &on["disabled_at"]), (&json!(true), &json!(0)));
        let empty = app.test.send(Method::PUT, &path, None, Bytes::new()).await.ok();
        assert_eq!(empty["active"], true);
    }
}
