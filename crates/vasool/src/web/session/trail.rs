//! The audit trail: who did what. The intention is written before the act, so nothing is done
//! without a row; a row without an outcome says that nobody knows how it ended.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vasool_core::id::{ActionId, OperatorId, RawId, Seed};
use vasool_core::time::Millis;
use vasool_store::Store;
use vasool_store::operators::{Operator, OperatorAction, Role};

use super::{PageError, SignedIn, form_page};
use crate::api::request::Query;
use crate::app::App;
use crate::clock::Clock;
use crate::format::moment;
use crate::web::dashboard::place::Desk;
use crate::wire::value::Value;

/// Rows on a page of the trail.
const PAGE: i64 = 50;
/// Most characters of a target or a detail that are kept.
const TEXT_MAX: usize = 500;
/// Who acts where nobody is signed in.
const COMMAND_LINE: &str = "command line";

/// A row whose outcome is still to be written.
#[derive(Clone, Copy, Debug)]
pub struct TrailId(ActionId);

/// Writes down that someone is about to do something. Act only when this succeeded.
///
/// `action` is a word or two such as `refund`, `target` what it is about, such as an id, `detail`
/// what else there is to know. None of them may hold a secret: everyone who administers the server
/// reads them, for ever. That is the caller's duty.
pub async fn begin(
    app: &App,
    who: &SignedIn,
    action: &str,
    target: &str,
    detail: &str,
) -> Result<TrailId, PageError> {
    begin_as(app, &who.operator, action, target, detail).await
}

/// The same for someone who is just being let in.
pub(super) async fn begin_as(
    app: &App,
    who: &Operator,
    action: &str,
    target: &str,
    detail: &str,
) -> Result<TrailId, PageError> {
    let actor = (Some(who.id), who.email.as_str());
    Ok(write(&app.store, &app.clock, actor, action, target, detail).await?)
}

/// The same for the command line.
///
/// Errors: the store's.
pub async fn begin_at_terminal(
    store: &Store,
    clock: &Clock,
    action: &str,
    target: &str,
    detail: &str,
) -> Result<TrailId, vasool_store::StoreError> {
    write(store, clock, (None, COMMAND_LINE), action, target, detail).await
}

async fn write(
    store: &Store,
    clock: &Clock,
    (operator, actor): (Option<OperatorId>, &str),
    action: &str,
    target: &str,
    detail: &str,
) -> Result<TrailId, vasool_store::StoreError> {
    let at = clock.now();
    let cut = |text: &str| text.chars().take(TEXT_MAX).collect();
    let action = OperatorAction {
        id: new_id(clock, at),
        operator,
        actor: actor.to_owned(),
        action: action.to_owned(),
        target: cut(target),
        detail: cut(detail),
        at,
        outcome: None,
    };
    store.begin_action(&action).await?;
    Ok(TrailId(action.id))
}

/// Writes down how it ended: `done`, or why not. What cannot be written is logged: the act is over,
/// and its row is there.
pub async fn finish(app: &App, id: TrailId, outcome: &str) {
    finish_in(&app.store, &app.clock, id, outcome).await;
}

/// The same without a running server.
pub async fn finish_in(store: &Store, clock: &Clock, TrailId(id): TrailId, outcome: &str) {
    if let Err(error) = store.finish_action(id, outcome, clock.now()).await {
        tracing::error!(%error, action = %id, outcome, "an outcome is missing in the trail");
    }
}

/// An id that sorts by time.
pub fn new_id<T: From<RawId>>(clock: &Clock, now: Millis) -> T {
    Seed::first(now.0, clock.noise()).draw().id()
}

#[derive(Template)]
#[template(path = "session/trail.html")]
struct TrailPage {
    desk: Desk,
    rows: Vec<Row>,
    /// Where older rows are.
    older: Option<ActionId>,
    /// Whether these are not the newest.
    is_later_page: bool,
}

struct Row {
    at: String,
    action: OperatorAction,
}

/// `GET /dashboard/trail`: who did what, newest first.
pub async fn show_trail(
    State(app): State<App>,
    who: SignedIn,
    query: Query,
) -> Result<Response, PageError> {
    who.require(Role::Admin)?;
    let before = match query.decode()?.get("before") {
        Some(Value::Text(text)) => {
            text.strip_prefix(ActionId::PREFIX).and_then(RawId::parse).map(ActionId)
        }
        _ => None,
    };
    // One more tells whether there is another page.
    let mut actions = app.store.operator_actions(before, PAGE + 1).await?;
    let has_older = actions.len() > PAGE as usize;
    actions.truncate(PAGE as usize);
    let older = actions.last().map(|action| action.id).filter(|_| has_older);
    let row = |action: OperatorAction| Row { at: moment(action.at.to_time()), action };
    let rows = actions.into_iter().map(row).collect();
    let page = TrailPage {
        desk: Desk::of_server(&app, who, "trail"),
        rows,
        older,
        is_later_page: before.is_some(),
    };
    Ok(form_page(StatusCode::OK, &page))
}
