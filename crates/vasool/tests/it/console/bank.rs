//! The bank's desk.

use serde_json::json;
use vasool::web::session::Role;

use super::{at, curl, does, typed_in};
use crate::dashboard::text;
use crate::harness::nach_order_with;
use crate::on_both_databases;

on_both_databases! {
    async fn forms_are_accepted_and_refused(app: TestApp) {
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/bank");
        assert!(person.get(&page).await.is(200).contains("None. Make a registration link"));
        does(&person, &page, &[("auto", "off")]).await;
        let paper = app.pending_paper(app.nach_order().await).await;
        let shown = person.get(&page).await;
        let html = shown.is(200);
        for part in ["Asha Verma", "5678, HDFC0000060", "₹25,000.00", "M003", "answer by hand"] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("50100012345678"), "the account is masked");
        let scan = at(&app, &format!("/bank/scan/{}", paper.payment));
        assert!(html.contains(&format!("src=\"{scan}\"")));
        let client = person.http.with_header("cookie", &person.cookie);
        let picture = client.send_plain(&scan).await;
        assert_eq!((picture.status, &picture.bytes[..2]), (200, &[0xff, 0xd8][..]));
        assert_eq!(picture.headers["content-type"], "image/jpeg");
        assert_eq!(picture.headers["x-content-type-options"], "nosniff");

        let fields = [("kind", "mandates"), ("id", &*paper.token), ("action", "reject"), ("reason", "M003")];
        let html = does(&person, &page, &fields).await;
        assert!(curl(&html).contains("\"reason\":\"M003\""));
        let reason = app.paper_token(&paper).await["recurring_details"]["failure_reason"].clone();
        assert_eq!(reason, "Drawers signature differs");
        assert_eq!(typed_in(&app, &curl(&html)).await.status, 400, "it is decided");
        let paper = app.pending_paper(app.nach_order().await).await;
        let fields = [("kind", "mandates"), ("id", &*paper.token), ("action", "approve"), ("reason", "M003")];
        does(&person, &page, &fields).await;
        let status = async || app.paper_token(&paper).await["recurring_details"]["status"].clone();
        assert_eq!(status().await, "confirmed");
        app.test.put(&format!("{}/cancel", paper.path()), json!({})).await.ok();
        assert!(person.get(&page).await.is(200).contains("the merchant wants it to end"));
        let act = async |action: &str| {
            let fields = [("kind", "mandates"), ("id", &*paper.token), ("action", action)];
            does(&person, &page, &fields).await
        };
        act("cancel_fail").await;
        assert_eq!(status().await, "confirmed");
        app.test.put(&format!("{}/cancel", paper.path()), json!({})).await.ok();
        act("cancel_ok").await;
        assert_eq!(status().await, "cancelled");
        let shown = person.post(&page, &[("kind", "mandates"), ("id", &paper.token), ("action", "revoke")]).await;
        assert!(shown.is(400).contains("Not done."));
    }

    async fn debits_are_honoured_and_returned(app: TestApp) {
        let paper = app.paper().await;
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/bank");
        for (action, reason, want) in [("succeed", "04", "captured"), ("fail", "04", "failed")] {
            let debit = text(&app.charge(&paper, 10_000, json!({})).await.ok()["razorpay_payment_id"]);
            let shown = person.get(&page).await;
            assert!(shown.is(200).contains(&debit) && shown.html.contains("04: balance insufficient"));
            let fields = [("kind", "payments"), ("id", &*debit), ("action", action), ("reason", reason)];
            let html = does(&person, &page, &fields).await;
            assert!(html.contains("None. A debit of a mandate in force"), "{html}");
            assert_eq!(app.pay_row(&debit).await["status"], want);
        }
        let fields = [("kind", "mandates"), ("id", &*paper.token), ("action", "revoke")];
        does(&person, &page, &fields).await;
        assert_eq!(app.paper_token(&paper).await["recurring_details"]["status"], "cancelled");
    }

    async fn refunds_wait_for_the_bank(app: TestApp) {
        app.by_hand().await;
        let (_, number) = app.virtual_account().await;
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/bank");
        for (action, want) in [("process", "processed"), ("fail", "failed")] {
            let payment = text(&app.pay(&number, 50_000).await["payment_id"]);
            let body = json!({"amount": 10_000, "notes": {"sandbox": "hold"}});
            let refund = app.test.post(&format!("/v1/payments/{payment}/refund"), body).await.ok();
            let refund = text(&refund["id"]);
            assert!(person.get(&page).await.is(200).contains(&refund));
            let html = does(&person, &page, &[("kind", "refunds"), ("id", &*refund), ("action", action)]).await;
            assert!(html.contains("None. A refund with"), "{html}");
            let row = app.test.get(&format!("/v1/refunds/{refund}")).await.ok();
            assert_eq!(row["status"], want);
        }
    }

    async fn names_are_texts_and_paths_are_ids(app: TestApp) {
        let customer = app.asha().await;
        let account = json!({"bank_account": {
            "account_number": "50100012345678", "ifsc_code": "HDFC0000060",
            "beneficiary_name": "<b>Asha</b> \"V\"", "account_type": "savings",
        }});
        let order = app.test.post("/v1/orders", nach_order_with(&customer, account)).await;
        if order.status == 200 {
            app.pending_paper(order.json()).await;
        }
        let paper = app.pending_paper(app.nach_order().await).await;
        let person = app.sign_in(Role::Operate).await;
        let page = at(&app, "/bank");
        let shown = person.get(&page).await;
        assert!(!shown.is(200).contains("<b>Asha"));
        for (kind, id, action) in [
            ("mandates", "../../customers", "approve"),
            ("mandates", "token_00000000000000/../..", "approve"),
            ("payments", &*paper.token, "succeed"),
            ("customers", &*paper.customer, "approve"),
            ("refunds", "rfnd_x", "process"),
            ("mandates", &*paper.token, "explode"),
        ] {
            let fields = [("kind", kind), ("id", id), ("action", action)];
            assert_eq!(person.post(&page, &fields).await.status, 404, "{kind} {id} {action}");
        }
        for id in ["..%2f..", "pay_00000000000000", "pay_x", "%00", &*paper.token] {
            assert_eq!(person.get(&at(&app, &format!("/bank/scan/{id}"))).await.status, 404, "{id}");
        }
        let other = app.another_merchant().await;
        let list = app.app.store.merchants().await.expect("merchants");
        let other_id = list.iter().find(|merchant| merchant.id != app.merchant).expect("another").id;
        let foreign = format!("/dashboard/{other_id}/test/console/bank");
        let path = format!("{foreign}/scan/{}", paper.payment);
        assert_eq!(person.get(&path).await.status, 404, "another merchant has no such scan");
        let fields = [("kind", "mandates"), ("id", &*paper.token), ("action", "approve")];
        let shown = person.post(&foreign, &fields).await;
        assert!(shown.is(400).contains("Not done."), "{}", shown.html);
        drop(other);
    }
}
