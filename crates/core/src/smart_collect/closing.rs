//! Closing a virtual account: by call, by `close_by`, by dormancy. Source: smart-collect 7.

use std::sync::Arc;

use super::opening::set_closing_timer;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::id::VirtualAccountId;
use crate::time::Time;
use crate::timer::TimerKey;
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, WorkingSet};

/// Closes an account at the merchant's wish; closing twice changes nothing. Rejects: `NotFound`.
pub fn close(set: &mut WorkingSet, ctx: &mut Context, id: VirtualAccountId) -> Decision<Reply> {
    let account = own(ctx, set.virtual_account(&id)?, |row| row.scope)?;
    let account = close_if_due(set, ctx, account)?;
    if account.state != VirtualAccountState::Active {
        return Ok(Reply::VirtualAccount(account));
    }
    let now = ctx.now.time;
    Ok(Reply::VirtualAccount(close_at(set, ctx, &account, now)?))
}

/// The clock reached the closing timer: closes the account, or sets the timer anew where a credit
/// has moved the end of dormancy.
pub fn on_timer(set: &mut WorkingSet, ctx: &mut Context, id: VirtualAccountId) -> Decision<Reply> {
    let Some(account) = set.virtual_account(&id)?.filter(|row| row.scope == ctx.scope.id) else {
        set.clear_timer(TimerKey::CloseVirtualAccount(id));
        return Ok(Reply::Done);
    };
    let account = close_if_due(set, ctx, account)?;
    if account.state == VirtualAccountState::Active {
        set_closing_timer(set, ctx, &account);
    }
    Ok(Reply::Done)
}

/// Writes down that an account has closed by itself, when its time has come: no window in which an
/// expired account takes money. Source: smart-collect 7.
pub(super) fn close_if_due(
    set: &mut WorkingSet,
    ctx: &mut Context,
    account: Arc<VirtualAccount>,
) -> Decision<Arc<VirtualAccount>> {
    match account.closes_at(ctx.tenant.settings.va_dormancy_days) {
        Some(at) if at <= ctx.now.time => close_at(set, ctx, &account, at),
        _ => Ok(account),
    }
}

/// Closes an active account and tells the merchant.
pub(super) fn close_at(
    set: &mut WorkingSet,
    ctx: &mut Context,
    account: &VirtualAccount,
    at: Time,
) -> Decision<Arc<VirtualAccount>> {
    let closed =
        Arc::new(VirtualAccount { state: VirtualAccountState::Closed { at }, ..account.clone() });
    set.put_virtual_account(closed.clone());
    set.clear_timer(TimerKey::CloseVirtualAccount(account.id));
    let snapshot = Snapshot { virtual_account: Some(closed.clone()), ..Snapshot::default() };
    ctx.announce(set, account.id.0, &[EventKind::VirtualAccountClosed], snapshot)?;
    Ok(closed)
}
