//! Nothing of another is readable: rows CM-05, CM-06 and SC-53, over the whole route table.

use axum::body::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Mandate, TestApp, id, link, png, with};
use crate::on_both_databases;

/// Words that only this merchant's data holds.
const MARK: &str = "zebra";

/// What a merchant has, by the name of the path parameter it fills.
struct Owned {
    customer: String,
    account: String,
    payment: String,
    order: String,
    refund: String,
    batch: String,
    code: String,
    bank: String,
    link: String,
    signer: String,
    hook: String,
    merchant: String,
    mandate: Mandate,
    debit: String,
    /// Everything that must not be seen elsewhere.
    secrets: Vec<String>,
}

async fn fill(app: &TestApp) -> Owned {
    let notes = json!({"mark": MARK});
    let hook = json!({
        "url": format!("http://{MARK}.example.test/hook"), "secret": format!("{MARK}_secret"),
        "events": ["virtual_account.created"], "alert_email": format!("{MARK}@example.test")
    });
    let hook = id(&app.test.post("/v1/webhooks", hook).await.ok());
    let customer = json!({"name": MARK, "email": format!("{MARK}@example.test"), "notes": notes});
    let customer = id(&app.test.post("/v1/customers", customer).await.ok());
    let account = app
        .open(json!({
            "receivers": {"types": ["bank_account"]}, "customer_id": customer,
            "description": MARK, "notes": notes
        }))
        .await;
    let number = account["receivers"][0]["account_number"].as_str().unwrap().to_owned();
    let paid = app
        .transfer(json!({
            "account_number": number, "amount": 500, "utr": format!("{MARK}0001"),
            "payer": {"name": MARK, "account_number": format!("{MARK}1234")}
        }))
        .await
        .ok();
    let payment = paid["payment_id"].as_str().unwrap().to_owned();
    let refund = json!({"amount": 100, "notes": notes, "receipt": MARK});
    let refund = id(&app.test.post(&format!("/v1/payments/{payment}/refund"), refund).await.ok());
    app.set(json!({"billing_label": MARK})).await;
    let faults = json!({"target": "webhook", "kind": "drop", "times": 7});
    app.test.post("/v1/sandbox/faults", faults).await.ok();
    app.eventually("a delivery", async || {
        !app.deliveries("virtual_account.created").await.is_empty()
    })
    .await;
    let account = id(&account);
    let merchant = app.merchant.to_string();
    let rows = format!(",{MARK},,{MARK}@batch.test,{MARK}1,{MARK},\n");
    let batch = id(&app.test.upload("virtual_account", &format!("{MARK}.csv"), rows).await.ok());
    app.processed(&batch).await;
    let order = json!({"amount": 500, "currency": "INR", "receipt": MARK, "notes": {"mark": MARK}});
    let order = id(&app.test.post("/v1/orders", order).await.ok());
    let code = json!({
        "type": "upi_qr", "usage": "multiple_use", "name": MARK, "customer_id": customer
    });
    let code = id(&app.test.post("/v1/payments/qr_codes", code).await.ok());
    let paid = json!({"reference": code, "amount": 500, "method": "upi"});
    let by_code = id(&app.test.post("/v1/bharatqr/pay/test", paid).await.ok());
    let bank = json!({
        "ifsc_code": "UTIB0000194", "account_number": "76543219876", "beneficiary_name": MARK
    });
    let path = format!("/v1/customers/{customer}/bank_account");
    let bank = id(&app.test.post(&path, bank).await.ok());
    let fund = json!({
        "customer_id": customer, "account_type": "bank_account", "bank_account": {
            "name": MARK, "account_number": "76543219876", "ifsc": "UTIB0000194"
        }
    });
    let fund = id(&app.test.post("/v1/fund_accounts", fund).await.ok());
    let (link, signer, token) = sign(app).await;
    let mandate = app.mandate(200_000).await;
    let debit = app.debit(&mandate, 500).await.ok();
    let debit = debit["razorpay_payment_id"].as_str().unwrap().to_owned();
    let secrets = [
        MARK,
        &number,
        &customer,
        &account,
        &payment,
        &order,
        &refund,
        &batch,
        &hook,
        &code,
        &by_code,
        &bank,
        &fund,
        &link,
        &signer,
        &token,
        &mandate.customer,
        &mandate.order,
        &mandate.payment,
        &mandate.token,
        &debit,
        "meera@examplebank",
    ];
    let secrets = secrets.map(str::to_owned).to_vec();
    Owned {
        customer,
        account,
        payment,
        order,
        refund,
        batch,
        code,
        bank,
        link,
        signer,
        hook,
        merchant,
        mandate,
        debit,
        secrets,
    }
}

