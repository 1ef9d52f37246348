//! Money arrives: rows SC-78 to SC-82, SC-84 to SC-88, SC-96 and SC-97.

use serde_json::{Value, json};

use crate::harness::{bank_account_with, id, ids, keys};
use crate::on_both_databases;

on_both_databases! {
    async fn sc_78_bank_transfer_credit(app: TestApp) {
        let now = app.freeze().await;
        let (account, number) = app.virtual_account().await;
        let body = json!({"account_number": number, "amount": 239_000, "utr": "528201736455"});
        let inbound = app.transfer(body).await.ok();
        assert_eq!(keys(&inbound), ["entity", "result", "reference", "payment_id"]);
        assert_eq!(inbound["entity"], "sandbox.inbound");
        assert_eq!(inbound["result"], "credited");
        assert_eq!(inbound["reference"], "528201736455");
        let payment = inbound["payment_id"].as_str().unwrap();
        let answer = app.test.get(&format!("/v1/payments/{payment}")).await;
        let whole = format!(
            r#"{{"id":"{payment}","entity":"payment","amount":239000,"currency":"INR","status":"captured","order_id":null,"invoice_id":null,"international":false,"method":"bank_transfer","amount_refunded":0,"refund_status":null,"captured":true,"description":null,"card_id":null,"bank":null,"wallet":null,"vpa":null,"email":null,"contact":null,"notes":[],"fee":2820,"tax":430,"error_code":null,"error_description":null,"error_source":null,"error_step":null,"error_reason":null,"acquirer_data":{{"rrn":"528201736455"}},"created_at":{now}}}"#
        );
        assert_eq!(answer.bytes, whole);
        assert_eq!(app.account(&account).await["amount_paid"], 239_000);
        app.assert_books_clean().await;
    }

    async fn sc_79_modes(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let mut total = 0;
        for (mode, amount) in
            [("NEFT", 500), ("RTGS", 20_000_000), ("IMPS", 600), ("UPI", 700), ("", 800)]
        {
            let mut body = json!({"account_number": number, "amount": amount});
            if !mode.is_empty() {
                body["mode"] = json!(mode);
            }
            let paid = app.transfer(body).await.ok();
            let payment = app.payment(&paid).await;
            assert_eq!(payment["method"], "bank_transfer");
            let path = format!("/v1/payments/{}/bank_transfer", id(&payment));
            let transfer = app.test.get(&path).await.ok();
            assert_eq!(transfer["mode"], if mode.is_empty() { "NEFT" } else { mode });
            assert_eq!(transfer["bank_reference"], paid["reference"]);
            assert_eq!(payment["acquirer_data"]["rrn"], paid["reference"]);
            total += amount;
        }
        assert_eq!(app.account(&account).await["amount_paid"], total);
        for bad in ["neft", "CASH"] {
            let body = json!({"account_number": number, "amount": 500, "mode": bad});
            let error = app.transfer(body).await.refused("The selected mode is invalid.");
            assert_eq!(error["field"], "mode");
        }
    }

    async fn sc_79_generated_references_have_the_shape_of_their_rail(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        for (mode, amount, length, prefix) in [
            ("NEFT", 500, 16, "UTIBN"), ("RTGS", 20_000_000, 22, "UTIBR5"), ("IMPS", 500, 12, ""),
            ("UPI", 500, 12, ""),
        ] {
            let body = json!({"account_number": number, "amount": amount, "mode": mode});
            let paid = app.transfer(body).await.ok();
            let reference = paid["reference"].as_str().unwrap();
            assert!(reference.len() == length && reference.starts_with(prefix), "{mode} {reference}");
        }
    }

    async fn sc_80_bank_transfer_fetch(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let body = json!({
            "account_number": number, "amount": 239_000, "utr": "528201736455",
            "payer": {"name": "Meera Iyer", "account_number": "765432198765432", "ifsc": "utib0003198"}
        });
        let paid = app.transfer(body).await.ok();
        let payment = paid["payment_id"].as_str().unwrap();
        let answer = app.test.get(&format!("/v1/payments/{payment}/bank_transfer")).await;
        let transfer = answer.ok();
        let nested = app.test.get(&format!("/v1/virtual_accounts/{account}")).await;
        let nested = String::from_utf8(nested.bytes.to_vec()).unwrap();
        let whole = format!(
            r#"{{"id":"{}","entity":"bank_transfer","payment_id":"{payment}","mode":"NEFT","bank_reference":"528201736455","amount":239000,"payer_bank_account":{{"id":"{}","entity":"bank_account","ifsc":"UTIB0003198","bank_name":"Axis Bank","name":"Meera Iyer","notes":[],"account_number":"765432198765432"}},"virtual_account_id":"{account}","virtual_account":{nested}}}"#,
            id(&transfer), id(&transfer["payer_bank_account"])
        );
        assert_eq!(answer.bytes, whole);
        // The account inside is as it is now, not as it was.
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let later = app.test.get(&format!("/v1/payments/{payment}/bank_transfer")).await.ok();
        assert_eq!(later["virtual_account"]["status"], "closed");
    }

    async fn sc_81_payers(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let pay = async |payer: Option<Value>| {
            let mut body = json!({"account_number": number, "amount": 500});
            if let Some(payer) = payer {
                body["payer"] = payer;
            }
            let paid = app.transfer(body).await.ok();
            let path = format!("/v1/payments/{}/bank_transfer", paid["payment_id"].as_str().unwrap());
            app.test.get(&path).await.ok()["payer_bank_account"].clone()
        };
        assert_eq!(pay(Some(Value::Null)).await, Value::Null);
        let built_in = pay(None).await;
        assert_eq!(built_in["name"], "Test Payer");
        assert_eq!(built_in["account_number"], "765432198765432");
        assert_eq!((&built_in["ifsc"], &built_in["bank_name"]), (&json!("UTIB0003198"), &json!("Axis Bank")));
        let partly = pay(Some(json!({"name": "Meera Iyer"}))).await;
        assert_eq!(partly["name"], "Meera Iyer");
        for absent in ["account_number", "ifsc", "bank_name"] {
            assert_eq!(partly[absent], Value::Null, "{absent}");
        }
        let unknown_bank = pay(Some(json!({"ifsc": "QQQQ0000001"}))).await;
        assert_eq!((&unknown_bank["ifsc"], &unknown_bank["bank_name"]), (&json!("QQQQ0000001"), &Value::Null));
    }

    async fn sc_82_bank_transfers_of_others(app: TestApp) {
        let get = async |id: &str| app.test.get(&format!("/v1/payments/{id}/bank_transfer")).await;
        get("pay_QcZ9Nobody0001").await.refused("The id provided does not exist");
        get("pay_1").await.refused("1 is not a valid id");
    }

    async fn sc_84_utr_search(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        for utr in ["528201736455", "N1234ABC", "000123"] {
            let body = json!({"account_number": number, "amount": 500, "utr": utr});
            let paid = app.transfer(body).await.ok();
            let payment = paid["payment_id"].as_str().unwrap().to_owned();
            for query in [
                format!("skip=0&count=25&va_transaction_id={utr}&virtual_account=1"),
                format!("va_transaction_id={utr}"),
            ] {
                let found = app.test.get(&format!("/v1/payments?{query}")).await.ok();
                assert_eq!(ids(&found)[..], *std::slice::from_ref(&payment), "{query}");
            }
        }
        for unknown in ["528201736456", "123", "52820173645"] {
            let query = format!("/v1/payments?va_transaction_id={unknown}&virtual_account=1");
            assert_eq!(app.test.get(&query).await.ok()["count"], 0);
        }
    }

    async fn sc_85_virtual_account_filter(app: TestApp) {
        let (first, one) = app.virtual_account().await;
        let (second, two) = app.virtual_account().await;
        let a = app.pay(&one, 500).await["payment_id"].clone();
        let b = app.pay(&two, 500).await["payment_id"].clone();
        let list = async |filter: &str| {
            ids(&app.test.get(&format!("/v1/payments?virtual_account={filter}")).await.ok())
        };
        assert_eq!(list("1").await, [b.as_str().unwrap(), a.as_str().unwrap()]);
        assert_eq!(list("0").await.len(), 2, "other values are no filter");
        assert_eq!(list(&first).await, [a.as_str().unwrap()]);
        assert_eq!(list(&second).await, [b.as_str().unwrap()]);
        assert_eq!(list("va_QcZ9Nobody0001").await, [""; 0]);
    }

    async fn sc_86_utr_replay(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.credited"]).await;
        let (account, number) = app.virtual_account().await;
        let body = json!({"account_number": number, "amount": 500, "utr": "528201736455"});
        let first = app.transfer(body.clone()).await.ok();
        for spelling in [number.clone(), number.to_lowercase()] {
            let mut again = body.clone();
            again["account_number"] = json!(spelling);
            let again = app.transfer(again).await.ok();
            assert_eq!(again["result"], "duplicate");
            assert_eq!(again["payment_id"], first["payment_id"]);
        }
        assert_eq!(app.account(&account).await["amount_paid"], 500);
        assert_eq!(app.test.get("/v1/payments").await.ok()["count"], 1);
        // Another mode, or another payee, is another transfer.
        let (_, other) = app.virtual_account().await;
        for (number, mode) in [(&number, "IMPS"), (&other, "NEFT")] {
            let body = json!({
                "account_number": number, "amount": 500, "utr": "528201736455", "mode": mode
            });
            assert_eq!(app.transfer(body).await.ok()["result"], "credited");
        }
        receiver.until(3).await;
        app.advance(60).await;
        assert_eq!(receiver.all().len(), 3);
        app.assert_books_clean().await;
    }

    async fn sc_86_replay_after_closing(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let body = json!({"account_number": number, "amount": 500, "utr": "528201736455"});
        let first = app.transfer(body.clone()).await.ok();
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let again = app.transfer(body).await.ok();
        assert_eq!((&again["result"], &again["payment_id"]), (&json!("duplicate"), &first["payment_id"]));
        // A refused transfer repeats as itself too.
        let body = json!({"account_number": number, "amount": 500, "utr": "528201736456"});
        let refused = app.transfer(body.clone()).await.ok();
        assert_eq!(refused["result"], "refunded");
        let again = app.transfer(body).await.ok();
        assert_eq!((&again["result"], &again["payment_id"]), (&json!("duplicate"), &refused["payment_id"]));
        assert_eq!(app.test.get("/v1/payments").await.ok()["count"], 2);
        app.assert_books_clean().await;
    }

    async fn a_repeat_with_another_amount_changes_nothing(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let body = json!({"account_number": number, "amount": 500, "utr": "528201736455"});
        let first = app.transfer(body.clone()).await.ok();
        let mut other = body;
        other["amount"] = json!(700);
        let again = app.transfer(other).await.ok();
        assert_eq!((&again["result"], &again["payment_id"]), (&json!("duplicate"), &first["payment_id"]));
        assert_eq!(app.payment(&first).await["amount"], 500);
        assert_eq!(app.account(&account).await["amount_paid"], 500);
        app.assert_books_clean().await;
    }

    async fn sc_86_pay_test_replay(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{account}/pay/test");
        let body = json!({"amount": 500, "bank_reference": "528201736455", "description": "Rent"});
        let first = app.test.post(&path, body.clone()).await.ok();
        assert_eq!((&first["entity"], &first["status"]), (&json!("payment"), &json!("captured")));
        assert_eq!(first["description"], "Rent");
        assert_eq!(app.test.post(&path, body).await.ok(), first);
        for body in [json!({"amount": 600, "mode": "IMPS"}), json!({"amount": 600, "method": "IMPS"})] {
            let paid = app.test.post(&path, body).await.ok();
            let transfer = format!("/v1/payments/{}/bank_transfer", id(&paid));
            assert_eq!(app.test.get(&transfer).await.ok()["mode"], "IMPS");
        }
        assert_eq!(app.account(&account).await["amount_paid"], 1_700);
        let error = app.test.post(&path, json!({})).await.refused("The amount field is required.");
        assert_eq!(error["field"], "amount");
        let nobody = "/v1/virtual_accounts/va_QcZ9Nobody0001/pay/test";
        app.test.post(nobody, json!({"amount": 500})).await.refused("The id provided does not exist");
    }

    async fn sc_88_amount_differs_from_expected(app: TestApp) {
        let account = app.open(bank_account_with(json!({"amount_expected": 1_000}))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        for amount in [500, 5_000] {
            let paid = app.pay(number, amount).await;
            assert_eq!(app.payment(&paid).await["status"], "captured");
        }
        let account = app.account(&id(&account)).await;
        assert_eq!((&account["amount_paid"], &account["status"]), (&json!(5_500), &json!("active")));
        assert_eq!(account["amount_expected"], 1_000);
    }

    async fn sc_96_and_cm_81_fee_table(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        for (bps, rows) in [
            (100, vec![(100, 1, 0), (500, 5, 0), (1_000, 12, 2), (10_000, 118, 18), (61_900, 731, 112), (239_000, 2_820, 430)]),
            (200, vec![(100, 2, 0), (1_000, 24, 4), (10_000, 236, 36)]),
            (0, vec![(10_000, 0, 0)]),
        ] {
            app.set(json!({"va_fee_bps": bps})).await;
            for (amount, fee, tax) in rows {
                let paid = app.pay(&number, amount).await;
                let payment = app.payment(&paid).await;
                assert_eq!((&payment["fee"], &payment["tax"]), (&json!(fee), &json!(tax)), "{amount} at {bps}");
            }
        }
        app.assert_books_clean().await;
    }

    async fn sc_97_and_cm_73_customer_data_on_payments(app: TestApp) {
        let customer = app.customer().await;
        let account = app.open(bank_account_with(json!({"customer_id": customer["id"]}))).await;
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let paid = app.pay(number, 500).await;
        let payment = app.payment(&paid).await;
        assert_eq!(payment["email"], "meera@example.test");
        assert_eq!(payment["contact"], "+919000012345", "E.164, though the customer's is as given");
        assert_eq!(payment["customer_id"], customer["id"]);
        let (_, plain) = app.virtual_account().await;
        let paid = app.pay(&plain, 500).await;
        let payment = app.payment(&paid).await;
        assert_eq!((&payment["email"], &payment["contact"]), (&Value::Null, &Value::Null));
        assert!(!keys(&payment).contains(&"customer_id"));
        assert!(!keys(&payment).contains(&"token_id"));
        // Copied when it arrived: an edit does not change the past.
        let path = format!("/v1/customers/{}", id(&customer));
        app.test.put(&path, json!({"email": "new@example.test"})).await.ok();
        let list = app.test.get(&format!("/v1/payments?virtual_account={}", id(&account))).await.ok();
        assert_eq!(list["items"][0]["email"], "meera@example.test");
        let paid = app.pay(number, 500).await;
        assert_eq!(app.payment(&paid).await["email"], "new@example.test");
    }
}
