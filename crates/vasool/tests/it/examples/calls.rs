//! One call of every operation, in an order in which each has something to show.

use serde_json::{Value, json};

use super::{Call, Recorder};
use crate::harness::{Receiver, authorisation, id, link, mandate_order, path_of, png};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A call with the id of something.
fn about(operation: &str, id: impl Into<String>) -> Call<'static> {
    Call::of(operation).at(id)
}

pub async fn people(recorder: &mut Recorder) {
    for operation in ["healthz", "readyz", "metrics", "openapi_json", "list_methods"] {
        recorder.call(Call::of(operation)).await;
    }
    recorder.call(Call::of("list_methods_without_version")).await;
    let body = json!({"name": "Meera Iyer", "email": "meera@example.com",
                      "contact": "+919000012345", "fail_existing": "0", "notes": {"unit": "14B"}});
    let customer = id(&recorder.call(Call::of("create_customer").body(body)).await);
    recorder.call(about("get_customer", &customer)).await;
    let body = json!({"name": "Meera R. Iyer", "contact": "9000012345"});
    recorder.call(about("edit_customer", &customer).body(body)).await;
    recorder.call(Call::of("list_customers").query("count", 10)).await;
    let body = json!({"ifsc_code": "UTIB0000194", "account_number": "916010082985661",
                      "beneficiary_name": "Meera Iyer"});
    let bank = id(&recorder.call(about("add_bank_account", &customer).body(body)).await);
    recorder.call(about("delete_bank_account", &customer).at(bank)).await;
    let body = json!({"customer_id": customer, "account_type": "bank_account", "bank_account":
        {"name": "Meera Iyer", "account_number": "916010082985661", "ifsc": "UTIB0000194"}});
    recorder.call(Call::of("create_fund_account").body(body)).await;
    recorder.call(Call::of("list_fund_accounts").query("count", 10)).await;
    recorder.call(Call::of("validate_vpa").body(json!({"vpa": "meera@examplebank"}))).await;
}

