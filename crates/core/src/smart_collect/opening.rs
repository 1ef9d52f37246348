//! Opening a virtual account. Source: smart-collect 5.1.

use std::sync::Arc;

use super::payers::{PayerDraft, allowed_payers};
use super::receivers::{ReceiversDraft, attach, shape};
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::Notes;
use crate::event::{EventKind, Snapshot};
use crate::id::{CustomerId, OrderId};
use crate::money::Paise;
use crate::rejection::Rejection;
use crate::time::{DAY_SECONDS, Time};
use crate::timer::{Timer, TimerKey};
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, WorkingSet};

/// How far ahead `close_by` must be, seconds. Source: smart-collect 5.1.
const CLOSE_BY_AHEAD_SECONDS: i64 = 900;

/// How far ahead an account is looked at that has no reason to close.
const DISTANT_DAYS: i64 = 90;

/// A virtual account to open.
#[derive(Clone, Debug, Default)]
pub struct VirtualAccountDraft {
    /// What leads to it.
    pub receivers: ReceiversDraft,
    /// Who alone may pay: IFSC and account number each.
    pub allowed_payers: Vec<PayerDraft>,
    /// The order its payments pay.
    pub order: Option<OrderId>,
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

/// Opens a virtual account: row, receivers, closing timer and `virtual_account.created` together.
///
/// Rejects: see [`shape`], [`attach`] and [`allowed_payers`]; `NotFound` (customer, order),
/// `OrderPaid`, `OrderForMandate`, `CloseByTooSoon`, `RefusedField`.
pub fn open(
    set: &mut WorkingSet,
    ctx: &mut Context,
    draft: &VirtualAccountDraft,
) -> Decision<Reply> {
    let refuse_at = |stage| match draft.refused_at {
        Some(refused) if refused == stage => Err(Rejection::RefusedField),
        _ => Ok(()),
    };
    let shaped = shape(set, ctx, &draft.receivers)?;
    refuse_at(DraftStage::Payers)?;
    let allowed_payers = allowed_payers(ctx, &draft.allowed_payers)?;
    refuse_at(DraftStage::Customer)?;
    if let Some(id) = draft.customer {
        own(ctx, set.customer(&id)?, |row| row.scope)?;
    }
    if let Some(id) = draft.order {
        let order = crate::orders::payable(ctx, set.order(&id)?)?;
        // Such an order is paid by its payer's bank agreeing, never by a transfer.
        if order.asks_for_mandate() {
            return Err(Rejection::OrderForMandate.into());
        }
    }
    refuse_at(DraftStage::CloseBy)?;
    check_close_by(ctx, draft.close_by)?;
    refuse_at(DraftStage::Notes)?;

    let mut account = VirtualAccount {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        name: ctx.tenant.billing_label().to_owned(),
        description: draft.description.clone(),
        amount_expected: draft.amount_expected,
        payments: 0,
        amount_paid: Paise::ZERO,
        notes: draft.notes.clone(),
        customer: draft.customer,
        account_number: None,
        banks: vec![],
        vpa: None,
        qr_code: None,
        allowed_payers,
        order: draft.order,
        close_by: draft.close_by,
        last_activity_at: ctx.now.time,
        created_at: ctx.now.time,
        state: VirtualAccountState::Active,
    };
    attach(set, ctx, shaped, &mut account)?;
    let account = Arc::new(account);
    set_closing_timer(set, ctx, &account);
    set.put_virtual_account(account.clone());
    let snapshot = Snapshot { virtual_account: Some(account.clone()), ..Snapshot::default() };
    ctx.announce(set, account.id.0, &[EventKind::VirtualAccountCreated], snapshot)?;
    Ok(Reply::VirtualAccount(account))
}

/// Rejects: `CloseByTooSoon`. Source: smart-collect E09.
pub(super) fn check_close_by(ctx: &Context, close_by: Option<Time>) -> Result<(), Rejection> {
    match close_by {
        Some(at) if at < ctx.now.time.plus_seconds(CLOSE_BY_AHEAD_SECONDS) => {
            Err(Rejection::CloseByTooSoon)
        }
        _ => Ok(()),
    }
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
