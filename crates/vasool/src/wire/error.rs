//! The error envelope: one shape for every refusal, and how it prints.

use std::borrow::Cow;

use serde::Serialize;
pub use vasool_core::failure::ErrorCode;
use vasool_core::failure::FailureFields;

/// What `metadata` of an error holds (contract 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// `{}`.
    Empty,
    /// `[]`, in shape B of Smart Collect (its contract, 1.3).
    EmptyList,
    /// The payment the error is about.
    Payment(Box<PaymentIds>),
}

/// The ids an error names, with their prefixes (contract 5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentIds {
    /// `pay_…`; null when the payment does not exist yet.
    pub payment_id: Option<String>,
    /// `order_…`; null for payments without an order.
    pub order_id: Option<String>,
}

/// A refusal as a client sees it (contract 5).
///
/// The constructors carry the texts of the contract and are named after their meaning. The
/// `with_` methods change one part for products that print another one there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Class of the error.
    pub code: ErrorCode,
    /// What is wrong, for a person; never empty.
    pub description: Cow<'static, str>,
    /// Who caused it, or `NA`.
    pub source: &'static str,
    /// The stage it happened in, or `NA`.
    pub step: &'static str,
    /// What is wrong, for a program, or `NA`.
    pub reason: &'static str,
    /// The payment concerned, if any.
    pub metadata: Metadata,
    /// Dotted name of the one input at fault; printed with `BAD_REQUEST_ERROR` alone.
    pub field: Option<Cow<'static, str>>,
    /// Seconds for the `Retry-After` header, if one is sent.
    pub retry_after: Option<u16>,
}

/// The word for a part of the envelope that says nothing.
const NA: &str = "NA";

impl ApiError {
    /// A validation failure without a field (contract 2, last rows of the table).
    pub fn invalid(description: impl Into<Cow<'static, str>>) -> Self {
        ApiError {
            source: "business",
            step: "payment_initiation",
            reason: "input_validation_failed",
            ..ApiError::plain(400, description)
        }
    }

    /// A validation failure of one field, by its dotted name (contract 5.1).
    pub fn invalid_field(
        field: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        ApiError::invalid(description).with_field(field)
    }

    /// A bad request whose source, step and reason are all `NA` (contract 1.2 and 5.4).
    pub fn plain(status: u16, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        debug_assert!(!description.is_empty(), "SDKs break on empty descriptions");
        ApiError {
            status,
            code: ErrorCode::BadRequest,
            description,
            source: NA,
            step: NA,
            reason: NA,
            metadata: Metadata::Empty,
            field: None,
            retry_after: None,
        }
    }

    /// A bank or network declined or failed; 502, time-outs included (contract 5.3).
    pub fn gateway(
        description: impl Into<Cow<'static, str>>,
        step: &'static str,
        reason: &'static str,
    ) -> Self {
        ApiError {
            code: ErrorCode::Gateway,
            source: "gateway",
            step,
            reason,
            ..ApiError::plain(502, description)
        }
    }

    /// What a payment failed of: 400, or 502 where bank or network are at fault. Source:
    /// reserve-pay 1 and 15, decisions 26.
    pub fn failed(fields: FailureFields) -> Self {
        let status = match fields.code {
            ErrorCode::BadRequest => 400,
            ErrorCode::Gateway => 502,
            ErrorCode::Server => 500,
        };
        ApiError {
            code: fields.code,
            source: fields.source,
            step: fields.step,
            reason: fields.reason,
            ..ApiError::plain(status, fields.description)
        }
    }

    /// Shape N of Smart Collect: nothing but a description (its contract, 1.3).
    pub fn shape_n(description: impl Into<Cow<'static, str>>) -> Self {
        ApiError::plain(400, description)
    }

    /// Shape B of Smart Collect: a refused edit, `metadata` a list (its contract, 1.3).
    pub fn shape_b(
        field: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        reason: &'static str,
    ) -> Self {
        ApiError::invalid_field(field, description).with_reason(reason).into_shape_b()
    }

    /// Shape I of Smart Collect: one wrong field (its contract, 1.3).
    pub fn shape_i(
        field: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        ApiError::invalid_field(field, description).into_shape_i()
    }

    /// The same refusal in shape N of Smart Collect (its contract, 1.3).
    pub fn into_shape_n(self) -> Self {
        ApiError::shape_n(self.description)
    }

    /// The same refusal in shape B of Smart Collect (its contract, 1.3).
    pub fn into_shape_b(self) -> Self {
        ApiError { step: "virtual_account_edit", metadata: Metadata::EmptyList, ..self }
    }

    /// The same refusal in shape I of Smart Collect (its contract, 1.3).
    pub fn into_shape_i(self) -> Self {
        self.with_step(NA)
    }

    /// The same refusal from another source (contract 5.1).
    pub fn with_source(self, source: &'static str) -> Self {
        ApiError { source, ..self }
    }

