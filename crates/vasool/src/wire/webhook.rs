//! Webhook configuration on the wire. Source: common 10.1.

use serde::Serialize;
use vasool_core::event::EVENT_NAMES;
use vasool_core::scope::{Mode, Scope};
use vasool_core::webhook::Endpoint;

use super::customer::is_email;
use super::error::ApiError;
use super::fields::Fields;
use super::out::Id;
use super::value::Value;

const TEXT_MAX: usize = 255;

/// The webhook entity. The secret itself is never shown.
#[derive(Serialize)]
pub struct EndpointOut<'a> {
    id: Id<vasool_core::id::EndpointId>,
    created_at: i64,
    updated_at: i64,
    service: &'static str,
    owner_id: Id<vasool_core::id::RawId>,
    owner_type: &'static str,
    context: [(); 0],
    disabled_at: i64,
    url: &'a str,
    alert_email: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    secret_exists: bool,
    entity: &'static str,
    active: bool,
    events: &'a [String],
}

impl<'a> EndpointOut<'a> {
    /// The entity of an endpoint of this scope.
    pub fn of(row: &'a Endpoint, scope: Scope) -> EndpointOut<'a> {
        EndpointOut {
            id: Id(row.id),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            service: match scope.mode {
                Mode::Test => "beta-api-test",
                Mode::Live => "beta-api-live",
            },
            owner_id: Id(scope.merchant.0),
            owner_type: "merchant",
            context: [],
            disabled_at: row.disabled_at.map_or(0, |at| at.0),
            url: &row.url,
            alert_email: row.alert_email.as_deref(),
            secret_exists: row.has_secret(),
            entity: "webhook",
            active: row.active,
            events: &row.events,
        }
    }
}

/// What a client sent to create or change a webhook. An outer `None` was not sent.
#[derive(Debug, Default)]
pub struct EndpointInput {
    /// Where events go.
    pub url: Option<String>,
    /// Which.
    pub events: Option<Vec<String>>,
    /// What signs them, in the clear; an empty text removes it.
    pub secret: Option<Option<String>>,
    /// Who gets the mail.
    pub alert_email: Option<Option<String>>,
    /// Whether it is active.
    pub active: Option<bool>,
}

/// Reads the body of a creation: `url` and `events` are mandatory.
pub fn read_create(fields: &Fields<'_>, public_only: bool) -> Result<EndpointInput, ApiError> {
    fields.required_text("url")?;
    let input = read_edit(fields, public_only)?;
    if input.events.is_none() {
        return Err(ApiError::field_required("events"));
    }
    Ok(input)
}

/// Reads the body of an edit: what is not sent stays.
pub fn read_edit(fields: &Fields<'_>, public_only: bool) -> Result<EndpointInput, ApiError> {
    let mut input = EndpointInput::default();
    if fields.is_sent("url") {
        let url = fields.required_text("url")?.into_owned();
        check_url(&url, public_only)?;
        input.url = Some(url);
    }
    if fields.is_sent("events") {
        input.events = Some(read_events(fields)?);
    }
    if fields.is_sent("secret") {
        let secret = fields.text("secret")?;
        if secret.as_ref().is_some_and(|secret| secret.chars().count() > TEXT_MAX) {
            return Err(ApiError::too_long("secret", TEXT_MAX));
        }
        input.secret = Some(secret.map(|secret| secret.into_owned()));
    }
    if fields.is_sent("alert_email") {
        let email = fields.text("alert_email")?;
        if email.as_ref().is_some_and(|email| !is_email(email)) {
            let text = "The alert email must be a valid email address.";
            return Err(ApiError::invalid_field("alert_email", text));
        }
        input.alert_email = Some(email.map(|email| email.into_owned()));
    }
    input.active = fields.boolean("active")?;
    Ok(input)
}

/// A list, an index map, or a map from name to a switch of which the false ones drop out.
fn read_events(fields: &Fields<'_>) -> Result<Vec<String>, ApiError> {
    let by_name = |entries: &[(std::borrow::Cow<'_, str>, Value<'_>)]| {
        entries.iter().any(|(key, _)| key.contains('.'))
    };
    let mut events: Vec<String> = match fields.value("events") {
        Some(Value::Object(entries)) if by_name(entries) => {
            let switches = fields.object("events")?;
            let on = |(name, _): &(std::borrow::Cow<'_, str>, _)| {
                switches
                    .as_ref()
                    .map_or(Ok(None), |switches| switches.boolean(name))
                    .map(|on| on == Some(true))
            };
            let mut names = vec![];
            for entry in entries {
                if on(entry)? {
                    names.push(entry.0.to_string());
                }
            }
            names
        }
        _ => {
            let names = fields.list_of_text("events")?.unwrap_or_default();
            names.into_iter().map(|name| name.into_owned()).collect()
        }
    };
    if events.is_empty() {
        return Err(ApiError::field_required("events"));
    }
    let unknown: Vec<&str> = events
        .iter()
        .map(String::as_str)
        .filter(|name| EVENT_NAMES.binary_search(name).is_err())
        .collect();
    if !unknown.is_empty() {
        let text = format!("Invalid event name/names: {}", unknown.join(", "));
        return Err(ApiError::invalid_field("events", text));
    }
    let mut seen = std::collections::BTreeSet::new();
    events.retain(|name| seen.insert(name.clone()));
    Ok(events)
}

fn check_url(url: &str, public_only: bool) -> Result<(), ApiError> {
    let invalid = || ApiError::invalid_field("url", "The url is not a valid URL.");
    if url.chars().count() > TEXT_MAX {
        return Err(ApiError::too_long("url", TEXT_MAX));
    }
    let uri: hyper::Uri = url.parse().map_err(|_| invalid())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(invalid)?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(invalid());
    }
    if public_only && !is_public(host, uri.port_u16()) {
        return Err(invalid());
    }
    Ok(())
}

