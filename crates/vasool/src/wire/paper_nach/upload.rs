//! What is wrong with an upload. Source: paper-nach 6.3.

use vasool_core::id::{OrderId, PaymentId};
use vasool_nach::scan::Refusal;

use crate::wire::error::ApiError;

/// U7: a form of the order is with the bank.
pub fn form_pending(payment: PaymentId, order: Option<OrderId>) -> ApiError {
    let order = order.map(|order| order.to_string());
    upload_error("form status pending", "form_status_pending")
        .with_payment(Some(payment.to_string()), order)
}

/// U9 to U14: something about the file.
pub fn file_refused(refusal: Refusal, order: OrderId) -> ApiError {
    upload_error(refusal.description(), refusal.reason())
        .with_payment(None, Some(order.to_string()))
}

fn upload_error(text: &'static str, reason: &'static str) -> ApiError {
    ApiError::invalid(text).with_source("customer").with_step("form_upload").with_reason(reason)
}
