//! Forms: only our pages send them.

use vasool::web::session::Role;
use vasool_core::id::OperatorId;

use crate::harness::{Person, TestApp};
use crate::on_both_databases;

async fn name(app: &TestApp, id: Option<OperatorId>) -> String {
    app.app.store.operator(id.unwrap()).await.unwrap().expect("an operator").name
}

on_both_databases! {
    async fn forms_of_others_change_nothing(app: TestApp) {
        let person = app.sign_in(Role::Admin).await;
        let other = app.sign_in(Role::Admin).await;
        let fields = [("name", "Changed")];
        let without = Person { csrf: String::new(), ..person.clone() };
        let wrong = Person { csrf: other.csrf.clone(), ..person.clone() };
        let mut refused = vec![
            person.post_plain("/dashboard/account/name", &fields).await,
            without.post("/dashboard/account/name", &fields).await,
            wrong.post("/dashboard/account/name", &fields).await,
        ];
        for (header, value) in [
            ("origin", "https://evil.example.test"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let evil = person.with_header(header, value);
            refused.push(evil.post("/dashboard/account/name", &fields).await);
        }
        for shown in &refused {
            assert!(shown.is(403).contains("This form is out of date"));
        }
        assert_eq!(name(&app, person.id).await, "Meera Iyer");
        let email = [("email", "new@example.test"), ("name", "N"), ("role", "admin")];
        assert_eq!(wrong.post("/dashboard/operators", &email).await.status, 403);
        assert_eq!(app.app.store.operators().await.unwrap().len(), 2);
        assert_eq!(app.app.store.operator_actions(None, 9).await.unwrap(), []);
        assert_eq!(without.post("/sign-out", &[]).await.status, 403, "nobody is thrown out");
        assert_eq!(person.get("/dashboard/account").await.status, 200);

        let own = person.with_header("origin", &app.base).with_header("sec-fetch-site", "same-origin");
        let shown = own.post("/dashboard/account/name", &[("name", "<b>मीरा</b>")]).await;
        assert_eq!(shown.leads_to(), "/dashboard/account?done=name");
        assert_eq!(name(&app, person.id).await, "<b>मीरा</b>");
        for path in ["/dashboard/account", "/dashboard/operators", "/dashboard/trail"] {
            let page = person.get(path).await;
            assert!(page.is(200).contains("&#60;b&#62;मीरा") && !page.html.contains("<b>"), "{path}");
        }
    }

    async fn bodies_that_are_no_forms_are_refused(app: TestApp) {
        let person = app.sign_in(Role::Admin).await;
        let long = "a".repeat(70_000);
        let shown = person.post("/dashboard/account/name", &[("name", &long)]).await;
        assert!(shown.is(413).contains("larger than 64 KiB"));
        let shown = app.nobody().post_plain("/sign-in", &[("email", &long)]).await;
        assert_eq!(shown.status, 413);
        let shown = person.post("/dashboard/account/name", &[("name", " \n ")]).await;
        assert!(shown.is(422).contains("aria-describedby=\"name-problem\""));
        let shown = person.post("/dashboard/account/name", &[("name", &"b".repeat(101))]).await;
        assert!(shown.is(422).contains("at most 100 characters"));
        assert!(shown.html.contains(&"b".repeat(101)), "what was typed stays");
    }

    async fn the_api_knows_no_cookie(app: TestApp) {
        let person = app.sign_in(Role::Admin).await;
        for path in ["/v1/orders", "/v1/payments", "/v1/webhooks"] {
            assert_eq!(person.get(path).await.status, 401, "{path}");
        }
        assert_eq!(person.post("/v1/customers", &[("name", "Meera")]).await.status, 401);
        let key = app.test.get("/dashboard/account").await;
        assert_eq!(key.status, 303, "and the dashboard knows no key");
    }

    async fn paths_lead_to_nobody_else(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        for id in ["..%2f..", "opr_AAAAAAAAAAAAAA", "%00", "opr_'--", "%3Cscript%3E"] {
            let shown = admin.post(&format!("/dashboard/operators/{id}/disable"), &[]).await;
            assert!(shown.is(404).contains("no such operator") && !shown.html.contains("script"));
        }
    }
}