pub async fn collecting(recorder: &mut Recorder) {
    let body = json!({"amount": 250_000, "currency": "INR", "receipt": "rent-14B",
                      "notes": {"unit": "14B"}});
    let order = id(&recorder.call(Call::of("create_order").body(body)).await);
    recorder.call(about("get_order", &order)).await;
    let notes = json!({"notes": {"unit": "14B", "month": "June"}});
    recorder.call(about("edit_order", &order).body(notes.clone())).await;
    recorder.call(Call::of("list_orders").query("count", 10)).await;

    let body = json!({"receivers": {"types": ["bank_account"]}, "order_id": order,
                      "description": "Rent, unit 14B", "notes": {"unit": "14B"}});
    let account = recorder.call(Call::of("create_virtual_account").body(body)).await;
    let (number, account) = (text(&account["receivers"][0]["account_number"]), id(&account));
    let body = json!({"type": "bank_account", "bank_account":
        {"ifsc": "UTIB0000013", "account_number": "914010098765432"}});
    let allowed = recorder.call(about("add_allowed_payer", &account).body(body)).await;
    let body = json!({"account_number": number, "amount": 250_000, "mode": "NEFT", "payer":
        {"name": "Meera Iyer", "account_number": "914010098765432", "ifsc": "UTIB0000013"}});
    let paid = recorder.call(Call::of("receive_bank_transfer").body(body)).await;
    let payment = text(&paid["payment_id"]);
    let payer = id(&allowed["allowed_payers"][0]);
    recorder.call(about("delete_allowed_payer", &account).at(payer)).await;
    let body = json!({"types": ["vpa"]});
    recorder.call(about("add_receivers", &account).body(body)).await;
    recorder.call(about("get_virtual_account", &account)).await;
    for operation in ["update_virtual_account", "update_virtual_account_by_post"] {
        let body = json!({"description": "Rent, unit 14B", "notes": {"unit": "14B"}});
        recorder.call(about(operation, &account).body(body)).await;
    }
    recorder.call(Call::of("list_virtual_accounts").query("status", "active")).await;
    recorder.call(about("list_virtual_account_payments", &account)).await;
    recorder.call(about("list_order_payments", &order)).await;
    recorder.call(about("get_payment", &payment)).await;
    recorder.call(about("edit_payment", &payment).body(notes.clone())).await;
    recorder.call(Call::of("list_payments").query("count", 10)).await;
    recorder.call(about("get_bank_transfer", &payment)).await;
    recorder.call(Call::of("list_downtimes")).await;

    let body = json!({"receivers": {"types": ["vpa", "qr_code", "bank_account"]}});
    let open = recorder.app.test.post("/v1/virtual_accounts", body).await.ok();
    let receiver = |entity: &str, key: &str| {
        let all = open["receivers"].as_array().expect("receivers");
        text(&all.iter().find(|row| row["entity"] == entity).expect("a receiver")[key])
    };
    let body = json!({"vpa": receiver("vpa", "address"), "amount": 50_000});
    let paid = recorder.call(Call::of("receive_upi_payment").body(body)).await;
    recorder.call(about("get_upi_transfer", text(&paid["payment_id"]))).await;
    let body = json!({"reference": receiver("qr_code", "id"), "amount": 50_000, "method": "card"});
    let paid = recorder.call(Call::of("pay_qr_code").body(body)).await;
    recorder.call(about("get_card", id(&paid))).await;
    let body = json!({"amount": 239_000});
    recorder.call(about("pay_virtual_account", id(&open)).body(body)).await;
    recorder.call(about("close_virtual_account", &account)).await;

    let body = json!({"type": "upi_qr", "usage": "single_use", "fixed_amount": true,
                      "payment_amount": 30_000, "name": "Counter 2", "notes": {"counter": "2"}});
    let code = recorder.call(Call::of("create_qr_code").body(body)).await;
    let (picture, code) = (path_of(&code["image_url"]), id(&code));
    recorder.call(about("open_short_link", picture.trim_start_matches("/i/"))).await;
    recorder.call(about("edit_qr_code", &code).body(notes)).await;
    let body = json!({"qr_code": code, "amount": 30_000});
    recorder.app.test.post("/v1/sandbox/upi_payments", body).await.ok();
    recorder.call(about("get_qr_code", &code)).await;
    recorder.call(about("list_qr_code_payments", &code)).await;
    recorder.call(Call::of("list_qr_codes").query("count", 10)).await;
    let body = json!({"type": "upi_qr", "usage": "multiple_use", "name": "Counter 3"});
    let open = id(&recorder.app.test.post("/v1/payments/qr_codes", body).await.ok());
    recorder.call(about("close_qr_code", open)).await;

    let rows = ",Meera Iyer,9000012345,meera@example.com,,Flat 14B,\n";
    let body = json!({"type": "virtual_account"});
    let call = Call::of("create_batch").body(body).file("rows.csv", rows.as_bytes().to_vec());
    let batch = id(&recorder.call(call).await);
    recorder.app.processed(&batch).await;
    recorder.call(about("get_batch", &batch)).await;
    recorder.call(about("get_batch_report", &batch)).await;
    recorder.call(Call::of("list_batches").query("count", 10)).await;
}

pub async fn refunds(recorder: &mut Recorder) {
    let (_, number) = recorder.app.virtual_account().await;
    let payment = text(&recorder.app.pay(&number, 100_000).await["payment_id"]);
    let body = json!({"amount": 50_000, "receipt": "RF-1", "notes": {"why": "moved out"}});
    let refund = id(&recorder.call(about("refund_payment", &payment).body(body)).await);
    recorder.call(about("get_payment_refund", &payment).at(&refund)).await;
    recorder.call(about("list_payment_refunds", &payment)).await;
    recorder.call(about("get_refund", &refund)).await;
    let notes = json!({"notes": {"why": "moved out"}});
    recorder.call(about("edit_refund", &refund).body(notes)).await;
    let body = json!({"payment_id": payment, "amount": 10_000, "receipt": "RF-2",
                      "speed": "optimum", "notes": {"sandbox": "hold"}});
    let waiting = id(&recorder.call(Call::of("create_refund").body(body)).await);
    recorder.call(about("steer_refund", &waiting).body(json!({"action": "process"}))).await;
    recorder.call(Call::of("list_refunds").query("count", 10)).await;
    let now = recorder.app.now().await;
    let day = vasool_core::calendar::india_date(vasool_core::time::Time(now).to_millis());
    let call = Call::of("list_recon").query("year", day.year).query("month", day.month);
    recorder.call(call.query("count", 10)).await;
}