/// The vendor's restrictions, behind the setting `webhook_public_urls_only`.
fn is_public(host: &str, port: Option<u16>) -> bool {
    const TUNNELS: [&str; 6] =
        ["ngrok", "localtunnel", "loca.lt", "webhook.site", "requestbin", "pipedream"];
    let bare = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let named_private = bare == "localhost"
        || bare.ends_with(".localhost")
        || bare.ends_with(".local")
        || bare.ends_with(".internal")
        || bare.contains("razorpay")
        || TUNNELS.iter().any(|tunnel| bare.contains(tunnel));
    let private_address = match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => {
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1])
        }
        Ok(std::net::IpAddr::V6(ip)) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.to_ipv4_mapped().is_some()
        }
        Err(_) => !bare.contains('.'),
    };
    !named_private && !private_address && matches!(port, None | Some(80 | 443))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::body::decode_body;

    fn read(json: &str) -> Result<EndpointInput, ApiError> {
        let body = decode_body(None, json.as_bytes()).unwrap();
        read_create(&Fields::of_body(&body), false)
    }

    #[test]
    fn event_names_are_sorted_for_the_search() {
        assert!(EVENT_NAMES.is_sorted());
    }

    #[test]
    fn cm_20_spellings_of_events() {
        for events in [
            r#"["payment.captured","order.paid"]"#,
            r#"{"0":"payment.captured","1":"order.paid"}"#,
            r#"{"payment.captured":true,"payment.failed":"0","order.paid":1}"#,
        ] {
            let input = read(&format!(r#"{{"url":"http://h.test/x","events":{events}}}"#)).unwrap();
            assert_eq!(input.events.unwrap(), ["payment.captured", "order.paid"], "{events}");
        }
    }

    #[test]
    fn cm_105_texts() {
        let rows = [
            (r#"{"events":["order.paid"]}"#, "The url field is required."),
            (r#"{"url":"nope","events":["order.paid"]}"#, "The url is not a valid URL."),
            (r#"{"url":"ftp://h.test","events":["order.paid"]}"#, "The url is not a valid URL."),
            (r#"{"url":"http://h.test","events":[]}"#, "The events field is required."),
            (r#"{"url":"http://h.test"}"#, "The events field is required."),
            (
                r#"{"url":"http://h.test","events":["a.b","order.paid","c"]}"#,
                "Invalid event name/names: a.b, c",
            ),
            (
                r#"{"url":"http://h.test","events":["order.paid"],"alert_email":"x"}"#,
                "The alert email must be a valid email address.",
            ),
        ];
        for (json, text) in rows {
            assert_eq!(read(json).unwrap_err().description, text, "{json}");
        }
    }

    #[test]
    fn private_hosts_are_told_apart() {
        assert!(is_public("shop.example.com", None));
        for host in ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.1", "[::1]", "intranet"] {
            assert!(!is_public(host, None), "{host}");
        }
        assert!(!is_public("shop.example.com", Some(8080)));
        assert!(!is_public("api.razorpay.com", None));
    }
}
