//! Changing a virtual account. Source: smart-collect 5.3.

use std::sync::Arc;

use super::closing::{close_at, close_if_due};
use super::opening::{check_close_by, set_closing_timer};
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::id::VirtualAccountId;
use crate::rejection::Rejection;
use crate::time::Time;
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, WorkingSet};

/// Changes to a virtual account; an outer `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct VirtualAccountEdit {
    /// A new expiry, or none.
    pub close_by: Option<Option<Time>>,
    /// A new description, or none.
    pub description: Option<Option<String>>,
    /// The new set of notes.
    pub notes: Option<Notes>,
    /// `status: closed`: the same as the call to close.
    pub close: bool,
}

/// Changes an account. A closed one keeps its expiry, but its description and notes may change.
///
/// Rejects: `NotFound`, `AccountNotEditable`, `CloseByTooSoon`.
pub fn update(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: VirtualAccountId,
    edit: &VirtualAccountEdit,
) -> Decision<Reply> {
    let account = own(ctx, set.virtual_account(&id)?, |row| row.scope)?;
    let account = close_if_due(set, ctx, account)?;
    let is_active = account.state == VirtualAccountState::Active;
    let mut changed = VirtualAccount::clone(&account);
    if let Some(close_by) = edit.close_by {
        if !is_active {
            return Err(Rejection::AccountNotEditable.into());
        }
        check_close_by(ctx, close_by)?;
        changed.close_by = close_by;
    }
    if let Some(description) = &edit.description {
        changed.description = description.clone();
    }
    if let Some(notes) = &edit.notes {
        changed.notes = notes.clone();
    }
    if edit.close && is_active {
        let now = ctx.now.time;
        return Ok(Reply::VirtualAccount(close_at(set, ctx, &changed, now)?));
    }
    let changed = Arc::new(changed);
    if changed.close_by != account.close_by {
        set_closing_timer(set, ctx, &changed);
    }
    if changed != account {
        set.put_virtual_account(changed.clone());
    }
    Ok(Reply::VirtualAccount(changed))
}
