//! Bulk files on the wire: the entity, the columns of files, what rows ask for, reports.
//! Source: smart-collect 5.18, paper-nach 14, decisions 17 and 45.

mod columns;
mod debit_row;
mod delimited;
mod link_row;
mod report;
pub mod spool;
mod table;
mod task;
mod xlsx;

pub use debit_row::above_maximum;
pub use report::{Report, refusal};
pub use table::{FILE_BYTES_MAX, Limits, Shape, is_workbook, read_file};
pub use task::{RowContext, read_row};

use serde::Serialize;
use vasool_core::bulk::{BulkFile, BulkKind, BulkState, Notify};
use vasool_core::paper_nach::END_MAX;
use vasool_core::time::Time;

use super::error::ApiError;
use super::fields::Fields;
use super::out::Id;

/// How far ahead the time of debits must be, seconds.
const SCHEDULE_AHEAD_MIN: i64 = 3_600;

/// The batch entity.
#[derive(Serialize)]
pub struct BatchOut<'a> {
    id: Id<vasool_core::id::BatchId>,
    entity: &'static str,
    r#type: &'static str,
    status: &'static str,
    /// Of the kinds of Smart Collect. Its keys are our choice, after the vendor's other batches.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Option<&'a str>>,
    total_count: i64,
    processed_count: i64,
    success_count: i64,
    failure_count: i64,
    /// Of the kinds of paper mandates. Source: paper-nach 14.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<Option<i64>>,
    created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    processed_at: Option<Option<i64>>,
}

impl<'a> From<&'a BulkFile> for BatchOut<'a> {
    fn from(row: &'a BulkFile) -> Self {
        let is_paper = is_paper(row.kind);
        BatchOut {
            id: Id(row.id),
            entity: "batch",
            r#type: row.kind.as_str(),
            status: match row.state {
                // Source: paper-nach 14, where decisions 17 has another word.
                BulkState::Processing if is_paper => "partially_processed",
                state => state.as_str(),
            },
            name: (!is_paper).then_some(row.name.as_deref()),
            total_count: row.total,
            processed_count: row.decided(),
            success_count: row.succeeded,
            failure_count: row.failed,
            schedule: is_paper.then_some(row.schedule.map(|at| at.0)),
            created_at: row.created_at.0,
            processed_at: (!is_paper).then_some(row.state.processed_at().map(|at| at.0)),
        }
    }
}

/// Whether a kind is one of mandates on paper, whose contract differs.
fn is_paper(kind: BulkKind) -> bool {
    matches!(kind, BulkKind::RegistrationLinks | BulkKind::Debits)
}

/// What may be sent with a file.
pub fn keys(kind: BulkKind) -> &'static [&'static str] {
    match is_paper(kind) {
        true => &["type", "file", "schedule", "sms_notify", "email_notify"],
        false => &["type", "file"],
    }
}

/// Reads `type` of an upload.
pub fn read_kind(fields: &Fields<'_>) -> Result<BulkKind, ApiError> {
    let word = fields.required_text("type").map_err(ApiError::into_shape_i)?;
    BulkKind::parse(&word).ok_or_else(|| ApiError::selected_invalid("type").into_shape_i())
}

/// When the rows of a file are to be done, where its upload says so: debits alone may wait. `now`:
/// the merchant's. Source: paper-nach 14; our texts.
pub fn read_schedule(
    kind: BulkKind,
    fields: &Fields<'_>,
    now: Time,
) -> Result<Option<Time>, ApiError> {
    if !is_paper(kind) {
        return Ok(None);
    }
    let Some(at) = fields.time("schedule")? else { return Ok(None) };
    let refuse = |text: &'static str| Err(ApiError::invalid_field("schedule", text));
    if kind != BulkKind::Debits {
        return refuse("schedule is allowed for recurring_charge only");
    }
    if Time(at) < now.plus_seconds(SCHEDULE_AHEAD_MIN) {
        return refuse("schedule should be at least 1 hour after current time");
    }
    if at > END_MAX {
        return refuse("schedule should not be greater than 4102444799");
    }
    Ok(Some(Time(at)))
}

/// Which messages the links of a file send: as the call, all of them unless the upload says no.
pub fn read_notify(kind: BulkKind, fields: &Fields<'_>) -> Result<Notify, ApiError> {
    if !is_paper(kind) {
        return Ok(Notify { sms: false, email: false });
    }
    let sms = fields.boolean("sms_notify")?.unwrap_or(true);
    let email = fields.boolean("email_notify")?.unwrap_or(true);
    let is_told = kind == BulkKind::RegistrationLinks;
    Ok(Notify { sms: sms && is_told, email: email && is_told })
}

/// No file was sent.
pub fn file_required() -> ApiError {
    ApiError::field_required("file").into_shape_i()
}

/// The report is asked for while rows are still being done. Source: paper-nach 14.
pub fn not_processed() -> ApiError {
    ApiError::shape_n("The report is available once the batch is processed.")
}

/// The file is neither CSV nor XLSX.
pub fn unreadable() -> ApiError {
    refuse("The file must be a CSV or XLSX file.")
}

fn refuse(text: impl Into<String>) -> ApiError {
    ApiError::shape_i("file", text.into())
}