/// A registration link, the customer it made and the mandate that was signed.
async fn sign(app: &TestApp) -> (String, String, String) {
    let body = with(link(), json!({"receipt": MARK, "description": MARK, "notes": {"by": MARK}}));
    let link = app.test.post("/v1/subscription_registration/auth_links", body).await.ok();
    let order = link["order_id"].as_str().unwrap();
    let taken = app.scan(order, "form.png", &png()).await.ok();
    let payment = taken["razorpay_payment_id"].as_str().unwrap();
    let token = app.pay_row(payment).await["token_id"].as_str().unwrap().to_owned();
    (id(&link), link["customer_id"].as_str().unwrap().to_owned(), token)
}

impl Owned {
    /// A route of the table with this merchant's ids in its places.
    fn path(&self, route: &str) -> String {
        let own = if route.contains("/refunds/{id}") {
            &self.refund
        } else if route.contains("/tokens") {
            &self.mandate.customer
        } else if route.contains("/sandbox/mandates/") {
            &self.mandate.token
        } else if route.contains("/sandbox/payments/") {
            &self.debit
        } else if route.contains("/invoices/") {
            &self.link
        } else if route.contains("/customers/") {
            &self.customer
        } else if route.contains("/virtual_accounts/") {
            &self.account
        } else if route.contains("/batches/") {
            &self.batch
        } else if route.contains("/orders/") {
            &self.order
        } else if route.contains("/qr_codes/") {
            &self.code
        } else if route.contains("/payments/") {
            &self.payment
        } else {
            &self.hook
        };
        let path = route
            .replace("{account}", &self.merchant)
            .replace("{payer}", "ba_QcZ9Nobody0001")
            .replace("{code}", "Nobody01")
            .replace("{bank}", &self.bank)
            .replace("{refund}", &self.refund)
            .replace("{token}", &self.mandate.token)
            .replace("{medium}", "email")
            .replace("{id}", own);
        assert!(!path.contains('{'), "{route} has a parameter this test does not know");
        path
    }

    /// What a request can say of this merchant: all that a debit names, and more.
    fn body(&self) -> Value {
        let order = &self.order;
        with(self.mandate.debit(order, 500), json!({"event_ids": ["x"], "action": "approve"}))
    }
}

/// Reads and writes of every route by a stranger: no answer may name anything that is not its own.
async fn look_everywhere(owned: &Owned, stranger: &Client) {
    let methods = [Method::GET, Method::PUT, Method::PATCH, Method::POST, Method::DELETE];
    for (route, _) in vasool::api::routes(true) {
        let path = owned.path(route);
        // A new merchant or a reset of the stranger's own data would only disturb the test.
        if matches!(route, "/v1/sandbox" | "/v1/sandbox/merchants" | "/openapi.json") {
            continue;
        }
        // Pages need no key: who has the link may see what it shows.
        if matches!(route, "/i/{code}" | "/upi/{id}") {
            continue;
        }
        for method in &methods {
            let theirs = json!({"customer_id": owned.customer, "event_ids": ["x"]});
            for body in [json!({}), theirs, owned.body()] {
                let kind = Some("application/json");
                let bytes = Bytes::from(body.to_string());
                let answer = stranger.send(method.clone(), &path, kind, bytes).await;
                let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
                for secret in &owned.secrets {
                    assert!(!text.contains(secret), "{method} {path} shows {secret}: {text}");
                }
                let found = path.contains(&owned.customer)
                    || path.contains(&owned.account)
                    || path.contains(&owned.payment)
                    || path.contains(&owned.order)
                    || path.contains(&owned.code)
                    || path.contains(&owned.refund)
                    || path.contains(&owned.batch)
                    || path.contains(&owned.link)
                    || path.contains(&owned.hook)
                    || path.contains(&owned.merchant)
                    || path.contains(&owned.mandate.customer)
                    || path.contains(&owned.mandate.token)
                    || path.contains(&owned.debit);
                if found {
                    assert_eq!(answer.status, 400, "{method} {path}: {text}");
                }
                if path.contains("/metrics") {
                    continue;
                }
                assert!(answer.status == 200 || answer.status == 400, "{method} {path}: {text}");
            }
        }
    }
    for query in [
        format!("/v1/payments?va_transaction_id={MARK}0001"),
        format!("/v1/payments?virtual_account={}", owned.account),
        format!("/v1/customers?email={MARK}@example.test"),
        format!("/v1/sandbox/deliveries?endpoint_id={}", owned.hook),
        format!("/v1/refunds?payment_id={}", owned.payment),
        format!("/v1/payments/qr_codes?customer_id={}", owned.customer),
        format!("/v1/payments/qr_codes?payment_id={}", owned.payment),
        format!("/v1/fund_accounts?customer_id={}", owned.customer),
        format!("/v1/invoices?customer_id={}", owned.signer),
        format!("/v1/invoices?receipt={MARK}"),
        format!("/v1/sandbox/messages?to={MARK}@example.test"),
    ] {
        let answer = stranger.get(&query).await;
        let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
        assert!(!text.contains("\"id\""), "{query}: {text}");
    }
}

