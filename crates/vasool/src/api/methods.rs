//! Payment methods of a merchant. Source: common 12.1.

use serde_json::json;

use super::answer::Json;
use super::caller::PublicCaller;

/// `GET /v1/methods`, and `/methods` for the Python SDK. Tells what this server can take: money
/// sent to account numbers.
pub async fn list_methods(_: PublicCaller) -> Json {
    Json::of(&json!({
        "entity": "methods",
        "card": false,
        "debit_card": false,
        "credit_card": false,
        "prepaid_card": false,
        "card_networks": {
            "AMEX": 0, "DICL": 0, "MC": 0, "MAES": 0, "VISA": 0, "JCB": 0, "RUPAY": 0, "BAJAJ": 0
        },
        "card_subtype": {"consumer": 0, "business": 0},
        "amex": false,
        "netbanking": {},
        "wallet": {},
        "emi": false,
        "upi": true,
        "upi_intent": true,
        "bank_transfer": true,
        "nach": true,
        "cardless_emi": [],
        "paylater": [],
        "emi_subvention": "customer",
        "emi_options": {},
        "emi_plans": {},
        "recurring": {"upi": true, "nach": true, "emandate": {}}
    }))
}
