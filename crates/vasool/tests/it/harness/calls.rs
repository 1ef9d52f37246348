//! Short words for what most tests do.

use serde_json::{Value, json};

use super::{Answer, TestApp};

/// The `id` of an entity.
#[track_caller]
pub fn id(entity: &Value) -> String {
    entity["id"].as_str().unwrap_or_else(|| panic!("no id in {entity}")).to_owned()
}

/// The ids of a collection's items, in order; checks the collection's own keys.
#[track_caller]
pub fn ids(collection: &Value) -> Vec<String> {
    assert_eq!(keys(collection), ["entity", "count", "items"]);
    assert_eq!(collection["entity"], "collection");
    let items = collection["items"].as_array().expect("items");
    assert_eq!(collection["count"], json!(items.len()));
    items.iter().map(id).collect()
}

/// The keys of an object, in the order they were printed.
#[track_caller]
pub fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"))
        .keys()
        .map(|k| &**k)
        .collect()
}

/// Whether a text is a prefix and 14 letters or digits.
pub fn is_id(value: &Value, prefix: &str) -> bool {
    let rest = value.as_str().and_then(|text| text.strip_prefix(prefix));
    rest.is_some_and(|rest| rest.len() == 14 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A plain bank-account request.
pub fn bank_account() -> Value {
    json!({"receivers": {"types": ["bank_account"]}})
}

/// A bank-account request with more fields.
pub fn bank_account_with(more: Value) -> Value {
    let mut body = bank_account();
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

/// A bank-account request with a descriptor.
pub fn described(descriptor: &str) -> Value {
    json!({"receivers": {
        "types": ["bank_account"],
        "bank_account": {"descriptor": descriptor}
    }})
}

impl TestApp {
    /// A customer called Meera Iyer.
    pub async fn customer(&self) -> Value {
        let body = json!({
            "name": "Meera Iyer", "email": "meera@example.test", "contact": "9000012345"
        });
        self.test.post("/v1/customers", body).await.ok()
    }

    /// A virtual account, as answered.
    #[track_caller]
    pub fn open(&self, body: Value) -> impl Future<Output = Value> {
        let call = self.test.clone();
        async move { call.post("/v1/virtual_accounts", body).await.ok() }
    }

    /// A virtual account as it is now.
    pub async fn account(&self, id: &str) -> Value {
        self.test.get(&format!("/v1/virtual_accounts/{id}")).await.ok()
    }

    /// A payment as it is now.
    pub async fn payment(&self, inbound: &Value) -> Value {
        let id = inbound["payment_id"].as_str().expect("a payment");
        self.test.get(&format!("/v1/payments/{id}")).await.ok()
    }

    /// A transfer with any fields.
    pub async fn transfer(&self, body: Value) -> Answer {
        self.test.post("/v1/sandbox/bank_transfers", body).await
    }

    /// Changes settings of test mode.
    pub async fn set(&self, settings: Value) {
        self.test.patch("/v1/sandbox/settings", settings).await.ok();
    }

    /// Stops the merchant's clock, so that instants can be compared exactly.
    pub async fn freeze(&self) -> i64 {
        let clock = self.test.post("/v1/sandbox/clock", json!({"freeze": true})).await.ok();
        clock["now"].as_i64().expect("an instant")
    }

    /// Attempts of this event, newest first.
    pub async fn deliveries(&self, event: &str) -> Vec<Value> {
        let path = format!("/v1/sandbox/deliveries?count=100&event={event}");
        let list = self.test.get(&path).await.ok();
        list["items"].as_array().expect("items").clone()
    }

    /// Waits until a check of the server's answers holds.
    pub async fn eventually<F: AsyncFnMut() -> bool>(&self, what: &str, mut check: F) {
        let waiting = async {
            while !check().await {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let limit = std::time::Duration::from_secs(15);
        assert!(tokio::time::timeout(limit, waiting).await.is_ok(), "waited for: {what}");
    }
}
