//! Creating and editing customers. Source: common 6.3.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::{OnDuplicate, Reply};
use crate::customer::{Customer, CustomerDraft, CustomerEdit, identity};
use crate::id::CustomerId;
use crate::rejection::Rejection;
use crate::working_set::{Decision, Lookup, WorkingSet};

/// Creates a customer, or answers the one with the same e-mail and contact.
/// Rejects: `CustomerExists`.
pub fn create(
    set: &mut WorkingSet,
    ctx: &mut Context,
    draft: &CustomerDraft,
    on_duplicate: OnDuplicate,
) -> Decision<Reply> {
    let identity = identity(draft.email.as_deref(), draft.contact.as_deref())
        .map(|identity| Lookup::CustomerIdentity(ctx.scope.id, identity));
    if let Some(identity) = &identity
        && let Some(existing) = set.lookup(identity)?.first().copied()
    {
        return match on_duplicate {
            OnDuplicate::Refuse => Err(Rejection::CustomerExists.into()),
            OnDuplicate::AnswerExisting => {
                let row = set.customer(&CustomerId(existing))?;
                Ok(Reply::Customer(own(ctx, row, |row| row.scope)?))
            }
        };
    }
    let customer = Customer {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        name: draft.name.clone(),
        email: draft.email.clone(),
        contact: draft.contact.clone(),
        gstin: draft.gstin.clone(),
        notes: draft.notes.clone(),
        created_at: ctx.now.time,
    };
    if let Some(identity) = identity {
        set.set_lookup(identity, vec![customer.id.0]);
    }
    set.put_customer(customer.clone());
    Ok(Reply::Customer(Arc::new(customer)))
}

/// Changes the given fields; notes are replaced as a whole.
/// Rejects: `NotFound`, `CustomerExists` when the new pair belongs to someone else.
pub fn edit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: CustomerId,
    edit: &CustomerEdit,
) -> Decision<Reply> {
    let mut customer = Customer::clone(&*own(ctx, set.customer(&id)?, |row| row.scope)?);
    let before = identity(customer.email.as_deref(), customer.contact.as_deref());
    let replace = |field: &mut Option<String>, value: &Option<Option<String>>| {
        if let Some(value) = value {
            field.clone_from(value);
        }
    };
    replace(&mut customer.name, &edit.name);
    replace(&mut customer.email, &edit.email);
    replace(&mut customer.contact, &edit.contact);
    replace(&mut customer.gstin, &edit.gstin);
    if let Some(notes) = &edit.notes {
        customer.notes.clone_from(notes);
    }
    let after = identity(customer.email.as_deref(), customer.contact.as_deref());
    if after != before {
        let lookup = |identity| Lookup::CustomerIdentity(ctx.scope.id, identity);
        if let Some(after) = after {
            if !set.lookup(&lookup(after.clone()))?.is_empty() {
                return Err(Rejection::CustomerExists.into());
            }
            set.set_lookup(lookup(after), vec![id.0]);
        }
        if let Some(before) = before {
            set.set_lookup(lookup(before), vec![]);
        }
    }
    set.put_customer(customer.clone());
    Ok(Reply::Customer(Arc::new(customer)))
}
