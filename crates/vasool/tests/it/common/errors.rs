//! The shape of answers and refusals: rows CM-26, CM-45 to CM-48.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Database, TestApp, bank_account, id, keys};
use crate::on_both_databases;

fn check_envelope(answer: &Answer) -> Value {
    assert_eq!(answer.headers["content-type"], "application/json");
    let body = answer.json();
    assert_eq!(keys(&body), ["error"]);
    let error = &body["error"];
    let mut want = vec!["code", "description", "source", "step", "reason", "metadata"];
    if error.get("field").is_some() {
        want.push("field");
        assert!(error["field"].is_string());
    }
    assert_eq!(keys(error), want);
    assert!(!error["description"].as_str().unwrap().is_empty());
    assert!(
        ["BAD_REQUEST_ERROR", "GATEWAY_ERROR", "SERVER_ERROR"]
            .contains(&error["code"].as_str().unwrap())
    );
    error.clone()
}

on_both_databases! {
    async fn cm_26_response_shape(app: TestApp) {
        let (_hook, _receiver) = app.hook(&["payment.captured"]).await;
        let customer = id(&app.customer().await);
        let (account, number) = app.virtual_account().await;
        let payment = app.pay(&number, 500).await;
        let payment = payment["payment_id"].as_str().unwrap();
        for path in [
            format!("/v1/customers/{customer}"),
            format!("/v1/virtual_accounts/{account}"),
            format!("/v1/payments/{payment}"),
            "/v1/customers".to_owned(),
            "/v1/virtual_accounts".to_owned(),
            "/v1/payments".to_owned(),
            "/v1/webhooks".to_owned(),
        ] {
            let answer = app.test.get(&path).await;
            let body = answer.ok();
            assert_eq!(answer.headers["content-type"], "application/json", "{path}");
            assert_eq!(answer.bytes, serde_json::to_string(&body).unwrap(), "compact: {path}");
            let entities = match body.get("items") {
                Some(items) => items.as_array().unwrap().clone(),
                None => vec![body],
            };
            assert!(!entities.is_empty());
            for entity in entities {
                assert!(entity["entity"].is_string(), "{path}");
                assert!(entity["created_at"].is_i64(), "{path}");
            }
        }
    }

    async fn cm_26_head_is_get_without_a_body(app: TestApp) {
        let customer = format!("/v1/customers/{}", id(&app.customer().await));
        let answer = app.test.send(Method::HEAD, &customer, None, Bytes::new()).await;
        assert_eq!((answer.status, answer.bytes.len()), (200, 0));
        assert_eq!(answer.headers["content-type"], "application/json");
    }

    async fn cm_45_and_46_envelopes_and_codes(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let close = format!("/v1/virtual_accounts/{account}/close");
        for answer in [
            app.test.get("/v1/customers?count=0").await,
            app.test.get("/v1/customers?from=abc").await,
            app.test.get("/v1/payments?expand[]=foo").await,
            app.test.get("/v1/customers/cust_1").await,
            app.test.get("/v1/nowhere").await,
            app.test.get(&close).await,
            app.test.post("/v1/customers", json!({"name": "x"})).await,
            app.test.post("/v1/customers", json!({"contact": "12"})).await,
            app.test.post("/v1/customers", json!({"gstin": "12"})).await,
            app.test.post("/v1/customers", json!({"notes": {"a": []}})).await,
            app.test.post("/v1/virtual_accounts", json!({})).await,
            app.test.post("/v1/virtual_accounts", json!({"receivers": {"types": ["x"]}})).await,
            app.test.post("/v1/webhooks", json!({})).await,
            app.transfer(json!({"account_number": number})).await,
            app.transfer(json!({"account_number": number, "amount": 1})).await,
            app.test.post("/v1/sandbox/faults", json!({})).await,
            app.test.post("/v1/sandbox/clock", json!({"advance": -1})).await,
            app.live.get("/v1/sandbox/clock").await,
        ] {
            assert_eq!(answer.status, 400);
            assert_eq!(check_envelope(&answer)["code"], "BAD_REQUEST_ERROR");
        }
    }

    async fn cm_47_unknown_routes_and_methods(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let customer = id(&app.customer().await);
        for (method, path) in [
            (Method::GET, "/v1/foo".to_owned()),
            (Method::GET, "/".to_owned()),
            (Method::GET, "/v1".to_owned()),
            (Method::POST, "/v1/customers/x/y/z".to_owned()),
            (Method::GET, format!("/v1/virtual_accounts/{account}/close")),
            (Method::DELETE, "/v1/customers".to_owned()),
            (Method::DELETE, format!("/v1/customers/{customer}")),
            (Method::POST, format!("/v1/customers/{customer}")),
            (Method::PUT, format!("/v1/virtual_accounts/{account}")),
            (Method::OPTIONS, "/v1/customers".to_owned()),
            (Method::PUT, "/v1/webhooks".to_owned()),
        ] {
            let answer = app.test.send(method.clone(), &path, None, Bytes::new()).await;
            assert_eq!(answer.status, 400, "{method} {path}");
            let error = check_envelope(&answer);
            let text = "The requested URL was not found on the server.";
            assert_eq!(error["description"], text, "{method} {path}");
            assert_eq!((&error["source"], &error["step"]), (&json!("NA"), &json!("NA")));
        }
        // Known routes come first: without a key an unknown one is still unknown.
        let nobody = app.test.send_as(Method::GET, "/v1/foo", None, None, Bytes::new()).await;
        assert_eq!(nobody.status, 400);
    }

    async fn cm_48_authentication_comes_before_the_body(app: TestApp) {
        let header = Some("Basic bm9ib2R5OngK");
        let body = Bytes::from_static(b"{\"a\":");
        let path = "/v1/customers";
        let answer =
            app.test.send_as(Method::POST, path, header, Some("application/json"), body.clone());
        answer.await.error(401);
        let stranger = app.test.with_header("X-Razorpay-Account", "acc_0000000000000a");
        let answer = stranger.send(Method::POST, path, Some("application/json"), body).await;
        answer.refused("The id provided does not exist");
        // Field rules come before existence.
        let answer = app.test.put("/v1/customers/cust_QcZ9Nobody0001", json!({"name": "x"})).await;
        answer.refused("The name must be at least 3 characters.");
    }

    async fn a_refused_request_changes_nothing(app: TestApp) {
        let customer = app.customer().await;
        let path = format!("/v1/customers/{}", id(&customer));
        let body = json!({"name": "Another Name", "email": "not an address"});
        app.test.put(&path, body).await.error(400);
        assert_eq!(app.test.get(&path).await.ok(), customer);
        let mut body = bank_account();
        body["notes"] = json!({"a": {"b": 1}});
        app.test.post("/v1/virtual_accounts", body).await.error(400);
        assert_eq!(app.test.get("/v1/virtual_accounts").await.ok()["count"], 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cm_48_a_database_that_is_away() {
    let Some(database) = Database::postgres().await else { return };
    let app = TestApp::start(database).await;
    app.customer().await;
    app.database.take_away().await;
    for answer in [
        app.test.get("/v1/customers").await,
        app.test.post("/v1/customers", json!({})).await,
        app.test.post("/v1/virtual_accounts", bank_account()).await,
        app.test.get("/v1/sandbox/clock").await,
    ] {
        assert!(matches!(answer.status, 500 | 503), "{}", answer.status);
        let error = check_envelope(&answer);
        assert_eq!((&error["code"], error.get("field")), (&json!("SERVER_ERROR"), None));
        assert_eq!(
            (&error["source"], &error["reason"]),
            (&json!("internal"), &json!("server_error"))
        );
        let text = error["description"].as_str().unwrap();
        assert!(!text.to_lowercase().contains("database"), "nothing of the inside: {text}");
    }
}
