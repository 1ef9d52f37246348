//! Webhook configuration, under `/v1/webhooks` and `/v2/accounts/:account/webhooks`.
//! Source: common 10.1.

use axum::extract::State;
use vasool_core::command::{EndpointDraft, EndpointEdit, Reply, ScopedCommand};
use vasool_core::id::{EndpointId, MerchantId};
use vasool_core::tenant::Sealed;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;
use crate::wire::webhook::{EndpointInput, EndpointOut, read_create, read_edit};

const KEYS: &[&str] = &["url", "events", "secret", "alert_email", "active"];
const LIST_KEYS: &[&str] = &["count", "skip", "from", "to"];

/// `POST /v1/webhooks`
pub async fn create_webhook(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    let settings = caller.settings();
    refuse_extra_keys(&fields, KEYS, settings)?;
    let input = read_create(&fields, settings.webhook_public_urls_only)?;
    let draft = EndpointDraft {
        url: input.url.unwrap_or_default(),
        events: input.events.unwrap_or_default(),
        secret: input.secret.flatten().map(|secret| seal(&app, &secret)).transpose()?,
        alert_email: input.alert_email.flatten(),
        active: input.active.unwrap_or(true),
    };
    let reply = app.submit(caller.scope.id, ScopedCommand::CreateEndpoint(draft)).await?;
    webhook(&caller, reply)
}

/// `GET /v1/webhooks`
pub async fn list_webhooks(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let mut rows = app.store.endpoints(caller.scope.id).await?;
    rows.reverse();
    rows.retain(|row| {
        page.from.is_none_or(|from| row.created_at.0 >= from)
            && page.to.is_none_or(|to| row.created_at.0 <= to)
    });
    let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
    let shown = rows.iter().skip(skip).take(page.count.into());
    let items = shown.map(|row| EndpointOut::of(row, caller.scope)).collect();
    Ok(Json::of(&Collection::of(items)))
}

/// `GET /v1/webhooks/:id`
pub async fn get_webhook(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id = endpoint_id(&id)?;
    let rows = app.store.endpoints(caller.scope.id).await?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(ApiError::unknown_id)?;
    Ok(Json::of(&EndpointOut::of(row, caller.scope)))
}

/// `PUT` and `PATCH /v1/webhooks/:id`
pub async fn edit_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    edit(&app, &caller, endpoint_id(&id)?, &body).await
}

/// `PUT /v1/webhooks`: two SDKs lose the id; with one webhook it is clear which is meant.
pub async fn edit_only_webhook(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    match app.store.endpoints(caller.scope.id).await?.as_slice() {
        [only] => edit(&app, &caller, only.id, &body).await,
        _ => Err(ApiError::unknown_route()),
    }
}

/// `DELETE /v1/webhooks/:id`
pub async fn delete_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let id = endpoint_id(&id)?;
    app.submit(caller.scope.id, ScopedCommand::DeleteEndpoint(id)).await?;
    // Exactly two bytes: what every SDK takes for nothing. Source: common 1.7.
    Ok(Json::text("[]"))
}

/// `POST /v2/accounts/:account/webhooks`
pub async fn create_account_webhook(
    app: State<App>,
    caller: Caller,
    Path(account): Path<String>,
    body: Body,
) -> Answer {
    create_webhook(app, own(caller, &account)?, body).await
}

/// `GET /v2/accounts/:account/webhooks`
pub async fn list_account_webhooks(
    app: State<App>,
    caller: Caller,
    Path(account): Path<String>,
    query: Query,
) -> Answer {
    list_webhooks(app, own(caller, &account)?, query).await
}

/// `GET /v2/accounts/:account/webhooks/:id`
pub async fn get_account_webhook(
    app: State<App>,
    caller: Caller,
    Path((account, id)): Path<(String, String)>,
) -> Answer {
    get_webhook(app, own(caller, &account)?, Path(id)).await
}

/// `PUT` and `PATCH /v2/accounts/:account/webhooks/:id`
pub async fn edit_account_webhook(
    app: State<App>,
    caller: Caller,
    Path((account, id)): Path<(String, String)>,
    body: Body,
) -> Answer {
    edit_webhook(app, own(caller, &account)?, Path(id), body).await
}

/// `DELETE /v2/accounts/:account/webhooks/:id`
pub async fn delete_account_webhook(
    app: State<App>,
    caller: Caller,
    Path((account, id)): Path<(String, String)>,
) -> Answer {
    delete_webhook(app, own(caller, &account)?, Path(id)).await
}

/// The caller, if the account in the path is its own: SDKs called without an account id write
/// `undefined`, `None` or `null` there. Source: common 10.1.
fn own(caller: Caller, account: &str) -> Result<Caller, ApiError> {
    if matches!(account, "undefined" | "None" | "null") {
        return Ok(caller);
    }
    let id = MerchantId(raw(path_id(MerchantId::PREFIX, account)?));
    if id == caller.scope.merchant { Ok(caller) } else { Err(ApiError::unknown_id()) }
}

async fn edit(app: &App, caller: &Caller, id: EndpointId, body: &Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    let settings = caller.settings();
    refuse_extra_keys(&fields, KEYS, settings)?;
    let input: EndpointInput = read_edit(&fields, settings.webhook_public_urls_only)?;
    let secret = match input.secret {
        Some(Some(secret)) => Some(Some(seal(app, &secret)?)),
        Some(None) => Some(None),
        None => None,
    };
    let edit = EndpointEdit {
        url: input.url,
        events: input.events,
        secret,
        alert_email: input.alert_email,
        active: input.active,
    };
    let reply = app.submit(caller.scope.id, ScopedCommand::EditEndpoint(id, edit)).await?;
    webhook(caller, reply)
}

fn endpoint_id(given: &str) -> Result<EndpointId, ApiError> {
    Ok(EndpointId(raw(path_id(EndpointId::PREFIX, given)?)))
}

fn seal(app: &App, secret: &str) -> Result<Sealed, ApiError> {
    app.master.seal(secret).map_err(|error| {
        tracing::error!(%error, "a webhook secret could not be sealed");
        ApiError::server_fault()
    })
}

fn webhook(caller: &Caller, reply: Reply) -> Answer {
    match reply {
        Reply::Endpoint(row) => Ok(Json::of(&EndpointOut::of(&row, caller.scope))),
        _ => Err(ApiError::server_fault()),
    }
}
