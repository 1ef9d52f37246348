//! Opening a virtual account. Source: smart-collect 5.1.

use std::sync::Arc;

use super::closing::close_if_due;
use super::numbers::account_number;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::event::{EventKind, Snapshot};
use crate::id::{CustomerId, VirtualAccountId};
use crate::money::Paise;
use crate::rejection::Rejection;
use crate::time::{DAY_SECONDS, Time};
use crate::timer::{Timer, TimerKey};
use crate::virtual_account::{BankReceiver, VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, Lookup, WorkingSet};

/// How far ahead `close_by` must be, seconds. Source: smart-collect 5.1.
const CLOSE_BY_AHEAD_SECONDS: i64 = 900;

/// How far ahead an account is looked at that has no reason to close.
const DISTANT_DAYS: i64 = 90;

/// A virtual account to open, with a bank-account receiver.
#[derive(Clone, Debug, Default)]
pub struct VirtualAccountDraft {
    /// The wished end of the account number.
    pub descriptor: Option<String>,
    /// `numeric: 0`: a vanity number with the merchant's handle.
    pub vanity: bool,
    /// See [`VirtualAccount::description`].
    pub description: Option<String>,
    /// See [`VirtualAccount::amount_expected`].
    pub amount_expected: Option<Paise>,
    /// See [`VirtualAccount::customer`].
    pub customer: Option<CustomerId>,
    /// See [`VirtualAccount::notes`].
    pub notes: Notes,
    /// See [`VirtualAccount::close_by`].
    pub close_by: Option<Time>,
    /// The stage at which the caller's input is wrong; refused in the documented order of checks.
    pub refused_at: Option<DraftStage>,
}

/// Stages of the documented order of checks after the descriptors. Source: smart-collect 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DraftStage {
    /// Fields without a place of their own, and allowed payers.
    Payers,
    /// `customer_id`.
    Customer,
    /// `close_by`.
    CloseBy,
    /// `notes`.
    Notes,
}

/// Opens a virtual account: row, closing timer and `virtual_account.created` together.
///
/// Rejects: see [`account_number`]; `NotFound` (customer), `CloseByTooSoon`, `RefusedField`.
pub fn open(
    set: &mut WorkingSet,
    ctx: &mut Context,
    draft: &VirtualAccountDraft,
) -> Decision<Reply> {
    let refuse_at = |stage| match draft.refused_at {
        Some(refused) if refused == stage => Err(Rejection::RefusedField),
        _ => Ok(()),
    };
    let number = account_number(set, ctx, draft.descriptor.as_deref(), draft.vanity)?;
    refuse_at(DraftStage::Payers)?;
    refuse_at(DraftStage::Customer)?;
    if let Some(id) = draft.customer {
        own(ctx, set.customer(&id)?, |row| row.scope)?;
    }
    refuse_at(DraftStage::CloseBy)?;
    if draft.close_by.is_some_and(|at| at < ctx.now.time.plus_seconds(CLOSE_BY_AHEAD_SECONDS)) {
        return Err(Rejection::CloseByTooSoon.into());
    }
    refuse_at(DraftStage::Notes)?;
    let holder = Lookup::AccountNumber(ctx.scope.id.address_space(), number.clone());
    if draft.descriptor.is_some() && is_taken(set, ctx, &holder)? {
        return Err(Rejection::DescriptorTaken.into());
    }

    let account = Arc::new(VirtualAccount {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        name: ctx.tenant.billing_label().to_owned(),
        description: draft.description.clone(),
        amount_expected: draft.amount_expected,
        payments: 0,
        amount_paid: Paise::ZERO,
        notes: draft.notes.clone(),
        customer: draft.customer,
        banks: banks(ctx),
        account_number: Some(number.clone()),
        close_by: draft.close_by,
        last_activity_at: ctx.now.time,
        created_at: ctx.now.time,
        state: VirtualAccountState::Active,
    });
    let raw = account.id.0;
    set.set_lookup(holder, vec![raw]);
    set.set_lookup(Lookup::NumberUse(number), vec![raw]);
    set_closing_timer(set, ctx, &account);
    set.put_virtual_account(account.clone());
    let snapshot = Snapshot { virtual_account: Some(account.clone()), ..Snapshot::default() };
    ctx.announce(set, raw, &[EventKind::VirtualAccountCreated], snapshot)?;
    Ok(Reply::VirtualAccount(account))
}

/// Sets the timer that closes an account. Without `close_by` and dormancy it is a distant look,
/// counted from the merchant's real now: the setting may come back, and then finds its timer.
pub(super) fn set_closing_timer(set: &mut WorkingSet, ctx: &Context, account: &VirtualAccount) {
    let at = account.closes_at(ctx.tenant.settings.va_dormancy_days).unwrap_or_else(|| {
        ctx.tenant.now(ctx.real).to_time().plus_seconds(DISTANT_DAYS * DAY_SECONDS)
    });
    set.set_timer(Timer {
        key: TimerKey::CloseVirtualAccount(account.id),
        scope: account.scope,
        due: at.to_millis(),
    });
}

/// Whether an account that is still active at this moment holds the number. One whose time has
/// come is closed here, which frees it.
fn is_taken(set: &mut WorkingSet, ctx: &mut Context, holder: &Lookup) -> Decision<bool> {
    let Some(raw) = set.lookup(holder)?.first().copied() else { return Ok(false) };
    let Some(account) = set.virtual_account(&VirtualAccountId(raw))? else { return Ok(false) };
    Ok(close_if_due(set, ctx, account)?.state == VirtualAccountState::Active)
}

fn banks(ctx: &mut Context) -> Vec<BankReceiver> {
    let tenant = ctx.tenant.clone();
    tenant
        .settings
        .va_bank
        .iter()
        .map(|bank| BankReceiver {
            id: ctx.draw.id(),
            ifsc: bank.ifsc.clone(),
            bank_name: bank.bank_name.clone(),
        })
        .collect()
}
