//! Money that payers send. Source: sandbox 2, smart-collect 5.15 and 5.16.

use axum::extract::State;
use vasool_core::command::{Receipt, Reply, ScopedCommand};
use vasool_core::scope::Scope;
use vasool_core::smart_collect::InboundTransfer;

use crate::api::answer::{Answer, Json};
use crate::api::caller::TestCaller;
use crate::api::request::{Body, Path};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::inbound::{
    InboundOut, read_bank_transfer, read_qr_payment, read_test_payment, read_upi_payment,
};
use crate::wire::payment::PaymentOut;

/// How many references of twelve digits there are.
const REFERENCES: u64 = 1_000_000_000_000;

/// `POST /v1/sandbox/bank_transfers`
pub async fn receive_bank_transfer(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let transfer = read_bank_transfer(&Fields::of_body(&body))?;
    Ok(Json::of(&InboundOut::from(&receive(&app, caller.scope, transfer).await?)))
}

/// `POST /v1/sandbox/upi_payments`
pub async fn receive_upi_payment(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let transfer = read_upi_payment(&Fields::of_body(&body))?;
    Ok(Json::of(&InboundOut::from(&receive(&app, caller.scope, transfer).await?)))
}

/// `POST /v1/virtual_accounts/:id/pay/test`: the same for an account by its id; answers the
/// payment. Source: smart-collect 5.16.
pub async fn pay_virtual_account(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let id = crate::api::virtual_account_id(&id)?;
    let account = app.store.virtual_account(caller.scope.id, id).await?;
    let account = account.ok_or_else(ApiError::unknown_id)?;
    let mut transfer = read_test_payment(&Fields::of_body(&body), &account)?;
    // Twelve digits on any rail here (smart-collect 5.16).
    transfer
        .bank_reference
        .get_or_insert_with(|| format!("{:012}", app.clock.noise() % REFERENCES));
    payment(&receive(&app, caller.scope, transfer).await?)
}

/// `POST /v1/bharatqr/pay/test`
pub async fn pay_qr_code(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let transfer = read_qr_payment(&Fields::of_body(&body))?;
    payment(&receive(&app, caller.scope, transfer).await?)
}

async fn receive(app: &App, scope: Scope, transfer: InboundTransfer) -> Result<Receipt, ApiError> {
    match app.submit(scope.id, ScopedCommand::ReceiveTransfer(transfer)).await? {
        Reply::Receipt(receipt) => Ok(receipt),
        _ => Err(ApiError::server_fault()),
    }
}

fn payment(receipt: &Receipt) -> Answer {
    match receipt {
        Receipt::Credited(payment) | Receipt::Refunded(payment) | Receipt::Duplicate(payment) => {
            Ok(Json::of(&PaymentOut::plain(payment)))
        }
        Receipt::Returned(_) => Err(ApiError::unknown_id()),
    }
}
