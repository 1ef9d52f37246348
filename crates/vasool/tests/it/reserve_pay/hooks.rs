//! What is told, in which order, byte by byte: rows RP-25, RP-39, RP-75.

use serde_json::json;

use crate::harness::{Received, id};
use crate::on_both_databases;

fn names(events: &[Received]) -> Vec<String> {
    events.iter().map(Received::event).collect()
}

/// The hook's every event of mandates, payments and orders.
const EVENTS: &[&str] = &[
    "token.confirmed",
    "token.rejected",
    "token.cancellation_initiated",
    "token.cancelled",
    "token.paused",
    "token.resumed",
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "order.paid",
];

on_both_databases! {
    async fn rp_25_approve(app: TestApp) {
        let (_, receiver) = app.hook(EVENTS).await;
        app.by_hand().await;
        let now = app.freeze().await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(120).await;
        let body = json!({"action": "approve", "vpa": "9876500001@upi", "name": "ASHA RAO"});
        app.act(&mandate.token, body).await.ok();
        let events = receiver.until(2).await;
        assert_eq!(names(&events), ["token.confirmed", "payment.failed"]);
        let token = app.token(&mandate).await;
        let (opaque, at) = (token["token"].as_str().unwrap(), now + 120);
        let (merchant, expired_at) = (app.merchant, now + 7_776_000);
        let (tok, pay) = (&mandate.token, &mandate.payment);
        let want = format!(
            r#"{{"entity":"event","account_id":"{merchant}","event":"token.confirmed","contains":["token"],"payload":{{"token":{{"entity":{{"id":"{tok}","entity":"token","token":"{opaque}","bank":null,"wallet":null,"method":"upi","vpa":{{"username":"9876500001","handle":"upi","name":"ASHA RAO","status":"valid","received_at":{at}}},"recurring":true,"recurring_details":{{"status":"confirmed","failure_reason":null,"amount_blocked":200000,"amount_debited":0}},"auth_type":null,"mrn":null,"used_at":null,"created_at":{now},"start_time":{now},"notes":[],"error_description":null,"entity_id":null,"dcc_enabled":false,"max_amount":200000,"expired_at":{expired_at}}}}}}},"created_at":{at}}}"#
        );
        assert_eq!(events[0].body, want);
        let (order, customer) = (&mandate.order, &mandate.customer);
        let want = format!(
            r#"{{"entity":"event","account_id":"{merchant}","event":"payment.failed","contains":["payment"],"payload":{{"payment":{{"entity":{{"id":"{pay}","entity":"payment","amount":200000,"currency":"INR","base_amount":200000,"status":"failed","order_id":"{order}","invoice_id":null,"international":false,"method":"upi","amount_refunded":0,"amount_transferred":0,"refund_status":null,"captured":false,"description":null,"card_id":null,"bank":null,"wallet":null,"vpa":"9876500001@upi","email":"meera@example.test","contact":"+919000012345","customer_id":"{customer}","token_id":"{tok}","notes":[],"fee":null,"tax":null,"error_code":"BAD_REQUEST_ERROR","error_description":"Payment was a dummy payment for one time mandate registration.","error_source":"business","error_step":"payment_initiation","error_reason":"upi_dummy_payment","acquirer_data":{{"rrn":null}},"created_at":{now},"upi":{{"vpa":"9876500001@upi","flow":"intent"}}}}}}}},"created_at":{at}}}"#
        );
        assert_eq!(events[1].body, want);
        assert!(events.iter().all(|event| event.is_signed_with("whsec_test")));
    }

    async fn rp_39_debit(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let (_, receiver) = app.hook(EVENTS).await;
        let now = app.freeze().await;
        let order = app.debit_order(40_000, json!({"receipt": "mon-1"})).await;
        let body = mandate.debit(&order, 40_000);
        let answer = app.test.post("/v1/payments/create/json", body).await.ok();
        let events = receiver.until(3).await;
        assert_eq!(names(&events), ["payment.authorized", "payment.captured", "order.paid"]);
        let pay = answer["razorpay_payment_id"].as_str().unwrap();
        let acquirer = app.pay_row(pay).await["acquirer_data"].to_string();
        let (merchant, tok, customer) = (app.merchant, &mandate.token, &mandate.customer);
        let payment = |state: &str| format!(
            r#"{{"entity":{{"id":"{pay}","entity":"payment","amount":40000,"currency":"INR","base_amount":40000,"status":{state},"card_id":null,"bank":null,"wallet":null,"vpa":"meera@examplebank","email":"meera@example.test","contact":"+919000012345","customer_id":"{customer}","token_id":"{tok}","notes":[],"fee":FEE,"tax":TAX,"error_code":null,"error_description":null,"error_source":null,"error_step":null,"error_reason":null,"acquirer_data":{acquirer},"created_at":{now},"upi":{{"vpa":"meera@examplebank","flow":"intent"}}}}}}"#
        );
        let middle = |captured: bool| format!(
            r#""order_id":"{order}","invoice_id":null,"international":false,"method":"upi","amount_refunded":0,"amount_transferred":0,"refund_status":null,"captured":{captured},"description":null"#
        );
        let authorized = payment(&format!(r#""authorized",{}"#, middle(false)))
            .replace("FEE", "null").replace("TAX", "null");
        let captured = payment(&format!(r#""captured",{}"#, middle(true)))
            .replace("FEE", "944").replace("TAX", "144");
        let order_made = app.order_row(&order).await["created_at"].clone();
        let paid = format!(
            r#"{{"entity":{{"id":"{order}","entity":"order","amount":40000,"amount_paid":40000,"amount_due":0,"currency":"INR","receipt":"mon-1","offer_id":null,"status":"paid","attempts":1,"notes":[],"created_at":{order_made}}}}}"#
        );
        let event = |name: &str, contains: &str, payload: &str| format!(
            r#"{{"entity":"event","account_id":"{merchant}","event":"{name}","contains":[{contains}],"payload":{{{payload}}},"created_at":{now}}}"#
        );
        let one = r#""payment""#;
        let wants = [
            event("payment.authorized", one, &format!(r#""payment":{authorized}"#)),
            event("payment.captured", one, &format!(r#""payment":{captured}"#)),
            event("order.paid", r#""payment","order""#,
                  &format!(r#""payment":{captured},"order":{paid}"#)),
        ];
        for (got, want) in events.iter().zip(wants) {
            assert_eq!(got.body, want);
        }
    }

    async fn rp_39_manual_capture(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let (_, receiver) = app.hook(EVENTS).await;
        let order = app.debit_order(40_000, json!({"payment_capture": false})).await;
        let body = mandate.debit(&order, 40_000);
        let answer = app.test.post("/v1/payments/create/json", body).await.ok();
        assert_eq!(names(&receiver.until(1).await), ["payment.authorized"]);
        let path = format!("/v1/payments/{}/capture", answer["razorpay_payment_id"].as_str().unwrap());
        app.test.post(&path, json!({"amount": 40_000})).await.ok();
        assert_eq!(names(&receiver.until(3).await[1..]), ["payment.captured", "order.paid"]);
    }

    async fn rp_27_and_30_refused_approvals(app: TestApp) {
        let (_, receiver) = app.hook(EVENTS).await;
        app.by_hand().await;
        let first = app.pending_mandate(200_000).await;
        app.act(&first.token, json!({"action": "reject"})).await.ok();
        assert_eq!(names(&receiver.until(2).await), ["token.rejected", "payment.failed"]);
        let loser = app.pending_mandate(200_000).await;
        let body = crate::harness::authorisation(&loser.customer, &loser.order, 200_000);
        let (_, winner) = app.authorise(body).await;
        app.act(&winner, json!({"action": "approve"})).await.ok();
        let events = receiver.until(6).await;
        let of = |token: &str, payment: &str| -> Vec<String> {
            let is_own = |event: &&Received| {
                let payload = event.json()["payload"].clone();
                payload["token"]["entity"]["id"] == token
                    || payload["payment"]["entity"]["id"] == payment
            };
            events[2..].iter().filter(is_own).map(Received::event).collect()
        };
        let payments = app.order_payments(&loser.order).await;
        assert_eq!(of(&winner, &id(&payments[1])), ["token.confirmed", "payment.failed"]);
        assert_eq!(of(&loser.token, &loser.payment), ["token.rejected", "payment.failed"]);
    }

    async fn rp_75_a_retry_carries_the_same_event_id(app: TestApp) {
        let (_, receiver) = app.hook(&["token.confirmed"]).await;
        receiver.then(&[500]);
        app.freeze().await;
        app.mandate(200_000).await;
        let first = receiver.next().await;
        app.eventually("the refusal is written down", async || {
            let list = app.deliveries("token.confirmed").await;
            list.first().is_some_and(|attempt| attempt["response_status"] == 500)
        }).await;
        app.advance(3_600).await;
        let second = receiver.next().await;
        assert_eq!(first.event_id, second.event_id);
        assert_eq!(first.body, second.body);
    }
}
