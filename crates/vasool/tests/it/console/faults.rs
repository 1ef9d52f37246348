//! The switchboard of faults.

use vasool::web::session::Role;

use super::{at, curl, does, typed_in};
use crate::on_both_databases;

on_both_databases! {
    async fn faults_are_armed_and_cleared(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/faults");
        assert!(person.get(&page).await.is(200).contains("Everything works as it should."));
        let fields = [("what", "webhook.drop"), ("times", "3"), ("events", "payment.captured, order.paid")];
        let html = does(&person, &page, &fields).await;
        assert!(html.contains("0 of 3") && html.contains("armed"));
        let armed = app.test.get("/v1/sandbox/faults").await.ok();
        assert_eq!(armed["items"][0]["events"].as_array().map(Vec::len), Some(2));
        typed_in(&app, &curl(&html)).await.ok();
        assert_eq!(app.test.get("/v1/sandbox/faults").await.ok()["count"], 2);
        for (target, kind) in [("bank", "timeout"), ("upi", "error"), ("nach", "late")] {
            does(&person, &page, &[("what", &format!("{target}.{kind}")), ("times", "1")]).await;
        }
        does(&person, &at(&app, "/faults/clear"), &[]).await;
        let armed = app.test.get("/v1/sandbox/faults").await.ok();
        let items = armed["items"].as_array().expect("items");
        assert!(items.iter().all(|fault| fault["armed"] == false), "{armed}");
    }

    async fn wrong_ones_are_refused_beside_the_field(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        for (fields, wrong) in [
            ([("what", "moon.eclipse"), ("times", "1")], "what"),
            ([("what", "upi.late"), ("times", "<b>")], "times"),
            ([("what", "upi.late"), ("times", "0")], "times"),
            ([("what", "upi.late"), ("operation", "dance")], "operation"),
        ] {
            let shown = person.post(&at(&app, "/faults"), &fields).await;
            let html = shown.is(400);
            assert!(html.contains(&format!("id=\"{wrong}-error\"")), "{fields:?}: {html}");
            assert!(!html.contains("<b>"));
        }
        assert_eq!(app.test.get("/v1/sandbox/faults").await.ok()["count"], 0);
    }
}
