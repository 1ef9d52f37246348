//! Signing in and out.

use vasool::web::session::{Role, link_for};

use crate::harness::{Person, TestApp, sql};
use crate::on_both_databases;

const PASSWORD: &str = "jasmine tram umbrella";

/// Someone with a password, who is not signed in.
async fn known(app: &TestApp, role: Role) -> Person {
    let person = app.sign_in(role).await;
    let hash = app.app.passwords.hash(PASSWORD).await.ok().expect("a hash");
    let set = app.app.store.set_operator_password(person.id.unwrap(), 1, &hash).await;
    assert!(set.expect("a row"));
    Person { cookie: String::new(), csrf: String::new(), ..person }
}

on_both_databases! {
    async fn the_right_password_opens(app: TestApp) {
        let person = known(&app, Role::View).await;
        let email = person.email.to_uppercase();
        let fields = [("email", &*email), ("password", PASSWORD), ("next", "/dashboard/account?a=1")];
        let shown = person.post_plain("/sign-in", &fields).await;
        assert_eq!(shown.leads_to(), "/dashboard/account?a=1");
        let cookie = shown.cookie().expect("a cookie").to_owned();
        for part in ["vasool_session=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=604800"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert!(!cookie.contains("Secure") && !cookie.contains("Domain"));
        let token = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
        let stored = format!("UPDATE operator_sessions SET csrf = csrf WHERE digest = '{token}'");
        assert_eq!(sql(&app, &stored).await, 0, "the token itself is stored nowhere");
        let inside = person.clone().keep(&shown).await;
        let page = inside.get("/dashboard/account").await;
        assert!(page.is(200).contains(&person.email));
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert_eq!(inside.get("/sign-in").await.leads_to(), "/dashboard");
        let shown = inside.post("/sign-out", &[]).await;
        assert_eq!(shown.leads_to(), "/sign-in");
        assert!(shown.cookie().expect("it is taken away").contains("Max-Age=0"));
        assert_eq!(inside.get("/dashboard/account").await.status, 303);
        let page = inside.get("/sign-in").await;
        assert!(page.is(200).contains("Your session is over"));
    }

    async fn everything_else_is_refused_alike(app: TestApp) {
        let person = known(&app, Role::View).await;
        let disabled = known(&app, Role::View).await;
        let now = app.app.clock.now();
        app.app.store.disable_operator(disabled.id.unwrap(), now, "test").await.expect("disabled");
        let invited = app.sign_in(Role::View).await;
        sql(&app, &format!("UPDATE operators SET password = NULL WHERE email = '{}'", invited.email)).await;
        let mut pages = vec![];
        for (email, password) in [
            (&*person.email, "jasmine tram umbrellA"),
            ("nobody@example.test", PASSWORD),
            (&*disabled.email, PASSWORD),
            (&*invited.email, PASSWORD),
            ("x' OR '1'='1", PASSWORD),
        ] {
            let fields = [("email", email), ("password", password)];
            let shown = person.post_plain("/sign-in", &fields).await;
            assert!(shown.cookie().is_none());
            let html = shown.is(401);
            assert!(html.contains("E-mail or password is wrong.") && !html.contains(password));
            assert!(html.contains("aria-describedby=\"password-problem\""));
            pages.push(html.len() - escaped(email));
        }
        assert!(pages.windows(2).all(|two| two[0] == two[1]), "nothing tells them apart: {pages:?}");
        let fields = [("email", "\"><script>alert(1)</script>"), ("password", "")];
        let shown = person.post_plain("/sign-in", &fields).await;
        assert!(shown.is(422).contains("&#34;&#62;&#60;script&#62;") && !shown.html.contains("<script"));
    }

    async fn five_wrong_passwords_are_enough(app: TestApp) {
        let person = known(&app, Role::View).await;
        let other = app.another_server().await;
        let elsewhere = person.clone().at(&other.test);
        let wrong = [("email", &*person.email), ("password", "wrong wrong wrong")];
        let right = [("email", &*person.email), ("password", PASSWORD)];
        let mut tasks = vec![];
        for at in 0..8 {
            let browser = if at % 2 == 0 { person.clone() } else { elsewhere.clone() };
            let email = person.email.clone();
            tasks.push(tokio::spawn(async move {
                let wrong = [("email", &*email), ("password", "wrong wrong wrong")];
                browser.post_plain("/sign-in", &wrong).await.status
            }));
        }
        let mut statuses = vec![];
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429], "at once, on two servers");
        let shown = person.post_plain("/sign-in", &right).await;
        assert!(shown.is(429).contains("Too many tries. Try again in 15 minutes."));
        let seconds: i64 = shown.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=900).contains(&seconds), "{seconds}");
        // A link is not held up, and after a quarter of an hour the password counts again.
        let now = app.app.clock.now();
        let link = link_for(&app.app.store, person.id.unwrap(), now).await.unwrap();
        let page = app.nobody().get(&format!("/sign-in/link/{}", link.as_str())).await;
        assert_eq!(page.status, 200);
        sql(&app, "UPDATE sign_in_tries SET since_ms = since_ms - 900000").await;
        assert_eq!(person.post_plain("/sign-in", &right).await.status, 303);
        for _ in 0..4 {
            assert_eq!(person.post_plain("/sign-in", &wrong).await.status, 401, "counted anew");
        }
    }

    async fn a_flood_is_refused_at_once(app: TestApp) {
        let nobody = app.nobody();
        let mut tasks = vec![];
        for at in 0..40 {
            let nobody = nobody.clone();
            tasks.push(tokio::spawn(async move {
                let email = format!("n{at}@example.test");
                nobody.post_plain("/sign-in", &[("email", &*email), ("password", "x")]).await.status
            }));
        }
        let mut refused = 0;
        for task in tasks {
            refused += usize::from(task.await.unwrap() == 429);
        }
        assert!(refused > 0, "ten a second");
    }

    async fn sessions_end(app: TestApp) {
        let idle = app.sign_in(Role::View).await;
        let moved = "UPDATE operator_sessions SET seen_ms = seen_ms - 43200000";
        assert_eq!(idle.get("/dashboard/account").await.status, 200);
        sql(&app, moved).await;
        let shown = idle.get("/dashboard/account?done=name").await;
        assert_eq!(shown.leads_to(), "/sign-in?next=/dashboard/account%3Fdone%3Dname");
        assert!(idle.get(shown.leads_to()).await.is(200).contains("Your session is over"));
        let shown = idle.post("/dashboard/account/name", &[("name", "Other")]).await;
        assert!(shown.is(401).contains("Your session is over"));
        // However busy, a week is the end.
        let busy = app.sign_in(Role::View).await;
        sql(&app, "UPDATE operator_sessions SET expires_ms = expires_ms - 604800000").await;
        assert_eq!(busy.get("/dashboard/account").await.status, 303);
        assert_eq!(app.nobody().get("/dashboard/account").await.leads_to(),
            "/sign-in?next=/dashboard/account");
        assert!(!app.nobody().get("/sign-in").await.is(200).contains("Your session is over"));
        // A use moves the end of idleness.
        let used = app.sign_in(Role::View).await;
        for _ in 0..3 {
            sql(&app, "UPDATE operator_sessions SET seen_ms = seen_ms - 30000000").await;
            assert_eq!(used.get("/dashboard/account").await.status, 200);
        }
        // What a page asks for by itself does not.
        let left = used.with_header("sec-fetch-dest", "empty");
        sql(&app, "UPDATE operator_sessions SET seen_ms = seen_ms - 30000000").await;
        assert_eq!(left.get("/dashboard/account").await.status, 200);
        sql(&app, "UPDATE operator_sessions SET seen_ms = seen_ms - 30000000").await;
        assert_eq!(left.get("/dashboard/account").await.status, 303);
    }

    async fn one_goes_on_only_to_places_on_this_server(app: TestApp) {
        let person = known(&app, Role::View).await;
        for next in ["//evil.test", "/\\evil.test", "https://evil.test", "\\\\evil.test",
            "javascript:alert(1)", "/\t/evil.test", "/a\r\nSet-Cookie: x=y", "", "/%0a/\n"] {
            let fields = [("email", &*person.email), ("password", PASSWORD), ("next", next)];
            let shown = person.post_plain("/sign-in", &fields).await;
            if shown.status == 429 {
                // More than ten within a second; the refusal is another test's.
                tokio::task::yield_now().await;
                continue;
            }
            assert_eq!(shown.leads_to(), "/dashboard", "{next:?}");
            let page = person.get(&format!("/sign-in?next={}",
                vasool::wire::percent::escape(next, b""))).await;
            assert!(page.is(200).contains("name=\"next\" value=\"/dashboard\""), "{next:?}");
        }
    }
}

/// Bytes of a text in a page.
fn escaped(text: &str) -> usize {
    text.chars().map(|c| if "<>&\"'".contains(c) { 5 } else { c.len_utf8() }).sum()
}
