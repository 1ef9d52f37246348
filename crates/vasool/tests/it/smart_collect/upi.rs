//! Payments to a UPI address and to a QR code: rows SC-83 to SC-85, SC-103 to SC-105 and SC-108.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, bank_account, id, ids, is_id, keys};
use crate::on_both_databases;

async fn upi(app: &TestApp, body: Value) -> Answer {
    app.test.post("/v1/sandbox/upi_payments", body).await
}

async fn open(app: &TestApp, kind: &str) -> (String, Value) {
    let account = app.open(json!({"receivers": {"types": [kind]}})).await;
    (id(&account), account["receivers"][0].clone())
}

on_both_databases! {
    async fn sc_83_upi_credit(app: TestApp) {
        let now = app.freeze().await;
        let (account, receiver) = open(&app, "vpa").await;
        let paid = upi(&app, json!({
            "vpa": receiver["address"], "amount": 50_000, "rrn": "528201739911", "narration": "Rent",
            "payer": {"vpa": "meera.iyer@examplebank", "name": "Meera Iyer",
                      "account_number": "765432198765432", "ifsc": "KKBK0000007"}
        })).await.ok();
        assert_eq!(paid["result"], "credited");
        assert_eq!(paid["reference"], "528201739911");
        let pay = paid["payment_id"].as_str().unwrap();
        let payment = app.payment(&paid).await;
        assert_eq!(payment["method"], "upi");
        assert_eq!(payment["vpa"], "meera.iyer@examplebank");
        assert_eq!(payment["upi"], json!({"vpa": "meera.iyer@examplebank"}));
        assert_eq!(payment["status"], "captured");
        assert_eq!(payment["description"], "Rent");
        assert_eq!(payment["acquirer_data"], json!({"rrn": "528201739911"}));
        assert_eq!((&payment["fee"], &payment["tax"]), (&json!(590), &json!(90)));
        assert_eq!(payment["created_at"], now);
        let nested = app.account(&account).await;
        let answer = app.test.get(&format!("/v1/payments/{pay}/upi_transfer")).await;
        let transfer = answer.ok();
        assert!(is_id(&transfer["id"], "ut_"));
        let whole = format!(
            r#"{{"id":"{}","entity":"upi_transfer","amount":50000,"payer_vpa":"meera.iyer@examplebank","payer_bank":"Kotak Mahindra Bank","payer_account":"765432198765432","payer_ifsc":"KKBK0000007","payment_id":"{pay}","npci_reference_id":"528201739911","virtual_account_id":"{account}","virtual_account":{nested}}}"#,
            id(&transfer)
        );
        assert_eq!(answer.bytes, whole);
        assert_eq!(nested["amount_paid"], 50_000);
        // No bank transfer, and the other way round.
        let text = "The id provided does not exist";
        app.test.get(&format!("/v1/payments/{pay}/bank_transfer")).await.refused(text);
        let (_, number) = app.virtual_account().await;
        let other = app.pay(&number, 500).await;
        let other = other["payment_id"].as_str().unwrap();
        app.test.get(&format!("/v1/payments/{other}/upi_transfer")).await.refused(text);
        app.test.get(&format!("/v1/payments/{pay}/card")).await.refused("Payment was not done using card");
        app.assert_books_clean().await;
    }

    async fn sc_83_payers_who_say_little(app: TestApp) {
        let (_, receiver) = open(&app, "vpa").await;
        let pay = async |payer: Option<Value>| {
            let mut body = json!({"vpa": receiver["address"], "amount": 500});
            if let Some(payer) = payer {
                body["payer"] = payer;
            }
            let paid = upi(&app, body).await.ok();
            let path = format!("/v1/payments/{}/upi_transfer", paid["payment_id"].as_str().unwrap());
            let transfer = app.test.get(&path).await.ok();
            (app.payment(&paid).await, transfer)
        };
        let (payment, transfer) = pay(None).await;
        assert_eq!(payment["vpa"], "testpayer@examplebank");
        assert_eq!(transfer["payer_bank"], "Axis Bank");
        let (payment, transfer) = pay(Some(Value::Null)).await;
        assert_eq!(payment["vpa"], Value::Null);
        for key in ["payer_vpa", "payer_bank", "payer_account", "payer_ifsc"] {
            assert_eq!(transfer[key], Value::Null, "{key}");
        }
        let (_, transfer) = pay(Some(json!({"vpa": "a@b"}))).await;
        assert_eq!((&transfer["payer_vpa"], &transfer["payer_account"]), (&json!("a@b"), &Value::Null));
    }

    async fn sc_83_by_the_test_call(app: TestApp) {
        let (account, _) = open(&app, "vpa").await;
        let path = format!("/v1/virtual_accounts/{account}/pay/test");
        let payment = app.test.post(&path, json!({"amount": 500})).await.ok();
        assert_eq!((&payment["method"], &payment["vpa"]), (&json!("upi"), &json!("testpayer@examplebank")));
        let plain = app.open(bank_account()).await;
        let neft = app.test.post(&format!("/v1/virtual_accounts/{}/pay/test", id(&plain)), json!({"amount": 500})).await.ok();
        let rrn = neft["acquirer_data"]["rrn"].as_str().unwrap();
        assert!(rrn.len() == 12 && rrn.bytes().all(|b| b.is_ascii_digit()), "{rrn}");
        app.test.post(&path, json!({"amount": 500, "receiver": "bank_account"})).await
            .refused("The selected receiver is invalid.");
        app.test.post(&path, json!({"amount": 500, "mode": "NEFT", "receiver": "vpa"})).await
            .refused("The selected receiver is invalid.");
        let both = app.open(json!({"receivers": {"types": ["vpa", "bank_account"]}})).await;
        let path = format!("/v1/virtual_accounts/{}/pay/test", id(&both));
        for (body, method) in [
            (json!({"amount": 500}), "bank_transfer"),
            (json!({"amount": 500, "mode": "UPI"}), "upi"),
            (json!({"amount": 500, "mode": "UPI", "receiver": "bank_account"}), "bank_transfer"),
        ] {
            assert_eq!(app.test.post(&path, body.clone()).await.ok()["method"], method, "{body}");
        }
        app.assert_books_clean().await;
    }

    async fn sc_84_and_85_upi_is_found_by_its_reference(app: TestApp) {
        let (account, receiver) = open(&app, "vpa").await;
        let body = json!({"vpa": receiver["address"], "amount": 500, "rrn": "528201739911"});
        let paid = upi(&app, body.clone()).await.ok();
        let list = async |query: &str| ids(&app.test.get(&format!("/v1/payments?{query}")).await.ok());
        let payment = paid["payment_id"].as_str().unwrap();
        let lower = app.virtual_account().await.1;
        let by_neft = json!({"account_number": lower, "amount": 500, "utr": "AXISN0001"});
        app.transfer(by_neft).await.ok();
        assert_eq!(list("va_transaction_id=axisn0001").await, [""; 0], "as it was sent");
        assert_eq!(list("virtual_account=va_bad").await.len(), 2, "other values are no filter");
        for query in [
            "va_transaction_id=528201739911&virtual_account=1", "va_transaction_id=528201739911",
            &format!("virtual_account={account}"),
        ] {
            assert_eq!(list(query).await, [payment], "{query}");
        }
        // SC-86 for UPI: the same reference once.
        let mut again = body;
        again["vpa"] = json!(receiver["address"].as_str().unwrap().to_uppercase());
        let again = upi(&app, again).await.ok();
        assert_eq!((&again["result"], &again["payment_id"]), (&json!("duplicate"), &paid["payment_id"]));
        assert_eq!(app.account(&account).await["amount_paid"], 500);
    }

    async fn sc_91_unknown_addresses(app: TestApp) {
        let (_, other) = open(&app, "vpa").await;
        for body in [
            json!({"vpa": "rpy.payto00000nobody0001@icici", "amount": 500}),
            json!({"vpa": "nonsense", "amount": 500}),
            json!({"qr_code": "qr_QcZ9Nobody0001", "amount": 500}),
            json!({"vpa": other["address"].as_str().unwrap().replace("icici", "other"), "amount": 500}),
        ] {
            let answer = upi(&app, body.clone()).await.ok();
            assert_eq!((&answer["result"], &answer["payment_id"]), (&json!("returned"), &Value::Null), "{body}");
        }
        upi(&app, json!({"amount": 500})).await.refused("The vpa field is required.");
        assert_eq!(app.test.get("/v1/payments").await.ok()["count"], 0);
        // Another merchant's address is nobody's here.
        let stranger = app.another_merchant().await;
        let body = json!({"vpa": other["address"], "amount": 500});
        let answer = stranger.post("/v1/sandbox/upi_payments", body).await.ok();
        assert_eq!(answer["result"], "returned");
    }

    async fn sc_89_upi_to_a_closed_account(app: TestApp) {
        let (account, receiver) = open(&app, "vpa").await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let (_, hook) = app.hook(&["refund.processed", "refund.created"]).await;
        let body = json!({"vpa": receiver["address"], "amount": 500, "payer": {"vpa": "a@b"}});
        let paid = upi(&app, body).await.ok();
        assert_eq!(paid["result"], "refunded");
        assert_eq!(app.payment(&paid).await["description"], "Customer Identifier closed");
        assert_eq!(hook.next().await.json()["event"], "refund.created");
        assert_eq!(hook.next().await.json()["event"], "refund.processed");
        // A non-resident account gets nothing back by itself.
        let nre = json!({"vpa": "a@b", "account_number": "123456", "account_type": "nre"});
        let body = json!({"vpa": receiver["address"], "amount": 500, "payer": nre});
        let paid = upi(&app, body).await.ok();
        let path = format!("/v1/payments/{}?expand[]=refunds", paid["payment_id"].as_str().unwrap());
        assert_eq!(app.test.get(&path).await.ok()["refunds"]["items"][0]["status"], "pending");
        app.assert_books_clean().await;
    }

    async fn sc_103_upi_limits(app: TestApp) {
        let (_, receiver) = open(&app, "vpa").await;
        let pay = async |amount: i64| upi(&app, json!({"vpa": receiver["address"], "amount": amount})).await;
        let text = "The amount is outside the limit for UPI";
        for bad in [99, 10_000_001] {
            assert_eq!(pay(bad).await.refused(text)["field"], "amount");
        }
        for good in [100, 10_000_000] {
            pay(good).await.ok();
        }
        app.set(json!({"upi_limit": 50_000_000})).await;
        pay(50_000_000).await.ok();
        pay(50_000_001).await.refused(text);
        // A repeat is told before anything else, whatever its amount.
        let body = |amount: i64| {
            json!({"vpa": receiver["address"], "amount": amount, "rrn": "528201739911"})
        };
        let first = upi(&app, body(500)).await.ok();
        let again = upi(&app, body(50_000_001)).await.ok();
        assert_eq!((&again["result"], &again["payment_id"]), (&json!("duplicate"), &first["payment_id"]));
    }

    async fn sc_104_and_105_qr_test_payments(app: TestApp) {
        let (_, hook) = app.hook(&["virtual_account.credited"]).await;
        let (account, receiver) = open(&app, "qr_code").await;
        let reference = receiver["reference"].as_str().unwrap();
        let pay = async |body: Value| app.test.post("/v1/bharatqr/pay/test", body).await;
        let whole = id(&receiver);
        let payment = pay(json!({"reference": whole, "amount": 500, "method": "upi"})).await.ok();
        assert_eq!((&payment["method"], &payment["status"]), (&json!("upi"), &json!("captured")));
        assert_eq!(payment["vpa"], "testpayer@examplebank");
        let event = hook.next().await.json();
        assert_eq!(event["contains"], json!(["payment", "virtual_account"]));
        assert_eq!(keys(&event["payload"]), ["payment", "virtual_account"]);
        let receivers = &event["payload"]["virtual_account"]["entity"]["receivers"];
        assert_eq!(receivers, &json!([receiver]));
        // QR payments are no UPI transfers.
        app.test.get(&format!("/v1/payments/{}/upi_transfer", id(&payment))).await
            .refused("The id provided does not exist");

        let payment = pay(json!({"reference": reference, "amount": "700", "method": "card"})).await.ok();
        assert_eq!((&payment["method"], &payment["vpa"]), (&json!("card"), &Value::Null));
        assert!(is_id(&payment["card_id"], "card_"));
        assert_eq!(payment.get("card"), None);
        let event = hook.next().await.json();
        let told = &event["payload"]["payment"]["entity"];
        for key in ["id", "entity", "name", "last4", "network", "type", "issuer", "international", "emi"] {
            assert!(told["card"].get(key).is_some(), "{key}");
        }
        let card = app.test.get(&format!("/v1/payments/{}/card", id(&payment))).await.ok();
        assert_eq!(card, told["card"]);
        let expanded = app.test.get(&format!("/v1/payments/{}?expand[]=card", id(&payment))).await.ok();
        assert_eq!(expanded["card"], card);
        assert_eq!(app.account(&account).await["amount_paid"], 1_200);

        let error = pay(json!({"reference": whole, "amount": 99, "method": "upi"})).await;
        let error = error.refused("The amount is outside the limit for UPI");
        assert_eq!(error["field"], "amount");
        pay(json!({"reference": whole, "amount": 500, "method": "cash"})).await
            .refused("The selected method is invalid.");
        pay(json!({"amount": 500, "method": "upi"})).await.refused("The reference field is required.");
        pay(json!({"reference": "qr_QcZ9Nobody0001", "amount": 500, "method": "upi"})).await
            .refused("The id provided does not exist");
        let live = app.live.post("/v1/bharatqr/pay/test", json!({})).await;
        live.refused("This operation is allowed only in test mode.");
        app.assert_books_clean().await;
    }

    async fn sc_104_by_the_address_in_the_picture(app: TestApp) {
        let (account, receiver) = open(&app, "qr_code").await;
        let code = vasool_core::id::RawId::parse(receiver["reference"].as_str().unwrap()).unwrap();
        let address = vasool_core::receiver::qr_address(code.into(), "rpy", "icici");
        let paid = upi(&app, json!({"vpa": address, "amount": 500, "rrn": "528201739911"})).await.ok();
        assert_eq!(paid["result"], "credited");
        // The same message by the code itself.
        let body = json!({"qr_code": receiver["id"], "amount": 500, "rrn": "528201739911"});
        assert_eq!(upi(&app, body).await.ok()["result"], "duplicate");
        assert_eq!(app.account(&account).await["amount_paid"], 500);
    }

    async fn sc_108_credited_by_upi(app: TestApp) {
        let (_, hook) = app.hook(&["virtual_account.credited"]).await;
        let (account, receiver) = open(&app, "vpa").await;
        let body = json!({"vpa": receiver["address"], "amount": 500, "rrn": "528201739911"});
        let paid = upi(&app, body).await.ok();
        let event = hook.next().await.json();
        assert_eq!(event["contains"], json!(["payment", "virtual_account", "upi_transfer"]));
        let transfer = &event["payload"]["upi_transfer"]["entity"];
        assert_eq!(
            keys(transfer),
            ["id", "entity", "amount", "payer_vpa", "payer_bank", "payer_account", "payer_ifsc",
             "payment_id", "rrn", "virtual_account_id"]
        );
        assert_eq!(transfer["rrn"], "528201739911");
        assert_eq!(transfer["payment_id"], paid["payment_id"]);
        assert_eq!(transfer["virtual_account_id"], account);
    }

    async fn sc_112_live_keys(app: TestApp) {
        let account = app.live.post("/v1/virtual_accounts", bank_account()).await.ok();
        let text = "This operation is allowed only in test mode.";
        for path in [
            "/v1/sandbox/upi_payments".to_owned(), "/v1/sandbox/bank_transfers".to_owned(),
            format!("/v1/virtual_accounts/{}/pay/test", id(&account)),
        ] {
            app.live.post(&path, json!({"amount": 500})).await.refused(text);
        }
    }
}