/// Everything of the merchant, to see that nobody changed it.
async fn picture(app: &TestApp, owned: &Owned) -> Vec<String> {
    let mut picture = vec![];
    for path in [
        format!("/v1/customers/{}", owned.customer),
        format!("/v1/customers/{}/tokens", owned.mandate.customer),
        "/v1/orders".to_owned(),
        format!("/v1/virtual_accounts/{}", owned.account),
        format!("/v1/payments/{}/bank_transfer", owned.payment),
        format!("/v1/webhooks/{}", owned.hook),
        "/v1/payments".to_owned(),
        "/v1/payments/qr_codes".to_owned(),
        "/v1/fund_accounts".to_owned(),
        "/v1/refunds".to_owned(),
        format!("/v1/batches/{}", owned.batch),
        format!("/v1/invoices/{}", owned.link),
        format!("/v1/customers/{}/tokens", owned.signer),
        "/v1/sandbox/settings".to_owned(),
        "/v1/sandbox/faults".to_owned(),
    ] {
        picture.push(app.test.get(&path).await.ok().to_string());
    }
    picture
}

on_both_databases! {
    async fn cm_06_and_pn_83_a_foreign_key_sees_nothing(app: TestApp) {
        let owned = fill(&app).await;
        let before = picture(&app, &owned).await;
        // The words of the mark are there to be seen by their owner.
        assert!(before.iter().filter(|text| text.contains(MARK)).count() >= 4);
        let stranger = app.another_merchant().await;
        look_everywhere(&owned, &stranger).await;
        assert_eq!(picture(&app, &owned).await, before);
    }

    async fn cm_05_a_live_key_sees_nothing_of_test_mode(app: TestApp) {
        let mut owned = fill(&app).await;
        let before = picture(&app, &owned).await;
        // The account is the live key's own; what hangs below it is not.
        owned.merchant = "acc_QcZ9Nobody0001".to_owned();
        look_everywhere(&owned, &app.live).await;
        assert_eq!(picture(&app, &owned).await, before);
    }

    async fn cm_06_numbers_of_another_pay_nobody(app: TestApp) {
        let (id, number) = app.virtual_account().await;
        let stranger = app.another_merchant().await;
        let body = json!({"account_number": number, "amount": 500});
        let inbound = stranger.post("/v1/sandbox/bank_transfers", body).await.ok();
        assert_eq!((&inbound["result"], &inbound["payment_id"]), (&json!("returned"), &json!(null)));
        let pay = format!("/v1/virtual_accounts/{id}/pay/test");
        stranger.post(&pay, json!({"amount": 500})).await.refused("The id provided does not exist");
        assert_eq!(app.account(&id).await["amount_paid"], 0);
        // A foreign customer cannot be linked.
        let theirs = stranger.post("/v1/customers", json!({})).await.ok();
        let body = crate::harness::bank_account_with(json!({"customer_id": theirs["id"]}));
        app.test.post("/v1/virtual_accounts", body).await.refused("The id provided does not exist");
    }
}
