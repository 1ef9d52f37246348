//! Uploads and debits of mandates on paper. Source: paper-nach 6, 12.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use sha2::{Digest as _, Sha256};
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::OrderId;
use vasool_core::instruction::InstructionKey;
use vasool_core::order::Order;
use vasool_core::paper_nach::{ChargeDraft, NachCommand, UploadDraft, refusal};
use vasool_core::payment::Payment;
use vasool_core::rejection::Rejection;
use vasool_core::scope::{Mode, Scope, ScopeId};
use vasool_core::time::Time;
use vasool_nach::scan::{Refusal, Rules, Scan};

use super::answer::{Answer, Json};
use super::as_of::AsOf;
use super::caller::Caller;
use super::reserve_pay::ask_network;
use super::upload::{ScanUpload, UploadedFile};
use crate::app::App;
use crate::engine;
use crate::rails::NachWish;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::paper_nach::charge::{TakenOut, read_charge};
use crate::wire::paper_nach::upload::{file_refused, form_pending};
use crate::wire::reserve_pay::payment::read_order_id;

/// `POST /v1/payments/create/nach/file`
pub async fn upload_nach_form(
    State(app): State<App>,
    caller: Caller,
    upload: ScanUpload,
) -> Answer {
    let body = upload.0.decode()?;
    let fields = Fields::of_body(&body);
    let order = read_order_id(&fields)?;
    if fields.is_sent("recurring") && !matches!(fields.boolean("recurring"), Ok(Some(true))) {
        return Err(ApiError::selected_invalid("recurring"));
    }
    let now = AsOf::now(&app, &caller).await?.now;
    let file = upload.0.file.as_ref();
    let payment = take(&app, caller.scope, now, order, file, "api").await?;
    Ok(Json::of(&TakenOut::of(payment.id, order, |message| caller.holder.sign(message))))
}

/// Takes a scan through any door: the checks in their printed order, then one commit, then the bank is
/// told. `now`: the merchant's. Source: paper-nach 6.3.
pub async fn take(
    app: &App,
    scope: Scope,
    now: Time,
    order: OrderId,
    file: Option<&UploadedFile>,
    channel: &'static str,
) -> Result<Arc<Payment>, ApiError> {
    let row = app.store.order(scope.id, order).await?.ok_or_else(ApiError::unknown_id)?;
    if let Some(why) = refused(app, scope.id, &row, now).await? {
        return Err(of_upload(engine::Refusal::Rejected(why), order));
    }
    let file = file.filter(|file| !file.bytes.is_empty());
    let file = file.ok_or_else(|| ApiError::field_required("file"))?;
    let name = file.name.clone().unwrap_or_default();
    let (picture, digest) = read(app, scope.mode, name, file.bytes.clone())
        .await?
        .map_err(|refusal| file_refused(refusal, order))?;
    let rails = app.rail_worker.rails();
    let rails = rails.nach_connectors(scope.mode, NachWish::Registration, now.to_millis());
    let rail = rails.into_iter().next();
    let draft = UploadDraft { order, picture, digest, channel, rail };
    let command = ScopedCommand::Nach(NachCommand::Upload(draft));
    let reply = app.submit(scope.id, command).await.map_err(|why| of_upload(why, order))?;
    let Reply::NachMandate(payment, token) = reply else { return Err(ApiError::server_fault()) };
    ask_network(app, InstructionKey::Register(token.id)).await;
    Ok(payment)
}

/// Why an order takes no scan, before the file is looked at.
async fn refused(
    app: &App,
    scope: ScopeId,
    order: &Order,
    now: Time,
) -> Result<Option<Rejection>, ApiError> {
    let form = match order.has_nach_form {
        true => app.store.nach_form(scope, order.id).await?,
        false => None,
    };
    let invoice = match form.as_ref().and_then(|form| form.invoice) {
        Some(id) => app.store.invoice(scope, id).await?,
        None => None,
    };
    Ok(refusal(order, form.as_ref(), invoice.as_ref(), now))
}

/// Refusals of an upload carry the order. Source: paper-nach 6.3.
fn of_upload(refusal: engine::Refusal, order: OrderId) -> ApiError {
    match refusal {
        engine::Refusal::Rejected(Rejection::FormPending(payment)) => {
            form_pending(payment, Some(order))
        }
        other => other.into(),
    }
}

/// Reads a scan beside the runtime, one at a time: a picture unpacks to many times its size.
async fn read(
    app: &App,
    mode: Mode,
    name: String,
    bytes: Bytes,
) -> Result<Result<(Arc<[u8]>, String), Refusal>, ApiError> {
    let _one_at_a_time = app.uploads.lock().await;
    let reading = tokio::task::spawn_blocking(move || {
        let rules = match mode {
            Mode::Test => Rules::Test { file_name: &name },
            Mode::Live => Rules::Live,
        };
        let picture = Scan::read(&bytes, rules)?.to_jpeg()?;
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((picture.into(), digest))
    });
    reading.await.map_err(|_| ApiError::server_fault())
}

/// Debits a mandate on paper: taken now, decided by the bank in its cycle. Source: paper-nach 12.2.
pub async fn charge(app: &App, caller: &Caller, fields: &Fields<'_>) -> Answer {
    let request = read_charge(fields)?;
    let now = AsOf::now(app, caller).await?.now.to_millis();
    let rails = app.rail_worker.rails();
    let draft = ChargeDraft {
        order: request.order,
        amount: request.amount,
        customer: request.customer,
        token: request.token,
        email: request.payer.email,
        contact: request.payer.contact,
        notes: request.payer.notes,
        description: request.payer.description,
        rails: rails.nach_connectors(caller.scope.mode, NachWish::Debit, now),
    };
    let command = ScopedCommand::Nach(NachCommand::Charge(draft));
    let Reply::Payment(payment) = app.submit(caller.scope.id, command).await? else {
        return Err(ApiError::server_fault());
    };
    ask_network(app, InstructionKey::Present(payment.id)).await;
    Ok(Json::of(&TakenOut::of(payment.id, request.order, |message| caller.holder.sign(message))))
}
