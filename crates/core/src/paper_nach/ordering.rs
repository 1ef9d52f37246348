//! The form that an order for a mandate on paper gets. Source: paper-nach 4, 5.1.

use crate::apply::Context;
use crate::calendar::plus_years;
use crate::customer::{Customer, Notes};
use crate::id::InvoiceId;
use crate::money::Paise;
use crate::nach_form::{NachAccount, NachForm, Registration};
use crate::order::Order;
use crate::short_link::{LinkTarget, ShortLink};
use crate::time::Time;
use crate::working_set::WorkingSet;

/// The latest end a merchant may ask for. Source: paper-nach 4.2.
pub const END_MAX: i64 = 4_102_444_799;
/// The latest end that orders show. Source: paper-nach 4.4.
const SHOWN_END_MAX: i64 = 2_147_483_647;

/// How long a mandate lasts whose end nobody gave, calendar years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandateYears {
    /// Of an order. Source: paper-nach 4.4.
    Thirty,
    /// Of a registration link. Source: paper-nach 9.1.
    Ten,
}

/// A mandate to ask for; its fields were checked when they were read.
#[derive(Clone, Debug)]
pub struct NachFormDraft {
    /// See [`NachForm::account`].
    pub account: NachAccount,
    /// See [`NachForm::max_amount`].
    pub max_amount: Paise,
    /// When it ends, if the merchant says.
    pub ends_at: Option<Time>,
    /// How long otherwise; a link shows its end always.
    pub years: MandateYears,
    /// See [`NachForm::first_payment`].
    pub first_payment: Paise,
    /// See [`NachForm::reference1`].
    pub reference1: Option<String>,
    /// See [`NachForm::reference1`].
    pub reference2: Option<String>,
    /// See [`NachForm::reference1`].
    pub description: Option<String>,
    /// See [`NachForm::notes`].
    pub notes: Notes,
}

/// Makes the form of an order, and its short URLs. On a link the form has one code.
pub(crate) fn make_form(
    set: &mut WorkingSet,
    ctx: &mut Context,
    order: &Order,
    customer: &Customer,
    draft: &NachFormDraft,
    invoice: Option<InvoiceId>,
) -> NachForm {
    let mut code = |target| {
        let link = ShortLink::draw(ctx, target);
        let code = link.code.clone();
        set.append().links.push(link);
        code
    };
    let form_code = code(LinkTarget::NachForm(order.id));
    let transient_code = match invoice {
        Some(_) => form_code.clone(),
        None => code(LinkTarget::NachForm(order.id)),
    };
    let upload_code = code(LinkTarget::NachUpload(order.id));
    let (years, is_link) = match draft.years {
        MandateYears::Thirty => (30, false),
        MandateYears::Ten => (10, true),
    };
    let ends_at = draft.ends_at.unwrap_or_else(|| plus_years(order.created_at, years));
    let shown_end = match is_link {
        true => Some(ends_at),
        false => draft.ends_at.filter(|at| at.0 <= SHOWN_END_MAX),
    };
    let form = NachForm {
        order: order.id,
        scope: order.scope,
        customer: customer.id,
        invoice,
        account: draft.account.clone(),
        email: customer.email.clone(),
        contact: customer.contact.clone(),
        max_amount: draft.max_amount,
        shown_end,
        ends_at,
        has_end: draft.ends_at.is_some(),
        first_payment: draft.first_payment,
        reference1: draft.reference1.clone(),
        reference2: draft.reference2.clone(),
        description: draft.description.clone(),
        notes: draft.notes.clone(),
        form_code,
        transient_code,
        upload_code,
        registration: Registration::Open,
        created_at: order.created_at,
    };
    set.put_nach_form(form.clone());
    form
}
