//! Who may call: rows CM-01 to CM-08, CM-50 and CM-127.

use axum::body::Bytes;
use hyper::Method;
use serde_json::json;

use crate::harness::{bank_account, base64, id};
use crate::on_both_databases;

const MISSING: &str = "Please provide your api key for authentication purposes";
const INVALID: &str = "The api key provided is invalid";
const FAILED: &str = "Authentication failed";

on_both_databases! {
    async fn cm_01_basic_auth(app: TestApp) {
        app.test.get("/v1/virtual_accounts").await.ok();
        app.live.get("/v1/virtual_accounts").await.ok();
    }

    async fn cm_02_missing_header(app: TestApp) {
        let nobody = app.test.send_as(Method::GET, "/v1/customers", None, None, Bytes::new()).await;
        let whole = format!(
            r#"{{"error":{{"code":"BAD_REQUEST_ERROR","description":"{MISSING}","source":"NA","step":"NA","reason":"NA","metadata":{{}}}}}}"#
        );
        assert_eq!((nobody.status, &*nobody.bytes), (401, whole.as_bytes()));
        assert_eq!(nobody.headers["www-authenticate"], "Basic realm=\"Restricted\"");
        assert_eq!(nobody.headers["content-type"], "application/json");
    }

    async fn cm_03_wrong_key_or_secret(app: TestApp) {
        let (key, secret) = (&app.test.key_id, &app.test.key_secret);
        let mixed = key.replace("rzp_test_", "rzp_live_");
        for pair in [
            format!("{key}:wrong"),
            format!("{key}:"),
            format!("{key}:{secret}x"),
            format!("rzp_test_0000000000000a:{secret}"),
            format!("{mixed}:{secret}"),
            format!("nonsense:{secret}"),
            format!(":{secret}"),
            format!("{}:{secret}", app.live.key_id),
        ] {
            let header = format!("Basic {}", base64(pair.as_bytes()));
            let answer =
                app.test.send_as(Method::GET, "/v1/customers", Some(&header), None, Bytes::new());
            assert_eq!(answer.await.error(401)["description"], INVALID, "{pair}");
        }
    }

    async fn cm_04_scheme_spelling(app: TestApp) {
        let pair = format!("{}:{}", app.test.key_id, app.test.key_secret);
        let good = base64(pair.as_bytes());
        let without_colon = base64(app.test.key_id.as_bytes());
        for header in [
            format!("basic {good}"),
            format!("BASIC {good}"),
            format!("Basic  {good}"),
            format!("\"Basic {good}\""),
            format!("Basic{good}"),
            format!("Bearer {good}"),
            "Bearer x".to_owned(),
            "Basic".to_owned(),
            "Basic !!!".to_owned(),
            format!("Basic {}", &good[..5]),
            format!("Basic {without_colon}"),
            String::new(),
        ] {
            let answer =
                app.test.send_as(Method::GET, "/v1/customers", Some(&header), None, Bytes::new());
            assert_eq!(answer.await.error(401)["description"], FAILED, "{header}");
        }
        let header = format!("Basic {good}");
        let answer = app.test.send_as(Method::GET, "/v1/customers", Some(&header), None, Bytes::new());
        answer.await.ok();
    }

    async fn cm_05_mode_isolation(app: TestApp) {
        let customer = id(&app.customer().await);
        let (account, number) = app.virtual_account().await;
        let payment = app.pay(&number, 500).await;
        let payment = payment["payment_id"].as_str().unwrap();
        let (hook, _receiver) = app.hook(&["payment.captured"]).await;
        for path in [
            format!("/v1/customers/{customer}"),
            format!("/v1/virtual_accounts/{account}"),
            format!("/v1/virtual_accounts/{account}/payments"),
            format!("/v1/payments/{payment}"),
            format!("/v1/payments/{payment}/bank_transfer"),
            format!("/v1/webhooks/{hook}"),
        ] {
            app.test.get(&path).await.ok();
            app.live.get(&path).await.refused("The id provided does not exist");
        }
        for list in ["customers", "virtual_accounts", "payments", "webhooks"] {
            let empty = app.live.get(&format!("/v1/{list}")).await.ok();
            assert_eq!(empty["count"], 0, "{list}");
        }
    }

    async fn cm_07_key_rotation(app: TestApp) {
        let customer = format!("/v1/customers/{}", id(&app.customer().await));
        let (key, second) = app.another_key().await;
        assert_eq!(second.get(&customer).await.ok(), app.test.get(&customer).await.ok());
        app.expire_key(key).await;
        assert_eq!(second.get(&customer).await.error(401)["description"], INVALID);
        app.test.get(&customer).await.ok();
    }

    async fn cm_08_account_header(app: TestApp) {
        let customer = format!("/v1/customers/{}", id(&app.customer().await));
        let with = |value: &str| app.test.with_header("X-Razorpay-Account", value);
        with(&app.merchant.to_string()).get(&customer).await.ok();
        with("").get(&customer).await.ok();
        with("  ").get(&customer).await.ok();
        let stranger = app.another_merchant().await;
        let made = stranger.post("/v1/webhooks", json!({
            "url": "http://shop.example.test/hook", "events": ["payment.captured"]
        })).await.ok();
        let foreign = format!("acc_{}", made["owner_id"].as_str().unwrap());
        for other in ["acc_0000000000000a", "acc_1", "null", foreign.as_str()] {
            with(other).get(&customer).await.refused("The id provided does not exist");
        }
    }

    async fn cm_08_and_sc_116_sub_merchants(app: TestApp) {
        let (child, direct) = app.sub_merchant().await;
        let parent = app.test.with_header("X-Razorpay-Account", &child.to_string());
        let account = parent.post("/v1/virtual_accounts", bank_account()).await.ok();
        assert_eq!(account["name"], "Sub Traders");
        let path = format!("/v1/virtual_accounts/{}", id(&account));
        assert_eq!(direct.get(&path).await.ok(), account);
        app.test.get(&path).await.refused("The id provided does not exist");
        // A child has no power over its parent.
        let own = format!("/v1/customers/{}", id(&app.customer().await));
        let upward = direct.with_header("X-Razorpay-Account", &app.merchant.to_string());
        upward.get(&own).await.refused("The id provided does not exist");
        // The account header does not change the mode.
        let live = app.live.with_header("X-Razorpay-Account", &child.to_string());
        live.get(&path).await.refused("The id provided does not exist");
    }

    async fn cm_08_the_settings_are_those_of_the_account_acted_for(app: TestApp) {
        let (child, direct) = app.sub_merchant().await;
        let parent = app.test.with_header("X-Razorpay-Account", &child.to_string());
        let settings = json!({"strict_params": true, "amount_limit": 1_000});
        direct.patch("/v1/sandbox/settings", settings).await.ok();
        let order = |amount: i64| json!({"amount": amount, "currency": "INR"});
        parent.post("/v1/orders", order(1_001)).await.refused("Amount exceeds maximum amount allowed");
        let mut extra = order(1_000);
        extra["foo"] = json!(1);
        parent.post("/v1/orders", extra.clone()).await
            .refused("foo is/are not required and should not be sent");
        extra["amount"] = json!(1_001);
        app.test.post("/v1/orders", extra).await.ok();
    }

    async fn cm_50_rate_limit(app: TestApp) {
        app.set(json!({"rate_limit_per_second": 5})).await;
        let mut refused = 0;
        // A burst may lie across the turn of a second, so some of it passes twice.
        for _ in 0..30 {
            let answer = app.test.get("/v1/customers?count=1").await;
            if answer.status == 429 {
                let error = answer.error(429);
                assert_eq!(error["description"], "Request failed. Please try after sometime.");
                assert_eq!(error["source"], "business");
                assert_eq!(error["code"], "BAD_REQUEST_ERROR");
                let seconds: u32 =
                    answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
                assert!((1..=60).contains(&seconds));
                refused += 1;
            } else {
                answer.ok();
            }
        }
        assert!(refused >= 5, "{refused} of 30");
        let calls = app.test.clone();
        app.eventually("the next second", async || {
            calls.get("/v1/customers?count=1").await.status == 200
        }).await;
        // Another merchant has a limit of its own.
        app.another_merchant().await.get("/v1/customers").await.ok();
    }

    async fn cm_127_and_sc_112_the_sandbox_is_guarded(app: TestApp) {
        let (id, number) = app.virtual_account().await;
        let text = "This operation is allowed only in test mode.";
        let calls: &[(Method, &str)] = &[
            (Method::DELETE, "/v1/sandbox"),
            (Method::POST, "/v1/sandbox/bank_transfers"),
            (Method::GET, "/v1/sandbox/clock"),
            (Method::POST, "/v1/sandbox/clock"),
            (Method::GET, "/v1/sandbox/settings"),
            (Method::PATCH, "/v1/sandbox/settings"),
            (Method::GET, "/v1/sandbox/messages"),
            (Method::GET, "/v1/sandbox/deliveries"),
            (Method::GET, "/v1/sandbox/faults"),
            (Method::POST, "/v1/sandbox/faults"),
            (Method::DELETE, "/v1/sandbox/faults"),
            (Method::POST, "/v1/sandbox/webhooks/QcW5Hook000001/replay"),
            (Method::POST, "/v1/sandbox/merchants"),
        ];
        let body = json!({"account_number": number, "amount": 500, "advance": 60}).to_string();
        let pay = format!("/v1/virtual_accounts/{id}/pay/test");
        let pay = [(Method::POST, pay.as_str())];
        for (method, path) in calls.iter().chain(&pay) {
            let answer = app.live.send(
                method.clone(), path, Some("application/json"), Bytes::from(body.clone())
            );
            answer.await.refused(text);
        }
        assert_eq!(app.account(&id).await["amount_paid"], 0);
    }

    async fn without_a_sandbox_its_routes_are_unknown(app: TestApp) {
        let (id, number) = app.virtual_account().await;
        let (other, client) = app.without_sandbox().await;
        let unknown = "The requested URL was not found on the server.";
        for path in ["clock", "settings", "messages", "deliveries", "faults"] {
            client.get(&format!("/v1/sandbox/{path}")).await.refused(unknown);
        }
        let body = json!({"account_number": number, "amount": 500});
        client.post("/v1/sandbox/bank_transfers", body).await.refused(unknown);
        let pay = format!("/v1/virtual_accounts/{id}/pay/test");
        client.post(&pay, json!({"amount": 500})).await.refused(unknown);
        client.delete("/v1/sandbox").await.refused(unknown);
        client.get("/v1/customers").await.ok();
        other.tasks.stop();
    }
}
