//! Paging, `expand[]` and notes: rows CM-32 to CM-44.

use serde_json::{Value, json};

use crate::harness::{TestApp, bank_account_with, id, ids};
use crate::on_both_databases;

/// Customers with the names `Number 00` to `Number nn`, oldest first.
async fn numbered(app: &TestApp, count: usize) -> Vec<String> {
    let mut made = vec![];
    for n in 0..count {
        let body = json!({"name": format!("Number {n:02}")});
        made.push(id(&app.test.post("/v1/customers", body).await.ok()));
    }
    made
}

on_both_databases! {
    async fn cm_32_notes_in_and_out(app: TestApp) {
        for (given, want) in [
            (json!(null), json!([])),
            (json!({}), json!([])),
            (json!([]), json!([])),
            (json!({"unit": "14B"}), json!({"unit": "14B"})),
            (json!({"a": 1, "b": true, "c": 12.5, "d": ""}),
             json!({"a": "1", "b": "true", "c": "12.5", "d": ""})),
        ] {
            let customer = app.test.post("/v1/customers", json!({"notes": given})).await.ok();
            assert_eq!(customer["notes"], want, "{given}");
            let account = app.open(bank_account_with(json!({"notes": given}))).await;
            assert_eq!(account["notes"], want, "{given}");
            assert_eq!(app.account(&id(&account)).await["notes"], want);
        }
        let absent = app.test.post("/v1/customers", json!({})).await;
        assert!(String::from_utf8(absent.bytes.to_vec()).unwrap().contains("\"notes\":[]"));
    }

    async fn cm_33_notes_limits(app: TestApp) {
        let pairs = |count: usize| {
            (0..count).map(|n| (format!("k{n}"), json!("v"))).collect::<serde_json::Map<_, _>>()
        };
        let long = |count: usize| "x".repeat(count);
        for notes in [
            json!(pairs(15)),
            json!({"a": long(256)}),
            json!({long(256): "a"}),
        ] {
            app.test.post("/v1/customers", json!({"notes": notes})).await.ok();
            app.open(bank_account_with(json!({"notes": notes}))).await;
        }
        let sixteen = "Number of fields in notes should be less than or equal to 15";
        let value = "Notes value cannot be greater than 256 characters.";
        let nested = "Notes values themselves should not be an array";
        for (notes, text) in [
            (json!(pairs(16)), sixteen),
            (json!({"a": long(257)}), value),
            (json!({"a": {"b": "c"}}), nested),
            (json!({"a": ["b"]}), nested),
        ] {
            for answer in [
                app.test.post("/v1/customers", json!({"notes": notes})).await,
                app.test.post("/v1/virtual_accounts", bank_account_with(json!({"notes": notes}))).await,
            ] {
                assert_eq!(answer.refused(text)["field"], "notes");
            }
        }
        app.test.post("/v1/customers", json!({"notes": {long(257): "a"}})).await.error(400);
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 3);
    }

    async fn cm_34_notes_with_unicode(app: TestApp) {
        let text = "𝄞".repeat(256);
        let notes = json!({"tune": text, "₹": "मीरा"});
        let customer = app.test.post("/v1/customers", json!({"notes": notes})).await.ok();
        let path = format!("/v1/customers/{}", id(&customer));
        assert_eq!(app.test.get(&path).await.ok()["notes"], notes);
    }

    async fn cm_36_default_page(app: TestApp) {
        let mut made = numbered(&app, 12).await;
        made.reverse();
        let page = app.test.get("/v1/customers").await.ok();
        assert_eq!(ids(&page), made[..10], "newest first");
    }

    async fn cm_37_count(app: TestApp) {
        numbered(&app, 3).await;
        let (account, _) = app.virtual_account().await;
        assert_eq!(app.test.get("/v1/customers?count=1").await.ok()["count"], 1);
        assert_eq!(app.test.get("/v1/customers?count=100").await.ok()["count"], 3);
        for list in [
            "/v1/customers".to_owned(),
            "/v1/virtual_accounts".to_owned(),
            "/v1/payments".to_owned(),
            "/v1/webhooks".to_owned(),
            format!("/v1/virtual_accounts/{account}/payments"),
        ] {
            for (query, text, field) in [
                ("count=0", "The count must be at least 1.", "count"),
                ("count=101", "The count may not be greater than 100.", "count"),
                ("count=abc", "The count must be an integer.", "count"),
                ("skip=-1", "The skip must be at least 0.", "skip"),
                ("skip=x", "The skip must be an integer.", "skip"),
                ("from=1", "from must be between 946684800 and 4765046400", "from"),
                ("to=4765046401", "to must be between 946684800 and 4765046400", "to"),
                ("from=abc", "from must be an integer", "from"),
            ] {
                let error = app.test.get(&format!("{list}?{query}")).await.refused(text);
                assert_eq!(error["field"], field, "{list}?{query}");
            }
        }
    }

    async fn cm_38_skip(app: TestApp) {
        let mut made = numbered(&app, 7).await;
        made.reverse();
        let mut seen = vec![];
        for skip in [0, 3, 6, 9] {
            let page = app.test.get(&format!("/v1/customers?count=3&skip={skip}")).await.ok();
            seen.extend(ids(&page));
        }
        assert_eq!(seen, made);
    }

    async fn cm_39_from_and_to(app: TestApp) {
        let start = app.freeze().await;
        let first = numbered(&app, 1).await.remove(0);
        app.advance(100).await;
        let second = numbered(&app, 1).await.remove(0);
        app.advance(100).await;
        let third = numbered(&app, 1).await.remove(0);
        for (from, to, want) in [
            (start, start + 200, vec![&third, &second, &first]),
            (start, start, vec![&first]),
            (start + 100, start + 200, vec![&third, &second]),
            (start + 1, start + 99, vec![]),
            (start + 1, start + 199, vec![&second]),
            (start + 200, start, vec![]),
        ] {
            let page = app.test.get(&format!("/v1/customers?from={from}&to={to}")).await.ok();
            assert_eq!(ids(&page).iter().collect::<Vec<_>>(), want, "{from} {to}");
        }
        let open_end = app.test.get(&format!("/v1/customers?from={}", start + 100)).await.ok();
        assert_eq!(ids(&open_end), [third, second]);
    }

    async fn cm_40_from_as_float_or_text(app: TestApp) {
        let made = numbered(&app, 1).await;
        for (query, found) in [
            ("from=1.6e%2B09", true),
            ("from=1.6e+09", true),
            ("from=2020-01-01T00:00:00.000Z", true),
            ("from=2020-01-01T00%3A00%3A00.000Z", true),
            ("to=1.6e%2B09", false),
            ("to=2020-01-01T00:00:00.000Z", false),
        ] {
            let page = app.test.get(&format!("/v1/customers?{query}")).await.ok();
            assert_eq!(ids(&page) == made, found, "{query}");
        }
    }

    async fn cm_41_and_sc_59_empty_lists(app: TestApp) {
        let empty = r#"{"entity":"collection","count":0,"items":[]}"#;
        for list in ["customers", "virtual_accounts", "payments", "webhooks"] {
            assert_eq!(app.test.get(&format!("/v1/{list}")).await.bytes, empty, "{list}");
        }
        let (account, _) = app.virtual_account().await;
        let payments = format!("/v1/virtual_accounts/{account}/payments");
        assert_eq!(app.test.get(&payments).await.bytes, empty);
    }

    async fn cm_42_expand_spellings(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 500).await;
        let payment = paid["payment_id"].as_str().unwrap();
        for query in [
            "expand[]=refunds",
            "expand%5B%5D=refunds",
            "expand[]=refunds&expand[]=card",
            "expand[0]=refunds",
            "expand[expand]=refunds",
            "expand[expand][0]=refunds",
            "expand[][0]=refunds",
            "expand[]=%5B%22refunds%22,%22card%22%5D",
            "expand=refunds",
        ] {
            let one = app.test.get(&format!("/v1/payments/{payment}?{query}")).await.ok();
            assert_eq!(one["refunds"], json!({"entity": "collection", "count": 0, "items": []}));
            let list = app.test.get(&format!("/v1/payments?{query}")).await.ok();
            assert_eq!(list["items"], json!([one]), "{query}");
        }
    }

    async fn cm_43_expand_error(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 500).await;
        let payment = paid["payment_id"].as_str().unwrap();
        let text = "Value of each expand must be one of following types: card, emi, transaction, \
                    transaction.settlement, refunds, offers, token";
        for path in ["/v1/payments".to_owned(), format!("/v1/payments/{payment}")] {
            let error = app.test.get(&format!("{path}?expand[]=foo")).await.refused(text);
            assert_eq!(error["field"], "expand.0");
            let query = "expand[]=card&expand[]=Refunds";
            let error = app.test.get(&format!("{path}?{query}")).await.refused(text);
            assert_eq!(error["field"], "expand.1");
        }
    }

    async fn cm_44_expanded_payments(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let paid = app.pay(&number, 61_900).await;
        let path = format!("/v1/payments/{}", paid["payment_id"].as_str().unwrap());
        let plain = app.test.get(&path).await.ok();
        for absent in ["card", "emi", "token", "refunds", "offers", "transaction"] {
            assert_eq!(plain.get(absent), None, "{absent}");
        }
        let query = "expand[]=card&expand[]=emi&expand[]=token";
        assert_eq!(app.test.get(&format!("{path}?{query}")).await.ok(), plain);
        let offers = app.test.get(&format!("{path}?expand[]=offers")).await.ok();
        assert_eq!(offers["offers"], json!({"entity": "collection", "count": 0, "items": []}));
        for name in ["transaction", "transaction.settlement"] {
            let row = app.test.get(&format!("{path}?expand[]={name}")).await.ok();
            assert_eq!(row["transaction"]["credit"], 61_900 - 731);
            assert_eq!(row["transaction"]["debit"], 0);
            assert_eq!(row["transaction"]["settled"], false);
            assert_eq!(row["transaction"]["settlement_id"], Value::Null);
        }
        // A refused payment carries its refund.
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let late = app.pay(&number, 500).await;
        let path = format!("/v1/payments/{}", late["payment_id"].as_str().unwrap());
        let refunds = app.test.get(&format!("{path}?expand[]=refunds")).await.ok();
        assert_eq!(refunds["refunds"]["items"][0]["amount"], 500);
        assert_eq!(refunds["refunds"]["items"][0]["payment_id"], late["payment_id"]);
    }
}
