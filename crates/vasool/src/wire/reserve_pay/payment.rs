//! Payments of a mandate as a merchant sends them: its approval, and its debits. Source:
//! reserve-pay 4, 9.

use serde::Serialize;
use vasool_core::customer::{Notes, e164};
use vasool_core::id::{CustomerId, OrderId, PaymentId, TokenId};
use vasool_core::money::Paise;
use vasool_core::payment::Payment;

use super::order::read_inr;
use crate::wire::coerce;
use crate::wire::customer::{check_contact, check_email};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::required_entity_id;
use crate::wire::notes::read_notes;
use crate::wire::out::Id;
use crate::wire::value::Value;
use crate::wire::virtual_account::raw;

const AMOUNT_MIN: i64 = 100;
/// Characters of a description. Source: reserve-pay 4.1.
const DESCRIPTION_MAX: usize = 2_048;

/// What may be sent to create a payment; the last ones are taken and not used. Source: reserve-pay
/// 4.1, 9.2.
pub const CREATE_KEYS: &[&str] = &[
    "amount",
    "currency",
    "order_id",
    "customer_id",
    "token",
    "method",
    "recurring",
    "upi",
    "contact",
    "email",
    "notes",
    "description",
    "ip",
    "referer",
    "user_agent",
    "save",
    "callback_url",
    "notification",
];

/// Who pays, and what the merchant notes about it.
pub struct Payer {
    /// As given.
    pub email: String,
    /// In E.164 form.
    pub contact: String,
    /// The merchant's notes.
    pub notes: Notes,
    /// As given.
    pub description: Option<String>,
}

/// A debit as a merchant wants it.
pub struct DebitRequest {
    /// What to take.
    pub amount: Paise,
    /// The order to pay.
    pub order: OrderId,
    /// Who gave the mandate.
    pub customer: CustomerId,
    /// The mandate.
    pub token: TokenId,
    /// Who pays.
    pub payer: Payer,
}

/// The order a payment names.
pub fn read_order_id(fields: &Fields<'_>) -> Result<OrderId, ApiError> {
    Ok(OrderId(raw(required_entity_id(fields, "order_id", OrderId::PREFIX)?)))
}

/// The checks of an authorisation between its order and its customer. `due`: the order's amount.
/// Source: reserve-pay 4.1.
pub fn read_authorisation_head(fields: &Fields<'_>, due: Paise) -> Result<CustomerId, ApiError> {
    if read_amount(fields)? != due {
        return Err(ApiError::order_amount_mismatch());
    }
    read_inr(fields)?;
    if fields.required_text("method")? != "upi" {
        return Err(ApiError::order_method_mismatch());
    }
    read_customer_id(fields)
}

/// The checks of an authorisation after its customer. Source: reserve-pay 4.1.
pub fn read_authorisation_tail(fields: &Fields<'_>) -> Result<Payer, ApiError> {
    read_recurring(fields)?;
    let upi = fields.object("upi")?;
    let flow = upi.and_then(|upi| upi.value("flow"));
    if !matches!(flow, Some(Value::Text(flow)) if flow == "intent") {
        return Err(ApiError::selected_invalid("upi.flow"));
    }
    read_payer(fields)
}

/// Reads a debit: check 1 of its list. Source: reserve-pay 9.3.
pub fn read_debit(fields: &Fields<'_>) -> Result<DebitRequest, ApiError> {
    let amount = read_amount(fields)?;
    read_inr(fields)?;
    let order = read_order_id(fields)?;
    let customer = read_customer_id(fields)?;
    let token = TokenId(raw(required_entity_id(fields, "token", TokenId::PREFIX)?));
    read_recurring(fields)?;
    let payer = read_payer(fields)?;
    if fields.text("method")?.is_some_and(|method| method != "upi") {
        return Err(ApiError::order_method_mismatch());
    }
    Ok(DebitRequest { amount, order, customer, token, payer })
}

fn read_amount(fields: &Fields<'_>) -> Result<Paise, ApiError> {
    let amount = fields.required_integer("amount")?;
    let amount = Paise::new(amount).filter(|_| amount >= AMOUNT_MIN);
    amount.ok_or_else(ApiError::amount_too_small)
}

fn read_customer_id(fields: &Fields<'_>) -> Result<CustomerId, ApiError> {
    Ok(CustomerId(raw(required_entity_id(fields, "customer_id", CustomerId::PREFIX)?)))
}

/// True in any of its spellings, of which `preferred` is one. Source: reserve-pay 1.
fn read_recurring(fields: &Fields<'_>) -> Result<(), ApiError> {
    let name = "recurring";
    let is_preferred = fields
        .value(name)
        .is_some_and(|value| coerce::text(value).is_some_and(|word| word == "preferred"));
    match is_preferred || fields.boolean(name)?.unwrap_or(false) {
        true => Ok(()),
        false => Err(ApiError::field_required(name)),
    }
}

/// E-mail, contact, description and notes of a payment, in this order.
pub fn read_payer(fields: &Fields<'_>) -> Result<Payer, ApiError> {
    let email = fields.required_text("email")?;
    check_email(&email)?;
    let contact = fields.required_text("contact")?;
    check_contact(&contact)?;
    let description = read_description(fields)?;
    Ok(Payer {
        email: email.into_owned(),
        contact: e164(&contact),
        notes: read_notes(fields)?,
        description,
    })
}

/// What a payment is for. Source: reserve-pay 4.1.
pub fn read_description(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    let description = fields.text("description")?.map(|text| text.into_owned());
    if description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
        return Err(ApiError::too_long("description", DESCRIPTION_MAX));
    }
    Ok(description)
}

/// What a payment that waits for somebody answers. Source: reserve-pay 4.1, 9.2.
#[derive(Serialize)]
pub struct PendingOut {
    razorpay_payment_id: Id<PaymentId>,
    next: Vec<NextOut>,
}

#[derive(Serialize)]
struct NextOut {
    action: &'static str,
    url: String,
}

impl PendingOut {
    /// To be polled; the link first where the payer has to act.
    pub fn of(payment: PaymentId, link: Option<String>, public_url: &str) -> PendingOut {
        let intent = link.map(|url| NextOut { action: "intent", url });
        let poll = NextOut { action: "poll", url: format!("{public_url}/v1/payments/{payment}") };
        let next = intent.into_iter().chain([poll]).collect();
        PendingOut { razorpay_payment_id: Id(payment), next }
    }
}

/// What `create/upi` answers. Source: reserve-pay 4.2.
#[derive(Serialize)]
pub struct LinkOut {
    /// The approval.
    pub razorpay_payment_id: Id<PaymentId>,
    /// What the payer's app opens.
    pub link: String,
}

/// What a debit that reached the merchant answers. Source: reserve-pay 9.2.
#[derive(Serialize)]
pub struct SignedOut {
    razorpay_payment_id: Id<PaymentId>,
    razorpay_order_id: Option<Id<OrderId>>,
    razorpay_signature: String,
}

impl SignedOut {
    /// With the signature that `sign` makes. Source: common 11.
    pub fn of(payment: &Payment, sign: impl FnOnce(&str) -> String) -> SignedOut {
        let order = payment.order;
        let message =
            format!("{}|{}", order.map(|id| id.to_string()).unwrap_or_default(), payment.id);
        SignedOut {
            razorpay_payment_id: Id(payment.id),
            razorpay_order_id: order.map(Id),
            razorpay_signature: sign(&message),
        }
    }
}
