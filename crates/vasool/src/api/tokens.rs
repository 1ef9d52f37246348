//! Mandates a customer has given. Source: reserve-pay 1.1, 7, 8.

use axum::extract::State;
use serde_json::json;
use vasool_core::command::ScopedCommand;
use vasool_core::filing::Connector;
use vasool_core::id::{CustomerId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::NachCommand;
use vasool_core::reserve_pay::MandateCommand;
use vasool_core::token::Token;

use super::answer::{Answer, Json};
use super::as_of::AsOf;
use super::caller::Caller;
use super::customers::customer_id;
use super::request::{Body, Path};
use super::reserve_pay::ask_network;
use crate::app::App;
use crate::rails::NachWish;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::{path_id, required_entity_id};
use crate::wire::out::Collection;
use crate::wire::paper_nach::token::NachTokenOut;
use crate::wire::token::TokenOut;
use crate::wire::virtual_account::raw;

/// `GET /v1/customers/:id/tokens`: all that were ever active and whose time is not over, newest first,
/// without pages. Source: reserve-pay 7.
pub async fn list_tokens(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answer {
    let customer = find_customer(&app, &caller, &id).await?;
    let as_of = AsOf::now(&app, &caller).await?;
    let rows = match caller.settings().save_vpa {
        true => app.store.tokens_of(caller.scope.id, customer).await?,
        // Addresses are not kept for this merchant, and mandates are listed by address.
        false => vec![],
    };
    let rows: Vec<Token> = rows.iter().map(|row| as_of.see_token(row)).collect();
    let paper = app.store.nach_tokens_of(caller.scope.id, customer).await?;
    let is_listed = |row: &&Token| row.state.is_listed() && row.expires_at > as_of.now;
    let upi = rows.iter().filter(is_listed).map(AnyToken::of_upi);
    let paper = paper.iter().filter(|row| !row.is_expired(as_of.now)).map(AnyToken::of_nach);
    let mut listed: Vec<AnyToken<'_>> = upi.chain(paper).collect();
    listed.sort_by_key(|token| std::cmp::Reverse(token.age()));
    Ok(Json::of(&Collection::of(listed)))
}

/// A mandate of either method: they share lists.
enum AnyToken<'a> {
    Upi((i64, TokenId), Box<TokenOut<'a>>),
    Nach((i64, TokenId), Box<NachTokenOut<'a>>),
}

impl serde::Serialize for AnyToken<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            AnyToken::Upi(_, token) => token.serialize(serializer),
            AnyToken::Nach(_, token) => token.serialize(serializer),
        }
    }
}

impl<'a> AnyToken<'a> {
    fn of_upi(row: &'a Token) -> AnyToken<'a> {
        AnyToken::Upi((row.created_at.0, row.id), Box::new(TokenOut::plain(row)))
    }

    fn of_nach(row: &'a NachToken) -> AnyToken<'a> {
        AnyToken::Nach((row.created_at.0, row.id), Box::new(NachTokenOut::plain(row)))
    }

    /// When it was made, and its id, which tells those of one second apart.
    fn age(&self) -> (i64, TokenId) {
        match self {
            AnyToken::Upi(age, _) | AnyToken::Nach(age, _) => *age,
        }
    }
}

/// `GET /v1/customers/:id/tokens/:token_id`
pub async fn get_token(
    State(app): State<App>,
    caller: Caller,
    Path((customer, token)): Path<(String, String)>,
) -> Answer {
    let customer = find_customer(&app, &caller, &customer).await?;
    let id = token_id(&token)?;
    if let Some(row) = app.store.nach_token(caller.scope.id, id).await? {
        let is_own = row.customer == customer && !row.is_deleted;
        return is_own
            .then(|| Json::of(&NachTokenOut::plain(&row)))
            .ok_or_else(ApiError::unknown_id);
    }
    let row = app.store.token(caller.scope.id, id).await?;
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
    if app.store.nach_token(caller.scope.id, token).await?.is_some() {
        let rails = nach_connectors(&app, &caller).await?;
        let command = NachCommand::Cancel(customer, token, rails);
        app.submit(caller.scope.id, ScopedCommand::Nach(command)).await?;
        ask_network(&app, InstructionKey::Withdraw(token)).await;
        return Ok(Json::of(&json!({"status": "cancellation_initiated"})));
    }
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
    let (customer, token) = (customer_id(&customer)?, token_id(&token)?);
    if app.store.nach_token(caller.scope.id, token).await?.is_some() {
        let rails = nach_connectors(&app, &caller).await?;
        let command = NachCommand::Delete(customer, token, rails);
        app.submit(caller.scope.id, ScopedCommand::Nach(command)).await?;
        ask_network(&app, InstructionKey::Withdraw(token)).await;
        return Ok(Json::of(&json!({"deleted": true})));
    }
    let command = MandateCommand::Delete(customer, token);
    app.submit(caller.scope.id, ScopedCommand::Mandate(command)).await?;
    Ok(Json::of(&json!({"deleted": true})))
}

/// The connectors that can end a mandate on paper.
async fn nach_connectors(app: &App, caller: &Caller) -> Result<Vec<Connector>, ApiError> {
    let now = AsOf::now(app, caller).await?.now.to_millis();
    let rails = app.rail_worker.rails();
    Ok(rails.nach_connectors(caller.scope.mode, NachWish::Withdrawal, now))
}

/// `POST /v1/tokens`: cards are not kept here, and a mandate is not found. Source: reserve-pay 1.1.
pub async fn create_card_token(_: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    if Fields::of_body(&body).is_present("id") {
        return Err(ApiError::unknown_id());
    }
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
