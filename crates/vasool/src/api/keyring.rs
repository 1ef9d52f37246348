//! Who holds a key: looked up in the database, remembered for a second.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use subtle::ConstantTimeEq as _;
use vasool_core::id::{MerchantId, RawId};
use vasool_core::scope::{Mode, Scope};
use vasool_core::tenant::{Merchant, Tenant};
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use crate::clock::Clock;
use crate::dispatch::signature::sign;
use crate::secrets::MasterKey;

/// How long a key is remembered. An expired key is refused within this time.
const REMEMBERED_MS: i64 = 1_000;
/// Keys remembered at a time; beyond it all are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// A key that was found.
#[derive(Debug)]
pub struct Holder {
    /// Its secret, in the clear: it signs answers.
    secret: String,
    /// Whose.
    pub merchant: Merchant,
    /// The merchant in the key's mode, as of at most a second ago.
    pub tenant: Tenant,
    expires_at: Option<vasool_core::time::Time>,
    loaded_at: Millis,
}

/// Keys by id.
#[derive(Debug)]
pub struct Keyring {
    store: Store,
    clock: Clock,
    master: MasterKey,
    known: RwLock<HashMap<RawId, Arc<Holder>>>,
}

impl Holder {
    /// The scope the key opens.
    pub fn scope(&self) -> Scope {
        self.tenant.scope
    }

    /// Lower-case hex HMAC-SHA256 of a message under the key's secret. Source: common 11.
    pub fn sign(&self, message: &str) -> String {
        sign(&self.secret, message.as_bytes())
    }

    /// Whether a secret is this key's, compared in constant time.
    pub fn has_secret(&self, given: &str) -> bool {
        self.secret.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl Keyring {
    /// A keyring over a store.
    pub fn new(store: Store, clock: Clock, master: MasterKey) -> Keyring {
        Keyring { store, clock, master, known: RwLock::default() }
    }

    /// The holder of a key id such as `rzp_test_…`; `None` when it is unknown or expired.
    pub async fn find(&self, key_id: &str) -> StoreResult<Option<Arc<Holder>>> {
        let Some((mode, id)) = read_key_id(key_id) else { return Ok(None) };
        let now = self.clock.now();
        let known = self.known.read().expect("no holder panics").get(&id).cloned();
        let holder = match known {
            Some(holder) if now.0 - holder.loaded_at.0 < REMEMBERED_MS => holder,
            _ => match self.load(id, mode, now).await? {
                Some(holder) => holder,
                None => return Ok(None),
            },
        };
        let alive = holder.expires_at.is_none_or(|at| now.to_time() < at);
        Ok(Some(holder).filter(|holder| alive && holder.scope().mode == mode))
    }

    async fn load(&self, id: RawId, mode: Mode, now: Millis) -> StoreResult<Option<Arc<Holder>>> {
        let Some(key) = self.store.api_key(id).await? else { return Ok(None) };
        if key.mode != mode {
            return Ok(None);
        }
        let Some(merchant) = self.store.merchant(key.merchant).await? else { return Ok(None) };
        let scope = merchant.scope(mode);
        let Some(tenant) = self.store.tenant(scope.id).await? else { return Ok(None) };
        let secret = match self.master.open(&key.secret) {
            Ok(secret) => secret,
            Err(error) => {
                tracing::error!(key = %id, %error, "a key secret cannot be opened");
                return Ok(None);
            }
        };
        let holder = Arc::new(Holder {
            secret,
            merchant,
            tenant,
            expires_at: key.expires_at,
            loaded_at: now,
        });
        let mut known = self.known.write().expect("no holder panics");
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(id, holder.clone());
        Ok(Some(holder))
    }

    /// A secret of a merchant that signs what no key asked for: that of its oldest key that is good.
    /// `None` where it has none.
    pub async fn secret_of(&self, scope: Scope) -> StoreResult<Option<String>> {
        let now = self.clock.now().to_time();
        let keys = self.store.api_keys_of(scope.merchant, scope.mode).await?;
        let key = keys.into_iter().find(|key| key.expires_at.is_none_or(|at| now < at));
        Ok(key.and_then(|key| match self.master.open(&key.secret) {
            Ok(secret) => Some(secret),
            Err(error) => {
                tracing::error!(key = %key.id, %error, "a key secret cannot be opened");
                None
            }
        }))
    }

    /// Stands in for a key where somebody who is signed in acts for a merchant: answers are signed as
    /// for its oldest good key.
    pub async fn stand_in(&self, merchant: &Merchant, tenant: &Tenant) -> StoreResult<Holder> {
        Ok(Holder {
            secret: self.secret_of(tenant.scope).await?.unwrap_or_default(),
            merchant: merchant.clone(),
            tenant: tenant.clone(),
            expires_at: None,
            loaded_at: self.clock.now(),
        })
    }

    /// Forgets a merchant's keys, so that the next request sees a change at once.
    pub fn forget(&self, merchant: MerchantId) {
        let mut known = self.known.write().expect("no holder panics");
        known.retain(|_, holder| holder.merchant.id != merchant);
    }
}

fn read_key_id(key_id: &str) -> Option<(Mode, RawId)> {
    let (mode, id) = key_id.strip_prefix("rzp_")?.split_once('_')?;
    Some((Mode::parse(mode)?, RawId::parse(id)?))
}
