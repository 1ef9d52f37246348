//! Customers who give mandates: rows RP-01 to RP-06.

use serde_json::{Value, json};

use crate::harness::{TestApp, id, keys};
use crate::on_both_databases;

fn asha() -> Value {
    json!({"name": "Asha Rao", "email": "asha.rao@example.com", "contact": "+919876500001",
           "notes": {"tier": "gold"}})
}

async fn create(app: &TestApp, more: Value) -> crate::harness::Answer {
    app.test.post("/v1/customers", crate::harness::with(asha(), more)).await
}

on_both_databases! {
    async fn rp_01_create_customer(app: TestApp) {
        let made = create(&app, json!({})).await.ok();
        let want = ["id", "entity", "name", "email", "contact", "gstin", "notes", "created_at"];
        assert_eq!(keys(&made), want);
        assert_eq!((&made["gstin"], &made["notes"]["tier"]), (&Value::Null, &json!("gold")));
    }

    async fn rp_02_duplicate(app: TestApp) {
        create(&app, json!({})).await.ok();
        for more in [json!({}), json!({"fail_existing": "1"}), json!({"fail_existing": true})] {
            create(&app, more).await.refused("Customer already exists for the merchant");
        }
    }

    async fn rp_03_duplicate_is_answered(app: TestApp) {
        let first = create(&app, json!({})).await.ok();
        for flag in [json!("0"), json!(0), json!(false), json!("false")] {
            let more = json!({"fail_existing": flag, "name": "Other Name", "notes": {"x": "y"}});
            assert_eq!(create(&app, more).await.ok(), first);
        }
    }

    async fn rp_04_the_key_of_a_duplicate(app: TestApp) {
        let first = create(&app, json!({})).await.ok();
        let text = "Customer already exists for the merchant";
        create(&app, json!({"name": "Another Name"})).await.refused(text);
        create(&app, json!({"contact": "9876500001", "email": "ASHA.RAO@example.com"})).await
            .refused(text);
        let other = create(&app, json!({"contact": "+919876500002"})).await.ok();
        assert_ne!(id(&other), id(&first));
    }

    async fn rp_05_customer_validation(app: TestApp) {
        let error = create(&app, json!({"contact": "1234567"})).await
            .refused("Contact number should be at least 8 digits, including country code");
        let got = ["source", "step", "reason", "field"].map(|key| error[key].clone());
        assert_eq!(got, ["business", "NA", "invalid_contact_number", "contact"].map(Value::from));
        let error = create(&app, json!({"fail_existing": "perhaps"})).await
            .refused("The selected fail existing is invalid.");
        assert_eq!(error["field"], "fail_existing");
        create(&app, json!({"email": "asha"})).await
            .refused("The email must be a valid email address.");
        create(&app, json!({"gstin": "22AAAAA"})).await.refused("GSTIN Format is invalid");
    }

    async fn rp_06_spellings(app: TestApp) {
        let made = create(&app, json!({"contact": 919_876_500_009_i64})).await.ok();
        assert_eq!(made["contact"], "919876500009");
        let form = "name=Asha+Rao&email=asha%40example.com&contact=9876500008&notes[tier]=gold";
        let made = app.test.form("/v1/customers", form).await.ok();
        assert_eq!((&made["contact"], &made["notes"]["tier"]), (&json!("9876500008"), &json!("gold")));
        let more = json!({"contact": "9876500007", "name": "Asha", "email": "a@b.in"});
        app.test.post("/v1/customers/", more).await.ok();
    }
}
