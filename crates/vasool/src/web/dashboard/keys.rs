//! API keys of a merchant in a mode: made, shown once, expired.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vasool_core::command::{Command, KeyDraft, Reply};
use vasool_core::id::RawId;
use vasool_core::tenant::ApiKey;
use vasool_core::time::Time;

use super::place::{Desk, Place, nowhere};
use crate::api::request::Path;
use crate::app::App;
use crate::format::moment;
use crate::secrets::new_key_secret;
use crate::web::session::{PageError, Role, SignedForm, SignedIn, form_page, redirect, trail};
use crate::wire::error::ApiError;

#[derive(Template)]
#[template(path = "dashboard/keys.html")]
struct KeysPage {
    desk: Desk,
    base: String,
    public_url: String,
    mode: &'static str,
    now: Time,
    keys: Vec<ApiKey>,
    /// A key that was just made: id and secret.
    made: Option<(String, String)>,
}

impl KeysPage {
    fn may_change(&self) -> bool {
        self.desk.who.may(Role::Admin)
    }

    fn is_good(&self, key: &ApiKey) -> bool {
        key.expires_at.is_none_or(|at| self.now < at)
    }
}

/// `GET /dashboard/:account/:mode/keys`
pub async fn show_keys(
    State(app): State<App>,
    who: SignedIn,
    place: Place,
) -> Result<Response, PageError> {
    show(&app, who, place, None).await
}

async fn show(
    app: &App,
    who: SignedIn,
    place: Place,
    made: Option<(String, String)>,
) -> Result<Response, PageError> {
    let mode = place.tenant.scope.mode;
    let page = KeysPage {
        base: place.base(),
        public_url: app.options.public_url.clone(),
        mode: mode.as_str(),
        now: app.clock.now().to_time(),
        keys: app.store.api_keys_of(place.merchant.id, mode).await?,
        made,
        desk: Desk::of(app, who, place, "keys"),
    };
    Ok(form_page(StatusCode::OK, &page))
}

/// `POST /dashboard/:account/:mode/keys`: a new key, whose secret is shown on this answer alone.
pub async fn make_key(
    State(app): State<App>,
    place: Place,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(Role::Admin)?;
    let mode = place.tenant.scope.mode;
    let trail = trail::begin(&app, &form.who, "make key", mode.as_str(), &place.base()).await?;
    match new_key(&app, &place).await {
        Ok((id, secret)) => {
            trail::finish(&app, trail, &format!("done: {id}")).await;
            show(&app, form.who, place, Some((id, secret))).await
        }
        Err(error) => {
            trail::finish(&app, trail, &format!("failed: {}", error.description)).await;
            Err(error.into())
        }
    }
}

async fn new_key(app: &App, place: &Place) -> Result<(String, String), ApiError> {
    let mode = place.tenant.scope.mode;
    let secret = new_key_secret().ok_or_else(ApiError::server_fault)?;
    let sealed = app.master.seal(&secret).map_err(|_| ApiError::server_fault())?;
    let draft = KeyDraft { mode, id: None, secret: sealed };
    match app.engine.submit(Command::CreateKey(place.merchant.id, draft)).await? {
        Reply::ApiKey(key) => Ok((format!("rzp_{}_{}", mode.as_str(), key.id), secret)),
        _ => Err(ApiError::server_fault()),
    }
}

/// `POST /dashboard/:account/:mode/keys/:id/expire`
pub async fn expire_key(
    State(app): State<App>,
    place: Place,
    Path((_, _, id)): Path<(String, String, String)>,
    form: SignedForm,
) -> Result<Response, PageError> {
    form.who.require(Role::Admin)?;
    let id = RawId::parse(&id).ok_or_else(nowhere)?;
    let mode = place.tenant.scope.mode;
    let keys = app.store.api_keys_of(place.merchant.id, mode).await?;
    if keys.iter().all(|key| key.id != id) {
        return Err(nowhere());
    }
    let name = format!("rzp_{}_{id}", mode.as_str());
    let trail = trail::begin(&app, &form.who, "expire key", &name, &place.base()).await?;
    if let Err(refusal) = app.engine.submit(Command::ExpireKey(id)).await {
        let error = ApiError::from(refusal);
        trail::finish(&app, trail, &format!("failed: {}", error.description)).await;
        return Err(error.into());
    }
    app.keyring.forget(place.merchant.id);
    trail::finish(&app, trail, "done").await;
    Ok(redirect(&format!("{}/keys", place.base())))
}
