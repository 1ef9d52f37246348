//! The page a payer opens to approve a block: what is asked for, as a QR code and as a link for the
//! phone that shows it. Source: reserve-pay 4.1.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use vasool_core::failure::Failure;
use vasool_core::id::PaymentId;
use vasool_core::payment::MandateRole;
use vasool_core::scope::Mode;
use vasool_core::tenant::Tenant;
use vasool_core::token::{Token, TokenState};

use super::{gone, page};
use crate::api::request::Path;
use crate::app::App;
use crate::format::{day, rupees};
use crate::wire::error::ApiError;
use crate::wire::ids::path_id;
use crate::wire::reserve_pay::intent::MandateIntent;
use crate::wire::virtual_account::raw;

/// Width and height of the QR code, pixels.
const QR_SIZE: u32 = 264;
#[derive(Template)]
#[template(path = "mandate.html")]
struct MandatePage {
    merchant: String,
    is_test: bool,
    amount: String,
    max_amount: String,
    ends: String,
    stage: Stage,
    link: String,
    qr: String,
    minutes_left: i64,
    /// The payer's phone in the sandbox, where there is one.
    phone: Option<String>,
}

/// What the page is about.
#[derive(PartialEq, Eq)]
enum Stage {
    /// The payer is asked.
    Asking,
    /// The amount is blocked.
    Approved,
    /// It came to nothing, and why.
    Refused(&'static str),
    /// The mandate is over.
    Over,
}

impl Stage {
    fn of(token: &Token) -> Stage {
        match token.state {
            TokenState::Initiated => Stage::Asking,
            TokenState::Confirmed | TokenState::Paused => Stage::Approved,
            TokenState::Rejected => {
                let why = token.failure.map(Failure::fields);
                Stage::Refused(why.map_or("It was not approved.", |why| why.description))
            }
            TokenState::Cancelling(_) | TokenState::Cancelled | TokenState::Expired => Stage::Over,
        }
    }
}

/// `GET /upi/:payment_id`: needs no key; who has the link may see what it asks for, as with the link
/// itself.
pub async fn show_mandate(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some((tenant, token, intent)) = find(&app, &id).await? else { return Ok(gone(&headers)) };
    let now = tenant.now(app.clock.now()).to_time();
    let token = token.as_of(now);
    let link = intent.to_link();
    let seconds_left = (token.approve_by.0 - now.0).max(0);
    let is_test = tenant.scope.mode == Mode::Test;
    let phone = format!("/upi/{}/phone", token.payment);
    let shown = MandatePage {
        phone: Some(phone).filter(|_| is_test && app.options.sandbox),
        merchant: tenant.billing_label().to_owned(),
        is_test,
        amount: rupees(token.amount),
        max_amount: rupees(token.max_amount),
        ends: day(token.expires_at),
        stage: Stage::of(&token),
        qr: qr(&link)?,
        link,
        minutes_left: (seconds_left + 59) / 60,
    };
    page(StatusCode::OK, &shown)
}

/// The mandate that a payment approves; `None` for every other payment.
pub(super) async fn find(
    app: &App,
    id: &str,
) -> Result<Option<(Tenant, Token, MandateIntent)>, ApiError> {
    let Ok(id) = path_id(PaymentId::PREFIX, id) else { return Ok(None) };
    let payment = app.store.payment_of_anyone(PaymentId(raw(id))).await?;
    let Some(payment) = payment else { return Ok(None) };
    let Some(mandate) = &payment.mandate else { return Ok(None) };
    let MandateRole::Approval { .. } = mandate.role else { return Ok(None) };
    let tenant = app.store.tenant(payment.scope).await?.filter(|tenant| !tenant.retired);
    let token = app.store.token(payment.scope, mandate.token).await?;
    Ok(tenant.zip(token).map(|(tenant, token)| {
        let intent = MandateIntent::of(&tenant, &payment, &token);
        (tenant, token, intent)
    }))
}

/// A QR code as part of the page.
fn qr(text: &str) -> Result<String, ApiError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M);
    let code = code.map_err(|_| ApiError::server_fault())?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(QR_SIZE, QR_SIZE).build();
    // The declaration belongs to a file of its own.
    let start = picture.find("<svg").unwrap_or(0);
    Ok(picture[start..].to_owned())
}