pub async fn webhooks(recorder: &mut Recorder) {
    let receiver = Receiver::start().await;
    recorder.disguise(&receiver.url.clone(), "https://shop.example.com/hook");
    let account = recorder.app.merchant.to_string();
    let body = json!({"url": receiver.url, "secret": "whsec_1", "alert_email": "ops@example.com",
                      "events": ["payment.captured", "virtual_account.credited"]});
    for suffix in ["", "_of_account", "_of_unnamed_account"] {
        let named = |operation: &str| format!("{operation}_webhook{suffix}");
        let whose = |operation: &str| match suffix {
            "_of_account" => Call::of(operation).at(&account),
            _ => Call::of(operation),
        };
        let create = named("create");
        let hook = id(&recorder.call(whose(&create).body(body.clone())).await);
        let list = format!("list_webhooks{suffix}");
        recorder.call(whose(&list).query("count", 10)).await;
        recorder.call(whose(&named("get")).at(&hook)).await;
        let change = json!({"url": receiver.url, "events": ["payment.captured"], "active": true});
        recorder.call(whose(&named("put")).at(&hook).body(change.clone())).await;
        recorder.call(whose(&named("patch")).at(&hook).body(change.clone())).await;
        if suffix != "_of_account" {
            recorder.call(whose(&format!("edit_only_webhook{suffix}")).body(change)).await;
        }
        if suffix.is_empty() {
            deliveries(recorder, &receiver, &hook).await;
        }
        recorder.call(whose(&named("delete")).at(&hook)).await;
    }
}

async fn deliveries(recorder: &mut Recorder, receiver: &Receiver, hook: &str) {
    receiver.always(500);
    let (_, number) = recorder.app.virtual_account().await;
    recorder.app.pay(&number, 239_000).await;
    let event = receiver.next().await.event_id;
    let app = &recorder.app;
    app.eventually("an attempt", async || !app.deliveries("payment.captured").await.is_empty())
        .await;
    let call = Call::of("list_deliveries").query("event", "payment.captured").query("count", 10);
    recorder.call(call).await;
    let body = json!({"event_ids": [event]});
    recorder.call(about("replay_events", hook).body(body)).await;
}

pub async fn reserve_pay(recorder: &mut Recorder) {
    recorder.app.by_hand().await;
    let customer = id(&recorder.app.customer_of_mandates().await);
    let ask = async |recorder: &Recorder| {
        let body = mandate_order(&customer, 200_000, 200_000);
        let order = id(&recorder.app.test.post("/v1/orders", body).await.ok());
        authorisation(&customer, &order, 200_000)
    };
    let body = ask(recorder).await;
    recorder.call(Call::of("create_payment_upi").body(body)).await;
    let body = ask(recorder).await;
    let asked = recorder.call(Call::of("create_payment_json").named("approval").body(body)).await;
    let payment = text(&asked["razorpay_payment_id"]);
    recorder.call(about("show_mandate", &payment)).await;
    let row = recorder.app.pay_row(&payment).await;
    let token = text(&row["token_id"]);
    recorder.call(about("get_sandbox_mandate", &token).named("upi")).await;
    let body = json!({"action": "approve", "vpa": "asha@examplebank"});
    recorder.call(about("steer_mandate", &token).named("upi").body(body)).await;
    let debit = async |recorder: &Recorder, notes: Value| {
        let order = recorder.app.debit_order(40_000, json!({})).await;
        json!({"amount": 40_000, "currency": "INR", "order_id": order, "customer_id": customer,
               "token": token, "recurring": true, "contact": "9876500001",
               "email": "asha.rao@example.com", "notes": notes})
    };
    let body = debit(recorder, json!({"month": "June"})).await;
    recorder.call(Call::of("create_payment_json").named("debit").body(body)).await;
    let body = debit(recorder, json!({"month": "July"})).await;
    recorder.call(Call::of("create_payment_recurring").named("upi").body(body)).await;
    let body = debit(recorder, json!({"sandbox": "hold"})).await;
    let held = recorder.app.test.post("/v1/payments/create/json", body).await.ok();
    let held = text(&held["razorpay_payment_id"]);
    recorder.call(about("steer_payment", &held).body(json!({"action": "succeed"}))).await;
    capture(recorder, &customer, &token).await;
    recorder.call(about("list_tokens", &customer).named("upi")).await;
    recorder.call(about("get_token", &customer).at(&token).named("upi")).await;
    recorder.call(about("cancel_token", &customer).at(&token)).await;
    recorder.app.act(&token, json!({"action": "cancel_ok"})).await.ok();
    recorder.call(about("delete_token", &customer).at(&token)).await;
    let card = json!({"id": "token_QcA0Card000001"});
    for operation in ["fetch_card_token", "delete_card_token", "card_token_data"] {
        recorder.call(Call::of(operation).body(card.clone())).await;
    }
    recorder.call(Call::of("create_card_token")).await;
}

