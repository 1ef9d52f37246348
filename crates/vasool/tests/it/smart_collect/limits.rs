//! Limits per mode: row SC-103.

use serde_json::json;

use crate::on_both_databases;

on_both_databases! {
    async fn sc_103_limits(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let path = format!("/v1/virtual_accounts/{account}/pay/test");
        for (mode, amount) in [
            ("NEFT", 99), ("NEFT", 0), ("NEFT", -500),
            ("RTGS", 19_999_999), ("RTGS", 100),
            ("IMPS", 99), ("IMPS", 20_000_001),
            ("UPI", 99), ("UPI", 10_000_001),
        ] {
            let text = format!("The amount is outside the limit for {mode}");
            let body = json!({"account_number": number, "amount": amount, "mode": mode});
            for error in [
                app.transfer(body).await.refused(&text),
                app.test.post(&path, json!({"amount": amount, "mode": mode})).await.refused(&text),
            ] {
                assert_eq!(error["field"], "amount", "{mode} {amount}");
                assert_eq!((&error["source"], &error["step"]), (&json!("business"), &json!("NA")));
                assert_eq!(error["reason"], "input_validation_failed");
            }
        }
        assert_eq!(app.account(&account).await["amount_paid"], 0);
        let mut total = 0;
        for (mode, amount) in [
            ("NEFT", 100), ("NEFT", 50_000_000_000_i64),
            ("RTGS", 20_000_000), ("RTGS", 50_000_000_000),
            ("IMPS", 100), ("IMPS", 20_000_000),
            ("UPI", 100), ("UPI", 10_000_000),
        ] {
            let body = json!({"account_number": number, "amount": amount, "mode": mode});
            assert_eq!(app.transfer(body).await.ok()["result"], "credited", "{mode} {amount}");
            total += amount;
        }
        assert_eq!(app.account(&account).await["amount_paid"], total);
        app.assert_books_clean().await;
    }

    async fn sums_beyond_64_bits_are_refused(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let most = i64::MAX;
        let first = app.transfer(json!({"account_number": number, "amount": most})).await;
        let second = app.transfer(json!({"account_number": number, "amount": most})).await;
        // Whatever a server takes, it never counts wrong.
        let credited = [&first, &second].iter().filter(|answer| answer.status == 200).count();
        assert!(credited <= 1, "two of them do not fit");
        assert_eq!(second.error(400)["field"], "amount");
        let paid = app.account(&account).await["amount_paid"].as_i64().unwrap();
        assert_eq!(paid, if credited == 1 { most } else { 0 });
        app.assert_books_clean().await;
    }

    async fn the_highest_fee_keeps_the_books_clean(app: TestApp) {
        app.set(json!({"va_fee_bps": 10_000})).await;
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 500).await;
        let payment = app.payment(&paid).await;
        // The whole amount, and the tax on top of it.
        assert_eq!((&payment["fee"], &payment["tax"]), (&json!(590), &json!(90)));
        app.assert_books_clean().await;
    }

    async fn text_fields_of_a_transfer_are_bounded(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        for (field, value) in [
            ("utr", "x".repeat(65)),
            ("narration", "x".repeat(256)),
            ("account_number", "x".repeat(100_000)),
        ] {
            let mut body = json!({"account_number": number, "amount": 500});
            body[field] = json!(value);
            let answer = app.transfer(body).await;
            assert!(answer.status == 400 || answer.ok()["result"] == "returned", "{field}");
        }
        assert_eq!(app.account(&account).await["amount_paid"], 0);
    }
}
