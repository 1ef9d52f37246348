//! Customers: rows CM-51 to CM-57.

use std::collections::BTreeSet;

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{id, ids, keys};
use crate::on_both_databases;

const EXISTS: &str = "Customer already exists for the merchant";

on_both_databases! {
    async fn cm_51_create(app: TestApp) {
        let now = app.freeze().await;
        let made = app.test.post("/v1/customers", json!({
            "name": "Meera Iyer", "email": "meera@example.test", "contact": "+919000012345",
            "gstin": "29ABCDE1234F1Z5", "notes": {"block": "C"}
        })).await;
        let id = id(&made.ok());
        let whole = format!(
            r#"{{"id":"{id}","entity":"customer","name":"Meera Iyer","email":"meera@example.test","contact":"+919000012345","gstin":"29ABCDE1234F1Z5","notes":{{"block":"C"}},"created_at":{now}}}"#
        );
        assert_eq!(made.bytes, whole);
        let empty = app.test.post("/v1/customers", json!({})).await.ok();
        let names = ["id", "entity", "name", "email", "contact", "gstin", "notes", "created_at"];
        assert_eq!(keys(&empty), names);
        for key in ["name", "email", "contact", "gstin"] {
            assert_eq!(empty[key], Value::Null, "{key}");
        }
        assert_eq!(empty["notes"], json!([]));
        let blank = json!({"name": "", "email": null, "contact": "", "gstin": null, "notes": null});
        let blank = app.test.post("/v1/customers", blank).await.ok();
        assert_eq!(blank["name"], Value::Null);
        assert_eq!(blank["contact"], Value::Null);
    }

    async fn cm_52_validation(app: TestApp) {
        let long_email = format!("{}@example.test", "a".repeat(60));
        let characters = "Contact number contains invalid characters, only digits and + symbol are allowed";
        let short = "Contact number should be at least 8 digits, including country code";
        for (field, value, text) in [
            ("name", json!("a".repeat(51)), "The name may not be greater than 50 characters."),
            ("name", json!("Al"), "The name must be at least 3 characters."),
            ("name", json!("Meera!"), "The name format is invalid."),
            ("name", json!("-Meera"), "The name format is invalid."),
            ("name", json!("Meera-"), "The name format is invalid."),
            ("name", json!(["Meera"]), "The name must be a string."),
            ("email", json!("meera"), "The email must be a valid email address."),
            ("email", json!(long_email), "The email may not be greater than 64 characters."),
            ("contact", json!("1234567"), short),
            ("contact", json!("+91900001234567890"), "The contact may not be greater than 15 characters."),
            ("contact", json!("90000x12345"), characters),
            ("gstin", json!("29ABCDE1234F1Z"), "GSTIN Format is invalid"),
            ("gstin", json!("29ABCDE1234F1Z-"), "GSTIN Format is invalid"),
            ("fail_existing", json!("maybe"), "The selected fail existing is invalid."),
        ] {
            let error = app.test.post("/v1/customers", json!({field: value})).await.refused(text);
            assert_eq!(error["field"], field, "{value}");
        }
        let error = app.test.post("/v1/customers", json!({"contact": "1234567"})).await.refused(short);
        assert_eq!(error["reason"], "invalid_contact_number");
        for name in ["Abc", "O'Neil (A/C)", "M.R. Iyer Jr.", "A1 @ B_2-3", "7 Hills"] {
            app.test.post("/v1/customers", json!({"name": name})).await.ok();
        }
        for contact in ["12345678", "+91 90000 12345", "90000-54321"] {
            let made = app.test.post("/v1/customers", json!({"contact": contact})).await.ok();
            assert_eq!(made["contact"], contact, "kept as given");
        }
    }

    async fn cm_52_order_of_checks(app: TestApp) {
        let mut body = json!({
            "notes": {"a": []}, "fail_existing": "maybe", "gstin": "x", "contact": "1",
            "email": "x", "name": "x"
        });
        for field in ["name", "email", "contact", "gstin", "fail_existing", "notes"] {
            let error = app.test.post("/v1/customers", body.clone()).await.error(400);
            assert_eq!(error["field"], field);
            body.as_object_mut().unwrap().remove(field);
        }
        app.test.post("/v1/customers", body).await.ok();
    }

    async fn cm_53_duplicates(app: TestApp) {
        app.customer().await;
        for (email, contact) in [
            ("meera@example.test", "9000012345"),
            ("MEERA@Example.Test", "9000012345"),
            ("meera@example.test", "+919000012345"),
            ("meera@example.test", "+91 90000 12345"),
            ("meera@example.test", "90000-12345"),
        ] {
            for fail in [json!({}), json!({"fail_existing": 1}), json!({"fail_existing": "1"}), json!({"fail_existing": true})] {
                let mut body = json!({"name": "Other Name", "email": email, "contact": contact});
                for (key, value) in fail.as_object().unwrap() {
                    body[key] = value.clone();
                }
                let error = app.test.post("/v1/customers", body).await.refused(EXISTS);
                assert_eq!(error.get("field"), None);
            }
        }
        // Half of the pair is another pair, which then is taken too.
        for body in [json!({"email": "meera@example.test"}), json!({"contact": "9000012345"})] {
            app.test.post("/v1/customers", body.clone()).await.ok();
            app.test.post("/v1/customers", body).await.refused(EXISTS);
        }
        // Without both halves nobody is a duplicate.
        app.test.post("/v1/customers", json!({"name": "Meera Iyer"})).await.ok();
        app.test.post("/v1/customers", json!({"name": "Meera Iyer"})).await.ok();
        // Neither is another merchant's or the other mode's customer.
        let pair = json!({"email": "meera@example.test", "contact": "9000012345"});
        app.another_merchant().await.post("/v1/customers", pair.clone()).await.ok();
        app.live.post("/v1/customers", pair).await.ok();
    }

    async fn cm_54_duplicate_with_0(app: TestApp) {
        let first = app.customer().await;
        for fail in [json!(0), json!("0"), json!(false), json!("false")] {
            let body = json!({
                "name": "Other Name", "email": "meera@example.test", "contact": "+919000012345",
                "notes": {"a": "b"}, "fail_existing": fail
            });
            assert_eq!(app.test.post("/v1/customers", body).await.ok(), first, "{fail}");
        }
        let form = "email=meera@example.test&contact=9000012345&fail_existing=0";
        assert_eq!(app.test.form("/v1/customers", form).await.ok(), first);
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 1);
        let fresh = json!({"contact": "9000099999", "fail_existing": "0"});
        assert_ne!(id(&app.test.post("/v1/customers", fresh).await.ok()), id(&first));
    }

    async fn cm_55_parallel_duplicates(app: TestApp) {
        let mut calls = tokio::task::JoinSet::new();
        for n in 0..20 {
            let test = app.test.clone();
            let body = json!({
                "name": format!("Meera {n}"), "email": "meera@example.test", "fail_existing": 0
            });
            calls.spawn(async move { id(&test.post("/v1/customers", body).await.ok()) });
        }
        let made: BTreeSet<String> = calls.join_all().await.into_iter().collect();
        assert_eq!(made.len(), 1);
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 1);
    }

    async fn cm_55_parallel_duplicates_that_fail(app: TestApp) {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let test = app.test.clone();
            let body = json!({"email": "meera@example.test"});
            calls.spawn(async move { test.post("/v1/customers", body).await.status });
        }
        let made = calls.join_all().await;
        assert_eq!(made.iter().filter(|status| **status == 200).count(), 1);
        assert_eq!(made.iter().filter(|status| **status == 400).count(), 19);
    }

    async fn cm_56_edit(app: TestApp) {
        let first = app.test.post("/v1/customers", json!({
            "name": "Meera Iyer", "email": "meera@example.test", "contact": "9000012345",
            "notes": {"a": "1", "b": "2"}
        })).await.ok();
        let path = format!("/v1/customers/{}", id(&first));
        let edited = app.test.put(&path, json!({"name": "Meera Rao"})).await.ok();
        let mut want = first.clone();
        want["name"] = json!("Meera Rao");
        assert_eq!(edited, want);
        let edited = app.test.put(&path, json!({"notes": {"c": "3"}})).await.ok();
        assert_eq!(edited["notes"], json!({"c": "3"}), "replaced, not merged");
        let edited = app.test.put(&path, json!({"notes": []})).await.ok();
        assert_eq!(edited["notes"], json!([]));
        // Its own pair is no collision.
        let same = json!({"email": "MEERA@example.test", "contact": "+919000012345"});
        assert_eq!(app.test.put(&path, same).await.ok()["email"], "MEERA@example.test");
        let other = app.test.post("/v1/customers", json!({"email": "ravi@example.test"})).await.ok();
        let other = format!("/v1/customers/{}", id(&other));
        let collision = json!({"email": "meera@example.test", "contact": "9000012345"});
        app.test.put(&other, collision.clone()).await.refused(EXISTS);
        assert_eq!(app.test.get(&other).await.ok()["email"], "ravi@example.test");
        // A pair that was left is free again.
        app.test.put(&path, json!({"contact": "9000054321"})).await.ok();
        app.test.put(&other, collision).await.ok();
        // Validation as in a creation; an empty edit is none.
        let error = app.test.put(&path, json!({"name": "x"})).await.error(400);
        assert_eq!(error["field"], "name");
        let before = app.test.get(&path).await.ok();
        let nothing = app.test.send(Method::PUT, &path, None, Bytes::new()).await.ok();
        assert_eq!(nothing, before);
        let unknown = app.test.put("/v1/customers/cust_QcZ9Nobody0001", json!({})).await;
        unknown.refused("The id provided does not exist");
    }

    async fn cm_57_fetch_and_list(app: TestApp) {
        let meera = app.customer().await;
        let path = format!("/v1/customers/{}", id(&meera));
        assert_eq!(app.test.get(&path).await.ok(), meera);
        let ravi = app.test.post("/v1/customers", json!({"email": "ravi@example.test"})).await.ok();
        let both = app.test.get("/v1/customers").await.ok();
        assert_eq!(both["items"], json!([ravi, meera]));
        let second = app.test.get("/v1/customers?count=1&skip=1").await.ok();
        assert_eq!(ids(&second), [id(&meera)]);
        for (query, want) in [
            ("email=ravi@example.test", vec![id(&ravi)]),
            ("contact=9000012345", vec![id(&meera)]),
            ("email=meera@example.test&contact=9000012345", vec![id(&meera)]),
            ("email=meera@example.test&contact=1", vec![]),
            ("email=nobody@example.test", vec![]),
        ] {
            let found = app.test.get(&format!("/v1/customers?{query}")).await.ok();
            assert_eq!(ids(&found), want, "{query}");
        }
    }
}
