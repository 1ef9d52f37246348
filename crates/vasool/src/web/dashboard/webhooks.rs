//! Where events are sent: webhooks of a merchant in a mode, and sending an event again.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use vasool_core::command::ScopedCommand;
use vasool_core::event::EventKind;
use vasool_core::id::{EndpointId, EventId, RawId};

use super::entity::run;
use super::place::{Desk, Place, nowhere};
use super::shown::text;
use crate::api::request::Path;
use crate::app::App;
use crate::web::client::{Api, Call, Problem};
use crate::web::session::{
    Fields, PageError, Role, SignedForm, SignedIn, form_page, redirect, trail,
};
use crate::wire::error::ApiError;

/// Webhooks of one merchant; the API allows no more.
const ALL: &str = "/v1/webhooks?count=100";

#[derive(Template)]
#[template(path = "dashboard/webhooks.html")]
struct WebhooksPage {
    desk: Desk,
    base: String,
    webhooks: Vec<Form>,
    new: Form,
    /// The same from a shell, of what was just tried, and whether it was done.
    tried: Option<(String, bool)>,
}

impl WebhooksPage {
    fn may_act(&self) -> bool {
        self.desk.place.as_ref().is_some_and(|place| self.desk.who.may(role(place)))
    }
}

/// Who may say where events go: with those of live mode goes everything about customers and money.
fn role(place: &Place) -> Role {
    if place.is_test() { Role::Operate } else { Role::Admin }
}

/// An address without the name and password that may stand in it.
pub fn without_userinfo(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[host..])
        }
        None => url.to_owned(),
    }
}

/// The form of a webhook, or of a new one.
struct Form {
    /// The webhook's id, or `new`.
    id: String,
    /// Where it goes now.
    title: String,
    url: String,
    alert_email: String,
    is_active: bool,
    /// Every event that is fired, and whether this webhook hears of it.
    events: Vec<(&'static str, bool)>,
    /// What is wrong, and with which field.
    problem: Option<(String, String)>,
}

impl Form {
    fn new(webhook: Option<&Json>, tried: Option<&Tried>) -> Form {
        let words = |key| webhook.and_then(|webhook| text(webhook, key)).unwrap_or_default();
        let id = webhook.map_or_else(|| "new".to_owned(), |_| words("id"));
        let (url, own) = (words("url"), tried.filter(|tried| tried.form == id));
        let refused = own.filter(|tried| tried.problem.is_some());
        let problem = refused.and_then(|tried| tried.problem.as_ref()).map(|problem| {
            let field = problem.field.as_deref().unwrap_or("url");
            (field.split('.').next().unwrap_or(field).to_owned(), problem.description.clone())
        });
        let title = without_userinfo(&url);
        let names = EventKind::ALL.into_iter().map(EventKind::as_str);
        match refused {
            // What was typed stays.
            Some(Tried { typed, .. }) => Form {
                id,
                title,
                url: typed.get("url").to_owned(),
                alert_email: typed.get("alert_email").to_owned(),
                is_active: typed.get("active") == "1",
                events: names
                    .map(|name| (name, typed.all("events").any(|one| one == name)))
                    .collect(),
                problem,
            },
            None => {
                let listens = |name: &str| match webhook.map(|webhook| &webhook["events"]) {
                    Some(Json::Array(all)) => all.iter().any(|one| one == name),
                    _ => true,
                };
                Form {
                    id,
                    url,
                    title,
                    alert_email: words("alert_email"),
                    is_active: webhook.is_none_or(|webhook| webhook["active"] == true),
                    events: names.map(|name| (name, listens(name))).collect(),
                    problem,
                }
            }
        }
    }

    fn problem_of(&self, field: &str) -> Option<&str> {
        let (known, words) = self.problem.as_ref()?;
        (known == field).then_some(words)
    }

