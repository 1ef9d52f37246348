//! Short words for mandates: an order for one, its approval, debits.

use serde_json::{Value, json};

use super::{Answer, TestApp, id};

/// An approved mandate.
#[derive(Clone)]
pub struct Mandate {
    pub customer: String,
    /// The authorisation order.
    pub order: String,
    /// The payment that approved it.
    pub payment: String,
    pub token: String,
}

/// `first` with the keys of `more`, which may be null to leave one away.
pub fn with(mut first: Value, more: Value) -> Value {
    let into = first.as_object_mut().expect("an object");
    for (key, value) in more.as_object().expect("an object") {
        match value {
            Value::Null => drop(into.remove(key)),
            value => drop(into.insert(key.clone(), value.clone())),
        }
    }
    first
}

/// The body of an authorisation order: a block, and what one debit may take.
pub fn mandate_order(customer: &str, amount: i64, max_amount: i64) -> Value {
    json!({
        "amount": amount, "currency": "INR", "customer_id": customer, "method": "upi",
        "token": {
            "max_amount": max_amount, "frequency": "as_presented",
            "type": "single_block_multiple_debit",
        },
    })
}

/// The body of an authorisation payment.
pub fn authorisation(customer: &str, order: &str, amount: i64) -> Value {
    json!({
        "amount": amount, "currency": "INR", "order_id": order, "customer_id": customer,
        "method": "upi", "recurring": true, "upi": {"flow": "intent"},
        "contact": "9000012345", "email": "meera@example.test",
    })
}

impl TestApp {
    /// Nothing happens in the sandbox but by a call.
    pub async fn by_hand(&self) {
        self.set(json!({"auto": false})).await;
    }

    /// An authorisation order and its id.
    pub async fn mandate_order(&self, customer: &str, amount: i64) -> String {
        id(&self.test.post("/v1/orders", mandate_order(customer, amount, amount)).await.ok())
    }

    /// Asks the payer: ids of payment and token.
    pub async fn authorise(&self, body: Value) -> (String, String) {
        let answer = self.test.post("/v1/payments/create/json", body).await.ok();
        let payment = answer["razorpay_payment_id"].as_str().expect("a payment").to_owned();
        let row = self.test.get(&format!("/v1/payments/{payment}")).await.ok();
        (payment, row["token_id"].as_str().expect("a token").to_owned())
    }

    /// Makes payer or network act.
    pub async fn act(&self, token: &str, body: Value) -> Answer {
        self.test.post(&format!("/v1/sandbox/mandates/{token}"), body).await
    }

    /// A mandate that waits for its payer. The sandbox must be moved by hand.
    pub async fn pending_mandate(&self, amount: i64) -> Mandate {
        let customer = id(&self.customer_of_mandates().await);
        let order = self.mandate_order(&customer, amount).await;
        let (payment, token) = self.authorise(authorisation(&customer, &order, amount)).await;
        Mandate { customer, order, payment, token }
    }

    /// A mandate that blocks an amount. Moves the sandbox by hand from now on.
    pub async fn mandate(&self, amount: i64) -> Mandate {
        self.mandate_with(amount, json!({})).await
    }

    /// The same with words for the approval.
    pub async fn mandate_with(&self, amount: i64, approval: Value) -> Mandate {
        self.by_hand().await;
        let mandate = self.pending_mandate(amount).await;
        let body = with(json!({"action": "approve", "vpa": "meera@examplebank"}), approval);
        self.act(&mandate.token, body).await.ok();
        mandate
    }

    /// One customer for all mandates of a test.
    pub async fn customer_of_mandates(&self) -> Value {
        let body = json!({
            "name": "Meera Iyer", "email": "meera@example.test", "contact": "9000012345",
            "fail_existing": "0",
        });
        self.test.post("/v1/customers", body).await.ok()
    }

    /// An order to be paid by a debit.
    pub async fn debit_order(&self, amount: i64, more: Value) -> String {
        let body = with(json!({"amount": amount, "currency": "INR"}), more);
        id(&self.test.post("/v1/orders", body).await.ok())
    }

    /// Debits a mandate for a new order.
    pub async fn debit(&self, mandate: &Mandate, amount: i64) -> Answer {
        self.debit_with(mandate, amount, json!({})).await
    }

    /// The same with words of the payment.
    pub async fn debit_with(&self, mandate: &Mandate, amount: i64, more: Value) -> Answer {
        let order = self.debit_order(amount, json!({})).await;
        let body = with(mandate.debit(&order, amount), more);
        self.test.post("/v1/payments/create/json", body).await
    }

    /// A mandate as the API shows it.
    pub async fn token(&self, mandate: &Mandate) -> Value {
        self.test.get(&mandate.path()).await.ok()
    }

    /// Blocked, debited, and the status of a mandate.
    pub async fn block(&self, mandate: &Mandate) -> (i64, i64, String) {
        let details = self.token(mandate).await["recurring_details"].clone();
        let number = |key: &str| details[key].as_i64().expect("a number");
        let status = details["status"].as_str().expect("a status").to_owned();
        (number("amount_blocked"), number("amount_debited"), status)
    }

    /// A payment by its id.
    pub async fn pay_row(&self, id: &str) -> Value {
        self.test.get(&format!("/v1/payments/{id}")).await.ok()
    }

    /// An order by its id.
    pub async fn order_row(&self, id: &str) -> Value {
        self.test.get(&format!("/v1/orders/{id}")).await.ok()
    }

    /// Payments of an order, oldest first.
    pub async fn order_payments(&self, id: &str) -> Vec<Value> {
        let list = self.test.get(&format!("/v1/orders/{id}/payments")).await.ok();
        list["items"].as_array().expect("items").clone()
    }
}

impl Mandate {
    /// Where the API shows it.
    pub fn path(&self) -> String {
        format!("/v1/customers/{}/tokens/{}", self.customer, self.token)
    }

    /// The body of a debit.
    pub fn debit(&self, order: &str, amount: i64) -> Value {
        json!({
            "amount": amount, "currency": "INR", "order_id": order, "customer_id": self.customer,
            "token": self.token, "recurring": "1", "contact": 9_000_012_345_i64,
            "email": "meera@example.test",
        })
    }
}

/// The five error fields of a payment.
pub fn failure(payment: &Value) -> [&str; 5] {
    ["error_code", "error_description", "error_source", "error_step", "error_reason"]
        .map(|key| payment[key].as_str().unwrap_or("null"))
}

/// The same five of an error answer.
pub fn refusal(error: &Value) -> [&str; 5] {
    ["code", "description", "source", "step", "reason"]
        .map(|key| error[key].as_str().unwrap_or("null"))
}
