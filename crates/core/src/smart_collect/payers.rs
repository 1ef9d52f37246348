//! Third-party validation: who alone may pay into an account. Source: smart-collect 5.1, 5.9, 5.10.

use std::sync::Arc;

use super::closing::close_if_due;
use crate::apply::{Context, own};
use crate::command::Reply;
use crate::id::{BankAccountId, VirtualAccountId};
use crate::receiver::AllowedPayer;
use crate::rejection::Rejection;
use crate::virtual_account::{VirtualAccount, VirtualAccountState};
use crate::working_set::{Decision, WorkingSet};

/// Allowed payers of one account. Source: smart-collect E20.
pub const PAYERS_MAX: usize = 10;

/// A payer to allow; its fields were checked when they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayerDraft {
    /// IFSC, upper case.
    pub ifsc: String,
    /// As given.
    pub account_number: String,
}

/// Who may pay into a new account. Rejects: `PayerExists`, `TooManyPayers`.
pub(super) fn allowed_payers(
    ctx: &mut Context,
    drafts: &[PayerDraft],
) -> Result<Vec<AllowedPayer>, Rejection> {
    let mut all = vec![];
    for draft in drafts {
        allow(ctx, &mut all, draft)?;
    }
    Ok(all)
}

/// Allows one more payer; works on an account that let anyone pay so far.
///
/// Rejects, in this order: `NotFound`, `AccountNotEditable`, `PayersNeedBankAccount`,
/// `RefusedField` (`wrong`: the payer's fields cannot be read), `PayerExists`, `TooManyPayers`.
pub fn add_payer(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: VirtualAccountId,
    draft: Option<&PayerDraft>,
) -> Decision<Reply> {
    let account = own(ctx, set.virtual_account(&id)?, |row| row.scope)?;
    let account = close_if_due(set, ctx, account)?;
    if account.state != VirtualAccountState::Active {
        return Err(Rejection::AccountNotEditable.into());
    }
    if account.has_upi_receiver() {
        return Err(Rejection::PayersNeedBankAccount.into());
    }
    let draft = draft.ok_or(Rejection::RefusedField)?;
    let mut account = VirtualAccount::clone(&account);
    allow(ctx, &mut account.allowed_payers, draft)?;
    let account = Arc::new(account);
    set.put_virtual_account(account.clone());
    Ok(Reply::VirtualAccount(account))
}

/// Takes a payer off the list, also of a closed account; without the last one anyone may pay.
///
/// Rejects: `NotFound` (account, or a payer that is not on its list).
pub fn remove_payer(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: VirtualAccountId,
    payer: BankAccountId,
) -> Decision<Reply> {
    let account = own(ctx, set.virtual_account(&id)?, |row| row.scope)?;
    let account = close_if_due(set, ctx, account)?;
    let mut account = VirtualAccount::clone(&account);
    let before = account.allowed_payers.len();
    account.allowed_payers.retain(|row| row.id != payer);
    if account.allowed_payers.len() == before {
        return Err(Rejection::NotFound.into());
    }
    let account = Arc::new(account);
    set.put_virtual_account(account.clone());
    Ok(Reply::VirtualAccount(account))
}

fn allow(
    ctx: &mut Context,
    all: &mut Vec<AllowedPayer>,
    draft: &PayerDraft,
) -> Result<(), Rejection> {
    let same =
        |row: &AllowedPayer| row.ifsc == draft.ifsc && row.account_number == draft.account_number;
    if all.iter().any(same) {
        return Err(Rejection::PayerExists);
    }
    if all.len() >= PAYERS_MAX {
        return Err(Rejection::TooManyPayers);
    }
    all.push(AllowedPayer {
        id: ctx.draw.id(),
        ifsc: draft.ifsc.clone(),
        account_number: draft.account_number.clone(),
    });
    Ok(())
}
