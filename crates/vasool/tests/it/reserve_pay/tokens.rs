//! Reading mandates: rows RP-31 to RP-35, RP-74, RP-78, and the card tokens there are none of.

use serde_json::{Value, json};

use crate::harness::{Mandate, TestApp, authorisation, id, ids, keys, with};
use crate::on_both_databases;

async fn listed(app: &TestApp, customer: &str) -> Vec<String> {
    ids(&app.test.get(&format!("/v1/customers/{customer}/tokens")).await.ok())
}

async fn acted(app: &TestApp, action: &str) -> Mandate {
    let mandate = app.mandate(200_000).await;
    app.act(&mandate.token, json!({"action": action})).await.ok();
    mandate
}

async fn cancelling(app: &TestApp) -> Mandate {
    let mandate = app.mandate(200_000).await;
    app.test.put(&format!("{}/cancel", mandate.path()), json!({})).await.ok();
    mandate
}

on_both_databases! {
    async fn rp_31_and_33_which_mandates_are_listed(app: TestApp) {
        app.by_hand().await;
        let now = app.freeze().await;
        let initiated = app.pending_mandate(200_000).await;
        let rejected = app.pending_mandate(200_000).await;
        app.act(&rejected.token, json!({"action": "reject"})).await.ok();
        let confirmed = app.mandate(200_000).await;
        let paused = acted(&app, "pause").await;
        let cancelled = acted(&app, "revoke").await;
        let cancelling = cancelling(&app).await;
        let deleted = acted(&app, "revoke").await;
        app.test.delete(&deleted.path()).await.ok();
        let customer = confirmed.customer.clone();
        let order = crate::harness::mandate_order(&customer, 200_000, 200_000);
        let token = with(order["token"].clone(), json!({"expire_at": now + 700}));
        let order = id(&app.test.post("/v1/orders", with(order, json!({"token": token}))).await.ok());
        let (payment, token) = app.authorise(authorisation(&customer, &order, 200_000)).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        let expired = Mandate { customer: customer.clone(), order, payment, token };
        assert_eq!(listed(&app, &customer).await.len(), 5);
        app.advance(599).await;
        let want = [&cancelling, &cancelled, &paused, &confirmed].map(|mandate| mandate.token.clone());
        let with_expiring = [std::slice::from_ref(&expired.token), &want].concat();
        assert_eq!(listed(&app, &customer).await, with_expiring, "newest first");
        app.advance(200).await;
        assert_eq!(listed(&app, &customer).await, want, "newest first");
        for (mandate, status) in [
            (&initiated, "rejected"), (&rejected, "rejected"), (&confirmed, "confirmed"),
            (&paused, "paused"), (&cancelled, "cancelled"), (&cancelling, "cancellation_initiated"),
            (&expired, "expired"),
        ] {
            assert_eq!(app.block(mandate).await.2, status);
        }
        app.test.get(&deleted.path()).await.refused("The id provided does not exist");
        app.advance(7_776_000).await;
        assert_eq!(app.block(&cancelled).await.2, "cancelled");
        assert!(listed(&app, &customer).await.is_empty(), "every end has passed");
    }

    async fn rp_32_shape_of_the_list(app: TestApp) {
        let first = app.mandate(200_000).await;
        let second = app.mandate(100_000).await;
        let path = format!("/v1/customers/{}/tokens", first.customer);
        let list = app.test.get(&path).await.ok();
        assert_eq!(keys(&list), ["entity", "count", "items"]);
        assert_eq!(ids(&list), [second.token.clone(), first.token.clone()]);
        for item in list["items"].as_array().unwrap() {
            assert_eq!((&item["entity"], &item["used_at"]), (&json!("token"), &Value::Null));
        }
        assert_eq!(list["items"][1], app.token(&first).await);
        assert_eq!(app.test.get(&format!("{path}/?count=1&skip=1")).await.ok(), list, "no pages");
        app.test.get("/v1/customers/cust_AAAAAAAAAAAAAA/tokens").await
            .refused("The id provided does not exist");
        app.test.get("/v1/customers/cust_x/tokens").await.refused("x is not a valid id");
    }

    async fn rp_33_the_wrong_customer(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let other = json!({"name": "Other", "email": "o@example.test", "contact": "9000012399"});
        let other = id(&app.test.post("/v1/customers", other).await.ok());
        let path = format!("/v1/customers/{other}/tokens/{}", mandate.token);
        app.test.get(&path).await.refused("The id provided does not exist");
        app.test.get(&format!("/v1/customers/{}/tokens/token_x", mandate.customer)).await
            .refused("x is not a valid id");
    }

    async fn rp_34_the_mandate_of_a_payment(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let debit = app.debit(&mandate, 40_000).await.ok();
        let debit = debit["razorpay_payment_id"].as_str().unwrap().to_owned();
        for payment in [&mandate.payment, &debit] {
            let plain = app.pay_row(payment).await;
            assert_eq!((&plain["token_id"], plain.get("token")), (&json!(mandate.token), None));
            let path = format!("/v1/payments/{payment}?expand[]=token");
            let expanded = app.test.get(&path).await.ok();
            assert_eq!(expanded["token"], app.token(&mandate).await);
        }
        let list = app.test.get("/v1/payments?expand[]=token").await.ok();
        assert_eq!(list["items"][0]["token"]["id"], json!(mandate.token));
    }

    async fn rp_35_addresses_that_are_not_kept(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        app.set(json!({"save_vpa": false})).await;
        assert!(listed(&app, &mandate.customer).await.is_empty());
        assert_eq!(app.block(&mandate).await.2, "confirmed");
        app.set(json!({"save_vpa": true})).await;
        assert_eq!(listed(&app, &mandate.customer).await, [mandate.token]);
    }

    async fn rp_78_everything_says_what_it_is(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let order = app.debit_order(10_000, json!({})).await;
        let answer = app.test.post("/v1/payments/create/json", mandate.debit(&order, 10_000)).await.ok();
        let payment = answer["razorpay_payment_id"].as_str().unwrap().to_owned();
        let refund = app.test.post(&format!("/v1/payments/{payment}/refund"), json!({})).await.ok();
        assert_eq!(refund["entity"], "refund");
        for (path, entity) in [
            (format!("/v1/customers/{}", mandate.customer), "customer"),
            (format!("/v1/orders/{order}"), "order"),
            (format!("/v1/payments/{payment}"), "payment"),
            (mandate.path(), "token"),
            (format!("/v1/refunds/{}", id(&refund)), "refund"),
        ] {
            assert_eq!(app.test.get(&path).await.ok()["entity"], entity, "{path}");
        }
        for (path, entity) in [
            ("/v1/customers".to_owned(), "customer"),
            ("/v1/orders".to_owned(), "order"),
            (format!("/v1/orders/{order}/payments"), "payment"),
            ("/v1/payments".to_owned(), "payment"),
            (format!("/v1/customers/{}/tokens", mandate.customer), "token"),
            (format!("/v1/payments/{payment}/refunds"), "refund"),
            ("/v1/refunds".to_owned(), "refund"),
        ] {
            let list = app.test.get(&path).await.ok();
            assert_eq!(list["entity"], "collection", "{path}");
            let items = list["items"].as_array().unwrap();
            assert!(!items.is_empty() && items.iter().all(|item| item["entity"] == entity), "{path}");
        }
    }

    async fn rp_73_and_74_strangers(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let other = app.another_merchant().await;
        let text = "The id provided does not exist";
        let cancel = format!("{}/cancel", mandate.path());
        for path in [
            format!("/v1/customers/{}", mandate.customer), format!("/v1/orders/{}", mandate.order),
            format!("/v1/payments/{}", mandate.payment), mandate.path(),
            format!("/v1/customers/{}/tokens", mandate.customer),
        ] {
            other.get(&path).await.refused(text);
        }
        let body = authorisation(&mandate.customer, &mandate.order, 200_000);
        other.post("/v1/payments/create/json", body).await.refused(text);
        other.delete(&mandate.path()).await.refused(text);
        other.put(&cancel, json!({})).await.refused(text);
        other.get(&format!("/v1/sandbox/mandates/{}", mandate.token)).await.refused(text);
        app.live.get(&mandate.path()).await.refused(text);
        // With a customer and an order of its own, the mandate stays out of reach.
        let customer = json!({"name": "Meera Iyer", "contact": "9000012345"});
        let customer = id(&other.post("/v1/customers", customer).await.ok());
        let path = format!("/v1/customers/{customer}/tokens/{}/cancel", mandate.token);
        let error = other.put(&path, json!({})).await.error(400);
        assert_eq!(error["reason"], "token_merchant_mismatch");
        let foreign_cancel = path;
        let order = json!({"amount": 500, "currency": "INR"});
        let order = id(&other.post("/v1/orders", order).await.ok());
        let body = with(mandate.debit(&order, 500), json!({"customer_id": customer}));
        let error = other.post("/v1/payments/create/json", body).await.refused(text);
        assert_eq!(error["field"], "token");
        assert_eq!(app.block(&mandate).await, (200_000, 0, "confirmed".to_owned()));
        let nobody = crate::harness::Client::new(&app.base, "rzp_test_AAAAAAAAAAAAAA", "x");
        for path in [
            "/v1/payments/create/json", "/v1/payments/create/upi", "/v1/payments/create/recurring",
            "/v1/orders", "/v1/payments/validate/vpa",
        ] {
            let error = nobody.post(path, json!({})).await.error(401);
            assert_eq!(error, json!({
                "code": "BAD_REQUEST_ERROR", "description": "The api key provided is invalid",
                "source": "NA", "step": "NA", "reason": "NA", "metadata": {},
            }));
        }
        for path in [mandate.path(), format!("/v1/payments/{}", mandate.payment)] {
            nobody.get(&path).await.error(401);
        }
        nobody.put(&cancel, json!({})).await.error(401);
        nobody.delete(&mandate.path()).await.error(401);
        // What its merchant has reset is nobody's.
        app.test.delete("/v1/sandbox").await.ok();
        other.put(&foreign_cancel, json!({})).await.refused(text);
    }

    async fn card_tokens_are_another_api(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        for path in [
            "/v1/tokens/fetch", "/v1/tokens/delete",
            "/v1/tokens/service_provider_tokens/token_transactional_data",
        ] {
            app.test.post(path, json!({"id": mandate.token})).await
                .refused("The id provided does not exist");
            app.test.post(path, json!({})).await.refused("The id field is required.");
        }
        app.test.post("/v1/tokens", json!({"id": mandate.token})).await
            .refused("The id provided does not exist");
        app.test.post("/v1/tokens", json!({"method": "card"})).await
            .refused("The selected method is invalid.");
        assert_eq!(app.block(&mandate).await.2, "confirmed");
    }
}
