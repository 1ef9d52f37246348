//! Orders: rows CM-12, CM-22, CM-23, CM-25, CM-30, CM-31, CM-35, CM-42, CM-43, CM-60 to CM-69,
//! CM-77, SC-117 and SC-123.

use serde_json::{Value, json};

use crate::harness::{TestApp, id, ids, is_id, keys};
use crate::on_both_databases;

const UNKNOWN: &str = "The id provided does not exist";

fn order(more: Value) -> Value {
    let mut body = json!({"amount": 25_000, "currency": "INR"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn create(app: &TestApp, more: Value) -> Value {
    app.test.post("/v1/orders", order(more)).await.ok()
}

/// An account whose payments pay the order: its id and number.
async fn account_for(app: &TestApp, order: &Value) -> (String, String) {
    let body = json!({"receivers": {"types": ["bank_account"]}, "order_id": order["id"]});
    let account = app.open(body).await;
    (id(&account), account["receivers"][0]["account_number"].as_str().unwrap().to_owned())
}

async fn fetch(app: &TestApp, order: &Value) -> Value {
    app.test.get(&format!("/v1/orders/{}", id(order))).await.ok()
}

on_both_databases! {
    async fn cm_12_an_order_in_three_spellings(app: TestApp) {
        app.freeze().await;
        let json = create(&app, json!({"receipt": "r 1", "notes": {"unit": "14B"}})).await;
        let form = app.test.form("/v1/orders", "amount=25000&currency=INR&receipt=r+1&notes[unit]=14B").await.ok();
        let text = r#"{"amount":"25000","currency":"INR","receipt":"r 1","notes":{"unit":"14B"}}"#;
        let under_form = app.test.form("/v1/orders/", text).await.ok();
        for other in [form, under_form] {
            let mut same = other.clone();
            same["id"] = json["id"].clone();
            assert_eq!(same, json);
            assert_ne!(other["id"], json["id"]);
        }
    }

    async fn cm_22_and_23_coercions(app: TestApp) {
        for amount in ["\"25000\"", "25000.0", "2.5e4", "\" 25000\""] {
            let body = format!(r#"{{"amount":{amount},"currency":"INR"}}"#);
            let kind = Some("application/json");
            let answer = app.test.send(hyper::Method::POST, "/v1/orders", kind, body.into()).await;
            assert_eq!(answer.ok()["amount"], 25_000, "{amount}");
        }
        for amount in [json!(10.5), json!("x"), json!(true)] {
            let answer = app.test.post("/v1/orders", order(json!({"amount": amount}))).await;
            assert_eq!(answer.refused("The amount must be an integer.")["field"], "amount");
        }
        for flag in [json!(true), json!(1), json!("1"), json!("true"), json!("")] {
            create(&app, json!({"partial_payment": flag})).await;
        }
        let error = app.test.post("/v1/orders", order(json!({"partial_payment": "maybe"}))).await;
        error.refused("The partial payment field must be true or false.");
    }

    async fn cm_25_unknown_keys(app: TestApp) {
        let made = create(&app, json!({"foo": "bar"})).await;
        assert_eq!(made.get("foo"), None);
        app.set(json!({"strict_params": true})).await;
        let error = app.test.post("/v1/orders", order(json!({"foo": 1, "bar": 2}))).await;
        let error = error.refused("foo, bar is/are not required and should not be sent");
        assert_eq!(error["reason"], "extra_field_sent");
    }

    async fn cm_30_and_31_amounts_and_currency(app: TestApp) {
        let text = "The amount must be at least INR 1.00";
        for amount in [99, 0, -5] {
            let error = app.test.post("/v1/orders", order(json!({"amount": amount}))).await.refused(text);
            assert_eq!((&error["field"], &error["reason"]), (&json!("amount"), &json!("input_validation_failed")));
        }
        for amount in [100, 50_000_000] {
            create(&app, json!({"amount": amount})).await;
        }
        let above = order(json!({"amount": 50_000_001}));
        app.test.post("/v1/orders", above.clone()).await.refused("Amount exceeds maximum amount allowed");
        app.set(json!({"amount_limit": 50_000_001})).await;
        app.test.post("/v1/orders", above).await.ok();
        app.test.post("/v1/orders", json!({"currency": "INR"})).await.refused("The amount field is required.");
        let error = app.test.post("/v1/orders", json!({"amount": 500})).await.refused("The currency field is required.");
        assert_eq!(error["field"], "currency");
        for currency in ["ABC", "inr"] {
            let answer = app.test.post("/v1/orders", order(json!({"currency": currency}))).await;
            let error = answer.refused("currency: validation_failure: BAD_REQUEST_INVALID_CURRENCY.");
            assert_eq!(error["field"], "currency");
        }
    }

    async fn cm_60_order_create(app: TestApp) {
        let now = app.freeze().await;
        let answer = app.test.post("/v1/orders", order(json!({
            "receipt": "rent-14B", "notes": {"unit": "14B"}, "partial_payment": false, "payment_capture": 1
        }))).await;
        let made = answer.ok();
        assert!(is_id(&made["id"], "order_"));
        let whole = format!(
            r#"{{"id":"{}","entity":"order","amount":25000,"amount_paid":0,"amount_due":25000,"currency":"INR","receipt":"rent-14B","offer_id":null,"status":"created","attempts":0,"notes":{{"unit":"14B"}},"created_at":{now}}}"#,
            id(&made)
        );
        assert_eq!(answer.bytes, whole);
        let bare = create(&app, json!({})).await;
        assert_eq!((&bare["receipt"], &bare["notes"]), (&Value::Null, &json!([])));
    }

    async fn cm_61_receipts(app: TestApp) {
        let forty = "x".repeat(40);
        assert_eq!(create(&app, json!({"receipt": forty})).await["receipt"], forty);
        let long = app.test.post("/v1/orders", order(json!({"receipt": "x".repeat(41)}))).await;
        assert_eq!(long.refused("The receipt may not be greater than 40 characters.")["field"], "receipt");
        assert_eq!(create(&app, json!({"receipt": 12_345})).await["receipt"], "12345");
        create(&app, json!({"receipt": "twice"})).await;
        create(&app, json!({"receipt": "twice"})).await;
        let unique = |receipt: &str| order(json!({"receipt": receipt, "unique_receipt": true}));
        let text = "Order receipt should be unique.";
        app.test.post("/v1/orders", unique("twice")).await.refused(text);
        app.test.post("/v1/orders", unique("once")).await.ok();
        app.test.post("/v1/orders", unique("once")).await.refused(text);
        app.another_merchant().await.post("/v1/orders", unique("once")).await.ok();
        let at_once = (0..10).map(|_| app.test.post("/v1/orders", unique("at once")));
        let answers = futures_util::future::join_all(at_once).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        app.set(json!({"unique_receipts": true})).await;
        app.test.post("/v1/orders", order(json!({"receipt": "once"}))).await.refused(text);
        create(&app, json!({"receipt": "new"})).await;
    }

    async fn cm_62_capture_settings(app: TestApp) {
        for good in [
            json!({"payment_capture": 0}), json!({"payment_capture": "true"}),
            json!({"payment": {"capture": "manual", "capture_options": {
                "automatic_expiry_period": 12, "manual_expiry_period": 7200, "refund_speed": "optimum"}}}),
            json!({"payment": {"capture": "automatic"}}),
        ] {
            let made = create(&app, good).await;
            assert_eq!(made.get("payment"), None);
            assert_eq!(made.get("payment_capture"), None);
        }
        let options = |options: Value| order(json!({"payment": {"capture_options": options}}));
        for (body, text, field) in [
            (order(json!({"payment_capture": "maybe"})), "The payment capture field must be true or false.", "payment_capture"),
            (order(json!({"payment": {"capture": "later"}})), "The selected payment.capture is invalid.", "payment.capture"),
            (options(json!({"automatic_expiry_period": 11})), "The automatic expiry period must be at least 12.", "payment.capture_options.automatic_expiry_period"),
            (options(json!({"manual_expiry_period": 7201})), "The manual expiry period may not be greater than 7200.", "payment.capture_options.manual_expiry_period"),
            (options(json!({"automatic_expiry_period": 60, "manual_expiry_period": 59})), "The manual expiry period must be at least 60.", "payment.capture_options.manual_expiry_period"),
            (order(json!({"first_payment_min_amount": -1})), "first_payment_min_amount should be greater than or equal to 0.", "first_payment_min_amount"),
            (order(json!({"partial_payment": true, "first_payment_min_amount": 25_001})), "first_payment_min_amount should not exceed amount.", "first_payment_min_amount"),
        ] {
            assert_eq!(app.test.post("/v1/orders", body).await.refused(text)["field"], field);
        }
        for (customer, text) in [("cust_QcZ9Nobody0001", UNKNOWN), ("cust_1", "1 is not a valid id")] {
            app.test.post("/v1/orders", order(json!({"customer_id": customer}))).await.refused(text);
        }
        let customer = id(&app.customer().await);
        assert_eq!(create(&app, json!({"customer_id": customer, "method": "upi"})).await.get("customer_id"), None);
    }

    async fn cm_35_and_63_order_patch(app: TestApp) {
        let made = create(&app, json!({"notes": {"a": "b"}, "receipt": "r"})).await;
        let path = format!("/v1/orders/{}", id(&made));
        assert_eq!(fetch(&app, &made).await, made);
        let changed = app.test.patch(&path, json!({"notes": {"c": "d"}})).await.ok();
        let mut want = made.clone();
        want["notes"] = json!({"c": "d"});
        assert_eq!(changed, want);
        assert_eq!(fetch(&app, &made).await, want);
        assert_eq!(app.test.patch(&path, json!({"notes": []})).await.ok()["notes"], json!([]));
        assert_eq!(app.test.patch(&path, json!({})).await.refused("The notes field is required.")["field"], "notes");
        let error = app.test.patch(&path, json!({"notes": {}, "amount": 5, "receipt": "x"})).await;
        let error = error.refused("amount, receipt is/are not required and should not be sent");
        assert_eq!(error["reason"], "extra_field_sent");
        app.test.patch("/v1/orders/order_QcZ9Nobody0001", json!({"notes": {}})).await.refused(UNKNOWN);
        app.test.patch("/v1/orders/order_fake123", json!({"notes": {}})).await.refused("fake123 is not a valid id");
        app.test.post(&path, json!({"notes": {}})).await.refused("The requested URL was not found on the server.");
    }

    async fn cm_64_order_filters(app: TestApp) {
        let paid = create(&app, json!({"receipt": "a"})).await;
        let other = create(&app, json!({"receipt": "ab"})).await;
        let (_, number) = account_for(&app, &paid).await;
        app.pay(&number, 25_000).await;
        let list = async |query: &str| ids(&app.test.get(&format!("/v1/orders?{query}")).await.ok());
        assert_eq!(list("").await, [id(&other), id(&paid)]);
        assert_eq!(list("receipt=a").await, [id(&paid)]);
        assert_eq!(list("receipt=abc").await, [""; 0]);
        assert_eq!(list("authorized=1").await, [id(&paid)]);
        assert_eq!(list("authorized=0").await, [id(&other)]);
        assert_eq!(list("count=1&skip=1").await, [id(&paid)]);
        app.test.get("/v1/orders?authorized=2").await.refused("The authorized field must be true or false.");
    }

    async fn cm_42_and_43_expand(app: TestApp) {
        let paid = create(&app, json!({})).await;
        let (account, number) = account_for(&app, &paid).await;
        let payment = app.pay(&number, 25_000).await["payment_id"].clone();
        for query in [
            "expand[]=payments", "expand%5B%5D=payments", "expand[0]=payments", "expand[expand]=payments",
            "expand[expand][0]=payments", "expand[][0]=payments", "expand[]=[%22payments%22,%22payments.card%22]",
            "expand=payments",
        ] {
            let one = app.test.get(&format!("/v1/orders/{}?{query}", id(&paid))).await.ok();
            assert_eq!(one["payments"]["items"][0]["id"], payment, "{query}");
            let list = app.test.get(&format!("/v1/orders?{query}")).await.ok();
            assert_eq!(list["items"][0], one, "{query}");
            assert_eq!(keys(&one).last(), Some(&"payments"));
        }
        let other = create(&app, json!({})).await;
        let query = "expand[]=virtual_account&expand[]=offers&expand[]=transfers&expand[]=payments";
        let list = app.test.get(&format!("/v1/orders?{query}")).await.ok();
        assert_eq!(list["items"][0]["id"], other["id"]);
        assert_eq!(list["items"][0]["virtual_account"], Value::Null);
        assert_eq!(list["items"][0]["payments"]["count"], 0);
        assert_eq!(list["items"][1]["virtual_account"], app.account(&account).await);
        for name in ["offers", "transfers"] {
            assert_eq!(list["items"][1][name], json!({"entity": "collection", "count": 0, "items": []}));
        }
        let error = app.test.get("/v1/orders?expand[]=payments&expand[]=foo").await.refused(
            "Value of each expand must be one of following types: payments, payments.card, virtual_account, offers, transfers",
        );
        assert_eq!(error["field"], "expand.1");
    }

    async fn cm_67_and_sc_117_an_account_that_pays_an_order(app: TestApp) {
        let now = app.freeze().await;
        let (_, hook) = app.hook(&[
            "payment.authorized", "payment.captured", "order.paid", "virtual_account.credited",
        ]).await;
        let order = create(&app, json!({"receipt": "r"})).await;
        let (account, number) = account_for(&app, &order).await;
        let paid = app.pay(&number, 25_000).await;
        let payment = app.payment(&paid).await;
        assert_eq!(payment["order_id"], order["id"]);
        let after = fetch(&app, &order).await;
        let mut want = order.clone();
        want["status"] = json!("paid");
        want["attempts"] = json!(1);
        want["amount_paid"] = json!(25_000);
        want["amount_due"] = json!(0);
        assert_eq!(after, want);
        for event in ["payment.authorized", "payment.captured", "order.paid", "virtual_account.credited"] {
            let told = hook.next().await.json();
            assert_eq!(told["event"], event);
            if event == "order.paid" {
                assert_eq!(told["contains"], json!(["payment", "order"]));
                assert_eq!(told["payload"]["order"]["entity"], want);
                assert_eq!(told["payload"]["payment"]["entity"]["id"], payment["id"]);
                assert_eq!(told["created_at"], now);
            }
        }
        let shown = app.test.get(&format!("/v1/orders/{}?expand[]=virtual_account", id(&order))).await.ok();
        assert_eq!(shown["virtual_account"], app.account(&account).await);
        // CM-67: a paid order takes no more; the money goes back.
        let again = app.pay(&number, 25_000).await;
        assert_eq!(again["result"], "refunded");
        let refused = app.payment(&again).await;
        assert!(refused["description"].as_str().unwrap().contains("the order is already paid"));
        assert_eq!(fetch(&app, &order).await, want, "attempts unchanged");
        let body = json!({"receivers": {"types": ["vpa"]}, "order_id": order["id"]});
        let error = app.test.post("/v1/virtual_accounts", body).await.error(400);
        assert_eq!(error["reason"], "order_already_paid");
        app.assert_books_clean().await;
    }

    async fn cm_65_and_66_wrong_amounts_are_attempts(app: TestApp) {
        let order = create(&app, json!({})).await;
        let (_, number) = account_for(&app, &order).await;
        let wrong = app.pay(&number, 24_999).await;
        assert_eq!(wrong["result"], "refunded");
        let payment = app.payment(&wrong).await;
        assert!(payment["description"].as_str().unwrap().contains("different from your order amount"));
        let tried = fetch(&app, &order).await;
        assert_eq!((&tried["status"], &tried["attempts"]), (&json!("attempted"), &json!(1)));
        let right = app.pay(&number, 25_000).await;
        assert_eq!(fetch(&app, &order).await["attempts"], 2);
        let path = format!("/v1/orders/{}/payments", id(&order));
        let list = ids(&app.test.get(&path).await.ok());
        assert_eq!(json!(list), json!([wrong["payment_id"], right["payment_id"]]), "oldest first");
        assert_eq!(ids(&app.test.get(&format!("{path}?skip=1")).await.ok()), list[1..]);
        app.test.get("/v1/orders/order_QcZ9Nobody0001/payments").await.refused(UNKNOWN);
        app.assert_books_clean().await;
    }

    async fn cm_69_partial_payments(app: TestApp) {
        let (_, hook) = app.hook(&["order.paid"]).await;
        let order = create(&app, json!({"partial_payment": true, "first_payment_min_amount": 10_000})).await;
        let (_, number) = account_for(&app, &order).await;
        assert_eq!(app.pay(&number, 9_999).await["result"], "refunded", "below the first payment");
        assert_eq!(app.pay(&number, 10_000).await["result"], "credited");
        let part = fetch(&app, &order).await;
        assert_eq!((&part["status"], &part["amount_due"]), (&json!("attempted"), &json!(15_000)));
        assert_eq!(app.pay(&number, 15_001).await["result"], "refunded", "more than is due");
        assert_eq!(app.pay(&number, 15_000).await["result"], "credited");
        let paid = fetch(&app, &order).await;
        assert_eq!((&paid["status"], &paid["amount_paid"]), (&json!("paid"), &json!(25_000)));
        assert_eq!(paid["attempts"], 4);
        hook.next().await;
        app.advance(60).await;
        assert_eq!(hook.all().len(), 1);
        app.assert_books_clean().await;
    }

    async fn cm_70_one_success_per_order(app: TestApp) {
        let order = create(&app, json!({})).await;
        let (_, first) = account_for(&app, &order).await;
        let (_, second) = account_for(&app, &order).await;
        let calls = (0..10).map(|at| app.pay(if at % 2 == 0 { &first } else { &second }, 25_000));
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer["result"] == "credited").count(), 1);
        assert_eq!(fetch(&app, &order).await["amount_paid"], 25_000);
        app.assert_books_clean().await;
    }

    async fn cm_77_and_sc_123_capture_refusals(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let paid = app.pay(&number, 500).await;
        let path = format!("/v1/payments/{}/capture", paid["payment_id"].as_str().unwrap());
        let already = "Your payment has been declined as the order is already paid. Please initiate the payment with a new order.";
        for (body, text) in [
            (json!({}), "The amount field is required."),
            (json!({"amount": "x"}), "The amount must be an integer."),
            (json!({"amount": 99}), "The amount must be at least INR 1.00"),
        ] {
            assert_eq!(app.test.post(&path, body).await.refused(text)["field"], "amount");
        }
        for body in [json!({"amount": 500}), json!({"amount": 501, "currency": "USD"})] {
            let error = app.test.post(&path, body).await.refused(already);
            assert_eq!(error["reason"], "order_already_paid");
        }
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let late = app.pay(&number, 500).await;
        let late = format!("/v1/payments/{}/capture", late["payment_id"].as_str().unwrap());
        app.test.post(&late, json!({"amount": 500})).await
            .refused("Only payments which have been authorized and not yet captured can be captured");
        app.test.post("/v1/payments/pay_QcZ9Nobody0001/capture", json!({})).await.refused(UNKNOWN);
        app.test.post("/v1/payments/pay_1/capture", json!({})).await.refused("1 is not a valid id");
        app.assert_books_clean().await;
    }
}
