//! Opening merchants and their keys. Source: design of the operator's commands, sandbox 9.

use std::sync::Arc;

use crate::command::{KeyDraft, MerchantDraft, Reply};
use crate::id::{Draw, MerchantId, RawId};
use crate::rejection::Rejection;
use crate::scope::{Mode, ScopeId};
use crate::tenant::{ApiKey, Merchant, Tenant};
use crate::time::Millis;
use crate::working_set::{Decision, WorkingSet};

/// Opens a merchant with its first keys. Rejects: `NotFound` for an unknown parent.
pub fn create(
    set: &mut WorkingSet,
    draft: &MerchantDraft,
    real: Millis,
    draw: &mut Draw,
) -> Decision<Reply> {
    if let Some(parent) = draft.parent {
        set.merchant(&parent)?.ok_or(Rejection::NotFound)?;
    }
    let merchant = Merchant {
        id: draw.id(),
        name: draft.name.clone(),
        parent: draft.parent,
        live_scope: ScopeId::drawn(Mode::Live, draw.number()),
        test_scope: ScopeId::drawn(Mode::Test, draw.number()),
        created_at: real.to_time(),
    };
    for mode in [Mode::Test, Mode::Live] {
        set.put_tenant(Tenant::new(merchant.scope(mode), merchant.name.clone(), 0));
    }
    let keys: Vec<Arc<ApiKey>> =
        draft.keys.iter().map(|key| Arc::new(new_key(merchant.id, key, real, draw))).collect();
    for key in &keys {
        set.put_api_key(ApiKey::clone(key));
    }
    set.put_merchant(merchant.clone());
    Ok(Reply::Merchant(Arc::new(merchant), keys))
}

/// Adds a key pair; others of the merchant stay valid. Rejects: `NotFound`.
pub fn create_key(
    set: &mut WorkingSet,
    merchant: MerchantId,
    draft: &KeyDraft,
    real: Millis,
    draw: &mut Draw,
) -> Decision<Reply> {
    set.merchant(&merchant)?.ok_or(Rejection::NotFound)?;
    let key = new_key(merchant, draft, real, draw);
    set.put_api_key(key.clone());
    Ok(Reply::ApiKey(Arc::new(key)))
}

/// Refuses a key pair from now on. Rejects: `NotFound`.
pub fn expire_key(set: &mut WorkingSet, id: RawId, real: Millis) -> Decision<Reply> {
    let key = set.api_key(&id)?.ok_or(Rejection::NotFound)?;
    let mut key = ApiKey::clone(&key);
    key.expires_at.get_or_insert(real.to_time());
    set.put_api_key(key.clone());
    Ok(Reply::ApiKey(Arc::new(key)))
}

fn new_key(merchant: MerchantId, draft: &KeyDraft, real: Millis, draw: &mut Draw) -> ApiKey {
    ApiKey {
        id: draft.id.unwrap_or_else(|| draw.id()),
        merchant,
        mode: draft.mode,
        secret: draft.secret.clone(),
        created_at: real.to_time(),
        expires_at: None,
    }
}
