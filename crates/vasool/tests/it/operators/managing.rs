//! Roles, accounts, and the trail of who did what.

use vasool::web::session::Role;

use crate::harness::{Person, TestApp, sql};
use crate::on_both_databases;

/// Who did what with which outcome, newest first.
async fn trail(app: &TestApp) -> Vec<(String, String, String)> {
    let actions = app.app.store.operator_actions(None, 100).await.expect("actions");
    let line = |action: vasool_store::operators::OperatorAction| {
        (action.action, action.target, action.outcome.unwrap_or_default())
    };
    actions.into_iter().map(line).collect()
}

fn row(action: &str, target: &str, outcome: &str) -> (String, String, String) {
    (action.to_owned(), target.to_owned(), outcome.to_owned())
}

on_both_databases! {
    async fn roles_are_asked_for(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        let id = admin.id.unwrap();
        for role in [Role::View, Role::Operate] {
            let person = app.sign_in(role).await;
            assert_eq!(person.get("/dashboard/account").await.status, 200);
            for path in ["/dashboard/operators", "/dashboard/trail"] {
                let shown = person.get(path).await;
                assert!(shown.is(403).contains("This needs the role “admin”"), "{path}");
                assert!(shown.html.contains(&format!("yours is “{}”", role.as_str())));
            }
            let fields = [("email", "new@example.test"), ("name", "N"), ("role", "admin")];
            assert_eq!(person.post("/dashboard/operators", &fields).await.status, 403);
            for act in ["role", "disable", "enable", "link"] {
                let path = format!("/dashboard/operators/{id}/{act}");
                assert_eq!(person.post(&path, &[("role", "view")]).await.status, 403, "{act}");
            }
        }
        assert_eq!(app.app.store.operators().await.unwrap().len(), 3);
        assert_eq!(trail(&app).await, []);
    }

    async fn an_invitation_is_a_link(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        let email = "ravi@example.test";
        let fields = [("email", "Ravi@Example.test"), ("name", "Ravi \"<i>"), ("role", "operate")];
        let shown = admin.post("/dashboard/operators", &fields).await;
        let html = shown.is(200);
        assert!(html.contains("Ravi &#34;&#60;i&#62;") && !html.contains("<i>"));
        let (_, link) = html.split_once("tabindex=\"0\">http://pay.example.test").expect("a link");
        let (link, _) = link.split_once("</pre>").expect("its end");
        assert!(!admin.get("/dashboard/operators").await.is(200).contains(link), "shown once");
        let shown = app.nobody().post_plain(link, &[("name", "Ravi"), ("password", "a long password")]).await;
        let ravi = app.nobody().keep(&shown).await;
        assert!(ravi.get("/dashboard/account").await.is(200).contains("<dd>operate</dd>"));
        let shown = admin.post("/dashboard/operators", &fields).await;
        assert!(shown.is(422).contains("There is an account with this e-mail."));
        assert!(shown.html.contains("value=\"Ravi@Example.test\""), "what was typed stays");
        let fields = [("email", "x"), ("name", ""), ("role", "owner")];
        let shown = admin.post("/dashboard/operators", &fields).await;
        let html = shown.is(422);
        for id in ["email-problem", "name-problem", "role-problem"] {
            assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
        }
        assert_eq!(trail(&app).await, [
            row("invite", email, "refused: there is such an account"),
            row("set password by link", email, "done"),
            row("invite", email, "done"),
        ]);
    }

    async fn a_change_counts_at_once(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        let person = app.sign_in(Role::View).await;
        let path = |act: &str| format!("/dashboard/operators/{}/{act}", person.id.unwrap());
        let done = "/dashboard/operators";
        assert_eq!(admin.post(&path("role"), &[("role", "admin")]).await.leads_to(), done);
        assert_eq!(person.get(done).await.status, 200);
        assert_eq!(admin.post(&path("role"), &[("role", "operate")]).await.leads_to(), done);
        assert_eq!(person.get(done).await.status, 403);
        assert_eq!(admin.post(&path("role"), &[("role", "owner")]).await.status, 409);
        let shown = admin.post(&path("link"), &[]).await;
        let (_, link) = shown.is(200).split_once("tabindex=\"0\">http://pay.example.test").expect("a link");
        let (link, _) = link.split_once("</pre>").expect("its end");
        assert_eq!(admin.post(&path("disable"), &[]).await.leads_to(), done);
        assert_eq!(person.get("/dashboard/account").await.status, 303);
        assert_eq!(app.nobody().get(link).await.status, 410, "its links lead nowhere");
        assert!(admin.post(&path("link"), &[]).await.is(409).contains("disabled"));
        assert_eq!(admin.post(&path("enable"), &[]).await.leads_to(), done);
        assert_eq!(person.get("/dashboard/account").await.status, 303, "the session is over");
        let email = &*person.email;
        assert_eq!(trail(&app).await, [
            row("enable operator", email, "done"),
            row("disable operator", email, "done"),
            row("make sign-in link", email, "done"),
            row("change role", email, "done"),
            row("change role", email, "done"),
        ]);
    }

    async fn the_last_admin_stays(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        let path = |person: &Person, act: &str| format!("/dashboard/operators/{}/{act}", person.id.unwrap());
        // Whoever cannot sign in does not count.
        let invited = app.sign_in(Role::Admin).await;
        sql(&app, &format!("UPDATE operators SET password = NULL WHERE email = '{}'", invited.email)).await;
        for (act, fields) in [("disable", [("role", "")]), ("role", [("role", "view")])] {
            let shown = admin.post(&path(&admin, act), &fields).await;
            assert!(shown.is(409).contains("This is the last admin"), "{act}");
        }
        assert_eq!(trail(&app).await[0].2, "refused: the last admin");
        assert_eq!(admin.get("/dashboard/operators").await.status, 200);
        assert_eq!(admin.post(&path(&admin, "role"), &[("role", "admin")]).await.status, 303);
        // Two who demote each other at once do not both succeed.
        let other = app.sign_in(Role::Admin).await;
        for _ in 0..5 {
            let fields = [("role", "view")];
            let (to_other, to_admin) = (path(&other, "role"), path(&admin, "role"));
            tokio::join!(admin.post(&to_other, &fields), other.post(&to_admin, &fields));
            let operators = app.app.store.operators().await.unwrap();
            let admins = operators.iter().filter(|one| one.role == Role::Admin && one.has_password);
            assert!(admins.count() >= 1);
            sql(&app, "UPDATE operators SET role = 'admin'").await;
        }
    }

    async fn ones_own_password_and_sessions(app: TestApp) {
        let person = app.sign_in(Role::View).await;
        let hash = app.app.passwords.hash("the old password").await.ok().unwrap();
        sql(&app, &format!("UPDATE operators SET password = '{hash}'")).await;
        let sign_in = [("email", &*person.email), ("password", "the old password")];
        let elsewhere = app.nobody().with_header("user-agent", "Evil\"><b>Browser");
        let elsewhere = elsewhere.clone().keep(&elsewhere.post_plain("/sign-in", &sign_in).await).await;
        let page = person.get("/dashboard/account").await;
        assert!(page.is(200).contains("Evil&#34;&#62;&#60;b&#62;Browser"));
        let (_, digest) = page.html.split_once("name=\"session\" value=\"").expect("another session");
        let digest = digest.split('"').next().unwrap();
        let stranger = app.sign_in(Role::Admin).await;
        stranger.post("/dashboard/account/sessions", &[("session", digest)]).await.leads_to();
        assert_eq!(elsewhere.get("/dashboard/account").await.status, 200, "not a stranger's to end");
        person.post("/dashboard/account/sessions", &[("session", digest)]).await.leads_to();
        assert_eq!(elsewhere.get("/dashboard/account").await.status, 303);
        let again = app.nobody().keep(&app.nobody().post_plain("/sign-in", &sign_in).await).await;
        let path = "/dashboard/account/password";
        let wrong = [("old", "not the password"), ("password", "the new password")];
        let shown = person.post(path, &wrong).await;
        assert!(shown.is(422).contains("This is not your password.") && !shown.html.contains("the new"));
        let short = [("old", "the old password"), ("password", "short")];
        assert!(person.post(path, &short).await.is(422).contains("at least 12"));
        let right = [("old", "the old password"), ("password", "the new password")];
        let shown = person.post(path, &right).await;
        assert_eq!(shown.leads_to(), "/dashboard/account?done=password");
        assert_eq!(again.get("/dashboard/account").await.status, 303, "all others are over");
        assert_eq!(person.get("/dashboard/account").await.status, 303, "the old token, too");
        let person = person.keep(&shown).await;
        for _ in 0..5 {
            assert_eq!(person.post(path, &wrong).await.status, 422);
        }
        let right = [("old", "the new password"), ("password", "one more password")];
        assert!(person.post(path, &right).await.is(429).contains("Too many tries"));
    }

    async fn the_trail_has_pages(app: TestApp) {
        let admin = app.sign_in(Role::Admin).await;
        for at in 0..101 {
            let target = format!("target {at:03}");
            let who = vasool_store::operators::OperatorAction {
                id: vasool_core::id::ActionId(vasool_core::id::RawId::from_number(at).unwrap()),
                operator: admin.id,
                actor: admin.email.clone(),
                action: "test".to_owned(),
                target,
                detail: "<script>".to_owned(),
                at: app.app.clock.now(),
                outcome: None,
            };
            app.app.store.begin_action(&who).await.unwrap();
        }
        let mut path = "/dashboard/trail".to_owned();
        let mut seen = vec![];
        for _ in 0..3 {
            let page = admin.get(&path).await;
            let html = page.is(200);
            assert!(html.contains("not known") && !html.contains("<script>"));
            seen.push(html.matches("<td>target ").count());
            let Some((_, older)) = html.split_once("href=\"/dashboard/trail?before=") else { break };
            path = format!("/dashboard/trail?before={}", older.split('"').next().unwrap());
        }
        assert_eq!(seen, [50, 50, 1]);
        for before in ["x", "act_AAAAAAAAAAAAA'", ""] {
            assert_eq!(admin.get(&format!("/dashboard/trail?before={before}")).await.status, 200);
        }
    }
}
