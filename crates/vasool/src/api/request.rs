//! What handlers take from a request: body, query, path.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::wire::body::{BODY_BYTES_MAX, decode_body};
use crate::wire::error::ApiError;
use crate::wire::form::decode_query;
use crate::wire::percent::unescape;
use crate::wire::value::Value;

/// The bytes of a body, at most 1 MiB, with their content type. Source: common 1.4.
pub struct Body {
    content_type: Option<String>,
    bytes: Bytes,
}

impl Body {
    /// The body as a tree; borrows from the bytes.
    pub fn decode(&self) -> Result<Value<'_>, ApiError> {
        decode_body(self.content_type.as_deref(), &self.bytes)
    }
}

impl<S: Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Body, ApiError> {
        let (parts, body) = request.into_parts();
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let content_type = text(header::CONTENT_TYPE).map(str::to_owned);
        // A declared length beyond the limit is refused before anything is read.
        let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > BODY_BYTES_MAX) {
            return Err(ApiError::body_too_large());
        }
        match Limited::new(body, BODY_BYTES_MAX).collect().await {
            Ok(body) => Ok(Body { content_type, bytes: body.to_bytes() }),
            Err(error) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large()),
            // The client went away in the middle; nobody will read this.
            Err(_) => Err(ApiError::body_truncated()),
        }
    }
}

/// The parameters of a path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(parameters)) => Ok(Path(parameters)),
            // Only bytes that are no text get here: an id that cannot be one.
            Err(_) => {
                let mut segments = parts.uri.path().split('/');
                let segment = segments.find(|segment| unescape(segment).is_none());
                Err(ApiError::malformed_id(segment.unwrap_or_default()))
            }
        }
    }
}

/// The query of a URL.
pub struct Query(String);

impl Query {
    /// The query as a tree.
    pub fn decode(&self) -> Result<Value<'_>, ApiError> {
        decode_query(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, ApiError> {
        Ok(Query(parts.uri.query().unwrap_or("").to_owned()))
    }
}
