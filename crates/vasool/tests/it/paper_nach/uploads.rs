//! Sending the signed form: rows PN-23 to PN-34, PN-39 to PN-42.

use serde_json::{Value, json};

use crate::harness::{id, jpeg, keys, multipart, path_of, png};
use crate::on_both_databases;

/// A refused file: its whole envelope.
fn refused(answer: &crate::harness::Answer, reason: &str, payment: Option<&str>, order: &str) {
    assert_eq!(
        answer.error(400),
        json!({
            "code": "BAD_REQUEST_ERROR", "description": reason.replace('_', " "), "source": "customer",
            "step": "form_upload", "reason": reason,
            "metadata": {"payment_id": payment, "order_id": order},
        })
    );
}

on_both_databases! {
    async fn pn_23_and_24_png_and_jpeg(app: TestApp) {
        for (name, bytes) in [("odd.txt", png()), ("form", jpeg())] {
            let order = id(&app.nach_order().await);
            let taken = app.scan(&order, name, &bytes).await.ok();
            assert_eq!(keys(&taken), ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]);
            let payment = taken["razorpay_payment_id"].as_str().unwrap();
            let message = format!("{order}|{payment}");
            let want = vasool::dispatch::signature::sign(&app.test.key_secret, message.as_bytes());
            assert_eq!(taken["razorpay_signature"], json!(want));
        }
    }

    async fn pn_25_to_28_and_30_files_that_are_refused(app: TestApp) {
        let order = id(&app.nach_order().await);
        let mut large = vec![0xff, 0xd8, 0xff, 0xe0];
        large.resize(6_291_457, 0);
        let mut broken = png()[..8].to_vec();
        broken.extend_from_slice(b"nothing of a picture");
        for (name, bytes, reason) in [
            ("form.pdf", b"%PDF-1.7".to_vec(), "unknown_file_type"),
            ("form.txt", b"hello".to_vec(), "unknown_file_type"),
            ("form.jpg", large, "file_size_exceeds_limit"),
            ("form.png", broken, "image_not_clear"),
            ("form_mismatch.png", png(), "form_mismatch"),
            ("my form_signature_missing 2.png", png(), "form_signature_missing"),
            ("form_data_mismatch.jpg", jpeg(), "form_data_mismatch"),
            ("image_not_clear.png", png(), "image_not_clear"),
        ] {
            refused(&app.scan(&order, name, &bytes).await, reason, None, &order);
        }
        let row = app.order_row(&order).await;
        assert_eq!((&row["status"], &row["attempts"]), (&json!("created"), &json!(0)));
        assert!(app.order_payments(&order).await.is_empty(), "PN-30");
        app.scan(&order, "form.png", &png()).await.ok();
    }

    async fn pn_29_and_34_a_form_at_the_bank(app: TestApp) {
        let paper = app.pending_paper(app.nach_order().await).await;
        let order = id(&paper.order);
        refused(&app.scan(&order, "form.png", &png()).await, "form_status_pending",
                Some(&paper.payment), &order);
        let payment = app.pay_row(&paper.payment).await;
        let want = json!({
            "id": paper.payment, "entity": "payment", "amount": 0, "currency": "INR",
            "status": "created", "order_id": order, "invoice_id": null, "international": false,
            "method": "nach", "amount_refunded": 0, "refund_status": null, "captured": false,
            "description": "Monthly SIP", "card_id": null, "bank": "HDFC", "wallet": null,
            "vpa": null, "email": "asha.verma@example.com", "contact": "+919820012345",
            "customer_id": paper.customer, "token_id": paper.token, "notes": {"branch": "Pune"},
            "fee": null, "tax": null, "error_code": null, "error_description": null,
            "error_source": null, "error_step": null, "error_reason": null, "acquirer_data": {},
            "created_at": payment["created_at"],
        });
        assert_eq!(payment, want);
        let token = app.paper_token(&paper).await;
        assert_eq!((&token["recurring"], &token["recurring_details"]["status"]),
                   (&json!(false), &json!("initiated")));
        let row = app.order_row(&order).await;
        assert_eq!((&row["status"], &row["attempts"]), (&json!("attempted"), &json!(1)));
    }

    async fn pn_31_to_33_parts_and_orders(app: TestApp) {
        let order = id(&app.nach_order().await);
        let picture = png();
        let file = || Some(("form.png", picture.as_slice()));
        let error = app.scan_with(&[], file()).await.refused("The order id field is required.");
        assert_eq!(error["field"], "order_id");
        let error = app.scan_with(&[("order_id", &order)], None).await
            .refused("The file field is required.");
        assert_eq!(error["field"], "file");
        app.scan_with(&[("order_id", &order)], Some(("form.png", b""))).await
            .refused("The file field is required.");
        app.scan_with(&[("order_id", &order), ("recurring", "0")], file()).await
            .refused("The selected recurring is invalid.");
        let plain = app.debit_order(500, json!({})).await;
        app.scan(&plain, "form.png", &png()).await
            .refused("The order does not carry a paper NACH mandate");
        app.scan("order_AAAAAAAAAAAAAA", "form.png", &png()).await
            .refused("The id provided does not exist");
        app.scan("order_x", "form.png", &png()).await.refused("x is not a valid id");
        app.scan_with(&[("order_id", &order)], file()).await.ok();
    }

    async fn pn_33_a_mandate_whose_end_has_passed(app: TestApp) {
        let customer = app.asha().await;
        let now = app.now().await;
        let body = crate::harness::nach_order_with(&customer, json!({"expire_at": now + 1_000}));
        let order = id(&app.test.post("/v1/orders", body).await.ok());
        app.advance(1_001).await;
        app.scan(&order, "form.png", &png()).await.refused("The mandate end date has passed");
    }

    async fn pn_39_and_40_after_the_banks_word(app: TestApp) {
        let first = app.pending_paper(app.nach_order().await).await;
        let order = id(&first.order);
        app.act(&first.token, json!({"action": "reject", "reason": "M003"})).await.ok();
        let second = app.pending_paper(first.order.clone()).await;
        assert!(second.payment != first.payment && second.token != first.token);
        let row = app.order_row(&order).await;
        assert_eq!((&row["attempts"], &row["token"]["recurring_status"]), (&json!(2), &Value::Null));
        app.act(&second.token, json!({"action": "approve"})).await.ok();
        let error = app.scan(&order, "form.png", &png()).await.refused(
            "Your payment has been declined as the order is already paid. Please initiate the \
             payment with a new order.",
        );
        assert_eq!(error["reason"], "order_already_paid");
    }

    async fn pn_41_two_at_once(app: TestApp) {
        app.by_hand().await;
        let order = id(&app.nach_order().await);
        let picture = png();
        let (first, second) = tokio::join!(
            app.scan(&order, "a.png", &picture), app.scan(&order, "b.png", &picture)
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        let loser = if first.status == 400 { first } else { second };
        assert_eq!(loser.error(400)["reason"], "form_status_pending");
        assert_eq!(app.order_payments(&order).await.len(), 1);
    }

    async fn pn_42_from_the_page(app: TestApp) {
        app.by_hand().await;
        let order = app.nach_order().await;
        let path = path_of(&order["token"]["nach"]["upload_form_url"]);
        let send = async |accept: &str, bytes: &[u8]| {
            let (kind, body) = multipart(&[], Some(("form.png", bytes)));
            let client = app.test.with_header("accept", accept);
            client.send_as(hyper::Method::POST, &path, None, Some(&kind), body).await
        };
        let refused = send("application/json", b"hello").await.error(400);
        assert_eq!(refused["reason"], "unknown_file_type");
        let page = send("text/html", b"hello").await;
        let html = String::from_utf8(page.bytes.to_vec()).unwrap();
        assert_eq!(page.status, 400);
        assert!(html.contains("as JPEG or PNG") && html.contains("Upload NACH Form"), "{html}");
        let taken = send("application/json", &png()).await.ok();
        assert_eq!(keys(&taken), ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]);
        let message = format!("{}|{}", id(&order), taken["razorpay_payment_id"].as_str().unwrap());
        let want = vasool::dispatch::signature::sign(&app.test.key_secret, message.as_bytes());
        assert_eq!(taken["razorpay_signature"], json!(want));
        let again = send("text/html", &png()).await;
        let html = String::from_utf8(again.bytes.to_vec()).unwrap();
        assert!(again.status == 400 && html.contains("with the bank"), "{html}");
    }
}
