//! UPI addresses, QR codes, and receivers added later: rows SC-02 to SC-07, SC-36 to SC-39, SC-66
//! to SC-70 and SC-121.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, bank_account, id, is_id, keys};
use crate::on_both_databases;

const TAKEN: &str =
    "An active Customer Identifier with the same descriptor already exists for your account.";
const CLOSED: &str = "Customer Identifier cannot be updated";

fn vpa(descriptor: &str) -> Value {
    json!({"receivers": {"types": ["vpa"], "vpa": {"descriptor": descriptor}}})
}

fn of_types(types: Value) -> Value {
    json!({"receivers": {"types": types}})
}

fn kinds(account: &Value) -> Vec<&str> {
    account["receivers"].as_array().unwrap().iter().map(|r| r["entity"].as_str().unwrap()).collect()
}

async fn create(app: &TestApp, body: Value) -> Answer {
    app.test.post("/v1/virtual_accounts", body).await
}

async fn add(app: &TestApp, account: &str, body: Value) -> Answer {
    app.test.post(&format!("/v1/virtual_accounts/{account}/receivers"), body).await
}

on_both_databases! {
    async fn sc_02_create_with_vpa(app: TestApp) {
        let account = app.open(vpa("gaurikumar")).await;
        let receiver = &account["receivers"][0];
        assert_eq!(keys(receiver), ["id", "entity", "username", "handle", "address"]);
        assert!(is_id(&receiver["id"], "vpa_"));
        assert_eq!(receiver["entity"], "vpa");
        assert_eq!(receiver["username"], "rpy.payto00000gaurikumar");
        assert_eq!(receiver["handle"], "icici");
        assert_eq!(receiver["address"], "rpy.payto00000gaurikumar@icici");
        assert_eq!(app.account(&id(&account)).await, account);
    }

    async fn sc_03_a_generated_vpa(app: TestApp) {
        let account = app.open(of_types(json!(["vpa"]))).await;
        let username = account["receivers"][0]["username"].as_str().unwrap();
        let tail = username.strip_prefix("rpy.payto00000").unwrap();
        assert!(tail.len() == 10 && tail.bytes().all(|b| b.is_ascii_digit()), "{username}");
    }

    async fn sc_04_and_06_the_order_of_receivers(app: TestApp) {
        let both = app.open(of_types(json!(["vpa", "bank_account"]))).await;
        assert_eq!(kinds(&both), ["bank_account", "vpa"]);
        let all = app.open(of_types(json!(["qr_code", "vpa", "bank_account", "vpa"]))).await;
        assert_eq!(kinds(&all), ["bank_account", "vpa", "qr_code"]);
    }

    async fn sc_05_create_with_qr(app: TestApp) {
        let now = app.freeze().await;
        let mut body = of_types(json!(["qr_code"]));
        body["amount_expected"] = json!("10050");
        let account = app.open(body).await;
        let receiver = &account["receivers"][0];
        assert_eq!(keys(receiver), ["id", "entity", "reference", "short_url", "created_at"]);
        assert!(is_id(&receiver["id"], "qr_"));
        let reference = receiver["reference"].as_str().unwrap();
        assert_eq!(format!("qr_{reference}"), receiver["id"].as_str().unwrap());
        assert_eq!(receiver["created_at"], now);
        let path = short_path(&app, receiver);
        let answer = app.test.send_plain(&path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "image/svg+xml");
        assert!(answer.bytes.starts_with(b"<?xml"), "{:?}", answer.bytes);
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&account)), json!({})).await.ok();
        assert_eq!(app.test.send_plain(&path).await.status, 404);
        assert_eq!(app.test.send_plain("/i/Nobody01").await.status, 404);
    }

    async fn sc_07_qr_method_switches(app: TestApp) {
        for (switches, allowed) in [
            (json!({"method": {"card": false}}), "upi"),
            (json!({"method": {"card": "0", "upi": "1"}}), "upi"),
            (json!({"upi": false}), "card"),
        ] {
            let body = json!({"receivers": {"types": ["qr_code"], "qr_code": switches}});
            let account = app.open(body).await;
            let code = id(&account["receivers"][0]);
            for method in ["upi", "card"] {
                let body = json!({"reference": code, "amount": 500, "method": method});
                let answer = app.test.post("/v1/bharatqr/pay/test", body).await;
                if method == allowed {
                    assert_eq!(answer.ok()["method"], method);
                } else {
                    let error = answer.refused("The selected method is invalid.");
                    assert_eq!(error["field"], "method");
                }
            }
            assert_eq!(app.account(&id(&account)).await["amount_paid"], 500);
        }
        let none = json!({"receivers": {"types": ["qr_code"], "qr_code": {"method": {"card": 0, "upi": 0}}}});
        create(&app, none).await.refused("The selected qr_code.method is invalid.");
    }

    async fn sc_36_and_38_descriptors_of_addresses(app: TestApp) {
        for bad in ["gaurikuma", "gaurikumari"] {
            let error = create(&app, vpa(bad)).await.refused("Invalid character length for descriptor");
            assert_eq!(error["field"], "receivers.vpa.descriptor", "{bad}");
            assert_eq!(error["reason"], "input_validation_failed");
        }
        for bad in ["abc_def123", "abc-def123", "abc def123", "abcdéfghij"] {
            let answer = create(&app, vpa(bad)).await;
            answer.refused("The descriptor may only contain letters and numbers.");
        }
    }

    async fn sc_37_a_prefix_of_ones_own(app: TestApp) {
        for (prefix, good, bad) in
            [("acmecorp", "abcdefghij12", "abcdefghij"), ("acme", "abcdefghij123456", "abcdefghij12345")]
        {
            app.set(json!({"vpa_merchant_prefix": prefix, "vpa_handle": "okbank"})).await;
            let account = app.open(vpa(good)).await;
            let address = account["receivers"][0]["address"].as_str().unwrap();
            assert_eq!(address, format!("rpy.{prefix}{good}@okbank"));
            create(&app, vpa(bad)).await.refused("Invalid character length for descriptor");
        }
    }

    async fn sc_39_an_address_is_taken_once(app: TestApp) {
        let first = app.open(vpa("gaurikumar")).await;
        for same in ["gaurikumar", "GauriKumar"] {
            let error = create(&app, vpa(same)).await.refused(TAKEN);
            assert_eq!((error.get("field"), &error["reason"]), (None, &json!("NA")));
        }
        // Another merchant's test addresses are its own.
        let stranger = app.another_merchant().await;
        stranger.post("/v1/virtual_accounts", vpa("gaurikumar")).await.ok();
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&first)), json!({})).await.ok();
        let second = app.open(vpa("GAURIKUMAR")).await;
        assert_eq!(second["receivers"][0]["address"], first["receivers"][0]["address"]);
        // The active account wins.
        let pay = json!({"vpa": "RPY.Payto00000GauriKumar@ICICI", "amount": 700});
        app.test.post("/v1/sandbox/upi_payments", pay).await.ok();
        assert_eq!(app.account(&id(&second)).await["amount_paid"], 700);
        assert_eq!(app.account(&id(&first)).await["amount_paid"], 0);
    }

    async fn sc_39_an_address_is_taken_once_at_once(app: TestApp) {
        let calls = (0..20).map(|_| create(&app, vpa("gaurikumar")));
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    }

    async fn sc_66_and_67_receivers_added_later(app: TestApp) {
        let account = id(&app.open(vpa("gaurikumar")).await);
        let body = json!({"types": ["bank_account"], "bank_account": {"descriptor": "42"}});
        let both = add(&app, &account, body).await.ok();
        assert_eq!(kinds(&both), ["bank_account", "vpa"]);
        assert_eq!(both["receivers"][0]["account_number"], "1112220000000042");
        assert_eq!(app.account(&account).await, both);
        app.pay("1112220000000042", 500).await;
        assert_eq!(app.account(&account).await["amount_paid"], 500);

        let (account, number) = app.virtual_account().await;
        // Go sends the alias with a map.
        let body = json!({"type": {"0": "vpa"}, "vpa": {"descriptor": "gaurikuma2"}});
        let both = add(&app, &account, body).await.ok();
        assert_eq!(kinds(&both), ["bank_account", "vpa"]);
        assert_eq!(both["receivers"][0]["account_number"], number);
        assert_eq!(both["receivers"][1]["entity"], "vpa");
    }

    async fn sc_68_the_same_kind_again(app: TestApp) {
        let account = id(&app.open(of_types(json!(["vpa", "bank_account"]))).await);
        let error =
            add(&app, &account, json!({"types": ["bank_account"]})).await.refused("Bank account Receiver already exists");
        assert_eq!(error["reason"], "NA");
        add(&app, &account, json!({"types": ["vpa"]})).await.refused(CLOSED);
        let before = id(&app.open(of_types(json!(["vpa"]))).await);
        // One of several that is there already: nothing is added.
        let body = json!({"types": ["bank_account", "vpa"]});
        assert_eq!(add(&app, &before, body).await.status, 400);
        assert_eq!(kinds(&app.account(&before).await), ["vpa"]);
        for (body, text) in [
            (json!({}), "The types field is required."),
            (json!({"types": []}), "The types field is required."),
            (json!({"types": ["qr_code"]}), "The selected types is invalid."),
            (json!({"types": ["x"]}), "The selected types is invalid."),
        ] {
            assert_eq!(add(&app, &before, body).await.refused(text)["field"], "types");
        }
        let (plain, _) = app.virtual_account().await;
        let short = json!({"types": ["vpa"], "vpa": {"descriptor": "short"}});
        let error = add(&app, &plain, short).await.refused("Invalid character length for descriptor");
        assert_eq!(error["field"], "vpa.descriptor");
        let nobody = add(&app, "va_QcZ9Nobody0001", json!({"types": ["vpa"]})).await;
        nobody.refused("The id provided does not exist");
    }

    async fn sc_69_receivers_of_a_closed_account(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        add(&app, &account, json!({"types": ["vpa"]})).await.refused(CLOSED);
    }

    async fn sc_70_a_vpa_beside_allowed_payers(app: TestApp) {
        let payer = json!({"type": "bank_account", "bank_account": {"ifsc": "UTIB0000013", "account_number": "914010098765432"}});
        let mut body = bank_account();
        body["allowed_payers"] = json!([payer]);
        let account = app.open(body).await;
        let both = add(&app, &id(&account), json!({"types": ["vpa"]})).await.ok();
        assert_eq!(kinds(&both), ["bank_account", "vpa"]);
        assert_eq!(both["allowed_payers"], account["allowed_payers"]);
    }

    async fn sc_121_feature_switches(app: TestApp) {
        app.set(json!({"vpa_in_test_mode": false, "va_qr_enabled": false})).await;
        let text = "UPI Customer Identifiers are supported only in Live mode.";
        create(&app, vpa("gaurikumar")).await.refused(text);
        let error = create(&app, of_types(json!(["qr_code"]))).await.refused("Bharat QR not enabled.");
        assert_eq!(error["reason"], "NA");
        assert_eq!(app.test.get("/v1/virtual_accounts").await.ok()["count"], 0);
    }
}

/// The path of a receiver's short URL on the test's server.
fn short_path(app: &TestApp, receiver: &Value) -> String {
    let url = receiver["short_url"].as_str().unwrap();
    let base = &app.app.options.public_url;
    let path = url.strip_prefix(base.as_str()).unwrap_or_else(|| panic!("{url} under {base}"));
    let code = path.strip_prefix("/i/").unwrap();
    assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_alphanumeric()), "{url}");
    path.to_owned()
}
