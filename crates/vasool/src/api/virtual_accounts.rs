//! Virtual accounts. Source: smart-collect 5.

use axum::extract::State;
use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::id::{BankAccountId, CustomerId, VirtualAccountId};
use vasool_core::receiver::ReceiverKind;
use vasool_core::virtual_account::VirtualAccount;
use vasool_store::reads::{AccountFilter, PaymentFilter};

use super::answer::{Answer, Json, NoContent};
use super::as_of::AsOf;
use super::caller::Caller;
use super::request::{Body, Path, Query};
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::{entity_id, path_id};
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::payment::PaymentOut;
use crate::wire::strict::refuse_extra_keys;
use crate::wire::virtual_account::{
    EDIT_KEYS, Form, VirtualAccountOut, raw, read_added_receivers, read_create, read_edit,
    read_payer,
};

const KEYS: &[&str] = &[
    "receivers",
    "receiver_types",
    "allowed_payers",
    "description",
    "customer_id",
    "amount_expected",
    "notes",
    "close_by",
    "name",
    "order_id",
];

const RECEIVER_KEYS: &[&str] = &["types", "type", "vpa", "bank_account"];
const PAYER_KEYS: &[&str] = &["type", "types", "bank_account"];
const PAGE_KEYS: &[&str] = &["count", "skip", "from", "to"];
const LIST_KEYS: &[&str] = &[
    "count",
    "skip",
    "from",
    "to",
    "status",
    "customer_id",
    "receiver_type",
    "description",
    "notes",
    "name",
    "email",
    "contact",
];
/// Characters of a search in descriptions, at least. Source: smart-collect 5.5.
const SEARCH_MIN: usize = 4;

/// `POST /v1/virtual_accounts`
pub async fn create_virtual_account(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, KEYS, caller.settings())?;
    let (draft, refused) = read_create(&fields)?;
    let command = ScopedCommand::CreateVirtualAccount(draft);
    match app.submit(caller.scope.id, command).await {
        Ok(reply) => account(&app, reply),
        Err(refusal) => Err(ApiError::of_checked(refusal, refused)),
    }
}

/// `PATCH /v1/virtual_accounts/:id`, and `POST` on the same path. Source: smart-collect 5.3.
pub async fn update_virtual_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    let id = virtual_account_id(&id)?;
    let edit = read_edit(&fields)?;
    refuse_extra_keys(&fields, EDIT_KEYS, caller.settings())?;
    let command = ScopedCommand::UpdateVirtualAccount(id, edit);
    account(&app, app.submit(caller.scope.id, command).await?)
}

/// `POST /v1/virtual_accounts/:id/receivers`
pub async fn add_receivers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, RECEIVER_KEYS, caller.settings())?;
    let id = virtual_account_id(&id)?;
    let command = ScopedCommand::AddReceivers(id, read_added_receivers(&fields)?);
    match app.submit(caller.scope.id, command).await {
        Ok(reply) => account(&app, reply),
        Err(refusal) => {
            // Descriptors stand at the top here.
            let mut error = ApiError::from(refusal);
            error.field = error.field.map(|field| match field.strip_prefix("receivers.") {
                Some(own) => own.to_owned().into(),
                None => field,
            });
            Err(error)
        }
    }
}

/// `POST /v1/virtual_accounts/:id/allowed_payers`
pub async fn add_allowed_payer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, PAYER_KEYS, caller.settings())?;
    let id = virtual_account_id(&id)?;
    // The account is checked before the payer's fields.
    let (payer, wrong) = match read_payer(&fields) {
        Ok(payer) => (Some(payer), None),
        Err(error) => (None, Some(error)),
    };
    match app.submit(caller.scope.id, ScopedCommand::AddPayer(id, payer)).await {
        Ok(reply) => account(&app, reply),
        Err(refusal) => Err(ApiError::of_checked(refusal, wrong)),
    }
}

/// `DELETE /v1/virtual_accounts/:id/allowed_payers/:payer_id`
pub async fn delete_allowed_payer(
    State(app): State<App>,
    caller: Caller,
    Path((id, payer)): Path<(String, String)>,
) -> Result<NoContent, ApiError> {
    let id = virtual_account_id(&id)?;
    let payer = BankAccountId(raw(path_id(BankAccountId::PREFIX, &payer)?));
    app.submit(caller.scope.id, ScopedCommand::RemovePayer(id, payer)).await?;
    Ok(NoContent)
}

