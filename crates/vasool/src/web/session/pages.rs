//! Pages that say one thing, and the headers of pages with forms.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vasool_store::StoreError;

use crate::web::page;
use crate::wire::error::ApiError;

/// A page that says what happened, and what to do now.
#[derive(Template)]
#[template(path = "session/message.html")]
struct MessagePage<'a> {
    title: &'a str,
    text: &'a str,
    /// Where to go: address and words.
    link: Option<(&'a str, &'a str)>,
}

/// An answer in the place of what was asked for: a page for people.
///
/// Boxed, because results carry it about.
pub struct PageError(Box<Response>);

impl PageError {
    /// A page with a title, a sentence, and a link (address and words).
    pub fn new(
        status: StatusCode,
        title: &str,
        text: &str,
        link: Option<(&str, &str)>,
    ) -> PageError {
        form_page(status, &MessagePage { title, text, link }).into()
    }

    /// Go elsewhere. `to` must be a place on this server.
    pub fn redirect(to: &str) -> PageError {
        redirect(to).into()
    }

    /// Our fault.
    pub fn fault() -> PageError {
        ApiError::server_fault().into()
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> PageError {
        self.0.headers_mut().insert(name, value);
        self
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Response> for PageError {
    fn from(response: Response) -> PageError {
        PageError(Box::new(response))
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> PageError {
        let status = StatusCode::from_u16(error.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let title = match status {
            StatusCode::SERVICE_UNAVAILABLE => "The server cannot do this now",
            status if status.is_server_error() => "Something went wrong here",
            StatusCode::NOT_FOUND => "There is nothing here",
            _ => "This cannot be done",
        };
        let text = match status {
            StatusCode::SERVICE_UNAVAILABLE => "Please try again in a moment.",
            _ => &*error.description,
        };
        let page = PageError::new(status, title, text, None);
        match error.retry_after {
            Some(seconds) => page.with(header::RETRY_AFTER, seconds.into()),
            None => page,
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> PageError {
        ApiError::from(error).into()
    }
}

/// A page with the headers of all pages. Its address is told to this server alone: without it
/// browsers would not say where a form comes from, see [`super::origin`].
pub fn form_page(status: StatusCode, template: &impl Template) -> Response {
    let mut response = match page(status, template) {
        Ok(response) => response,
        Err(error) => return error.into_response(),
    };
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(header::REFERRER_POLICY, policy);
    response
}

/// 303: what was sent is done, go there. `to` must be a place on this server.
pub fn redirect(to: &str) -> Response {
    let place = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/dashboard"));
    let headers =
        [(header::LOCATION, place), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}
