//! Registration links: rows PN-50 to PN-64.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{TestApp, id, ids, link, path_of, png, with};
use crate::on_both_databases;

async fn made(app: &TestApp, more: Value) -> Value {
    app.test.post("/v1/subscription_registration/auth_links", with(link(), more)).await.ok()
}

async fn refused(app: &TestApp, more: Value, text: &str, field: &str) {
    let body = with(link(), more);
    let error = app.test.post("/v1/subscription_registration/auth_links", body).await.refused(text);
    assert_eq!(error["field"], field, "{text}");
}

async fn invoice(app: &TestApp, link: &Value) -> Value {
    app.test.get(&format!("/v1/invoices/{}", id(link))).await.ok()
}

/// Sends the signed form of a link: ids of payment and token.
async fn upload(app: &TestApp, link: &Value) -> (String, String) {
    let order = link["order_id"].as_str().unwrap();
    let taken = app.scan(order, "form.png", &png()).await.ok();
    let payment = taken["razorpay_payment_id"].as_str().unwrap().to_owned();
    let token = app.pay_row(&payment).await["token_id"].as_str().unwrap().to_owned();
    (payment, token)
}

on_both_databases! {
    async fn pn_50_52_and_62_registration_link(app: TestApp) {
        let now = app.freeze().await;
        let row = made(&app, json!({"expire_by": now + 86_400})).await;
        let customer = row["customer_id"].as_str().unwrap();
        let (short, form) = (row["short_url"].clone(), row["nach_form_url"].clone());
        let notes = json!({"source": "counter"});
        let want = json!({
            "id": id(&row), "entity": "invoice", "receipt": "LP-12-0007",
            "invoice_number": "LP-12-0007", "customer_id": customer,
            "customer_details": {
                "id": customer, "name": "Asha Verma", "email": "asha.verma@example.com",
                "contact": "9820012345", "gstin": null, "billing_address": null,
                "shipping_address": null, "customer_name": "Asha Verma",
                "customer_email": "asha.verma@example.com", "customer_contact": "9820012345",
            },
            "order_id": row["order_id"], "line_items": [], "payment_id": null, "status": "issued",
            "expire_by": now + 86_400, "issued_at": now, "paid_at": null, "cancelled_at": null,
            "expired_at": null, "sms_status": "sent", "email_status": "sent", "date": now,
            "terms": null, "partial_payment": false, "gross_amount": 0, "tax_amount": 0,
            "taxable_amount": 0, "amount": 0, "amount_paid": 0, "amount_due": 0,
            "first_payment_min_amount": null, "currency": "INR", "currency_symbol": "₹",
            "description": "Lunch plan 12 pm", "notes": notes, "comment": null, "short_url": short,
            "view_less": true, "billing_start": null, "billing_end": null, "type": "link",
            "group_taxes_discounts": false, "supply_state_code": null, "subscription_status": null,
            "user_id": null, "created_at": now, "idempotency_key": null, "reminder_status": null,
            "auth_link_status": "issued",
            "token": {
                "method": "nach", "notes": notes, "recurring_status": null, "failure_reason": null,
                "currency": "INR", "max_amount": 50_000, "auth_type": "physical",
                "expire_at": 1_924_991_999,
                "nach": {
                    "create_form": true, "form_reference1": "Plan LP-12",
                    "form_reference2": "Asha Verma", "prefilled_form": form,
                    "prefilled_form_transient": form, "upload_form_url": short,
                    "description": "Lunch plan 12 pm",
                },
                "bank_account": {
                    "ifsc": "HDFC0000060", "bank_name": "HDFC Bank", "name": "Asha Verma",
                    "account_number": "50100012345678", "account_type": "savings",
                    "beneficiary_email": "asha.verma@example.com",
                    "beneficiary_mobile": "9820012345",
                },
                "first_payment_amount": 0,
            },
            "nach_form_url": form,
        });
        assert_eq!(row, want);
        assert_eq!(invoice(&app, &row).await, want, "PN-62");
        let list = app.test.get("/v1/invoices?type=link").await.ok();
        assert_eq!(list["items"], json!([want]));
        let messages = app.test.get("/v1/sandbox/messages").await.ok();
        let channels: Vec<&Value> =
            messages["items"].as_array().unwrap().iter().map(|one| &one["channel"]).collect();
        assert!(channels.contains(&&json!("sms")) && channels.contains(&&json!("email")));
        assert!(messages["items"][0]["text"].as_str().unwrap().contains(short.as_str().unwrap()));
    }

    async fn pn_51_notify_flags(app: TestApp) {
        for (sms, email, want) in [
            (json!(0), json!(1), [Value::Null, json!("sent")]),
            (json!("1"), json!(false), [json!("sent"), Value::Null]),
            (json!(true), Value::Null, [json!("sent"), json!("sent")]),
        ] {
            let row = made(&app, json!({"sms_notify": sms, "email_notify": email})).await;
            assert_eq!([row["sms_status"].clone(), row["email_status"].clone()], want);
        }
    }

    async fn pn_53_and_54_what_is_refused(app: TestApp) {
        let now = app.now().await;
        let soon = "expire_by should be at least 15 minutes after current time";
        refused(&app, json!({"expire_by": now + 60}), soon, "expire_by").await;
        let registration = link()["subscription_registration"].clone();
        let part = |more: Value| json!({"subscription_registration": with(registration.clone(), more)});
        for (more, text, field) in [
            (json!({"customer": null}), "customer is required.", "customer"),
            (json!({"customer": {"name": "Asha Verma", "email": "a@b.in"}}), "The contact field is required.", "customer.contact"),
            (json!({"type": null}), "The type field is required.", "type"),
            (json!({"type": "invoice"}), "The selected type is invalid.", "type"),
            (json!({"amount": 100}), "The amount should be 0.", "amount"),
            (json!({"amount": null}), "The amount field is required.", "amount"),
            (json!({"currency": "USD"}), "The currency should be INR when method is nach", "currency"),
            (json!({"description": null}), "The description field is required.", "description"),
            (json!({"subscription_registration": null}), "The subscription registration field is required.", "subscription_registration"),
            (part(json!({"method": "card"})), "The selected method is invalid.", "subscription_registration.method"),
            (part(json!({"auth_type": "aadhaar"})), "The selected auth type is invalid.", "subscription_registration.auth_type"),
            (part(json!({"max_amount": 1})), "The minimum transaction amount allowed is Re. 5.", "subscription_registration.max_amount"),
            (json!({"receipt": "r".repeat(41)}), "The receipt may not be greater than 40 characters.", "receipt"),
            (json!({"sms_notify": "perhaps"}), "The sms notify field must be true or false.", "sms_notify"),
        ] {
            refused(&app, more, text, field).await;
        }
        assert_eq!(app.test.get("/v1/invoices").await.ok()["count"], 0);
        assert_eq!(app.test.get("/v1/customers").await.ok()["count"], 0, "nothing is stored");
    }

    async fn pn_55_and_56_customer_and_order(app: TestApp) {
        let (first, second) = (made(&app, json!({})).await, made(&app, json!({})).await);
        assert_eq!(first["customer_id"], second["customer_id"]);
        let named = made(&app, json!({"customer": null, "customer_id": first["customer_id"]})).await;
        assert_eq!(named["customer_details"], first["customer_details"]);
        let order = app.order_row(first["order_id"].as_str().unwrap()).await;
        assert_eq!(order["token"], first["token"]);
        assert_eq!((&order["amount"], &order["receipt"], &order["notes"]),
                   (&json!(0), &json!("LP-12-0007"), &json!({"source": "counter"})));
        let ten_years = made(&app, json!({"subscription_registration":
            with(link()["subscription_registration"].clone(), json!({"expire_at": null}))})).await;
        let years = ten_years["token"]["expire_at"].as_i64().unwrap()
            - ten_years["created_at"].as_i64().unwrap();
        assert!([2, 3].contains(&(years / 86_400 - 3_650)));
    }

    async fn pn_57_notify(app: TestApp) {
        let row = made(&app, json!({"sms_notify": 0, "email_notify": 0})).await;
        let notify = async |medium: &str| {
            app.test.post(&format!("/v1/invoices/{}/notify_by/{medium}", id(&row)), Value::Null).await
        };
        for medium in ["sms", "email"] {
            assert_eq!(notify(medium).await.ok(), json!({"success": true}));
        }
        let row_now = invoice(&app, &row).await;
        assert_eq!((&row_now["sms_status"], &row_now["email_status"]), (&json!("sent"), &json!("sent")));
        notify("fax").await.refused("fax is not a valid communication medium");
        app.test.post("/v1/invoices/inv_AAAAAAAAAAAAAA/notify_by/sms", json!({})).await
            .refused("The id provided does not exist");
        let customer = json!({"name": "No Mail", "contact": "9000012388"});
        let customer = id(&app.test.post("/v1/customers", customer).await.ok());
        let row = made(&app, json!({"customer": null, "customer_id": customer})).await;
        assert_eq!((&row["email_status"], &row["sms_status"]), (&Value::Null, &json!("sent")));
        let path = format!("/v1/invoices/{}/notify_by/email", id(&row));
        assert_eq!(app.test.post(&path, json!({})).await.ok(), json!({"success": false}));
    }

    async fn pn_58_and_59_cancel(app: TestApp) {
        let row = made(&app, json!({})).await;
        let path = format!("/v1/invoices/{}/cancel", id(&row));
        let cancelled = app.test.post(&path, json!({})).await.ok();
        assert_eq!((&cancelled["status"], &cancelled["auth_link_status"]),
                   (&json!("cancelled"), &json!("cancelled")));
        assert!(cancelled["cancelled_at"].is_i64());
        assert_eq!(cancelled["token"], row["token"]);
        let text = "Operation not allowed for Invoice in cancelled status.";
        let error = app.test.post(&path, json!({})).await.refused(text);
        assert_eq!(error["reason"], "input_validation_failed");
        let notify = format!("/v1/invoices/{}/notify_by/sms", id(&row));
        app.test.post(&notify, json!({})).await.refused(text);
        let order = row["order_id"].as_str().unwrap();
        app.scan(order, "form.png", &png()).await.refused(text);
        let page = app.test.send_plain(&path_of(&row["short_url"])).await;
        let html = String::from_utf8(page.bytes.to_vec()).unwrap();
        assert!(html.contains("cancelled") && !html.contains("<form") && !html.contains("Download"));
    }

    async fn pn_58_a_form_at_the_bank_is_not_recalled(app: TestApp) {
        let (_, receiver) = app.hook(&["invoice.paid", "token.confirmed"]).await;
        app.by_hand().await;
        let row = made(&app, json!({})).await;
        let (payment, token) = upload(&app, &row).await;
        app.test.post(&format!("/v1/invoices/{}/cancel", id(&row)), json!({})).await.ok();
        app.act(&token, json!({"action": "approve"})).await.ok();
        assert_eq!(app.pay_row(&payment).await["status"], "captured");
        assert_eq!(invoice(&app, &row).await["status"], "cancelled");
        assert_eq!(receiver.next().await.event(), "token.confirmed");
        app.assert_books_clean().await;
    }

    async fn pn_60_paid(app: TestApp) {
        let (_, receiver) = app.hook(&["invoice.paid"]).await;
        app.by_hand().await;
        let now = app.freeze().await;
        let row = made(&app, json!({})).await;
        let (payment, token) = upload(&app, &row).await;
        let pending = app.pay_row(&payment).await;
        assert_eq!((&pending["invoice_id"], &pending["description"]),
                   (&json!(id(&row)), &json!(format!("Invoice #{}", id(&row)))));
        app.advance(60).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        let paid = invoice(&app, &row).await;
        assert_eq!((&paid["status"], &paid["paid_at"], &paid["payment_id"]),
                   (&json!("paid"), &json!(now + 60), &json!(payment)));
        assert_eq!(paid["token"]["recurring_status"], "confirmed");
        app.test.post(&format!("/v1/invoices/{}/cancel", id(&row)), json!({})).await
            .refused("Operation not allowed for Invoice in paid status.");
        let event = receiver.next().await.json();
        assert_eq!(event["contains"], json!(["payment", "order", "invoice"]));
        let told = &event["payload"]["invoice"]["entity"];
        assert_eq!((&told["status"], &told["payment_id"]), (&json!("paid"), &json!(payment)));
        assert_eq!((told.get("line_items"), told.get("auth_link_status")), (None, None));
        assert_eq!(told["token"]["recurring_status"], Value::Null);
        let filter = format!("/v1/invoices?payment_id={payment}");
        assert_eq!(ids(&app.test.get(&filter).await.ok()), [id(&row)]);
        assert!(ids(&app.test.get("/v1/invoices?receipt=other").await.ok()).is_empty());
        app.assert_books_clean().await;
    }

    async fn pn_61_expiry(app: TestApp) {
        let (_, receiver) = app.hook(&["invoice.expired", "invoice.paid"]).await;
        app.by_hand().await;
        let now = app.freeze().await;
        let row = made(&app, json!({"expire_by": now + 1_000})).await;
        app.advance(999).await;
        assert_eq!(invoice(&app, &row).await["status"], "issued");
        app.advance(1).await;
        let expired = invoice(&app, &row).await;
        assert_eq!((&expired["status"], &expired["expired_at"], &expired["payment_id"]),
                   (&json!("expired"), &json!(now + 1_000), &Value::Null));
        let event = receiver.next().await.json();
        assert_eq!((&event["event"], &event["contains"]), (&json!("invoice.expired"), &json!(["invoice"])));
        app.scan(row["order_id"].as_str().unwrap(), "f.png", &png()).await
            .refused("Operation not allowed for Invoice in expired status.");
        // A scan at the bank holds the end up.
        let held = made(&app, json!({"expire_by": now + 3_000})).await;
        let (_, token) = upload(&app, &held).await;
        app.advance(3_000).await;
        assert_eq!(invoice(&app, &held).await["status"], "issued");
        app.act(&token, json!({"action": "reject"})).await.ok();
        assert_eq!(invoice(&app, &held).await["status"], "expired");
        let late = made(&app, json!({"expire_by": now + 6_000})).await;
        let (_, token) = upload(&app, &late).await;
        app.advance(3_000).await;
        app.act(&token, json!({"action": "approve"})).await.ok();
        assert_eq!(invoice(&app, &late).await["status"], "paid");
        app.assert_books_clean().await;
    }

    async fn pn_61_an_overdue_link_ends_with_its_mandate(app: TestApp) {
        let (_, receiver) = app.hook(&["invoice.expired"]).await;
        app.by_hand().await;
        let now = app.freeze().await;
        for (at, revoked) in [(1, false), (2, true)] {
            let row = made(&app, json!({"expire_by": now + at * 1_000})).await;
            let (_, token) = upload(&app, &row).await;
            app.advance(1_000).await;
            assert_eq!(invoice(&app, &row).await["status"], "issued", "its scan is at the bank");
            if revoked {
                app.act(&token, json!({"action": "revoke"})).await.ok();
            } else {
                let customer = row["customer_id"].as_str().unwrap();
                let path = format!("/v1/customers/{customer}/tokens/{token}/cancel");
                app.test.put(&path, json!({})).await.ok();
            }
            let told = receiver.next().await.json();
            let told = &told["payload"]["invoice"]["entity"];
            assert_eq!((&told["id"], &told["expired_at"]), (&row["id"], &json!(now + at * 1_000)));
            assert_eq!(invoice(&app, &row).await["status"], "expired");
        }
        app.assert_books_clean().await;
    }

    async fn pn_63_and_64_bodies(app: TestApp) {
        for body in [&b""[..], b"{}", b"null", b"\"\""] {
            let row = made(&app, json!({})).await;
            let kind = (!body.is_empty()).then_some("application/json");
            for path in ["notify_by/sms", "cancel"] {
                let path = format!("/v1/invoices/{}/{path}", id(&row));
                let answer = app.test.send(Method::POST, &path, kind, Bytes::from_static(body)).await;
                if body == b"\"\"" {
                    // A JSON text is no body. Source: decisions 8.
                    assert!([200, 400].contains(&answer.status));
                } else {
                    answer.ok();
                }
            }
        }
        let form = "customer[name]=Asha+Verma&customer[email]=asha.verma%40example.com\
            &customer[contact]=9820012345&amount=0&currency=INR&type=link&description=Lunch\
            &subscription_registration[method]=nach&subscription_registration[auth_type]=physical\
            &subscription_registration[bank_account][beneficiary_name]=Asha+Verma\
            &subscription_registration[bank_account][account_number]=50100012345678\
            &subscription_registration[bank_account][ifsc_code]=HDFC0000060\
            &subscription_registration[max_amount]=50000&sms_notify=1&notes[a]=b";
        let row = app.test.form("/v1/subscription_registration/auth_links", form).await.ok();
        assert_eq!((&row["token"]["max_amount"], &row["notes"]), (&json!(50_000), &json!({"a": "b"})));
    }
}
