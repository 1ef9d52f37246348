//! The bank's answer to a payout, as a call. Source: sandbox 3.

use axum::extract::State;
use vasool_core::command::ScopedCommand;
use vasool_core::refunds::RefundCommand;

use crate::api::answer::Answer;
use crate::api::caller::TestCaller;
use crate::api::request::{Body, Path};
use crate::api::{refund, refund_id};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::refund::read_steering;

/// `POST /v1/sandbox/refunds/:id`
pub async fn steer_refund(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let steering = read_steering(&Fields::of_body(&body))?;
    let row = app.store.refund(caller.scope.id, refund_id(&id)?).await?;
    let row = row.ok_or_else(ApiError::unknown_id)?;
    let command = RefundCommand::Steer(row.id, row.payment, steering);
    refund(app.submit(caller.scope.id, ScopedCommand::Refund(command)).await?)
}
