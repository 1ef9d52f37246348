//! The payer's phone on the dashboard.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, between, curl, does, typed_in};
use crate::harness::{Person, TestApp};
use crate::on_both_databases;

async fn status(app: &TestApp, token: &str) -> String {
    let shown = app.test.get(&format!("/v1/sandbox/mandates/{token}")).await.ok();
    shown["status"].as_str().expect("a status").to_owned()
}

async fn acts(person: &Person, path: &str, action: &str) -> String {
    does(person, path, &[("action", action)]).await
}

on_both_databases! {
    async fn one_click_asks_for_a_mandate(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/phone");
        let html = person.get(&page).await.is(200).to_owned();
        assert!(html.contains("Nobody is asked for anything") && html.contains("3 seconds"));
        let html = does(&person, &page, &[("auto", "off")]).await;
        assert!(html.contains("You answer by hand") && curl(&html).contains("{\"auto\":false}"));
        assert!(curl(&html).contains("-X PATCH"));
        typed_in(&app, &curl(&html)).await.ok();
        let html = does(&person, &page, &[]).await;
        let calls = curl(&html);
        for path in ["/v1/customers", "/v1/orders", "/v1/payments/create/json"] {
            assert!(calls.contains(path), "{path}: {calls}");
        }
        let token = between(&html, "/console/phone/", "\"");
        assert_eq!(status(&app, &token).await, "initiated");
        let shown = person.get(&at(&app, &format!("/phone/{token}"))).await;
        for part in ["Blue Lotus Traders", "₹2,000.00", "initiated", " left", "payment_declined"] {
            assert!(shown.is(200).contains(part), "{part}");
        }
        let html = does(&person, &page, &[("auto", "on")]).await;
        assert!(html.contains("answers by itself"));
    }

    async fn a_payer_does_everything(app: TestApp) {
        app.by_hand().await;
        let mandate = app.pending_mandate(200_000).await;
        let person = app.sign_in(Role::Operate).await;
        let path = at(&app, &format!("/phone/{}", mandate.token));
        let fields = [("action", "approve"), ("vpa", "not an address"), ("name", "<b>Gita</b>")];
        let shown = person.post(&path, &fields).await;
        let html = shown.is(400);
        assert!(html.contains("id=\"vpa-error\"") && html.contains("value=\"not an address\""), "{html}");
        assert!(html.contains("value=\"&#60;b&#62;Gita") && !html.contains("<b>Gita"));
        let fields = [("action", "approve"), ("vpa", "gita@examplebank"), ("name", "Gita")];
        let html = does(&person, &path, &fields).await;
        assert!(html.contains("gita@examplebank") && html.contains("Pause"));
        let again = typed_in(&app, &curl(&html)).await;
        assert_eq!(again.status, 400, "it is approved already");
        assert!(acts(&person, &path, "pause").await.contains("Resume"));
        assert_eq!(status(&app, &mandate.token).await, "paused");
        acts(&person, &path, "resume").await;
        let cancel = format!("{}/cancel", mandate.path());
        app.test.put(&cancel, json!({})).await.ok();
        assert!(person.get(&path).await.is(200).contains("Network says yes"));
        let list = person.get(&at(&app, "/phone")).await;
        assert!(list.is(200).contains("cancellation initiated"));
        acts(&person, &path, "cancel_fail").await;
        assert_eq!(status(&app, &mandate.token).await, "confirmed");
        app.test.put(&cancel, json!({})).await.ok();
        assert!(acts(&person, &path, "cancel_ok").await.contains("Nothing more can be done"));
        let shown = person.post(&path, &[("action", "pause")]).await;
        assert!(shown.is(400).contains("Not done."), "{}", shown.html);
    }

    async fn a_payer_declines_for_a_reason_or_waits(app: TestApp) {
        app.by_hand().await;
        let person = app.sign_in(Role::Operate).await;
        let mandate = app.pending_mandate(200_000).await;
        let path = at(&app, &format!("/phone/{}", mandate.token));
        let shown = person.post(&path, &[("action", "reject"), ("reason", "<i>")]).await;
        assert!(shown.is(400).contains("class=\"error\"") && !shown.html.contains("<i>"));
        let html = does(&person, &path, &[("action", "reject"), ("reason", "incorrect_pin")]).await;
        assert!(html.contains("rejected"));
        let row = app.pay_row(&mandate.payment).await;
        assert_eq!(row["error_reason"], "incorrect_pin");
        let mandate = app.pending_mandate(200_000).await;
        acts(&person, &at(&app, &format!("/phone/{}", mandate.token)), "expire").await;
        assert_eq!(status(&app, &mandate.token).await, "rejected");
        let mandate = app.mandate(200_000).await;
        acts(&person, &at(&app, &format!("/phone/{}", mandate.token)), "revoke").await;
        assert_eq!(status(&app, &mandate.token).await, "cancelled");
    }

    async fn debits_wait_for_the_network(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let person = app.sign_in(Role::Operate).await;
        let path = at(&app, &format!("/phone/{}", mandate.token));
        for (action, reason, want) in [("succeed", "", "captured"), ("fail", "insufficient_funds", "failed")] {
            let answer = app.debit_with(&mandate, 5_000, json!({"notes": {"sandbox": "hold"}})).await;
            assert!(answer.status < 500);
            let shown = person.get(&path).await;
            let payment = between(shown.is(200), "name=\"payment\" value=\"", "\"");
            let fields = [("payment", &*payment), ("action", action), ("reason", reason)];
            let html = does(&person, &path, &fields).await;
            assert!(curl(&html).contains(&format!("/v1/sandbox/payments/{payment}")));
            assert!(html.contains("None. A debit is decided at once"));
            assert_eq!(app.pay_row(&payment).await["status"], want);
        }
    }
}
