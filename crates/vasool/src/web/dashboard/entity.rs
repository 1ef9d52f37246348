//! The page of one entity: facts, what can be done, what became of it, its JSON.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value as Json;
use vasool_core::id::{EventId, RawId, TokenId};
use vasool_core::webhook::{DeliveryState, Endpoint};

use super::lists::{Act, List, Source, entity_path};
use super::place::{Desk, Place, nowhere};
use super::shown::{Column, Of, Shown};
use super::timeline::{self, Entry};
use super::trace::Entity;
use crate::api::request::Path;
use crate::app::App;
use crate::format::second;
use crate::web::client::{Api, Call, Called, Problem};
use crate::web::pretty::pretty;
use crate::web::session::{Fields, PageError, Role, SignedForm, SignedIn, form_page, trail};
use crate::wire::desk::{mandate, paper_mandate};
use crate::wire::event::body;

#[derive(Template)]
#[template(path = "dashboard/entity.html")]
struct EntityPage {
    desk: Desk,
    list: &'static List,
    id: String,
    facts: Vec<(&'static str, Shown)>,
    related: Vec<(&'static str, String)>,
    acts: Vec<&'static Act>,
    entries: Vec<Entry>,
    /// Whether there is a history: rows of a batch have their own.
    has_history: bool,
    /// A key for what must be done once, however often it is sent.
    once: String,
    json: String,
    /// What was just done or refused, by the act of this name.
    tried: Option<Tried>,
    /// Webhooks that an event can be sent to again.
    endpoints: Vec<Endpoint>,
}

/// An act that somebody has just tried.
struct Tried {
    act: &'static str,
    curl: Option<String>,
    problem: Option<Problem>,
    typed: Fields,
}

impl EntityPage {
    fn base(&self) -> String {
        self.desk.place.as_ref().map_or_else(String::new, Place::base)
    }

    /// Whether whoever looks may act.
    fn may_act(&self) -> bool {
        self.desk.who.may(Role::Operate)
    }

    fn typed(&self, act: &Act, name: &str) -> &str {
        let tried = self.tried.as_ref().filter(|tried| tried.act == act.name);
        tried.filter(|tried| tried.problem.is_some()).map_or("", |tried| tried.typed.get(name))
    }

    fn problem(&self, act: &Act) -> Option<&Problem> {
        self.tried.as_ref().filter(|tried| tried.act == act.name)?.problem.as_ref()
    }

    /// What is wrong with a field of an act.
    fn problem_of(&self, act: &Act, name: &str) -> Option<&str> {
        let problem = self.problem(act)?;
        (problem.field.as_deref() == Some(name)).then_some(&*problem.description)
    }

    /// What is wrong with an act, but with none of its fields.
    fn problem_at_large(&self, act: &Act) -> Option<&str> {
        let problem = self.problem(act)?;
        let field = problem.field.as_deref();
        let is_shown = act.inputs.iter().any(|input| Some(input.name) == field);
        (!is_shown).then_some(&*problem.description)
    }
}

/// `GET /dashboard/:account/:mode/:list/:id`
pub async fn show_entity(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    Extension(api): Extension<Api>,
    Path((_, _, list, id)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    let list = List::named(&list).filter(|list| list.has_pages()).ok_or_else(nowhere)?;
    let found = find(&app, &api, &place, list, &id).await?.ok_or_else(nowhere)?;
    show(&app, who, place, list, id, found, None, StatusCode::OK).await
}

/// `POST /dashboard/:account/:mode/:list/:id/:act`
pub async fn act_on_entity(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    Path((_, _, list, id, act)): Path<(String, String, String, String, String)>,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(Role::Operate)?;
    let list = List::named(&list).ok_or_else(nowhere)?;
    let act = list.act(&act).ok_or_else(nowhere)?;
    let found = find(&app, &api, &place, list, &id).await?.ok_or_else(nowhere)?;
    let call = match act.call(&found.0, &form.fields) {
        Ok(call) => call,
        Err(problem) => {
            let (curl, problem) = (None, Some(problem));
            let tried = Tried { act: act.name, curl, problem, typed: form.fields };
            let status = StatusCode::BAD_REQUEST;
            return show(&app, form.who, place, list, id, found, Some(tried), status).await;
        }
    };
    let called = run(&app, &api, &form.who, &place, act.name, &id, &call, &call).await?;
    let problem = called.problem();
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::from_u16(called.status).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let curl = Some(call.curl(&app.options.public_url));
    let tried = Tried { act: act.name, curl, problem, typed: form.fields };
    let found = find(&app, &api, &place, list, &id).await?.ok_or_else(nowhere)?;
    show(&app, form.who, place, list, id, found, Some(tried), status).await
}

/// Calls the API for somebody, and writes it into the trail as `told`: the call without its secrets.
#[expect(
    clippy::too_many_arguments,
    reason = "who, where, what for and what: all of them are needed"
)]
pub async fn run(
    app: &App,
    api: &Api,
    who: &SignedIn,
    place: &Place,
    action: &str,
    target: &str,
    call: &Call,
    told: &Call,
) -> Result<Called, PageError> {
    let body = told.body.as_ref().map_or_else(String::new, |body| format!(" {body}"));
    let detail = format!("{}: {} {}{body}", place.base(), call.method, call.path);
    let trail = trail::begin(app, who, action, target, &detail).await?;
    // On its own: a browser that goes away ends neither the act nor its row.
    let (app, api, place, call) = (app.clone(), api.clone(), place.clone(), call.clone());
    let (tell, told) = tokio::sync::oneshot::channel();
    app.tasks.clone().spawn(async move {
        let called = api.call(&app, &place, &call).await;
        let outcome = match called.as_ref().map(Called::problem) {
            Ok(None) => "done".to_owned(),
            Ok(Some(problem)) => format!("refused: {}", problem.description),
            Err(_) => "the server could not do it".to_owned(),
        };
        trail::finish(&app, trail, &outcome).await;
        // Nobody may be waiting any more.
        let _ = tell.send(called);
    });
    told.await.map_err(|_| PageError::fault())?
}

/// An entity as a tree and as text; `None` where there is none in this place.
async fn find(
    app: &App,
    api: &Api,
    place: &Place,
    list: &List,
    id: &str,
) -> Result<Option<(Json, String)>, PageError> {
    let text = match list.source {
        // Nothing but an id of this list may get into the path of a call.
        Source::Api(_) if entity_path(id) != Some(format!("{}/{id}", list.name)) => None,
        Source::Api(path) => {
            api.find(app, place, format!("{path}/{id}")).await?.map(|row| row.text)
        }
        Source::Mandates => mandate_text(app, place, id).await?,
        Source::Events => event_text(app, place, id).await?,
        Source::Deliveries | Source::Messages | Source::Alerts | Source::Keys => None,
    };
    Ok(text.and_then(|text| Some((serde_json::from_str(&text).ok()?, text))))
}

async fn mandate_text(app: &App, place: &Place, id: &str) -> Result<Option<String>, PageError> {
    let id = id.strip_prefix(TokenId::PREFIX).and_then(RawId::parse).map(TokenId);
    let Some(id) = id else { return Ok(None) };
    if let Some(row) = app.store.token(place.scope(), id).await? {
        return Ok(Some(mandate(&row.as_of(place.now)).to_string()));
    }
    let row = app.store.nach_token(place.scope(), id).await?;
    Ok(row.map(|row| paper_mandate(&row).to_string()))
}

async fn event_text(app: &App, place: &Place, id: &str) -> Result<Option<String>, PageError> {
    let Some(id) = RawId::parse(id).map(EventId) else { return Ok(None) };
    let Some(row) = app.store.occurrence(id).await? else { return Ok(None) };
    let kind = row.kind_of(id).filter(|_| row.scope.id == place.scope());
    Ok(kind.map(|kind| body(&row, kind, &app.options.public_url)))
}

#[expect(clippy::too_many_arguments, reason = "one call for what is seen and for what was tried")]
async fn show(
    app: &App,
    who: SignedIn,
    place: Place,
    list: &'static List,
    id: String,
    (entity, text): (Json, String),
    tried: Option<Tried>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let columns = list.columns.iter().chain(list.facts);
    let shown = |column: &Column| (column.title, column.show(&entity));
    let mut facts: Vec<(&str, Shown)> = match list.source {
        Source::Events => event_facts(&entity),
        _ => columns.map(shown).filter(|(_, value)| *value != Shown::Nothing).collect(),
    };
    facts.extend(notes(&entity));
    let entries = match Entity::parse(&id) {
        Some(entity) => timeline::of(app, &place, entity).await?,
        None => timeline::of_event(app, &place, &id).await?,
    };
    let endpoints = match list.source {
        Source::Events => not_told(app, &place, &id).await?,
        _ => vec![],
    };
    let (noise, more) = (app.clock.noise(), app.clock.noise());
    let page = EntityPage {
        endpoints,
        has_history: list.name != "batches",
        once: format!("{noise:016x}{more:016x}"),
        facts,
        related: (list.related)(&entity),
        acts: list.acts.iter().filter(|act| (act.when)(&entity)).collect(),
        entries,
        json: pretty(&text),
        desk: Desk::of(app, who, place, list.name),
        list,
        id,
        tried,
    };
    Ok(form_page(status, &page))
}

/// Webhooks that did not take an event.
async fn not_told(app: &App, place: &Place, event: &str) -> Result<Vec<Endpoint>, PageError> {
    let Some(event) = RawId::parse(event).map(EventId) else { return Ok(vec![]) };
    let deliveries = app.store.deliveries_of(&[event]).await?;
    let mut endpoints = app.store.endpoints(place.scope()).await?;
    endpoints.retain(|endpoint| {
        let own = deliveries.iter().find(|delivery| delivery.endpoint == endpoint.id);
        own.is_some_and(|delivery| delivery.state != DeliveryState::Delivered)
    });
    Ok(endpoints)
}

fn event_facts(event: &Json) -> Vec<(&'static str, Shown)> {
    let entities = event["payload"].as_object().into_iter().flatten();
    let about = entities.filter_map(|(_, part)| Some(part["entity"]["id"].as_str()?.to_owned()));
    let head =
        [Column::new("Event", Of::Text("event")), Column::new("When", Of::Time("created_at"))];
    let head = head.map(|column| (column.title, column.show(event)));
    head.into_iter().chain(about.map(|id| ("About", Shown::id(id)))).collect()
}

/// The merchant's notes, as one fact.
fn notes(entity: &Json) -> Option<(&'static str, Shown)> {
    let notes = entity["notes"].as_object().filter(|notes| !notes.is_empty())?;
    let notes = notes.iter().map(|(key, value)| match value {
        Json::String(text) => format!("{key}: {text}"),
        other => format!("{key}: {other}"),
    });
    Some(("Notes", Shown::Text(notes.collect::<Vec<_>>().join("; "))))
}
