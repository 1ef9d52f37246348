//! Standalone QR codes. Source: common 13.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{CustomerId, PaymentId, QrCodeId};
use vasool_core::qr_code::QrCode;
use vasool_store::reads::{PaymentFilter, QrCodeFilter};

use super::answer::{Answer, Json};
use super::as_of::AsOf;
use super::caller::Caller;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::{entity_id, path_id};
use crate::wire::notes::read_patched_notes;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::payment::PaymentOut;
use crate::wire::qr_code::{CREATE_KEYS, QrCodeOut, read_create};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const PAGE_KEYS: &[&str] = &["count", "skip", "from", "to"];
const LIST_KEYS: &[&str] = &["count", "skip", "from", "to", "customer_id", "payment_id"];

/// `POST /v1/payments/qr_codes`
pub async fn create_qr_code(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, CREATE_KEYS, caller.settings())?;
    let draft = read_create(&fields, caller.settings())?;
    code(&app, app.submit(caller.scope.id, ScopedCommand::CreateQrCode(draft)).await?)
}

/// `PATCH /v1/payments/qr_codes/:id`: notes alone, in any state.
pub async fn edit_qr_code(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    let id = qr_code_id(&id)?;
    let notes = read_patched_notes(&fields)?;
    code(&app, app.submit(caller.scope.id, ScopedCommand::EditQrCode(id, notes)).await?)
}

/// `POST /v1/payments/qr_codes/:id/close`
pub async fn close_qr_code(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    body.decode()?;
    let id = qr_code_id(&id)?;
    code(&app, app.submit(caller.scope.id, ScopedCommand::CloseQrCode(id)).await?)
}

/// `GET /v1/payments/qr_codes/:id`
pub async fn get_qr_code(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    let row = find(&app, &caller, &id).await?;
    let row = AsOf::now(&app, &caller).await?.see_code(&row);
    Ok(Json::of(&QrCodeOut::of(&row, &app.options.public_url)))
}

/// `GET /v1/payments/qr_codes`
pub async fn list_qr_codes(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let customer = entity_id(&fields, "customer_id", CustomerId::PREFIX)?;
    let payment = entity_id(&fields, "payment_id", PaymentId::PREFIX)?;
    let filter = QrCodeFilter {
        customer: customer.map(|rest| CustomerId(raw(rest))),
        payment: payment.map(|rest| PaymentId(raw(rest))),
    };
    let as_of = AsOf::now(&app, &caller).await?;
    let rows = app.store.qr_codes(caller.scope.id, filter, page.into()).await?;
    let rows: Vec<QrCode> = rows.iter().map(|row| as_of.see_code(row)).collect();
    let items = rows.iter().map(|row| QrCodeOut::of(row, &app.options.public_url)).collect();
    Ok(Json::of(&Collection::of(items)))
}

/// `GET /v1/payments/qr_codes/:id/payments`
pub async fn list_qr_code_payments(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, PAGE_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let code = find(&app, &caller, &id).await?;
    let filter = PaymentFilter { qr_code: Some(code.id), ..PaymentFilter::default() };
    let rows = app.store.payments(caller.scope.id, filter, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(PaymentOut::plain).collect())))
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<QrCode, ApiError> {
    let row = app.store.qr_code(caller.scope.id, qr_code_id(id)?).await?;
    row.ok_or_else(ApiError::unknown_id)
}

fn qr_code_id(given: &str) -> Result<QrCodeId, ApiError> {
    Ok(QrCodeId(raw(path_id(QrCodeId::PREFIX, given)?)))
}

fn code(app: &App, reply: Reply) -> Answer {
    match reply {
        Reply::QrCode(row) => Ok(Json::of(&QrCodeOut::of(&row, &app.options.public_url))),
        _ => Err(ApiError::server_fault()),
    }
}