/// `POST /v1/virtual_accounts/:id/close`
pub async fn close_virtual_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    body.decode()?;
    let id = virtual_account_id(&id)?;
    account(&app, app.submit(caller.scope.id, ScopedCommand::CloseVirtualAccount(id)).await?)
}

/// `GET /v1/virtual_accounts/:id`
pub async fn get_virtual_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    let row = find(&app, &caller, virtual_account_id(&id)?).await?;
    Ok(Json::of(&entity(&app, &row)))
}

/// `GET /v1/virtual_accounts`
pub async fn list_virtual_accounts(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, LIST_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX).map_err(ApiError::into_shape_i)?;
    let as_of = AsOf::now(&app, &caller).await?;
    let filter = read_filter(&fields, &as_of)?;
    let rows = app.store.virtual_accounts(caller.scope.id, filter, page.into()).await?;
    let rows: Vec<VirtualAccount> = rows.iter().map(|row| as_of.see(row)).collect();
    let items = rows.iter().map(|row| entity(&app, row)).collect();
    Ok(Json::of(&Collection::of(items)))
}

fn read_filter(fields: &Fields<'_>, as_of: &AsOf) -> Result<AccountFilter, ApiError> {
    let text = |name| Ok::<_, ApiError>(fields.text(name)?.map(|text| text.into_owned()));
    let description = text("description")?;
    if description.as_ref().is_some_and(|part| part.chars().count() < SEARCH_MIN) {
        let text = format!("The description must be at least {SEARCH_MIN} characters.");
        return Err(ApiError::shape_i("description", text));
    }
    let status = filter_word(fields, "status", &["active", "closed"])?;
    let kinds = ["bank_account", "vpa", "qr_code"];
    let customer = entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    Ok(AccountFilter {
        is_closed: status.map(|word| (word == "closed", as_of.now, as_of.dormancy_days)),
        customer: customer.map(|rest| CustomerId(raw(rest))),
        receiver: filter_word(fields, "receiver_type", &kinds)?.and_then(ReceiverKind::parse),
        description,
        notes: text("notes")?,
        name: text("name")?,
        email: text("email")?,
        contact: text("contact")?,
    })
}

/// One of these words, in any case. Source: smart-collect 5.5.
fn filter_word<'w>(
    fields: &Fields<'_>,
    name: &str,
    words: &[&'w str],
) -> Result<Option<&'w str>, ApiError> {
    let Some(given) = fields.text(name).map_err(ApiError::into_shape_i)? else { return Ok(None) };
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(&given));
    known.copied().map(Some).ok_or_else(|| ApiError::selected_invalid(name).into_shape_i())
}

/// `GET /v1/virtual_accounts/:id/payments`
pub async fn list_virtual_account_payments(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    refuse_extra_keys(&fields, PAGE_KEYS, caller.settings())?;
    let page = Page::read(&fields, COUNT_MAX).map_err(ApiError::into_shape_i)?;
    let account = find(&app, &caller, virtual_account_id(&id)?).await?;
    let filter = PaymentFilter { virtual_account: Some(account.id), ..PaymentFilter::default() };
    let rows = app.store.payments(caller.scope.id, filter, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(PaymentOut::plain).collect())))
}

/// An account of the caller as of now.
pub async fn find(
    app: &App,
    caller: &Caller,
    id: VirtualAccountId,
) -> Result<VirtualAccount, ApiError> {
    let row = app.store.virtual_account(caller.scope.id, id).await?;
    let row = row.ok_or_else(ApiError::unknown_id)?;
    Ok(AsOf::now(app, caller).await?.see(&row))
}

/// Reads `va_…` of a path.
pub fn virtual_account_id(given: &str) -> Result<VirtualAccountId, ApiError> {
    Ok(VirtualAccountId(raw(path_id(VirtualAccountId::PREFIX, given)?)))
}

/// An account as the API answers it.
pub fn entity<'a>(app: &'a App, row: &'a VirtualAccount) -> VirtualAccountOut<'a> {
    VirtualAccountOut { row, form: Form::Full, public_url: &app.options.public_url }
}

fn account(app: &App, reply: Reply) -> Answer {
    match reply {
        Reply::VirtualAccount(row) => Ok(Json::of(&entity(app, &row))),
        _ => Err(ApiError::server_fault()),
    }
}
