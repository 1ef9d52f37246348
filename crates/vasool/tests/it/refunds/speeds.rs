//! Speeds, triggers and what the bank says by itself: rows CM-93, CM-99, CM-100 and CM-102.

use serde_json::{Value, json};

use super::{EVENTS, shown};
use crate::harness::Received;
use crate::on_both_databases;

on_both_databases! {
    async fn cm_93_speeds(app: TestApp) {
        let payment = app.paid(1_000).await;
        for speed in ["normal", "optimum"] {
            let refund = app.refund(&payment, json!({"amount": 100, "speed": speed})).await.ok();
            assert_eq!(refund["speed_requested"], speed);
            // Money for a virtual account never goes back at once.
            assert_eq!(refund["speed_processed"], "normal");
            assert_eq!(refund["status"], "processed");
        }
        let error = app.refund(&payment, json!({"speed": "fast"})).await;
        assert_eq!(error.refused("The selected speed is invalid.")["field"], "speed");
    }

    async fn cm_99_a_refund_that_fails(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let payment = app.paid(1_000).await;
        app.refund(&payment, json!({"amount": 300})).await.ok();
        let body = json!({"notes": {"sandbox": "fail"}});
        let refund = app.refund(&payment, body).await.ok();
        assert_eq!((&refund["status"], &refund["amount"]), (&json!("failed"), &json!(700)));
        assert_eq!(app.refund_of(&refund).await, refund);
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 300]));
        let got = receiver.until(4).await;
        let events: Vec<String> = got.iter().map(Received::event).collect();
        assert_eq!(
            events,
            ["refund.created", "refund.processed", "refund.created", "refund.failed"]
        );
        let entity = |at: usize, name: &str| got[at].json()["payload"][name]["entity"].clone();
        assert_eq!(entity(2, "refund")["status"], "pending");
        assert_eq!(shown(&entity(2, "payment")), json!(["refunded", "full", 1_000]));
        assert_eq!(entity(3, "refund")["status"], "failed");
        assert_eq!(shown(&entity(3, "payment")), json!(["captured", "partial", 300]));
        // What was rolled back can be refunded again.
        let again = app.refund(&payment, json!({})).await.ok();
        assert_eq!((&again["amount"], &again["status"]), (&json!(700), &json!("processed")));
        app.assert_books_clean().await;
    }

    async fn cm_100_an_instant_refund_falls_back(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let payment = app.paid(5_000).await;
        let now = app.freeze().await;
        let body = json!({"amount": 2468, "speed": "optimum"});
        let refund = app.refund(&payment, body).await.ok();
        assert_eq!(
            (&refund["status"], &refund["speed_processed"]),
            (&json!("pending"), &json!("instant"))
        );
        app.advance(2).await;
        assert_eq!(app.refund_of(&refund).await["status"], "pending");
        app.advance(1).await;
        let done = app.refund_of(&refund).await;
        assert_eq!(
            (&done["status"], &done["speed_processed"], &done["speed_requested"]),
            (&json!("processed"), &json!("normal"), &json!("optimum"))
        );
        let got = receiver.until(3).await;
        let seen: Vec<Value> = got
            .iter()
            .map(|event| {
                let body = event.json();
                let refund = &body["payload"]["refund"]["entity"];
                json!([body["event"], refund["status"], refund["speed_processed"], body["created_at"]])
            })
            .collect();
        assert_eq!(json!(seen), json!([
            ["refund.created", "pending", "instant", now],
            ["refund.speed_changed", "pending", "normal", now + 3],
            ["refund.processed", "processed", "normal", now + 3],
        ]));
        app.assert_books_clean().await;
    }

    async fn with_auto_off_an_instant_refund_waits_for_a_call(app: TestApp) {
        let payment = app.paid(5_000).await;
        app.set(json!({"auto": false, "auto_delay": 1})).await;
        let settings = app.test.get("/v1/sandbox/settings").await.ok();
        assert_eq!((&settings["auto"], &settings["auto_delay"]), (&json!(false), &json!(1)));
        let body = json!({"amount": 2468, "speed": "optimum"});
        let refund = app.refund(&payment, body).await.ok();
        app.advance(86_400).await;
        assert_eq!(app.refund_of(&refund).await["status"], "pending");
        let done = app.steer(&refund, json!({"action": "process"})).await.ok();
        assert_eq!(
            (&done["status"], &done["speed_processed"]),
            (&json!("processed"), &json!("instant"))
        );
        // A normal refund is decided inside the call all the same.
        let normal = app.refund(&payment, json!({"amount": 100})).await.ok();
        assert_eq!(normal["status"], "processed");
        app.assert_books_clean().await;
    }

    async fn cm_102_the_reference_comes_later(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let payment = app.paid(1_000).await;
        let refund = app.refund(&payment, json!({"amount": 100})).await.ok();
        assert_eq!(refund["acquirer_data"], json!({"rrn": null}));
        let body = json!({"action": "reference", "rrn": "616400987654"});
        let known = app.steer(&refund, body).await.ok();
        assert_eq!(known["acquirer_data"], json!({"rrn": "616400987654"}));
        assert_eq!(app.refund_of(&refund).await, known);
        // Without a number the bank draws one of twelve digits.
        let other = app.refund(&payment, json!({"amount": 100})).await.ok();
        let drawn = app.steer(&other, json!({"action": "reference"})).await.ok();
        let drawn = drawn["acquirer_data"]["rrn"].as_str().unwrap();
        assert!(drawn.len() == 12 && drawn.bytes().all(|b| b.is_ascii_digit()), "{drawn}");
        receiver.until(4).await;
        app.advance(60).await;
        assert_eq!(receiver.all().len(), 4, "nobody is told of a reference");
    }

    async fn a_held_refund_waits_for_a_call(app: TestApp) {
        let (_, receiver) = app.hook(&EVENTS).await;
        let payment = app.paid(1_000).await;
        let hold = json!({"amount": 400, "notes": {"sandbox": "hold"}});
        let (first, second) =
            (app.refund(&payment, hold.clone()).await.ok(), app.refund(&payment, hold).await.ok());
        app.advance(400 * 86_400).await;
        for refund in [&first, &second] {
            assert_eq!(app.refund_of(refund).await["status"], "pending");
        }
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 800]));
        let body = json!({"action": "process", "reference": "616400987654"});
        let done = app.steer(&first, body).await.ok();
        assert_eq!(done["status"], "processed");
        assert_eq!(done["acquirer_data"]["rrn"], "616400987654");
        assert_eq!(app.steer(&second, json!({"action": "fail"})).await.ok()["status"], "failed");
        assert_eq!(shown(&app.payment_of(&payment).await), json!(["captured", "partial", 400]));
        for (refund, word) in [(&first, "processed"), (&second, "failed")] {
            for action in ["process", "fail"] {
                let error = app.steer(refund, json!({"action": action})).await;
                error.refused(&format!("The refund is already {word}."));
            }
        }
        app.steer(&second, json!({"action": "reference"})).await.error(400);
        let got = receiver.until(4).await;
        let events: Vec<String> = got.iter().map(Received::event).collect();
        let want = ["refund.created", "refund.created", "refund.processed", "refund.failed"];
        assert_eq!(events, want);
        app.assert_books_clean().await;
    }

    async fn calls_to_the_bank_are_checked(app: TestApp) {
        let payment = app.paid(1_000).await;
        let refund = app.refund(&payment, json!({"amount": 100})).await.ok();
        let error = app.steer(&refund, json!({})).await;
        assert_eq!(error.refused("The action field is required.")["field"], "action");
        let error = app.steer(&refund, json!({"action": "explode"})).await;
        error.refused("The selected action is invalid.");
        let nobody = json!({"id": "rfnd_QcD4Nobody0001"});
        let error = app.steer(&nobody, json!({"action": "fail"})).await;
        error.refused("The id provided does not exist");
        let path = format!("/v1/sandbox/refunds/{}", refund["id"].as_str().unwrap());
        let error = app.live.post(&path, json!({"action": "fail"})).await;
        error.refused("This operation is allowed only in test mode.");
    }
}
