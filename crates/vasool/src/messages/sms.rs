//! SMS through a gateway that takes them by HTTP: `POST` of `{"id", "to", "text"}`.

use axum::body::Bytes;
use axum::http::{Method, Request, header};
use http_body_util::Full;
use vasool_core::sandbox::Message;

use super::{NotSent, Sender, Try};
use crate::http_client::HttpClient;
use crate::wire::sms::sms_body;

/// Where the gateway is.
pub struct SmsOptions {
    /// Its URL.
    pub url: String,
    /// The bearer token it wants, if any.
    pub token: Option<String>,
}

/// An SMS gateway.
pub struct SmsGateway {
    options: SmsOptions,
    client: HttpClient,
}

impl SmsGateway {
    /// A gateway. Errors when the URL is none, without repeating it: it may hold a secret.
    pub fn new(options: SmsOptions) -> Result<SmsGateway, String> {
        let uri: axum::http::Uri =
            options.url.parse().map_err(|_| "not a URL of an SMS gateway")?;
        match uri.scheme_str() {
            Some("http" | "https") if uri.host().is_some() => {
                Ok(SmsGateway { options, client: HttpClient::default() })
            }
            _ => Err("not a URL of an SMS gateway".to_owned()),
        }
    }
}

impl Sender for SmsGateway {
    fn send<'a>(&'a self, message: &'a Message) -> Try<'a> {
        Box::pin(async {
            let mut request = Request::builder()
                .method(Method::POST)
                .uri(&self.options.url)
                .header(header::CONTENT_TYPE, "application/json")
                // The same on every try, so that a gateway can tell a repeat.
                .header("idempotency-key", message.id.to_string());
            if let Some(token) = &self.options.token {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            let body = Full::new(Bytes::from(sms_body(message)));
            let request = request.body(body);
            let request = request.map_err(|_| NotSent::Never("no valid request".to_owned()))?;
            match self.client.send(request).await {
                Ok(200..=299) => Ok(()),
                Ok(status @ (408 | 425 | 429)) => Err(NotSent::Later(refused(status))),
                Ok(status @ 400..=499) => Err(NotSent::Never(refused(status))),
                Ok(status) => Err(NotSent::Later(refused(status))),
                Err(why) => Err(NotSent::Later(why)),
            }
        })
    }
}

fn refused(status: u16) -> String {
    format!("the gateway answered {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_are_gateways() {
        let open = |url: &str| SmsGateway::new(SmsOptions { url: url.to_owned(), token: None });
        assert!(open("https://sms.example.com/send").is_ok());
        for url in ["ftp://x", "sms", "", "https://"] {
            assert!(open(url).is_err(), "{url}");
        }
    }
}
