//! Short words for mandates on paper: an order, a scan, the bank's answer, debits.

use hyper::Method;
use serde_json::{Value, json};

use super::{Answer, TestApp, id, multipart, with};

/// A mandate on paper.
pub struct Paper {
    pub customer: String,
    /// The authorisation order, as it was answered.
    pub order: Value,
    /// The payment that registers it.
    pub payment: String,
    pub token: String,
}

/// A small picture, as PNG.
pub fn png() -> Vec<u8> {
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, 40, 24);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    let pixels: Vec<u8> = (0..40 * 24).map(|at| if at % 7 == 0 { 20 } else { 230 }).collect();
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    bytes
}

/// A small picture, as JPEG.
pub fn jpeg() -> Vec<u8> {
    let mut bytes = vec![];
    let pixels: Vec<u8> = (0..40 * 24).map(|at| if at % 7 == 0 { 20 } else { 230 }).collect();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.encode(&pixels, 40, 24, jpeg_encoder::ColorType::Luma).expect("a picture");
    bytes
}

/// The body of an authorisation order.
pub fn nach_order(customer: &str) -> Value {
    json!({
        "amount": 0, "currency": "INR", "method": "nach", "customer_id": customer,
        "receipt": "NACH-REG-104", "notes": {"branch": "Pune"},
        "token": {
            "auth_type": "physical", "max_amount": 2_500_000, "expire_at": 1_924_991_999,
            "first_payment_amount": 0, "notes": {"plan": "SIP-12"},
            "bank_account": {
                "account_number": "50100012345678", "ifsc_code": "HDFC0000060",
                "beneficiary_name": "Asha Verma", "account_type": "savings",
            },
            "nach": {
                "form_reference1": "SIP folio 7781", "form_reference2": "Asha Verma",
                "description": "Monthly SIP",
            },
        },
    })
}

/// The same with other words in its token.
pub fn nach_order_with(customer: &str, token: Value) -> Value {
    let order = nach_order(customer);
    with(order.clone(), json!({"token": with(order["token"].clone(), token)}))
}

/// The body of a registration link.
pub fn link() -> Value {
    json!({
        "customer": {
            "name": "Asha Verma", "email": "asha.verma@example.com", "contact": 9_820_012_345_i64,
        },
        "amount": 0, "currency": "INR", "type": "link", "description": "Lunch plan 12 pm",
        "subscription_registration": {
            "method": "nach", "auth_type": "physical", "first_payment_amount": 0,
            "bank_account": {
                "beneficiary_name": "Asha Verma", "account_number": 50_100_012_345_678_i64,
                "account_type": "savings", "ifsc_code": "HDFC0000060",
            },
            "nach": {"form_reference1": "Plan LP-12", "form_reference2": "Asha Verma"},
            "expire_at": 1_924_991_999, "max_amount": 50_000,
        },
        "receipt": "LP-12-0007", "sms_notify": 1, "email_notify": 1,
        "notes": {"source": "counter"},
    })
}

impl TestApp {
    /// The customer of all mandates on paper of a test.
    pub async fn asha(&self) -> String {
        let body = json!({
            "name": "Asha Verma", "email": "asha.verma@example.com", "contact": "9820012345",
            "fail_existing": "0",
        });
        id(&self.test.post("/v1/customers", body).await.ok())
    }

    /// An authorisation order.
    pub async fn nach_order(&self) -> Value {
        let customer = self.asha().await;
        self.test.post("/v1/orders", nach_order(&customer)).await.ok()
    }

    /// Uploads a file for an order.
    pub async fn scan(&self, order: &str, name: &str, bytes: &[u8]) -> Answer {
        self.scan_with(&[("order_id", order), ("recurring", "1")], Some((name, bytes))).await
    }

    /// Uploads a form with any fields.
    pub async fn scan_with(&self, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let (kind, body) = multipart(fields, file);
        self.test.send(Method::POST, "/v1/payments/create/nach/file", Some(&kind), body).await
    }

    /// A mandate whose scan is with the bank. Moves the sandbox by hand.
    pub async fn pending_paper(&self, order: Value) -> Paper {
        self.by_hand().await;
        let customer = self.asha().await;
        let order_id = id(&order);
        let taken = self.scan(&order_id, "form.png", &png()).await.ok();
        let payment = taken["razorpay_payment_id"].as_str().expect("a payment").to_owned();
        let token = self.pay_row(&payment).await["token_id"].as_str().expect("a token").to_owned();
        Paper { customer, order, payment, token }
    }

    /// A registered mandate of at most 25,000 rupees.
    pub async fn paper(&self) -> Paper {
        self.paper_of(json!({})).await
    }

    /// The same with other words in the order's token.
    pub async fn paper_of(&self, token: Value) -> Paper {
        let customer = self.asha().await;
        let order = self.test.post("/v1/orders", nach_order_with(&customer, token)).await.ok();
        let paper = self.pending_paper(order).await;
        self.act(&paper.token, json!({"action": "approve"})).await.ok();
        paper
    }

    /// Debits a mandate for a new order.
    pub async fn charge(&self, paper: &Paper, amount: i64, more: Value) -> Answer {
        let order = self.debit_order(amount, json!({})).await;
        let body = with(paper.charge(&order, amount), more);
        self.test.post("/v1/payments/create/recurring", body).await
    }

    /// Makes the bank decide a debit.
    pub async fn decide(&self, payment: &str, body: Value) -> Answer {
        self.test.post(&format!("/v1/sandbox/payments/{payment}"), body).await
    }

    /// A mandate as the API shows it.
    pub async fn paper_token(&self, paper: &Paper) -> Value {
        self.test.get(&paper.path()).await.ok()
    }
}

impl Paper {
    /// Where the API shows it.
    pub fn path(&self) -> String {
        format!("/v1/customers/{}/tokens/{}", self.customer, self.token)
    }

    /// The body of a debit.
    pub fn charge(&self, order: &str, amount: i64) -> Value {
        json!({
            "email": "asha.verma@example.com", "contact": "9820012345", "amount": amount,
            "currency": "INR", "order_id": order, "customer_id": self.customer,
            "token": self.token, "recurring": "1", "description": "Instalment 2",
            "notes": {"instalment": "2"},
        })
    }
}

/// The path of a URL that the server printed.
pub fn path_of(url: &Value) -> String {
    let url = url.as_str().expect("a URL");
    url.strip_prefix("http://pay.example.test").expect("the public URL").to_owned()
}
