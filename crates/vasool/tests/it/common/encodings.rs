//! How requests may be spelled: rows CM-09 to CM-14 and CM-20 to CM-25.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{bank_account, bank_account_with, id};
use crate::on_both_databases;

/// A customer without what differs from one to the next.
fn plain(mut customer: Value) -> Value {
    customer.as_object_mut().unwrap().remove("id");
    customer.as_object_mut().unwrap().remove("created_at");
    customer
}

on_both_databases! {
    async fn cm_09_trailing_slash(app: TestApp) {
        let customer = app.test.post("/v1/customers/", json!({"name": "Meera Iyer"})).await.ok();
        let path = format!("/v1/customers/{}", id(&customer));
        assert_eq!(app.test.get(&format!("{path}/")).await.ok(), customer);
        let list = app.test.get("/v1/customers/").await.ok();
        assert_eq!(list, app.test.get("/v1/customers").await.ok());
        let edited = app.test.put(&format!("{path}/"), json!({"name": "Meera Rao"})).await.ok();
        assert_eq!(edited["name"], "Meera Rao");
        let list = app.test.get("/v1/customers/?count=1").await.ok();
        assert_eq!(list["count"], 1);
        let hook = json!({"url": "http://shop.example.test/h", "events": ["payment.captured"]});
        let hook = id(&app.test.post("/v1/webhooks/", hook).await.ok());
        let gone = app.test.delete(&format!("/v1/webhooks/{hook}/")).await;
        assert_eq!((gone.status, &*gone.bytes), (200, &b"[]"[..]));
    }

    async fn sc_27_trailing_slash(app: TestApp) {
        let account = app.test.post("/v1/virtual_accounts/", bank_account()).await.ok();
        let list = app.test.get("/v1/virtual_accounts/").await.ok();
        assert_eq!(list["items"], json!([account]));
        let path = format!("/v1/virtual_accounts/{}", id(&account));
        assert_eq!(app.test.get(&format!("{path}/")).await.ok(), account);
        app.test.get(&format!("{path}/payments/")).await.ok();
        let closed = app.test.post(&format!("{path}/close/"), json!({})).await.ok();
        assert_eq!(closed["status"], "closed");
    }

    async fn cm_10_double_slash_and_dangling_question_mark(app: TestApp) {
        let customer = app.customer().await;
        for path in [
            "/v1//customers",
            "//v1/customers",
            "/v1/customers?",
            "/v1//customers//?",
            "/v1/customers/?",
        ] {
            let list = app.test.get(path).await;
            assert!(!list.headers.contains_key("location"));
            assert_eq!(list.ok()["items"], json!([customer]), "{path}");
        }
        let other = app.test.get("/V1/customers").await;
        other.refused("The requested URL was not found on the server.");
    }

    async fn cm_11_methods_alias(app: TestApp) {
        let long = app.test.get("/v1/methods").await;
        let short = app.test.get("/methods").await;
        assert_eq!(short.bytes, long.bytes);
        assert_eq!(short.ok()["entity"], "methods");
    }

    async fn cm_12_three_spellings_of_one_customer(app: TestApp) {
        let json = app.test.post("/v1/customers", json!({
            "name": "Meera Iyer", "contact": "9000012345", "notes": {"unit": "14B", "a b": "c&d"}
        })).await.ok();
        for (n, form) in [
            "name=Meera+Iyer&contact=9000012345&notes[unit]=14B&notes[a+b]=c%26d",
            "name=Meera%20Iyer&contact=9000012345&notes%5Bunit%5D=14B&notes%5Ba%20b%5D=c%26d",
        ].iter().enumerate() {
            // Another e-mail address keeps it from being the same customer.
            let form = format!("{form}&email=m{n}@example.test");
            let mut made = plain(app.test.form("/v1/customers", &form).await.ok());
            assert_eq!(made["email"], format!("m{n}@example.test"));
            made["email"] = Value::Null;
            assert_eq!(made, plain(json.clone()), "{form}");
        }
    }

    async fn sc_25_form_encoding(app: TestApp) {
        let json = bank_account_with(json!({"description": "Unit 14B", "notes": {"unit": "14B"}}));
        let want = app.open(json).await;
        for form in [
            "receivers[types][0]=bank_account&description=Unit+14B&notes[unit]=14B",
            "receivers[types][]=bank_account&description=Unit%2014B&notes[unit]=14B",
            "receivers%5Btypes%5D%5B%5D=bank_account&description=Unit+14B&notes%5Bunit%5D=14B",
            "receivers[types]=bank_account&description=Unit+14B&notes[unit]=14B&close_by=",
        ] {
            let made = app.test.form("/v1/virtual_accounts", form).await.ok();
            for key in ["name", "status", "description", "notes", "close_by", "amount_expected"] {
                assert_eq!(made[key], want[key], "{key} of {form}");
            }
            assert_eq!(made["receivers"].as_array().unwrap().len(), 1);
        }
    }

    async fn cm_13_json_under_the_form_type(app: TestApp) {
        let made = app.test.form("/v1/customers", r#" {"name":"Meera Iyer"}"#).await.ok();
        assert_eq!(made["name"], "Meera Iyer");
    }

    async fn cm_14_missing_content_type(app: TestApp) {
        for (kind, body) in [
            (None, r#"{"name":"Meera Iyer"}"#),
            (Some("text/plain"), r#"{"name":"Meera Iyer"}"#),
            (None, "name=Meera+Iyer"),
            (Some("application/json; charset=utf-8"), r#"{"name":"Meera Iyer"}"#),
            // The PHP SDK announces JSON and sends a form (decision 7).
            (Some("application/json"), "name=Meera+Iyer"),
        ] {
            let bytes = Bytes::from_static(body.as_bytes());
            let made = app.test.send(Method::POST, "/v1/customers", kind, bytes).await.ok();
            assert_eq!(made["name"], "Meera Iyer", "{kind:?} {body}");
        }
    }

    async fn cm_20_list_encodings(app: TestApp) {
        let url = "http://shop.example.test/hook";
        let want = json!(["payment.captured", "refund.created"]);
        for events in [
            json!(["payment.captured", "refund.created"]),
            json!({"0": "payment.captured", "1": "refund.created"}),
            json!({"payment.captured": true, "payment.failed": false, "refund.created": "1"}),
        ] {
            let hook = app.test.post("/v1/webhooks", json!({"url": url, "events": events})).await;
            assert_eq!(hook.ok()["events"], want, "{events}");
        }
        for events in [
            "events[0]=payment.captured&events[1]=refund.created",
            "events[]=payment.captured&events[]=refund.created",
            "events%5B%5D=payment.captured&events%5B%5D=refund.created",
            "events[payment.captured]=1&events[payment.failed]=0&events[refund.created]=true",
        ] {
            let hook = app.test.form("/v1/webhooks", &format!("url={url}&{events}")).await.ok();
            assert_eq!(hook["events"], want, "{events}");
        }
        let one = json!({"url": url, "events": "payment.captured"});
        let one = app.test.post("/v1/webhooks", one).await.ok();
        assert_eq!(one["events"], json!(["payment.captured"]));
    }

    async fn cm_21_blank_encodings(app: TestApp) {
        let form = "name=Meera+Iyer&notes[a]=one%20two&notes[b]=one+two&notes[c]=one%2Btwo";
        let made = app.test.form("/v1/customers", form).await.ok();
        assert_eq!(made["name"], "Meera Iyer");
        assert_eq!(made["notes"], json!({"a": "one two", "b": "one two", "c": "one+two"}));
    }

    async fn cm_22_integer_coercion(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        for amount in ["25000", "\"25000\"", "\" 25000\"", "25000.0", "2.5e4", "2.5e+04"] {
            let body = format!(r#"{{"account_number":"{number}","amount":{amount}}}"#);
            let path = "/v1/sandbox/bank_transfers";
            let body = Bytes::from(body);
            let made = app.test.send(Method::POST, path, Some("application/json"), body).await.ok();
            assert_eq!(app.payment(&made).await["amount"], 25_000, "{amount}");
        }
        for amount in ["10.5", "\"x\"", "true", "[1]", "{\"a\":1}", "9223372036854775808"] {
            let body = format!(r#"{{"account_number":"{number}","amount":{amount}}}"#);
            let path = "/v1/sandbox/bank_transfers";
            let body = Bytes::from(body);
            let answer = app.test.send(Method::POST, path, Some("application/json"), body).await;
            let error = answer.refused("The amount must be an integer.");
            assert_eq!(error["field"], "amount", "{amount}");
        }
        for (expected, printed) in [(json!("10000"), 10_000), (json!(10_000.0), 10_000)] {
            let body = bank_account_with(json!({"amount_expected": expected}));
            let text = app.test.post("/v1/virtual_accounts", body).await;
            // Printed as an integer, never as 10000.0 or in quotes.
            let text = String::from_utf8(text.bytes.to_vec()).unwrap();
            assert!(text.contains(&format!("\"amount_expected\":{printed},")), "{text}");
        }
    }

    async fn cm_23_boolean_coercion(app: TestApp) {
        let url = "http://shop.example.test/hook";
        let events = ["payment.captured"];
        for (given, want) in [
            (json!(true), true), (json!(1), true), (json!("1"), true), (json!("true"), true),
            (json!(false), false), (json!(0), false), (json!("0"), false), (json!("false"), false),
        ] {
            let body = json!({"url": url, "events": events, "active": given});
            let hook = app.test.post("/v1/webhooks", body).await.ok();
            assert_eq!(hook["active"], want, "{given}");
        }
        for given in [json!("maybe"), json!(2), json!([]), json!("True")] {
            let body = json!({"url": url, "events": events, "active": given});
            let error = app.test.post("/v1/webhooks", body).await;
            let error = error.refused("The active field must be true or false.");
            assert_eq!(error["field"], "active");
        }
    }

    async fn cm_24_numeric_strings(app: TestApp) {
        let body = Bytes::from_static(br#"{"contact":919000012345}"#);
        let kind = Some("application/json");
        let made = app.test.send(Method::POST, "/v1/customers", kind, body).await.ok();
        assert_eq!(made["contact"], "919000012345");
        let made = app.test.post("/v1/customers", json!({"contact": "0091900001234"})).await.ok();
        assert_eq!(made["contact"], "0091900001234");
        // More digits than a float holds, and leading zeros.
        let (_, number) = app.virtual_account().await;
        let body = format!(
            r#"{{"account_number":"{number}","amount":500,"payer":{{"account_number":9140100987654321234}}}}"#
        );
        let path = "/v1/sandbox/bank_transfers";
        let paid = app.test.send(Method::POST, path, kind, Bytes::from(body)).await.ok();
        let payment = paid["payment_id"].as_str().unwrap();
        let transfer = app.test.get(&format!("/v1/payments/{payment}/bank_transfer")).await.ok();
        assert_eq!(transfer["payer_bank_account"]["account_number"], "9140100987654321234");
        let body = json!({
            "account_number": number, "amount": 500, "payer": {"account_number": "00000098765"}
        });
        let paid = app.transfer(body).await.ok();
        let payment = paid["payment_id"].as_str().unwrap();
        let transfer = app.test.get(&format!("/v1/payments/{payment}/bank_transfer")).await.ok();
        assert_eq!(transfer["payer_bank_account"]["account_number"], "00000098765");
    }

    async fn cm_25_unknown_keys(app: TestApp) {
        let body = json!({"name": "Meera Iyer", "colour": "red", "shape": 1});
        let made = app.test.post("/v1/customers", body.clone()).await.ok();
        assert_eq!(made.get("colour"), None);
        let path = format!("/v1/customers/{}", id(&made));
        app.test.get("/v1/customers?colour=red").await.ok();
        app.set(json!({"strict_params": true})).await;
        let text = "colour, shape is/are not required and should not be sent";
        let hook = json!({
            "url": "http://shop.example.test/h", "events": ["payment.captured"],
            "colour": "red", "shape": 1
        });
        let account = bank_account_with(json!({"colour": "red", "shape": 1}));
        for answer in [
            app.test.post("/v1/customers", body.clone()).await,
            app.test.put(&path, body).await,
            app.test.post("/v1/virtual_accounts", account).await,
            app.test.post("/v1/webhooks", hook.clone()).await,
            app.test.post(&format!("/v2/accounts/{}/webhooks", app.merchant), hook).await,
            app.test.get("/v1/customers?colour=red&shape=1").await,
            app.test.get("/v1/payments?colour=red&shape=1").await,
            app.test.get("/v1/virtual_accounts?colour=red&shape=1").await,
            app.test.get("/v1/webhooks?colour=red&shape=1").await,
        ] {
            assert_eq!(answer.refused(text)["reason"], "extra_field_sent");
        }
        // What is documented still passes.
        app.test.get("/v1/customers?count=1&skip=0&from=946684800&to=4765046400").await.ok();
        app.test.get("/v1/payments?virtual_account=1&va_transaction_id=7&expand[]=card").await.ok();
        app.test.post("/v1/virtual_accounts", bank_account()).await.ok();
        app.set(json!({"strict_params": false})).await;
        app.test.get("/v1/customers?colour=red").await.ok();
    }

    async fn nul_characters_are_no_fault_of_the_server(app: TestApp) {
        // PostgreSQL cannot store them; the answer is the same on every database.
        let (_, number) = app.virtual_account().await;
        let nul = "a\u{0}b";
        let hook = |more: Value| {
            let mut body = json!({"url": "http://shop.example.test/h", "events": ["order.paid"]});
            for (key, value) in more.as_object().unwrap() {
                body[key] = value.clone();
            }
            body
        };
        for answer in [
            app.test.post("/v1/customers", json!({"notes": {"a": nul}})).await,
            app.test.post("/v1/customers", json!({"notes": {nul: "a"}})).await,
            app.test.form("/v1/customers", "notes[a]=%00").await,
            app.test.post("/v1/virtual_accounts", bank_account_with(json!({"description": nul}))).await,
            app.test.post("/v1/webhooks", hook(json!({"secret": nul}))).await,
            app.test.post("/v1/sandbox/bank_transfers", json!({
                "account_number": number, "amount": 500, "utr": nul
            })).await,
            app.test.post("/v1/sandbox/bank_transfers", json!({
                "account_number": nul, "amount": 500
            })).await,
            app.test.post("/v1/sandbox/bank_transfers", json!({
                "account_number": number, "amount": 500, "narration": nul
            })).await,
            app.test.patch("/v1/sandbox/settings", json!({"billing_label": nul})).await,
            app.test.post("/v1/sandbox/merchants", json!({"name": nul})).await,
            app.test.get("/v1/customers?email=%00").await,
            app.test.get("/v1/payments?va_transaction_id=%00").await,
        ] {
            assert_eq!(answer.status, 400, "{}", String::from_utf8_lossy(&answer.bytes));
            assert_eq!(answer.error(400)["code"], "BAD_REQUEST_ERROR");
        }
        app.test.get("/v1/customers/%00").await.error(400);
        app.customer().await;
    }
}
