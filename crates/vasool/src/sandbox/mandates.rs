//! The payer's app, the payer's bank and the network, as calls. Source: sandbox 3.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::payment::Payment;
use vasool_core::reserve_pay::{MandateCommand, MandateRows};
use vasool_core::scope::Scope;
use vasool_core::token::Token;

use super::network::{approval, receipt};
use super::vpas::{Known, holder};
use super::{TestCaller, tenant};
use crate::api::answer::{Answer, Json};
use crate::api::request::{Body, Path};
use crate::api::{payment_id, token_id};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
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
    let (token, payment) = find(&app, caller.scope, &id).await?;
    let name = |vpa: &str| match holder(vpa) {
        Known::Holder(name) => Some(name),
        Known::Nobody | Known::Malformed => None,
    };
    let default = approval(&token, &payment);
    let steering = read_mandate_steering(&Fields::of_body(&body), default, name)?;
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
    let steering = read_debit_steering(&Fields::of_body(&body), receipt, &payment)?;
    let rows = MandateRows { token: mandate.token, payment: payment.id, order };
    let command = MandateCommand::SteerDebit(rows, steering);
    match app.submit(caller.scope.id, ScopedCommand::Mandate(command)).await? {
        Reply::Payment(row) => Ok(Json::of(&PaymentOut::plain(&row))),
        _ => Err(ApiError::server_fault()),
    }
}

/// A mandate with the payment that approves it.
async fn find(app: &App, scope: Scope, id: &str) -> Result<(Token, Payment), ApiError> {
    let token = app.store.token(scope.id, token_id(id)?).await?;
    let token = token.ok_or_else(ApiError::unknown_id)?;
    let payment = app.store.payment(scope.id, token.payment).await?;
    Ok((token, payment.ok_or_else(ApiError::unknown_id)?))
}
