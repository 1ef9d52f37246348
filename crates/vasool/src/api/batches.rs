//! Bulk files. Source: smart-collect 5.18, paper-nach 14, decisions 17 and 45.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use vasool_core::bulk::{BulkFile, BulkKind, BulkState};
use vasool_core::bulk_rules::BulkDraft;
use vasool_core::id::BatchId;
use vasool_store::StoreError;

use super::answer::{Answer, Json};
use super::as_of::AsOf;
use super::caller::Caller;
use super::file_upload::{FileUpload, ReceivedFile};
use super::request::{Path, Query};
use crate::app::App;
use crate::wire::bulk::spool::{Spool, SpooledRows, failed};
use crate::wire::bulk::{
    BatchOut, Limits, Report, Shape, file_required, is_workbook, keys, not_processed, read_file,
    read_kind, read_notify, read_schedule, unreadable,
};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const PAGE_KEYS: &[&str] = &["count", "skip", "from", "to"];
/// Rows of a report that are read at once.
const REPORT_ROWS: i64 = 500;

/// `POST /v1/batches`: the file is checked as a whole, then its rows are stored; it is answered, and
/// there, when all of them are.
pub async fn create_batch(
    State(app): State<App>,
    caller: Caller,
    mut upload: FileUpload,
) -> Answer {
    let file = upload.file.take();
    let body = upload.decode()?;
    let fields = Fields::of_body(&body);
    let kind = read_kind(&fields)?;
    refuse_extra_keys(&fields, keys(kind), caller.settings())?;
    let now = AsOf::now(&app, &caller).await?.now;
    let (schedule, notify) = (read_schedule(kind, &fields, now)?, read_notify(kind, &fields)?);
    let file = file.ok_or_else(file_required)?;
    let name = file.name.clone();
    let (shape, rows) = check(&app, kind, file).await?;
    let draft = BulkDraft {
        kind,
        name,
        columns: shape.columns,
        notify,
        schedule,
        total: i64::try_from(shape.rows).unwrap_or(i64::MAX),
        rows: vec![].into(),
    };
    let file = app.bulk_files.store(caller.scope.id, draft, rows).await?;
    app.bulk_files.wake();
    Ok(Json::of(&BatchOut::from(&*file)))
}

/// Reads a file beside the runtime and keeps its rows on the disk. Workbooks one at a time: each
/// unpacks to many times its size.
async fn check(
    app: &App,
    kind: BulkKind,
    mut file: ReceivedFile,
) -> Result<(Shape, SpooledRows), ApiError> {
    if file.bytes > Limits::of(kind).bytes {
        return Err(ApiError::body_too_large());
    }
    let _one_at_a_time = match is_workbook(&mut file.content).map_err(failed)? {
        true => Some(app.uploads.lock().await),
        false => None,
    };
    let reading = tokio::task::spawn_blocking(move || {
        let mut spool = Spool::new()?;
        let shape = read_file(kind, file.content, |cells| spool.add(cells))?;
        Ok((shape, spool.into_rows()?))
    });
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

/// `GET /v1/batches/:id/report`: the one answer under `/v1` that is not JSON. It is sent while it is
/// read, page by page.
pub async fn get_batch_report(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let file = find(&app, &caller, &id).await?;
    if !matches!(file.state, BulkState::Processed { .. }) {
        return Err(not_processed());
    }
    let disposition = format!("attachment; filename=\"{}.csv\"", file.id);
    let mut response = Body::from_stream(stream::try_unfold(
        Pages { report: Report::of(&file, &app.options.public_url), app, file, behind: None },
        Pages::next,
    ))
    .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv"));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// A report that is being sent.
struct Pages {
    app: App,
    file: BulkFile,
    report: Report,
    /// The last row that was sent; `None` before the header.
    behind: Option<i64>,
}

impl Pages {
    async fn next(mut self) -> Result<Option<(Vec<u8>, Pages)>, StoreError> {
        let Some(behind) = self.behind else {
            self.behind = Some(0);
            return Ok(Some((self.report.header(), self)));
        };
        if behind >= self.file.total {
            return Ok(None);
        }
        let views = self.app.store.bulk_row_views(self.file.id, behind, REPORT_ROWS).await?;
        // Rows of a scope that is being purged may be gone.
        self.behind = Some(views.last().map_or(self.file.total, |view| view.row.number));
        Ok(Some((self.report.page(&views), self)))
    }
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<BulkFile, ApiError> {
    let id = BatchId(raw(path_id(BatchId::PREFIX, id)?));
    app.store.bulk_file(caller.scope.id, id).await?.ok_or_else(ApiError::unknown_id)
}
