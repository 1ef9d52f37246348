//! Taking the scan of a signed form. Source: paper-nach 6.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::customer::e164;
use crate::filing::{self, Connector};
use crate::id::{OrderId, PaymentId};
use crate::instruction::{Instruction, InstructionKey};
use crate::invoice::{Invoice, InvoiceState};
use crate::money::Paise;
use crate::nach_form::{NachForm, Registration};
use crate::nach_token::{NachState, NachToken};
use crate::order::{Order, OrderState};
use crate::payment::{MandateRole, MandateUse, Method, Payment, PaymentState};
use crate::rejection::Rejection;
use crate::scope::{Mode, ScopeId};
use crate::time::Time;
use crate::working_set::{Decision, WorkingSet};

/// Characters of the opaque `token`.
const OPAQUE_CHARACTERS: usize = 14;

/// A signed form on its way to a bank.
#[derive(Clone, Debug)]
pub struct UploadDraft {
    /// The authorisation order.
    pub order: OrderId,
    /// The cleaned picture, a JPEG.
    pub picture: Arc<[u8]>,
    /// SHA-256 of what was sent, hexadecimal.
    pub digest: String,
    /// `api` or `page`.
    pub channel: &'static str,
    /// The connector to NACH; `None` where there is none.
    pub rail: Option<Connector>,
}

/// A scan that was taken. Shown to nobody but the merchant's bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NachScan {
    /// The payment that registers its mandate.
    pub payment: PaymentId,
    /// Whose.
    pub scope: ScopeId,
    /// The cleaned picture, a JPEG.
    pub picture: Arc<[u8]>,
    /// SHA-256 of what was sent, hexadecimal.
    pub digest: String,
    /// How it came: `api` or `page`.
    pub channel: &'static str,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// Why an order takes no scan now; `None` where it does. Source: paper-nach 6.3, U3 to U7.
pub fn refusal(
    order: &Order,
    form: Option<&NachForm>,
    invoice: Option<&Invoice>,
    now: Time,
) -> Option<Rejection> {
    let Some(form) = form.filter(|_| order.has_nach_form) else {
        return Some(Rejection::NotPaperMandate);
    };
    if order.state == OrderState::Paid {
        return Some(Rejection::OrderPaid);
    }
    let waits = !order.open.is_empty();
    let state = invoice.map(|invoice| invoice.clone().as_of(now, waits).state);
    if let Some(closed @ (InvoiceState::Cancelled(_) | InvoiceState::Expired(_))) = state {
        return Some(Rejection::LinkClosed(closed.as_str()));
    }
    if form.ends_at <= now {
        return Some(Rejection::MandateDateOver);
    }
    order.open.first().map(|pending| Rejection::FormPending(*pending))
}

/// Takes a scan: payment, mandate, order, picture and instruction together.
///
/// Rejects, in this order: `NotFound`, what [`refusal`] says, `NoNachRail`.
pub fn upload(set: &mut WorkingSet, ctx: &mut Context, draft: &UploadDraft) -> Decision<Reply> {
    let order = own(ctx, set.order(&draft.order)?, |row| row.scope)?;
    let form = match order.has_nach_form {
        true => set.nach_form(&draft.order)?,
        false => None,
    };
    let invoice = match form.as_ref().and_then(|form| form.invoice) {
        Some(id) => set.invoice(&id)?,
        None => None,
    };
    let now = ctx.now.time;
    if let Some(refusal) = refusal(&order, form.as_deref(), invoice.as_deref(), now) {
        return Err(refusal.into());
    }
    let form = form.ok_or(Rejection::NotPaperMandate)?;
    let connector = draft.rail.clone().ok_or(Rejection::NoNachRail)?;
    let (payment, token) = (ctx.draw.id(), ctx.draw.id());
    let token = Arc::new(NachToken {
        id: token,
        scope: ctx.scope.id,
        customer: form.customer,
        order: order.id,
        payment,
        connector: connector.name.clone(),
        opaque: ctx.draw.alphanumerics(OPAQUE_CHARACTERS),
        account: form.account.clone(),
        state: NachState::Initiated,
        failure: None,
        max_amount: form.max_amount,
        ends_at: form.ends_at,
        used_at: now,
        created_at: now,
        umrn: None,
        trigger: word(ctx.scope.mode, &order, &form),
        is_deleted: false,
    });
    let description = match form.invoice {
        Some(id) => Some(format!("Invoice #{id}")),
        None => form.description.clone(),
    };
    let payment = Arc::new(Payment {
        id: payment,
        scope: ctx.scope.id,
        amount: Paise::ZERO,
        method: Method::Nach { bank: form.account.bank().to_owned() },
        state: PaymentState::Created,
        description,
        email: form.email.clone(),
        contact: form.contact.as_deref().map(e164),
        customer: Some(form.customer),
        notes: order.notes.clone(),
        bank_reference: None,
        virtual_account: None,
        qr_code: None,
        order: Some(order.id),
        invoice: form.invoice,
        mandate: Some(MandateUse {
            token: token.id,
            connector: connector.name.clone(),
            role: MandateRole::Registration,
            upi_transaction_id: None,
        }),
        created_at: now,
    });
    set.put_payment(payment.clone());
    set.put_nach_token(token.clone());
    set.put_order(Order::clone(&order).attempted().opened(payment.id));
    // A scan after a refusal starts anew. Source: paper-nach T6.
    let registration = Registration::Open;
    set.put_nach_form(NachForm { registration, ..NachForm::clone(&form) });
    set.append().scans.push(NachScan {
        payment: payment.id,
        scope: ctx.scope.id,
        picture: draft.picture.clone(),
        digest: draft.digest.clone(),
        channel: draft.channel,
        created_at: now,
    });
    let key = InstructionKey::Register(token.id);
    let instruction = Instruction::new(key, ctx.scope.id, payment.id, ctx.now.millis);
    filing::order(set, ctx, instruction, &connector.name, Paise::ZERO, connector.by_file);
    Ok(Reply::NachMandate(payment, token))
}

/// The sandbox's word in the notes of the order, or of its mandate. Live mode has none. Source:
/// sandbox 4.
fn word(mode: Mode, order: &Order, form: &NachForm) -> Option<String> {
    let mut notes = order.notes.iter().chain(&form.notes);
    let (_, word) = notes.find(|(key, _)| key == "sandbox")?;
    (mode == Mode::Test).then(|| word.clone())
}