/// Money that a bank has authorised and that waits to be taken.
async fn capture(recorder: &mut Recorder, customer: &str, token: &str) {
    let order = recorder.app.debit_order(25_000, json!({"payment_capture": false})).await;
    let body = json!({"amount": 25_000, "currency": "INR", "order_id": order,
                      "customer_id": customer, "token": token, "recurring": true,
                      "contact": "9876500001", "email": "asha.rao@example.com"});
    let paid = recorder.app.test.post("/v1/payments/create/json", body).await.ok();
    let body = json!({"amount": 25_000, "currency": "INR"});
    let payment = text(&paid["razorpay_payment_id"]);
    recorder.call(about("capture_payment", payment).body(body)).await;
}

pub async fn paper(recorder: &mut Recorder) {
    let made = recorder.call(Call::of("create_link").body(link())).await;
    let (invoice, order) = (id(&made), text(&made["order_id"]));
    recorder.call(about("get_invoice", &invoice)).await;
    recorder.call(Call::of("list_invoices").query("count", 10)).await;
    recorder.call(about("notify_invoice", &invoice).at("sms")).await;
    let body = json!({"order_id": order, "recurring": "1"});
    let call = Call::of("upload_nach_form").body(body).file("form.png", png());
    let payment = text(&recorder.call(call).await["razorpay_payment_id"]);
    let row = recorder.app.pay_row(&payment).await;
    let (token, customer) = (text(&row["token_id"]), text(&row["customer_id"]));
    recorder.call(about("get_sandbox_mandate", &token).named("nach")).await;
    let body = json!({"action": "approve"});
    recorder.call(about("steer_mandate", &token).named("nach").body(body)).await;
    let order = recorder.app.debit_order(49_900, json!({})).await;
    let body = json!({"amount": 49_900, "currency": "INR", "order_id": order, "token": token,
                      "customer_id": customer, "recurring": true, "contact": "9820012345",
                      "email": "asha.verma@example.com"});
    recorder.call(Call::of("create_payment_recurring").named("nach").body(body)).await;
    recorder.call(about("list_tokens", &customer).named("nach")).await;
    recorder.call(about("get_token", &customer).at(&token).named("nach")).await;
    let another = recorder.app.test.post("/v1/subscription_registration/auth_links", {
        let mut body = link();
        body["receipt"] = json!("LP-12-0008");
        body
    });
    let another = another.await.ok();
    let page = path_of(&another["short_url"]);
    let call = about("upload_from_page", page.trim_start_matches("/i/"));
    recorder.call(call.body(json!({})).file("form.png", png())).await;
    let mut body = link();
    body["receipt"] = json!("LP-12-0009");
    let path = "/v1/subscription_registration/auth_links";
    let another = recorder.app.test.post(path, body).await.ok();
    recorder.call(about("cancel_invoice", id(&another))).await;
}

pub async fn sandbox(recorder: &mut Recorder) {
    recorder.call(Call::of("list_messages").query("channel", "sms").query("count", 10)).await;
    recorder.call(Call::of("get_clock")).await;
    recorder.call(Call::of("set_clock").body(json!({"advance": 900}))).await;
    recorder.call(Call::of("get_settings")).await;
    let body = json!({"auto": false, "va_fee_bps": 100});
    recorder.call(Call::of("change_settings").body(body)).await;
    let body = json!({"target": "webhook", "kind": "drop", "events": ["payment.captured"],
                      "times": 3});
    recorder.call(Call::of("arm_fault").body(body)).await;
    recorder.call(Call::of("list_faults")).await;
    recorder.call(Call::of("disarm_faults")).await;
    let body = json!({"name": "Test 42"});
    recorder.call(Call::of("create_merchant").body(body)).await;
}

pub async fn others(recorder: &mut Recorder) {
    recorder.call(Call::of("reset_sandbox")).await;
}
