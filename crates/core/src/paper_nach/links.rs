//! What becomes of registration links: sent again, cancelled, expired. Source: paper-nach 10.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::id::InvoiceId;
use crate::invoice::{Invoice, InvoiceState};
use crate::rejection::Rejection;
use crate::sandbox::Message;
use crate::timer::{Timer, TimerKey};
use crate::working_set::{Decision, WorkingSet};

/// How a link is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// `sms`
    Sms,
    /// `email`
    Email,
}

/// Ends a link. A scan that is at the bank is not recalled. Rejects: `NotFound`, `LinkClosed`.
/// Source: paper-nach 10.3.
pub fn cancel(set: &mut WorkingSet, ctx: &mut Context, id: InvoiceId) -> Decision<Reply> {
    let invoice = open(set, ctx, id)?;
    let state = InvoiceState::Cancelled(ctx.now.time);
    let cancelled = Arc::new(Invoice { state, ..Invoice::clone(&invoice) });
    set.clear_timer(TimerKey::ExpireInvoice(id));
    set.put_invoice(cancelled.clone());
    reply(set, cancelled)
}

/// Sends a link again. Rejects: `NotFound`, `LinkClosed`, `LinkUnreachable` where the customer has no
/// such address. Source: paper-nach 10.2.
pub fn notify(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: InvoiceId,
    medium: Medium,
    base: &str,
) -> Decision<Reply> {
    let invoice = open(set, ctx, id)?;
    if !tell(set, ctx, &invoice, medium, base) {
        return Err(Rejection::LinkUnreachable.into());
    }
    let mut sent = Invoice::clone(&invoice);
    match medium {
        Medium::Sms => sent.sms_sent = true,
        Medium::Email => sent.email_sent = true,
    }
    let sent = Arc::new(sent);
    set.put_invoice(sent.clone());
    reply(set, sent)
}

/// The clock reached a link's end. Looking too early or twice does no harm.
pub fn on_timer(set: &mut WorkingSet, ctx: &mut Context, id: InvoiceId) -> Decision<Reply> {
    match set.invoice(&id)?.filter(|row| row.scope == ctx.scope.id) {
        Some(invoice) => {
            let invoice = expire_if_due(set, ctx, invoice)?;
            match invoice.is_due(ctx.now.time) {
                // A scan is at the bank, whose answer ends the link.
                true => set.clear_timer(TimerKey::ExpireInvoice(id)),
                false => set_timer(set, &invoice),
            }
        }
        None => set.clear_timer(TimerKey::ExpireInvoice(id)),
    }
    Ok(Reply::Done)
}

/// A link whose time is over expires, unless a scan of its order is at the bank: then that is waited
/// for. Source: paper-nach 10.4.
pub(super) fn expire_if_due(
    set: &mut WorkingSet,
    ctx: &mut Context,
    invoice: Arc<Invoice>,
) -> Decision<Arc<Invoice>> {
    if !invoice.is_due(ctx.now.time) {
        return Ok(invoice);
    }
    let order = set.order(&invoice.order)?.ok_or(Rejection::NotFound)?;
    if !order.open.is_empty() {
        return Ok(invoice);
    }
    let state = InvoiceState::Expired(ctx.now.time);
    let expired = Arc::new(Invoice { state, ..Invoice::clone(&invoice) });
    set.clear_timer(TimerKey::ExpireInvoice(invoice.id));
    set.put_invoice(expired.clone());
    let nach_form = set.nach_form(&invoice.order)?;
    let snapshot = Snapshot { invoice: Some(expired.clone()), nach_form, ..Snapshot::default() };
    ctx.announce(set, invoice.id.0, &[EventKind::InvoiceExpired], snapshot)?;
    Ok(expired)
}

/// Sets the timer of a link's end, or clears it.
pub(super) fn set_timer(set: &mut WorkingSet, invoice: &Invoice) {
    let key = TimerKey::ExpireInvoice(invoice.id);
    match invoice.expire_by.filter(|_| invoice.state == InvoiceState::Issued) {
        Some(at) => set.set_timer(Timer { key, scope: invoice.scope, due: at.to_millis() }),
        None => set.clear_timer(key),
    }
}

/// Sends a link; `false` where the customer has no such address.
pub(super) fn tell(
    set: &mut WorkingSet,
    ctx: &mut Context,
    invoice: &Invoice,
    medium: Medium,
    base: &str,
) -> bool {
    let (channel, to) = match medium {
        Medium::Sms => ("sms", &invoice.contact),
        Medium::Email => ("email", &invoice.email),
    };
    let Some(to) = to.clone() else { return false };
    let (merchant, link) = (ctx.tenant.billing_label(), format!("{base}/i/{}", invoice.code));
    let what = &invoice.description;
    let (subject, text) = match medium {
        Medium::Sms => (
            String::new(),
            format!("{merchant} asks you to sign a bank mandate for {what}: {link}"),
        ),
        Medium::Email => (
            format!("{merchant}: please sign your bank mandate"),
            format!(
                "Dear {},\n\n{merchant} asks you to set up a bank mandate for {what}.\n\n1. Print \
                 the form behind the link below.\n2. Sign it as you sign for your bank.\n3. Take a \
                 photograph and upload it on the same page.\n\n{link}\n",
                invoice.name.as_deref().unwrap_or("customer")
            ),
        ),
    };
    set.append().messages.push(Message {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        channel,
        to,
        subject,
        text,
        links: vec![link],
        due: Message::due(ctx.scope.mode, ctx.now.millis),
        created_at: ctx.now.time,
    });
    true
}

/// A link that is open at this moment.
fn open(set: &mut WorkingSet, ctx: &mut Context, id: InvoiceId) -> Decision<Arc<Invoice>> {
    let invoice = own(ctx, set.invoice(&id)?, |row| row.scope)?;
    let order = set.order(&invoice.order)?.ok_or(Rejection::NotFound)?;
    // What time has made of it is for its timer to write: a refused command writes nothing.
    let seen = Invoice::clone(&invoice).as_of(ctx.now.time, !order.open.is_empty());
    match seen.state {
        InvoiceState::Issued => Ok(invoice),
        closed => Err(Rejection::LinkClosed(closed.as_str()).into()),
    }
}

fn reply(set: &WorkingSet, invoice: Arc<Invoice>) -> Decision<Reply> {
    let form = set.nach_form(&invoice.order)?.ok_or(Rejection::NotFound)?;
    Ok(Reply::Link(invoice, form))
}
