//! The sandbox: what payers, banks and time do, on demand. Source: sandbox.
//!
//! Every call becomes the same commands as the real rails send. Nothing here writes a row.

pub mod bank;
mod faults;
mod inbound;
mod mandates;
pub mod nach;
pub mod nach_desk;
pub mod network;
mod refunds;
pub mod vpas;

use std::time::Duration;

use axum::extract::State;
use serde_json::json;
use vasool_core::command::{Command, KeyDraft, MerchantDraft, Reply, ScopedCommand};
use vasool_core::id::{EndpointId, EventId};
use vasool_core::scope::{Mode, Scope};
use vasool_core::settings::Settings;
use vasool_core::tenant::Tenant;

pub use inbound::{pay_qr_code, pay_virtual_account, receive_bank_transfer, receive_upi_payment};
pub use mandates::{get_mandate, steer_mandate, steer_payment};
pub use refunds::steer_refund;

use crate::api::answer::{Answer, Json};
use crate::api::caller::TestCaller;
use crate::api::request::{Body, Path, Query};
use crate::app::App;
use crate::clock::Stopwatch;
use crate::rails::files::FileError;
use crate::secrets::new_key_secret;
use crate::wire::error::ApiError;
use crate::wire::faults::{FaultOut, read_fault};
use crate::wire::fields::Fields;
use crate::wire::ids::path_id;
use crate::wire::out::Collection;
use crate::wire::paging::{COUNT_MAX, Page};
use crate::wire::sandbox::{
    ClockOut, MessageOut, attempt_out, read_clock, read_settings, settings_out,
};
use crate::wire::virtual_account::raw;

/// How long an advance of the clock waits for bulk files and webhook calls in all. Source: sandbox 5.
const SETTLE_MAX: Duration = Duration::from_secs(8);
/// Events of one replay call. Our choice: a page.
const REPLAY_MAX: usize = 100;
const MERCHANT_NAME_MAX: usize = 120;

/// `GET /v1/sandbox/clock`
pub async fn get_clock(State(app): State<App>, TestCaller(caller): TestCaller) -> Answer {
    let tenant = tenant(&app, caller.scope).await?;
    Ok(Json::of(&ClockOut::of(&tenant, app.clock.now())))
}

/// `POST /v1/sandbox/clock`: everything that falls due on the way has happened when this answers.
pub async fn set_clock(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let changes = read_clock(&Fields::of_body(&body))?;
    let mut last = None;
    for change in changes {
        let reply = app.submit(caller.scope.id, ScopedCommand::SetClock(change)).await?;
        if let Reply::Tenant(tenant) = reply {
            last = Some(tenant);
        }
    }
    app.keyring.forget(caller.scope.merchant);
    let tenant = last.ok_or_else(ApiError::server_fault)?;
    let watch = Stopwatch::start();
    let (lane, now) = (caller.scope.id.lane(), tenant.now(app.clock.now()));
    // Timers and rails in order of due time: each stops where the other is due earlier.
    // Files first: what is due goes out before anybody gives up waiting for its answer.
    work_on_files(&app).await?;
    while app.timers.fire_due(lane, now).await? | app.rail_worker.ask_due(lane, now).await? {}
    let rest = || SETTLE_MAX.saturating_sub(watch.elapsed());
    app.bulk_files.settle(lane, now, rest()).await?;
    app.dispatcher.settle(lane, now, rest()).await?;
    Ok(Json::of(&ClockOut::of(&tenant, app.clock.now())))
}

/// Has rails that take files look at theirs.
async fn work_on_files(app: &App) -> Result<(), ApiError> {
    for rail in &app.file_rails {
        loop {
            match rail.work().await {
                Ok(true) => {}
                // Another process is at it.
                Ok(false) | Err(FileError::LeaseLost) => break,
                Err(error) => {
                    tracing::warn!(%error, "files of a rail must wait");
                    return Err(ApiError::server_fault());
                }
            }
        }
    }
    Ok(())
}

/// `GET /v1/sandbox/settings`
pub async fn get_settings(State(app): State<App>, TestCaller(caller): TestCaller) -> Answer {
    Ok(Json::of(&settings_out(&tenant(&app, caller.scope).await?.settings)))
}

/// `PATCH /v1/sandbox/settings`
pub async fn change_settings(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let defaults = Settings::defaults(caller.scope.mode);
    let changes = read_settings(&Fields::of_body(&body), &defaults)?;
    let reply = app.submit(caller.scope.id, ScopedCommand::ChangeSettings(changes)).await?;
    app.keyring.forget(caller.scope.merchant);
    match reply {
        Reply::Tenant(tenant) => Ok(Json::of(&settings_out(&tenant.settings))),
        _ => Err(ApiError::server_fault()),
    }
}

