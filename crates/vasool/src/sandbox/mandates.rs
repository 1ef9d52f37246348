//! The payer's app, the payer's bank and the network, as calls. Source: sandbox 3.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::instruction::InstructionKey;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::{NachCommand, NachRows};
use vasool_core::payment::{Method, Payment};
use vasool_core::reserve_pay::{MandateCommand, MandateRows};
use vasool_core::scope::Scope;
use vasool_core::token::Token;
use vasool_store::reads::Page as StorePage;

use super::nach::umrn;
use super::network::{approval, receipt};
use super::vpas::{Known, holder};
use super::{TestCaller, tenant};
use crate::api::answer::{Answer, Json};
use crate::api::request::{Body, Path};
use crate::api::{ask_network, payment_id, token_id};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::paper_nach;
use crate::wire::paper_nach::sandbox::NachMandateOut;
use crate::wire::paper_nach::token::NachTokenOut;
use crate::wire::payment::PaymentOut;
use crate::wire::reserve_pay::intent::MandateIntent;
use crate::wire::reserve_pay::sandbox::{MandateOut, read_debit_steering, read_mandate_steering};
use crate::wire::token::TokenOut;

/// `GET /v1/sandbox/mandates/:token_id`
pub async fn get_mandate(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    Path(id): Path<String>,
) -> Answer {
    let tenant = tenant(&app, caller.scope).await?;
    let now = tenant.now(app.clock.now()).to_time();
    if let Some(token) = nach_token(&app, caller.scope, &id).await? {
        let form = app.store.nach_form(caller.scope.id, token.order).await?;
        let form = form.ok_or_else(ApiError::unknown_id)?;
        return Ok(Json::of(&NachMandateOut::of(&token, &form, &app.options.public_url)));
    }
    let (token, payment) = find(&app, caller.scope, &id).await?;
    let intent = MandateIntent::of(&tenant, &payment, &token);
    let page_url = format!("{}/upi/{}", app.options.public_url, payment.id);
    Ok(Json::of(&MandateOut::of(&token.as_of(now), intent, page_url, now)))
}

/// `POST /v1/sandbox/mandates/:token_id`
pub async fn steer_mandate(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    if let Some(token) = nach_token(&app, caller.scope, &id).await? {
        let now = tenant(&app, caller.scope).await?.now(app.clock.now());
        let rails = app.rail_worker.rails();
        let first_debit = rails.debit_times(caller.scope.mode, &token.connector, now);
        let steering =
            paper_nach::sandbox::read_mandate_steering(&fields, umrn(&token), first_debit)?;
        let rows = NachRows { token: token.id, payment: token.payment, order: token.order };
        let command = NachCommand::SteerMandate(rows, steering);
        return match app.submit(caller.scope.id, ScopedCommand::Nach(command)).await? {
            Reply::NachToken(token) => {
                ask_nach(&app, caller.scope, &token).await?;
                Ok(Json::of(&NachTokenOut::plain(&token)))
            }
            _ => Err(ApiError::server_fault()),
        };
    }
    let (token, payment) = find(&app, caller.scope, &id).await?;
    let name = |vpa: &str| match holder(vpa) {
        Known::Holder(name) => Some(name),
        Known::Nobody | Known::Malformed => None,
    };
    let default = approval(&token, &payment);
    let steering = read_mandate_steering(&fields, default, name)?;
    let rows = MandateRows { token: token.id, payment: payment.id, order: token.order };
    let command = MandateCommand::SteerMandate(rows, steering);
    match app.submit(caller.scope.id, ScopedCommand::Mandate(command)).await? {
        Reply::Token(token) => Ok(Json::of(&TokenOut::plain(&token))),
        _ => Err(ApiError::server_fault()),
    }
}

/// `POST /v1/sandbox/payments/:payment_id`
pub async fn steer_payment(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let payment = app.store.payment(caller.scope.id, payment_id(&id)?).await?;
    let payment = payment.ok_or_else(ApiError::unknown_id)?;
    let (Some(mandate), Some(order)) = (&payment.mandate, payment.order) else {
        return Err(ApiError::unknown_id());
    };
    let fields = Fields::of_body(&body);
    if let Method::Nach { .. } = payment.method {
        let steering = paper_nach::sandbox::read_debit_steering(&fields)?;
        let rows = NachRows { token: mandate.token, payment: payment.id, order };
        let command = NachCommand::SteerDebit(rows, steering);
        return match app.submit(caller.scope.id, ScopedCommand::Nach(command)).await? {
            Reply::Payment(row) => Ok(Json::of(&PaymentOut::plain(&row))),
            _ => Err(ApiError::server_fault()),
        };
    }
    let steering = read_debit_steering(&fields, receipt, &payment)?;
    let rows = MandateRows { token: mandate.token, payment: payment.id, order };
    let command = MandateCommand::SteerDebit(rows, steering);
    match app.submit(caller.scope.id, ScopedCommand::Mandate(command)).await? {
        Reply::Payment(row) => Ok(Json::of(&PaymentOut::plain(&row))),
        _ => Err(ApiError::server_fault()),
    }
}

/// A mandate on paper, if this is one.
async fn nach_token(app: &App, scope: Scope, id: &str) -> Result<Option<NachToken>, ApiError> {
    Ok(app.store.nach_token(scope.id, token_id(id)?).await?)
}

/// The first debit of a mandate that has just been confirmed goes to its bank at once.
async fn ask_nach(app: &App, scope: Scope, token: &NachToken) -> Result<(), ApiError> {
    let page = StorePage { count: 2, skip: 0, from: None, to: None };
    for payment in app.store.payments_of_token(scope.id, token.id, page).await? {
        if payment.is_open() {
            ask_network(app, InstructionKey::Present(payment.id)).await;
        }
    }
    Ok(())
}

/// A mandate with the payment that approves it.
async fn find(app: &App, scope: Scope, id: &str) -> Result<(Token, Payment), ApiError> {
    let token = app.store.token(scope.id, token_id(id)?).await?;
    let token = token.ok_or_else(ApiError::unknown_id)?;
    let payment = app.store.payment(scope.id, token.payment).await?;
    Ok((token, payment.ok_or_else(ApiError::unknown_id)?))
}
