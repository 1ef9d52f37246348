//! Who calls: Basic authentication and the account header. Source: common 1.2.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use vasool_core::id::{MerchantId, RawId};
use vasool_core::scope::{Mode, Scope};
use vasool_core::settings::Settings;
use vasool_core::tenant::{Merchant, Tenant};

use super::keyring::Holder;
use crate::app::App;
use crate::wire::error::ApiError;
use crate::wire::form::decode_query;
use crate::wire::value::Value;

/// A caller whose key and secret are right, and the account it acts for.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose data the request reads and writes.
    pub scope: Scope,
    /// The key's holder.
    pub holder: Arc<Holder>,
    /// The sub-merchant it acts for, if it does.
    acting_for: Option<Arc<Tenant>>,
}

impl Caller {
    /// The account the caller acts for, as of at most a second ago.
    pub fn tenant(&self) -> &Tenant {
        self.acting_for.as_deref().unwrap_or(&self.holder.tenant)
    }

    /// A merchant in a mode, where somebody who is signed in acts for it.
    pub async fn on_behalf(
        app: &App,
        merchant: &Merchant,
        tenant: &Tenant,
    ) -> Result<Caller, ApiError> {
        let holder = app.keyring.stand_in(merchant, tenant).await?;
        Ok(Caller { scope: tenant.scope, holder: Arc::new(holder), acting_for: None })
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.tenant().settings
    }
}

/// A caller of a public route, which needs only a key id. Source: common 1.2, 12.1.
#[derive(Clone, Debug)]
pub struct PublicCaller;

/// A caller with a test key: the sandbox answers nobody else. Source: decisions 19.
#[derive(Clone, Debug)]
pub struct TestCaller(pub Caller);

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, ApiError> {
        // Set by this process alone: nothing that comes over the network carries an extension.
        if let Some(caller) = parts.extensions.get::<Caller>() {
            return Ok(caller.clone());
        }
        let (key_id, secret) = credentials(parts)?;
        let secret = secret.ok_or_else(ApiError::authentication_failed)?;
        let holder = app.keyring.find(&key_id).await?;
        let holder = holder
            .filter(|holder| holder.has_secret(&secret))
            .ok_or_else(ApiError::invalid_api_key)?;
        let acting_for = sub_merchant(parts, app, &holder).await?;
        let scope = acting_for.as_ref().map_or(holder.scope(), |tenant| tenant.scope);
        let caller = Caller { scope, holder, acting_for };
        if !app.limiter.admit(scope.id, caller.settings().rate_limit_per_second) {
            return Err(ApiError::rate_limited(1));
        }
        Ok(caller)
    }
}

impl FromRequestParts<App> for TestCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<TestCaller, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        match caller.scope.mode {
            Mode::Test => Ok(TestCaller(caller)),
            Mode::Live => Err(ApiError::invalid("This operation is allowed only in test mode.")),
        }
    }
}

impl FromRequestParts<App> for PublicCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<PublicCaller, ApiError> {
        let (key_id, secret) = match key_id_in_query(parts) {
            Some(key_id) if !parts.headers.contains_key(AUTHORIZATION) => (key_id, None),
            _ => credentials(parts)?,
        };
        let holder = app.keyring.find(&key_id).await?;
        let secret = secret.filter(|secret| !secret.is_empty());
        holder
            .filter(|holder| secret.is_none_or(|secret| holder.has_secret(&secret)))
            .map(|_| PublicCaller)
            .ok_or_else(ApiError::invalid_api_key)
    }
}

/// Key id, and the secret when there is a colon.
fn credentials(parts: &Parts) -> Result<(String, Option<String>), ApiError> {
    let header = parts.headers.get(AUTHORIZATION).ok_or_else(ApiError::missing_credentials)?;
    // Only the exact word and one blank. Source: common 1.2.
    let encoded = header
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Basic "))
        .ok_or_else(ApiError::authentication_failed)?;
    let text = decode_base64(encoded)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(ApiError::authentication_failed)?;
    Ok(match text.split_once(':') {
        Some((key_id, secret)) => (key_id.to_owned(), Some(secret.to_owned())),
        None => (text, None),
    })
}

fn key_id_in_query(parts: &Parts) -> Option<String> {
    let query = decode_query(parts.uri.query()?).ok()?;
    match query.get("key_id")? {
        Value::Text(key_id) => Some(key_id.to_string()),
        _ => None,
    }
}

/// The sub-merchant the caller acts for; `None` for itself. Source: decisions 47.
async fn sub_merchant(
    parts: &Parts,
    app: &App,
    holder: &Holder,
) -> Result<Option<Arc<Tenant>>, ApiError> {
    let own = holder.scope();
    let Some(header) = parts.headers.get("x-razorpay-account") else { return Ok(None) };
    let named = header.to_str().map_err(|_| ApiError::unknown_id())?.trim();
    if named.is_empty() {
        return Ok(None);
    }
    let id = named.strip_prefix(MerchantId::PREFIX).and_then(RawId::parse).map(MerchantId);
    let id = id.ok_or_else(ApiError::unknown_id)?;
    if id == own.merchant {
        return Ok(None);
    }
    let merchant = app.store.merchant(id).await?;
    let scope = merchant
        .filter(|merchant| merchant.parent == Some(own.merchant))
        .map(|merchant| merchant.scope(own.mode))
        .ok_or_else(ApiError::unknown_id)?;
    let tenant = app.store.tenant(scope.id).await?.ok_or_else(ApiError::unknown_id)?;
    Ok(Some(Arc::new(tenant)))
}

/// Standard base64 with or without padding.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    if text.is_empty() || text.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_04_base64_is_read_or_refused() {
        let read = |text| decode_base64(text).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(read("cnpwX3Rlc3Q6c2VjcmV0").as_deref(), Some("rzp_test:secret"));
        assert_eq!(read("YTpi").as_deref(), Some("a:b"));
        assert_eq!(read("YTo=").as_deref(), Some("a:"));
        assert_eq!(read("YTo").as_deref(), Some("a:"));
        assert_eq!(read("!!"), None);
        assert_eq!(read(""), None);
    }
}
