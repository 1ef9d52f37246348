//! The overview, the page of an entity with its history, search, and paths that lead nowhere.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, listen, settled, text};
use crate::harness::{Person, Receiver};
use crate::on_both_databases;

on_both_databases! {
    async fn the_overview_tells_where_the_money_is(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        app.pay(&number, 239_000).await;
        let person = app.sign_in(Role::Operate).await;
        let html = overview(&person, &at(&app, "")).await;
        for part in [
            "₹2,390.00",
            "₹2,361.80",
            "1 of 1 payments",
            "bank:sandbox",
            "merchant:payable",
            "Not checked",
            "<svg class=\"chart\"",
            "NEFT ₹2,390.00",
        ] {
            assert!(html.contains(part), "{part} is missing");
        }
        assert_eq!(person.post(&at(&app, "audit"), &[]).await.leads_to(), at(&app, ""));
        for _ in 0..200 {
            if person.get(&at(&app, "")).await.is(200).contains("Clean") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the books were not checked");
    }

    async fn only_one_merchant_needs_no_choice(app: TestApp) {
        let person = app.sign_in(Role::View).await;
        assert_eq!(person.get("/dashboard").await.leads_to(), at(&app, ""));
        app.another_merchant().await;
        let shown = person.get("/dashboard").await;
        assert!(shown.is(200).contains("Blue Lotus Traders") && shown.html.contains("Green Gram Stores"));
    }

    async fn a_payment_shows_what_became_of_it(app: TestApp) {
        let receiver = Receiver::start().await;
        listen(&app, &receiver, &["payment.captured", "refund.processed"]).await;
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 239_000).await;
        let payment = text(&paid["payment_id"]);
        receiver.next_of("payment.captured").await;
        let path = format!("/v1/payments/{payment}/refund");
        let refund = app.test.post(&path, json!({"amount": 10_000})).await.ok();
        let refund = text(&refund["id"]);
        receiver.next_of("refund.processed").await;
        let person = app.sign_in(Role::View).await;
        let path = at(&app, &format!("payments/{payment}"));
        let shown = settled(&person, &path, "refund.processed told: answered 200").await;
        for part in [
            &*format!("\n  &#34;id&#34;: &#34;{payment}&#34;"),
            "NEFT brought ₹2,390.00 from Test Payer",
            "₹2,390.00: debit bank:sandbox, credit merchant:payable",
            "₹100.00: debit merchant:payable, credit refunds:pending",
            "payment.authorized",
            "virtual_account.credited",
            "refund.created",
            "payment.captured told: answered 200",
            "Bank asked to pay the refund out",
        ] {
            assert!(shown.contains(part), "{part} is missing:\n{shown}");
        }
        let shown = person.get(&at(&app, &format!("refunds/{refund}"))).await;
        let html = shown.is(200);
        assert!(html.contains("refund.created") && !html.contains("virtual_account.credited"));
        let (account, _) = html.split_once("payments/pay_").expect("a link to the payment");
        assert!(!account.is_empty());
    }

    async fn every_entity_has_a_page(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let customer = app.test.post("/v1/customers", json!({"name": "Gita Rao"})).await.ok();
        let order = app.test.post("/v1/orders", json!({"amount": 5_000, "currency": "INR"})).await.ok();
        let code = json!({"type": "upi_qr", "usage": "multiple_use"});
        let code = app.test.post("/v1/payments/qr_codes", code).await.ok();
        let mandate = app.mandate(200_000).await;
        let person = app.sign_in(Role::View).await;
        for path in [
            format!("virtual_accounts/{account}"),
            format!("customers/{}", text(&customer["id"])),
            format!("orders/{}", text(&order["id"])),
            format!("qr_codes/{}", text(&code["id"])),
            format!("mandates/{}", mandate.token),
            format!("payments/{}", mandate.payment),
        ] {
            let shown = person.get(&at(&app, &path)).await;
            let html = shown.is(200);
            assert!(html.contains("What became of it") && html.contains("&#34;entity&#34;"), "{path}");
        }
        let shown = person.get(&at(&app, &format!("mandates/{}", mandate.token))).await;
        for part in ["token.confirmed", "Bank asked to have the mandate approved", "₹2,000.00"] {
            assert!(shown.is(200).contains(part), "{part}");
        }
    }

    async fn a_later_event_is_part_of_the_history(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        app.test.post(&format!("/v1/virtual_accounts/{account}/close"), json!({})).await.ok();
        let person = app.sign_in(Role::View).await;
        let shown = person.get(&at(&app, &format!("virtual_accounts/{account}"))).await;
        for event in ["virtual_account.created", "virtual_account.closed"] {
            assert_eq!(shown.is(200).matches(event).count(), 1, "{event}");
        }
    }

    async fn one_field_finds_anything(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let paid = app.pay(&number, 239_000).await;
        let (payment, reference) = (text(&paid["payment_id"]), text(&paid["reference"]));
        let body = json!({"amount": 5_000, "currency": "INR", "receipt": "Flat 7"});
        let order = text(&app.test.post("/v1/orders", body).await.ok()["id"]);
        let person = app.sign_in(Role::View).await;
        for (typed, path) in [
            (&*payment, format!("payments/{payment}")),
            (&reference, format!("payments/{payment}")),
            (&number, format!("virtual_accounts/{account}")),
            ("Flat%207", format!("orders/{order}")),
            (&format!("%20{order}%20"), format!("orders/{order}")),
        ] {
            let found = person.get(&at(&app, &format!("search?q={typed}"))).await;
            assert_eq!(found.leads_to(), at(&app, &path), "{typed}");
        }
        let none = person.get(&at(&app, "search?q=%3Cb%3E")).await;
        assert!(none.is(200).contains("Nothing has that reference") && !none.html.contains("<b>"));
    }

    async fn wrong_paths_lead_nowhere(app: TestApp) {
        let person = app.sign_in(Role::Admin).await;
        let base = at(&app, "");
        for path in [
            "/dashboard/acc_00000000000000/test".to_owned(),
            format!("/dashboard/{}/prod", app.merchant),
            "/dashboard/../etc/test".to_owned(),
            format!("{base}/secrets"),
            format!("{base}/payments/pay_1"),
            format!("{base}/payments/..%2F..%2Fcustomers"),
            format!("{base}/payments/pay_00000000000000%3Fexpand"),
            format!("{base}/messages/x"),
            format!("{base}/mandates/token_00000000000000"),
            format!("{base}/events/00000000000000"),
        ] {
            assert_eq!(person.get(&path).await.status, 404, "{path}");
        }
        let shown = app.nobody().get(&at(&app, "payments")).await;
        assert!(shown.leads_to().starts_with("/sign-in?next=/dashboard/"), "{shown:?}");
    }
}

/// The overview once its figures are counted.
async fn overview(person: &Person, path: &str) -> String {
    settled(person, path, "Owed to you</h2><p class=\"figure\">₹").await
}
