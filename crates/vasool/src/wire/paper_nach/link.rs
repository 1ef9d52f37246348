//! Registration links. Source: paper-nach 9, 10.

use serde::Serialize;
use vasool_core::customer::CustomerDraft;
use vasool_core::id::{CustomerId, InvoiceId, OrderId, PaymentId};
use vasool_core::invoice::{Invoice, InvoiceState};
use vasool_core::nach_form::NachForm;
use vasool_core::paper_nach::{END_MAX, LinkCustomer, LinkDraft, Medium};
use vasool_core::time::Time;

use super::form::{BlockOut, Within, read_block, short_url};
use super::order::read_nothing;
use crate::wire::customer::{check_contact, check_email, check_name};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::entity_id;
use crate::wire::notes::read_notes;
use crate::wire::order::read_receipt;
use crate::wire::out::{Id, NotesOut};
use crate::wire::virtual_account::raw;

/// Characters of a description.
const DESCRIPTION_MAX: usize = 2_048;

/// What may be sent to make a link.
pub const KEYS: &[&str] = &[
    "customer",
    "customer_id",
    "type",
    "amount",
    "currency",
    "description",
    "subscription_registration",
    "sms_notify",
    "email_notify",
    "expire_by",
    "receipt",
    "notes",
];

/// Reads `POST /v1/subscription_registration/auth_links` in the order of its table. `now`: the
/// merchant's; `base`: of short URLs.
pub fn read_link(fields: &Fields<'_>, now: Time, base: &str) -> Result<LinkDraft, ApiError> {
    read_link_for(read_customer(fields)?, fields, now, base)
}

/// The checks of [`read_link`] after its customer.
pub fn read_link_for(
    customer: LinkCustomer,
    fields: &Fields<'_>,
    now: Time,
    base: &str,
) -> Result<LinkDraft, ApiError> {
    fields.required_choice("type", &["link"])?;
    read_nothing(fields)?;
    let description = fields.required_text("description")?.into_owned();
    if description.chars().count() > DESCRIPTION_MAX {
        return Err(ApiError::too_long("description", DESCRIPTION_MAX));
    }
    let registration = fields.required_object("subscription_registration")?.with_last_names();
    if registration.required_text("method")? != "nach" {
        return Err(registration.refuse("method", ApiError::selected_invalid));
    }
    let mut form = read_block(&registration, Within::Link, now)?;
    let sms = fields.boolean("sms_notify")?.unwrap_or(true);
    let email = fields.boolean("email_notify")?.unwrap_or(true);
    let expire_by = fields.time("expire_by")?;
    if expire_by.is_some_and(|at| at > END_MAX) {
        let text = "expire_by should not be greater than 4102444799";
        return Err(ApiError::invalid_field("expire_by", text));
    }
    let receipt = read_receipt(fields)?;
    let notes = read_notes(fields)?;
    form.notes.clone_from(&notes);
    form.description = form.description.or_else(|| Some(description.clone()));
    Ok(LinkDraft {
        customer,
        form,
        receipt,
        description,
        notes,
        expire_by: expire_by.map(Time),
        sms,
        email,
        base: base.to_owned(),
    })
}

fn read_customer(fields: &Fields<'_>) -> Result<LinkCustomer, ApiError> {
    let Some(customer) = fields.object("customer")? else {
        let known = entity_id(fields, "customer_id", CustomerId::PREFIX)?;
        let missing = || ApiError::invalid_field("customer", "customer is required.");
        return Ok(LinkCustomer::Known(CustomerId(raw(known.ok_or_else(missing)?))));
    };
    let customer = customer.with_last_names();
    let read = |name, check: fn(&str) -> Result<(), ApiError>| {
        let text = customer.required_text(name)?;
        check(&text).map(|()| Some(text.into_owned()))
    };
    Ok(LinkCustomer::Described(CustomerDraft {
        name: read("name", check_name)?,
        email: read("email", check_email)?,
        contact: read("contact", check_contact)?,
        gstin: None,
        notes: vec![],
    }))
}

/// A link must be open for a while. Source: paper-nach 9.1.
pub fn link_expires_too_soon() -> ApiError {
    let text = "expire_by should be at least 15 minutes after current time";
    ApiError::invalid_field("expire_by", text)
}

/// Reads the last part of `…/notify_by/:medium`. Source: paper-nach 10.2.
pub fn read_medium(word: &str) -> Result<Medium, ApiError> {
    match word {
        "sms" => Ok(Medium::Sms),
        "email" => Ok(Medium::Email),
        other => {
            let text = format!("{other} is not a valid communication medium");
            Err(ApiError::invalid(text))
        }
    }
}

