//! Adding and deleting customers' bank accounts, and making fund accounts. Source: common 6.4, 6.5.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::bank_account::{BankAccountDraft, CustomerBankAccount};
use crate::command::Reply;
use crate::fund_account::FundAccount;
use crate::id::{BankAccountId, CustomerId};
use crate::rejection::Rejection;
use crate::working_set::{Decision, WorkingSet};

/// Adds a bank account to a customer. Rejects: `NotFound`.
pub fn add(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    draft: &BankAccountDraft,
) -> Decision<Reply> {
    own(ctx, set.customer(&customer)?, |row| row.scope)?;
    let BankAccountDraft { ifsc, account_number, name } = draft.clone();
    let account = Arc::new(CustomerBankAccount {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        customer,
        ifsc,
        account_number,
        name,
        created_at: ctx.now.time,
        deleted_at: None,
    });
    set.put_bank_account(account.clone());
    Ok(Reply::BankAccount(account))
}

/// Deletes a bank account of a customer, for good.
/// Rejects: `NotFound`, also when it is another customer's or deleted already.
pub fn delete(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    id: BankAccountId,
) -> Decision<Reply> {
    let account = own(ctx, set.bank_account(&id)?, |row| row.scope)?;
    if account.customer != customer || account.deleted_at.is_some() {
        return Err(Rejection::NotFound.into());
    }
    let deleted = CustomerBankAccount {
        deleted_at: Some(ctx.now.time),
        ..CustomerBankAccount::clone(&account)
    };
    let deleted = Arc::new(deleted);
    set.put_bank_account(deleted.clone());
    Ok(Reply::BankAccount(deleted))
}

/// Makes a fund account of a customer. Rejects: `NotFound`.
pub fn fund(
    set: &mut WorkingSet,
    ctx: &mut Context,
    customer: CustomerId,
    draft: &BankAccountDraft,
) -> Decision<Reply> {
    own(ctx, set.customer(&customer)?, |row| row.scope)?;
    let BankAccountDraft { ifsc, account_number, name } = draft.clone();
    let account = FundAccount {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        customer,
        ifsc,
        account_number,
        name,
        created_at: ctx.now.time,
    };
    set.append().fund_accounts.push(account.clone());
    Ok(Reply::FundAccount(account))
}
