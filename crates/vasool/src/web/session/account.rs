//! One's own account: name, password, sessions.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use vasool_core::time::Millis;
use vasool_store::operators::OwnSession;

use super::attempts::Verdict;
use super::entering::{enter, with_cookie};
use super::fields::{Field, name_of};
use super::form::SignedForm;
use super::{PageError, SignedIn, attempts, form_page, idle_since, password, redirect, trail};
use crate::api::request::Query;
use crate::app::App;
use crate::format::moment;
use crate::web::dashboard::place::Desk;
use crate::wire::value::Value;

const PLACE: &str = "/dashboard/account";

#[derive(Template)]
#[template(path = "session/account.html")]
struct AccountPage {
    desk: Desk,
    name: Field,
    old: Field,
    password: Field,
    sessions: Vec<OwnSession>,
    /// What was done with the last form.
    done: &'static str,
}

impl AccountPage {
    async fn of(app: &App, who: SignedIn) -> Result<AccountPage, PageError> {
        let now = app.clock.now();
        let sessions = app.store.sessions_of(who.operator.id, now, idle_since(now)).await?;
        Ok(AccountPage {
            name: Field::of(&who.operator.name),
            old: Field::default(),
            password: Field::default(),
            sessions,
            done: "",
            desk: Desk::of_server(app, who, "account"),
        })
    }

    fn is_this(&self, session: &OwnSession) -> bool {
        session.digest == self.desk.who.session
    }

    fn moment(&self, at: &Millis) -> String {
        moment(at.to_time())
    }
}

/// `GET /dashboard/account`
pub async fn show_account(
    State(app): State<App>,
    who: SignedIn,
    query: Query,
) -> Result<Response, PageError> {
    let query = query.decode()?;
    let mut page = AccountPage::of(&app, who).await?;
    page.done = match query.get("done") {
        Some(Value::Text(done)) if done == "name" => "The name is changed.",
        Some(Value::Text(done)) if done == "password" => {
            "The password is changed. Your other sessions are over."
        }
        Some(Value::Text(done)) if done == "sessions" => "Ended.",
        _ => "",
    };
    Ok(form_page(StatusCode::OK, &page))
}

/// `POST /dashboard/account/name`
pub async fn rename(State(app): State<App>, form: SignedForm) -> Result<Response, PageError> {
    let SignedForm { who, fields } = form;
    let typed = fields.get("name");
    let name = match name_of(typed) {
        Ok(name) => name,
        Err(problem) => {
            let mut page = AccountPage::of(&app, who).await?;
            page.name = Field::of(typed).because(Some(problem));
            return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let row = trail::begin(&app, &who, "rename account", &who.operator.email, &name).await?;
    app.store.rename_operator(who.operator.id, &name).await?;
    trail::finish(&app, row, "done").await;
    Ok(redirect(&format!("{PLACE}?done=name")))
}

/// `POST /dashboard/account/password`: asks for the old one, and ends all other sessions.
pub async fn change_password(
    State(app): State<App>,
    headers: HeaderMap,
    form: SignedForm,
) -> Result<Response, PageError> {
    let SignedForm { who, fields } = form;
    let (old, new) = (fields.get("old"), fields.get("password"));
    let operator = who.operator.clone();
    // Whoever found a session open must not find the password with it.
    let verdict = match attempts::take(&app, &operator.email).await? {
        Verdict::Free => {
            let hash = app.store.operator_password(operator.id).await?;
            match app.passwords.is_right(old, hash).await? {
                true => None,
                false => Some((StatusCode::UNPROCESSABLE_ENTITY, "This is not your password.")),
            }
        }
        Verdict::Wait(_) => Some((
            StatusCode::TOO_MANY_REQUESTS,
            "Too many tries. Try again in a quarter of an hour.",
        )),
    };
    let problem = password::problem(new, &operator.email);
    if verdict.is_some() || problem.is_some() {
        let status = verdict.map_or(StatusCode::UNPROCESSABLE_ENTITY, |(status, _)| status);
        let mut page = AccountPage::of(&app, who).await?;
        page.old = Field::default().because(verdict.map(|(_, problem)| problem));
        page.password = Field::default().because(problem);
        return Ok(form_page(status, &page));
    }
    attempts::forget(&app, &operator.email).await?;
    let hash = app.passwords.hash(new).await?;
    let row = trail::begin(&app, &who, "change password", &operator.email, "").await?;
    if !app.store.set_operator_password(operator.id, operator.epoch, &hash).await? {
        trail::finish(&app, row, "refused: it was changed meanwhile").await;
        return Ok(redirect(PLACE));
    }
    trail::finish(&app, row, "done").await;
    // All sessions of the old password are over, this one, too: it begins anew.
    let cookie = enter(&app, &operator, operator.epoch + 1, &headers).await?;
    Ok(with_cookie(redirect(&format!("{PLACE}?done=password")), cookie))
}

/// `POST /dashboard/account/sessions`: ends one of one's own sessions, or all others.
pub async fn end_sessions(State(app): State<App>, form: SignedForm) -> Result<Response, PageError> {
    let SignedForm { who, fields } = form;
    let session = fields.get("session");
    let email = &who.operator.email;
    if session.is_empty() {
        let row = trail::begin(&app, &who, "end other sessions", email, "").await?;
        app.store.end_other_sessions(who.operator.id, &who.session).await?;
        trail::finish(&app, row, "done").await;
    } else {
        let now = app.clock.now();
        let own = app.store.sessions_of(who.operator.id, now, idle_since(now)).await?;
        // Nobody ends sessions of others, and a repeat has nothing to end.
        if own.iter().any(|own| own.digest == session) {
            let row = trail::begin(&app, &who, "end session", email, "").await?;
            app.store.end_session(session).await?;
            trail::finish(&app, row, "done").await;
        }
    }
    Ok(redirect(&format!("{PLACE}?done=sessions")))
}
