//! The listener: HTTP/1.1 connections, limits, and a stop that lets answers finish.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use crate::api::{normalize_path, router};
use crate::app::App;
use crate::tls::Tls;
use crate::wire::error::ApiError;

/// How long a client may take to send a request head. Also ends idle connections.
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a client may take to agree on keys.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long a stop waits for answers that are on their way. Ten seconds in all with the tasks.
const DRAIN_MAX: Duration = Duration::from_secs(5);
/// How long accepting pauses when the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `app.tasks` is told to stop, then lets open requests finish.
pub async fn serve(app: App, listener: TcpListener) {
    serve_with(app, listener, None).await;
}

/// The same over TLS.
pub async fn serve_tls(app: App, listener: TcpListener, tls: Tls) {
    serve_with(app, listener, Some(tls)).await;
}

async fn serve_with(app: App, listener: TcpListener, tls: Option<Tls>) {
    let router = router(app.clone());
    let stopped = app.tasks.stopped();
    tokio::pin!(stopped);
    let connections = crate::tasks::Tasks::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, app, tls) = (router.clone(), app.clone(), tls.clone());
                connections.spawn(accepted_stream(stream, router, app, tls));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if !connections.finish(DRAIN_MAX).await {
        tracing::warn!("some requests were cut off at the stop");
        connections.abort();
    }
}

async fn accepted_stream(stream: TcpStream, router: Router, app: App, tls: Option<Tls>) {
    // Small answers must not wait for an acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(tls) = tls else { return connection(stream, router, app).await };
    let handshake = tokio::time::timeout(HANDSHAKE_MAX, tls.acceptor().accept(stream));
    // Whoever does not finish it speaks something else, or does not trust us.
    if let Ok(Ok(stream)) = handshake.await {
        connection(stream, router, app).await;
    }
}

async fn connection<S>(stream: S, router: Router, app: App)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let metrics = app.metrics.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, metrics) = (router.clone(), metrics.clone());
        async move {
            let request = normalize_path(request.map(axum::body::Body::new));
            let handled = AssertUnwindSafe(router.oneshot(request)).catch_unwind().await;
            let response = match handled {
                Ok(Ok(response)) => response,
                // A panic is our fault, and the next request's data is not touched by it: all
                // state lives behind the engine.
                Ok(Err(_)) | Err(_) => ApiError::server_fault().into_response(),
            };
            metrics.answered(response.status().as_u16());
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // Errors here are clients that went away.
        _ = connection.as_mut() => {}
        () = app.tasks.stopped() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
