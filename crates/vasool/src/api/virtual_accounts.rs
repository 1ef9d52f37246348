//! Virtual accounts. Source: smart-collect 5.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::VirtualAccountId;
use vasool_core::rejection::Rejection;
use vasool_core::time::Time;
use vasool_core::virtual_account::VirtualAccount;
use vasool_store::reads::PaymentFilter;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::engine::Refusal;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::payment::PaymentOut;
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::{Form, VirtualAccountOut, raw, read_create};

const KEYS: &[&str] = &[
    "receivers",
    "receiver_types",
    "allowed_payers",
    "description",
    "customer_id",
    "amount_expected",
    "notes",
    "close_by",
    "name",
];

const LIST_KEYS: &[&str] = &["count", "skip", "from", "to"];

/// `POST /v1/virtual_accounts`
pub async fn create_virtual_account(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, KEYS, &caller.holder.tenant.settings)?;
    let (draft, refused) = read_create(&fields)?;
    let command = ScopedCommand::CreateVirtualAccount(draft);
    match (app.submit(caller.scope.id, command).await, refused) {
        (Err(Refusal::Rejected(Rejection::RefusedField)), Some(error)) => Err(error),
        (result, _) => account(result?),
    }
}

/// `POST /v1/virtual_accounts/:id/close`
pub async fn close_virtual_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    body.decode()?;
    let id = virtual_account_id(&id)?;
    account(app.submit(caller.scope.id, ScopedCommand::CloseVirtualAccount(id)).await?)
}

/// `GET /v1/virtual_accounts/:id`
pub async fn get_virtual_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let row = find(&app, &caller, virtual_account_id(&id)?).await?;
    Ok(Json::of(&VirtualAccountOut(&row, Form::Full)))
}

/// `GET /v1/virtual_accounts`
pub async fn list_virtual_accounts(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, &caller.holder.tenant.settings)?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let as_of = AsOf::now(&app, &caller).await?;
    let rows = app.store.virtual_accounts(caller.scope.id, page.into()).await?;
    let rows: Vec<VirtualAccount> = rows.iter().map(|row| as_of.see(row)).collect();
    let items = rows.iter().map(|row| VirtualAccountOut(row, Form::Full)).collect();
    Ok(Json::of(&Collection::of(items)))
}

/// `GET /v1/virtual_accounts/:id/payments`
pub async fn list_virtual_account_payments(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, &caller.holder.tenant.settings)?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let account = find(&app, &caller, virtual_account_id(&id)?).await?;
    let filter = PaymentFilter { virtual_account: Some(account.id), ..PaymentFilter::default() };
    let rows = app.store.payments(caller.scope.id, filter, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(PaymentOut::plain).collect())))
}

/// The merchant's now, to show rows as they are before a timer has written it. Source: decisions 50.
pub struct AsOf {
    now: Time,
    dormancy_days: i64,
}

impl AsOf {
    /// Reads the merchant's clock, which another process may have moved.
    pub async fn now(app: &App, caller: &Caller) -> Result<AsOf, ApiError> {
        let tenant = app.store.tenant(caller.scope.id).await?.ok_or_else(ApiError::unknown_id)?;
        let now = tenant.now(app.clock.now()).to_time();
        Ok(AsOf { now, dormancy_days: tenant.settings.va_dormancy_days })
    }

    /// An account as of that instant.
    pub fn see(&self, row: &VirtualAccount) -> VirtualAccount {
        row.as_of(self.now, self.dormancy_days)
    }
}

/// An account of the caller as of now.
pub async fn find(
    app: &App,
    caller: &Caller,
    id: VirtualAccountId,
) -> Result<VirtualAccount, ApiError> {
    let row = app.store.virtual_account(caller.scope.id, id).await?;
    let row = row.ok_or_else(ApiError::unknown_id)?;
    Ok(AsOf::now(app, caller).await?.see(&row))
}

/// Reads `va_…` of a path.
pub fn virtual_account_id(given: &str) -> Result<VirtualAccountId, ApiError> {
    Ok(VirtualAccountId(raw(path_id(VirtualAccountId::PREFIX, given)?)))
}

fn account(reply: Reply) -> Answer {
    match reply {
        Reply::VirtualAccount(row) => Ok(Json::of(&VirtualAccountOut(&row, Form::Full))),
        _ => Err(ApiError::server_fault()),
    }
}
