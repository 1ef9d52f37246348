//! Third-party validation: rows SC-08, SC-09, SC-22 to SC-24, SC-71 to SC-77, SC-92 to SC-95 and
//! SC-110.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, bank_account_with, id, is_id, keys};
use crate::on_both_databases;

fn payer(ifsc: &str, number: Value) -> Value {
    json!({"type": "bank_account", "bank_account": {"ifsc": ifsc, "account_number": number}})
}

fn axis(number: &str) -> Value {
    payer("UTIB0000013", json!(number))
}

async fn with_payers(app: &TestApp, payers: Value) -> Answer {
    let body = bank_account_with(json!({"allowed_payers": payers}));
    app.test.post("/v1/virtual_accounts", body).await
}

async fn add(app: &TestApp, account: &str, body: Value) -> Answer {
    app.test.post(&format!("/v1/virtual_accounts/{account}/allowed_payers"), body).await
}

fn assert_shape_b(error: &Value, field: &str, reason: &str) {
    let want = ["code", "description", "source", "step", "reason", "metadata", "field"];
    let mut found = keys(error);
    found.sort_unstable();
    let mut want = want.to_vec();
    want.sort_unstable();
    assert_eq!(found, want);
    assert_eq!(error["field"], field);
    assert_eq!(error["reason"], reason);
    assert_eq!(error["source"], "business");
    assert_eq!(error["step"], "virtual_account_edit");
    assert_eq!(error["metadata"], json!([]));
}

