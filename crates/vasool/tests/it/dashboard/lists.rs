//! Lists: rows, filters, pages, exports.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, text};
use crate::on_both_databases;

/// Every list, and the words it shows where there is nothing.
const LISTS: &[&str] = &[
    "payments",
    "virtual_accounts",
    "qr_codes",
    "refunds",
    "orders",
    "customers",
    "mandates",
    "mandates?method=nach",
    "links",
    "batches",
    "events",
    "deliveries",
    "messages",
    "alerts",
];

on_both_databases! {
    async fn every_list_says_what_to_do_where_it_is_empty(app: TestApp) {
        let person = app.sign_in(Role::View).await;
        for list in LISTS {
            for mode in ["test", "live"] {
                let path = format!("/dashboard/{}/{mode}/{list}", app.merchant);
                let shown = person.get(&path).await;
                let html = shown.is(200);
                let is_narrowed = list.contains('?');
                let word = if is_narrowed { "Nothing fits" } else { "Nothing here yet" };
                assert!(html.contains(word), "{path}");
                let words = if mode == "test" { "TEST MODE" } else { "LIVE MODE" };
                assert!(html.contains(words), "{path} does not say where one is");
            }
        }
    }

    async fn rows_are_shown_as_people_read_them(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let paid = app.pay(&number, 123_456_700).await;
        let payment = text(&paid["payment_id"]);
        let person = app.sign_in(Role::View).await;
        let shown = person.get(&at(&app, "payments")).await;
        let html = shown.is(200);
        assert!(html.contains("₹12,34,567.00") && html.contains(">captured<"));
        assert!(html.contains(&format!("href=\"{}\"", at(&app, &format!("payments/{payment}")))));
        let shown = person.get(&at(&app, "virtual_accounts")).await;
        assert!(shown.is(200).contains(&account) && shown.html.contains(&number));
        let shown = person.get(&at(&app, "events")).await;
        for event in ["virtual_account.created", "payment.captured", "virtual_account.credited"] {
            assert!(shown.is(200).contains(event), "{event}");
        }
    }

    async fn filters_are_those_of_the_api(app: TestApp) {
        let (account, number) = app.virtual_account().await;
        let (_, other) = app.virtual_account().await;
        let paid = app.pay(&number, 50_000).await;
        app.pay(&other, 70_000).await;
        let person = app.sign_in(Role::View).await;
        let reference = text(&paid["reference"]);
        for query in [format!("va_transaction_id={reference}"), format!("virtual_account={account}")] {
            let shown = person.get(&at(&app, &format!("payments?{query}"))).await;
            assert!(shown.is(200).contains("₹500.00") && !shown.html.contains("₹700.00"), "{query}");
            assert!(shown.html.contains("Show all"));
        }
        let shown = person.get(&at(&app, "payments?from=2099-01-01")).await;
        assert!(shown.is(200).contains("Nothing fits"));
        let shown = person.get(&at(&app, "payments?from=yesterday")).await;
        assert!(shown.is(400).contains("id=\"problem\"") && shown.html.contains("value=\"yesterday\""));
        let shown = person.get(&at(&app, "virtual_accounts?description=abc")).await;
        assert!(shown.is(400).contains("aria-describedby=\"problem\""), "too short for the API");
        let shown = person.get(&at(&app, "payments?contact=%3Cscript%3Ealert(1)%3C/script%3E")).await;
        assert!(!shown.html.contains("<script>alert"), "what was typed is escaped");
    }

    async fn pages_follow_each_other(app: TestApp) {
        for number in 0..30 {
            let body = json!({"amount": 10_000 + number, "currency": "INR"});
            app.test.post("/v1/orders", body).await.ok();
        }
        let person = app.sign_in(Role::View).await;
        let first = person.get(&at(&app, "orders")).await;
        assert_eq!(first.is(200).matches("<td class=\" id\">").count(), 25);
        assert!(first.html.contains("href=\"?skip=25\"") && !first.html.contains("Newer"));
        let second = person.get(&at(&app, "orders?skip=25")).await;
        assert_eq!(second.is(200).matches("<td class=\" id\">").count(), 5);
        assert!(second.html.contains("href=\"?skip=0\"") && !second.html.contains("Older"));
    }

    async fn an_export_has_every_row_once(app: TestApp) {
        // All of a second or two: pages begin in the middle of a second.
        for number in 0..230 {
            let body = json!({"amount": 10_000 + number, "currency": "INR", "receipt": "=1+1"});
            app.test.post("/v1/orders", body).await.ok();
        }
        let person = app.sign_in(Role::View).await;
        let shown = person.get(&at(&app, "orders.csv")).await;
        let lines: Vec<&str> = shown.is(200).lines().collect();
        assert_eq!(shown.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(shown.headers["content-disposition"], "attachment; filename=\"orders.csv\"");
        assert_eq!(lines[0], "Order,Amount,State,Paid,Receipt,Attempts,Made");
        let mut ids: Vec<&str> = lines[1..].iter().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(ids.len(), 230);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 230, "no row comes twice");
        assert!(lines[1].contains(",102.29,created,0.00,'=1+1,0,"), "{}", lines[1]);
        let refused = person.get(&at(&app, "virtual_accounts.csv?description=abc")).await;
        assert!(refused.is(400).contains("This cannot be exported"));
        for (list, lines) in [("keys", 2), ("webhooks", 1), ("payments", 1), ("alerts", 1)] {
            let shown = person.get(&at(&app, &format!("{list}.csv"))).await;
            assert_eq!(shown.is(200).lines().count(), lines, "{list}");
        }
        let events = person.get(&at(&app, "events.csv")).await;
        assert_eq!(events.is(200).lines().count(), 1, "orders tell nothing before they are paid");
    }

    async fn nothing_is_seen_of_others(app: TestApp) {
        let other = app.another_merchant().await;
        let theirs = other.post("/v1/orders", json!({"amount": 77_700, "currency": "INR"})).await.ok();
        let body = json!({"receivers": {"types": ["bank_account"]}});
        let account = other.post("/v1/virtual_accounts", body).await.ok();
        let number = text(&account["receivers"][0]["account_number"]);
        let body = json!({"account_number": number, "amount": 88_800});
        let paid = other.post("/v1/sandbox/bank_transfers", body).await.ok();
        let payment = text(&paid["payment_id"]);
        let person = app.sign_in(Role::View).await;
        for list in LISTS {
            let shown = person.get(&at(&app, list)).await;
            assert!(!shown.is(200).contains("₹777.00") && !shown.html.contains("₹888.00"), "{list}");
        }
        for (list, id) in [("orders", text(&theirs["id"])), ("payments", payment)] {
            let shown = person.get(&at(&app, &format!("{list}/{id}"))).await;
            assert!(shown.is(404).contains("There is nothing here"), "{list}");
        }
        let found = person.get(&at(&app, &format!("search?q={number}"))).await;
        assert!(found.is(200).contains("Nothing has that reference"));
    }
}
