//! Changes of an account: rows SC-44 to SC-50.

use serde_json::{Value, json};

use crate::harness::{bank_account_with, id};
use crate::on_both_databases;

const CLOSED: &str = "Customer Identifier cannot be updated";
const TOO_SOON: &str = "close by date should be atleast 15 min after current time";

on_both_databases! {
    async fn sc_44_and_45_update(app: TestApp) {
        let now = app.freeze().await;
        let before = app.open(bank_account_with(json!({"notes": {"unit": "14B"}}))).await;
        let path = format!("/v1/virtual_accounts/{}", id(&before));
        let patch = async |body: Value| app.test.patch(&path, body).await.ok();
        assert_eq!(patch(json!({})).await, before, "an empty body changes nothing");
        let changed = patch(json!({
            "description": "Rent 14B", "notes": {"a": "b"}, "close_by": now + 1_000
        })).await;
        let mut want = before.clone();
        want["description"] = json!("Rent 14B");
        want["notes"] = json!({"a": "b"});
        want["close_by"] = json!(now + 1_000);
        assert_eq!(changed, want);
        assert_eq!(app.account(&id(&before)).await, want);
        for cleared in [Value::Null, json!("")] {
            assert_eq!(patch(json!({"close_by": now + 1_000})).await["close_by"], now + 1_000);
            assert_eq!(patch(json!({"close_by": cleared})).await["close_by"], Value::Null);
        }
        // The expiry that was cleared does not come true.
        app.advance(2_000).await;
        assert_eq!(app.account(&id(&before)).await["status"], "active");
        assert_eq!(patch(json!({"notes": []})).await["notes"], json!([]));
        assert_eq!(patch(json!({"description": null})).await["description"], Value::Null);
        // One that was set later does.
        let at = now + 2_000 + 900;
        patch(json!({"close_by": at.to_string()})).await;
        app.advance(900).await;
        let closed = app.account(&id(&before)).await;
        assert_eq!((&closed["status"], &closed["closed_at"]), (&json!("closed"), &json!(at)));
    }

    async fn sc_46_update_too_soon(app: TestApp) {
        let now = app.freeze().await;
        let (account, _) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{account}");
        for soon in [now + 60, now + 899, now - 1, 0] {
            app.test.patch(&path, json!({"close_by": soon})).await.refused(TOO_SOON);
        }
        let error = app.test.patch(&path, json!({"close_by": 2_147_483_648_i64})).await;
        error.refused("The close by may not be greater than 2147483647.");
        app.test.patch(&path, json!({"close_by": "soon"})).await.refused("The close by must be an integer.");
        app.test.patch(&path, json!({"close_by": now + 900})).await.ok();
    }

    async fn sc_47_update_of_a_closed_account(app: TestApp) {
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        let path = format!("/v1/virtual_accounts/{}", id(&account));
        app.advance(1_000).await;
        for close_by in [json!(now + 10_000), Value::Null] {
            app.test.patch(&path, json!({"close_by": close_by})).await.refused(CLOSED);
        }
        let changed = app.test.patch(&path, json!({"description": "late", "notes": {"k": "v"}})).await.ok();
        assert_eq!(changed["description"], "late");
        assert_eq!(changed["status"], "closed");
        // Closing once more changes nothing.
        let again = app.test.patch(&path, json!({"status": "closed"})).await.ok();
        assert_eq!(again, changed);
    }

    async fn sc_48_what_is_fixed(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{account}");
        let body = json!({"customer_id": "cust_x", "description": "d"});
        let error = app.test.patch(&path, body).await.refused("customer_id is/are not required and should not be sent");
        assert_eq!((error.get("field"), &error["reason"]), (None, &json!("NA")));
        let body = json!({"receivers": {}, "amount_expected": 5, "amount_paid": 5});
        let text = "receivers, amount_expected, amount_paid is/are not required and should not be sent";
        app.test.patch(&path, body).await.refused(text);
        assert_eq!(app.account(&account).await["description"], Value::Null, "nothing changed");
        app.test.patch(&path, json!({"status": "active"})).await.refused("The selected status is invalid.");
        let long = "x".repeat(2_049);
        app.test.patch(&path, json!({"description": long})).await
            .refused("The description may not be greater than 2048 characters.");
        app.test.patch("/v1/virtual_accounts/va_QcZ9Nobody0001", json!({})).await
            .refused("The id provided does not exist");
    }

    async fn sc_49_the_update_alias(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{account}");
        let changed = app.test.post(&path, json!({"description": "by POST"})).await.ok();
        assert_eq!(changed["description"], "by POST");
        let changed = app.test.form(&path, "description=by+form&notes[a]=b").await.ok();
        assert_eq!((&changed["description"], &changed["notes"]), (&json!("by form"), &json!({"a": "b"})));
    }

    async fn sc_50_close_by_patch(app: TestApp) {
        let (_, receiver) = app.hook(&["virtual_account.closed"]).await;
        let now = app.freeze().await;
        let (account, number) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{account}");
        let closed = app.test.patch(&path, json!({"status": "closed", "description": "done"})).await.ok();
        assert_eq!((&closed["status"], &closed["closed_at"]), (&json!("closed"), &json!(now)));
        assert_eq!(closed["description"], "done");
        assert_eq!(receiver.next().await.json()["payload"]["virtual_account"]["entity"]["id"], account);
        assert_eq!(app.pay(&number, 500).await["result"], "refunded");
        app.advance(100 * 86_400).await;
        assert_eq!(receiver.all().len(), 1);
    }
}
