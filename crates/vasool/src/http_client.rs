//! The HTTP client: webhooks, gateways, the command line's calls.

use std::sync::OnceLock;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Bytes read of an answer: enough to keep the connection, too few to be a burden.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Connections kept open to one host.
const IDLE_PER_HOST_MAX: usize = 32;
/// How long.
const IDLE_MAX: Duration = Duration::from_secs(15);

type Inner = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// An HTTP client; made when the first request is sent, so that a start costs no time.
#[derive(Default)]
pub struct HttpClient(OnceLock<Result<Inner, String>>);

impl HttpClient {
    fn get(&self) -> Result<&Inner, String> {
        let made = self.0.get_or_init(|| {
            let connector = HttpsConnectorBuilder::new()
                .with_native_roots()
                .map_err(|error| error.to_string())?
                .https_or_http()
                .enable_http1()
                .build();
            Ok(hyper_util::client::legacy::Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
                .pool_idle_timeout(IDLE_MAX)
                .build(connector))
        });
        made.as_ref().map_err(String::clone)
    }

    /// Sends a request: status and body of its answer, or what went wrong.
    ///
    /// `bytes_max`: a longer body is cut off there.
    pub async fn fetch(
        &self,
        request: Request<Full<Bytes>>,
        bytes_max: usize,
    ) -> Result<(u16, Vec<u8>), String> {
        let response = self.get()?.request(request).await.map_err(|error| describe(&error))?;
        let status = response.status().as_u16();
        let (mut bytes, mut body) = (vec![], response.into_body());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| error.to_string())?;
            let data = frame.data_ref().map_or(&[][..], |data| data);
            let room = bytes_max - bytes.len();
            bytes.extend_from_slice(&data[..data.len().min(room)]);
            if bytes.len() == bytes_max {
                break;
            }
        }
        Ok((status, bytes))
    }

    /// Sends a request: the status of its answer, or what went wrong in words without addresses.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<u16, String> {
        let response = self.get()?.request(request).await.map_err(|error| describe(&error))?;
        let status = response.status().as_u16();
        // The answer is ignored, but a connection that was read to its end can be used again.
        let mut left = ANSWER_BYTES_MAX;
        let mut body = response.into_body();
        while let Some(Ok(frame)) = body.frame().await {
            let size = frame.data_ref().map_or(0, |data| data.len());
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => break,
            }
        }
        Ok(status)
    }
}

fn describe(error: &hyper_util::client::legacy::Error) -> String {
    if error.is_connect() { "the connection failed".to_owned() } else { "no answer".to_owned() }
}
