//! The shared error texts, one constructor each.

use super::error::{ApiError, ErrorCode};
use super::field_errors::words;

/// The refusals of the contract's catalogue (5.5), in its order.
impl ApiError {
    /// E01: key id unknown or expired, or secret wrong.
    pub fn invalid_api_key() -> Self {
        ApiError::plain(401, "The api key provided is invalid")
    }

    /// E02: no `Authorization` header.
    pub fn missing_credentials() -> Self {
        let text = "Please provide your api key for authentication purposes";
        ApiError::plain(401, text)
    }

    /// E03: another scheme than Basic, or a value that cannot be decoded.
    pub fn authentication_failed() -> Self {
        ApiError::plain(401, "Authentication failed")
    }

    /// E04: unknown route or wrong method.
    pub fn unknown_route() -> Self {
        ApiError::plain(400, "The requested URL was not found on the server.")
    }

    /// E05: the id has the right form, but the caller has no such object.
    pub fn unknown_id() -> Self {
        ApiError::invalid("The id provided does not exist")
    }

    /// E06: `rest`: the id without the prefix expected in its place.
    pub fn malformed_id(rest: &str) -> Self {
        ApiError::invalid(format!("{rest} is not a valid id"))
    }

    /// E07: a mandatory field is absent, null or empty.
    pub fn field_required(field: &str) -> Self {
        let text = format!("The {} field is required.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// E08: a field has none of its values.
    pub fn selected_invalid(field: &str) -> Self {
        let text = format!("The selected {} is invalid.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// E09: an integer field holds something else.
    pub fn must_be_integer(field: &str) -> Self {
        let text = format!("The {} must be an integer.", words(field));
        ApiError::invalid_field(field.to_owned(), text)
    }

    /// E10: `keys`: the keys nobody asked for, separated by commas.
    pub fn extra_keys(keys: &str) -> Self {
        let text = format!("{keys} is/are not required and should not be sent");
        ApiError::invalid(text).with_reason("extra_field_sent")
    }

    /// E11: an amount below one rupee.
    pub fn amount_too_small() -> Self {
        ApiError::invalid_field("amount", "The amount must be at least INR 1.00")
    }

    /// E12: an amount above the account's limit.
    pub fn amount_too_large() -> Self {
        ApiError::invalid_field("amount", "Amount exceeds maximum amount allowed")
    }

    /// E13: a receipt of more than 40 characters.
    pub fn receipt_too_long() -> Self {
        let text = "The receipt may not be greater than 40 characters.";
        ApiError::invalid_field("receipt", text)
    }

    /// E14: a customer with this e-mail address and contact exists.
    pub fn customer_exists() -> Self {
        ApiError::plain(400, "Customer already exists for the merchant").with_source("business")
    }

    /// E15: a contact number of less than 8 digits.
    pub fn contact_too_short() -> Self {
        let text = "Contact number should be at least 8 digits, including country code";
        ApiError::invalid_field("contact", text)
            .with_step("NA")
            .with_reason("invalid_contact_number")
    }

    /// E16: a capture of another amount than was authorized.
    pub fn capture_amount_mismatch() -> Self {
        let text = "Capture amount must be equal to the amount authorized";
        ApiError::invalid_field("amount", text)
    }

    /// E17: a capture of a payment that is not waiting for it.
    pub fn not_capturable() -> Self {
        ApiError::invalid(
            "Only payments which have been authorized and not yet captured can be captured",
        )
    }

    /// E18: a refund of a payment that was not captured.
    pub fn not_captured() -> Self {
        ApiError::invalid("The payment status should be captured for action to be taken")
    }

    /// E19: a refund of more than is left.
    pub fn refund_exceeds_captured() -> Self {
        let text = "The refund amount provided is greater than amount captured";
        ApiError::invalid_field("amount", text).with_reason("refund_limit_crossed")
    }

    /// E20: nothing is left to refund.
    pub fn already_refunded() -> Self {
        ApiError::invalid("The payment has been fully refunded already")
    }

    /// E21: the order is paid, so no other payment is taken.
    pub fn order_already_paid() -> Self {
        ApiError::invalid(
            "Your payment has been declined as the order is already paid. \
             Please initiate the payment with a new order.",
        )
        .with_reason("order_already_paid")
    }

    /// E22: a payment of another amount than its order's.
    pub fn order_amount_mismatch() -> Self {
        let text = "Your payment amount is different from your order amount. \
                    To pay successfully, please try using right amount.";
        ApiError::invalid_field("amount", text).with_reason("order_amount_mismatch")
    }

    /// An approval for an order that asks for no mandate: it is paid with a token (reserve-pay 9.3).
    pub fn not_for_mandate() -> Self {
        ApiError::field_required("token")
    }

    /// A payment by another method than its order's (reserve-pay 4.1).
    pub fn order_method_mismatch() -> Self {
        ApiError::invalid_field("method", "Payment method does not match the order method.")
            .with_reason("order_payment_method_mismatch")
    }

    /// E23: over the rate limit; `retry_after` in seconds.
    pub fn rate_limited(retry_after: u16) -> Self {
        ApiError {
            source: "business",
            retry_after: Some(retry_after),
            ..ApiError::plain(429, "Request failed. Please try after sometime.")
        }
    }

    /// E24: the idempotency key belongs to another request.
    pub fn idempotency_key_reused() -> Self {
        let text = "Different request with the same idempotency key has already been processed.";
        ApiError::plain(409, text).with_source("business")
    }

    /// E25: the first request with this idempotency key has no outcome yet.
    pub fn idempotency_key_in_progress() -> Self {
        let text = "Another request with the same idempotency key is still in progress.";
        ApiError::plain(409, text).with_source("business")
    }

    /// E26: another change of the same object is under way.
    pub fn operation_in_progress() -> Self {
        let text = "Request failed because another payment operation is in progress.";
        ApiError::plain(400, text).with_source("business")
    }

    /// E27: this server failed.
    pub fn server_fault() -> Self {
        ApiError {
            code: ErrorCode::Server,
            source: "internal",
            reason: "server_error",
            ..ApiError::plain(
                500,
                "We are facing some trouble completing your request at the moment. \
                 Please try again shortly.",
            )
        }
    }

    /// E27 with status 503: not ready, or shutting down (5.3).
    pub fn unavailable() -> Self {
        ApiError { status: 503, ..ApiError::server_fault() }
    }
}

/// Refusals of requests that cannot be decoded (contract 1.4 and 1.5).
impl ApiError {
    /// The body ends in the middle of its JSON.
    pub fn body_truncated() -> Self {
        ApiError::invalid("EOF")
    }

    /// The body is neither JSON nor text.
    pub fn body_not_json() -> Self {
        ApiError::invalid("The request body is not valid JSON.")
    }

    /// The body is JSON, but not an object.
    pub fn body_not_object() -> Self {
        ApiError::invalid("The request body must be a JSON object.")
    }

    /// The body is declared as parts and has none. *Our choice* of words.
    pub fn body_not_multipart() -> Self {
        ApiError::invalid("The request body is not valid multipart form data.")
    }

    /// The body has more bytes than its route takes.
    pub fn body_too_large() -> Self {
        ApiError::invalid("The request body is too large.")
    }

    /// The query holds bytes that are no text. *Our choice* of words.
    pub fn query_not_utf8() -> Self {
        ApiError::invalid("The query is not valid UTF-8.")
    }

    /// Too deeply nested, or too many keys. *Our choice* of words.
    pub fn request_too_complex() -> Self {
        ApiError::invalid(
            "The request may not be nested deeper than 8 levels or hold more than 1000 keys.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `want`: description | status source/step/reason | field
    fn check(error: &ApiError, want: &str) {
        let field = error.field.as_deref().unwrap_or("-");
        let (status, source, step, reason) = (error.status, error.source, error.step, error.reason);
        let got = format!("{} | {status} {source}/{step}/{reason} | {field}", error.description);
        assert_eq!(got, want);
    }

    #[test]
    fn every_row_of_the_catalogue() {
        let bad = "400 business/payment_initiation/input_validation_failed";
        let na = "NA/NA/NA";
        for (error, want) in [
            (ApiError::invalid_api_key(), format!("The api key provided is invalid | 401 {na} | -")),
            (ApiError::missing_credentials(), format!("Please provide your api key for authentication purposes | 401 {na} | -")),
            (ApiError::authentication_failed(), format!("Authentication failed | 401 {na} | -")),
            (ApiError::unknown_route(), format!("The requested URL was not found on the server. | 400 {na} | -")),
            (ApiError::unknown_id(), format!("The id provided does not exist | {bad} | -")),
            (ApiError::malformed_id("fake123"), format!("fake123 is not a valid id | {bad} | -")),
            (ApiError::field_required("payment_id"), format!("The payment id field is required. | {bad} | payment_id")),
            (ApiError::field_required("receivers.types"), format!("The receivers.types field is required. | {bad} | receivers.types")),
            (ApiError::selected_invalid("fail_existing"), format!("The selected fail existing is invalid. | {bad} | fail_existing")),
            (ApiError::must_be_integer("first_payment_min_amount"), format!("The first payment min amount must be an integer. | {bad} | first_payment_min_amount")),
            (ApiError::extra_keys("foo, bar"), "foo, bar is/are not required and should not be sent | 400 business/payment_initiation/extra_field_sent | -".to_owned()),
            (ApiError::amount_too_small(), format!("The amount must be at least INR 1.00 | {bad} | amount")),
            (ApiError::amount_too_large(), format!("Amount exceeds maximum amount allowed | {bad} | amount")),
            (ApiError::receipt_too_long(), format!("The receipt may not be greater than 40 characters. | {bad} | receipt")),
            (ApiError::customer_exists(), "Customer already exists for the merchant | 400 business/NA/NA | -".to_owned()),
            (ApiError::contact_too_short(), "Contact number should be at least 8 digits, including country code | 400 business/NA/invalid_contact_number | contact".to_owned()),
            (ApiError::capture_amount_mismatch(), format!("Capture amount must be equal to the amount authorized | {bad} | amount")),
            (ApiError::not_capturable(), format!("Only payments which have been authorized and not yet captured can be captured | {bad} | -")),
            (ApiError::not_captured(), format!("The payment status should be captured for action to be taken | {bad} | -")),
            (ApiError::refund_exceeds_captured(), "The refund amount provided is greater than amount captured | 400 business/payment_initiation/refund_limit_crossed | amount".to_owned()),
            (ApiError::already_refunded(), format!("The payment has been fully refunded already | {bad} | -")),
            (ApiError::order_already_paid(), "Your payment has been declined as the order is already paid. Please initiate the payment with a new order. | 400 business/payment_initiation/order_already_paid | -".to_owned()),
            (ApiError::order_amount_mismatch(), "Your payment amount is different from your order amount. To pay successfully, please try using right amount. | 400 business/payment_initiation/order_amount_mismatch | amount".to_owned()),
            (ApiError::rate_limited(1), "Request failed. Please try after sometime. | 429 business/NA/NA | -".to_owned()),
            (ApiError::idempotency_key_reused(), "Different request with the same idempotency key has already been processed. | 409 business/NA/NA | -".to_owned()),
            (ApiError::idempotency_key_in_progress(), "Another request with the same idempotency key is still in progress. | 409 business/NA/NA | -".to_owned()),
            (ApiError::operation_in_progress(), "Request failed because another payment operation is in progress. | 400 business/NA/NA | -".to_owned()),
            (ApiError::server_fault(), "We are facing some trouble completing your request at the moment. Please try again shortly. | 500 internal/NA/server_error | -".to_owned()),
        ] {
            check(&error, &want);
        }
    }

    #[test]
    fn cm_46_and_48_server_faults_have_their_own_code() {
        assert_eq!(ApiError::server_fault().code, ErrorCode::Server);
        assert_eq!(ApiError::unavailable().code, ErrorCode::Server);
        assert_eq!(ApiError::unavailable().status, 503);
        assert_eq!(ApiError::rate_limited(3).retry_after, Some(3));
    }
}
