//! From a refusal of the engine to the error a client sees: the only such list.

use vasool_core::failure::{Failure, MandateFault, authorisation};
use vasool_core::rejection::Rejection;

use crate::engine::Refusal;
use crate::wire::error::ApiError;
use crate::wire::inbound::amount_outside_limit;
use crate::wire::paper_nach::link::link_expires_too_soon;
use crate::wire::paper_nach::upload::form_pending;
use crate::wire::qr_code::close_by_outside;
use crate::wire::virtual_account::{needs_bank_account, payer_exists, too_many_payers};

/// Seconds after which a client may try again when the database is away or busy.
const RETRY_AFTER_SECONDS: u16 = 1;

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> ApiError {
        match refusal {
            Refusal::Rejected(rejection) => rejected(&rejection),
            Refusal::Overloaded | Refusal::Unavailable | Refusal::UnknownOutcome => unavailable(),
        }
    }
}

impl ApiError {
    /// The same, where the caller found a field wrong that the rules meet in their own order.
    pub fn of_checked(refusal: Refusal, wrong: Option<ApiError>) -> ApiError {
        match (refusal, wrong) {
            (Refusal::Rejected(Rejection::RefusedField), Some(wrong)) => wrong,
            (refusal, _) => refusal.into(),
        }
    }
}

impl From<vasool_store::StoreError> for ApiError {
    fn from(error: vasool_store::StoreError) -> ApiError {
        match error {
            vasool_store::StoreError::Corrupt(text) => {
                tracing::error!(reason = text, "a row could not be read");
                ApiError::server_fault()
            }
            other => {
                tracing::warn!(error = %other, "the database could not be read");
                unavailable()
            }
        }
    }
}

/// The database cannot be used now, or too much is waiting. Source: common 5.3.
pub fn unavailable() -> ApiError {
    ApiError { retry_after: Some(RETRY_AFTER_SECONDS), ..ApiError::unavailable() }
}

