//! Customers who sign mandates: rows PN-01 to PN-03.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, id, with};
use crate::on_both_databases;

fn asha() -> Value {
    json!({"name": "Asha Verma", "email": "asha.verma@example.com", "contact": 9_820_012_345_i64,
           "notes": {"branch": "Pune"}})
}

async fn create(app: &TestApp, more: Value) -> Answer {
    app.test.post("/v1/customers", with(asha(), more)).await
}

on_both_databases! {
    async fn pn_01_create_customer(app: TestApp) {
        let made = create(&app, json!({})).await.ok();
        let want = json!({
            "id": id(&made), "entity": "customer", "name": "Asha Verma",
            "email": "asha.verma@example.com", "contact": "9820012345", "gstin": null,
            "notes": {"branch": "Pune"}, "created_at": made["created_at"],
        });
        assert_eq!(made, want);
        assert!(id(&made).starts_with("cust_") && made["created_at"].is_i64());
        let gstin = "29XAbbA4369J1PA";
        let more = json!({"contact": "9820012346", "gstin": gstin});
        assert_eq!(create(&app, more).await.ok()["gstin"], gstin);
    }

    async fn pn_02_duplicate_customer(app: TestApp) {
        let first = create(&app, json!({})).await.ok();
        for more in [json!({}), json!({"fail_existing": 1}), json!({"contact": "+919820012345"})] {
            let error = create(&app, more).await.refused("Customer already exists for the merchant");
            // The source is that of all refusals of the API. Source: common 5.5 E14, decisions 15.
            let got = ["step", "reason"].map(|key| error[key].clone());
            assert_eq!(got, ["NA", "NA"].map(Value::from));
        }
        for flag in [json!(0), json!("0")] {
            let more = json!({"fail_existing": flag, "name": "Another Name", "notes": {"x": "y"}});
            assert_eq!(create(&app, more).await.ok(), first);
        }
    }

    async fn pn_03_short_contact(app: TestApp) {
        for contact in [json!("12345"), json!(12_345)] {
            let error = create(&app, json!({"contact": contact})).await
                .refused("Contact number should be at least 8 digits, including country code");
            let got = ["step", "reason", "field"].map(|key| error[key].clone());
            assert_eq!(got, ["NA", "invalid_contact_number", "contact"].map(Value::from));
        }
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 0);
    }
}
