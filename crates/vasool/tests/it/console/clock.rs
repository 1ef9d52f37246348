//! The clock.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, curl, does, typed_in};
use crate::on_both_databases;

on_both_databases! {
    async fn what_falls_due_on_the_way_is_shown(app: TestApp) {
        app.freeze().await;
        let close_by = app.now().await + 3_000;
        let body = json!({"receivers": {"types": ["bank_account"]}, "close_by": close_by});
        let account = app.test.post("/v1/virtual_accounts", body).await.ok();
        let id = account["id"].as_str().expect("an id");
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/clock");
        let shown = person.get(&page).await;
        assert!(shown.is(200).contains(id) && shown.html.contains("closes"), "what falls due");
        let before = app.now().await;
        let html = does(&person, &page, &[("advance", "60")]).await;
        assert!(html.contains("Nothing that merchants are told."));
        assert_eq!(app.now().await, before + 60);
        let html = does(&person, &page, &[("advance", "3600")]).await;
        assert!(html.contains("virtual_account.closed") && html.contains(id), "{html}");
        assert!(html.contains("Nothing is waiting for its time."));
        typed_in(&app, &curl(&html)).await.ok();
        assert_eq!(app.now().await, before + 60 + 2 * 3_600);
    }

    async fn it_stops_and_goes_on(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/clock");
        assert!(does(&person, &page, &[("do", "freeze")]).await.contains("Let it run"));
        assert_eq!(app.test.get("/v1/sandbox/clock").await.ok()["frozen"], true);
        assert!(person.get(&page).await.is(200).contains("clock frozen at"), "said on every page");
        assert!(does(&person, &page, &[("do", "thaw")]).await.contains("Freeze it"));
        assert_eq!(app.test.get("/v1/sandbox/clock").await.ok()["frozen"], false);
        for wrong in ["soon", "-5", "99999999999", "<b>"] {
            let shown = person.post(&page, &[("advance", wrong)]).await;
            let html = shown.is(400);
            assert!(html.contains("id=\"advance-error\"") && !html.contains("<b>"), "{wrong}: {html}");
        }
    }

    async fn starting_over_needs_the_tick(app: TestApp) {
        app.virtual_account().await;
        let person = app.sign_in(Role::Operate).await;
        let path = at(&app, "/reset");
        let shown = person.post(&path, &[]).await;
        assert!(shown.is(400).contains("Tick the box first"));
        assert_eq!(app.test.get("/v1/virtual_accounts").await.ok()["count"], 1);
        let html = does(&person, &path, &[("sure", "yes")]).await;
        assert!(curl(&html).contains("-X DELETE"));
        assert_eq!(app.test.get("/v1/virtual_accounts").await.ok()["count"], 0);
        typed_in(&app, &curl(&html)).await.ok();
    }
}
