//! Short URLs: what a person opens. Source: common 2, smart-collect 5.17, decisions 12.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use vasool_core::id::QrCodeId;
use vasool_core::money::Paise;
use vasool_core::qr_code::QrState;
use vasool_core::receiver::qr_address;
use vasool_core::scope::ScopeId;
use vasool_core::short_link::LinkTarget;
use vasool_core::tenant::Tenant;
use vasool_core::virtual_account::VirtualAccountState;

use super::request::Path;
use crate::app::App;
use crate::web::gone;
use crate::wire::error::ApiError;
use crate::wire::upi_link::UpiLink;

/// Width and height of a picture, pixels.
const PICTURE_SIZE: u32 = 480;

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
    let settings = &tenant.settings;
    let address = qr_address(id, &settings.vpa_namespace, &settings.vpa_handle);
    let code = payable_code(app, &tenant, id).await?;
    Ok(code.map(|code| {
        let link = UpiLink {
            payee: &address,
            name: &code.name,
            reference: id.0.as_str(),
            amount: code.amount,
        };
        link.to_text()
    }))
}

/// A QR code as long as it takes money.
pub struct PayableCode {
    /// Who is paid.
    pub name: String,
    /// How much, if that is not the payer's to say.
    pub amount: Option<Paise>,
}

/// A QR code that can be paid now: one that stands alone, or the receiver of an account.
pub async fn payable_code(
    app: &App,
    tenant: &Tenant,
    id: QrCodeId,
) -> Result<Option<PayableCode>, ApiError> {
    if tenant.retired {
        return Ok(None);
    }
    let (scope, now) = (tenant.scope.id, tenant.now(app.clock.now()).to_time());
    if let Some(code) = app.store.qr_code(scope, id).await? {
        let open = Some(code.as_of(now)).filter(|row| row.state == QrState::Active);
        let name = || tenant.billing_label().to_owned();
        return Ok(open.map(|row| PayableCode { name: name(), amount: row.fixed_amount }));
    }
    let account = app.store.virtual_account_of_qr(scope, id).await?;
    let account = account.map(|row| row.as_of(now, tenant.settings.va_dormancy_days));
    let open = account.filter(|row| row.state == VirtualAccountState::Active);
    Ok(open.map(|row| PayableCode { name: row.name, amount: row.amount_expected }))
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