/// `GET /v1/sandbox/messages`
pub async fn list_messages(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    let page = Page::read_without_instants(&fields, COUNT_MAX)?;
    let to = fields.text("to")?.map(|to| to.into_owned());
    let channel = fields.choice("channel", &["email", "sms"])?.map(str::to_owned);
    let rows = app.store.messages(caller.scope.id, to, channel, page.into()).await?;
    Ok(Json::of(&Collection::of(rows.iter().map(MessageOut::from).collect())))
}

/// `GET /v1/sandbox/deliveries`
pub async fn list_deliveries(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    query: Query,
) -> Answer {
    let query = query.decode()?;
    let fields = Fields::of_query(&query);
    let page = Page::read_without_instants(&fields, COUNT_MAX)?;
    let event = fields.text("event")?.map(|event| event.into_owned());
    let endpoint = match fields.text("endpoint_id")? {
        Some(id) => Some(EndpointId(raw(path_id(EndpointId::PREFIX, &id)?))),
        None => None,
    };
    let (count, skip) = (page.count.into(), i64::try_from(page.skip).unwrap_or(i64::MAX));
    let rows = app.store.attempts(caller.scope.id, event, endpoint, count, skip).await?;
    Ok(Json::of(&Collection::of(
        rows.iter().map(|row| attempt_out(row, &app.options.public_url)).collect(),
    )))
}

/// `GET /v1/sandbox/faults`
pub async fn list_faults(State(app): State<App>, TestCaller(caller): TestCaller) -> Answer {
    let now = tenant(&app, caller.scope).await?.now(app.clock.now());
    let rows = app.store.faults(caller.scope.id).await?;
    let items = rows.iter().map(|row| FaultOut::of(row, now)).collect();
    Ok(Json::of(&Collection::of(items)))
}

/// `POST /v1/sandbox/faults`
pub async fn arm_fault(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let draft = read_fault(&Fields::of_body(&body))?;
    match app.submit(caller.scope.id, ScopedCommand::ArmFault(draft)).await? {
        Reply::Fault(fault) => Ok(Json::of(&FaultOut::of(&fault, fault.armed_at))),
        _ => Err(ApiError::server_fault()),
    }
}

/// `DELETE /v1/sandbox/faults`
pub async fn disarm_faults(State(app): State<App>, TestCaller(caller): TestCaller) -> Answer {
    app.submit(caller.scope.id, ScopedCommand::DisarmFaults).await?;
    Ok(Json::of(&Collection::<()>::of(vec![])))
}

/// `POST /v1/sandbox/webhooks/:id/replay`
pub async fn replay_events(
    State(app): State<App>,
    TestCaller(caller): TestCaller,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let body = body.decode()?;
    let id = EndpointId(raw(path_id(EndpointId::PREFIX, &id)?));
    let given = Fields::of_body(&body).required_list_of_text("event_ids")?;
    if given.len() > REPLAY_MAX {
        return Err(ApiError::may_not_exceed("event_ids", REPLAY_MAX as i64));
    }
    let mut events = Vec::with_capacity(given.len());
    for event in &given {
        events.push(EventId(raw(path_id(EventId::PREFIX, event)?)));
    }
    events.sort_unstable();
    events.dedup();
    match app.submit(caller.scope.id, ScopedCommand::ReplayEvents(id, events)).await? {
        Reply::Replayed(count) => {
            Ok(Json::of(&json!({"entity": "sandbox.replay", "replayed": count})))
        }
        _ => Err(ApiError::server_fault()),
    }
}

/// `POST /v1/sandbox/merchants`
pub async fn create_merchant(State(app): State<App>, _: TestCaller, body: Body) -> Answer {
    let body = body.decode()?;
    let name = Fields::of_body(&body).required_text("name")?.into_owned();
    if name.chars().count() > MERCHANT_NAME_MAX {
        return Err(ApiError::too_long("name", MERCHANT_NAME_MAX));
    }
    let secret = new_key_secret().ok_or_else(ApiError::server_fault)?;
    let sealed = app.master.seal(&secret).map_err(|_| ApiError::server_fault())?;
    let key = KeyDraft { mode: Mode::Test, id: None, secret: sealed };
    let draft = MerchantDraft { name, parent: None, keys: vec![key] };
    match app.engine.submit(Command::CreateMerchant(draft)).await? {
        Reply::Merchant(merchant, keys) => Ok(Json::of(&json!({
            "entity": "merchant",
            "id": merchant.id.to_string(),
            "name": merchant.name,
            "key_id": keys.first().map(|key| format!("rzp_test_{}", key.id)),
            "key_secret": secret,
        }))),
        _ => Err(ApiError::server_fault()),
    }
}

/// `DELETE /v1/sandbox`
pub async fn reset(State(app): State<App>, TestCaller(caller): TestCaller) -> Answer {
    app.submit(caller.scope.id, ScopedCommand::ResetSandbox).await?;
    app.keyring.forget(caller.scope.merchant);
    Ok(Json::of(&json!({"entity": "sandbox", "reset": true})))
}

async fn tenant(app: &App, scope: Scope) -> Result<Tenant, ApiError> {
    app.store.tenant(scope.id).await?.ok_or_else(ApiError::unknown_id)
}
