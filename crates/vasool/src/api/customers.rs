//! Customers. Source: common 6.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::CustomerId;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::wire::customer::{CustomerOut, read_create, read_edit};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const KEYS: &[&str] = &["name", "email", "contact", "gstin", "fail_existing", "notes"];
const LIST_KEYS: &[&str] = &["count", "skip", "from", "to", "email", "contact"];

/// `POST /v1/customers`
pub async fn create_customer(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, KEYS, caller.settings())?;
    let (draft, on_duplicate) = read_create(&fields)?;
    let command = ScopedCommand::CreateCustomer(draft, on_duplicate);
    customer(app.submit(caller.scope.id, command).await?)
}

/// `PUT /v1/customers/:id`
pub async fn edit_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, KEYS, caller.settings())?;
    let edit = read_edit(&fields)?;
    let id = customer_id(&id)?;
    customer(app.submit(caller.scope.id, ScopedCommand::EditCustomer(id, edit)).await?)
}

/// `GET /v1/customers/:id`
pub async fn get_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let row = app.store.customer(caller.scope.id, customer_id(&id)?).await?;
    Ok(Json::of(&CustomerOut::from(&row.ok_or_else(ApiError::unknown_id)?)))
}

/// `GET /v1/customers`
pub async fn list_customers(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let text = |name| Ok::<_, ApiError>(fields.text(name)?.map(|text| text.into_owned()));
    let (email, contact) = (text("email")?, text("contact")?);
    let rows = app.store.customers(caller.scope.id, email, contact, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(CustomerOut::from).collect())))
}

/// A customer id in a path.
pub fn customer_id(given: &str) -> Result<CustomerId, ApiError> {
    Ok(CustomerId(raw(path_id(CustomerId::PREFIX, given)?)))
}

fn customer(reply: Reply) -> Answer {
    match reply {
        Reply::Customer(row) => Ok(Json::of(&CustomerOut::from(&*row))),
        _ => Err(ApiError::server_fault()),
    }
}
