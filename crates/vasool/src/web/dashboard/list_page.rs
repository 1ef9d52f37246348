//! The page of a list: filters, rows, pages; and the same as a file for a spreadsheet.

use askama::Template;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value as Json;
use tokio::sync::OwnedSemaphorePermit;

use super::lists::{List, Source};
use super::place::{Desk, Place, nowhere};
use super::rows::{self, Asked, PAGE, Rows};
use super::shown::Shown;
use crate::api::request::{Path, Query};
use crate::app::App;
use crate::web::client::{Api, Problem};
use crate::web::session::{PageError, SignedIn, form_page};

/// Rows of one read of an export; the API gives no more than a hundred.
const EXPORT_PAGE: usize = 99;

/// Exports that one process makes at a time.
pub const EXPORTS_AT_ONCE: usize = 4;

#[derive(Template)]
#[template(path = "dashboard/list.html")]
struct ListPage {
    desk: Desk,
    list: &'static List,
    asked: Asked,
    rows: Vec<Vec<Shown>>,
    next: Option<String>,
    back: Option<String>,
    problem: Option<Problem>,
}

impl ListPage {
    fn base(&self) -> String {
        self.desk.place.as_ref().map_or_else(String::new, Place::base)
    }

    fn is_blamed(&self, name: &str) -> bool {
        let field = self.problem.as_ref().and_then(|problem| problem.field.as_deref());
        field == Some(name)
    }

    /// Whether the problem is about none of the fields that are shown.
    fn is_of_no_field(&self) -> bool {
        let named = |name: &str| {
            matches!(name, "from" | "to") || self.list.filters.iter().any(|row| row.name == name)
        };
        let field = self.problem.as_ref().and_then(|problem| problem.field.as_deref());
        !field.is_some_and(named)
    }

    /// Whether days can be asked for.
    fn has_days(&self) -> bool {
        !matches!(self.list.source, Source::Events | Source::Deliveries | Source::Alerts)
    }
}

/// `GET /dashboard/:account/:mode/:list`, and `….csv` for a spreadsheet.
pub async fn show_list(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    Extension(api): Extension<Api>,
    Path((_, _, name)): Path<(String, String, String)>,
    query: Query,
) -> Result<Response, PageError> {
    let file = name.strip_suffix(".csv");
    let list = List::named(file.unwrap_or(&name)).ok_or_else(nowhere)?;
    let asked = Asked::read(list, &query)?;
    if file.is_some() {
        return export(app, api, place, list, asked).await;
    }
    let found = rows::read(&app, &api, &place, list, &asked, PAGE).await?;
    let (Rows { items, next, back, .. }, problem) = match found {
        Ok(rows) => (rows, None),
        Err(problem) => (Rows::default(), Some(problem)),
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let rows = items.iter().map(|item| cells(list, item)).collect();
    let desk = Desk::of(&app, who, place, list.name);
    Ok(form_page(status, &ListPage { desk, list, asked, rows, next, back, problem }))
}

fn cells(list: &List, item: &Json) -> Vec<Shown> {
    list.columns.iter().map(|column| column.show(item)).collect()
}

/// How far an export has come.
struct Export {
    app: App,
    api: Api,
    place: Place,
    list: &'static List,
    asked: Asked,
    is_over: bool,
    /// Given back when the last row is sent, or nobody reads on.
    _place: OwnedSemaphorePermit,
}

/// All rows, streamed page by page.
async fn export(
    app: App,
    api: Api,
    place: Place,
    list: &'static List,
    asked: Asked,
) -> Result<Response, PageError> {
    let Ok(_place) = app.exports.clone().try_acquire_owned() else {
        let (title, text) = ("Others export just now", "Please try again in a minute.");
        let busy = PageError::new(StatusCode::SERVICE_UNAVAILABLE, title, text, None);
        return Err(busy.with(header::RETRY_AFTER, HeaderValue::from_static("60")));
    };
    let mut export = Export { app, api, place, list, asked, is_over: false, _place };
    // A refusal is told as such, not in the middle of a file.
    let first = match export.page().await? {
        Ok(first) => first,
        Err(problem) => {
            let title = "This cannot be exported";
            let status = StatusCode::BAD_REQUEST;
            return Err(PageError::new(status, title, &problem.description, None));
        }
    };
    let titles = list.columns.iter().map(|column| column.title.to_owned());
    let mut head = line(titles);
    head.extend(first);
    let rest = stream::unfold(export, |mut export| async move {
        if export.is_over {
            return None;
        }
        match export.page().await {
            Ok(Ok(bytes)) => Some((Ok(Bytes::from(bytes)), export)),
            // The connection breaks, so that nobody takes half of the file for all of it.
            Ok(Err(_)) | Err(_) => {
                export.is_over = true;
                Some((Err(std::io::Error::other("the export broke off")), export))
            }
        }
    });
    let head = stream::iter([Ok(Bytes::from(head))]);
    let body = Body::from_stream(futures_util::StreamExt::chain(head, rest));
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    let name = format!("attachment; filename=\"{}.csv\"", list.name);
    let name = HeaderValue::from_str(&name).map_err(|_| PageError::fault())?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

impl Export {
    /// The lines of the next page.
    async fn page(&mut self) -> Result<Result<Vec<u8>, Problem>, PageError> {
        let (app, api, place, list) = (&self.app, &self.api, &self.place, self.list);
        let found = rows::read(app, api, place, list, &self.asked, EXPORT_PAGE).await?;
        let rows = match found {
            Ok(rows) => rows,
            Err(problem) => return Ok(Err(problem)),
        };
        let lines = rows.items.iter().map(|item| line(cells(list, item).iter().map(Shown::cell)));
        let bytes = lines.flatten().collect();
        self.is_over = !self.asked.go_on(list, &rows);
        Ok(Ok(bytes))
    }
}

/// One line of a CSV file.
fn line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(vec![]);
    let record: Vec<String> = cells.collect();
    // A writer into memory takes everything.
    let _: Result<(), csv::Error> = writer.write_record(&record);
    writer.into_inner().unwrap_or_default()
}
