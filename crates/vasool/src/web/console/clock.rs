//! The clock of a merchant in test mode: moved forward, stopped, and what fired on the way. Source:
//! sandbox 5 and 9.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value as Json, json};
use vasool_core::id::{RawId, Seed};
use vasool_core::time::Millis;
use vasool_core::timer::TimerKey;

use super::{Shows, Tried, make, only_sandbox};
use crate::app::App;
use crate::format::second;
use crate::web::client::{Api, Call, Problem};
use crate::web::dashboard::place::{Desk, Place};
use crate::web::dashboard::shown::Shown;
use crate::web::session::{Fields, PageError, Role, SignedForm, SignedIn, form_page};
use crate::wire::desk::about;

/// Steps that are offered: seconds and words.
const PRESETS: [(i64, &str); 6] = [
    (60, "1 minute"),
    (900, "15 minutes"),
    (3_600, "1 hour"),
    (86_400, "1 day"),
    (604_800, "1 week"),
    (7_776_000, "90 days"),
];
/// Events that are shown as fired, and timers as due next.
const SHOWN: usize = 50;
/// Events of all merchants that are looked through for them.
const SEEN_MAX: i64 = 20_000;

#[derive(Template)]
#[template(path = "console/clock.html")]
struct ClockPage {
    desk: Desk,
    base: String,
    now: String,
    is_frozen: bool,
    /// What falls due next: when, what, about what.
    due: Vec<(String, &'static str, Shown)>,
    /// What fired: when, event, about what.
    fired: Vec<(String, String, Shown)>,
    tried: Option<Tried>,
}

impl Shows for ClockPage {
    fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref()
    }
}

impl ClockPage {
    fn presets() -> [(i64, &'static str); 6] {
        PRESETS
    }

    fn problem_at_large(&self) -> Option<&str> {
        let problem = self.tried()?.problem.as_ref()?;
        (problem.field.as_deref() != Some("advance")).then_some(&*problem.description)
    }

    fn link(&self, shown: &Shown) -> Option<String> {
        match shown {
            Shown::Id(_, Some(path)) => Some(format!("{}/{path}", self.base)),
            _ => None,
        }
    }
}

/// `GET /dashboard/:account/test/console/clock`
pub async fn show_clock(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    show(&app, who, place, None, None).await
}

/// `POST /dashboard/:account/test/console/clock`: a step, a stop, or a start.
pub async fn set_clock(
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
            let tried = Tried::refused(fields, problem);
            return show(&app, who, place, Some(tried), None).await;
        }
    };
    let call = Call::post("/v1/sandbox/clock", body);
    // Ids follow the real clock: what fires from now on is greater.
    let start: RawId = Seed::first(app.clock.now().0, 0).draw().id();
    let called = make(&app, &api, &who, &place, ("move clock", ""), &call).await?;
    let tried = Tried::of(&app, &call, &called, fields);
    show(&app, who, place, Some(tried), Some(start)).await
}

/// `POST /dashboard/:account/test/console/reset`: forgets this merchant's test data.
pub async fn reset(
    State(app): State<App>,
    place: Place,
    Extension(api): Extension<Api>,
    form: SignedForm,
) -> Result<Response, PageError> {
    only_sandbox(&app, &place)?;
    form.who.require(Role::Operate)?;
    let SignedForm { who, fields } = form;
    if fields.get("sure") != "yes" {
        let description = "Tick the box first: nothing brings it back.".to_owned();
        let problem = Problem { description, field: None };
        return show(&app, who, place, Some(Tried::refused(fields, problem)), None).await;
    }
    let call = Call::new(Method::DELETE, "/v1/sandbox", None);
    let called = make(&app, &api, &who, &place, ("reset sandbox", ""), &call).await?;
    let tried = Tried::of(&app, &call, &called, Fields::default());
    show(&app, who, place, Some(tried), None).await
}

fn read(fields: &Fields) -> Result<Json, Problem> {
    match fields.get("do") {
        "freeze" => Ok(json!({"freeze": true})),
        "thaw" => Ok(json!({"freeze": false})),
        _ => {
            let typed = fields.get("advance").trim();
            let seconds = typed.parse::<i64>().map_err(|_| Problem {
                description: "A number of seconds, please.".to_owned(),
                field: Some("advance".to_owned()),
            })?;
            Ok(json!({"advance": seconds}))
        }
    }
}

async fn show(
    app: &App,
    who: SignedIn,
    place: Place,
    tried: Option<Tried>,
    since: Option<RawId>,
) -> Result<Response, PageError> {
    // As it is after what was done.
    let place = Place::find(app, &place.merchant.id.to_string(), "test").await?;
    let (lane, end) = (place.scope().lane(), Millis(i64::MAX));
    let timers = app.store.timers_due(lane, end, SHOWN as i64).await?;
    let due = timers.iter().map(|timer| {
        let (what, id) = words(timer.key);
        (second(timer.due.to_time()), what, Shown::id(id))
    });
    let mut fired = vec![];
    if let Some(since) = since {
        let page = app.store.occurrences_of(place.scope(), None, SHOWN, SEEN_MAX).await?;
        for row in page.occurrences.iter().rev().filter(|row| row.id.0 > since) {
            let subject = about(row).map_or(Shown::Nothing, Shown::id);
            for (_, kind) in row.events() {
                fired.push((second(row.created_at), kind.as_str().to_owned(), subject.clone()));
            }
        }
    }
    let page = ClockPage {
        base: place.base(),
        now: second(place.now),
        is_frozen: place.tenant.clock.frozen_at.is_some(),
        due: due.collect(),
        fired,
        tried,
        desk: Desk::of(app, who, place, "console/clock"),
    };
    Ok(form_page(page.status(), &page))
}

/// What a timer does, and to what.
fn words(key: TimerKey) -> (&'static str, String) {
    match key {
        TimerKey::CloseVirtualAccount(id) => ("closes", id.to_string()),
        TimerKey::CloseQrCode(id) => ("closes", id.to_string()),
        TimerKey::ChangeToken(id) => ("time is over", id.to_string()),
        TimerKey::ReturnUncaptured(id) => ("goes back, if nobody captures it", id.to_string()),
        TimerKey::ExpireInvoice(id) => ("ends", id.to_string()),
    }
}
