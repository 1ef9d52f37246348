//! Payments that a merchant's server makes: approvals and debits of mandates. Source: reserve-pay
//! 4, 9.

use std::sync::Arc;

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{CustomerId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::order::Order;
use vasool_core::payment::{Payment, PaymentState};
use vasool_core::reserve_pay::{AuthorisationDraft, DebitDraft, DebitRows, MandateCommand};
use vasool_core::token::Token;
use vasool_store::StoreResult;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::paper_nach;
use super::request::Body;
use crate::app::App;
use crate::clock::Stopwatch;
use crate::rails::UpiOrder;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::entity_id;
use crate::wire::out::Id;
use crate::wire::reserve_pay::intent::MandateIntent;
use crate::wire::reserve_pay::payment::{
    CREATE_KEYS, LinkOut, PendingOut, SignedOut, read_authorisation_head, read_authorisation_tail,
    read_debit, read_order_id,
};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

/// `POST /v1/payments/create/json`: with a token a debit, without one an approval.
pub async fn create_payment_json(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, CREATE_KEYS, caller.settings())?;
    if fields.is_present("token") {
        return debit(&app, &caller, &fields).await;
    }
    let order = find_order(&app, &caller, &fields).await?;
    if order.mandate.is_none() {
        // An order of money is paid from a mandate: then the token is what is missing.
        return debit(&app, &caller, &fields).await;
    }
    let (payment, token) = authorise(&app, &caller, &fields, &order).await?;
    let link = MandateIntent::of(caller.tenant(), &payment, &token).to_link();
    Ok(Json::of(&PendingOut::of(payment.id, Some(link), &app.options.public_url)))
}

/// `POST /v1/payments/create/upi`: an approval; answers the link alone.
pub async fn create_payment_upi(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, CREATE_KEYS, caller.settings())?;
    let order = find_order(&app, &caller, &fields).await?;
    if order.mandate.is_none() {
        return Err(ApiError::not_for_mandate());
    }
    let (payment, token) = authorise(&app, &caller, &fields, &order).await?;
    let link = MandateIntent::of(caller.tenant(), &payment, &token).to_link();
    Ok(Json::of(&LinkOut { razorpay_payment_id: Id(payment.id), link }))
}

/// `POST /v1/payments/create/recurring`: a debit of a mandate, of UPI or on paper.
pub async fn create_payment_recurring(
    State(app): State<App>,
    caller: Caller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, CREATE_KEYS, caller.settings())?;
    // By the token's method. Source: decisions 16.
    match is_of_nach(&app, &caller, &fields).await? {
        true => paper_nach::charge(&app, &caller, &fields).await,
        false => debit(&app, &caller, &fields).await,
    }
}

async fn is_of_nach(app: &App, caller: &Caller, fields: &Fields<'_>) -> Result<bool, ApiError> {
    let Ok(Some(token)) = entity_id(fields, "token", TokenId::PREFIX) else { return Ok(false) };
    let row = app.store.nach_token(caller.scope.id, TokenId(raw(token))).await?;
    Ok(row.is_some())
}

async fn find_order(app: &App, caller: &Caller, fields: &Fields<'_>) -> Result<Order, ApiError> {
    let row = app.store.order(caller.scope.id, read_order_id(fields)?).await?;
    row.ok_or_else(ApiError::unknown_id)
}

/// Writes an approval and tells the network of it. Source: reserve-pay 4.1.
async fn authorise(
    app: &App,
    caller: &Caller,
    fields: &Fields<'_>,
    order: &Order,
) -> Result<(Arc<Payment>, Arc<Token>), ApiError> {
    let customer = read_authorisation_head(fields, order.amount)?;
    check_customer(app, caller, order, customer).await?;
    let payer = read_authorisation_tail(fields)?;
    let rails = app.rail_worker.rails();
    let draft = AuthorisationDraft {
        order: order.id,
        amount: order.amount,
        customer,
        email: payer.email,
        contact: payer.contact,
        notes: payer.notes,
        description: payer.description,
        rail: rails.upi_names(caller.scope.mode).into_iter().next(),
    };
    let command = ScopedCommand::Mandate(MandateCommand::Authorise(draft));
    let Reply::Mandate(payment, token) = app.submit(caller.scope.id, command).await? else {
        return Err(ApiError::server_fault());
    };
    ask_network(app, InstructionKey::Authorise(token.id)).await;
    Ok((payment, token))
}

/// The customer must be the order's; one nobody knows is another mistake.
async fn check_customer(
    app: &App,
    caller: &Caller,
    order: &Order,
    customer: CustomerId,
) -> Result<(), ApiError> {
    if order.customer == Some(customer) {
        return Ok(());
    }
    match app.store.customer(caller.scope.id, customer).await? {
        Some(_) => Err(ApiError::unknown_id().with_field("customer_id")),
        None => Err(ApiError::unknown_id()),
    }
}

/// Debits a mandate. Answers once the bank has decided, or to be polled where it has not. Source:
/// reserve-pay 9.2.
async fn debit(app: &App, caller: &Caller, fields: &Fields<'_>) -> Answer {
    let request = read_debit(fields)?;
    let draft = DebitDraft {
        order: request.order,
        amount: request.amount,
        customer: request.customer,
        token: request.token,
        email: request.payer.email,
        contact: request.payer.contact,
        notes: request.payer.notes,
        description: request.payer.description,
        rails: app.rail_worker.rails().upi_names(caller.scope.mode),
    };
    let command = ScopedCommand::Mandate(MandateCommand::Debit(draft));
    let began = Stopwatch::start();
    let payment = match app.submit(caller.scope.id, command).await? {
        Reply::Payment(failed) => failed,
        Reply::Debit(rows) => told(app, rows, began).await,
        _ => return Err(ApiError::server_fault()),
    };
    match payment.state {
        PaymentState::Failed(failure) => {
            let order = payment.order.map(|order| order.to_string());
            Err(ApiError::failed(failure.fields())
                .with_payment(Some(payment.id.to_string()), order))
        }
        PaymentState::Created => {
            Ok(Json::of(&PendingOut::of(payment.id, None, &app.options.public_url)))
        }
        _ => Ok(Json::of(&SignedOut::of(&payment, |message| caller.holder.sign(message)))),
    }
}

/// Has the network told of a debit that is durable: the debit as the bank has decided it, if that is
/// known in time.
async fn told(app: &App, rows: Box<DebitRows>, began: Stopwatch) -> Arc<Payment> {
    let written = rows.payment.clone();
    let told = app.rail_worker.tell_now(UpiOrder::from(*rows), began).await;
    if let Some(Reply::Payment(decided)) = left_to_worker(told) {
        return decided;
    }
    // Somebody else may have asked.
    let row = app.store.payment(written.scope, written.id).await;
    row.ok().flatten().map_or(written, Arc::new)
}

/// Has the rail asked about what this request has just written; the worker goes on with what comes
/// to nothing here.
pub async fn ask_network(app: &App, key: InstructionKey) -> Option<Reply> {
    left_to_worker(app.rail_worker.ask_now(key).await)
}

fn left_to_worker(asked: StoreResult<Option<Reply>>) -> Option<Reply> {
    asked.unwrap_or_else(|error| {
        tracing::warn!(%error, "an instruction is left to the worker");
        None
    })
}