    /// Events it hears of.
    fn heard(&self) -> usize {
        self.events.iter().filter(|(_, is_heard)| *is_heard).count()
    }
}

/// `GET /dashboard/:account/:mode/webhooks`
pub async fn show_webhooks(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    Extension(api): Extension<Api>,
) -> Result<Response, PageError> {
    show(&app, &api, who, place, None, StatusCode::OK).await
}

/// What somebody has just tried.
struct Tried {
    /// Of which form.
    form: String,
    typed: Fields,
    problem: Option<Problem>,
    curl: String,
}

async fn show(
    app: &App,
    api: &Api,
    who: SignedIn,
    place: Place,
    tried: Option<Tried>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let webhooks = api.list(app, &place, ALL).await?;
    let page = WebhooksPage {
        base: place.base(),
        webhooks: webhooks.iter().map(|row| Form::new(Some(row), tried.as_ref())).collect(),
        new: Form::new(None, tried.as_ref()),
        tried: tried.map(|tried| (tried.curl, tried.problem.is_none())),
        desk: Desk::of(app, who, place, "webhooks"),
    };
    Ok(form_page(status, &page))
}

/// `POST /dashboard/:account/:mode/webhooks`: a new one.
pub async fn add_webhook(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(role(&place))?;
    let body = body_of(&form.fields);
    let call = Call::post("/v1/webhooks", body);
    try_call(&app, &api, form, place, ("add webhook", "new"), call).await
}

/// `POST /dashboard/:account/:mode/webhooks/:id/:act`: `save` or `delete`.
pub async fn change_webhook(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    Path((_, _, id, act)): Path<(String, String, String, String)>,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(role(&place))?;
    let id = RawId::parse(&id).ok_or_else(nowhere)?;
    let path = format!("/v1/webhooks/{id}");
    let (action, method, body) = match &*act {
        "save" => ("change webhook", Method::PATCH, Some(body_of(&form.fields))),
        "delete" => ("delete webhook", Method::DELETE, None),
        _ => return Err(nowhere()),
    };
    let call = Call::new(method, path, body);
    try_call(&app, &api, form, place, (action, id.as_str()), call).await
}

async fn try_call(
    app: &App,
    api: &Api,
    form: SignedForm,
    place: Place,
    (action, target): (&str, &str),
    call: Call,
) -> Result<Response, PageError> {
    let mut shown = call.clone();
    // Neither the trail nor the page repeats a secret.
    if let Some(body) = &mut shown.body {
        if let Some(secret) = body.get_mut("secret") {
            *secret = json!("…");
        }
        if let Some(url) = body.get_mut("url") {
            *url = without_userinfo(url.as_str().unwrap_or_default()).into();
        }
    }
    let called = run(app, api, &form.who, &place, action, target, &call, &shown).await?;
    let problem = called.problem();
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::from_u16(called.status).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let curl = shown.curl(&app.options.public_url);
    let tried = Tried { form: target.to_owned(), typed: form.fields, problem, curl };
    show(app, api, form.who, place, Some(tried), status).await
}

/// The body of the call. A secret that was not typed stays what it was.
fn body_of(fields: &Fields) -> Json {
    let mut body = Map::new();
    body.insert("url".to_owned(), fields.get("url").trim().into());
    let events: Map<String, Json> =
        fields.all("events").map(|name| (name.to_owned(), json!(true))).collect();
    body.insert("events".to_owned(), Json::Object(events));
    body.insert("active".to_owned(), (fields.get("active") == "1").into());
    let email = fields.get("alert_email").trim();
    if !email.is_empty() {
        body.insert("alert_email".to_owned(), email.into());
    }
    let secret = fields.get("secret");
    if !secret.is_empty() {
        body.insert("secret".to_owned(), secret.into());
    }
    Json::Object(body)
}

/// `POST /dashboard/:account/:mode/events/:id/replay`: sends an event to a webhook again. Source:
/// common 10.3.
pub async fn replay_event(
    State(app): State<App>,
    place: Place,
    Path((_, _, id)): Path<(String, String, String)>,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(Role::Operate)?;
    let event = RawId::parse(&id).map(EventId).ok_or_else(nowhere)?;
    let endpoint = RawId::parse(form.fields.get("endpoint")).map(EndpointId).ok_or_else(nowhere)?;
    let detail = format!("to {endpoint}, {}", place.base());
    let trail = trail::begin(&app, &form.who, "replay", &id, &detail).await?;
    let command = ScopedCommand::ReplayEvents(endpoint, vec![event]);
    match app.submit(place.scope(), command).await {
        Ok(_) => {
            trail::finish(&app, trail, "done").await;
            Ok(redirect(&format!("{}/events/{id}", place.base())))
        }
        Err(refusal) => {
            let error = ApiError::from(refusal);
            trail::finish(&app, trail, &format!("refused: {}", error.description)).await;
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_passwords() {
        for (url, shown) in [
            ("https://a:b@h.example/x?y=@z", "https://h.example/x?y=@z"),
            ("https://h.example", "https://h.example"),
            ("https://u@h:1/", "https://h:1/"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(without_userinfo(url), shown);
        }
    }
}
