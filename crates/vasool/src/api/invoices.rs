//! Registration links. Source: paper-nach 9, 10.

use axum::extract::State;
use serde_json::json;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{CustomerId, InvoiceId, PaymentId};
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::paper_nach::NachCommand;
use vasool_core::rejection::Rejection;
use vasool_core::time::Time;
use vasool_store::reads::InvoiceFilter;

use super::answer::{Answer, Json};
use super::as_of::AsOf;
use super::caller::Caller;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::engine::Refusal;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::{entity_id, path_id};
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::paper_nach::link::{InvoiceOut, KEYS, read_link, read_medium};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const LIST_KEYS: &[&str] =
    &["count", "skip", "from", "to", "type", "payment_id", "receipt", "customer_id"];

/// `POST /v1/subscription_registration/auth_links`
pub async fn create_link(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, KEYS, caller.settings())?;
    let now = AsOf::now(&app, &caller).await?.now;
    let draft = read_link(&fields, now, &app.options.public_url)?;
    link(&app, app.submit(caller.scope.id, nach(NachCommand::CreateLink(Box::new(draft)))).await?)
}

/// `GET /v1/invoices/:id`
pub async fn get_invoice(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    let row = app.store.invoice(caller.scope.id, invoice_id(&id)?).await?;
    let row = row.ok_or_else(ApiError::unknown_id)?;
    let now = AsOf::now(&app, &caller).await?.now;
    let (row, form) = see(&app, row, now).await?;
    Ok(Json::of(&InvoiceOut::of(&row, &form, &app.options.public_url)))
}

/// `GET /v1/invoices`: every invoice is a registration link.
pub async fn list_invoices(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let payment = entity_id(&fields, "payment_id", PaymentId::PREFIX)?;
    let customer = entity_id(&fields, "customer_id", CustomerId::PREFIX)?;
    let filter = InvoiceFilter {
        payment: payment.map(|rest| PaymentId(raw(rest))),
        receipt: fields.text("receipt")?.map(|receipt| receipt.into_owned()),
        customer: customer.map(|rest| CustomerId(raw(rest))),
    };
    if fields.text("type")?.is_some_and(|kind| kind != "link") {
        return Ok(Json::of(&Collection::<()>::of(vec![])));
    }
    let now = AsOf::now(&app, &caller).await?.now;
    let mut rows = vec![];
    for row in app.store.invoices(caller.scope.id, filter, page.into()).await? {
        rows.push(see(&app, row, now).await?);
    }
    let shown = rows.iter().map(|(row, form)| InvoiceOut::of(row, form, &app.options.public_url));
    Ok(Json::of(&Collection::of(shown.collect())))
}

/// `POST /v1/invoices/:id/notify_by/:medium`
pub async fn notify_invoice(
    State(app): State<App>,
    caller: Caller,
    Path((id, medium)): Path<(String, String)>,
    body: Body,
) -> Answer {
    body.decode()?;
    let id = invoice_id(&id)?;
    let medium = read_medium(&medium)?;
    let command = NachCommand::NotifyLink(id, medium, app.options.public_url.clone());
    match app.submit(caller.scope.id, nach(command)).await {
        Ok(_) => Ok(Json::of(&json!({"success": true}))),
        Err(Refusal::Rejected(Rejection::LinkUnreachable)) => {
            Ok(Json::of(&json!({"success": false})))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /v1/invoices/:id/cancel`
pub async fn cancel_invoice(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    body.decode()?;
    let command = NachCommand::CancelLink(invoice_id(&id)?);
    link(&app, app.submit(caller.scope.id, nach(command)).await?)
}

/// A link as of now, and its form. A scan at the bank holds its end up. Source: paper-nach 10.4.
async fn see(app: &App, row: Invoice, now: Time) -> Result<(Invoice, NachForm), ApiError> {
    let form = app.store.nach_form(row.scope, row.order).await?;
    let waits = match row.is_due(now) {
        true => {
            let order = app.store.order(row.scope, row.order).await?;
            order.is_some_and(|order| !order.open.is_empty())
        }
        false => false,
    };
    Ok((row.as_of(now, waits), form.ok_or_else(ApiError::server_fault)?))
}

fn nach(command: NachCommand) -> ScopedCommand {
    ScopedCommand::Nach(command)
}

fn invoice_id(given: &str) -> Result<InvoiceId, ApiError> {
    Ok(InvoiceId(raw(path_id(InvoiceId::PREFIX, given)?)))
}

fn link(app: &App, reply: Reply) -> Answer {
    match reply {
        Reply::Link(row, form) => {
            Ok(Json::of(&InvoiceOut::of(&row, &form, &app.options.public_url)))
        }
        _ => Err(ApiError::server_fault()),
    }
}
