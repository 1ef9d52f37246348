//! Asking for a mandate: rows RP-15 to RP-22, RP-72, RP-79.

use serde_json::{Value, json};

use crate::harness::{TestApp, authorisation, id, keys, with};
use crate::on_both_databases;

/// A customer and an authorisation order of 2,000 rupees.
async fn asked(app: &TestApp) -> (String, String) {
    app.by_hand().await;
    let customer = id(&app.customer().await);
    let order = app.mandate_order(&customer, 200_000).await;
    (customer, order)
}

/// Tries to have a mandate approved with other words.
async fn attempt(app: &TestApp, ids: &(String, String), more: Value) -> crate::harness::Answer {
    let body = with(authorisation(&ids.0, &ids.1, 200_000), more);
    app.test.post("/v1/payments/create/json", body).await
}

/// The parameters of a link, in order; `+` stands for a blank.
fn parameters(link: &str) -> Vec<(&str, String)> {
    let query = link.strip_prefix("upi://mandate?").expect("a link");
    let pairs = query.split('&').map(|pair| pair.split_once('=').expect("a pair"));
    pairs.map(|(name, value)| (name, value.replace('+', " "))).collect()
}

on_both_databases! {
    async fn rp_15_authorisation_payment(app: TestApp) {
        let ids = asked(&app).await;
        let answer = attempt(&app, &ids, json!({})).await.ok();
        assert_eq!(keys(&answer), ["razorpay_payment_id", "next"]);
        let payment = answer["razorpay_payment_id"].as_str().unwrap();
        let next = answer["next"].as_array().unwrap();
        assert_eq!(next.len(), 2);
        assert_eq!(next[0]["action"], "intent");
        let poll = format!("http://pay.example.test/v1/payments/{payment}");
        assert_eq!(next[1], json!({"action": "poll", "url": poll}));
    }

    async fn rp_16_intent_link(app: TestApp) {
        app.set(json!({"billing_label": "Acme Quick", "vpa_merchant_prefix": "acmequick"})).await;
        let ids = asked(&app).await;
        // 2026-05-29 00:30 in India, still the 28th in London.
        let answer = attempt(&app, &ids, json!({})).await.ok();
        let link = answer["next"][0]["url"].as_str().unwrap().to_owned();
        let parsed = parameters(&link);
        let payment = answer["razorpay_payment_id"].as_str().unwrap();
        let row = app.pay_row(payment).await;
        let path = format!("/v1/sandbox/mandates/{}", row["token_id"].as_str().unwrap());
        let shown = app.test.get(&path).await.ok();
        let names: Vec<&str> = parsed.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [
            "pa", "pn", "mn", "tid", "validitystart", "validityend", "am", "amrule", "recur", "tr",
            "url", "cu", "mc", "tn", "orgid", "mode", "purpose", "txnType", "rev", "block",
        ]);
        let value = |name: &str| parsed.iter().find(|(own, _)| *own == name).unwrap().1.clone();
        for (name, want) in [
            ("pa", "acmequick.rec@icici"), ("pn", "Acme Quick"), ("mn", "Create Mandate"),
            ("am", "2000.00"), ("amrule", "MAX"), ("recur", "ASPRESENTED"), ("url", ""),
            ("cu", "INR"), ("mc", "5411"), ("tn", "MANDATE"), ("orgid", "180100"), ("mode", "04"),
            ("purpose", "77"), ("txnType", "CREATE"), ("rev", "N"), ("block", "Y"),
        ] {
            assert_eq!(value(name), want, "{name}");
            assert_eq!(shown["intent"][name], want, "{name}");
        }
        assert_eq!(value("tid").len(), 35);
        assert_eq!(value("tr"), format!("{}0create1", payment.strip_prefix("pay_").unwrap()));
        assert_eq!((value("validitystart").len(), value("validityend").len()), (8, 8));
        assert!(link.contains("pn=Acme+Quick&mn=Create+Mandate"));
        assert_eq!(shown["link"], link);
        let other = attempt(&app, &ids, json!({})).await.ok();
        let other = other["next"][0]["url"].as_str().unwrap().to_owned();
        let tid = parameters(&other).iter().find(|(name, _)| *name == "tid").unwrap().1.clone();
        assert_ne!(tid, value("tid"));
    }

    async fn rp_17_pending_payment(app: TestApp) {
        let ids = asked(&app).await;
        let more = json!({"notes": {"plan": "grocery"}, "contact": 9_876_500_001_i64});
        let (payment, token) =
            app.authorise(with(authorisation(&ids.0, &ids.1, 200_000), more)).await;
        let row = app.pay_row(&payment).await;
        let want = json!({
            "id": payment, "entity": "payment", "amount": 200_000, "currency": "INR",
            "status": "created", "order_id": ids.1, "invoice_id": null, "international": false,
            "method": "upi", "amount_refunded": 0, "refund_status": null, "captured": false,
            "description": null, "card_id": null, "bank": null, "wallet": null, "vpa": null,
            "email": "meera@example.test", "contact": "+919876500001", "customer_id": ids.0,
            "token_id": token, "notes": {"plan": "grocery"}, "fee": null, "tax": null,
            "error_code": null, "error_description": null, "error_source": null,
            "error_step": null, "error_reason": null, "acquirer_data": {"rrn": null},
            "created_at": row["created_at"], "upi": {"vpa": null, "flow": "intent"},
        });
        assert_eq!(row, want);
    }

    async fn rp_18_pending_token(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let token = app.token(&mandate).await;
        let payment = app.pay_row(&mandate.payment).await;
        let order = app.order_row(&mandate.order).await;
        let opaque = token["token"].as_str().unwrap();
        assert_eq!(opaque.len(), 14);
        assert!(!mandate.token.ends_with(opaque));
        let want = json!({
            "id": mandate.token, "entity": "token", "token": opaque, "bank": null, "wallet": null,
            "method": "upi", "vpa": null, "recurring": true,
            "recurring_details": {"status": "initiated", "failure_reason": null,
                                  "amount_blocked": 0, "amount_debited": 0},
            "auth_type": null, "mrn": null, "used_at": null, "created_at": payment["created_at"],
            "start_time": order["created_at"], "notes": [], "error_description": null,
            "entity_id": null, "dcc_enabled": false, "max_amount": 200_000,
            "expired_at": token["expired_at"],
        });
        assert_eq!(token, want);
        let list = app.test.get(&format!("/v1/customers/{}/tokens", mandate.customer)).await;
        assert_eq!(&*list.bytes, br#"{"entity":"collection","count":0,"items":[]}"#);
    }

    async fn rp_19_order_after_an_attempt(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let order = app.order_row(&mandate.order).await;
        let got = ["status", "attempts", "amount_paid", "amount_due"].map(|key| order[key].clone());
        assert_eq!(got, [json!("attempted"), json!(1), json!(0), json!(200_000)]);
    }

    async fn rp_20_amount_mismatch(app: TestApp) {
        let ids = asked(&app).await;
        let error = attempt(&app, &ids, json!({"amount": 200_001})).await.refused(
            "Your payment amount is different from your order amount. To pay successfully, please \
             try using right amount.",
        );
        let got = ["source", "step", "reason", "field"].map(|key| error[key].clone());
        let want = ["business", "payment_initiation", "order_amount_mismatch", "amount"];
        assert_eq!(got, want.map(Value::from));
        assert!(app.order_payments(&ids.1).await.is_empty());
        assert_eq!(app.order_row(&ids.1).await["status"], "created");
    }

    async fn rp_21_what_is_refused(app: TestApp) {
        let ids = asked(&app).await;
        let other = json!({"name": "Other", "email": "o@example.test", "contact": "9000012399"});
        let other = id(&app.test.post("/v1/customers", other).await.ok());
        let flow = "The selected upi.flow is invalid.";
        let unknown = "The id provided does not exist";
        for (more, text, field) in [
            (json!({"order_id": null}), "The order id field is required.", json!("order_id")),
            (json!({"order_id": "order_x"}), "x is not a valid id", Value::Null),
            (json!({"order_id": "order_AAAAAAAAAAAAAA"}), unknown, Value::Null),
            (json!({"amount": null}), "The amount field is required.", json!("amount")),
            (json!({"amount": "x"}), "The amount must be an integer.", json!("amount")),
            (json!({"amount": 99}), "The amount must be at least INR 1.00", json!("amount")),
            (json!({"currency": "USD"}), "The currency should be INR when method is upi", json!("currency")),
            (json!({"method": null}), "The method field is required.", json!("method")),
            (json!({"method": "card"}), "Payment method does not match the order method.", json!("method")),
            (json!({"customer_id": null}), "The customer id field is required.", json!("customer_id")),
            (json!({"customer_id": "cust_AAAAAAAAAAAAAA"}), unknown, Value::Null),
            (json!({"customer_id": other}), unknown, json!("customer_id")),
            (json!({"recurring": null}), "The recurring field is required.", json!("recurring")),
            (json!({"recurring": false}), "The recurring field is required.", json!("recurring")),
            (json!({"recurring": ""}), "The recurring field is required.", json!("recurring")),
            (json!({"upi": null}), flow, json!("upi.flow")),
            (json!({"upi": {"flow": "collect", "vpa": "a@upi"}}), flow, json!("upi.flow")),
            (json!({"email": null}), "The email field is required.", json!("email")),
            (json!({"email": "x"}), "The email must be a valid email address.", json!("email")),
            (json!({"contact": null}), "The contact field is required.", json!("contact")),
            (json!({"contact": "123"}), "Contact number should be at least 8 digits, including country code", json!("contact")),
            (json!({"description": "d".repeat(2_049)}), "The description may not be greater than 2048 characters.", json!("description")),
        ] {
            let error = attempt(&app, &ids, more).await.refused(text);
            assert_eq!(error["field"], field, "{text}");
        }
        assert!(app.order_payments(&ids.1).await.is_empty());
        assert_eq!(app.order_row(&ids.1).await["attempts"], 0);
    }

    async fn rp_21_spellings_that_are_fine(app: TestApp) {
        let ids = asked(&app).await;
        for recurring in [json!(true), json!("1"), json!(1), json!("true"), json!("preferred")] {
            attempt(&app, &ids, json!({"recurring": recurring})).await.ok();
        }
        let form = format!(
            "amount=200000&currency=INR&order_id={}&customer_id={}&method=upi&recurring=1\
             &upi[flow]=intent&contact=9000012345&email=meera%40example.test&ip=10.0.0.1\
             &referer=http&user_agent=Ruby&save=1&callback_url=http&foo=bar",
            ids.1, ids.0
        );
        app.test.form("/v1/payments/create/json/", &form).await.ok();
        assert_eq!(app.order_row(&ids.1).await["attempts"], 6);
    }

    async fn rp_22_create_upi(app: TestApp) {
        let ids = asked(&app).await;
        let body = authorisation(&ids.0, &ids.1, 200_000);
        let answer = app.test.post("/v1/payments/create/upi", body.clone()).await.ok();
        assert_eq!(keys(&answer), ["razorpay_payment_id", "link"]);
        let link = answer["link"].as_str().unwrap();
        assert_eq!(parameters(link).len(), 20);
        let payment = answer["razorpay_payment_id"].as_str().unwrap();
        assert_eq!(app.pay_row(payment).await["status"], "created");
        let error = app.test.post("/v1/payments/create/upi", with(body, json!({"amount": 5_000}))).await
            .error(400);
        assert_eq!(error["reason"], "order_amount_mismatch");
        let plain = app.debit_order(500, json!({})).await;
        let body = authorisation(&ids.0, &plain, 500);
        app.test.post("/v1/payments/create/upi", body).await.refused("The token field is required.");
    }

    async fn rp_72_validate_vpa(app: TestApp) {
        let check = async |vpa: &str| {
            app.test.post("/v1/payments/validate/vpa", json!({"vpa": vpa})).await
        };
        let good = check("asha@upi").await.ok();
        assert_eq!(good, json!({"vpa": "asha@upi", "success": true, "customer_name": "ASHA"}));
        for bad in ["asha", "a@upi", "asha@1upi", "fail.invalid_vpa@sandbox"] {
            let error = check(bad).await
                .refused("Invalid VPA. Please enter a valid Virtual Payment Address");
            let got = ["source", "step", "reason", "field"].map(|key| error[key].clone());
            assert_eq!(got, ["customer", "payment_initiation", "invalid_vpa", "vpa"].map(Value::from));
        }
        app.test.post("/v1/payments/validate/vpa", json!({})).await
            .refused("The vpa field is required.");
    }

    async fn rp_79_notes_merge(app: TestApp) {
        app.by_hand().await;
        let customer = id(&app.customer().await);
        let more = json!({"notes": {"plan": "grocery", "city": "Pune"}});
        let order = with(crate::harness::mandate_order(&customer, 200_000, 200_000), more);
        let order = id(&app.test.post("/v1/orders", order).await.ok());
        let more = json!({"notes": {"plan": "fruit"}});
        let (payment, _) =
            app.authorise(with(authorisation(&customer, &order, 200_000), more)).await;
        let row = app.pay_row(&payment).await;
        assert_eq!(row["notes"], json!({"city": "Pune", "plan": "fruit"}));
    }

    async fn live_mode_has_no_network(app: TestApp) {
        let customer = json!({"name": "Meera Iyer", "contact": "9000012345"});
        let customer = id(&app.live.post("/v1/customers", customer).await.ok());
        let order = crate::harness::mandate_order(&customer, 200_000, 200_000);
        let order = id(&app.live.post("/v1/orders", order).await.ok());
        let body = authorisation(&customer, &order, 200_000);
        let error = app.live.post("/v1/payments/create/json", body).await.error(502);
        assert_eq!(error["code"], "GATEWAY_ERROR");
        assert_eq!(error["reason"], "gateway_technical_error");
        let order = app.live.get(&format!("/v1/orders/{order}")).await.ok();
        assert_eq!(order["attempts"], 0);
    }
}