    /// The same refusal at another step (contract 5.2).
    pub fn with_step(self, step: &'static str) -> Self {
        ApiError { step, ..self }
    }

    /// The same refusal for another reason (contract 5.6).
    pub fn with_reason(self, reason: &'static str) -> Self {
        ApiError { reason, ..self }
    }

    /// The same refusal, blaming a field by its dotted name (contract 5.1).
    pub fn with_field(self, field: impl Into<Cow<'static, str>>) -> Self {
        ApiError { field: Some(field.into()), ..self }
    }

    /// The same refusal, naming a payment and its order by their full ids (contract 5.1).
    pub fn with_payment(self, payment_id: Option<String>, order_id: Option<String>) -> Self {
        ApiError {
            metadata: Metadata::Payment(Box::new(PaymentIds { payment_id, order_id })),
            ..self
        }
    }

    /// The body to send: compact JSON in the key order of the contract's sample (5.1).
    pub fn to_json(&self) -> String {
        let field = match self.code {
            ErrorCode::BadRequest => self.field.as_deref(),
            // Ruby and .NET break on `field` in the other classes.
            ErrorCode::Gateway | ErrorCode::Server => None,
        };
        let envelope = Envelope {
            error: Printed {
                code: self.code.as_str(),
                description: &self.description,
                source: self.source,
                step: self.step,
                reason: self.reason,
                metadata: match &self.metadata {
                    Metadata::Empty => PrintedMetadata::Object {},
                    Metadata::EmptyList => PrintedMetadata::List([]),
                    Metadata::Payment(ids) => PrintedMetadata::Payment(ids),
                },
                field,
            },
        };
        serde_json::to_string(&envelope).expect("text with fixed keys always serializes")
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Printed<'a>,
}

#[derive(Serialize)]
struct Printed<'a> {
    code: &'a str,
    description: &'a str,
    source: &'a str,
    step: &'a str,
    reason: &'a str,
    metadata: PrintedMetadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PrintedMetadata<'a> {
    Object {},
    List([(); 0]),
    Payment(&'a PaymentIds),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_45_envelope() {
        assert_eq!(
            ApiError::invalid_field("amount", "The amount must be at least INR 1.00").to_json(),
            r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"The amount must be at least INR 1.00","source":"business","step":"payment_initiation","reason":"input_validation_failed","metadata":{},"field":"amount"}}"#
        );
        assert_eq!(
            ApiError::plain(401, "The api key provided is invalid").to_json(),
            r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"The api key provided is invalid","source":"NA","step":"NA","reason":"NA","metadata":{}}}"#
        );
    }

    #[test]
    fn cm_49_gateway_errors_name_the_payment_and_no_field() {
        let error = ApiError::gateway("Down", "payment_debit_request", "gateway_technical_error")
            .with_field("amount")
            .with_payment(Some("pay_1".into()), None);
        assert_eq!(error.status, 502);
        assert_eq!(
            error.to_json(),
            r#"{"error":{"code":"GATEWAY_ERROR","description":"Down","source":"gateway","step":"payment_debit_request","reason":"gateway_technical_error","metadata":{"payment_id":"pay_1","order_id":null}}}"#
        );
    }

    #[test]
    fn shapes_of_smart_collect() {
        assert_eq!(
            ApiError::shape_n("Bharat QR not enabled.").to_json(),
            r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"Bharat QR not enabled.","source":"NA","step":"NA","reason":"NA","metadata":{}}}"#
        );
        let text = "Only 10 allowed payer accounts can be added";
        assert_eq!(
            ApiError::shape_b("allowed_payers", text, "allowed_payer_limit_exceeded").to_json(),
            r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"Only 10 allowed payer accounts can be added","source":"business","step":"virtual_account_edit","reason":"allowed_payer_limit_exceeded","metadata":[],"field":"allowed_payers"}}"#
        );
        assert_eq!(
            ApiError::shape_i("receivers", "Receivers field is required").to_json(),
            r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"Receivers field is required","source":"business","step":"NA","reason":"input_validation_failed","metadata":{},"field":"receivers"}}"#
        );
    }

    #[test]
    fn a_refusal_changes_shape() {
        let error = ApiError::field_required("type");
        let in_b =
            ApiError::shape_b("type", "The type field is required.", "input_validation_failed");
        assert_eq!(error.clone().into_shape_b(), in_b);
        let in_i = ApiError::shape_i("type", "The type field is required.");
        assert_eq!(error.clone().into_shape_i(), in_i);
        assert_eq!(error.into_shape_n(), ApiError::shape_n("The type field is required."));
    }

    #[test]
    fn text_is_escaped() {
        let json = ApiError::malformed_id("a\"\n\u{1}₹").to_json();
        assert!(json.contains(r#""a\"\n\u0001₹ is not a valid id""#), "{json}");
    }
}
