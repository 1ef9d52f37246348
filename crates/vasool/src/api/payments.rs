//! Payments. Source: common 8.3, smart-collect 5.11 and 5.13.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{PaymentId, VirtualAccountId};
use vasool_core::money::Paise;
use vasool_core::payment::{Method, Payment, PaymentState};
use vasool_core::refund::Refund;
use vasool_core::token::Token;
use vasool_core::transfer::{Payee, Transfer};
use vasool_core::virtual_account::VirtualAccount;
use vasool_store::reads::PaymentFilter;

use super::answer::{Answer, Json};
use super::as_of::{AsOf, see_payments};
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
use crate::wire::payment::{CardOut, EXPAND, PaymentOut};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::transfer::{BankTransferOut, UpiTransferOut};
use crate::wire::virtual_account::raw;

const CAPTURE_KEYS: &[&str] = &["amount", "currency"];
const CAPTURE_MIN: i64 = 100;
const LIST_KEYS: &[&str] =
    &["count", "skip", "from", "to", "expand", "virtual_account", "va_transaction_id", "contact"];

/// `GET /v1/payments`
pub async fn list_payments(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let expand = read_expand(&fields, EXPAND)?;
    let reference = fields.text("va_transaction_id")?;
    // `1` asks for payments through any virtual account; an id for those of one. A reference of a
    // transfer implies the first. Source: smart-collect 5.13.
    let asked = fields.text("virtual_account")?;
    let account = asked.as_deref().filter(|given| given.starts_with(VirtualAccountId::PREFIX));
    let filter = PaymentFilter {
        into_any_account: asked.as_deref() == Some("1") || reference.is_some(),
        virtual_account: account.and_then(|id| virtual_accounts::virtual_account_id(id).ok()),
        contact: fields.text("contact")?.map(|contact| contact.into_owned()),
        bank_reference: reference.map(|reference| reference.into_owned()),
        qr_code: None,
    };
    let rows = app.store.payments(caller.scope.id, filter, page.into()).await?;
    let rows = see_payments(&app, &caller, rows).await?;
    let parts = Parts::of_all(&app, &caller, &rows, &expand).await?;
    let items = rows.iter().zip(&parts).map(|(row, parts)| parts.show(row, &expand)).collect();
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
    let parts = Parts::of(&app, &caller, &row, &expand).await?;
    Ok(Json::of(&parts.show(&row, &expand)))
}

/// `POST /v1/payments/:id/capture`. Source: common 8.5.
pub async fn capture_payment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, CAPTURE_KEYS, caller.settings())?;
    let row = find(&app, &caller, &id).await?;
    let amount = fields.required_integer("amount")?;
    if amount < CAPTURE_MIN {
        return Err(ApiError::amount_too_small());
    }
    let amount = Paise::new(amount).ok_or_else(ApiError::capture_amount_mismatch)?;
    let same_currency = fields.text("currency")?.is_none_or(|currency| currency == "INR");
    let other_currency = || {
        let text = "Capture request currency must be same as payment currency.";
        ApiError::invalid_field("currency", text)
    };
    if row.state == PaymentState::Authorized && amount == row.amount && !same_currency {
        return Err(other_currency());
    }
    match app.submit(caller.scope.id, ScopedCommand::CapturePayment(row.id, amount)).await? {
        Reply::Payment(row) => Ok(Json::of(&PaymentOut::plain(&row))),
        _ => Err(ApiError::server_fault()),
    }
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
    let is_bank_transfer = |row: &Transfer| matches!(row.payee, Payee::Account(_));
    let (row, account) = find_transfer(&app, &caller, &id, is_bank_transfer).await?;
    Ok(Json::of(&BankTransferOut::full(&row, &account, &app.options.public_url)))
}

/// `GET /v1/payments/:id/upi_transfer`: payments to a UPI address, not those to a QR code.
pub async fn get_upi_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let is_upi_transfer = |row: &Transfer| matches!(row.payee, Payee::Vpa(_));
    let (row, account) = find_transfer(&app, &caller, &id, is_upi_transfer).await?;
    Ok(Json::of(&UpiTransferOut::full(&row, &account, &app.options.public_url)))
}

/// The transfer that became a payment, if it is of the kind asked for, with its account.
async fn find_transfer(
    app: &App,
    caller: &Caller,
    id: &str,
    is_wanted: impl Fn(&Transfer) -> bool,
) -> Result<(Transfer, VirtualAccount), ApiError> {
    let row = app.store.transfer(caller.scope.id, payment_id(id)?).await?;
    let row = row.filter(is_wanted).ok_or_else(ApiError::unknown_id)?;
    let account = row.virtual_account.ok_or_else(ApiError::unknown_id)?;
    let account = virtual_accounts::find(app, caller, account).await?;
    Ok((row, account))
}

/// `GET /v1/payments/:id/card`
pub async fn get_card(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    match find(&app, &caller, &id).await?.method {
        Method::Card(card) => Ok(Json::of(&CardOut::from(&card))),
        _ => Err(ApiError::plain(400, "Payment was not done using card")),
    }
}

/// `GET /v1/payments/downtimes`: nothing is down that we know of.
pub async fn list_downtimes(_: Caller) -> Answer {
    Ok(Json::of(&Collection::<()>::of(vec![])))
}

/// What `expand[]` embeds into one payment.
struct Parts {
    refunds: Option<Vec<Refund>>,
    token: Option<Token>,
}

impl Parts {
    async fn of(
        app: &App,
        caller: &Caller,
        row: &Payment,
        expand: &[&str],
    ) -> Result<Parts, ApiError> {
        let scope = caller.scope.id;
        let refunds = match expand.contains(&"refunds") {
            true => Some(app.store.refunds_of(scope, row.id).await?),
            false => None,
        };
        let mandate = row.mandate.as_ref().filter(|_| expand.contains(&"token"));
        let token = match mandate {
            Some(mandate) => app.store.token(scope, mandate.token).await?,
            None => None,
        };
        let token = match token {
            Some(token) => Some(AsOf::now(app, caller).await?.see_token(&token)),
            None => None,
        };
        Ok(Parts { refunds, token })
    }

    async fn of_all(
        app: &App,
        caller: &Caller,
        rows: &[Payment],
        expand: &[&str],
    ) -> Result<Vec<Parts>, ApiError> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(Parts::of(app, caller, row, expand).await?);
        }
        Ok(all)
    }

    fn show<'a>(&'a self, row: &'a Payment, expand: &[&str]) -> PaymentOut<'a> {
        let transaction = ["transaction", "transaction.settlement"];
        PaymentOut {
            refunds: self.refunds.as_deref(),
            token: self.token.as_ref(),
            card: expand.contains(&"card"),
            offers: expand.contains(&"offers"),
            transaction: expand.iter().any(|name| transaction.contains(name)),
            ..PaymentOut::plain(row)
        }
    }
}

/// A payment of the caller as of now.
pub async fn find(app: &App, caller: &Caller, id: &str) -> Result<Payment, ApiError> {
    let row = app.store.payment(caller.scope.id, payment_id(id)?).await?;
    let row = row.ok_or_else(ApiError::unknown_id)?;
    let mut rows = see_payments(app, caller, vec![row]).await?;
    rows.pop().ok_or_else(ApiError::unknown_id)
}

/// A payment id in a path or body.
pub fn payment_id(given: &str) -> Result<PaymentId, ApiError> {
    Ok(PaymentId(raw(path_id(PaymentId::PREFIX, given)?)))
}
