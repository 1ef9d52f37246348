//! Deliveries that work: rows CM-107 to CM-110, CM-116 to CM-118 and CM-121.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Receiver, bank_account_with, id, is_id, keys};
use crate::on_both_databases;

const CREDIT: [&str; 3] = ["payment.authorized", "payment.captured", "virtual_account.credited"];

on_both_databases! {
    async fn cm_107_delivery(app: TestApp) {
        let (_, receiver) = app.hook(&CREDIT).await;
        let (_, number) = app.virtual_account().await;
        app.pay(&number, 500).await;
        for event in CREDIT {
            let got = receiver.next().await;
            assert_eq!(got.event(), event);
            assert_eq!(got.headers["content-type"], "application/json");
            assert_eq!(got.headers["user-agent"], "Razorpay-Webhook/v1");
            assert!(!got.body.ends_with(b"\n"));
            assert_eq!(got.body, serde_json::to_string(&got.json()).unwrap(), "compact");
        }
    }

    async fn cm_108_signature(app: TestApp) {
        let (_, signed) = app.hook(&["payment.captured"]).await;
        let plain = Receiver::start().await;
        let body = json!({"url": plain.url, "events": ["payment.captured"]});
        app.test.post("/v1/webhooks", body).await.ok();
        let (_, number) = app.virtual_account().await;
        app.pay(&number, 500).await;
        let got = signed.next().await;
        assert!(got.is_signed_with("whsec_test"));
        assert!(!got.is_signed_with("whsec_other"));
        let signature = got.signature().unwrap();
        assert!(signature.len() == 64 && signature.bytes().all(|b| b"0123456789abcdef".contains(&b)));
        assert_eq!(plain.next().await.signature(), None);
    }

    async fn cm_109_bodies_are_ascii(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created"]).await;
        let notes = json!({"₹": "मीरा 𝄞"});
        app.open(bank_account_with(json!({"notes": notes, "description": "₹ 500"}))).await;
        let got = receiver.next().await;
        assert!(got.body.is_ascii());
        let text = String::from_utf8(got.body.to_vec()).unwrap();
        assert!(text.contains("\\u20b9 500"), "{text}");
        let entity = &got.json()["payload"]["virtual_account"]["entity"];
        assert_eq!(entity["notes"], notes);
        assert!(got.is_signed_with("whsec_test"));
    }

    async fn cm_110_event_ids(app: TestApp) {
        let (_, first) = app.hook(&["payment.captured", "payment.authorized"]).await;
        let (_, second) = app.hook(&["payment.captured"]).await;
        first.then(&[500]);
        let (_, number) = app.virtual_account().await;
        app.freeze().await;
        app.pay(&number, 500).await;
        let authorized = first.next_of("payment.authorized").await;
        let captured = first.next_of("payment.captured").await;
        assert!(is_id(&json!(captured.event_id), ""));
        assert_ne!(authorized.event_id, captured.event_id);
        let elsewhere = second.next().await;
        assert_eq!(elsewhere.event_id, captured.event_id);
        assert_eq!(elsewhere.body, captured.body);
        app.advance(60).await;
        let retry = first.next_of("payment.authorized").await;
        assert_eq!(retry.event_id, authorized.event_id);
        assert_eq!(retry.body, authorized.body);
    }

    async fn cm_116_selection(app: TestApp) {
        let (_, one) = app.hook(&["payment.captured"]).await;
        let (disabled, none) = app.hook(&CREDIT).await;
        let (_, all) = app.hook(&CREDIT).await;
        app.test.put(&format!("/v1/webhooks/{disabled}"), json!({"active": false})).await.ok();
        let stranger = app.another_merchant().await;
        let foreign = Receiver::start().await;
        let body = json!({"url": foreign.url, "events": CREDIT});
        stranger.post("/v1/webhooks", body.clone()).await.ok();
        app.live.post("/v1/webhooks", body).await.ok();
        let (_, number) = app.virtual_account().await;
        app.pay(&number, 500).await;
        app.pay(&number, 600).await;
        all.until(6).await;
        let got = one.until(2).await;
        assert!(got.iter().all(|got| got.event() == "payment.captured"));
        assert_eq!(one.all().len(), 2);
        assert_eq!(none.all().len(), 0);
        assert_eq!(foreign.all().len(), 0);
    }

    async fn cm_116_every_webhook_hears_of_the_very_next_change(app: TestApp) {
        let mut receivers = vec![];
        for count in 1..=4 {
            receivers.push(app.hook(&["virtual_account.created"]).await.1);
            app.open(crate::harness::bank_account()).await;
            for (n, receiver) in receivers.iter().enumerate() {
                receiver.until(count - n).await;
            }
        }
    }

    async fn cm_117_a_dead_receiver_blocks_nobody(app: TestApp) {
        let (_, dead) = app.hook(&CREDIT).await;
        dead.always_slowly(200, Duration::from_secs(30));
        let (_, alive) = app.hook(&CREDIT).await;
        let (_, number) = app.virtual_account().await;
        let watch = vasool::clock::Stopwatch::start();
        for n in 0..5 {
            app.pay(&number, 500 + n).await;
        }
        alive.until(15).await;
        assert!(watch.elapsed() < Duration::from_secs(4), "{:?}", watch.elapsed());
    }

    async fn cm_117_a_failing_event_does_not_block_later_ones(app: TestApp) {
        let (_, receiver) = app.hook(&CREDIT).await;
        app.freeze().await;
        receiver.then(&[500]);
        let (_, number) = app.virtual_account().await;
        app.pay(&number, 500).await;
        let got = receiver.until(3).await;
        let events: Vec<String> = got.iter().map(crate::harness::Received::event).collect();
        assert_eq!(events, CREDIT, "the first failed, the others left all the same");
    }

    async fn cm_118_snapshots(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.created", "virtual_account.credited"]).await;
        app.freeze().await;
        receiver.then(&[500, 500]);
        let account = app.open(crate::harness::bank_account()).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        receiver.until(1).await;
        app.pay(number, 700).await;
        receiver.until(2).await;
        app.pay(number, 300).await;
        receiver.until(3).await;
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&account)), json!({})).await.ok();
        app.advance(60).await;
        let later = receiver.until(5).await.split_off(3);
        let entity = |event: &str| {
            let got = later.iter().find(|got| got.event() == event).unwrap();
            got.json()["payload"]["virtual_account"]["entity"].clone()
        };
        let created = entity("virtual_account.created");
        assert_eq!((&created["amount_paid"], &created["status"]), (&json!(0), &json!("active")));
        let credited = entity("virtual_account.credited");
        assert_eq!((&credited["amount_paid"], &credited["status"]), (&json!(700), &json!("active")));
    }

    async fn cm_121_payment_events(app: TestApp) {
        let (_, receiver) = app.hook(&["payment.authorized", "payment.captured"]).await;
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let account = app.open(bank_account_with(json!({"customer_id": customer}))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let body = json!({
            "account_number": number, "amount": 61_900, "utr": "615412345678", "narration": "Rent"
        });
        let paid = app.transfer(body).await.ok();
        let payment = paid["payment_id"].as_str().unwrap();
        let merchant = app.merchant;
        for (event, status, captured, fee, tax) in [
            ("payment.authorized", "authorized", "false", "null", "null"),
            ("payment.captured", "captured", "true", "731", "112"),
        ] {
            let want = format!(
                r#"{{"entity":"event","account_id":"{merchant}","event":"{event}","contains":["payment"],"payload":{{"payment":{{"entity":{{"id":"{payment}","entity":"payment","amount":61900,"currency":"INR","base_amount":61900,"status":"{status}","order_id":null,"invoice_id":null,"international":false,"method":"bank_transfer","amount_refunded":0,"amount_transferred":0,"refund_status":null,"captured":{captured},"description":"Rent","card_id":null,"bank":null,"wallet":null,"vpa":null,"email":"meera@example.test","contact":"+919000012345","customer_id":"{customer}","notes":[],"fee":{fee},"tax":{tax},"error_code":null,"error_description":null,"error_source":null,"error_step":null,"error_reason":null,"acquirer_data":{{"rrn":"615412345678"}},"created_at":{now}}}}}}},"created_at":{now}}}"#
            );
            assert_eq!(receiver.next().await.body, want);
        }
    }

    async fn cm_121_refund_events(app: TestApp) {
        let events = ["payment.authorized", "refund.created", "refund.processed", CREDIT[2]];
        let (_, receiver) = app.hook(&events).await;
        let now = app.freeze().await;
        let (account, number) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let paid = app.transfer(json!({
            "account_number": number, "amount": 50_000, "utr": "615412345678"
        })).await.ok();
        let payment = paid["payment_id"].as_str().unwrap();
        assert_eq!(receiver.next().await.event(), "payment.authorized");
        let merchant = app.merchant;
        for event in ["refund.created", "refund.processed"] {
            let got = receiver.next().await;
            let refund = got.json()["payload"]["refund"]["entity"]["id"].as_str().unwrap().to_owned();
            let want = format!(
                r#"{{"entity":"event","account_id":"{merchant}","event":"{event}","contains":["refund","payment"],"payload":{{"refund":{{"entity":{{"id":"{refund}","entity":"refund","amount":50000,"currency":"INR","payment_id":"{payment}","notes":[],"receipt":null,"acquirer_data":{{"rrn":null}},"created_at":{now},"batch_id":null,"status":"processed","speed_processed":"normal","speed_requested":"normal"}}}},"payment":{{"entity":{{"id":"{payment}","entity":"payment","amount":50000,"currency":"INR","base_amount":50000,"status":"refunded","order_id":null,"invoice_id":null,"international":false,"method":"bank_transfer","amount_refunded":50000,"amount_transferred":0,"refund_status":"full","captured":false,"description":"Customer Identifier closed","card_id":null,"bank":null,"wallet":null,"vpa":null,"email":null,"contact":null,"notes":[],"fee":0,"tax":0,"error_code":null,"error_description":null,"error_source":null,"error_step":null,"error_reason":null,"acquirer_data":{{"rrn":"615412345678"}},"created_at":{now}}}}}}},"created_at":{now}}}"#
            );
            assert_eq!(got.body, want);
        }
        assert_eq!(receiver.all().len(), 3);
    }

    async fn cm_121_contains_and_keys_agree(app: TestApp) {
        let events = [
            "virtual_account.created", "virtual_account.closed", "virtual_account.credited",
            "payment.authorized", "payment.captured", "refund.created", "refund.processed",
        ];
        let (_, receiver) = app.hook(&events).await;
        let (account, number) = app.virtual_account().await;
        app.pay(&number, 500).await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        app.pay(&number, 500).await;
        let mut seen = std::collections::BTreeSet::new();
        for got in receiver.until(8).await {
            let body = got.json();
            assert_eq!(
                keys(&body), ["entity", "account_id", "event", "contains", "payload", "created_at"]
            );
            assert!(body["created_at"].is_i64());
            let contains: Vec<&str> =
                body["contains"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert_eq!(keys(&body["payload"]), contains);
            seen.insert(got.event());
        }
        assert_eq!(seen.len(), events.len(), "{seen:?}");
    }
}