/// Every reason to say no, with the text and status of the contracts.
fn rejected(rejection: &Rejection) -> ApiError {
    match rejection {
        Rejection::NotFound => ApiError::unknown_id(),
        Rejection::CustomerExists => ApiError::customer_exists(),
        Rejection::CloseByTooSoon => {
            ApiError::shape_n("close by date should be atleast 15 min after current time")
        }
        // The handler that sent the field answers with what is wrong about it.
        Rejection::RefusedField => ApiError::server_fault(),
        Rejection::DescriptorNotAllowed => {
            ApiError::shape_n("Descriptor cannot be used with your account.")
        }
        Rejection::HandleNotSet => ApiError::shape_n(
            "Descriptor field cannot be used as merchant handle is not set for your account.",
        ),
        Rejection::DescriptorLength(kind) => ApiError::shape_i(
            format!("receivers.{}.descriptor", kind.as_str()),
            "Invalid character length for descriptor",
        ),
        Rejection::DescriptorCharacters(kind) => ApiError::shape_i(
            format!("receivers.{}.descriptor", kind.as_str()),
            "The descriptor may only contain letters and numbers.",
        ),
        Rejection::DescriptorTaken => ApiError::shape_n(
            "An active Customer Identifier with the same descriptor already exists for your \
             account.",
        ),
        Rejection::VpaNotInTestMode => {
            ApiError::shape_n("UPI Customer Identifiers are supported only in Live mode.")
        }
        Rejection::QrNotEnabled => ApiError::shape_n("Bharat QR not enabled."),
        Rejection::BankAccountExists => ApiError::shape_n("Bank account Receiver already exists"),
        Rejection::AccountNotEditable => ApiError::shape_n("Customer Identifier cannot be updated"),
        Rejection::PayersNeedBankAccount => needs_bank_account(),
        Rejection::PayerExists => payer_exists(),
        Rejection::TooManyPayers => too_many_payers(),
        Rejection::MethodNotEnabled => {
            ApiError::shape_i("method", "The selected method is invalid.")
        }
        Rejection::QrCloseByOutside => close_by_outside(),
        Rejection::OrderPaid => ApiError::order_already_paid(),
        Rejection::NotCapturable => ApiError::not_capturable(),
        Rejection::CaptureAmount => ApiError::capture_amount_mismatch(),
        Rejection::OrderReceiptTaken => {
            ApiError::invalid_field("receipt", "Order receipt should be unique.")
        }
        Rejection::AmountOutsideLimit(mode) => amount_outside_limit(*mode),
        Rejection::ScopeRetired => unavailable(),
        Rejection::TooManyEndpoints => {
            ApiError::invalid("You can only have 30 webhooks configured.")
        }
        Rejection::TooManyFaults => ApiError::invalid("You can only have 100 faults armed."),
        Rejection::EventAcknowledged => {
            ApiError::invalid("Only events that were not acknowledged can be replayed.")
        }
        Rejection::EventTooOld => {
            ApiError::invalid("Only events of the last 7 days can be replayed.")
        }
        Rejection::TooManyReplays => {
            ApiError::invalid("An event can be replayed 5 times in 24 hours.")
        }
        Rejection::PaymentNotCaptured => ApiError::not_captured(),
        Rejection::RefundTooSmall => ApiError::amount_too_small(),
        Rejection::RefundAboveLeft => ApiError::refund_exceeds_captured(),
        Rejection::FullyRefunded => ApiError::already_refunded(),
        Rejection::RefundTooLate => ApiError::invalid(
            "Refund is not supported by the bank because the payment is more than 6 months old",
        ),
        Rejection::BalanceTooLow => ApiError::invalid(
            "Your account does not have enough balance to carry out the refund operation.",
        ),
        Rejection::PayerUnreachable => ApiError::invalid(
            "Refund is not possible as the payer account details are not available",
        )
        .with_reason("payer_account_unavailable")
        .into_shape_i(),
        Rejection::ReceiptTaken => {
            ApiError::invalid_field("receipt", "Duplicate receipt found for this refund request.")
        }
        Rejection::IdempotencyKeyTooShort => ApiError::idempotency_key_too_short(),
        Rejection::IdempotencyKeyCharacters => ApiError::idempotency_key_malformed(),
        Rejection::IdempotencyMismatch => ApiError::idempotency_key_reused(),
        Rejection::NoRail => ApiError::gateway(
            "The refund cannot be processed: no bank is configured to pay it out.",
            "refund_request",
            "gateway_technical_error",
        ),
        Rejection::NotForMandate => ApiError::not_for_mandate(),
        Rejection::OrderForMandate => ApiError::invalid_field(
            "order_id",
            "The order is linked to an authorisation transaction. Create a new order.",
        ),
        Rejection::OrderAmountMismatch => ApiError::order_amount_mismatch(),
        Rejection::CustomerMismatch => ApiError::unknown_id().with_field("customer_id"),
        Rejection::MandateOver => {
            ApiError::failed(Failure::Mandate(MandateFault::Expired).fields())
        }
        Rejection::DuplicateMandate => ApiError::failed(authorisation(14).fields()),
        Rejection::TooManyAttempts | Rejection::PaymentInProgress => {
            ApiError::invalid("A payment is already in progress for this order.")
                .with_reason("duplicate_request")
        }
        Rejection::TokenMismatch => ApiError::unknown_id().with_field("token"),
        Rejection::AboveMandateMaximum => {
            ApiError::invalid_field("amount", "Amount exceeds maximum amount allowed")
        }
        Rejection::NoUpiRail => ApiError::gateway(
            "The payment cannot be processed: no UPI network is configured.",
            "payment_initiation",
            "gateway_technical_error",
        ),
        Rejection::TokenOfOtherMerchant => cancel_refused(
            "token_merchant_mismatch",
            "The token provided was not created under your merchant account. Cross-merchant token \
             access is not permitted.",
        ),
        Rejection::TokenOfOtherCustomer => cancel_refused(
            "token_customer_mismatch",
            "The token provided does not belong to the authenticated customer. Cross-customer \
             token access is not permitted.",
        ),
        Rejection::MandateNotCancellable => cancel_refused(
            "invalid_mandate_state",
            "The UPI mandate linked to this token is not in a cancellable state. The mandate may \
             already be revoked or failed.",
        ),
        Rejection::MandateBusy => cancel_refused(
            "concurrent_request_in_progress",
            "A cancellation or update operation is already in progress for this token. \
             Simultaneous requests on the same token are not allowed.",
        ),
        Rejection::CancelTooLate => cancel_refused(
            "invalid_request_timing",
            "The cancellation request was received outside the allowed cancellation window or for \
             an unsupported mandate type.",
        ),
        Rejection::MandateNotDeletable => cancel_refused(
            "invalid_mandate_state",
            "The token cannot be deleted as the mandate is still active. Cancel the token first.",
        ),
        Rejection::MandateFinal(status) => {
            ApiError::invalid(format!("The token is already {status}."))
        }
        Rejection::PaymentFinal(status) => {
            ApiError::invalid(format!("The payment is already {status}."))
        }
        Rejection::RefundFinal(status) => {
            ApiError::invalid(format!("The refund is already {status}."))
        }
        Rejection::NotPaperMandate => {
            ApiError::invalid("The order does not carry a paper NACH mandate")
        }
        Rejection::LinkClosed(status) => {
            ApiError::invalid(format!("Operation not allowed for Invoice in {status} status."))
        }
        Rejection::LinkExpiresTooSoon => link_expires_too_soon(),
        Rejection::LinkUnreachable => ApiError::invalid("The customer has no such address."),
        Rejection::MandateDateOver => ApiError::invalid("The mandate end date has passed"),
        Rejection::FormPending(payment) => form_pending(*payment, None),
        Rejection::NoNachRail => ApiError::gateway(
            "The mandate cannot be processed: no NACH connection is configured.",
            "payment_initiation",
            "gateway_technical_error",
        ),
        Rejection::MandateNotConfirmed => ApiError::invalid("The mandate is not yet confirmed")
            .with_reason("payment_mandate_not_active"),
        Rejection::MandateNotActive => {
            ApiError::invalid("The mandate is no longer active").with_reason("mandate_not_active")
        }
        Rejection::ChargeInProgress => {
            ApiError::invalid("A payment for this order is already in progress")
                .with_reason("duplicate_request")
        }
        Rejection::NachNotCancellable(status) => {
            ApiError::invalid(format!("Token cannot be cancelled in {status} status"))
        }
        Rejection::SettingInvalid(name) => ApiError::selected_invalid(name),
    }
}

/// Why a mandate cannot be ended or deleted. Source: reserve-pay 8.1, 8.2.
fn cancel_refused(reason: &'static str, description: &'static str) -> ApiError {
    ApiError::invalid(description).with_reason(reason).with_step("NA")
}
