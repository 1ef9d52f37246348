//! The payer's phone behind the page that asks for a block: no account is needed.

use vasool::web::session::Role;

use crate::on_both_databases;

on_both_databases! {
    async fn a_payer_goes_there_and_back(app: TestApp) {
        app.by_hand().await;
        let nobody = app.nobody();
        for (action, words) in [("approve", "Approved"), ("reject", "Not approved"), ("expire", "Not approved")] {
            let mandate = app.pending_mandate(200_000).await;
            let (page, phone) =
                (format!("/upi/{}", mandate.payment), format!("/upi/{}/phone", mandate.payment));
            let shown = nobody.get(&page).await;
            assert_eq!(shown.is(200).matches(&format!("href=\"{phone}\"")).count(), 2, "button and code");
            let shown = nobody.get(&phone).await;
            for part in ["₹2,000.00", "Approve", "Decline", "Let it expire", "No money moves"] {
                assert!(shown.is(200).contains(part), "{part}");
            }
            assert!(!shown.html.contains("csrf") && shown.headers.get("set-cookie").is_none());
            let sent = nobody.post_plain(&phone, &[("action", action), ("vpa", "")]).await;
            assert_eq!(sent.leads_to(), page);
            assert!(nobody.get(&page).await.is(200).contains(words), "{action}");
            let over = nobody.get(&phone).await;
            assert!(!over.is(200).contains("<form"), "nothing is asked any more");
            let sent = nobody.post_plain(&phone, &[("action", "approve")]).await;
            assert!(sent.is(400).contains("role=\"alert\""), "{}", sent.html);
        }
        let actions = app.app.store.operator_actions(None, 9).await.expect("actions");
        assert!(actions.is_empty(), "no operator did it");
    }

    async fn what_was_typed_stays(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let phone = format!("/upi/{}/phone", mandate.payment);
        let fields = [("action", "approve"), ("vpa", "\"><script>alert(1)</script>")];
        let shown = app.nobody().post_plain(&phone, &fields).await;
        let html = shown.is(400);
        assert!(html.contains("id=\"vpa-error\"") && html.contains("value=\"&#34;&#62;&#60;script"), "{html}");
        assert!(!html.contains("<script"));
        let fields = [("action", "approve"), ("vpa", "gita@examplebank")];
        assert_eq!(app.nobody().post_plain(&phone, &fields).await.status, 303);
        let vpa = app.token(&mandate).await["vpa"]["username"].clone();
        assert_eq!(vpa, "gita");
    }

    async fn other_sites_approve_nothing(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let phone = format!("/upi/{}/phone", mandate.payment);
        for (header, value) in [
            ("origin", "https://evil.example.test"), ("origin", "null"),
            ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"),
        ] {
            let evil = app.nobody().with_header(header, value);
            assert_eq!(evil.post_plain(&phone, &[("action", "approve")]).await.status, 403, "{value}");
        }
        // Nor does it do what only the network or a signed-in person can.
        for action in ["revoke", "cancel_ok", "pause", ""] {
            assert_eq!(app.nobody().post_plain(&phone, &[("action", action)]).await.status, 404);
        }
        assert_eq!(app.token(&mandate).await["recurring_details"]["status"], "initiated");
    }

    async fn it_is_nowhere_else(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let approve = [("action", "approve")];
        let mut paths: Vec<String> =
            ["pay_AAAAAAAAAAAAAA", "pay_x", "..%2f..", "%3Cscript%3E"].map(|id| format!("/upi/{id}/phone")).into();
        let (_, number) = app.virtual_account().await;
        let paid = app.pay(&number, 5_000).await;
        paths.push(format!("/upi/{}/phone", paid["payment_id"].as_str().expect("an id")));
        for path in &paths {
            let shown = app.nobody().get(path).await;
            assert!(shown.is(404).contains("There is nothing here") && !shown.html.contains("script"));
            assert_eq!(app.nobody().post_plain(path, &approve).await.status, 404, "{path}");
        }
        let (_, without) = app.without_sandbox().await;
        let phone = format!("/upi/{}/phone", mandate.payment);
        let person = app.nobody().at(&without.with_header("x-none", "1"));
        assert_eq!(person.get(&phone).await.status, 404);
        assert_eq!(person.post_plain(&phone, &approve).await.status, 404);
        let page = person.get(&format!("/upi/{}", mandate.payment)).await;
        assert!(!page.is(200).contains("/phone"), "and nothing leads there");
        app.sign_in(Role::View).await;
    }
}
