//! Short URLs: what a person opens. Source: common 2, smart-collect 5.17, decisions 12.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use vasool_core::id::QrCodeId;
use vasool_core::receiver::qr_address;
use vasool_core::scope::ScopeId;
use vasool_core::short_link::LinkTarget;
use vasool_core::virtual_account::VirtualAccountState;

use super::request::Path;
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::upi_link::UpiLink;

/// Width and height of a picture, pixels.
const PICTURE_SIZE: u32 = 480;

const GONE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>Not found</title>\
    <p>This link does not lead anywhere, or is closed.</p></html>";

/// `GET /i/:code`: needs no key.
pub async fn open_short_link(
    State(app): State<App>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(link) = app.store.short_link(&code).await? else { return Ok(gone(&headers)) };
    let LinkTarget::QrCode(id) = link.target;
    let content = qr_content(&app, link.scope, id).await?;
    Ok(content.and_then(|text| picture(&text)).unwrap_or_else(|| gone(&headers)))
}

/// What a QR code says while it can be paid.
async fn qr_content(app: &App, scope: ScopeId, id: QrCodeId) -> Result<Option<String>, ApiError> {
    let Some(tenant) = app.store.tenant(scope).await? else { return Ok(None) };
    let now = tenant.now(app.clock.now()).to_time();
    let settings = &tenant.settings;
    let address = qr_address(id, &settings.vpa_namespace, &settings.vpa_handle);
    let account = app.store.virtual_account_of_qr(scope, id).await?;
    let account = account
        .filter(|_| !tenant.retired)
        .map(|row| row.as_of(now, settings.va_dormancy_days))
        .filter(|row| row.state == VirtualAccountState::Active);
    Ok(account.map(|row| {
        let link = UpiLink {
            payee: &address,
            name: &row.name,
            reference: id.0.as_str(),
            amount: row.amount_expected,
        };
        link.to_text()
    }))
}

fn picture(text: &str) -> Option<Response> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let size = PICTURE_SIZE;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(size, size).build();
    let mut response = svg.into_response();
    let kind = HeaderValue::from_static("image/svg+xml");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Some(response)
}

/// A page for people, JSON for programs.
fn gone(headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        return ApiError { status: 404, ..ApiError::unknown_route() }.into_response();
    }
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::NOT_FOUND, html, GONE).into_response()
}
