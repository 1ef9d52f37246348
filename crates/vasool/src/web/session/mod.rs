//! Who is signed in: accounts with passwords, sessions, forms that only our pages can send, roles,
//! and a trail of who did what. Everything under `/dashboard` takes a [`SignedIn`] or a
//! [`SignedForm`], asks it for a role with [`SignedIn::require`], and writes into the [`trail`]
//! before it acts.

mod account;
pub mod attempts;
pub mod cookie;
mod entering;
mod fields;
mod form;
mod link;
mod next;
mod operators;
mod origin;
mod pages;
pub mod password;
pub mod token;
pub mod trail;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::routing::{get, post};
use vasool_core::time::Millis;
pub use vasool_store::operators::{Operator, Role};

pub use entering::{LINK_MS, first_link, link_for, link_url};
pub use fields::{EMAIL_MAX, Field, email_of, name_of};
pub use form::{FORM_BYTES_MAX, Fields, SignedForm, confirm, same_site};
pub use pages::{PageError, form_page, redirect};
pub use trail::TrailId;

use crate::api::Route;
use crate::app::App;

/// A session ends when it was not used for so long: half a day, milliseconds.
pub const IDLE_MS: i64 = 12 * 3_600 * 1_000;
/// And after so long in any case: a week, milliseconds.
pub const SESSION_MS: i64 = 7 * 24 * 3_600 * 1_000;
/// How exactly the last use is known, milliseconds: a read need not write.
const TOUCH_MS: i64 = 60_000;
/// How our own script says that it asks, see `assets/live.js`.
const LIVE: HeaderName = HeaderName::from_static("x-live");
/// How browsers say what a request is for; `empty`: a script asked. Over TLS alone.
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Someone whose session holds.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who, with the role of this moment.
    pub operator: Operator,
    /// What the field `csrf` of every form on a page must carry.
    pub csrf: String,
    /// The digest of the session's token.
    session: String,
}

impl SignedIn {
    /// Who sent a request, if the session of its cookie holds.
    pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, PageError> {
        let Some(token) = cookie::token(app, headers) else { return Ok(None) };
        let (session, now) = (token::digest(token), app.clock.now());
        let found = app.store.session(&session, now, idle_since(now)).await?;
        let Some(row) = found else { return Ok(None) };
        // What a page asks for by itself keeps nobody signed in who went away from it.
        let is_live = headers.contains_key(LIVE)
            || headers.get(FETCH_DEST).is_some_and(|dest| dest == "empty");
        if !is_live && row.seen.plus(TOUCH_MS) <= now {
            // A full disk must not keep people from looking.
            if let Err(error) = app.store.touch_session(&session, now).await {
                tracing::warn!(%error, "the use of a session could not be written down");
            }
        }
        Ok(Some(SignedIn { operator: row.operator, csrf: row.csrf, session }))
    }

    /// Errors: a page with status 403 that names the role, where this one is not enough.
    pub fn require(&self, role: Role) -> Result<(), PageError> {
        if self.operator.role >= role {
            return Ok(());
        }
        let text = format!(
            "This needs the role “{}”; yours is “{}”. Ask an admin of this server.",
            role.as_str(),
            self.operator.role.as_str()
        );
        let back = Some((next::HOME, "Go to the dashboard"));
        Err(PageError::new(StatusCode::FORBIDDEN, "You may not do this", &text, back))
    }

    /// Whether the role is enough: for what a page offers.
    pub fn may(&self, role: Role) -> bool {
        self.operator.role >= role
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<SignedIn, PageError> {
        // Found once per request; nothing that comes over the network carries an extension.
        if let Some(who) = parts.extensions.get::<SignedIn>() {
            return Ok(who.clone());
        }
        if let Some(who) = SignedIn::find(app, &parts.headers).await? {
            parts.extensions.insert(who.clone());
            return Ok(who);
        }
        if matches!(parts.method, Method::GET | Method::HEAD) {
            let next = parts.uri.path_and_query().map_or(next::HOME, |path| path.as_str());
            return Err(PageError::redirect(&next::sign_in(next)));
        }
        let text = "Nothing was changed. Sign in, and send the form once more.";
        let link = Some(("/sign-in", "Sign in"));
        Err(PageError::new(StatusCode::UNAUTHORIZED, "Your session is over", text, link))
    }
}

/// Sessions that were not used since then are over.
fn idle_since(now: Millis) -> Millis {
    now.plus(-IDLE_MS)
}

/// Pages around sign-in, and those of operators.
pub fn routes() -> Vec<Route> {
    vec![
        ("/sign-in", get(entering::show_sign_in).post(entering::sign_in)),
        ("/sign-in/link/{token}", get(link::show_link).post(link::use_link)),
        ("/sign-out", post(entering::sign_out)),
        ("/dashboard/account", get(account::show_account)),
        ("/dashboard/account/name", post(account::rename)),
        ("/dashboard/account/password", post(account::change_password)),
        ("/dashboard/account/sessions", post(account::end_sessions)),
        ("/dashboard/operators", get(operators::show_operators).post(operators::invite)),
        ("/dashboard/operators/{id}/role", post(operators::change_role)),
        ("/dashboard/operators/{id}/disable", post(operators::disable)),
        ("/dashboard/operators/{id}/enable", post(operators::enable)),
        ("/dashboard/operators/{id}/link", post(operators::renew_link)),
        ("/dashboard/trail", get(trail::show_trail)),
    ]
}
