//! Orders. Source: common 7.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::OrderId;
use vasool_core::nach_form::NachForm;
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
use crate::wire::paper_nach;
use crate::wire::paper_nach::order::{NachOrderOut, is_for_nach};
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
    } else if is_for_nach(&fields) {
        read_nach_order(&app, &caller, &fields).await?
    } else {
        read_create(&fields, caller.settings())?
    };
    match app.submit(caller.scope.id, ScopedCommand::CreateOrder(draft)).await? {
        Reply::NachOrder(row, form) => {
            let url = &app.options.public_url;
            Ok(Json::of(&NachOrderOut::of(&row, &form, Some(vec![]), url)))
        }
        reply => order(reply),
    }
}

/// An order for a mandate on paper likewise. Source: paper-nach 4.2.
async fn read_nach_order(
    app: &App,
    caller: &Caller,
    fields: &Fields<'_>,
) -> Result<OrderDraft, ApiError> {
    let customer = paper_nach::order::read_head(fields)?;
    let row = app.store.customer(caller.scope.id, customer).await?;
    row.ok_or_else(ApiError::unknown_id)?;
    let now = AsOf::now(app, caller).await?.now;
    paper_nach::order::read_terms(fields, caller.settings(), now, customer)
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
    let reply = app.submit(caller.scope.id, ScopedCommand::EditOrder(id, notes)).await?;
    let Reply::Order(row) = reply else { return Err(ApiError::server_fault()) };
    let parts = Parts::read(&app, &caller, &row, &[]).await?;
    Ok(parts.answer(&app, &row, &[]))
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
    Ok(parts.answer(&app, &row, &expand))
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
    nach_form: Option<NachForm>,
}

/// An order with its parts; one for a mandate on paper has others.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum ShownOrder<'a> {
    Plain(Box<ExpandedOrderOut<'a>>),
    Nach(Box<NachOrderOut<'a>>),
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
        let nach_form = match row.has_nach_form {
            true => app.store.nach_form(scope, row.id).await?,
            false => None,
        };
        Ok(Parts { payments, virtual_account, nach_form })
    }

    fn answer(&self, app: &App, row: &Order, expand: &[&str]) -> Json {
        Json::of(&self.show(app, row, expand))
    }

    fn show<'a>(&'a self, app: &'a App, row: &'a Order, expand: &[&str]) -> ShownOrder<'a> {
        let with_card = expand.contains(&"payments.card");
        let payment = |row| PaymentOut { card: with_card, ..PaymentOut::plain(row) };
        let payments = self.payments.as_ref().map(|rows| rows.iter().map(payment).collect());
        if let Some(form) = &self.nach_form {
            let shown = NachOrderOut::of(row, form, payments, &app.options.public_url);
            return ShownOrder::Nach(Box::new(shown));
        }
        let account = self.virtual_account.as_ref();
        let account = account.map(|row| row.as_ref().map(|row| entity(app, row)));
        ShownOrder::Plain(Box::new(ExpandedOrderOut::of(row, payments, account, expand)))
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