/// A registration link, keys in the order of the sample. Source: paper-nach 9.2.
#[derive(Serialize)]
pub struct InvoiceOut<'a> {
    id: Id<InvoiceId>,
    entity: &'static str,
    receipt: Option<&'a str>,
    invoice_number: Option<&'a str>,
    customer_id: Id<CustomerId>,
    customer_details: CustomerOut<'a>,
    order_id: Id<OrderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_items: Option<[(); 0]>,
    payment_id: Option<Id<PaymentId>>,
    status: &'static str,
    expire_by: Option<i64>,
    issued_at: i64,
    paid_at: Option<i64>,
    cancelled_at: Option<i64>,
    expired_at: Option<i64>,
    sms_status: Option<&'static str>,
    email_status: Option<&'static str>,
    date: i64,
    terms: Option<()>,
    partial_payment: bool,
    gross_amount: i64,
    tax_amount: i64,
    taxable_amount: i64,
    amount: i64,
    amount_paid: i64,
    amount_due: i64,
    first_payment_min_amount: Option<()>,
    currency: &'static str,
    currency_symbol: &'static str,
    description: &'a str,
    notes: NotesOut<'a>,
    comment: Option<()>,
    short_url: String,
    view_less: bool,
    billing_start: Option<()>,
    billing_end: Option<()>,
    #[serde(rename = "type")]
    kind: &'static str,
    group_taxes_discounts: bool,
    supply_state_code: Option<()>,
    subscription_status: Option<()>,
    user_id: Option<()>,
    created_at: i64,
    idempotency_key: Option<()>,
    reminder_status: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_link_status: Option<&'static str>,
    token: BlockOut<'a>,
    nach_form_url: String,
}

#[derive(Serialize)]
struct CustomerOut<'a> {
    id: Id<CustomerId>,
    name: Option<&'a str>,
    email: Option<&'a str>,
    contact: Option<&'a str>,
    gstin: Option<&'a str>,
    billing_address: Option<()>,
    shipping_address: Option<()>,
    customer_name: Option<&'a str>,
    customer_email: Option<&'a str>,
    customer_contact: Option<&'a str>,
}

impl<'a> InvoiceOut<'a> {
    /// As the API answers it.
    pub fn of(row: &'a Invoice, form: &'a NachForm, public_url: &str) -> InvoiceOut<'a> {
        let sent = |sent: bool| sent.then_some("sent");
        let (name, email) = (row.name.as_deref(), row.email.as_deref());
        let contact = row.contact.as_deref();
        let mut out = InvoiceOut {
            id: Id(row.id),
            entity: "invoice",
            receipt: row.receipt.as_deref(),
            invoice_number: row.receipt.as_deref(),
            customer_id: Id(row.customer),
            customer_details: CustomerOut {
                id: Id(row.customer),
                name,
                email,
                contact,
                gstin: row.gstin.as_deref(),
                billing_address: None,
                shipping_address: None,
                customer_name: name,
                customer_email: email,
                customer_contact: contact,
            },
            order_id: Id(row.order),
            line_items: Some([]),
            payment_id: None,
            status: row.state.as_str(),
            expire_by: row.expire_by.map(|at| at.0),
            issued_at: row.created_at.0,
            paid_at: None,
            cancelled_at: None,
            expired_at: None,
            sms_status: sent(row.sms_sent),
            email_status: sent(row.email_sent),
            date: row.created_at.0,
            terms: None,
            partial_payment: false,
            gross_amount: 0,
            tax_amount: 0,
            taxable_amount: 0,
            amount: 0,
            amount_paid: 0,
            amount_due: 0,
            first_payment_min_amount: None,
            currency: "INR",
            currency_symbol: "₹",
            description: &row.description,
            notes: NotesOut(&row.notes),
            comment: None,
            short_url: short_url(public_url, &row.code),
            view_less: true,
            billing_start: None,
            billing_end: None,
            kind: "link",
            group_taxes_discounts: false,
            supply_state_code: None,
            subscription_status: None,
            user_id: None,
            created_at: row.created_at.0,
            idempotency_key: None,
            reminder_status: None,
            auth_link_status: Some(row.state.as_str()),
            token: BlockOut::of(form, public_url),
            nach_form_url: short_url(public_url, &form.form_code),
        };
        match row.state {
            InvoiceState::Issued => {}
            InvoiceState::Paid { at, payment } => {
                (out.paid_at, out.payment_id) = (Some(at.0), Some(Id(payment)));
            }
            InvoiceState::Cancelled(at) => out.cancelled_at = Some(at.0),
            InvoiceState::Expired(at) => out.expired_at = Some(at.0),
        }
        out
    }

    /// As an event shows it. Source: paper-nach 15.
    pub fn in_webhook(row: &'a Invoice, form: &'a NachForm, public_url: &str) -> InvoiceOut<'a> {
        let token = BlockOut::in_webhook(form, public_url);
        let out = InvoiceOut::of(row, form, public_url);
        InvoiceOut { line_items: None, auth_link_status: None, token, ..out }
    }
}
