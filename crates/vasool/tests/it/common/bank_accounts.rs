//! Customers' bank accounts, fund accounts, and whose a UPI address is: rows CM-16, CM-58, CM-59
//! and CM-123.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{id, ids, is_id, keys};
use crate::on_both_databases;

const UNKNOWN: &str = "The id provided does not exist";

fn bank() -> Value {
    json!({
        "ifsc_code": "utib0000194", "account_number": "000123456780417",
        "beneficiary_name": "Meera Iyer", "beneficiary_email": "meera@example.test",
        "beneficiary_mobile": 9000012345_i64, "beneficiary_address1": "14B", "beneficiary_pin": "560001"
    })
}

fn without(mut body: Value, key: &str) -> Value {
    body.as_object_mut().unwrap().remove(key);
    body
}

on_both_databases! {
    async fn cm_58_add_and_delete(app: TestApp) {
        let customer = id(&app.customer().await);
        let path = format!("/v1/customers/{customer}/bank_account");
        let account = app.test.post(&path, bank()).await.ok();
        assert!(is_id(&account["id"], "ba_"));
        assert_eq!(account, json!({
            "id": account["id"], "entity": "bank_account", "ifsc": "UTIB0000194",
            "bank_name": "Axis Bank", "name": "Meera Iyer", "notes": [],
            "account_number": "XXXXXXXXXXX0417"
        }));
        assert_eq!(keys(&account), ["id", "entity", "ifsc", "bank_name", "name", "notes", "account_number"]);
        // Nobody else's, neither a customer's nor a merchant's.
        let other = id(&app.test.post("/v1/customers", json!({})).await.ok());
        let one = format!("{path}/{}", id(&account));
        app.test.delete(&format!("/v1/customers/{other}/bank_account/{}", id(&account))).await.refused(UNKNOWN);
        app.another_merchant().await.delete(&one).await.refused(UNKNOWN);
        app.live.delete(&one).await.refused(UNKNOWN);
        // CM-16: Python sends a body.
        let body = Bytes::from_static(b"{}");
        let deleted = app.test.send(Method::DELETE, &one, Some("application/json"), body).await.ok();
        assert_eq!(keys(&deleted), ["id", "ifsc", "bank_name", "name", "account_number", "status"]);
        assert_eq!((&deleted["status"], &deleted["account_number"]), (&json!("deleted"), &account["account_number"]));
        app.test.delete(&one).await.refused(UNKNOWN);
        app.test.delete(&format!("{path}/ba_x")).await.refused("x is not a valid id");
    }

    async fn cm_58_fields(app: TestApp) {
        let customer = id(&app.customer().await);
        let path = format!("/v1/customers/{customer}/bank_account");
        for (body, text, field) in [
            (json!({}), "The ifsc code field is required.", "ifsc_code"),
            (without(bank(), "account_number"), "The account number field is required.", "account_number"),
            (without(bank(), "beneficiary_name"), "The beneficiary name field is required.", "beneficiary_name"),
            (json!({"ifsc_code": "UTIB1000194"}), "Invalid IFSC", "ifsc_code"),
            (json!({"ifsc_code": "UTIB0000194", "account_number": "1 2 3 4 5"}),
                "The account number format is invalid.", "account_number"),
        ] {
            assert_eq!(app.test.post(&path, body).await.refused(text)["field"], field);
        }
        let mut body = bank();
        body["beneficiary_email"] = json!("nobody");
        app.test.post(&path, body).await.refused("The beneficiary email must be a valid email address.");
        app.test.post("/v1/customers/cust_QcZ9Nobody0001/bank_account", bank()).await.refused(UNKNOWN);
        app.test.post("/v1/customers/x/bank_account", bank()).await.refused("x is not a valid id");
    }

    async fn cm_59_fund_accounts(app: TestApp) {
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let bank = json!({"name": "Meera Iyer", "account_number": "000123456780417", "ifsc": "UTIB0000194"});
        let body = json!({"customer_id": customer, "account_type": "bank_account", "bank_account": bank});
        let account = app.test.post("/v1/fund_accounts", body.clone()).await.ok();
        assert!(is_id(&account["id"], "fa_"));
        let whole = format!(
            r#"{{"id":"{}","entity":"fund_account","customer_id":"{customer}","account_type":"bank_account","bank_account":{{"ifsc":"UTIB0000194","bank_name":"Axis Bank","name":"Meera Iyer","notes":[],"account_number":"000123456780417"}},"batch_id":null,"active":true,"created_at":{now}}}"#,
            id(&account)
        );
        assert_eq!(account.to_string(), whole);
        let other = id(&app.test.post("/v1/customers", json!({})).await.ok());
        let mut theirs = body.clone();
        theirs["customer_id"] = json!(other);
        let second = id(&app.test.post("/v1/fund_accounts", theirs).await.ok());
        let list = async |query: &str| app.test.get(&format!("/v1/fund_accounts?{query}")).await.ok();
        assert_eq!(list(&format!("customer_id={customer}")).await["items"], json!([account]));
        assert_eq!(ids(&list("").await), [second.clone(), id(&account)]);
        assert_eq!(ids(&list("count=1&skip=0").await), [second]);
        for (key, value, text) in [
            ("customer_id", json!(null), "The customer id field is required."),
            ("customer_id", json!("cust_QcZ9Nobody0001"), UNKNOWN),
            ("account_type", json!("vpa"), "The selected account type is invalid."),
            ("bank_account", json!({}), "The bank account field is required."),
            ("bank_account", json!({"name": "Meera Iyer"}), "The bank account.account number field is required."),
            ("bank_account", json!({"name": "M", "account_number": "12345", "ifsc": "x"}), "Invalid IFSC"),
        ] {
            let mut wrong = body.clone();
            wrong[key] = value;
            app.test.post("/v1/fund_accounts", wrong).await.refused(text);
        }
        let stranger = app.another_merchant().await;
        stranger.post("/v1/fund_accounts", body).await.refused(UNKNOWN);
        assert!(ids(&stranger.get(&format!("/v1/fund_accounts?customer_id={customer}")).await.ok()).is_empty());
    }

    async fn cm_123_validate_vpa(app: TestApp) {
        let check = async |vpa: &str| {
            app.test.post("/v1/payments/validate/vpa", json!({"vpa": vpa})).await
        };
        let meera = check("meera@examplebank").await;
        meera.ok();
        assert_eq!(meera.bytes, r#"{"vpa":"meera@examplebank","success":true,"customer_name":"MEERA IYER"}"#);
        assert_eq!(check("Success@Razorpay").await.ok()["success"], true);
        let nobody = check("failure@razorpay").await;
        nobody.ok();
        assert_eq!(nobody.bytes, r#"{"vpa":"failure@razorpay","success":false}"#);
        let required = app.test.post("/v1/payments/validate/vpa", json!({})).await
            .refused("The vpa field is required.");
        assert_eq!(required["field"], "vpa");
        for bad in ["meera", "m@bank", "meera@1bank", "me era@bank", "fail.invalid_vpa@sandbox"] {
            let error = check(bad).await
                .refused("Invalid VPA. Please enter a valid Virtual Payment Address");
            assert_eq!(error["source"], "customer", "{bad}");
            assert_eq!((&error["reason"], &error["field"]), (&json!("invalid_vpa"), &json!("vpa")));
        }
    }

    async fn cm_123_addresses_of_ones_own(app: TestApp) {
        let check = async |vpa: &Value| {
            app.test.post("/v1/payments/validate/vpa", json!({"vpa": vpa})).await.ok()
        };
        let account = app.open(json!({"receivers": {"types": ["vpa"]}})).await;
        let address = &account["receivers"][0]["address"];
        let known = check(address).await;
        assert_eq!((&known["success"], &known["customer_name"]), (&json!(true), &account["name"]));
        let nobody = json!("rpy.payto00000nobody0001@icici");
        assert_eq!(check(&nobody).await, json!({"vpa": nobody, "success": false}));
        // In live mode no bank answers for others; one's own are known.
        let theirs = app.live.post("/v1/virtual_accounts", json!({"receivers": {"types": ["vpa"]}})).await.ok();
        let own = json!({"vpa": theirs["receivers"][0]["address"]});
        assert_eq!(app.live.post("/v1/payments/validate/vpa", own).await.ok()["success"], true);
        let error = app.live.post("/v1/payments/validate/vpa", json!({"vpa": "meera@examplebank"})).await.error(502);
        assert_eq!((&error["code"], &error["reason"]), (&json!("GATEWAY_ERROR"), &json!("gateway_technical_error")));
        app.test.post(&format!("/v1/virtual_accounts/{}/close", id(&account)), json!({})).await.ok();
        assert_eq!(check(address).await["success"], false);

        let code = app.test.post("/v1/payments/qr_codes", json!({"type": "upi_qr", "usage": "multiple_use"})).await.ok();
        let raw = vasool_core::id::RawId::parse(&id(&code)[3..]).unwrap();
        let address = json!(vasool_core::receiver::qr_address(vasool_core::id::QrCodeId(raw), "rpy", "icici"));
        assert_eq!(check(&address).await["customer_name"], "Blue Lotus Traders");
        app.test.post(&format!("/v1/payments/qr_codes/{}/close", id(&code)), json!({})).await.ok();
        assert_eq!(check(&address).await["success"], false);
    }
}
