//! The switchboard of faults: what rails and webhooks shall do wrong next. Source: sandbox 7.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Map, Value as Json};

use super::{Shows, Tried, make, only_sandbox};
use crate::app::App;
use crate::web::client::{Api, Call, Problem};
use crate::web::dashboard::place::{Desk, Place};
use crate::web::dashboard::shown::{int, text};
use crate::web::session::{Fields, PageError, Role, SignedForm, SignedIn, form_page};

const FAULTS: &str = "/v1/sandbox/faults";

/// A switch: target, kind, and what it does.
const SWITCHES: [(&str, &str, &str); 17] = [
    ("webhook", "duplicate", "sent twice"),
    ("webhook", "delay", "sent late"),
    ("webhook", "drop", "not sent, then tried again by the schedule"),
    ("webhook", "reorder", "sent in the wrong order"),
    ("webhook", "outage", "refused for a while"),
    ("bank", "timeout", "no answer; the status is asked for later"),
    ("bank", "error", "an answer that is a fault"),
    ("bank", "late", "the answer comes after our time-out"),
    ("bank", "duplicate", "the answer comes twice"),
    ("upi", "timeout", "no answer; the status is asked for later"),
    ("upi", "error", "an answer that is a fault"),
    ("upi", "late", "the answer comes after our time-out"),
    ("upi", "duplicate", "the answer comes twice"),
    ("nach", "timeout", "no answer; the status is asked for later"),
    ("nach", "error", "an answer that is a fault"),
    ("nach", "late", "the answer comes after our time-out"),
    ("nach", "duplicate", "the answer comes twice"),
];

#[derive(Template)]
#[template(path = "console/faults.html")]
struct FaultsPage {
    desk: Desk,
    base: String,
    armed: Vec<Armed>,
    tried: Option<Tried>,
}

/// A fault that was armed.
struct Armed {
    what: String,
    fired: String,
    is_armed: bool,
}

impl Shows for FaultsPage {
    fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref()
    }
}

impl FaultsPage {
    fn switches() -> impl Iterator<Item = (String, String)> {
        SWITCHES.into_iter().map(|(target, kind, words)| {
            (format!("{target}.{kind}"), format!("{}: {words}", target_words(target)))
        })
    }

    fn problem_at_large(&self) -> Option<&str> {
        let problem = self.tried()?.problem.as_ref()?;
        let field = problem.field.as_deref().unwrap_or_default();
        let is_shown = ["what", "events", "operation", "times", "seconds"].contains(&field);
        (!is_shown).then_some(&*problem.description)
    }
}

fn target_words(target: &str) -> &'static str {
    match target {
        "webhook" => "Webhook",
        "bank" => "Bank of payouts",
        "upi" => "UPI network",
        _ => "NACH",
    }
}

/// `GET /dashboard/:account/test/console/faults`
pub async fn show_faults(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
    Extension(api): Extension<Api>,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    show(&app, &api, who, place, None).await
}

/// `POST /dashboard/:account/test/console/faults`: one more.
pub async fn arm_fault(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let SignedForm { who, fields } = form;
    let body = match read(&fields) {
        Ok(body) => body,
        Err(problem) => {
            return show(&app, &api, who, place, Some(Tried::refused(fields, problem))).await;
        }
    };
    let call = Call::post(FAULTS, body);
    let target = fields.get("what").to_owned();
    let called = make(&app, &api, &who, &place, ("arm fault", &target), &call).await?;
    let tried = Tried::of(&app, &call, &called, fields);
    show(&app, &api, who, place, Some(tried)).await
}

/// `POST /dashboard/:account/test/console/faults/clear`
pub async fn clear_faults(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let call = Call::new(Method::DELETE, FAULTS, None);
    let called = make(&app, &api, &form.who, &place, ("disarm faults", ""), &call).await?;
    let tried = Tried::of(&app, &call, &called, Fields::default());
    show(&app, &api, form.who, place, Some(tried)).await
}

fn read(fields: &Fields) -> Result<Json, Problem> {
    let wrong = |field: &str, words: &str| Problem {
        description: words.to_owned(),
        field: Some(field.to_owned()),
    };
    let known =
        SWITCHES.iter().find(|(target, kind, _)| fields.get("what") == format!("{target}.{kind}"));
    let (target, kind, _) = known.ok_or_else(|| wrong("what", "Choose one of the list."))?;
    let mut body = Map::new();
    body.insert("target".to_owned(), (*target).into());
    body.insert("kind".to_owned(), (*kind).into());
    let events: Vec<&str> =
        fields.get("events").split([',', ' ']).filter(|name| !name.is_empty()).collect();
    if !events.is_empty() {
        body.insert("events".to_owned(), events.into());
    }
    let operation = fields.get("operation").trim();
    if !operation.is_empty() {
        body.insert("operation".to_owned(), operation.into());
    }
    for name in ["times", "seconds"] {
        let typed = fields.get(name).trim();
        if !typed.is_empty() {
            let number =
                typed.parse::<i64>().map_err(|_| wrong(name, "A whole number, please."))?;
            body.insert(name.to_owned(), number.into());
        }
    }
    Ok(Json::Object(body))
}

async fn show(
    app: &App,
    api: &Api,
    who: SignedIn,
    place: Place,
    tried: Option<Tried>,
) -> Result<Response, PageError> {
    let faults = api.list(app, &place, FAULTS).await?;
    let page = FaultsPage {
        base: place.base(),
        armed: faults.iter().rev().map(armed).collect(),
        tried,
        desk: Desk::of(app, who, place, "console/faults"),
    };
    Ok(form_page(page.status(), &page))
}

fn armed(fault: &Json) -> Armed {
    let word = |key| text(fault, key).unwrap_or_default();
    let (target, kind) = (word("target"), word("kind"));
    let known = SWITCHES.iter().find(|(t, k, _)| *t == target && *k == kind);
    let words = known.map_or(&*kind, |(_, _, words)| words);
    let operation =
        text(fault, "operation").map_or_else(String::new, |name| format!(", {name} only"));
    Armed {
        what: format!("{}: {words}{operation}", target_words(&target)),
        fired: format!(
            "{} of {}",
            int(fault, "fired").unwrap_or_default(),
            int(fault, "times").unwrap_or_default()
        ),
        is_armed: fault["armed"] == true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn switches_are_faults_of_the_api() {
        let form = "what=webhook.drop&events=payment.captured,+order.paid&times=3&seconds=";
        let body = read(&Fields::parse(form).unwrap()).unwrap();
        let events = ["payment.captured", "order.paid"];
        assert_eq!(
            body,
            json!({"target": "webhook", "kind": "drop", "events": events, "times": 3})
        );
        let wrong = read(&Fields::parse("what=moon.eclipse").unwrap()).unwrap_err();
        assert_eq!(wrong.field.as_deref(), Some("what"));
        let wrong = read(&Fields::parse("what=upi.late&times=many").unwrap()).unwrap_err();
        assert_eq!(wrong.field.as_deref(), Some("times"));
    }
}
