//! Mandates on paper as tokens: rows PN-45 to PN-49.

use serde_json::{Value, json};

use crate::harness::{failure, id, ids};
use crate::on_both_databases;

const GONE: &str = "The id provided does not exist";

on_both_databases! {
    async fn pn_45_and_46_list_and_fetch(app: TestApp) {
        let paper = app.paper().await;
        let list = app.test.get(&format!("/v1/customers/{}/tokens", paper.customer)).await.ok();
        let token = app.paper_token(&paper).await;
        let payment = app.pay_row(&paper.payment).await;
        let opaque = token["token"].as_str().unwrap();
        assert_eq!(opaque.len(), 14);
        let want = json!({
            "id": paper.token, "entity": "token", "token": opaque, "bank": "HDFC", "wallet": null,
            "method": "nach", "vpa": null, "recurring": true,
            "recurring_details": {"status": "confirmed", "failure_reason": null},
            "auth_type": "physical", "mrn": null, "used_at": payment["created_at"],
            "created_at": payment["created_at"],
            "bank_details": {
                "beneficiary_name": "Asha Verma", "account_number": "50100012345678",
                "ifsc": "HDFC0000060", "account_type": "savings",
            },
            "max_amount": 2_500_000, "expired_at": 1_924_991_999, "dcc_enabled": false,
        });
        assert_eq!(token, want);
        assert_eq!(list["items"], json!([want]));
        let other = json!({"name": "Other", "email": "o@example.test", "contact": "9000012399"});
        let other = id(&app.test.post("/v1/customers", other).await.ok());
        app.test.get(&format!("/v1/customers/{other}/tokens/{}", paper.token)).await.refused(GONE);
        let stranger = app.another_merchant().await;
        stranger.get(&paper.path()).await.refused(GONE);
        stranger.get(&format!("/v1/orders/{}", id(&paper.order))).await.refused(GONE);
    }

    async fn pn_45_both_methods_share_a_list(app: TestApp) {
        let paper = app.paper().await;
        let order = app.mandate_order(&paper.customer, 200_000).await;
        let body = crate::harness::authorisation(&paper.customer, &order, 200_000);
        app.advance(1).await;
        let (_, upi) = app.authorise(body).await;
        app.act(&upi, json!({"action": "approve"})).await.ok();
        let list = app.test.get(&format!("/v1/customers/{}/tokens", paper.customer)).await.ok();
        assert_eq!(ids(&list), [upi, paper.token]);
    }

    async fn pn_47_an_expired_mandate(app: TestApp) {
        let now = app.now().await;
        let paper = app.paper_of(json!({"expire_at": now + 10_000})).await;
        app.advance(10_001).await;
        let list = app.test.get(&format!("/v1/customers/{}/tokens", paper.customer)).await.ok();
        assert_eq!(list["count"], 0);
        assert_eq!(app.paper_token(&paper).await["id"], json!(paper.token));
        let error = app.charge(&paper, 500, json!({})).await.refused("The mandate is no longer active");
        assert_eq!(error["reason"], "mandate_not_active");
    }

    async fn pn_48_delete(app: TestApp) {
        let (_, receiver) = app.hook(&["token.cancelled"]).await;
        let paper = app.paper().await;
        let kept = app.charge(&paper, 500, json!({})).await.ok();
        assert_eq!(app.test.delete(&paper.path()).await.ok(), json!({"deleted": true}));
        app.test.get(&paper.path()).await.refused(GONE);
        app.test.delete(&paper.path()).await.refused(GONE);
        let list = app.test.get(&format!("/v1/customers/{}/tokens", paper.customer)).await.ok();
        assert_eq!(list["count"], 0);
        app.charge(&paper, 500, json!({})).await.refused(GONE);
        app.act(&paper.token, json!({"action": "cancel_ok"})).await.ok();
        assert_eq!(receiver.next().await.event(), "token.cancelled");
        // A debit on its way goes on.
        let kept = kept["razorpay_payment_id"].as_str().unwrap();
        let row = app.decide(kept, json!({"action": "succeed"})).await.ok();
        assert_eq!(row["status"], "captured");
        app.assert_books_clean().await;
    }

    async fn pn_48_delete_before_the_bank_decides(app: TestApp) {
        let paper = app.pending_paper(app.nach_order().await).await;
        app.test.delete(&paper.path()).await.ok();
        let payment = app.pay_row(&paper.payment).await;
        assert_eq!((&payment["status"], failure(&payment)[4]), (&json!("failed"), "payment_cancelled"));
        app.pending_paper(paper.order.clone()).await;
        app.assert_books_clean().await;
    }

    async fn pn_49_cancel(app: TestApp) {
        let (_, receiver) = app.hook(&["token.cancelled"]).await;
        app.freeze().await;
        let paper = app.paper().await;
        app.set(json!({"auto": true})).await;
        let cancel = format!("{}/cancel", paper.path());
        let answer = app.test.put(&cancel, Value::Null).await.ok();
        assert_eq!(answer, json!({"status": "cancellation_initiated"}));
        app.test.put(&cancel, json!({})).await
            .refused("Token cannot be cancelled in cancellation_initiated status");
        app.charge(&paper, 500, json!({})).await.refused("The mandate is no longer active");
        app.advance(3).await;
        let token = app.paper_token(&paper).await;
        assert_eq!((&token["recurring"], &token["recurring_details"]["status"]),
                   (&json!(false), &json!("cancelled")));
        let event = receiver.next().await.json();
        let details = &event["payload"]["token"]["entity"]["recurring_details"];
        assert_eq!(details, &json!({"status": "cancelled", "failure_reason": null}));
        app.test.put(&cancel, json!({})).await
            .refused("Token cannot be cancelled in cancelled status");
        app.by_hand().await;
        let paper = app.paper().await;
        app.act(&paper.token, json!({"action": "revoke"})).await.ok();
        assert_eq!(app.paper_token(&paper).await["recurring_details"]["status"], "cancelled");
        app.assert_books_clean().await;
    }
    async fn pn_49_accepted_after_it_was_withdrawn(app: TestApp) {
        let paper = app.pending_paper(app.nach_order().await).await;
        app.test.put(&format!("{}/cancel", paper.path()), json!({})).await.ok();
        for action in ["approve", "cancel_fail"] {
            app.act(&paper.token, json!({"action": action})).await.ok();
        }
        let status = &app.paper_token(&paper).await["recurring_details"]["status"];
        assert_eq!(status, "cancelled", "its payment has failed");
        app.assert_books_clean().await;
    }
}
