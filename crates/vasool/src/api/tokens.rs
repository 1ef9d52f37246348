//! Mandates a customer has given. Source: reserve-pay 1.1, 7, 8.

use axum::extract::State;
use serde_json::json;
use vasool_core::command::ScopedCommand;
use vasool_core::id::{CustomerId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::reserve_pay::MandateCommand;

use super::answer::{Answer, Json};
use super::as_of::AsOf;
use super::caller::Caller;
use super::customers::customer_id;
use super::request::{Body, Path};
use super::reserve_pay::ask_network;
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::{path_id, required_entity_id};
use crate::wire::out::Collection;
use crate::wire::token::TokenOut;
use crate::wire::virtual_account::raw;

/// `GET /v1/customers/:id/tokens`: all that were ever active, newest first, without pages.
pub async fn list_tokens(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    let customer = find_customer(&app, &caller, &id).await?;
    let as_of = AsOf::now(&app, &caller).await?;
    let rows = match caller.settings().save_vpa {
        true => app.store.tokens_of(caller.scope.id, customer).await?,
        // Addresses are not kept for this merchant, and mandates are listed by address.
        false => vec![],
    };
    let rows: Vec<_> = rows.iter().map(|row| as_of.see_token(row)).collect();
    let listed = rows.iter().filter(|row| row.state.is_listed());
    Ok(Json::of(&Collection::of(listed.map(TokenOut::plain).collect())))
}

/// `GET /v1/customers/:id/tokens/:token_id`
pub async fn get_token(
    State(app): State<App>,
    caller: Caller,
    Path((customer, token)): Path<(String, String)>,
) -> Answer {
    let customer = find_customer(&app, &caller, &customer).await?;
    let row = app.store.token(caller.scope.id, token_id(&token)?).await?;
    let row = row.filter(|row| row.customer == customer && !row.is_deleted);
    let row = row.ok_or_else(ApiError::unknown_id)?;
    Ok(Json::of(&TokenOut::plain(&AsOf::now(&app, &caller).await?.see_token(&row))))
}

/// `PUT /v1/customers/:id/tokens/:token_id/cancel`
pub async fn cancel_token(
    State(app): State<App>,
    caller: Caller,
    Path((customer, token)): Path<(String, String)>,
    body: Body,
) -> Answer {
    body.decode()?;
    let (customer, token) = (customer_id(&customer)?, token_id(&token)?);
    let rails = app.rail_worker.rails().upi_names(caller.scope.mode);
    let command = MandateCommand::Cancel(customer, token, rails.into_iter().next());
    app.submit(caller.scope.id, ScopedCommand::Mandate(command)).await?;
    ask_network(&app, InstructionKey::Revoke(token)).await;
    Ok(Json::of(&json!({"status": "cancellation_initiated"})))
}

/// `DELETE /v1/customers/:id/tokens/:token_id`
pub async fn delete_token(
    State(app): State<App>,
    caller: Caller,
    Path((customer, token)): Path<(String, String)>,
    body: Body,
) -> Answer {
    body.decode()?;
    let command = MandateCommand::Delete(customer_id(&customer)?, token_id(&token)?);
    app.submit(caller.scope.id, ScopedCommand::Mandate(command)).await?;
    Ok(Json::of(&json!({"deleted": true})))
}

/// `POST /v1/tokens`: cards are not kept here.
pub async fn create_card_token(_: Caller, body: Body) -> Answer {
    body.decode()?;
    Err(ApiError::selected_invalid("method"))
}

/// `POST /v1/tokens/fetch`, `/delete` and `/service_provider_tokens/token_transactional_data`:
/// tokens of cards, of which there are none; a mandate is not found there.
pub async fn find_card_token(_: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    required_entity_id(&Fields::of_body(&body), "id", TokenId::PREFIX)?;
    Err(ApiError::unknown_id())
}

async fn find_customer(app: &App, caller: &Caller, id: &str) -> Result<CustomerId, ApiError> {
    let row = app.store.customer(caller.scope.id, customer_id(id)?).await?;
    row.map(|row| row.id).ok_or_else(ApiError::unknown_id)
}

/// A token id in a path.
pub fn token_id(given: &str) -> Result<TokenId, ApiError> {
    Ok(TokenId(raw(path_id(TokenId::PREFIX, given)?)))
}
