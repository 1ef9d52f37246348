//! Refunds on the wire. Source: common 9, sandbox 3.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use vasool_core::customer::Notes;
use vasool_core::id::{PaymentId, RefundId};
use vasool_core::refund::{RECEIPT_CHARACTERS_MAX, Refund, Speed};
use vasool_core::refunds::Steering;

use super::error::ApiError;
use super::fields::Fields;
use super::notes::read_notes;
use super::out::{Id, NotesOut};
use super::strict::extra_keys;

/// Fields of a refund. Source: common 9.2.
const KEYS: &[&str] = &["amount", "speed", "receipt", "notes"];
/// Longest number or reason of a sandbox call.
const WORD_MAX: usize = 64;

/// The refund entity. Source: common 9.1, smart-collect 5.14.
#[derive(Serialize)]
pub struct RefundOut<'a> {
    id: Id<RefundId>,
    entity: &'static str,
    amount: i64,
    currency: &'static str,
    payment_id: Id<PaymentId>,
    notes: NotesOut<'a>,
    receipt: Option<&'a str>,
    acquirer_data: AcquirerOut<'a>,
    created_at: i64,
    batch_id: Option<()>,
    status: &'static str,
    speed_processed: &'static str,
    speed_requested: &'static str,
}

/// The bank's number under the name it has.
struct AcquirerOut<'a>(&'a Refund);

impl Serialize for AcquirerOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0.reference_kind.as_str(), &self.0.reference)?;
        map.end()
    }
}

impl<'a> From<&'a Refund> for RefundOut<'a> {
    fn from(row: &'a Refund) -> Self {
        RefundOut {
            id: Id(row.id),
            entity: "refund",
            amount: row.amount.get(),
            currency: "INR",
            payment_id: Id(row.payment),
            notes: NotesOut(&row.notes),
            receipt: row.receipt.as_deref(),
            acquirer_data: AcquirerOut(row),
            created_at: row.created_at.0,
            batch_id: None,
            status: row.state.told(),
            speed_processed: row.pace.as_str(),
            speed_requested: row.requested.as_str(),
        }
    }
}

/// A refund as a client wants it, its payment aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// As given; limits are checked where the payment is known.
    pub amount: Option<i64>,
    /// How fast.
    pub speed: Speed,
    /// The merchant's reference.
    pub receipt: Option<String>,
    /// The merchant's notes.
    pub notes: Notes,
}

/// Reads the fields of a refund, refusing keys nobody asked for. `beside`: keys that the route reads
/// itself. Source: common 9.2.
pub fn read_refund(fields: &Fields<'_>, beside: &[&str]) -> Result<RefundRequest, ApiError> {
    let amount = fields.integer("amount")?;
    let speed = fields.chosen("speed", Speed::parse)?.unwrap_or_default();
    let receipt = fields.text("receipt")?.map(|receipt| receipt.into_owned());
    if receipt.as_ref().is_some_and(|receipt| receipt.chars().count() > RECEIPT_CHARACTERS_MAX) {
        return Err(ApiError::receipt_too_long());
    }
    let notes = read_notes(fields)?;
    let allowed: Vec<&str> = KEYS.iter().chain(beside).copied().collect();
    match extra_keys(fields, &allowed) {
        Some(error) => Err(error),
        None => Ok(RefundRequest { amount, speed, receipt, notes }),
    }
}

impl RefundRequest {
    /// The request in a spelling of its own, equal for equal requests whatever their encoding and
    /// the order of their keys. Source: common 5.8.
    pub fn canonical(&self, payment: PaymentId) -> String {
        let mut notes: Vec<_> = self.notes.iter().collect();
        notes.sort();
        let (amount, receipt) = (self.amount, &self.receipt);
        // Printed for programmers: texts are quoted, so no two requests print alike.
        format!("{payment} {amount:?} {} {receipt:?} {notes:?}", self.speed.as_str())
    }
}

/// Reads `POST /v1/sandbox/refunds/:id`. Source: sandbox 3, decisions 20.
pub fn read_steering(fields: &Fields<'_>) -> Result<Steering, ApiError> {
    let action = fields.required_choice("action", &["process", "fail", "reference"])?;
    let word = |name| match fields.text(name)? {
        Some(text) if text.chars().count() > WORD_MAX => Err(ApiError::too_long(name, WORD_MAX)),
        text => Ok(text.map(|text| text.into_owned())),
    };
    let mut reference = None;
    for name in ["reference", "rrn", "arn"] {
        reference = reference.or(word(name)?);
    }
    let reason = word("reason")?;
    Ok(match action {
        "process" => Steering::Process(reference),
        "fail" => Steering::Fail(reason),
        _ => Steering::Reference(reference),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::decode_form;
    use crate::wire::json::parse;
    use vasool_core::id::RawId;

    fn canonical(json: &str) -> String {
        let value = parse(json).unwrap();
        let payment = PaymentId(RawId::parse("QcC3Rent000001").unwrap());
        read_refund(&Fields::of_body(&value), &[]).unwrap().canonical(payment)
    }

    #[test]
    fn cm_94_equal_requests_are_spelled_alike() {
        let first = canonical(r#"{"amount":500,"notes":{"a":"1","b":"2"}}"#);
        let form = decode_form(b"notes[b]=2&amount=500&notes[a]=1&speed=normal").unwrap();
        let payment = PaymentId(RawId::parse("QcC3Rent000001").unwrap());
        let of_form = read_refund(&Fields::of_body(&form), &[]).unwrap();
        assert_eq!(of_form.canonical(payment), first);
        for other in [
            r#"{"amount":501,"notes":{"a":"1","b":"2"}}"#,
            r#"{"amount":500,"notes":{"a":"1","b":"2"},"receipt":"R"}"#,
            r#"{"amount":500,"notes":{"a":"1 b","2":""}}"#,
            r#"{"notes":{"a":"1","b":"2"}}"#,
        ] {
            assert_ne!(canonical(other), first, "{other}");
        }
    }

    #[test]
    fn cm_91_and_93_wrong_fields() {
        let text = |json: &str| {
            let value = parse(json).unwrap();
            read_refund(&Fields::of_body(&value), &[]).unwrap_err().description.into_owned()
        };
        let extra = "foo is/are not required and should not be sent";
        assert_eq!(text(r#"{"amount":500,"foo":1}"#), extra);
        let extra = "payment_id is/are not required and should not be sent";
        assert_eq!(text(r#"{"payment_id":"pay_1"}"#), extra);
        assert_eq!(text(r#"{"speed":"fast"}"#), "The selected speed is invalid.");
        let receipt = format!(r#"{{"receipt":"{}"}}"#, "r".repeat(41));
        assert_eq!(text(&receipt), "The receipt may not be greater than 40 characters.");
        assert_eq!(text(r#"{"amount":"x"}"#), "The amount must be an integer.");
    }
}
