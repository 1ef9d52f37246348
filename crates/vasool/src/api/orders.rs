//! Orders. Source: common 7.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::OrderId;
use vasool_core::order::Order;
use vasool_core::orders::OrderDraft;
use vasool_core::payment::Payment;
use vasool_core::virtual_account::VirtualAccount;
use vasool_store::reads::{OrderFilter, Page as StorePage};

use super::answer::{Answer, Json};
use super::as_of::{AsOf, see_payments};
use super::caller::Caller;
use super::request::{Body, Path, Query};
use super::virtual_accounts::entity;
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::expand::read_expand;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::notes::read_patched_notes;
use crate::wire::order::{CREATE_KEYS, EXPAND, ExpandedOrderOut, OrderOut, read_create};
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::payment::PaymentOut;
use crate::wire::reserve_pay::order::{asks_for_mandate, read_head, read_terms};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const LIST_KEYS: &[&str] = &["count", "skip", "from", "to", "expand", "authorized", "receipt"];
const PAGE_KEYS: &[&str] = &["count", "skip", "from", "to", "expand"];
/// Payments that come inside an order.
const EMBEDDED_MAX: i64 = 100;

/// `POST /v1/orders`
pub async fn create_order(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, CREATE_KEYS, caller.settings())?;
    let draft = if asks_for_mandate(&fields) {
        read_mandate_order(&app, &caller, &fields).await?
    } else {
        read_create(&fields, caller.settings())?
    };
    order(app.submit(caller.scope.id, ScopedCommand::CreateOrder(draft)).await?)
}

/// An order for a mandate is checked in an order of its own, its customer in the middle. Source:
/// reserve-pay 3.
async fn read_mandate_order(
    app: &App,
    caller: &Caller,
    fields: &Fields<'_>,
) -> Result<OrderDraft, ApiError> {
    let head = read_head(fields, caller.settings())?;
    let customer = app.store.customer(caller.scope.id, head.1).await?;
    customer.ok_or_else(ApiError::unknown_id)?;
    let now = AsOf::now(app, caller).await?.now;
    read_terms(fields, caller.settings(), now, head)
}

/// `PATCH /v1/orders/:id`
pub async fn edit_order(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    let id = order_id(&id)?;
    let notes = read_patched_notes(&fields)?;
    order(app.submit(caller.scope.id, ScopedCommand::EditOrder(id, notes)).await?)
}

/// `GET /v1/orders/:id`
pub async fn get_order(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let expand = read_expand(&Fields::of_query(&query), EXPAND)?;
    let row = find(&app, &caller, &id).await?;
    let parts = Parts::read(&app, &caller, &row, &expand).await?;
    Ok(Json::of(&parts.show(&app, &row, &expand)))
}

/// `GET /v1/orders`
pub async fn list_orders(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let expand = read_expand(&fields, EXPAND)?;
    let filter = OrderFilter {
        is_authorized: fields.boolean("authorized")?,
        receipt: fields.text("receipt")?.map(|receipt| receipt.into_owned()),
    };
    let rows = app.store.orders(caller.scope.id, filter, page.into()).await?;
    let mut parts = Vec::with_capacity(rows.len());
    for row in &rows {
        parts.push(Parts::read(&app, &caller, row, &expand).await?);
    }
    let items = rows.iter().zip(&parts);
    let items = items.map(|(row, parts)| parts.show(&app, row, &expand)).collect();
    Ok(Json::of(&Collection::of(items)))
}

/// `GET /v1/orders/:id/payments`
pub async fn list_order_payments(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, PAGE_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let order = find(&app, &caller, &id).await?;
    let rows = app.store.payments_of_order(caller.scope.id, order.id, page.into()).await?;
    let rows = see_payments(&app, &caller, rows).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(PaymentOut::plain).collect())))
}

/// What `expand[]` embeds into one order.
struct Parts {
    payments: Option<Vec<Payment>>,
    virtual_account: Option<Option<VirtualAccount>>,
}

impl Parts {
    async fn read(
        app: &App,
        caller: &Caller,
        row: &Order,
        expand: &[&str],
    ) -> Result<Parts, ApiError> {
        let scope = caller.scope.id;
        let payments = if expand.contains(&"payments") || expand.contains(&"payments.card") {
            let page = StorePage { count: EMBEDDED_MAX, skip: 0, from: None, to: None };
            let rows = app.store.payments_of_order(scope, row.id, page).await?;
            Some(see_payments(app, caller, rows).await?)
        } else {
            None
        };
        let virtual_account = if expand.contains(&"virtual_account") {
            let account = app.store.virtual_account_of_order(scope, row.id).await?;
            let as_of = AsOf::now(app, caller).await?;
            Some(account.map(|account| as_of.see(&account)))
        } else {
            None
        };
        Ok(Parts { payments, virtual_account })
    }

    fn show<'a>(&'a self, app: &'a App, row: &'a Order, expand: &[&str]) -> ExpandedOrderOut<'a> {
        let with_card = expand.contains(&"payments.card");
        let payment = |row| PaymentOut { card: with_card, ..PaymentOut::plain(row) };
        let payments = self.payments.as_ref().map(|rows| rows.iter().map(payment).collect());
        let account = self.virtual_account.as_ref();
        let account = account.map(|row| row.as_ref().map(|row| entity(app, row)));
        ExpandedOrderOut::of(row, payments, account, expand)
    }
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<Order, ApiError> {
    let row = app.store.order(caller.scope.id, order_id(id)?).await?;
    row.ok_or_else(ApiError::unknown_id)
}

fn order_id(given: &str) -> Result<OrderId, ApiError> {
    Ok(OrderId(raw(path_id(OrderId::PREFIX, given)?)))
}

fn order(reply: Reply) -> Answer {
    match reply {
        Reply::Order(row) => Ok(Json::of(&OrderOut::from(&*row))),
        _ => Err(ApiError::server_fault()),
    }
}
