//! Payments to standalone QR codes: rows CM-82, CM-93 and CM-125.

use serde_json::{Value, json};

use super::qr_codes::{PATH, create, multiple, pay, read, single, with};
use crate::harness::{Answer, id, ids};
use crate::on_both_databases;

on_both_databases! {
    async fn cm_125_a_payment(app: TestApp) {
        let (_, receiver) =
            app.hook(&["payment.authorized", "payment.captured", "qr_code.credited", "virtual_account.credited"]).await;
        let now = app.freeze().await;
        let customer = app.customer().await;
        let code = create(&app, with(multiple(), json!({"customer_id": customer["id"]}))).await;
        let payment = pay(&app, &code, 20_000).await.ok();
        for (key, want) in [
            ("amount", json!(20_000)), ("status", json!("captured")), ("captured", json!(true)),
            ("method", json!("upi")), ("vpa", json!("testpayer@examplebank")),
            ("description", json!("QRv2 Payment")), ("fee", json!(0)), ("tax", json!(0)),
            ("email", json!("meera@example.test")), ("contact", json!("+919000012345")),
            ("customer_id", customer["id"].clone()), ("order_id", Value::Null),
            ("upi", json!({"vpa": "testpayer@examplebank"})), ("created_at", json!(now)),
        ] {
            assert_eq!(payment[key], want, "{key}");
        }
        let counted = with(code.clone(), json!({
            "payments_amount_received": 20_000, "payments_count_received": 1
        }));
        assert_eq!(read(&app, &code).await, counted);
        let events = receiver.until(3).await;
        let names: Vec<String> = events.iter().map(|event| event.event()).collect();
        assert_eq!(names, ["payment.authorized", "payment.captured", "qr_code.credited"]);
        let credited = events[2].json();
        assert_eq!(credited["contains"], json!(["payment", "qr_code"]));
        assert_eq!(credited["payload"]["qr_code"]["entity"], counted);
        assert_eq!(credited["payload"]["payment"]["entity"]["id"], payment["id"]);
        assert_eq!(events[0].json()["payload"]["payment"]["entity"]["fee"], Value::Null);

        // By the sandbox's own call: to the code, to its address, with a narration nobody shows.
        let body = json!({"qr_code": code["id"], "amount": 500, "rrn": "616500112233", "narration": "x"});
        let paid = app.test.post("/v1/sandbox/upi_payments", body.clone()).await.ok();
        assert_eq!((&paid["result"], &paid["reference"]), (&json!("credited"), &json!("616500112233")));
        let again = app.test.post("/v1/sandbox/upi_payments", body).await.ok();
        assert_eq!((&again["result"], &again["payment_id"]), (&json!("duplicate"), &paid["payment_id"]));
        assert_eq!(app.payment(&paid).await["description"], "QRv2 Payment");
        let raw = vasool_core::id::RawId::parse(&id(&code)[3..]).unwrap();
        let address = vasool_core::receiver::qr_address(vasool_core::id::QrCodeId(raw), "rpy", "icici");
        let body = json!({"vpa": address.to_uppercase(), "amount": 700});
        assert_eq!(app.test.post("/v1/sandbox/upi_payments", body).await.ok()["result"], "credited");
        let code = read(&app, &code).await;
        assert_eq!(code["payments_amount_received"], 21_200);
        assert_eq!(code["payments_count_received"], 3);

        let list = app.test.get(&format!("{PATH}/{}/payments?count=2", id(&code))).await.ok();
        assert_eq!(list["items"][1]["id"], paid["payment_id"], "newest first");
        let list = app.test.get(&format!("{PATH}/{}/payments?skip=2", id(&code))).await.ok();
        assert_eq!(list["items"][0], payment);
        // No payment of any virtual account.
        assert!(ids(&app.test.get("/v1/payments?virtual_account=1").await.ok()).is_empty());
        let path = format!("/v1/payments/{}/upi_transfer", id(&payment));
        app.test.get(&path).await.refused("The id provided does not exist");
        app.assert_books_clean().await;
    }

    async fn cm_125_single_use_closes_as_paid(app: TestApp) {
        let (_, receiver) = app.hook(&["qr_code.credited", "qr_code.closed", "refund.created"]).await;
        let now = app.freeze().await;
        let code = create(&app, single(30_000)).await;
        let other = pay(&app, &code, 29_999).await.ok();
        assert_eq!((&other["status"], &other["captured"]), (&json!("refunded"), &json!(false)));
        assert_eq!(read(&app, &code).await, code, "money that goes back changes nothing");
        let paid = pay(&app, &code, 30_000).await.ok();
        assert_eq!(paid["status"], "captured");
        let closed = read(&app, &code).await;
        let want = json!({
            "status": "closed", "closed_at": now, "close_reason": "paid",
            "payments_amount_received": 30_000, "payments_count_received": 1
        });
        assert_eq!(closed, with(code.clone(), want));
        let late = pay(&app, &code, 30_000).await.ok();
        for (key, want) in [
            ("status", json!("refunded")), ("captured", json!(false)),
            ("amount_refunded", json!(30_000)), ("refund_status", json!("full")),
            ("fee", json!(0)), ("tax", json!(0)), ("description", json!("QR code closed")),
        ] {
            assert_eq!(late[key], want, "{key}");
        }
        app.advance(10_000).await;
        assert_eq!(read(&app, &code).await, closed);
        let events = receiver.until(3).await;
        let names: Vec<String> = events.iter().map(|event| event.event()).collect();
        assert_eq!(names, ["refund.created", "qr_code.credited", "refund.created"], "no qr_code.closed");
        assert_eq!(events[1].json()["payload"]["qr_code"]["entity"], closed);
        let refund = app.test.get("/v1/refunds").await.ok();
        assert_eq!((&refund["count"], &refund["items"][0]["speed_processed"]), (&json!(2), &json!("normal")));
        app.assert_books_clean().await;
    }

    async fn cm_125_many_at_once(app: TestApp) {
        let walk_in = create(&app, multiple()).await;
        let once = create(&app, single(30_000)).await;
        let pays = (0..40).map(|at| {
            if at % 2 == 0 { pay(&app, &walk_in, 100 * (at + 1)) } else { pay(&app, &once, 30_000) }
        });
        let payments: Vec<Value> =
            futures_util::future::join_all(pays).await.iter().map(Answer::ok).collect();
        let captured = payments.iter().filter(|row| row["status"] == "captured").count();
        assert_eq!(captured, 21, "a code for single use is paid once");
        let code = read(&app, &walk_in).await;
        let sum: i64 = (0..40).step_by(2).map(|at| 100 * (at + 1)).sum();
        assert_eq!(code["payments_amount_received"], sum);
        assert_eq!(code["payments_count_received"], 20);
        assert_eq!(read(&app, &once).await["payments_count_received"], 1);
        app.assert_books_clean().await;
    }

    async fn cm_82_fee_of_a_code(app: TestApp) {
        app.set(json!({"qr_fee_bps": 100})).await;
        let code = create(&app, multiple()).await;
        let payment = pay(&app, &code, 61_900).await.ok();
        assert_eq!((&payment["fee"], &payment["tax"]), (&json!(731), &json!(112)));
        app.assert_books_clean().await;
    }

    async fn cm_125_cards_need_a_bharat_qr(app: TestApp) {
        for (kind, takes) in [("upi_qr", false), ("bharat_qr", true)] {
            let code = create(&app, with(multiple(), json!({"type": kind}))).await;
            let body = json!({"reference": &id(&code)[3..], "amount": 500, "method": "card"});
            let answer = app.test.post("/v1/bharatqr/pay/test", body).await;
            if takes {
                assert_eq!(answer.ok()["method"], "card");
            } else {
                answer.refused("The selected method is invalid.");
            }
            let code = read(&app, &code).await;
            assert_eq!(code["payments_count_received"], i64::from(takes));
        }
        app.assert_books_clean().await;
    }

    async fn cm_93_a_payment_to_a_code_is_refunded_at_once(app: TestApp) {
        let (_, receiver) = app.hook(&["qr_code.credited", "refund.created", "refund.processed"]).await;
        let code = create(&app, multiple()).await;
        let payment = pay(&app, &code, 30_000).await.ok();
        let path = format!("/v1/payments/{}/refund", id(&payment));
        let refund = app.test.post(&path, json!({"amount": 10_000, "speed": "optimum"})).await.ok();
        assert_eq!(refund["speed_processed"], "instant");
        app.advance(60).await;
        let names: Vec<String> = receiver.until(3).await.iter().map(|event| event.event()).collect();
        assert_eq!(names, ["qr_code.credited", "refund.created", "refund.processed"]);
        // What was received stays received.
        assert_eq!(read(&app, &code).await["payments_amount_received"], 30_000);
        app.assert_books_clean().await;
    }

    async fn cm_125_a_live_key_pays_nothing(app: TestApp) {
        let code = app.live.post(PATH, multiple()).await.ok();
        let body = json!({"reference": code["id"], "amount": 500, "method": "upi"});
        app.live.post("/v1/bharatqr/pay/test", body.clone()).await
            .refused("This operation is allowed only in test mode.");
        app.test.post("/v1/bharatqr/pay/test", body).await.refused("The id provided does not exist");
        app.test.get(&format!("{PATH}/{}", id(&code))).await.refused("The id provided does not exist");
    }
}