on_both_databases! {
    async fn sc_08_create_with_payers(app: TestApp) {
        for count in [1, 10] {
            let payers: Vec<Value> = (0..count).map(|at| axis(&format!("91401009876{at:04}"))).collect();
            let account = with_payers(&app, json!(payers)).await.ok();
            let found = account["allowed_payers"].as_array().unwrap();
            assert_eq!(found.len(), count);
            for (found, given) in found.iter().zip(&payers) {
                assert_eq!(keys(found), ["type", "id", "bank_account"]);
                assert!(is_id(&found["id"], "ba_"));
                assert_eq!(found["bank_account"], given["bank_account"]);
            }
            let order = keys(&account);
            let at = |key| order.iter().position(|found| *found == key).unwrap();
            assert_eq!((at("allowed_payers"), at("close_by")), (at("receivers") + 1, at("receivers") + 2));
            assert_eq!(app.account(&id(&account)).await, account);
        }
    }

    async fn sc_09_no_key_without_payers(app: TestApp) {
        for body in [json!({}), json!({"allowed_payers": []}), json!({"allowed_payers": null})] {
            assert_eq!(app.open(bank_account_with(body)).await.get("allowed_payers"), None);
        }
    }

    async fn sc_22_to_24_spellings(app: TestApp) {
        let map = json!({"0": payer(" utib0000013 ", json!(914_010_098_765_432_i64))});
        let account = with_payers(&app, map).await.ok();
        let bank = &account["allowed_payers"][0]["bank_account"];
        assert_eq!(bank, &json!({"ifsc": "UTIB0000013", "account_number": "914010098765432"}));
        let account = with_payers(&app, json!([axis("00000098765")])).await.ok();
        assert_eq!(account["allowed_payers"][0]["bank_account"]["account_number"], "00000098765");
        let form = "receivers[types][0]=bank_account&allowed_payers[0][type]=bank_account\
                    &allowed_payers[0][bank_account][ifsc]=UTIB0000013\
                    &allowed_payers[0][bank_account][account_number]=00123";
        let account = app.test.form("/v1/virtual_accounts/", form).await.ok();
        assert_eq!(account["allowed_payers"][0]["bank_account"]["account_number"], "00123");
    }

    async fn sc_71_add_a_payer(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let first = add(&app, &account, axis("914010098765432")).await.ok();
        assert_eq!(first["allowed_payers"].as_array().unwrap().len(), 1);
        let mut alias = axis("914010098765433");
        alias["types"] = alias["type"].take();
        let second = add(&app, &account, alias).await.ok();
        let found = second["allowed_payers"].as_array().unwrap();
        assert_eq!(found[0], first["allowed_payers"][0]);
        assert_eq!(found[1]["bank_account"]["account_number"], "914010098765433");
        assert_eq!(app.account(&account).await, second);
    }

    async fn sc_72_payer_validation(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let (ifsc, number) = ("bank_account.ifsc", "bank_account.account_number");
        for (body, text, field) in [
            (json!({}), "The type field is required.", "type"),
            (json!({"type": "vpa"}), "The selected type is invalid.", "type"),
            (json!({"type": "bank_account"}), "The bank account field is required.", "bank_account"),
            (
                json!({"type": "bank_account", "bank_account": {"account_number": "12345"}}),
                "The bank account.ifsc field is required when bank account is present", ifsc,
            ),
            (
                json!({"type": "bank_account", "bank_account": {"ifsc": "UTIB0000013"}}),
                "The bank account.account number field is required when bank account is present.", number,
            ),
            (payer("UTIB000001", json!("12345")), "The ifsc must be 11 characters.", ifsc),
            (payer("UTIB1000013", json!("12345")), "Invalid IFSC", ifsc),
            (payer("UTIB0000013", json!("1234")), "The account number format is invalid.", number),
            (payer("UTIB0000013", json!("12-345")), "The account number format is invalid.", number),
            (payer("UTIB0000013", json!(9.14e14)), "The account number format is invalid.", number),
        ] {
            let error = add(&app, &account, body.clone()).await.refused(text);
            assert_shape_b(&error, field, "input_validation_failed");
            let error = with_payers(&app, json!([body])).await.refused(text);
            assert_shape_b(&error, field, "input_validation_failed");
        }
        assert_eq!(app.account(&account).await.get("allowed_payers"), None);
        add(&app, "va_QcZ9Nobody0001", json!({})).await.refused("The id provided does not exist");
    }

    async fn sc_73_payer_duplicate(app: TestApp) {
        let text = "Payer detail already exist for virtual account.";
        let account = id(&with_payers(&app, json!([axis("0012345")])).await.ok());
        let error = add(&app, &account, axis("0012345")).await.refused(text);
        assert_shape_b(&error, "allowed_payers", "payer_detail_already_exists");
        let error = with_payers(&app, json!([axis("12345"), axis("12345")])).await.refused(text);
        assert_shape_b(&error, "allowed_payers", "payer_detail_already_exists");
        // Another number, though it looks the same without its zeros.
        add(&app, &account, axis("12345")).await.ok();
    }

    async fn sc_74_payer_limit(app: TestApp) {
        let payers: Vec<Value> = (0..10).map(|at| axis(&format!("91401009876{at:04}"))).collect();
        let account = id(&with_payers(&app, json!(payers)).await.ok());
        let answer = add(&app, &account, axis("914010098765432")).await;
        let whole = r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"Only 10 allowed payer accounts can be added","source":"business","step":"virtual_account_edit","reason":"allowed_payer_limit_exceeded","metadata":[],"field":"allowed_payers"}}"#;
        let whole: Value = serde_json::from_str(whole).unwrap();
        assert_eq!((answer.status, answer.json()), (400, whole.clone()));
        let eleven: Vec<Value> = (0..11).map(|at| axis(&format!("91401009876{at:04}"))).collect();
        assert_eq!(with_payers(&app, json!(eleven)).await.json(), whole);
    }

    async fn sc_75_payers_need_a_bank_account(app: TestApp) {
        let text = "Account validation is only applicable on bank account as a receiver type";
        let reason = "account_validation_not_supported_on_vpa";
        for types in [json!(["vpa"]), json!(["vpa", "bank_account"]), json!(["bank_account", "qr_code"])] {
            let body = json!({"receivers": {"types": types}, "allowed_payers": [axis("12345")]});
            let error = app.test.post("/v1/virtual_accounts", body).await.refused(text);
            assert_shape_b(&error, "receivers", reason);
            let account = id(&app.open(json!({"receivers": {"types": types}})).await);
            // Before the payer's own fields.
            let error = add(&app, &account, json!({})).await.refused(text);
            assert_shape_b(&error, "receivers", reason);
        }
    }

    async fn sc_76_delete_a_payer(app: TestApp) {
        let account = with_payers(&app, json!([axis("12345"), axis("12346")])).await.ok();
        let payers: Vec<String> = account["allowed_payers"].as_array().unwrap().iter().map(id).collect();
        let path = |payer: &str| format!("/v1/virtual_accounts/{}/allowed_payers/{payer}", id(&account));
        let answer = app.test.delete(&path(&payers[0])).await;
        assert_eq!((answer.status, answer.bytes.len()), (204, 0));
        let left = app.account(&id(&account)).await;
        assert_eq!(left["allowed_payers"], json!([account["allowed_payers"][1]]));
        // Also of a closed account; without the last one the key goes.
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&account)), json!({})).await.ok();
        assert_eq!(app.test.delete(&path(&payers[1])).await.status, 204);
        assert_eq!(app.account(&id(&account)).await.get("allowed_payers"), None);
    }

    async fn sc_77_delete_an_unknown_payer(app: TestApp) {
        let one = with_payers(&app, json!([axis("12345")])).await.ok();
        let other = with_payers(&app, json!([axis("12345")])).await.ok();
        let foreign = id(&other["allowed_payers"][0]);
        for payer in [&*foreign, "ba_QcZ9Nobody0001"] {
            let path = format!("/v1/virtual_accounts/{}/allowed_payers/{payer}", id(&one));
            app.test.delete(&path).await.refused("The id provided does not exist");
        }
    }

    async fn sc_92_to_94_who_may_pay(app: TestApp) {
        let (_, receiver) = app.hook(&[
            "payment.authorized", "payment.captured", "refund.created", "refund.processed",
            "virtual_account.credited",
        ]).await;
        let body = json!([payer("SBIN0000001", json!("00000098765"))]);
        let account = with_payers(&app, body).await.ok();
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let pay = async |payer: Value| {
            let body = json!({"account_number": number, "amount": 500, "payer": payer});
            app.transfer(body).await.ok()
        };
        for good in [
            json!({"account_number": "00000098765", "ifsc": "SBIN0000001"}),
            json!({"account_number": "00000098765", "ifsc": "sbin0000001"}),
            json!({"account_number": "00000098765"}),
        ] {
            let paid = pay(good).await;
            assert_eq!(app.payment(&paid).await["status"], "captured");
        }
        for _ in 0..9 {
            receiver.next().await;
        }
        for bad in [
            json!({"account_number": "98765", "ifsc": "SBIN0000001"}),
            json!({"account_number": "00000098765", "ifsc": "SBIN0000002"}),
            json!({"account_number": "00000098766", "ifsc": "SBIN0000001"}),
        ] {
            let paid = pay(bad).await;
            assert_eq!(paid["result"], "refunded");
            let payment = app.payment(&paid).await;
            assert_eq!(payment["status"], "refunded");
            assert_eq!(payment["description"], "Bank Account Validation Failed");
            assert_eq!(payment["captured"], false);
            assert_eq!((&payment["fee"], &payment["tax"]), (&json!(0), &json!(0)));
            assert_eq!(payment["amount_refunded"], 500);
            assert_eq!(payment["refund_status"], "full");
            for event in ["payment.authorized", "refund.created", "refund.processed"] {
                assert_eq!(receiver.next().await.json()["event"], event);
            }
        }
        // Nobody to send it back to: the refund waits.
        let paid = pay(Value::Null).await;
        assert_eq!(paid["result"], "refunded");
        for event in ["payment.authorized", "refund.created"] {
            assert_eq!(receiver.next().await.json()["event"], event);
        }
        assert_eq!(app.account(&id(&account)).await["amount_paid"], 1_500);
        app.assert_books_clean().await;
    }

    async fn sc_95_the_list_changes(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let pay = async || {
            let payer = json!({"account_number": "0012345", "ifsc": "UTIB0000013"});
            let body = json!({"account_number": number, "amount": 500, "payer": payer});
            app.transfer(body).await.ok()["result"].clone()
        };
        assert_eq!(pay().await, "credited", "anyone may pay");
        let other = id(&add(&app, &account, axis("99999")).await.ok()["allowed_payers"][0]);
        assert_eq!(pay().await, "refunded");
        let added = add(&app, &account, axis("0012345")).await.ok();
        assert_eq!(pay().await, "credited");
        let own = id(&added["allowed_payers"][1]);
        let path = |payer: &str| format!("/v1/virtual_accounts/{account}/allowed_payers/{payer}");
        assert_eq!(app.test.delete(&path(&own)).await.status, 204);
        assert_eq!(pay().await, "refunded");
        assert_eq!(app.test.delete(&path(&other)).await.status, 204);
        assert_eq!(pay().await, "credited", "without the last one anyone may pay again");
    }

    async fn sc_92_upi_by_an_allowed_account(app: TestApp) {
        let account = with_payers(&app, json!([axis("0012345")])).await.ok();
        let path = format!("/v1/virtual_accounts/{}/receivers", id(&account));
        let both = app.test.post(&path, json!({"types": ["vpa"]})).await.ok();
        let vpa = both["receivers"][1]["address"].clone();
        for (number, result) in [("0012345", "credited"), ("12345", "refunded")] {
            let payer = json!({"vpa": "meera@bank", "account_number": number, "ifsc": "UTIB0000013"});
            let body = json!({"vpa": vpa, "amount": 500, "payer": payer});
            let paid = app.test.post("/v1/sandbox/upi_payments", body).await.ok();
            assert_eq!(paid["result"], result, "{number}");
        }
        app.assert_books_clean().await;
    }

    async fn sc_110_hooks_tell_allowed_payers(app: TestApp) {
        let (_, receiver) = app.hook(&[
            "virtual_account.created", "virtual_account.credited", "virtual_account.closed",
        ]).await;
        let account = with_payers(&app, json!([axis("765432198765432")])).await.ok();
        let number = account["receivers"][0]["account_number"].as_str().unwrap();
        let payer = json!({"account_number": "765432198765432"});
        let body = json!({"account_number": number, "amount": 500, "payer": payer});
        app.transfer(body).await.ok();
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&account)), json!({})).await.ok();
        for last in ["created_at", "allowed_payers", "created_at"] {
            let entity = receiver.next().await.json()["payload"]["virtual_account"]["entity"].clone();
            assert_eq!(entity["allowed_payers"], account["allowed_payers"]);
            assert_eq!(keys(&entity).last(), Some(&last));
        }
    }
}
