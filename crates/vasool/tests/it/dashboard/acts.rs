//! What can be done on the dashboard: the same as over the API, by whoever may, written into the trail.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, listen, settled, text};
use crate::harness::{Receiver, TestApp};
use crate::on_both_databases;

async fn outcomes(app: &TestApp) -> Vec<(String, String)> {
    let actions = app.app.store.operator_actions(None, 100).await.expect("actions");
    actions.into_iter().map(|row| (row.action, row.outcome.unwrap_or_default())).collect()
}

on_both_databases! {
    async fn a_refund_is_a_call_of_the_api(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let payment = text(&app.pay(&number, 239_000).await["payment_id"]);
        let path = at(&app, &format!("payments/{payment}/refund"));
        let viewer = app.sign_in(Role::View).await;
        assert_eq!(viewer.post(&path, &[("amount", "1")]).await.status, 403);
        assert!(!viewer.get(&at(&app, &format!("payments/{payment}"))).await.is(200).contains("Refund</button>"));
        let person = app.sign_in(Role::Operate).await;
        for (amount, words) in [("many", "An amount such as"), ("5,000.00", "not")] {
            let fields = [("amount", amount), ("speed", "normal"), ("receipt", "R \"1\"")];
            let shown = person.post(&path, &fields).await;
            let html = shown.is(400);
            assert!(html.contains(words), "{amount}: {html}");
            assert!(html.contains(&format!("value=\"{amount}\"")), "what was typed stays");
            assert!(html.contains("value=\"R &#34;1&#34;\""));
        }
        let shown = person.post(&path, &[("amount", "₹1,000.50"), ("speed", "normal")]).await;
        let html = shown.is(200);
        assert!(html.contains("Done.") && html.contains("₹1,000.50"));
        assert!(html.contains("-d &#39;{&#34;amount&#34;:100050"), "the same from a shell: {html}");
        let row = app.test.get(&format!("/v1/payments/{payment}")).await.ok();
        assert_eq!(row["amount_refunded"], 100_050);
        let trail = outcomes(&app).await;
        assert_eq!(trail[0], ("refund".to_owned(), "done".to_owned()));
        assert!(trail[1].1.starts_with("refused: "), "{trail:?}");
        assert_eq!(trail.len(), 2, "what never became a call is not in the trail");
    }

    async fn a_form_that_is_sent_twice_is_one_refund(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let payment = text(&app.pay(&number, 239_000).await["payment_id"]);
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, &format!("payments/{payment}"));
        let html = person.get(&page).await.is(200).to_owned();
        let (_, rest) = html.split_once("name=\"once\" value=\"").expect("a key");
        let once = rest.split('"').next().unwrap();
        let fields = [("amount", "10"), ("speed", "normal"), ("once", once)];
        for _ in 0..2 {
            let shown = person.post(&format!("{page}/refund"), &fields).await;
            assert!(shown.is(200).contains("X-Refund-Idempotency"));
        }
        let row = app.test.get(&format!("/v1/payments/{payment}")).await.ok();
        assert_eq!(row["amount_refunded"], 1_000, "a double click, or a reload, pays nothing twice");
    }

    async fn webhooks_of_live_mode_are_for_admins(app: TestApp) {
        let page = format!("/dashboard/{}/live/webhooks", app.merchant);
        let fields = [("url", "https://u:secret@example.com/x"), ("events", "order.paid"), ("active", "1")];
        let operator = app.sign_in(Role::Operate).await;
        assert!(!operator.get(&page).await.is(200).contains("Add a webhook"));
        assert_eq!(operator.post(&page, &fields).await.status, 403);
        let admin = app.sign_in(Role::Admin).await;
        admin.post(&page, &fields).await.is(200);
        let html = operator.get(&page).await.is(200).to_owned();
        assert!(html.contains("https://example.com/x") && !html.contains("secret@"));
        let actions = app.app.store.operator_actions(None, 10).await.expect("actions");
        assert!(actions[0].detail.starts_with(&format!("/dashboard/{}/live", app.merchant)));
        assert!(!actions[0].detail.contains("secret@"));
    }

    async fn settings_of_another_page_are_not_undone(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        let page = at(&app, "settings");
        let mut first = typed(admin.get(&page).await.is(200));
        let mut second = first.clone();
        set(&mut first, "va_fee_bps", "250");
        set(&mut second, "qr_fee_bps", "70");
        let given: Vec<(&str, &str)> = first.iter().map(|(a, b)| (&**a, &**b)).collect();
        admin.post(&page, &given).await.is(200);
        let given: Vec<(&str, &str)> = second.iter().map(|(a, b)| (&**a, &**b)).collect();
        let shown = admin.post(&page, &given).await;
        assert!(shown.is(409).contains("Somebody changed the settings meanwhile."));
        let settings = app.test.get("/v1/sandbox/settings").await.ok();
        assert_eq!((&settings["va_fee_bps"], &settings["qr_fee_bps"]), (&json!(250), &json!(0)));
    }

    async fn nothing_happens_without_the_sessions_token(app: TestApp) {
        let (account, _) = app.virtual_account().await;
        let person = app.sign_in(Role::Admin).await;
        let path = at(&app, &format!("virtual_accounts/{account}/close"));
        assert_eq!(person.post_plain(&path, &[]).await.status, 403);
        let foreign = person.with_header("origin", "https://evil.example");
        assert_eq!(foreign.post(&path, &[]).await.status, 403);
        let row = app.test.get(&format!("/v1/virtual_accounts/{account}")).await.ok();
        assert_eq!(row["status"], "active");
        assert_eq!(person.post(&path, &[]).await.status, 200);
        let row = app.test.get(&format!("/v1/virtual_accounts/{account}")).await.ok();
        assert_eq!(row["status"], "closed");
        assert_eq!(person.post(&at(&app, "payments/pay_00000000000001/refund"), &[]).await.status, 404);
    }

    async fn webhooks_are_kept_on_a_page(app: TestApp) {
        let receiver = Receiver::start().await;
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "webhooks");
        let wrong = [("url", "ftp://x"), ("events", "payment.captured"), ("active", "1")];
        let shown = person.post(&page, &wrong).await;
        assert!(shown.is(400).contains("id=\"new-url-error\"") && shown.html.contains("value=\"ftp://x\""));
        let fields = [("url", &*receiver.url), ("events", "payment.captured"), ("active", "1")];
        let fields = [&fields[..], &[("secret", "hush hush")]].concat();
        let shown = person.post(&page, &fields).await;
        assert!(shown.is(200).contains("Done.") && !shown.html.contains("hush"), "secrets are not shown");
        let (_, number) = app.virtual_account().await;
        app.pay(&number, 50_000).await;
        receiver.next_of("payment.captured").await;
        let webhooks = app.test.get("/v1/webhooks").await.ok();
        let id = text(&webhooks["items"][0]["id"]);
        let fields = [("url", &*receiver.url), ("events", "refund.created")];
        assert_eq!(person.post(&format!("{page}/{id}/save"), &fields).await.status, 200);
        let row = app.test.get(&format!("/v1/webhooks/{id}")).await.ok();
        assert_eq!((&row["active"], &row["events"]), (&json!(false), &json!(["refund.created"])));
        assert_eq!(person.post(&format!("{page}/{id}/delete"), &[]).await.status, 200);
        assert_eq!(app.test.get("/v1/webhooks").await.ok()["count"], 0);
        let actions = app.app.store.operator_actions(None, 100).await.expect("actions");
        assert!(actions.iter().all(|row| !row.detail.contains("hush")), "nor kept in the trail");
    }

    async fn an_event_that_nobody_took_is_sent_again(app: TestApp) {
        let receiver = Receiver::start().await;
        receiver.then(&[500]);
        let endpoint = listen(&app, &receiver, &["virtual_account.created"]).await;
        app.virtual_account().await;
        let event = receiver.next_of("virtual_account.created").await.event_id;
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, &format!("events/{event}"));
        let html = settled(&person, &page, "virtual_account.created told: answered 500").await;
        assert!(html.contains("Send again"));
        let fields = [("endpoint", &*endpoint)];
        assert_eq!(person.post(&format!("{page}/replay"), &fields).await.leads_to(), page);
        assert_eq!(receiver.next_of("virtual_account.created").await.event_id, event);
        let html = settled(&person, &page, "virtual_account.created told: answered 200").await;
        assert!(!html.contains("Send again"), "it was taken");
        let refused = person.post(&format!("{page}/replay"), &fields).await;
        assert!(refused.is(400).contains("Only events that were not acknowledged can be replayed."));
    }

    async fn keys_are_made_shown_once_and_expired(app: TestApp) {
        let page = at(&app, "keys");
        let operator = app.sign_in(Role::Operate).await;
        assert_eq!(operator.post(&page, &[]).await.status, 403);
        let admin = app.sign_in(Role::Admin).await;
        let shown = admin.post(&page, &[]).await;
        let html = shown.is(200);
        let part = |name: &str| {
            let (_, rest) = html.split_once(&format!("export {name}=")).expect(name);
            rest.split(['\n', '<']).next().unwrap().to_owned()
        };
        let (id, secret) = (part("VASOOL_KEY_ID"), part("VASOOL_KEY_SECRET"));
        let client = crate::harness::Client::new(&app.base, &id, &secret);
        assert_eq!(client.get("/v1/payments").await.status, 200);
        assert!(!admin.get(&page).await.is(200).contains(&secret));
        let raw = id.strip_prefix("rzp_test_").expect("a test key");
        assert_eq!(admin.post(&format!("{page}/{raw}/expire"), &[]).await.leads_to(), page);
        assert_eq!(client.get("/v1/payments").await.status, 401);
    }

    async fn settings_are_changed_in_both_modes(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        for mode in ["test", "live"] {
            let page = format!("/dashboard/{}/{mode}/settings", app.merchant);
            let mut fields = typed(admin.get(&page).await.is(200));
            set(&mut fields, "va_fee_bps", "250");
            set(&mut fields, "billing_label", "Lotus & <Sons>");
            let given: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
            let shown = admin.post(&page, &given).await;
            assert!(shown.is(200).contains("Saved.") && shown.html.contains("value=\"250\""), "{mode}");
            assert!(!shown.html.contains("<Sons>"));
            let mut fields = typed(admin.get(&page).await.is(200));
            set(&mut fields, "va_fee_bps", "99999");
            let given: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
            let shown = admin.post(&page, &given).await;
            assert!(shown.is(400).contains("id=\"va_fee_bps-error\""), "{mode}");
            assert!(shown.html.contains("value=\"99999\""), "what was typed stays");
            assert!(admin.get(&page).await.is(200).contains("value=\"250\""), "nothing was changed");
        }
        let settings = app.test.get("/v1/sandbox/settings").await.ok();
        assert_eq!(settings["va_fee_bps"], 250);
        assert_eq!(settings["vpa_in_test_mode"], true, "what was not touched stays");
    }
}

/// The fields of a form as a browser would send them.
fn typed(html: &str) -> Vec<(String, String)> {
    let (_, form) = html.split_once("/settings\" class=\"card\">").expect("the form");
    let inputs = form.split("<input ").skip(1);
    let value = |input: &str, key: &str| {
        let (_, rest) = input.split_once(&format!("{key}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    inputs
        .map(|input| input.split('>').next().unwrap())
        .filter(|input| !input.contains("checkbox") || input.contains(" checked"))
        .filter_map(|input| Some((value(input, "name")?, value(input, "value")?)))
        .filter(|(name, _)| name != "csrf")
        .collect()
}

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    let field = fields.iter_mut().find(|(known, _)| known == name).expect("a field");
    value.clone_into(&mut field.1);
}
