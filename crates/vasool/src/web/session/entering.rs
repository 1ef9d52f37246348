//! Signing in and out, and the links that let people in who have no password yet.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use vasool_core::id::OperatorId;
use vasool_core::time::Millis;
use vasool_store::operators::{NewSession, Operator};
use vasool_store::{Store, StoreError};

use super::attempts::Verdict;
use super::fields::Field;
use super::form::{SignedForm, same_site};
use super::token::Token;
use super::{
    EMAIL_MAX, Fields, PageError, SESSION_MS, SignedIn, attempts, cookie, form_page, next,
    redirect, token, trail,
};
use crate::api::request::Query;
use crate::app::App;
use crate::wire::value::Value;

/// How long a one-time link can be used: a day, milliseconds.
pub const LINK_MS: i64 = 24 * 3_600 * 1_000;
/// Most characters of what a browser says it is that are kept.
const BROWSER_MAX: usize = 200;
/// The same words for a wrong password, an unknown e-mail and a disabled account.
const WRONG: &str = "E-mail or password is wrong.";

#[derive(Template)]
#[template(path = "session/sign_in.html")]
struct SignInPage {
    next: String,
    /// A session of this browser ended.
    is_over: bool,
    email: Field,
    password: Field,
}

impl SignInPage {
    fn empty(next: &str, is_over: bool) -> SignInPage {
        let next = next::local(next).unwrap_or(next::HOME).to_owned();
        SignInPage { next, is_over, email: Field::default(), password: Field::default() }
    }
}

/// `GET /sign-in?next=PATH`
pub async fn show_sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, PageError> {
    let query = query.decode()?;
    let next = match query.get("next") {
        Some(Value::Text(next)) => next,
        _ => next::HOME,
    };
    if SignedIn::find(&app, &headers).await?.is_some() {
        return Ok(redirect(next::local(next).unwrap_or(next::HOME)));
    }
    let is_over = cookie::token(&app, &headers).is_some();
    Ok(form_page(StatusCode::OK, &SignInPage::empty(next, is_over)))
}

/// `POST /sign-in`
pub async fn sign_in(State(app): State<App>, request: Request) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    same_site(&app, &parts.headers)?;
    let fields = Fields::read(body).await?;
    let mut page = SignInPage::empty(fields.get("next"), false);
    let (typed, password) = (fields.get("email"), fields.get("password"));
    page.email = Field::of(typed).because(typed.trim().is_empty().then_some("Type your e-mail."));
    let missing = password.is_empty().then_some("Type your password.");
    page.password = Field::default().because(missing);
    if page.email.is_wrong() || page.password.is_wrong() {
        return Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let email = typed.trim().to_lowercase();
    if let Verdict::Wait(seconds) = attempts::take(&app, &email).await? {
        return Ok(too_often(page, seconds));
    }
    let known = match email.len() <= EMAIL_MAX {
        true => app.store.operator_of_email(&email).await?,
        false => None,
    };
    let (operator, hash) = known.unzip();
    let right = app.passwords.is_right(password, hash.flatten()).await?;
    let operator = match operator {
        Some(operator) if right && operator.disabled.is_none() => operator,
        refused => {
            if let Some(operator) = refused {
                write_refusal(&app, operator);
            }
            page.password.problem = Some(WRONG.to_owned());
            return Ok(form_page(StatusCode::UNAUTHORIZED, &page));
        }
    };
    attempts::forget(&app, &email).await?;
    let row = trail::begin_as(&app, &operator, "sign in", "", "").await?;
    let cookie = enter(&app, &operator, operator.epoch, &parts.headers).await?;
    trail::finish(&app, row, "done").await;
    Ok(with_cookie(redirect(&page.next), cookie))
}

/// Writes down that someone was refused, beside the answer: an unknown e-mail leaves no row, and
/// must not be told by the time that the row takes.
fn write_refusal(app: &App, operator: Operator) {
    let (app, tasks) = (app.clone(), app.tasks.clone());
    tasks.spawn(async move {
        if let Ok(row) = trail::begin_as(&app, &operator, "sign in", "", "").await {
            trail::finish(&app, row, "refused").await;
        }
    });
}

fn too_often(mut page: SignInPage, seconds: i64) -> Response {
    let minutes = (seconds + 59) / 60;
    page.password.problem = Some(match minutes {
        1 => "Too many tries. Try again in a minute.".to_owned(),
        minutes => format!("Too many tries. Try again in {minutes} minutes."),
    });
    let mut response = form_page(StatusCode::TOO_MANY_REQUESTS, &page);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// `POST /sign-out`
pub async fn sign_out(State(app): State<App>, form: SignedForm) -> Result<Response, PageError> {
    let row = trail::begin(&app, &form.who, "sign out", "", "").await?;
    app.store.end_session(&form.who.session).await?;
    trail::finish(&app, row, "done").await;
    Ok(with_cookie(redirect("/sign-in"), cookie::set(&app, "", 0)))
}

/// Begins a session, in the place of the one this browser had: the header that gives the browser
/// its token.
pub(super) async fn enter(
    app: &App,
    operator: &Operator,
    epoch: i64,
    headers: &HeaderMap,
) -> Result<HeaderValue, PageError> {
    if let Some(earlier) = cookie::token(app, headers) {
        app.store.end_session(&token::digest(earlier)).await?;
    }
    let (token, csrf, now) = (Token::new()?, Token::new()?, app.clock.now());
    let browser = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let browser: String = browser.unwrap_or_default().chars().take(BROWSER_MAX).collect();
    let session = NewSession {
        digest: &token.digest(),
        operator: operator.id,
        epoch,
        csrf: csrf.as_str(),
        browser: &browser,
        now,
        expires: now.plus(SESSION_MS),
    };
    app.store.begin_session(session).await?;
    Ok(cookie::set(app, token.as_str(), SESSION_MS / 1_000))
}

pub(super) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.into_response()
}

/// Why a link could not be made.
#[derive(Debug)]
pub enum LinkError {
    /// The operating system gives no random numbers.
    NoRandomness,
    /// The database.
    Store(StoreError),
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LinkError::NoRandomness => f.write_str("the operating system gives no random numbers"),
            LinkError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LinkError {}

impl From<LinkError> for PageError {
    fn from(error: LinkError) -> PageError {
        match error {
            LinkError::NoRandomness => PageError::fault(),
            LinkError::Store(error) => error.into(),
        }
    }
}

/// Makes a link with which an operator sets a password, once, within a day: the link's token.
pub async fn link_for(
    store: &Store,
    operator: OperatorId,
    now: Millis,
) -> Result<Token, LinkError> {
    make_link(store, Some(operator), now).await
}

/// Makes a link for the first person on a server without operators: the link's token. `None` where
/// there are operators.
pub async fn first_link(store: &Store, now: Millis) -> Result<Option<Token>, LinkError> {
    if store.has_operators().await.map_err(LinkError::Store)? {
        return Ok(None);
    }
    make_link(store, None, now).await.map(Some)
}

async fn make_link(
    store: &Store,
    operator: Option<OperatorId>,
    now: Millis,
) -> Result<Token, LinkError> {
    let token = Token::draw().ok_or(LinkError::NoRandomness)?;
    let made = store.create_link(&token.digest(), operator, now, now.plus(LINK_MS)).await;
    made.map(|()| token).map_err(LinkError::Store)
}

/// The address of a link, below the base of the server.
pub fn link_url(public_url: &str, token: &Token) -> String {
    format!("{public_url}/sign-in/link/{}", token.as_str())
}
