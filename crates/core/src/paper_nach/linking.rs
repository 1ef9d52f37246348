//! Registration links: customer, order, form and invoice in one step. Source: paper-nach 9.

use std::sync::Arc;

use super::links::{Medium, set_timer, tell};
use super::ordering::{NachFormDraft, make_form};
use crate::apply::{Context, own};
use crate::command::{OnDuplicate, Reply};
use crate::customer::{Customer, CustomerDraft, Notes, identity};
use crate::customers;
use crate::id::{CustomerId, InvoiceId};
use crate::invoice::{Invoice, InvoiceState};
use crate::money::Paise;
use crate::order::{CapturePlan, Order, OrderState, PartialPayment};
use crate::rejection::Rejection;
use crate::scope::ScopeId;
use crate::time::Time;
use crate::working_set::{Decision, Key, Lookup, WorkingSet};

/// Seconds a link must be open at least. Source: paper-nach 9.1.
const OPEN_SECONDS_MIN: i64 = 900;

/// A registration link to make; its fields were checked when they were read.
#[derive(Clone, Debug)]
pub struct LinkDraft {
    /// Who is to sign.
    pub customer: LinkCustomer,
    /// What is to be signed.
    pub form: NachFormDraft,
    /// See [`Invoice::receipt`].
    pub receipt: Option<String>,
    /// See [`Invoice::description`].
    pub description: String,
    /// See [`Invoice::notes`].
    pub notes: Notes,
    /// See [`Invoice::expire_by`].
    pub expire_by: Option<Time>,
    /// Whether to send it by SMS.
    pub sms: bool,
    /// Whether to send it by e-mail.
    pub email: bool,
    /// Base of short URLs.
    pub base: String,
}

/// Who is to sign.
#[derive(Clone, Debug)]
pub enum LinkCustomer {
    /// A customer the merchant names by id.
    Known(CustomerId),
    /// The customer with this e-mail and contact, or a new one.
    Described(CustomerDraft),
}

impl LinkDraft {
    /// The rows it is known to need.
    pub(crate) fn keys(&self, scope: ScopeId) -> Vec<Key> {
        let customer = match &self.customer {
            LinkCustomer::Known(id) => Some(Key::Customer(*id)),
            LinkCustomer::Described(draft) => draft.key(scope),
        };
        customer.into_iter().chain([Key::Lookup(Lookup::Endpoints(scope))]).collect()
    }

    /// What tells the customer from others, where the merchant does not name one by id.
    pub(crate) fn identity(&self) -> Option<String> {
        match &self.customer {
            LinkCustomer::Known(_) => None,
            LinkCustomer::Described(draft) => {
                identity(draft.email.as_deref(), draft.contact.as_deref())
            }
        }
    }
}

/// Makes a link: customer if new, order, form, invoice, messages and timer together.
///
/// Rejects: `NotFound` (customer), `LinkExpiresTooSoon`.
pub fn create(set: &mut WorkingSet, ctx: &mut Context, draft: &LinkDraft) -> Decision<Reply> {
    let earliest = ctx.now.time.plus_seconds(OPEN_SECONDS_MIN);
    if draft.expire_by.is_some_and(|at| at < earliest) {
        return Err(Rejection::LinkExpiresTooSoon.into());
    }
    let customer = customer(set, ctx, &draft.customer)?;
    let order = Arc::new(order(ctx, draft, customer.id));
    let id: InvoiceId = ctx.draw.id();
    let form = Arc::new(make_form(set, ctx, &order, &customer, &draft.form, Some(id)));
    let mut invoice = Invoice {
        id,
        scope: ctx.scope.id,
        order: order.id,
        customer: customer.id,
        name: customer.name.clone(),
        email: customer.email.clone(),
        contact: customer.contact.clone(),
        gstin: customer.gstin.clone(),
        receipt: draft.receipt.clone(),
        description: draft.description.clone(),
        notes: draft.notes.clone(),
        expire_by: draft.expire_by,
        state: InvoiceState::Issued,
        sms_sent: false,
        email_sent: false,
        code: form.upload_code.clone(),
        created_at: ctx.now.time,
    };
    invoice.sms_sent = draft.sms && tell(set, ctx, &invoice, Medium::Sms, &draft.base);
    invoice.email_sent = draft.email && tell(set, ctx, &invoice, Medium::Email, &draft.base);
    let invoice = Arc::new(invoice);
    set.put_order(order);
    set_timer(set, &invoice);
    set.put_invoice(invoice.clone());
    Ok(Reply::Link(invoice, form))
}

fn customer(
    set: &mut WorkingSet,
    ctx: &mut Context,
    wanted: &LinkCustomer,
) -> Decision<Arc<Customer>> {
    let draft = match wanted {
        LinkCustomer::Known(id) => return own(ctx, set.customer(id)?, |row| row.scope),
        LinkCustomer::Described(draft) => draft,
    };
    match customers::create(set, ctx, draft, OnDuplicate::AnswerExisting)? {
        Reply::Customer(customer) => Ok(customer),
        _ => Err(Rejection::NotFound.into()),
    }
}

/// The order behind a link: its receipt and notes, and no money. Source: paper-nach 9.2.
fn order(ctx: &mut Context, draft: &LinkDraft, customer: CustomerId) -> Order {
    Order {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        amount: Paise::ZERO,
        amount_paid: Paise::ZERO,
        receipt: draft.receipt.clone(),
        has_unique_receipt: false,
        state: OrderState::Created,
        attempts: 0,
        is_authorized: false,
        partial_payment: PartialPayment::Refused,
        capture: CapturePlan::default(),
        customer: Some(customer),
        mandate: None,
        has_nach_form: true,
        token: None,
        open: vec![],
        notes: draft.notes.clone(),
        created_at: ctx.now.time,
    }
}
