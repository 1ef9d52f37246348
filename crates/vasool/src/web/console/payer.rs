//! The payer's phone for who has no account here: whoever has the link of the page that asks for a block
//! is the payer, in test mode. So a merchant's own test can click through the payer's side.

use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value as Json;
use vasool_core::scope::Mode;
use vasool_core::tenant::Tenant;
use vasool_core::token::Token;

use super::phone::body;
use super::screen::{Screen, Stage};
use crate::api::request::Path;
use crate::app::App;
use crate::web::client::{Api, Call, Problem};
use crate::web::dashboard::place::Place;
use crate::web::session::{Field, Fields, PageError, form_page, redirect, same_site};
use crate::web::{gone, mandate};

/// What a payer can do while asked.
const ACTIONS: [&str; 3] = ["approve", "reject", "expire"];

#[derive(Template)]
#[template(path = "console/payer.html")]
struct PayerPage {
    screen: Screen,
    /// Where the payer comes from, and goes back to.
    back: String,
    vpa: Field,
    /// What went wrong, but with no field.
    problem: Option<String>,
}

/// `GET /upi/:payment_id/phone`
pub async fn show_phone(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some((tenant, token)) = find(&app, &id).await? else { return Ok(gone(&headers)) };
    Ok(show(&app, &tenant, &token, Field::default(), None, StatusCode::OK))
}

/// `POST /upi/:payment_id/phone`: approves, declines, or lets the time pass.
pub async fn act_on_phone(
    State(app): State<App>,
    Path(id): Path<String>,
    Extension(api): Extension<Api>,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, sent) = request.into_parts();
    let Some((tenant, token)) = find(&app, &id).await? else { return Ok(gone(&parts.headers)) };
    same_site(&app, &parts.headers)?;
    let fields = Fields::read(sent).await?;
    let Some(action) = ACTIONS.into_iter().find(|action| *action == fields.get("action")) else {
        return Ok(gone(&parts.headers));
    };
    let place = Place::find(&app, &tenant.scope.merchant.to_string(), "test").await?;
    let path = format!("/v1/sandbox/mandates/{}", token.id);
    let call = Call::post(path, Json::Object(body(action, &fields)));
    let called = api.call(&app, &place, &call).await?;
    let Some(Problem { description, field }) = called.problem() else {
        return Ok(redirect(&format!("/upi/{}", token.payment)));
    };
    let status = StatusCode::from_u16(called.status).unwrap_or(StatusCode::BAD_REQUEST);
    let is_vpa = field.as_deref() == Some("vpa");
    let vpa = Field::of(fields.get("vpa")).because(is_vpa.then_some(&*description));
    let problem = (!is_vpa).then_some(description);
    let token = app.store.token(place.scope(), token.id).await?.unwrap_or(token);
    Ok(show(&app, &tenant, &token, vpa, problem, status))
}

/// The mandate that a payment approves, where there is a sandbox to approve it in.
async fn find(app: &App, id: &str) -> Result<Option<(Tenant, Token)>, PageError> {
    if !app.options.sandbox {
        return Ok(None);
    }
    let found = mandate::find(app, id).await?;
    Ok(found
        .map(|(tenant, token, _)| (tenant, token))
        .filter(|(tenant, _)| tenant.scope.mode == Mode::Test))
}

fn show(
    app: &App,
    tenant: &Tenant,
    token: &Token,
    vpa: Field,
    problem: Option<String>,
    status: StatusCode,
) -> Response {
    let now = tenant.now(app.clock.now()).to_time();
    let screen = Screen::of(tenant.billing_label(), token, now);
    let back = format!("/upi/{}", token.payment);
    form_page(status, &PayerPage { screen, back, vpa, problem })
}
