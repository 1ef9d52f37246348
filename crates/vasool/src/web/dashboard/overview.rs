//! The first page of a merchant in a mode: what came in today, what is on its way, whether the books
//! are sound; and the page before it, which merchants there are.

use std::borrow::Borrow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vasool_core::scope::Mode;
use vasool_core::tenant::Merchant;
use vasool_store::audit::AuditRecord;

use super::chart::Chart;
use super::figures::{Counted, Figures};
use super::place::{Desk, Place};
use crate::api::request::Query;
use crate::app::App;
use crate::clock::Stopwatch;
use crate::format::{day, moment, signed_rupees};
use crate::web::session::{PageError, Role, SignedForm, SignedIn, form_page, redirect, trail};
use crate::wire::value::Value;

/// Merchants on a page.
const MERCHANTS: i64 = 50;

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    desk: Desk,
    figures: Option<Arc<Figures>>,
    chart: Option<Chart>,
    audit: Option<AuditRecord>,
    is_auditing: bool,
    base: String,
    public_url: String,
}

impl OverviewPage {
    fn may_audit(&self) -> bool {
        self.desk.who.may(Role::Operate)
    }
}

/// `GET /dashboard/:account/:mode`
pub async fn show_overview(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
) -> Result<Response, PageError> {
    let figures = Counted::of(&app, &place).await;
    let page = OverviewPage {
        chart: figures.as_deref().map(Chart::of),
        figures,
        audit: app.store.last_audit().await?,
        is_auditing: app.is_auditing.load(Ordering::Relaxed),
        base: place.base(),
        public_url: app.options.public_url.clone(),
        desk: Desk::of(&app, who, place, ""),
    };
    Ok(form_page(StatusCode::OK, &page))
}

/// `POST /dashboard/:account/:mode/audit`: proves the books of the whole server, beside the page.
pub async fn start_audit(
    State(app): State<App>,
    place: Place,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(Role::Operate)?;
    let back = redirect(&place.base());
    // One at a time: it reads everything.
    if app.is_auditing.swap(true, Ordering::Relaxed) {
        return Ok(back);
    }
    let reset = Running(app.clone());
    let trail = trail::begin(&app, &form.who, "audit", "books", "").await?;
    app.tasks.clone().spawn(async move {
        let app = reset.0.clone();
        let watch = Stopwatch::start();
        let outcome = match app.store.audit().await {
            Ok(audit) => {
                let at = app.clock.now();
                let took_ms = i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX);
                let record = AuditRecord::of(&audit, at.to_time(), took_ms);
                let id = trail::new_id(&app.clock, at);
                match app.store.record_audit(id, &record).await {
                    Ok(()) if record.broken == 0 => "clean".to_owned(),
                    Ok(()) => format!("{} rules or rows are broken", record.broken),
                    Err(error) => format!("not recorded: {error}"),
                }
            }
            Err(error) => format!("failed: {error}"),
        };
        trail::finish(&app, trail, &outcome).await;
        drop(reset);
    });
    Ok(back)
}

/// Says that an audit goes on, until it is dropped.
struct Running(App);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.is_auditing.store(false, Ordering::Relaxed);
    }
}

#[derive(Template)]
#[template(path = "dashboard/merchants.html")]
struct MerchantsPage {
    desk: Desk,
    merchants: Vec<Merchant>,
    next: Option<i64>,
    back: Option<i64>,
}

/// `GET /dashboard`: straight to the only merchant, or a choice.
pub async fn show_merchants(
    State(app): State<App>,
    who: SignedIn,
    query: Query,
) -> Result<Response, PageError> {
    let skip = match query.decode()?.get("skip") {
        Some(Value::Text(text)) => text.parse::<i64>().unwrap_or(0).max(0),
        _ => 0,
    };
    let mut merchants = app.store.merchants_page(MERCHANTS + 1, skip).await?;
    if let ([only], 0) = (merchants.as_slice(), skip) {
        let keys = app.store.api_keys_of(only.id, Mode::Live).await?;
        let mode = if app.options.sandbox || keys.is_empty() { Mode::Test } else { Mode::Live };
        return Ok(redirect(&format!("/dashboard/{}/{}", only.id, mode.as_str())));
    }
    let is_more = merchants.len() > MERCHANTS as usize;
    merchants.truncate(MERCHANTS as usize);
    let page = MerchantsPage {
        desk: Desk::of_server(&app, who, "merchants"),
        merchants,
        next: is_more.then_some(skip + MERCHANTS),
        back: (skip > 0).then_some((skip - MERCHANTS).max(0)),
    };
    Ok(form_page(StatusCode::OK, &page))
}

/// A share as a percentage with one decimal, without a detour through fractions; nothing of nothing.
fn percent(part: impl Borrow<i64>, whole: impl Borrow<i64>) -> String {
    let (part, whole) = (*part.borrow(), *whole.borrow());
    if whole <= 0 {
        return "–".to_owned();
    }
    let per_mille = part * 1_000 / whole;
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages() {
        assert_eq!(percent(2, 3), "66.6 %");
        assert_eq!(percent(3, 3), "100.0 %");
        assert_eq!(percent(0, 0), "–");
    }
}
