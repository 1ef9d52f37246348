//! Customers' bank accounts, and fund accounts. Source: common 6.4, 6.5.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{BankAccountId, CustomerId};

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::customers::customer_id;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::wire::bank_account::{
    BankAccountOut, FUND_KEYS, FundAccountOut, KEYS, read_bank_account, read_fund_account,
};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::{entity_id, path_id};
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::raw;

const LIST_KEYS: &[&str] = &["count", "skip", "from", "to", "customer_id"];

/// `POST /v1/customers/:id/bank_account`
pub async fn add_bank_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, KEYS, caller.settings())?;
    let customer = customer_id(&id)?;
    let draft = read_bank_account(&fields)?;
    let command = ScopedCommand::AddBankAccount(customer, draft);
    bank_account(app.submit(caller.scope.id, command).await?)
}

/// `DELETE /v1/customers/:id/bank_account/:bank_id`
pub async fn delete_bank_account(
    State(app): State<App>,
    caller: Caller,
    Path((id, bank)): Path<(String, String)>,
) -> Answer {
    let customer = customer_id(&id)?;
    let bank = BankAccountId(raw(path_id(BankAccountId::PREFIX, &bank)?));
    let command = ScopedCommand::DeleteBankAccount(customer, bank);
    bank_account(app.submit(caller.scope.id, command).await?)
}

/// `POST /v1/fund_accounts`
pub async fn create_fund_account(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, FUND_KEYS, caller.settings())?;
    let (customer, draft) = read_fund_account(&fields)?;
    let command = ScopedCommand::CreateFundAccount(customer, draft);
    match app.submit(caller.scope.id, command).await? {
        Reply::FundAccount(row) => Ok(Json::of(&FundAccountOut::from(&row))),
        _ => Err(ApiError::server_fault()),
    }
}

/// `GET /v1/fund_accounts`
pub async fn list_fund_accounts(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX)?;
    let customer = entity_id(&fields, "customer_id", CustomerId::PREFIX)?;
    let customer = customer.map(|rest| CustomerId(raw(rest)));
    let rows = app.store.fund_accounts(caller.scope.id, customer, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(FundAccountOut::from).collect())))
}

fn bank_account(reply: Reply) -> Answer {
    match reply {
        Reply::BankAccount(row) => Ok(Json::of(&BankAccountOut::from(&*row))),
        _ => Err(ApiError::server_fault()),
    }
}
