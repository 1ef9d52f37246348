//! Bulk files. Source: smart-collect 5.18, decisions 17 and 45.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use vasool_core::bulk::{BulkFile, BulkKind, BulkState};
use vasool_core::bulk_rules::{BulkCommand, BulkDraft};
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::BatchId;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::{Path, Query};
use super::upload::Upload;
use crate::app::App;
use crate::wire::bulk::{
    BatchOut, ReportWriter, file_required, not_processed, read_file, read_kind, unreadable,
};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const KEYS: &[&str] = &["type", "file"];
const PAGE_KEYS: &[&str] = &["count", "skip", "from", "to"];
/// Rows of a report that are read at once.
const REPORT_ROWS: i64 = 500;

/// `POST /v1/batches`
pub async fn create_batch(State(app): State<App>, caller: Caller, upload: Upload) -> Answer {
    let body = upload.decode()?;
    let fields = Fields::of_body(&body);
    let kind = read_kind(&fields)?;
    refuse_extra_keys(&fields, KEYS, caller.settings())?;
    let file = upload.file.as_ref().ok_or_else(file_required)?;
    let rows = read(&app, kind, file.bytes.clone()).await?;
    let draft = BulkDraft { kind, name: file.name.clone(), rows: rows.into() };
    let command = ScopedCommand::Bulk(BulkCommand::Store(draft));
    match app.submit(caller.scope.id, command).await? {
        Reply::BulkFile(file) => {
            app.bulk_files.wake();
            Ok(Json::of(&BatchOut::from(&*file)))
        }
        _ => Err(ApiError::server_fault()),
    }
}

/// Reads a file beside the runtime, one at a time: a workbook may unpack to many times its size.
async fn read(
    app: &App,
    kind: BulkKind,
    bytes: axum::body::Bytes,
) -> Result<Vec<Vec<String>>, ApiError> {
    let _one_at_a_time = app.uploads.lock().await;
    let reading = tokio::task::spawn_blocking(move || read_file(kind, &bytes));
    // A file that makes a reader panic is no file.
    reading.await.unwrap_or_else(|_| Err(unreadable()))
}

/// `GET /v1/batches`
pub async fn list_batches(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, PAGE_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let rows = app.store.bulk_files(caller.scope.id, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(BatchOut::from).collect())))
}

/// `GET /v1/batches/:id`
pub async fn get_batch(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    Ok(Json::of(&BatchOut::from(&find(&app, &caller, &id).await?)))
}

/// `GET /v1/batches/:id/report`: the one answer under `/v1` that is not JSON.
pub async fn get_batch_report(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let file = find(&app, &caller, &id).await?;
    if !matches!(file.state, BulkState::Processed { .. }) {
        return Err(not_processed());
    }
    let mut report = ReportWriter::new(file.kind);
    let mut behind = 0;
    while behind < file.total {
        let views = app.store.bulk_row_views(file.id, behind, REPORT_ROWS).await?;
        views.iter().for_each(|view| report.add(view));
        // Rows of a scope that is being purged may be gone.
        behind = views.last().map_or(file.total, |view| view.row.number);
    }
    let mut response = report.finish().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv"));
    let disposition = format!("attachment; filename=\"{}.csv\"", file.id);
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<BulkFile, ApiError> {
    let id = BatchId(raw(path_id(BatchId::PREFIX, id)?));
    app.store.bulk_file(caller.scope.id, id).await?.ok_or_else(ApiError::unknown_id)
}
