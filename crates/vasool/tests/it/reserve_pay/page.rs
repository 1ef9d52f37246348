//! The page a payer opens, and what the payer's app shows.

use serde_json::json;

use crate::harness::{TestApp, keys};
use crate::on_both_databases;

async fn page(app: &TestApp, payment: &str) -> (u16, String) {
    let answer = app.test.send_plain(&format!("/upi/{payment}")).await;
    (answer.status, String::from_utf8(answer.bytes.to_vec()).expect("text"))
}

on_both_databases! {
    async fn the_page_follows_the_mandate(app: TestApp) {
        app.set(json!({"billing_label": "Ant & Bee <b>"})).await;
        app.by_hand().await;
        let mandate = app.pending_mandate(1_234_500).await;
        let (status, html) = page(&app, &mandate.payment).await;
        assert_eq!(status, 200);
        for part in ["₹12,345.00", "<svg", "upi://mandate?", "Test mode", "http-equiv=\"refresh\""] {
            assert!(html.contains(part), "{part} is missing");
        }
        assert!(!html.contains("<b>"), "names are escaped");
        let answer = app.test.send_plain(&format!("/upi/{}", mandate.payment)).await;
        let policy = answer.headers.get("content-security-policy").expect("a policy");
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        let (_, script) = html.split_once("<script src=\"").expect("a script");
        let (script, _) = script.split_once('"').expect("its end");
        let answer = app.test.send_plain(script).await;
        assert_eq!(answer.status, 200, "{script}");
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/javascript"));
        app.act(&mandate.token, json!({"action": "approve"})).await.ok();
        let (_, html) = page(&app, &mandate.payment).await;
        assert!(html.contains("Approved") && !html.contains("<svg") && !html.contains("refresh"));
        app.act(&mandate.token, json!({"action": "revoke"})).await.ok();
        assert!(page(&app, &mandate.payment).await.1.contains("This block is over"));
        let refused = app.pending_mandate(200_000).await;
        app.advance(601).await;
        let (_, html) = page(&app, &refused.payment).await;
        assert!(html.contains("Not approved") && html.contains("could not complete it in time"));
    }

    async fn other_links_lead_nowhere(app: TestApp) {
        let mandate = app.mandate(200_000).await;
        let debit = app.debit(&mandate, 500).await.ok();
        let debit = debit["razorpay_payment_id"].as_str().unwrap().to_owned();
        for payment in [&*debit, "pay_AAAAAAAAAAAAAA", "pay_x", "%3Cscript%3E"] {
            let (status, html) = page(&app, payment).await;
            assert_eq!(status, 404, "{payment}");
            assert!(html.contains("There is nothing here") && !html.contains("script"));
        }
        app.test.delete("/v1/sandbox").await.ok();
        assert_eq!(page(&app, &mandate.payment).await.0, 404, "a reset takes it away");
    }

    async fn what_the_payers_app_shows(app: TestApp) {
        app.by_hand().await;
        app.freeze().await;
        let mandate = app.pending_mandate(200_000).await;
        app.advance(100).await;
        let path = format!("/v1/sandbox/mandates/{}", mandate.token);
        let shown = app.test.get(&path).await.ok();
        assert_eq!(keys(&shown), [
            "entity", "token_id", "payment_id", "order_id", "status", "seconds_left", "intent",
            "link", "page_url",
        ]);
        assert_eq!((&shown["status"], &shown["seconds_left"]), (&json!("initiated"), &json!(500)));
        let url = format!("http://pay.example.test/upi/{}", mandate.payment);
        assert_eq!((&shown["page_url"], &shown["intent"]["am"]), (&json!(url), &json!("2000.00")));
        app.advance(500).await;
        let shown = app.test.get(&path).await.ok();
        assert_eq!((&shown["status"], &shown["seconds_left"]), (&json!("rejected"), &json!(0)));
    }
}
