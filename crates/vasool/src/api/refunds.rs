//! Refunds. Source: common 9, smart-collect 5.14.

use axum::extract::State;
use axum::http::HeaderMap;
use sha2::{Digest as _, Sha256};
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{PaymentId, RefundId};
use vasool_core::instruction::InstructionKey;
use vasool_core::money::Paise;
use vasool_core::refunds::{Claim, RefundCommand, RefundDraft};

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::payments;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::notes::read_patched_notes;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::refund::{RefundOut, RefundRequest, read_refund};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const LIST_KEYS: &[&str] = &["count", "skip", "from", "to", "payment_id"];
const PAYMENT_LIST_KEYS: &[&str] = &["count", "skip", "from", "to"];
const IDEMPOTENCY_HEADER: &str = "x-refund-idempotency";

/// `POST /v1/payments/:id/refund`
pub async fn refund_payment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let request = read_refund(&Fields::of_body(&body), &[])?;
    create(&app, &caller, payments::payment_id(&id)?, request, &headers).await
}

/// `POST /v1/refunds`: the same with the payment in the body.
pub async fn create_refund(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    let payment = fields.required_text("payment_id")?;
    let request = read_refund(&fields, &["payment_id"])?;
    create(&app, &caller, payments::payment_id(&payment)?, request, &headers).await
}

async fn create(
    app: &App,
    caller: &Caller,
    payment: PaymentId,
    request: RefundRequest,
    headers: &HeaderMap,
) -> Answer {
    let scope = caller.scope;
    let tenant = app.store.tenant(scope.id).await?.ok_or_else(ApiError::unknown_id)?;
    let checked = tenant.settings.refund_balance_check;
    // What is owed is a sum over the journal: between the sum and the commit no other refund may
    // spend it.
    let in_turn = if checked { Some(app.covered_refunds.lock().await) } else { None };
    let funds = if checked { Some(owed(app, caller).await?) } else { None };
    let claim = headers.get(IDEMPOTENCY_HEADER).map(|header| {
        let key = String::from_utf8_lossy(header.as_bytes()).into_owned();
        Claim { digest: digest(&key), request: digest(&request.canonical(payment)), key }
    });
    let draft = RefundDraft {
        payment,
        amount: request.amount,
        speed: request.speed,
        receipt: request.receipt,
        notes: request.notes,
        claim,
        funds,
        rails: app.rail_worker.rails().payout_names(scope.mode),
    };
    let command = ScopedCommand::Refund(RefundCommand::Create(draft));
    let refund = match app.submit(scope.id, command).await? {
        Reply::Refund(refund) => refund,
        Reply::SameRefund(refund) => return Ok(Json::of(&RefundOut::from(&*refund))),
        _ => return Err(ApiError::server_fault()),
    };
    drop(in_turn);
    // The refund is durable: what its payout comes to is told if it is known in time.
    let key = InstructionKey::PayRefund(refund.id);
    let paid = app.rail_worker.ask_now(key).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a payout is left to the worker");
        None
    });
    let refund = match paid {
        Some(Reply::Refund(paid)) => paid,
        _ => refund,
    };
    Ok(Json::of(&RefundOut::from(&*refund)))
}

async fn owed(app: &App, caller: &Caller) -> Result<Paise, ApiError> {
    let paise = app.store.payable(caller.scope.id).await?;
    Ok(Paise::new(paise).unwrap_or(Paise::ZERO))
}

/// Lower-case hex SHA-256.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /v1/refunds`
pub async fn list_refunds(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, &caller.holder.tenant.settings)?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let payment = fields.text("payment_id")?;
    let payment = payment.as_deref().map(payments::payment_id).transpose()?;
    list(&app, &caller, payment, page).await
}

/// `GET /v1/payments/:id/refunds`
pub async fn list_payment_refunds(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, PAYMENT_LIST_KEYS, &caller.holder.tenant.settings)?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let payment = payments::find(&app, &caller, &id).await?;
    list(&app, &caller, Some(payment.id), page).await
}

async fn list(app: &App, caller: &Caller, payment: Option<PaymentId>, page: Page) -> Answer {
    let rows = app.store.refunds(caller.scope.id, payment, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(RefundOut::from).collect())))
}

/// `GET /v1/refunds/:id`
pub async fn get_refund(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    let row = app.store.refund(caller.scope.id, refund_id(&id)?).await?;
    Ok(Json::of(&RefundOut::from(&row.ok_or_else(ApiError::unknown_id)?)))
}

/// `GET /v1/payments/:id/refunds/:rid`: a refund of another payment does not exist here.
pub async fn get_payment_refund(
    State(app): State<App>,
    caller: Caller,
    Path((payment, refund)): Path<(String, String)>,
) -> Answer {
    let payment = payments::payment_id(&payment)?;
    let row = app.store.refund(caller.scope.id, refund_id(&refund)?).await?;
    let row = row.filter(|row| row.payment == payment).ok_or_else(ApiError::unknown_id)?;
    Ok(Json::of(&RefundOut::from(&row)))
}

/// `PATCH /v1/refunds/:id`: notes alone.
pub async fn edit_refund(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let notes = read_patched_notes(&Fields::of_body(&body))?;
    let command = RefundCommand::EditNotes(refund_id(&id)?, notes);
    refund(app.submit(caller.scope.id, ScopedCommand::Refund(command)).await?)
}

/// A refund id in a path.
pub fn refund_id(given: &str) -> Result<RefundId, ApiError> {
    Ok(RefundId(raw(path_id(RefundId::PREFIX, given)?)))
}

/// The refund a command answers.
pub fn refund(reply: Reply) -> Answer {
    match reply {
        Reply::Refund(row) => Ok(Json::of(&RefundOut::from(&*row))),
        _ => Err(ApiError::server_fault()),
    }
}
