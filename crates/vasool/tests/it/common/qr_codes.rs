//! Standalone QR codes: rows CM-15 and CM-124.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, id, ids, is_id, keys};
use crate::on_both_databases;

pub const PATH: &str = "/v1/payments/qr_codes";
const KEYS: &[&str] = &[
    "id",
    "entity",
    "created_at",
    "name",
    "usage",
    "type",
    "image_url",
    "payment_amount",
    "status",
    "description",
    "fixed_amount",
    "payments_amount_received",
    "payments_count_received",
    "notes",
    "customer_id",
    "close_by",
    "closed_at",
    "close_reason",
];

pub fn single(amount: i64) -> Value {
    json!({"type": "upi_qr", "usage": "single_use", "fixed_amount": true, "payment_amount": amount})
}

pub fn multiple() -> Value {
    json!({"type": "upi_qr", "usage": "multiple_use"})
}

pub fn with(mut body: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

pub async fn create(app: &TestApp, body: Value) -> Value {
    app.test.post(PATH, body).await.ok()
}

pub async fn read(app: &TestApp, code: &Value) -> Value {
    app.test.get(&format!("{PATH}/{}", id(code))).await.ok()
}

async fn close(app: &TestApp, code: &Value) -> Value {
    app.test.post(&format!("{PATH}/{}/close", id(code)), json!({})).await.ok()
}

/// The documented test payment.
pub async fn pay(app: &TestApp, code: &Value, amount: i64) -> Answer {
    let body = json!({"reference": id(code), "amount": amount, "method": "upi"});
    app.test.post("/v1/bharatqr/pay/test", body).await
}

/// Where a picture is served, without the public base.
fn picture(code: &Value) -> String {
    let url = code["image_url"].as_str().unwrap();
    let path = url.strip_prefix("http://pay.example.test").unwrap();
    assert!(path.len() == "/i/".len() + 8, "{url}");
    path.to_owned()
}

on_both_databases! {
    async fn cm_124_create_fetch_and_picture(app: TestApp) {
        let (_, receiver) = app.hook(&["qr_code.created"]).await;
        let now = app.freeze().await;
        let customer = app.customer().await;
        let code = create(&app, with(single(30_000), json!({
            "name": "Counter 2", "description": "Walk-in", "customer_id": customer["id"],
            "notes": {"till": "4"}, "close_by": now + 600
        }))).await;
        assert_eq!(keys(&code), KEYS);
        assert!(is_id(&code["id"], "qr_"));
        for (key, want) in [
            ("entity", json!("qr_code")), ("created_at", json!(now)), ("name", json!("Counter 2")),
            ("usage", json!("single_use")), ("type", json!("upi_qr")),
            ("payment_amount", json!(30_000)), ("status", json!("active")),
            ("description", json!("Walk-in")), ("fixed_amount", json!(true)),
            ("payments_amount_received", json!(0)), ("payments_count_received", json!(0)),
            ("notes", json!({"till": "4"})), ("customer_id", customer["id"].clone()),
            ("close_by", json!(now + 600)), ("closed_at", Value::Null), ("close_reason", Value::Null),
        ] {
            assert_eq!(code[key], want, "{key}");
        }
        assert_eq!(read(&app, &code).await, code);
        let event = receiver.next().await.json();
        assert_eq!(event["contains"], json!(["qr_code"]));
        assert_eq!(event["payload"]["qr_code"]["entity"], code);

        let answer = app.test.send_plain(&picture(&code)).await;
        assert_eq!((answer.status, &answer.headers["content-type"]), (200, &"image/svg+xml".parse().unwrap()));
        let open = create(&app, multiple()).await;
        let other = app.test.send_plain(&picture(&open)).await;
        assert_ne!(answer.bytes, other.bytes);
        close(&app, &code).await;
        assert_eq!(app.test.send_plain(&picture(&code)).await.status, 404);

        // Nothing but type and usage: everything else has its default.
        for (key, want) in [
            ("name", Value::Null), ("description", Value::Null), ("payment_amount", Value::Null),
            ("fixed_amount", json!(false)), ("notes", json!([])), ("customer_id", Value::Null),
            ("close_by", Value::Null),
        ] {
            assert_eq!(open[key], want, "{key}");
        }
        // Without a fixed amount there is none to show.
        let open = create(&app, with(multiple(), json!({"payment_amount": 500}))).await;
        assert_eq!(open["payment_amount"], Value::Null);
    }

    async fn cm_124_fields(app: TestApp) {
        let post = async |body: Value| app.test.post(PATH, body).await;
        let field = async |body: Value, text: &str, field: &str| {
            assert_eq!(post(body).await.refused(text)["field"], field);
        };
        field(json!({"usage": "x"}), "The type field is required.", "type").await;
        field(with(multiple(), json!({"type": "qr"})), "The selected type is invalid.", "type").await;
        field(with(multiple(), json!({"usage": "ever"})), "The selected usage is invalid.", "usage").await;
        let text = "The fixed amount field must be true for single use.";
        field(with(multiple(), json!({"usage": "single_use"})), text, "fixed_amount").await;
        let text = "The payment amount field is required.";
        field(with(multiple(), json!({"fixed_amount": "1"})), text, "payment_amount").await;
        for amount in [0, -1] {
            field(single(amount), "The payment amount must be at least 1.", "payment_amount").await;
        }
        field(single(99), "The amount must be at least INR 1.00", "payment_amount").await;
        post(single(100)).await.ok();
        post(with(multiple(), json!({"customer_id": "cust_QcZ9Nobody0001"}))).await
            .refused("The id provided does not exist");
        post(with(multiple(), json!({"customer_id": "cust_x"}))).await.refused("x is not a valid id");
        let theirs = app.another_merchant().await.post("/v1/customers", json!({})).await.ok();
        post(with(multiple(), json!({"customer_id": theirs["id"]}))).await
            .refused("The id provided does not exist");
        // Cards are a setting.
        assert_eq!(post(with(multiple(), json!({"type": "bharat_qr"}))).await.ok()["type"], "bharat_qr");
        app.set(json!({"va_qr_enabled": false})).await;
        field(with(multiple(), json!({"type": "bharat_qr"})), "The selected type is invalid.", "type").await;
        // As a form, in any spelling of the values.
        let code = app.test.form(PATH, "type=upi_qr&usage=single_use&fixed_amount=1&payment_amount=300&notes[a]=b").await.ok();
        assert_eq!((&code["payment_amount"], &code["notes"]), (&json!(300), &json!({"a": "b"})));
    }

    async fn cm_124_close_by(app: TestApp) {
        let now = app.freeze().await;
        assert_eq!(create(&app, single(300)).await["close_by"], now + 7_200);
        for at in [now + 120, now + 7_200] {
            assert_eq!(create(&app, with(single(300), json!({"close_by": at}))).await["close_by"], at);
        }
        for at in [1, now - 1, now + 119, now + 7_201, 4_765_046_401] {
            let error = app.test.post(PATH, with(single(300), json!({"close_by": at}))).await
                .refused("close_by must be between 946684800 and 4765046400");
            assert_eq!(error["field"], "close_by", "{at}");
        }
        app.test.post(PATH, with(multiple(), json!({"close_by": now + 600}))).await
            .refused("close_by is/are not required and should not be sent");
        assert_eq!(create(&app, with(multiple(), json!({"close_by": null}))).await["close_by"], Value::Null);
    }

    async fn cm_124_list(app: TestApp) {
        let customer = app.customer().await;
        let mut made = vec![];
        for at in 0..3 {
            let more = if at == 1 { json!({"customer_id": customer["id"]}) } else { json!({}) };
            made.push(id(&create(&app, with(multiple(), more)).await));
        }
        made.reverse();
        // The QR receiver of an account is no code of its own.
        let account = app.open(json!({"receivers": {"types": ["qr_code"]}})).await;
        let receiver = id(&account["receivers"][0]);
        app.test.get(&format!("{PATH}/{receiver}")).await.refused("The id provided does not exist");
        let list = async |query: &str| ids(&app.test.get(&format!("{PATH}?{query}")).await.ok());
        assert_eq!(list("").await, made);
        assert_eq!(list("count=1&skip=1").await, made[1..2]);
        assert_eq!(list(&format!("customer_id={}", id(&customer))).await, made[1..2]);
        let payment = pay(&app, &json!({"id": made[0]}), 700).await.ok();
        assert_eq!(list(&format!("payment_id={}", id(&payment))).await, made[..1]);
        assert!(list("payment_id=pay_QcZ9Nobody0001").await.is_empty());
        assert!(list("customer_id=cust_QcZ9Nobody0001").await.is_empty());
        app.test.get(&format!("{PATH}?payment_id=x")).await.refused("x is not a valid id");
        app.test.get(&format!("{PATH}?count=0")).await.refused("The count must be at least 1.");
    }

    async fn cm_124_close(app: TestApp) {
        let (_, receiver) = app.hook(&["qr_code.closed"]).await;
        let now = app.freeze().await;
        let code = create(&app, single(300)).await;
        app.advance(100).await;
        let closed = close(&app, &code).await;
        let want = json!({"status": "closed", "closed_at": now + 100, "close_reason": "on_demand"});
        assert_eq!(closed, with(code.clone(), want));
        let event = receiver.next().await.json();
        assert_eq!(event["contains"], json!(["qr_code"]));
        assert_eq!(event["payload"]["qr_code"]["entity"], closed);
        app.advance(10_000).await;
        assert_eq!(close(&app, &code).await, closed, "twice changes nothing");
        assert_eq!(read(&app, &code).await, closed);
        assert_eq!(receiver.all().len(), 1);
        let path = |id: &str| format!("{PATH}/{id}/close");
        app.test.post(&path("qr_QcZ9Nobody0001"), json!({})).await
            .refused("The id provided does not exist");
        app.test.post(&path("qr_x"), json!({})).await.refused("x is not a valid id");
        app.test.get(&path(&id(&code))).await.refused("The requested URL was not found on the server.");
        app.assert_books_clean().await;
    }

    async fn cm_15_bodies_of_close(app: TestApp) {
        for (kind, body) in [
            (None, ""), (Some("application/json"), ""), (Some("application/json"), "{}"),
            (Some("application/json"), "null"), (Some("application/x-www-form-urlencoded"), ""),
        ] {
            let code = create(&app, multiple()).await;
            let path = format!("{PATH}/{}/close", id(&code));
            let bytes = Bytes::from_static(body.as_bytes());
            let closed = app.test.send(Method::POST, &path, kind, bytes).await.ok();
            assert_eq!(closed["close_reason"], "on_demand", "{kind:?} {body}");
        }
    }

    async fn cm_35_notes(app: TestApp) {
        let code = create(&app, multiple()).await;
        let patch = async |body: Value| app.test.patch(&format!("{PATH}/{}", id(&code)), body).await;
        let want = with(code.clone(), json!({"notes": {"a": "b"}}));
        assert_eq!(patch(json!({"notes": {"a": "b"}})).await.ok(), want);
        assert_eq!(read(&app, &code).await, want);
        close(&app, &code).await;
        assert_eq!(patch(json!({"notes": []})).await.ok()["notes"], json!([]));
        patch(json!({})).await.refused("The notes field is required.");
        patch(json!({"notes": {}, "name": "x", "usage": 1})).await
            .refused("name, usage is/are not required and should not be sent");
    }

    async fn cm_124_a_code_expires(app: TestApp) {
        let (_, receiver) = app.hook(&["qr_code.closed", "refund.processed"]).await;
        let now = app.freeze().await;
        let code = create(&app, single(300)).await;
        app.advance(7_199).await;
        assert_eq!(read(&app, &code).await, code);
        app.advance(1).await;
        let want = json!({"status": "closed", "closed_at": now + 7_200, "close_reason": "expired"});
        let closed = with(code.clone(), want);
        assert_eq!(read(&app, &code).await, closed);
        assert_eq!(app.test.get(PATH).await.ok()["items"][0], closed);
        assert_eq!(close(&app, &code).await, closed, "closing by hand what time has closed");
        let payment = pay(&app, &code, 300).await.ok();
        assert_eq!((&payment["status"], &payment["description"]), (&json!("refunded"), &json!("QR code closed")));
        // Nobody is told that the time was over.
        assert_eq!(receiver.next().await.event(), "refund.processed");
        assert_eq!(app.test.send_plain(&picture(&code)).await.status, 404);
        app.assert_books_clean().await;
    }
}
