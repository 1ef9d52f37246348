//! Pages for people: payers, and who looks over their shoulder. They work without scripts, load
//! nothing from anywhere else, and hold no secret.

pub mod assets;
pub mod client;
mod console;
pub mod dashboard;
pub mod docs;
pub mod mandate;
pub mod nach;
mod pretty;
pub mod session;

pub use client::Api;

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::api::Route;
use crate::wire::error::ApiError;

/// What a page may load: styles, scripts and pictures of this server, and itself again.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The pages that are no part of the API's description, and what they load.
pub fn routes(dashboard_on: bool) -> Vec<Route> {
    let mut routes = vec![("/assets/{name}", get(assets::show_asset))];
    routes.extend(docs::routes());
    routes.extend(console::payer_routes());
    if dashboard_on {
        routes.extend(session::routes());
        routes.extend(dashboard::routes());
        routes.extend(console::routes());
    }
    routes
}

#[derive(Template)]
#[template(path = "gone.html")]
struct GonePage;

/// A page with the headers every page has.
fn page(status: StatusCode, template: &impl Template) -> Result<Response, ApiError> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        ApiError::server_fault()
    })?;
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Nothing is to be seen here: a page for people, JSON for programs. Source: decisions 12.
pub fn gone(headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        return ApiError { status: 404, ..ApiError::unknown_route() }.into_response();
    }
    page(StatusCode::NOT_FOUND, &GonePage).unwrap_or_else(IntoResponse::into_response)
}
