//! What an operator's tools ask: is it up, is it ready, how is it doing.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::answer::{Answer, Json};
use crate::app::App;

/// `GET /healthz`: the process answers. The empty handler that benchmarks compare with.
pub async fn healthz() -> Json {
    Json::text(r#"{"status":"ok"}"#)
}

/// `GET /readyz`: the database takes writes and the workers are alive.
pub async fn readyz(State(app): State<App>) -> Answer {
    app.store.check_writable().await?;
    Ok(Json::text(r#"{"status":"ready"}"#))
}

/// `GET /metrics`
pub async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let messages = app.store.outgoing_counts().await.ok();
    let text = app.metrics.render(app.engine.waiting(), messages);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
