//! Payments. Source: common 8.3, smart-collect 5.11 and 5.13.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{PaymentId, VirtualAccountId};
use vasool_core::payment::Payment;
use vasool_core::refund::Refund;
use vasool_store::reads::PaymentFilter;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::{Body, Path, Query};
use super::virtual_accounts;
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::expand::read_expand;
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::notes::read_patched_notes;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::payment::{BankTransferOut, EXPAND, PaymentOut};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const LIST_KEYS: &[&str] =
    &["count", "skip", "from", "to", "expand", "virtual_account", "va_transaction_id"];

/// `GET /v1/payments`
pub async fn list_payments(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, &caller.holder.tenant.settings)?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let expand = read_expand(&fields, EXPAND)?;
    let reference = fields.text("va_transaction_id")?;
    // `1` asks for payments through virtual accounts, which all are; an id for those of one.
    let account = fields.text("virtual_account")?;
    let account = account.as_deref().filter(|given| given.starts_with(VirtualAccountId::PREFIX));
    let filter = PaymentFilter {
        virtual_account: account.map(virtual_accounts::virtual_account_id).transpose()?,
        bank_reference: reference.map(|reference| reference.into_owned()),
    };
    let rows = app.store.payments(caller.scope.id, filter, page.into()).await?;
    let refunds = refunds_of(&app, &caller, &rows, &expand).await?;
    let items = rows.iter().zip(&refunds);
    let items = items.map(|(row, refunds)| expanded(row, refunds.as_deref(), &expand)).collect();
    Ok(Json::of(&Collection::of(items)))
}

/// `GET /v1/payments/:id`
pub async fn get_payment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let expand = read_expand(&Fields::of_query(&query), EXPAND)?;
    let row = find(&app, &caller, &id).await?;
    let rows = [row];
    let refunds = refunds_of(&app, &caller, &rows, &expand).await?;
    Ok(Json::of(&expanded(&rows[0], refunds[0].as_deref(), &expand)))
}

/// `PATCH /v1/payments/:id`: notes alone, in any state.
pub async fn edit_payment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let notes = read_patched_notes(&Fields::of_body(&body))?;
    let command = ScopedCommand::EditPaymentNotes(payment_id(&id)?, notes);
    match app.submit(caller.scope.id, command).await? {
        Reply::Payment(row) => Ok(Json::of(&PaymentOut::plain(&row))),
        _ => Err(ApiError::server_fault()),
    }
}

/// `GET /v1/payments/:id/bank_transfer`
pub async fn get_bank_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let id = payment_id(&id)?;
    let row = app.store.bank_transfer(caller.scope.id, id).await?;
    let row = row.ok_or_else(ApiError::unknown_id)?;
    let account = virtual_accounts::find(&app, &caller, row.virtual_account).await?;
    Ok(Json::of(&BankTransferOut::full(&row, &account)))
}

async fn refunds_of(
    app: &App,
    caller: &Caller,
    rows: &[Payment],
    expand: &[&str],
) -> Result<Vec<Option<Vec<Refund>>>, ApiError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(if expand.contains(&"refunds") {
            Some(app.store.refunds_of(caller.scope.id, row.id).await?)
        } else {
            None
        });
    }
    Ok(all)
}

fn expanded<'a>(
    row: &'a Payment,
    refunds: Option<&'a [Refund]>,
    expand: &[&str],
) -> PaymentOut<'a> {
    let transaction = ["transaction", "transaction.settlement"];
    PaymentOut {
        refunds,
        offers: expand.contains(&"offers"),
        transaction: expand.iter().any(|name| transaction.contains(name)),
        ..PaymentOut::plain(row)
    }
}

/// A payment of the caller.
pub async fn find(app: &App, caller: &Caller, id: &str) -> Result<Payment, ApiError> {
    let row = app.store.payment(caller.scope.id, payment_id(id)?).await?;
    row.ok_or_else(ApiError::unknown_id)
}

/// A payment id in a path or body.
pub fn payment_id(given: &str) -> Result<PaymentId, ApiError> {
    Ok(PaymentId(raw(path_id(PaymentId::PREFIX, given)?)))
}
