//! Lists of accounts and of an account's payments: rows SC-54 to SC-59.

use serde_json::{Value, json};

use crate::harness::{bank_account, bank_account_with, id, ids};
use crate::on_both_databases;

on_both_databases! {
    async fn sc_54_and_55_list(app: TestApp) {
        let mut made = vec![];
        for _ in 0..12 {
            made.push(id(&app.open(bank_account()).await));
        }
        made.reverse();
        assert_eq!(ids(&app.test.get("/v1/virtual_accounts").await.ok()), made[..10]);
        let mut seen = vec![];
        for skip in [0, 3, 6, 9, 12] {
            let path = format!("/v1/virtual_accounts?count=3&skip={skip}");
            seen.extend(ids(&app.test.get(&path).await.ok()));
        }
        assert_eq!(seen, made);
        let whole = app.test.get("/v1/virtual_accounts?count=100").await.ok();
        for (item, account) in whole["items"].as_array().unwrap().iter().zip(&made) {
            assert_eq!(*item, app.account(account).await, "items are whole entities");
        }
        let text = "The count may not be greater than 100.";
        app.test.get("/v1/virtual_accounts?count=101").await.refused(text);
    }

    async fn sc_56_list_by_time(app: TestApp) {
        let now = app.freeze().await;
        let first = id(&app.open(bank_account()).await);
        app.advance(100).await;
        let second = id(&app.open(bank_account()).await);
        for (query, want) in [
            (format!("from={now}&to={now}"), vec![first.clone()]),
            (format!("from={now}&to={}", now + 100), vec![second.clone(), first.clone()]),
            (format!("from={}", now + 1), vec![second.clone()]),
            (format!("to={}", now + 99), vec![first.clone()]),
            (format!("from={}&to={now}", now + 100), vec![]),
        ] {
            let list = app.test.get(&format!("/v1/virtual_accounts?{query}")).await.ok();
            assert_eq!(ids(&list), want, "{query}");
        }
    }

    async fn sc_58_payments_of_an_account(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let (_, other) = app.virtual_account().await;
        let mut made = vec![];
        for amount in [500, 600, 700] {
            let paid = app.pay(&number, amount).await;
            made.push(paid["payment_id"].as_str().unwrap().to_owned());
            app.pay(&other, amount).await;
        }
        made.reverse();
        let path = format!("/v1/virtual_accounts/{account}/payments");
        let list = app.test.get(&path).await.ok();
        assert_eq!(ids(&list), made);
        for item in list["items"].as_array().unwrap() {
            let one = app.test.get(&format!("/v1/payments/{}", id(item))).await.ok();
            assert_eq!(*item, one);
        }
        let page = app.test.get(&format!("{path}?count=1&skip=1")).await.ok();
        assert_eq!(ids(&page), made[1..2]);
        let unknown = "/v1/virtual_accounts/va_QcZ9Nobody0001/payments";
        app.test.get(unknown).await.refused("The id provided does not exist");
    }

    async fn cm_74_payment_list_by_time(app: TestApp) {
        let now = app.freeze().await;
        let (account, number) = app.virtual_account().await;
        let first = app.pay(&number, 500).await["payment_id"].clone();
        app.advance(100).await;
        let second = app.pay(&number, 500).await["payment_id"].clone();
        for list in ["/v1/payments".to_owned(), format!("/v1/virtual_accounts/{account}/payments")] {
            for (query, want) in [
                (format!("from={now}&to={now}"), vec![&first]),
                (format!("from={}", now + 100), vec![&second]),
                (format!("from={now}"), vec![&second, &first]),
                (format!("to={}", now - 1), vec![]),
            ] {
                let found = app.test.get(&format!("{list}?{query}")).await.ok();
                let found: Vec<&Value> =
                    found["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
                assert_eq!(found, want, "{list}?{query}");
            }
        }
    }

    async fn lists_show_rows_as_of_now(app: TestApp) {
        let now = app.freeze().await;
        let account = app.open(bank_account_with(json!({"close_by": now + 1_000}))).await;
        app.advance(1_000).await;
        let list = app.test.get("/v1/virtual_accounts").await.ok();
        assert_eq!(list["items"][0]["id"], account["id"]);
        assert_eq!(list["items"][0]["status"], "closed");
        assert_eq!(list["items"][0]["closed_at"], now + 1_000);
    }

    async fn sc_57_list_filters(app: TestApp) {
        let now = app.freeze().await;
        let customer = id(&app.customer().await);
        let a = id(&app.open(bank_account_with(json!({
            "description": "Rent of Unit 14B", "customer_id": customer, "close_by": now + 1_000
        }))).await);
        let b = id(&app.open(json!({
            "receivers": {"types": ["vpa"]}, "description": "100% of it", "notes": {"Colour": "Deep_Blue"}
        })).await);
        let c = id(&app.open(json!({"receivers": {"types": ["qr_code", "vpa"]}})).await);
        let list = async |query: &str| {
            ids(&app.test.get(&format!("/v1/virtual_accounts?{query}")).await.ok())
        };
        assert_eq!(list(&format!("customer_id={customer}")).await, [a.as_str()]);
        assert_eq!(list("receiver_type=vpa").await, [c.as_str(), b.as_str()]);
        assert_eq!(list("receiver_type=bank_account").await, [a.as_str()]);
        assert_eq!(list("receiver_type=qr_code").await, [c.as_str()]);
        for query in ["description=UNIT+14", "description=rent", "name=meera", "email=MEERA@example.test",
                      "contact=9000012345", "description=rent&name=iyer&customer_id=", "status=active&name=Iyer"] {
            assert_eq!(list(query).await, [a.as_str()], "{query}");
        }
        for query in ["contact=%2B919000012345", "contact=+919000012345", "contact=919000012345", "status=Active&name=Iyer"] {
            assert_eq!(list(query).await, [a.as_str()], "{query}");
        }
        for query in ["notes=deep_blue", "notes=blue", "description=100%25+of"] {
            assert_eq!(list(query).await, [b.as_str()], "{query}");
        }
        // Signs of the search itself are taken literally; keys of notes are not searched.
        for query in ["description=1%25%25%25", "notes=deep%25blue", "notes=deepxblue", "notes=colour", "description=____"] {
            assert_eq!(list(query).await, [""; 0], "{query}");
        }
        assert_eq!(list("status=active").await, [c.as_str(), b.as_str(), a.as_str()]);
        assert_eq!(list("status=closed").await, [""; 0]);
        assert_eq!(list("receiver_type=vpa&count=1&skip=1").await, [b.as_str()]);
        let refused = async |query: &str, text: &str| {
            app.test.get(&format!("/v1/virtual_accounts?{query}")).await.refused(text)
        };
        refused("description=abc", "The description must be at least 4 characters.").await;
        let error = refused("status=open", "The selected status is invalid.").await;
        assert_eq!((&error["field"], &error["step"]), (&json!("status"), &json!("NA")));
        assert_eq!(refused("count=101", "The count may not be greater than 100.").await["step"], "NA");
        refused("receiver_type=card", "The selected receiver type is invalid.").await;
        refused("customer_id=cust_1", "1 is not a valid id").await;
        // Rows are filtered as of now, whether or not a timer has written it.
        app.advance(1_000).await;
        assert_eq!(list("status=closed").await, [a.as_str()]);
        assert_eq!(list("status=active").await, [c.as_str(), b.as_str()]);
        app.set(json!({"va_dormancy_days": 1})).await;
        app.advance(86_400).await;
        assert_eq!(list("status=closed").await, [c, b, a]);
    }

    async fn sc_25_and_27_forms_and_slashes(app: TestApp) {
        let form = "receivers[types][0]=bank_account&receivers%5Btypes%5D%5B1%5D=vpa\
                    &receivers[bank_account][descriptor]=0042&description=Rent+14B&notes[unit]=14B&close_by=";
        let account = app.test.form("/v1/virtual_accounts/", form).await.ok();
        assert_eq!(account["receivers"][0]["account_number"], "1112220000000042");
        assert_eq!(account["receivers"][1]["entity"], "vpa");
        assert_eq!((&account["description"], &account["notes"]), (&json!("Rent 14B"), &json!({"unit": "14B"})));
        assert_eq!(ids(&app.test.get("/v1/virtual_accounts/?").await.ok()), [id(&account)]);
    }
}
