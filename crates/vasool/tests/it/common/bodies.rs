//! What a body may be: rows CM-15 to CM-19 and SC-122.

use axum::body::Bytes;
use hyper::Method;
use serde_json::json;

use crate::harness::{Raw, id};
use crate::on_both_databases;

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

on_both_databases! {
    async fn cm_15_and_sc_61_bodies_without_content(app: TestApp) {
        for (kind, body) in [
            (JSON, ""), (JSON, "null"), (JSON, "{}"), (JSON, " \n"), (FORM, ""), (None, ""),
            (FORM, "{}"), (None, "null"), (FORM, "a=1"), (JSON, "[]"),
        ] {
            let (id, _) = app.virtual_account().await;
            let path = format!("/v1/virtual_accounts/{id}/close");
            let answer = app.test.send(Method::POST, &path, kind, Bytes::from_static(body.as_bytes()));
            if body == "[]" {
                answer.await.refused("The request body must be a JSON object.");
                assert_eq!(app.account(&id).await["status"], "active");
            } else {
                assert_eq!(answer.await.ok()["status"], "closed", "{kind:?} {body:?}");
            }
        }
        let empty = app.test.send(Method::POST, "/v1/customers", JSON, Bytes::new()).await.ok();
        assert_eq!(empty["name"], json!(null));
    }

    async fn cm_16_bodies_on_get_and_delete(app: TestApp) {
        for body in ["{}", "null", "{\"a\":", "[1]"] {
            let bytes = || Bytes::from_static(body.as_bytes());
            let hook = json!({"url": "http://shop.example.test/h", "events": ["order.paid"]});
            let hook = id(&app.test.post("/v1/webhooks", hook).await.ok());
            let path = format!("/v1/webhooks/{hook}");
            app.test.send(Method::GET, &path, JSON, bytes()).await.ok();
            let gone = app.test.send(Method::DELETE, &path, JSON, bytes()).await;
            assert_eq!((gone.status, &*gone.bytes), (200, &b"[]"[..]), "{body}");
        }
        app.test.send(Method::GET, "/v1/customers", FORM, Bytes::new()).await.ok();
    }

    async fn cm_17_and_sc_122_malformed_json(app: TestApp) {
        let invalid = "The request body is not valid JSON.";
        let with_comment = "{\"receivers\":{\"types\":[\"bank_account\"]}, // one\n\"notes\":{}}";
        for (body, text) in [
            (&b"{\"amount\":"[..], "EOF"),
            (b"{\"name\":\"Meera", "EOF"),
            (b"{", "EOF"),
            (with_comment.as_bytes(), invalid),
            (b"{\"name\":\"Meera\",}", invalid),
            (b"{'name':'Meera'}", invalid),
            (b"{\"name\":\"Meera\"} x", invalid),
            (b"{\"name\":\"\xff\"}", invalid),
        ] {
            for path in ["/v1/customers", "/v1/virtual_accounts", "/v1/webhooks"] {
                let bytes = Bytes::from_static(body.to_vec().leak());
                let answer = app.test.send(Method::POST, path, JSON, bytes).await;
                let error = answer.refused(text);
                assert_eq!(error["code"], "BAD_REQUEST_ERROR");
                assert_eq!(error.get("field"), None);
            }
        }
        for path in ["/v1/customers", "/v1/virtual_accounts", "/v1/webhooks"] {
            assert_eq!(app.test.get(path).await.ok()["count"], 0, "nothing was created");
        }
    }

    async fn cm_17_duplicate_keys_last_one_wins(app: TestApp) {
        let body = Bytes::from_static(br#"{"name":"First One","name":"Second One"}"#);
        let made = app.test.send(Method::POST, "/v1/customers", JSON, body).await.ok();
        assert_eq!(made["name"], "Second One");
        let made = app.test.form("/v1/customers", "name=First+One&name=Second+One").await.ok();
        assert_eq!(made["name"], "Second One");
    }

    async fn cm_18_bodies_that_are_no_object(app: TestApp) {
        for body in ["[1]", "[]", "\"x\"", "\"\"", "12", "true"] {
            let bytes = Bytes::from_static(body.as_bytes());
            let answer = app.test.send(Method::POST, "/v1/customers", JSON, bytes).await;
            answer.refused("The request body must be a JSON object.");
        }
    }

    async fn cm_19_expect_and_chunked(app: TestApp) {
        let mut raw = Raw::connect(&app.base).await;
        let body = r#"{"name":"Meera Iyer"}"#;
        let head = app.test.raw_head("POST /v1/customers");
        let length = body.len();
        let kind = "Content-Type: application/json";
        raw.write(
            format!("{head}{kind}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n")
                .as_bytes()
        ).await;
        // The client waits for this before it sends the body.
        raw.until("HTTP/1.1 100").await;
        raw.write(body.as_bytes()).await;
        let answer = raw.until("\"created_at\"").await;
        assert!(answer.contains("HTTP/1.1 200"), "{answer}");

        // The same connection again, in chunks that cut words.
        raw.write(format!("{head}{kind}\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
        raw.write(b"5\r\n{\"nam\r\n").await;
        raw.write(b"11\r\ne\":\"Chunk Chunkso\r\n").await;
        raw.write(b"3\r\nn\"}\r\n0\r\n\r\n").await;
        let answer = raw.until("Chunk Chunkson").await;
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    }

    async fn cm_19_expect_is_not_answered_to_strangers(app: TestApp) {
        let mut raw = Raw::connect(&app.base).await;
        raw.write(
            b"POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\
              Expect: 100-continue\r\n\r\n"
        ).await;
        let answer = raw.until("api key").await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }

    async fn bodies_above_one_mebibyte_are_refused_unread(app: TestApp) {
        let head = app.test.raw_head("POST /v1/customers");
        // Announced: answered although not one byte of the body was sent.
        let mut raw = Raw::connect(&app.base).await;
        let length = (1 << 20) + 1;
        raw.write(format!("{head}Content-Length: {length}\r\n\r\n").as_bytes()).await;
        let answer = raw.until("too large").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("The request body is too large."), "{answer}");

        // In chunks without an announced end: answered once it is too much.
        let mut raw = Raw::connect(&app.base).await;
        raw.write(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
        let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
        for _ in 0..16 {
            raw.write(&chunk).await;
        }
        raw.write(b"1\r\n ").await;
        let answer = raw.until("too large").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }

    async fn bodies_of_one_mebibyte_pass(app: TestApp) {
        let mut body = br#"{"name":"Meera Iyer""#.to_vec();
        body.resize((1 << 20) - 1, b' ');
        body.push(b'}');
        let made = app.test.send(Method::POST, "/v1/customers", JSON, Bytes::from(body)).await;
        assert_eq!(made.ok()["name"], "Meera Iyer");
    }

    async fn depth_and_number_of_keys_are_bounded(app: TestApp) {
        let deep = format!("{{\"notes\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
        let many: Vec<String> = (0..1_001).map(|n| format!("k{n}=1")).collect();
        for (kind, body) in [
            (JSON, deep),
            (FORM, many.join("&")),
            (FORM, format!("a{}=1", "[b]".repeat(9))),
        ] {
            let bytes = Bytes::from(body);
            app.test.send(Method::POST, "/v1/customers", kind, bytes).await.error(400);
        }
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 0);
    }
}
