//! Bulk files on the wire: the entity, the columns of files, what rows ask for, reports.
//! Source: smart-collect 5.18, decisions 17 and 45.

mod report;
mod table;
mod task;
mod xlsx;

pub use report::{ReportWriter, refusal};
pub use table::{FILE_BYTES_MAX, ROWS_MAX, read_file, unreadable};
pub use task::read_row;

use serde::Serialize;
use vasool_core::bulk::{BulkFile, BulkKind};

use super::error::ApiError;
use super::fields::Fields;
use super::out::Id;

/// Columns of a file of accounts to open.
const OPEN_COLUMNS: &[&str] = &[
    "customer_id",
    "customer_name",
    "customer_contact",
    "customer_email",
    "virtual_account_descriptor",
    "virtual_account_description",
    "virtual_account_notes",
];

/// Columns of a file of expiries to move.
const EXPIRY_COLUMNS: &[&str] = &["Virtual Account Id", "Expire By"];

/// The columns of a kind of file, in order.
fn columns(kind: BulkKind) -> &'static [&'static str] {
    match kind {
        BulkKind::OpenAccounts => OPEN_COLUMNS,
        BulkKind::MoveExpiries => EXPIRY_COLUMNS,
    }
}

/// The batch entity. Its keys are our choice, after the vendor's batches of other kinds.
#[derive(Serialize)]
pub struct BatchOut<'a> {
    id: Id<vasool_core::id::BatchId>,
    entity: &'static str,
    r#type: &'static str,
    status: &'static str,
    name: Option<&'a str>,
    total_count: i64,
    processed_count: i64,
    success_count: i64,
    failure_count: i64,
    created_at: i64,
    processed_at: Option<i64>,
}

impl<'a> From<&'a BulkFile> for BatchOut<'a> {
    fn from(row: &'a BulkFile) -> Self {
        BatchOut {
            id: Id(row.id),
            entity: "batch",
            r#type: row.kind.as_str(),
            status: row.state.as_str(),
            name: row.name.as_deref(),
            total_count: row.total,
            processed_count: row.decided(),
            success_count: row.succeeded,
            failure_count: row.failed,
            created_at: row.created_at.0,
            processed_at: row.state.processed_at().map(|at| at.0),
        }
    }
}

/// Reads `type` of an upload.
pub fn read_kind(fields: &Fields<'_>) -> Result<BulkKind, ApiError> {
    let word = fields.required_text("type").map_err(ApiError::into_shape_i)?;
    BulkKind::parse(&word).ok_or_else(|| ApiError::selected_invalid("type").into_shape_i())
}

/// No file was sent.
pub fn file_required() -> ApiError {
    ApiError::field_required("file").into_shape_i()
}

/// The report is asked for while rows are still being done. Source: paper-nach 14.
pub fn not_processed() -> ApiError {
    ApiError::shape_n("The report is available once the batch is processed.")
}
