//! Who may open and use the console, and where it is.

use vasool::web::session::Role;

use super::at;
use crate::on_both_databases;

/// Pages, and what can be sent to them.
const PAGES: [&str; 5] = ["", "/phone", "/bank", "/clock", "/faults"];
const FORMS: [&str; 8] =
    ["", "/account", "/phone", "/bank", "/clock", "/reset", "/faults", "/faults/clear"];

on_both_databases! {
    async fn who_may_look_may_not_act(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let phone = format!("/phone/{}", mandate.token);
        let viewer = app.sign_in(Role::View).await;
        let nobody = app.nobody();
        for page in PAGES.into_iter().chain([&*phone]) {
            assert_eq!(viewer.get(&at(&app, page)).await.status, 200, "{page}");
            assert!(nobody.get(&at(&app, page)).await.leads_to().starts_with("/sign-in?next="));
        }
        let fields = [("sure", "yes"), ("action", "approve"), ("advance", "60"), ("auto", "on")];
        let operator = app.sign_in(Role::Operate).await;
        for form in FORMS.into_iter().chain([&*phone]) {
            let path = at(&app, form);
            let shown = viewer.post(&path, &fields).await;
            assert!(shown.is(403).contains("This needs the role"), "{form}");
            assert_eq!(nobody.post(&path, &fields).await.status, 401, "{form}");
            assert_eq!(operator.post_plain(&path, &fields).await.status, 403, "{form}: no token");
            for (header, value) in
                [("origin", "https://evil.example.test"), ("sec-fetch-site", "cross-site")]
            {
                let evil = operator.with_header(header, value);
                assert_eq!(evil.post(&path, &fields).await.status, 403, "{form}: {value}");
            }
        }
        assert_eq!(app.token(&mandate).await["recurring_details"]["status"], "initiated");
        assert_eq!(app.app.store.operator_actions(None, 9).await.expect("actions"), []);
    }

    async fn there_is_no_console_but_in_test_mode(app: TestApp) {
        let person = app.sign_in(Role::Admin).await;
        let (_, without) = app.without_sandbox().await;
        let there = person.clone().at(&without);
        for page in PAGES {
            let live = format!("/dashboard/{}/live/console{page}", app.merchant);
            assert_eq!(person.get(&live).await.status, 404, "{live}");
            assert_eq!(there.get(&at(&app, page)).await.status, 404, "{page} without a sandbox");
        }
        for form in FORMS {
            let live = format!("/dashboard/{}/live/console{form}", app.merchant);
            let fields = [("sure", "yes"), ("advance", "60"), ("auto", "on")];
            assert_eq!(person.post(&live, &fields).await.status, 404, "{live}");
            assert_eq!(there.post(&at(&app, form), &fields).await.status, 404, "{form}");
        }
        let overview = there.get(&crate::dashboard::at(&app, "")).await;
        assert!(!overview.is(200).contains("/console"), "nothing leads there");
        for path in ["/phone/token_00000000000000", "/phone/..%2f..", "/phone/token_x%3Fa"] {
            assert_eq!(person.get(&at(&app, path)).await.status, 404, "{path}");
            assert_eq!(person.post(&at(&app, path), &[("action", "approve")]).await.status, 404, "{path}");
        }
    }
}
