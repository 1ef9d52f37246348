//! Settlement recon. Source: common 14.

use axum::extract::State;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::Query;
use crate::app::App;
use crate::wire::fields::Fields;
use crate::wire::out::Collection;
use crate::wire::paging::{Page, RECON_COUNT_MAX};
use crate::wire::recon::{ReconOut, read_days};
use crate::wire::strict::refuse_extra_keys;

const KEYS: &[&str] = &["year", "month", "day", "count", "skip"];

/// `GET /v1/settlements/recon/combined`
pub async fn list_recon(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, KEYS, &caller.holder.tenant.settings)?;
    let days = read_days(&fields)?;
    let page = Page::read_without_instants(&fields, RECON_COUNT_MAX)?;
    let skip = i64::try_from(page.skip).unwrap_or(i64::MAX);
    let rows = app.store.recon(caller.scope.id, days, (page.count.into(), skip)).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(ReconOut::from).collect())))
}
