//! Authorisation orders: rows PN-04 to PN-19, PN-82.

use serde_json::{Value, json};

use crate::harness::{TestApp, id, keys, nach_order, nach_order_with, path_of, with};
use crate::on_both_databases;

async fn refused(app: &TestApp, body: Value, text: &str, field: &str, reason: &str) {
    let error = app.test.post("/v1/orders", body).await.refused(text);
    assert_eq!((&error["field"], &error["reason"]), (&json!(field), &json!(reason)), "{text}");
}

const FAILED: &str = "input_validation_failed";

on_both_databases! {
    async fn pn_04_and_15_to_17_authorisation_order(app: TestApp) {
        let customer = app.asha().await;
        let order = app.test.post("/v1/orders", nach_order(&customer)).await.ok();
        let nach = &order["token"]["nach"];
        let empty = json!({"entity": "collection", "count": 0, "items": []});
        let want = json!({
            "id": id(&order), "entity": "order", "amount": 0, "amount_paid": 0, "amount_due": 0,
            "currency": "INR", "receipt": "NACH-REG-104", "payments": empty, "offer_id": null,
            "offers": empty, "status": "created", "attempts": 0, "notes": {"branch": "Pune"},
            "created_at": order["created_at"],
            "token": {
                "method": "nach", "notes": {"plan": "SIP-12"}, "recurring_status": null,
                "failure_reason": null, "currency": "INR", "max_amount": 2_500_000,
                "auth_type": "physical", "expire_at": 1_924_991_999,
                "nach": {
                    "create_form": true, "form_reference1": "SIP folio 7781",
                    "form_reference2": "Asha Verma", "prefilled_form": nach["prefilled_form"],
                    "prefilled_form_transient": nach["prefilled_form_transient"],
                    "upload_form_url": nach["upload_form_url"], "description": "Monthly SIP",
                },
                "bank_account": {
                    "ifsc": "HDFC0000060", "bank_name": "HDFC Bank", "name": "Asha Verma",
                    "account_number": "50100012345678", "account_type": "savings",
                    "beneficiary_email": "asha.verma@example.com",
                    "beneficiary_mobile": "9820012345",
                },
                "first_payment_amount": 0,
            },
        });
        assert_eq!(order, want);
        let codes: std::collections::BTreeSet<String> =
            ["prefilled_form", "prefilled_form_transient", "upload_form_url"]
                .map(|key| path_of(&nach[key])).into_iter().collect();
        assert_eq!(codes.len(), 3);
        assert!(codes.iter().all(|path| path.len() == "/i/".len() + 8));
        let plain = with(nach_order(&customer), json!({"notes": null}));
        let token = with(plain["token"].clone(), json!({"notes": null, "nach": null}));
        let plain = app.test.post("/v1/orders", with(plain, json!({"token": token}))).await.ok();
        assert_eq!((&plain["notes"], &plain["token"]["notes"]), (&json!([]), &json!([])));
        assert_eq!(plain["token"]["nach"]["form_reference1"], Value::Null);
    }

    async fn pn_05_to_07_and_14_amount_currency_customer(app: TestApp) {
        let customer = app.asha().await;
        for (more, text, field) in [
            (json!({"amount": 100}), "The amount should be 0.", "amount"),
            (json!({"amount": null}), "The amount field is required.", "amount"),
            (json!({"currency": "USD"}), "The currency should be INR when method is nach", "currency"),
            (json!({"currency": null}), "The currency field is required.", "currency"),
            (json!({"customer_id": null}), "The customer id field is required.", "customer_id"),
            (json!({"token": null}), "The token field is required.", "token"),
            // What is missing comes before what is wrong.
            (json!({"token": null, "amount": 100}), "The token field is required.", "token"),
        ] {
            refused(&app, with(nach_order(&customer), more), text, field, FAILED).await;
        }
        let body = with(nach_order(&customer), json!({"customer_id": "cust_AAAAAAAAAAAAAA"}));
        app.test.post("/v1/orders", body).await.refused("The id provided does not exist");
        let body = nach_order_with(&customer, json!({"auth_type": "netbanking"}));
        refused(&app, body, "The selected auth type is invalid.", "token.auth_type", FAILED).await;
        assert_eq!(app.test.get("/v1/orders").await.ok()["count"], 0);
    }

    async fn pn_08_to_10_accounts(app: TestApp) {
        let customer = app.asha().await;
        let account = |more: Value| {
            let account = nach_order(&customer)["token"]["bank_account"].clone();
            nach_order_with(&customer, json!({"bank_account": with(account, more)}))
        };
        for (more, text, field, reason) in [
            (json!({"ifsc_code": "HDFC123"}), "Invalid IFSC Code", "token.bank_account.ifsc_code", FAILED),
            (json!({"ifsc_code": "QQQQ0000060"}), "Invalid IFSC Code", "token.bank_account.ifsc_code", FAILED),
            (json!({"ifsc_code": null}), "The ifsc code field is required.", "token.bank_account.ifsc_code", FAILED),
            (json!({"account_number": null}), "The account number field is required.", "account_number", "invalid_account_number"),
            (json!({"account_number": "12-34"}), "The account number format is invalid.", "account_number", "invalid_account_number"),
            (json!({"account_number": "1234"}), "The account number format is invalid.", "account_number", "invalid_account_number"),
            (json!({"beneficiary_name": null}), "The beneficiary name field is required.", "token.bank_account.beneficiary_name", FAILED),
            (json!({"account_type": "salary"}), "The selected account type is invalid.", "token.bank_account.account_type", FAILED),
        ] {
            refused(&app, account(more), text, field, reason).await;
        }
        let order = app.test.post("/v1/orders", account(json!({"ifsc_code": "hdfc0000060"}))).await.ok();
        assert_eq!(order["token"]["bank_account"]["ifsc"], "HDFC0000060");
        let order = app.test.post("/v1/orders", account(json!({"account_number": 50_100_i64}))).await.ok();
        assert_eq!(order["token"]["bank_account"]["account_number"], "50100");
        for kind in ["savings", "current", "cc", "nre", "nro"] {
            let order = app.test.post("/v1/orders", account(json!({"account_type": kind}))).await.ok();
            assert_eq!(order["token"]["bank_account"]["account_type"], kind);
        }
        let order = app.test.post("/v1/orders", account(json!({"account_type": null}))).await.ok();
        assert_eq!(order["token"]["bank_account"]["account_type"], "savings");
    }

    async fn pn_11_to_13_limits_and_ends(app: TestApp) {
        let customer = app.asha().await;
        let now = app.now().await;
        for (token, text, field) in [
            (json!({"max_amount": 499}), "The minimum transaction amount allowed is Re. 5.", "token.max_amount"),
            (json!({"max_amount": 1_000_000_001}), "The max amount may not be greater than 1000000000.", "token.max_amount"),
            (json!({"max_amount": "x"}), "The max amount must be an integer.", "token.max_amount"),
            (json!({"expire_at": now - 1}), "expire_at should be greater than the current time", "token.expire_at"),
            (json!({"expire_at": 4_102_444_800_i64}), "expire_at should not be greater than 4102444799", "token.expire_at"),
            (json!({"first_payment_amount": 2_500_001}), "first_payment_amount should not exceed max_amount", "token.first_payment_amount"),
            (json!({"first_payment_amount": 99}), "The first payment amount must be at least 100.", "token.first_payment_amount"),
        ] {
            refused(&app, nach_order_with(&customer, token), text, field, FAILED).await;
        }
        let body = nach_order_with(&customer, json!({"frequency": "hourly"}));
        let reason = "selected_frequency_invalid";
        refused(&app, body, "The selected frequency is invalid.", "token.frequency", reason).await;
        for (token, max, end) in [
            (json!({"max_amount": 500}), 500, json!(1_924_991_999)),
            (json!({"max_amount": "1000000000", "expire_at": "1924991999"}), 1_000_000_000, json!(1_924_991_999)),
            (json!({"max_amount": null, "expire_at": null}), 1_000_000_000, Value::Null),
            (json!({"expire_at": 2_147_483_647}), 2_500_000, json!(2_147_483_647)),
            (json!({"expire_at": 2_709_971_120_i64}), 2_500_000, Value::Null),
            (json!({"frequency": "monthly"}), 2_500_000, json!(1_924_991_999)),
        ] {
            let order = app.test.post("/v1/orders", nach_order_with(&customer, token)).await.ok();
            assert_eq!((&order["token"]["max_amount"], &order["token"]["expire_at"]), (&json!(max), &end));
            assert_eq!(order["token"].get("frequency"), None);
        }
    }

    async fn pn_13_the_end_of_a_mandate(app: TestApp) {
        app.by_hand().await;
        app.freeze().await;
        for (expire_at, shown) in [(json!(2_709_971_120_i64), 2_709_971_120), (Value::Null, 0)] {
            let customer = app.asha().await;
            let body = nach_order_with(&customer, json!({"expire_at": expire_at}));
            let order = app.test.post("/v1/orders", body).await.ok();
            let made = order["created_at"].as_i64().unwrap();
            let paper = app.pending_paper(order).await;
            let ends = app.paper_token(&paper).await["expired_at"].as_i64().unwrap();
            // Thirty calendar years hold seven or eight leap days.
            match shown {
                0 => assert!([7, 8].contains(&((ends - made) / 86_400 - 30 * 365))),
                at => assert_eq!(ends, at),
            }
        }
    }

    async fn pn_18_receipt(app: TestApp) {
        let customer = app.asha().await;
        let body = with(nach_order(&customer), json!({"receipt": "r".repeat(41)}));
        let text = "The receipt may not be greater than 40 characters.";
        refused(&app, body, text, "receipt", FAILED).await;
    }

    async fn pn_19_fetch(app: TestApp) {
        let order = app.nach_order().await;
        let path = format!("/v1/orders/{}", id(&order));
        let fetched = app.test.get(&path).await.ok();
        assert_eq!(fetched, with(order.clone(), json!({"payments": null})));
        assert!(!keys(&fetched).contains(&"payments"));
        let expanded = app.test.get(&format!("{path}?expand[]=payments")).await.ok();
        assert_eq!(expanded, order);
        let edited = app.test.patch(&path, json!({"notes": {"branch": "Goa"}})).await.ok();
        assert_eq!(edited, with(fetched, json!({"notes": {"branch": "Goa"}})));
        let list = app.test.get("/v1/orders").await.ok();
        assert_eq!(list["items"][0], edited);
    }

    async fn an_order_for_a_mandate_takes_no_money(app: TestApp) {
        let order = id(&app.nach_order().await);
        let text = "The order is linked to an authorisation transaction. Create a new order.";
        let body = crate::harness::bank_account_with(json!({"order_id": order}));
        app.test.post("/v1/virtual_accounts", body).await.refused(text);
        let paper = app.paper().await;
        app.test.post("/v1/payments/create/recurring", paper.charge(&order, 100)).await.refused(text);
        let mandate = app.mandate(200_000).await;
        app.test.post("/v1/payments/create/json", mandate.debit(&order, 100)).await.refused(text);
    }

    async fn pn_82_methods(app: TestApp) {
        let methods = app.test.get("/v1/methods").await.ok();
        assert_eq!((&methods["nach"], &methods["recurring"]["nach"]), (&json!(true), &json!(true)));
    }
}
