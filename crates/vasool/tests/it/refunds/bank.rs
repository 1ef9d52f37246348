//! A bank that does not answer, answers late, or twice: sandbox 7, and what a crash leaves behind.

use serde_json::{Value, json};
use vasool_core::id::{RawId, RefundId};
use vasool_core::instruction::{Instruction, InstructionKey, InstructionState};

use super::{EVENTS, shown};
use crate::harness::{TestApp, id};
use crate::on_both_databases;

async fn arm(app: &TestApp, kind: &str, times: i64) -> Value {
    let body = json!({"target": "bank", "kind": kind, "operation": "refund", "times": times});
    app.test.post("/v1/sandbox/faults", body).await.ok()
}

async fn instruction(app: &TestApp, refund: &Value) -> Instruction {
    let raw = refund["id"].as_str().unwrap().strip_prefix("rfnd_").and_then(RawId::parse).unwrap();
    let key = InstructionKey::PayRefund(RefundId(raw));
    app.app.store.instruction(key).await.unwrap().unwrap()
}

async fn pending(app: &TestApp) -> i64 {
    let audit = app.app.store.audit().await.unwrap();
    assert_eq!(audit.findings, []);
    let pending = audit.totals.balances.iter().find(|(name, _)| name == "refunds:pending");
    -pending.map_or(0, |(_, sum)| *sum)
}

on_both_databases! {
    async fn a_bank_that_does_not_answer_is_asked_again(app: TestApp) {
        app.freeze().await;
        let payment = app.paid(1_000).await;
        for (kind, asked) in [("timeout", 3), ("error", 3), ("late", 2)] {
            let armed = arm(&app, kind, 2).await;
            assert_eq!((&armed["target"], &armed["operation"]), (&json!("bank"), &json!("refund")));
            let refund = app.refund(&payment, json!({"amount": 100})).await.ok();
            assert_eq!(refund["status"], "processed", "told before the bank is heard");
            let row = instruction(&app, &refund).await;
            if kind == "late" {
                assert_eq!(row.state, InstructionState::Done, "the answer came after all");
            } else {
                assert!(matches!(row.state, InstructionState::Unknown { .. }), "{row:?}");
                assert_eq!(pending(&app).await, 100, "on its way");
                app.advance(59).await;
                assert_eq!(instruction(&app, &refund).await.asked, 1);
                app.advance(1).await;
                assert_eq!(instruction(&app, &refund).await.asked, 2);
                app.advance(120).await;
            }
            let row = instruction(&app, &refund).await;
            assert_eq!((row.state, row.asked), (InstructionState::Done, asked), "{kind}");
            assert_eq!(pending(&app).await, 0, "paid once");
            app.test.delete("/v1/sandbox/faults").await.ok();
        }
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 300]));
    }

    async fn a_bank_that_repeats_itself_pays_once(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let payment = app.paid(1_000).await;
        arm(&app, "duplicate", 2).await;
        app.refund(&payment, json!({"amount": 100})).await.ok();
        let body = json!({"amount": 200, "notes": {"sandbox": "fail"}});
        assert_eq!(app.refund(&payment, body).await.ok()["status"], "failed");
        let fired = app.test.get("/v1/sandbox/faults").await.ok();
        assert_eq!((&fired["items"][0]["fired"], &fired["items"][0]["armed"]), (&json!(2), &json!(false)));
        receiver.until(4).await;
        app.advance(60).await;
        assert_eq!(receiver.all().len(), 4);
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 100]));
        app.assert_books_clean().await;
    }

    async fn faults_of_a_bank_are_checked(app: TestApp) {
        for (body, field) in [
            (json!({"target": "bank", "kind": "drop"}), "kind"),
            (json!({"target": "webhook", "kind": "timeout"}), "kind"),
            (json!({"target": "bank", "kind": "late", "operation": "dance"}), "operation"),
            (json!({"target": "upi", "kind": "drop"}), "kind"),
            (json!({"target": "upi", "kind": "late", "operation": "refund"}), "operation"),
            (json!({"target": "nach", "kind": "drop"}), "kind"),
            (json!({"target": "post", "kind": "timeout"}), "target"),
        ] {
            let error = app.test.post("/v1/sandbox/faults", body).await.error(400);
            assert_eq!(error["field"], field);
        }
    }

    async fn an_unanswered_payout_is_settled_by_a_call(app: TestApp) {
        app.freeze().await;
        let payment = app.paid(1_000).await;
        arm(&app, "timeout", 1).await;
        let refund = app.refund(&payment, json!({"amount": 100})).await.ok();
        let failed = app.steer(&refund, json!({"action": "fail", "reason": "closed"})).await.ok();
        assert_eq!(failed["status"], "failed");
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", null, 0]));
        app.advance(86_400).await;
        assert_eq!(app.refund_of(&refund).await["status"], "failed");
        app.assert_books_clean().await;
    }

    async fn money_that_was_sent_back_waits_for_account_details(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let body = json!({"account_number": number, "amount": 500, "payer": null});
        let late = app.transfer(body).await.ok();
        let payment = late["payment_id"].as_str().unwrap();
        let list = app.test.get(&format!("/v1/payments/{payment}/refunds")).await.ok();
        let refund = list["items"][0].clone();
        assert_eq!(refund["status"], "pending");
        let done = app.steer(&refund, json!({"action": "process"})).await.ok();
        assert_eq!((id(&done), &done["status"]), (id(&refund), &json!("processed")));
        let got = receiver.until(2).await;
        assert_eq!(got[1].event(), "refund.processed");
        assert_eq!(shown(&app.payment_of(payment).await), json!(["refunded", "full", 500]));
        app.assert_books_clean().await;
    }

    async fn money_that_cannot_be_sent_back_is_still_not_the_merchants(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let body = json!({"account_number": number, "amount": 500, "payer": null});
        let late = app.transfer(body).await.ok();
        let payment = late["payment_id"].as_str().unwrap();
        let list = app.test.get(&format!("/v1/payments/{payment}/refunds")).await.ok();
        let failed = app.steer(&list["items"][0], json!({"action": "fail"})).await.ok();
        assert_eq!(failed["status"], "failed");
        assert_eq!(receiver.until(2).await[1].event(), "refund.failed");
        let after = app.payment_of(payment).await;
        assert_eq!(shown(&after), json!(["refunded", "full", 500]));
        assert_eq!(after["captured"], false);
        app.assert_books_clean().await;
    }

    async fn a_payout_outlives_its_process(app: TestApp) {
        app.freeze().await;
        let payment = app.paid(1_000).await;
        arm(&app, "timeout", 1).await;
        let refund = app.refund(&payment, json!({"amount": 100})).await.ok();
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        app.pay(&number, 500).await;
        let app = app.crash().await;
        app.advance(60).await;
        app.eventually("both are paid", async || pending(&app).await == 0).await;
        assert_eq!(instruction(&app, &refund).await.state, InstructionState::Done);
        app.assert_books_clean().await;
    }
}
