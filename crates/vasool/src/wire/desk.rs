//! Rows that only the dashboard lists: the API has them by customer, or not at all.

use serde_json::{Value as Json, json};
use vasool_core::event::Occurrence;
use vasool_core::id::EventId;
use vasool_core::nach_token::NachToken;
use vasool_core::tenant::ApiKey;
use vasool_core::token::Token;
use vasool_core::working_set::Alert;

use super::paper_nach::token::NachTokenOut;
use super::token::TokenOut;

/// A mandate by UPI with whose it is.
pub fn mandate(row: &Token) -> Json {
    let ids = json!({
        "customer_id": row.customer.to_string(),
        "order_id": row.order.to_string(),
        "payment_id": row.payment.to_string(),
    });
    joined(serde_json::to_value(TokenOut::plain(row)), ids)
}

/// A mandate on paper with whose it is, and the number its bank knows it by.
pub fn paper_mandate(row: &NachToken) -> Json {
    let ids = json!({
        "customer_id": row.customer.to_string(),
        "order_id": row.order.to_string(),
        "payment_id": row.payment.to_string(),
        "umrn": row.umrn,
    });
    joined(serde_json::to_value(NachTokenOut::plain(row)), ids)
}

fn joined(entity: serde_json::Result<Json>, more: Json) -> Json {
    let mut entity = entity.unwrap_or_default();
    if let (Json::Object(entity), Json::Object(more)) = (&mut entity, more) {
        entity.extend(more);
    }
    entity
}

/// The events of an occurrence, the last first, with what they are about.
pub fn events(row: &Occurrence) -> Vec<Json> {
    let mut all: Vec<(EventId, _)> = row.events().collect();
    all.reverse();
    let about = about(row);
    all.into_iter()
        .map(|(id, kind)| {
            json!({
                "id": id.to_string(),
                "event": kind.as_str(),
                "about": about,
                "created_at": row.created_at.0,
            })
        })
        .collect()
}

/// The id of what an occurrence is about: the most particular of its rows.
pub fn about(row: &Occurrence) -> Option<String> {
    let snapshot = &row.snapshot;
    let ids = [
        snapshot.refund.as_ref().map(|row| row.id.to_string()),
        snapshot.invoice.as_ref().map(|row| row.id.to_string()),
        snapshot.payment.as_ref().map(|row| row.id.to_string()),
        snapshot.token.as_ref().map(|row| row.id.to_string()),
        snapshot.nach_token.as_ref().map(|row| row.id.to_string()),
        snapshot.qr_code.as_ref().map(|row| row.id.to_string()),
        snapshot.virtual_account.as_ref().map(|row| row.id.to_string()),
        snapshot.order.as_ref().map(|row| row.id.to_string()),
    ];
    ids.into_iter().flatten().next()
}

/// What operators were told.
pub fn alert(row: &Alert) -> Json {
    json!({
        "id": row.id.to_string(),
        "body": row.text,
        "reference": row.reference,
        "connector": row.connector,
        "created_at": row.created_at.0,
    })
}

/// An API key, without its secret.
pub fn api_key(row: &ApiKey) -> Json {
    json!({
        "id": format!("rzp_{}_{}", row.mode.as_str(), row.id),
        "created_at": row.created_at.0,
        "expires_at": row.expires_at.map(|at| at.0),
    })
}
