//! Every error there is, from the code that answers it.

use vasool_core::failure::{NPCI_CODES, NpciOutcome, ROWS, Retry, row_of_number};
use vasool_core::nach_codes::debit::{self, Effect, Leg};
use vasool_core::nach_codes::mandate;

use crate::wire::error::ApiError;

/// The tables of the page.
pub struct Tables {
    pub generic: Vec<ApiError>,
    pub mandates: Vec<MandateRow>,
    pub network: Vec<[String; 3]>,
    pub debits: Vec<[String; 4]>,
    pub papers: Vec<[String; 4]>,
}

/// A row of the failures of UPI mandates.
pub struct MandateRow {
    pub number: u8,
    pub reason: String,
    pub text: &'static str,
    pub next_step: &'static str,
    pub again: &'static str,
    pub code: &'static str,
    pub source: &'static str,
    pub trigger: String,
}

/// Everything.
pub fn tables() -> Tables {
    Tables {
        generic: generic(),
        mandates: ROWS.iter().map(mandate_row).collect(),
        network: NPCI_CODES.iter().map(network_row).collect(),
        debits: debit::CODES.iter().map(debit_row).collect(),
        papers: mandate::CODES.iter().map(paper_row).collect(),
    }
}

/// What any call may be answered; words that depend on the request are examples.
fn generic() -> Vec<ApiError> {
    vec![
        ApiError::invalid_api_key(),
        ApiError::missing_credentials(),
        ApiError::authentication_failed(),
        ApiError::unknown_route(),
        ApiError::unknown_id(),
        ApiError::malformed_id("QcA0"),
        ApiError::field_required("amount"),
        ApiError::selected_invalid("currency"),
        ApiError::must_be_integer("amount"),
        ApiError::extra_keys("colour"),
        ApiError::amount_too_small(),
        ApiError::amount_too_large(),
        ApiError::receipt_too_long(),
        ApiError::customer_exists(),
        ApiError::contact_too_short(),
        ApiError::capture_amount_mismatch(),
        ApiError::not_capturable(),
        ApiError::not_captured(),
        ApiError::refund_exceeds_captured(),
        ApiError::already_refunded(),
        ApiError::order_already_paid(),
        ApiError::order_amount_mismatch(),
        ApiError::not_for_mandate(),
        ApiError::order_method_mismatch(),
        ApiError::rate_limited(1),
        ApiError::idempotency_key_reused(),
        ApiError::idempotency_key_in_progress(),
        ApiError::operation_in_progress(),
        ApiError::body_truncated(),
        ApiError::body_not_json(),
        ApiError::body_not_object(),
        ApiError::body_not_multipart(),
        ApiError::body_too_large(),
        ApiError::query_not_utf8(),
        ApiError::request_too_complex(),
        ApiError::server_fault(),
        ApiError::unavailable(),
    ]
}

fn mandate_row(row: &'static vasool_core::failure::Row) -> MandateRow {
    let reason = match &row.variant {
        Some(variant) => format!("{} {} ({})", row.reason, variant.number, variant.name),
        None => row.reason.to_owned(),
    };
    let (again, trigger) = match row.retry {
        Retry::Later => ("later", format!("fail.{}", row.name())),
        Retry::AfterFix => ("after the fix", format!("fail.{}", row.name())),
        Retry::Never => ("no", format!("fail.{}", row.name())),
        Retry::Wait => ("wait", format!("fail.{}", row.name())),
        Retry::Success => ("it succeeded", "approve".to_owned()),
    };
    MandateRow {
        number: row.number,
        reason,
        text: row.description,
        next_step: row.next_step,
        again,
        code: row.code.as_str(),
        source: row.source,
        trigger,
    }
}

fn network_row(row: &'static vasool_core::failure::NpciCode) -> [String; 3] {
    let becomes = match row.outcome {
        NpciOutcome::Success => "success".to_owned(),
        NpciOutcome::Pending => "pending: the status is asked for".to_owned(),
        NpciOutcome::Failed(number) => {
            row_of_number(number).map(|row| row.name()).unwrap_or_default()
        }
        NpciOutcome::Ended(fault) => fault.reason().to_owned(),
    };
    [row.codes.join(", "), row.meaning.to_owned(), becomes]
}

fn debit_row(row: &'static debit::DebitCode) -> [String; 4] {
    let who = match row.leg {
        Leg::Return => "the payer's bank",
        Leg::Reject => "NPCI",
    };
    let becomes = match row.effect {
        Effect::Paid => "paid".to_owned(),
        Effect::Pending => "pending: the next cycle decides".to_owned(),
        Effect::Failed(fields) => fields.reason.to_owned(),
        Effect::FailedAndCancelled(fields) => {
            format!("{}, and the mandate is cancelled", fields.reason)
        }
    };
    [row.code.to_owned(), who.to_owned(), row.meaning.to_owned(), becomes]
}

fn paper_row(row: &'static mandate::MandateCode) -> [String; 4] {
    let (reason, text) = (row.error_reason.to_owned(), row.failure_reason.to_owned());
    [row.code.to_owned(), row.meaning.to_owned(), text, reason]
}
