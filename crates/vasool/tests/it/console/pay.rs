//! Paying in.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, between, curl, does, typed_in};
use crate::on_both_databases;

/// The outcome that a page tells.
fn outcome(html: &str) -> String {
    let part = between(html, "<p class=\"amount\"><span class=\"state ", "</span>");
    part.split_once("\">").expect("a word").1.to_owned()
}

on_both_databases! {
    async fn money_comes_once(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "");
        assert!(person.get(&page).await.is(200).contains(&number), "accounts are offered");
        let fields = [("payee", &*number), ("amount", "₹2,390.00"), ("mode", "IMPS"), ("payer", "usual")];
        let html = does(&person, &page, &fields).await;
        assert_eq!(outcome(&html), "credited");
        let reference = between(&html, "Reference <span class=\"mono\">", "</span>");
        let again = [&fields[..], &[("utr", &*reference)]].concat();
        assert_eq!(outcome(&does(&person, &page, &again).await), "duplicate");
        let list = app.test.get("/v1/payments").await.ok();
        assert_eq!((&list["count"], &list["items"][0]["amount"]), (&json!(1), &json!(239_000)));
        let same = typed_in(&app, &curl(&html)).await.ok();
        assert_eq!(same["result"], "credited", "the curl is the call");
    }

    async fn what_may_not_be_taken_goes_back(app: TestApp) {
        let (id, number) = app.virtual_account().await;
        let payer = json!({"type": "bank_account", "bank_account": {
            "ifsc": "UTIB0000013", "account_number": "914010098765432",
        }});
        app.test.post(&format!("/v1/virtual_accounts/{id}/allowed_payers"), payer).await.ok();
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "");
        let pay = async |payee: &str, payer: &[(&str, &str)]| {
            let fields = [&[("payee", payee), ("amount", "10"), ("mode", "NEFT")], payer].concat();
            outcome(&does(&person, &page, &fields).await)
        };
        assert_eq!(pay(&number, &[("payer", "stranger")]).await, "refunded");
        assert_eq!(pay(&number, &[("payer", "nobody")]).await, "refunded");
        let own = [
            ("payer", "own"), ("payer.name", "<b>Ant</b>"), ("payer.account_number", "914010098765432"),
            ("payer.ifsc", "UTIB0000013"), ("narration", "<script>alert(1)</script>"),
        ];
        assert_eq!(pay(&number, &own).await, "credited");
        assert_eq!(pay("9999999999999999", &[("payer", "usual")]).await, "returned");
        let shown = person.get(&crate::dashboard::at(&app, "payments")).await;
        assert!(!shown.is(200).contains("<script>alert") && !shown.html.contains("<b>Ant"));
    }

    async fn what_was_typed_stays(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let person = app.sign_in(Role::Operate).await;
        let wrong = "\"><script>alert(1)</script>";
        let fields = [("payee", &*number), ("amount", wrong), ("utr", "R 7"), ("payer.name", wrong)];
        let shown = person.post(&at(&app, ""), &fields).await;
        let html = shown.is(400);
        assert!(html.contains("aria-describedby=\"amount-error\"") && html.contains("An amount such as"));
        assert!(html.contains("value=\"&#34;&#62;&#60;script&#62;alert(1)") && !html.contains("<script>alert"));
        assert!(html.contains("value=\"R 7\""));
        let shown = person.post(&at(&app, ""), &[("payee", " "), ("amount", "1")]).await;
        assert!(shown.is(400).contains("Who shall be paid?"));
        let long = "U".repeat(200);
        let fields = [("payee", &*number), ("amount", "10"), ("mode", "NEFT"), ("utr", &*long)];
        let shown = person.post(&at(&app, ""), &fields).await;
        assert!(shown.is(400).contains("id=\"utr-error\"") && shown.html.contains(&long), "{}", shown.html);
        assert_eq!(app.test.get("/v1/payments").await.ok()["count"], 0);
    }

    async fn by_upi_and_into_an_account_opened_here(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "");
        assert!(person.get(&page).await.is(200).contains("No account is open."));
        let html = does(&person, &at(&app, "/account"), &[]).await;
        assert!(curl(&html).contains("/v1/virtual_accounts"));
        let account = app.test.get("/v1/virtual_accounts").await.ok()["items"][0].clone();
        let vpa = account["receivers"].as_array().expect("receivers").iter();
        let vpa = vpa.filter_map(|row| row["address"].as_str()).next().expect("an address").to_owned();
        let fields = [("payee", &*vpa), ("amount", "55.5"), ("payer", "stranger")];
        let html = does(&person, &page, &fields).await;
        assert_eq!(outcome(&html), "credited");
        assert!(curl(&html).contains("/v1/sandbox/upi_payments"));
        let payment = app.test.get("/v1/payments").await.ok()["items"][0].clone();
        assert_eq!((&payment["amount"], &payment["vpa"]), (&json!(5_550), &json!("stranger@okaxis")));
        let code = json!({"type": "upi_qr", "usage": "multiple_use"});
        let code = app.test.post("/v1/payments/qr_codes", code).await.ok();
        let code = code["id"].as_str().expect("an id");
        assert_eq!(outcome(&does(&person, &page, &[("payee", code), ("amount", "1")]).await), "credited");
    }
}
