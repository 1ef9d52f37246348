//! Every row of the error table, on both operations: rows RP-68 to RP-71, CM-49.

use serde_json::{Value, json};
use vasool_core::failure::{ErrorCode, Operation, ROWS};

use crate::harness::{authorisation, failure, id, refusal, with};
use crate::on_both_databases;

/// What a row says about an operation, as the wire shows it.
fn printed(number: u8, operation: Operation) -> [&'static str; 5] {
    let row = ROWS.iter().find(|row| row.number == number).expect("a row");
    let fields = row.fields(operation);
    [fields.code.as_str(), fields.description, fields.source, fields.step, fields.reason]
}

on_both_databases! {
    async fn rp_68_every_row_on_an_authorisation(app: TestApp) {
        let (_, receiver) = app.hook(&["token.rejected", "payment.failed"]).await;
        app.set(json!({"auto_delay": 0})).await;
        let customer = id(&app.customer().await);
        for row in ROWS.iter().filter(|row| row.number < 47) {
            let order = app.mandate_order(&customer, 200_000).await;
            let notes = json!({"notes": {"sandbox": format!("fail.{}", row.name())}});
            let body = with(authorisation(&customer, &order, 200_000), notes);
            let (payment, token) = app.authorise(body).await;
            let shown = app.pay_row(&payment).await;
            let path = format!("/v1/customers/{customer}/tokens/{token}");
            let token = app.test.get(&path).await.ok();
            let details = &token["recurring_details"];
            if row.number == 35 {
                assert_eq!((&shown["status"], &details["status"]), (&json!("created"), &json!("initiated")));
                continue;
            }
            let want = printed(row.number, Operation::Authorisation);
            assert_eq!(failure(&shown), want, "row {}", row.number);
            assert_eq!((&details["status"], &details["failure_reason"], &token["error_description"]),
                       (&json!("rejected"), &json!(want[1]), &json!(want[1])));
            let told = receiver.next().await;
            assert_eq!(told.event(), "token.rejected");
            let told = receiver.next().await.json();
            assert_eq!(failure(&told["payload"]["payment"]["entity"]), want);
        }
    }

    async fn rp_69_and_cm_49_every_row_on_a_debit(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.failed"]).await;
        let mandate = app.mandate(1_500_000).await;
        receiver.next().await;
        for row in ROWS.iter().filter(|row| row.number < 47) {
            let order = app.debit_order(1_000, json!({})).await;
            let notes = json!({"notes": {"sandbox": format!("fail.{}", row.name())}});
            let body = with(mandate.debit(&order, 1_000), notes);
            let answer = app.test.post("/v1/payments/create/json", body).await;
            if row.number == 35 {
                assert_eq!(crate::harness::keys(&answer.ok()), ["razorpay_payment_id", "next"]);
                continue;
            }
            let status = if row.code == ErrorCode::Gateway { 502 } else { 400 };
            let error = answer.error(status);
            let want = printed(row.number, Operation::Debit);
            assert_eq!(refusal(&error), want, "row {}", row.number);
            assert_eq!(error.get("field"), None);
            let payment = app.order_payments(&order).await.remove(0);
            assert_eq!(error["metadata"], json!({"payment_id": payment["id"], "order_id": order}));
            assert_eq!(failure(&payment), want);
            let told = receiver.next().await.json();
            assert_eq!(failure(&told["payload"]["payment"]["entity"]), want);
        }
        assert_eq!(app.block(&mandate).await, (1_500_000, 0, "confirmed".to_owned()));
    }

    async fn rp_69_the_address_and_the_approval_carry_words_too(app: TestApp) {
        let row_18 = printed(18, Operation::Debit);
        for vpa in ["debitfail.insufficient_funds@sandbox", "fail.insufficient_funds@sandbox"] {
            let mandate = app.mandate_with(200_000, json!({"vpa": vpa})).await;
            for _ in 0..2 {
                assert_eq!(refusal(&app.debit(&mandate, 500).await.error(502)), row_18, "{vpa}");
            }
            let approve = json!({"notes": {"sandbox": "approve"}});
            app.debit_with(&mandate, 500, approve).await.ok();
        }
        let mandate = app.mandate_with(200_000, json!({"vpa": "failure@razorpay"})).await;
        let error = app.debit(&mandate, 500).await.error(400);
        assert_eq!(refusal(&error), printed(34, Operation::Debit));
        let mandate = app.mandate_with(200_000, json!({"vpa": "success@razorpay"})).await;
        app.debit(&mandate, 500).await.ok();
        // The word that came with the approval.
        app.set(json!({"auto": true, "auto_delay": 0})).await;
        let order = app.mandate_order(&mandate.customer, 200_000).await;
        let notes = json!({"notes": {"sandbox": "debitfail.bank_technical_error.2"}});
        let body = with(authorisation(&mandate.customer, &order, 200_000), notes);
        let (payment, token) = app.authorise(body).await;
        let customer = mandate.customer.clone();
        let mandate = crate::harness::Mandate { customer, order, payment, token };
        assert_eq!(app.block(&mandate).await.2, "confirmed");
        let error = app.debit(&mandate, 500).await.error(502);
        assert_eq!(refusal(&error), printed(6, Operation::Debit));
    }

    async fn rp_70_magic_amounts(app: TestApp) {
        app.set(json!({"auto_delay": 0})).await;
        let customer = id(&app.customer().await);
        for (amount, number) in [(900_002, 2), (900_033, 33)] {
            let order = app.mandate_order(&customer, amount).await;
            let (payment, _) = app.authorise(authorisation(&customer, &order, amount)).await;
            let shown = app.pay_row(&payment).await;
            assert_eq!(failure(&shown), printed(number, Operation::Authorisation));
        }
        let mandate = app.mandate(1_500_000).await;
        let error = app.debit(&mandate, 900_018).await.error(502);
        assert_eq!(refusal(&error), printed(18, Operation::Debit));
        // What is said beats what is meant by an amount.
        let approve = json!({"notes": {"sandbox": "approve"}});
        app.debit_with(&mandate, 900_018, approve).await.ok();
    }

    async fn rp_71_words_mean_nothing_in_live_mode(app: TestApp) {
        let customer = json!({"name": "Meera Iyer", "contact": "9000012345"});
        let customer = id(&app.live.post("/v1/customers", customer).await.ok());
        let order = crate::harness::mandate_order(&customer, 900_002, 900_002);
        let order = id(&app.live.post("/v1/orders", order).await.ok());
        let notes = json!({"notes": {"sandbox": "fail.insufficient_funds"}});
        let body = with(authorisation(&customer, &order, 900_002), notes);
        let error = app.live.post("/v1/payments/create/json", body).await.error(502);
        assert_eq!(error["reason"], "gateway_technical_error", "no network, whatever the words say");
        assert_eq!(error["metadata"], json!({}));
        let list = app.live.get(&format!("/v1/orders/{order}/payments")).await.ok();
        assert_eq!(list["count"], 0);
        app.live.post("/v1/sandbox/clock", json!({"advance": 1})).await
            .refused("This operation is allowed only in test mode.");
        let _: Value = list;
    }
}
