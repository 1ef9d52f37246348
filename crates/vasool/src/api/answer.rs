//! Answers: JSON with its content type, and nothing else. Source: common 1.7.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::wire::error::ApiError;
use crate::wire::out::to_json;

/// A successful answer.
#[derive(Debug)]
pub struct Json(String);

impl Json {
    /// An entity or a collection.
    pub fn of(value: &impl Serialize) -> Json {
        Json(to_json(value))
    }

    /// Exactly this text.
    pub fn text(text: impl Into<String>) -> Json {
        Json(text.into())
    }
}

/// Nothing to say, with status 204: the answer to the deletion of an allowed payer.
#[derive(Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// What a handler returns.
pub type Answer = Result<Json, ApiError>;

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, self.0)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json_response(status, self.to_json());
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"Restricted\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn json_response(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
