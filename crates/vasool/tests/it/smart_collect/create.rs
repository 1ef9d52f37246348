//! Creating and fetching: rows SC-01 to SC-28, SC-40, SC-41 and SC-51 to SC-53.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{bank_account, bank_account_with, described, id, keys};
use crate::on_both_databases;

const ENTITY: [&str; 13] = [
    "id",
    "name",
    "entity",
    "status",
    "description",
    "amount_expected",
    "notes",
    "amount_paid",
    "customer_id",
    "receivers",
    "close_by",
    "closed_at",
    "created_at",
];
const RECEIVER: [&str; 7] =
    ["id", "entity", "ifsc", "bank_name", "name", "notes", "account_number"];

on_both_databases! {
    async fn sc_01_and_40_create_with_bank_account(app: TestApp) {
        let now = app.freeze().await;
        let answer = app.test.post("/v1/virtual_accounts", bank_account()).await;
        let account = answer.ok();
        assert_eq!(keys(&account), ENTITY);
        let receiver = &account["receivers"][0];
        assert_eq!(keys(receiver), RECEIVER);
        let number = receiver["account_number"].as_str().unwrap();
        assert_eq!(number.len(), 16);
        assert!(number.starts_with("111222") && number.bytes().all(|b| b.is_ascii_digit()));
        let whole = format!(
            r#"{{"id":"{}","name":"Blue Lotus Traders","entity":"virtual_account","status":"active","description":null,"amount_expected":null,"notes":[],"amount_paid":0,"customer_id":null,"receivers":[{{"id":"{}","entity":"bank_account","ifsc":"RAZR0000001","bank_name":null,"name":"Blue Lotus Traders","notes":[],"account_number":"{number}"}}],"close_by":null,"closed_at":null,"created_at":{now}}}"#,
            id(&account), id(receiver)
        );
        assert_eq!(answer.bytes, whole);
        // Types that are named twice count once.
        let twice = json!({"receivers": {"types": ["bank_account", "bank_account"]}});
        assert_eq!(app.open(twice).await["receivers"].as_array().unwrap().len(), 1);
    }

    async fn sc_41_live_mode_bank_data(app: TestApp) {
        let account = app.live.post("/v1/virtual_accounts", bank_account()).await.ok();
        let receiver = &account["receivers"][0];
        assert_eq!(receiver["ifsc"], "RATN0VAAPIS");
        assert_eq!(receiver["bank_name"], "RBL Bank");
        assert!(receiver["account_number"].as_str().unwrap().starts_with("222333"));
        let path = format!("/v1/virtual_accounts/{}", id(&account));
        assert_eq!(app.live.get(&path).await.ok(), account);
        app.test.get(&path).await.refused("The id provided does not exist");
    }

    async fn sc_10_and_11_customer_link(app: TestApp) {
        let customer = id(&app.customer().await);
        let linked = app.open(bank_account_with(json!({"customer_id": customer}))).await;
        assert_eq!(linked["customer_id"], customer);
        for none in [json!(null), json!("")] {
            let account = app.open(bank_account_with(json!({"customer_id": none}))).await;
            assert_eq!(account["customer_id"], Value::Null);
        }
        let live = id(&app.live.post("/v1/customers", json!({})).await.ok());
        for wrong in ["cust_QcZ9Nobody0001", live.as_str()] {
            let body = bank_account_with(json!({"customer_id": wrong}));
            let answer = app.test.post("/v1/virtual_accounts", body).await;
            answer.refused("The id provided does not exist");
        }
    }

    async fn sc_12_notes_empty_quirk(app: TestApp) {
        let answer = app.test.post("/v1/virtual_accounts", bank_account()).await;
        assert!(String::from_utf8(answer.bytes.to_vec()).unwrap().contains("\"notes\":[],\"amount_paid\""));
        let with = app.open(bank_account_with(json!({"notes": {"unit": "14B"}}))).await;
        assert_eq!(with["notes"], json!({"unit": "14B"}));
    }

    async fn sc_13_description(app: TestApp) {
        let text = "₹".repeat(2_048);
        let account = app.open(bank_account_with(json!({"description": text}))).await;
        assert_eq!(app.account(&id(&account)).await["description"], text);
        let body = bank_account_with(json!({"description": format!("{text}x")}));
        let error = app.test.post("/v1/virtual_accounts", body).await
            .refused("The description may not be greater than 2048 characters.");
        assert_eq!(error["field"], "description");
    }

    async fn sc_14_amount_expected(app: TestApp) {
        for (given, want) in
            [(json!(10_000), json!(10_000)), (json!("10000"), json!(10_000)), (json!(1), json!(1)), (json!(null), Value::Null)]
        {
            let account = app.open(bank_account_with(json!({"amount_expected": given}))).await;
            assert_eq!(account["amount_expected"], want);
        }
        let body = bank_account_with(json!({"amount_expected": "x"}));
        let error = app.test.post("/v1/virtual_accounts", body).await
            .refused("The amount expected must be an integer.");
        assert_eq!(error["field"], "amount_expected");
        let body = bank_account_with(json!({"amount_expected": 0}));
        app.test.post("/v1/virtual_accounts", body).await.error(400);
    }

    async fn sc_15_to_17_close_by(app: TestApp) {
        let now = app.freeze().await;
        let post = async |close_by: Value| {
            let body = bank_account_with(json!({"close_by": close_by}));
            app.test.post("/v1/virtual_accounts", body).await
        };
        for good in [json!(now + 900), json!(now + 901), json!((now + 901).to_string()), json!(2_147_483_647)] {
            let want: i64 = good.as_str().map_or_else(|| good.as_i64().unwrap(), |s| s.parse().unwrap());
            assert_eq!(post(good).await.ok()["close_by"], want);
        }
        for none in [json!(null), json!("")] {
            assert_eq!(post(none).await.ok()["close_by"], Value::Null);
        }
        for soon in [now + 899, now + 60, now, now - 86_400, 0, -1] {
            let answer = post(json!(soon)).await;
            let text = "close by date should be atleast 15 min after current time";
            let whole = format!(
                r#"{{"error":{{"code":"BAD_REQUEST_ERROR","description":"{text}","source":"NA","step":"NA","reason":"NA","metadata":{{}}}}}}"#
            );
            assert_eq!((answer.status, &*answer.bytes), (400, whole.as_bytes()), "{soon}");
        }
        let error = post(json!(2_147_483_648_i64)).await
            .refused("The close by may not be greater than 2147483647.");
        assert_eq!(error["field"], "close_by");
        for bad in [json!("soon"), json!(true), json!(1.5), json!([1])] {
            let error = post(bad).await.refused("The close by must be an integer.");
            assert_eq!(error["field"], "close_by");
        }
    }

    async fn sc_18_receivers_missing(app: TestApp) {
        for body in [json!({}), json!({"receivers": {}}), json!({"receivers": []}), json!({"receivers": null}), json!({"description": "x"})] {
            let error = app.test.post("/v1/virtual_accounts", body).await;
            let error = error.refused("Receivers field is required");
            assert_eq!((&error["field"], &error["step"]), (&json!("receivers"), &json!("NA")));
        }
        let empty = app.test.send(Method::POST, "/v1/virtual_accounts", None, Bytes::new()).await;
        empty.refused("Receivers field is required");
    }

    async fn sc_19_and_20_types(app: TestApp) {
        let post = async |types: Value| {
            app.test.post("/v1/virtual_accounts", json!({"receivers": {"types": types}})).await
        };
        for missing in [json!([]), json!(null), json!(""), json!({})] {
            let error = post(missing).await.refused("The receivers.types field is required.");
            assert_eq!(error["field"], "receivers.types");
        }
        for wrong in [json!(["card"]), json!(["bank_account", "card"]), json!("BANK_ACCOUNT"), json!([1])] {
            let error = post(wrong).await.refused("The selected receivers.types is invalid.");
            assert_eq!(error["field"], "receivers.types");
        }
        let error = post(json!(["qr"])).await.refused("Bharat QR not supported for Customer Identifier.");
        assert_eq!((error.get("field"), &error["source"]), (None, &json!("NA")));
        assert_eq!(app.test.get("/v1/virtual_accounts").await.ok()["count"], 0);
    }

    async fn sc_21_wrong_credentials(app: TestApp) {
        let mut stranger = app.test.clone();
        stranger.key_secret = "wrong".to_owned();
        let error = stranger.post("/v1/virtual_accounts", bank_account()).await.error(401);
        assert_eq!(error["description"], "The api key provided is invalid");
        assert_eq!(keys(&error), ["code", "description", "source", "step", "reason", "metadata"]);
    }

    async fn sc_22_go_style_maps(app: TestApp) {
        for types in [json!({"0": "bank_account"}), json!("bank_account")] {
            let account = app.open(json!({"receivers": {"types": types}})).await;
            assert_eq!(account["receivers"][0]["entity"], "bank_account");
        }
    }

    async fn sc_26_legacy_receiver_types(app: TestApp) {
        for body in [
            json!({"receiver_types": ["bank_account"]}),
            json!({"receiver_types": "bank_account"}),
            json!({"receiver_types": {"0": "bank_account"}}),
            json!({"receiver_types": ["bank_account"], "receivers": {}}),
        ] {
            assert_eq!(app.open(body).await["receivers"][0]["entity"], "bank_account");
        }
        for form in ["receiver_types[]=bank_account", "receiver_types[0]=bank_account"] {
            app.test.form("/v1/virtual_accounts", form).await.ok();
        }
    }

    async fn sc_28_name_is_ignored(app: TestApp) {
        let account = app.open(bank_account_with(json!({"name": "My own name"}))).await;
        assert_eq!(account["name"], "Blue Lotus Traders");
        app.set(json!({"billing_label": "Lotus"})).await;
        let account = app.open(bank_account_with(json!({"name": "My own name"}))).await;
        assert_eq!((&account["name"], &account["receivers"][0]["name"]), (&json!("Lotus"), &json!("Lotus")));
    }

    async fn settings_do_not_change_accounts_that_exist(app: TestApp) {
        let before = app.open(bank_account()).await;
        app.set(json!({
            "billing_label": "Lotus", "va_number_prefix": "99887766",
            "va_bank": [{"ifsc": "UTIB000RAZP", "bank_name": "Axis Bank"}]
        })).await;
        assert_eq!(app.account(&id(&before)).await, before);
        let number = before["receivers"][0]["account_number"].as_str().unwrap();
        assert_eq!(app.pay(number, 500).await["result"], "credited");
        let after = app.open(bank_account()).await;
        assert!(after["receivers"][0]["account_number"].as_str().unwrap().starts_with("99887766"));
        assert_eq!(after["receivers"][0]["bank_name"], "Axis Bank");
    }

    async fn the_order_of_checks(app: TestApp) {
        let now = app.now().await;
        app.open(described("4081220937")).await;
        let mut body = json!({
            "receivers": {"types": ["x"], "bank_account": {"descriptor": "AB-1"}},
            "customer_id": "cust_QcZ9Nobody0001", "close_by": now, "notes": {"a": []}
        });
        let refused = async |body: &Value, text: &str| {
            app.test.post("/v1/virtual_accounts", body.clone()).await.refused(text);
        };
        refused(&body, "The selected receivers.types is invalid.").await;
        body["receivers"]["types"] = json!(["bank_account"]);
        refused(&body, "The descriptor may only contain letters and numbers.").await;
        body["receivers"]["bank_account"]["descriptor"] = json!("4081220937");
        refused(&body, "The id provided does not exist").await;
        body["customer_id"] = json!(null);
        refused(&body, "close by date should be atleast 15 min after current time").await;
        body["close_by"] = json!(null);
        refused(&body, "Notes values themselves should not be an array").await;
        body["notes"] = json!({});
        let taken = "An active Customer Identifier with the same descriptor already exists for your account.";
        refused(&body, taken).await;
        assert_eq!(app.test.get("/v1/virtual_accounts").await.ok()["count"], 1);
    }

    async fn sc_51_to_53_fetch(app: TestApp) {
        let account = app.open(bank_account_with(json!({"notes": {"a": "b"}}))).await;
        let path = format!("/v1/virtual_accounts/{}", id(&account));
        let answer = app.test.get(&path).await;
        assert_eq!(answer.ok(), account);
        let unknown = "The id provided does not exist";
        app.test.get("/v1/virtual_accounts/va_QcZ9Nobody0001").await.refused(unknown);
        app.test.get("/v1/virtual_accounts/va_1").await.refused("1 is not a valid id");
        app.live.get(&path).await.refused(unknown);
        app.another_merchant().await.get(&path).await.refused(unknown);
    }
}
