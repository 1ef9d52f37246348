//! One-time links.

use vasool::web::session::{Role, first_link, link_for};

use crate::harness::{TestApp, sql};
use crate::on_both_databases;

const PASSWORD: &str = "jasmine tram umbrella";

/// A link of a first start.
async fn first(app: &TestApp) -> String {
    let token = first_link(&app.app.store, app.app.clock.now()).await.unwrap().expect("nobody yet");
    format!("/sign-in/link/{}", token.as_str())
}

/// A new link for someone.
async fn link(app: &TestApp, id: vasool_core::id::OperatorId) -> String {
    let token = link_for(&app.app.store, id, app.app.clock.now()).await.unwrap();
    format!("/sign-in/link/{}", token.as_str())
}

on_both_databases! {
    async fn the_first_link_makes_one_admin(app: TestApp) {
        let (one, other) = (first(&app).await, first(&app).await);
        let nobody = app.nobody();
        for _ in 0..2 {
            assert!(nobody.get(&one).await.is(200).contains("You are the first one here"));
        }
        let fields = [("email", " Meera@Example.test"), ("name", "Meera"), ("password", PASSWORD)];
        let shown = nobody.post_plain(&one, &fields).await;
        assert_eq!(shown.leads_to(), "/dashboard");
        let meera = nobody.clone().keep(&shown).await;
        let page = meera.get("/dashboard/operators").await;
        assert!(page.is(200).contains("meera@example.test, admin"));
        for gone in [&one, &other] {
            let page = nobody.get(gone).await;
            assert!(page.is(410).contains("This link was used already"), "{gone}");
            let page = nobody.post_plain(gone, &fields).await;
            assert!(page.is(410).contains("This link was used already"));
        }
        assert!(first_link(&app.app.store, app.app.clock.now()).await.unwrap().is_none());
        let trail = meera.get("/dashboard/trail").await;
        assert!(trail.is(200).contains("first sign-in"));
    }

    async fn of_many_first_people_one_gets_in(app: TestApp) {
        let links = [first(&app).await, first(&app).await, first(&app).await];
        let mut tasks = vec![];
        for (at, link) in links.iter().cycle().take(6).enumerate() {
            let (nobody, link) = (app.nobody(), link.clone());
            tasks.push(tokio::spawn(async move {
                let email = format!("m{at}@example.test");
                let fields = [("email", &*email), ("name", "M"), ("password", PASSWORD)];
                nobody.post_plain(&link, &fields).await.status
            }));
        }
        let mut statuses = vec![];
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410, 410, 410, 410, 410]);
        assert_eq!(app.app.store.operators().await.unwrap().len(), 1);
    }

    async fn what_was_typed_stays_and_what_is_wrong_is_said(app: TestApp) {
        let link = first(&app).await;
        let nobody = app.nobody();
        let name = "<script>alert(1)</script>\"'";
        let typed = [("email", "me\"><b>era"), ("name", name), ("password", "short \"<i>")];
        let page = nobody.post_plain(&link, &typed).await;
        let html = page.is(422);
        for part in [
            "aria-describedby=\"email-problem\"",
            "id=\"email-problem\"",
            "at least 12 characters",
            "value=\"me&#34;&#62;&#60;b&#62;era\"",
            "&#60;script&#62;alert(1)",
        ] {
            assert!(html.contains(part), "{part} is missing: {html}");
        }
        for part in ["<script>alert", "<b>", "<i>", "short"] {
            assert!(!html.contains(part), "{part} is there: {html}");
        }
        let same = [("email", "meera@example.test"), ("name", "M"), ("password", "Meera@example.test")];
        assert!(nobody.post_plain(&link, &same).await.is(422).contains("must not be the e-mail"));
        assert!(nobody.get(&link).await.is(200).contains("Choose a password"), "still there");
    }

    async fn old_and_made_up_links_lead_nowhere(app: TestApp) {
        let person = app.sign_in(Role::View).await;
        let (id, nobody) = (person.id.unwrap(), app.nobody());
        let old = link(&app, id).await;
        sql(&app, "UPDATE sign_in_links SET expires_ms = expires_ms - 86400000").await;
        let page = nobody.get(&old).await;
        assert!(page.is(410).contains("This link is too old"));
        let fields = [("name", "M"), ("password", PASSWORD)];
        assert!(nobody.post_plain(&old, &fields).await.is(410).contains("too old"));
        for path in ["x", "%2e%2e", "0000000000000000000000000000000000000000000000000000000000000000",
            "%FF", "%3Cscript%3E"] {
            let page = nobody.get(&format!("/sign-in/link/{path}")).await;
            assert!(page.is(404).contains("This link leads nowhere"), "{path}");
            assert!(!page.html.contains("script"));
        }
        // A new one takes the place of an earlier one.
        let (earlier, later) = (link(&app, id).await, link(&app, id).await);
        assert_eq!(nobody.get(&earlier).await.status, 410);
        assert_eq!(nobody.get(&later).await.status, 200);
    }

    async fn a_new_password_ends_sessions_and_counts(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        assert_eq!(person.get("/dashboard/account").await.status, 200);
        let link = link(&app, person.id.unwrap()).await;
        let shown = app.nobody().get(&link).await;
        assert!(shown.is(200).contains(&person.email) && shown.html.contains("readonly"));
        let fields = [("email", "other@example.test"), ("name", "Meera Rao"), ("password", PASSWORD)];
        let shown = app.nobody().post_plain(&link, &fields).await;
        assert_eq!(shown.leads_to(), "/dashboard");
        assert_eq!(person.get("/dashboard/account").await.leads_to(), "/sign-in?next=/dashboard/account");
        let anew = app.nobody().keep(&shown).await;
        let page = anew.get("/dashboard/account").await;
        assert!(page.is(200).contains("Meera Rao") && page.html.contains(&person.email));
        let fields = [("email", &*person.email), ("password", PASSWORD)];
        assert_eq!(app.nobody().post_plain("/sign-in", &fields).await.leads_to(), "/dashboard");
    }

    async fn another_site_uses_no_link(app: TestApp) {
        let link = first(&app).await;
        let fields = [("email", "m@example.test"), ("name", "M"), ("password", PASSWORD)];
        let evil = app.nobody().with_header("origin", "https://evil.example.test");
        assert!(evil.post_plain(&link, &fields).await.is(403).contains("out of date"));
        assert!(!app.app.store.has_operators().await.unwrap());
    }
}
