//! Orders on the wire. Source: common 7.

use serde::Serialize;
use vasool_core::id::{CustomerId, OrderId};
use vasool_core::money::Paise;
use vasool_core::order::{CapturePlan, MANUAL_EXPIRY_MINUTES, Order, PartialPayment};
use vasool_core::orders::OrderDraft;
use vasool_core::settings::Settings;

use super::error::ApiError;
use super::fields::Fields;
use super::ids::entity_id;
use super::notes::read_notes;
use super::out::{Collection, Id, NotesOut};
use super::payment::PaymentOut;
use super::virtual_account::{VirtualAccountOut, raw};

/// What `expand[]` may name on orders. Source: common 4.2.
pub const EXPAND: &[&str] =
    &["payments", "payments.card", "virtual_account", "offers", "transfers"];
/// Characters of a receipt. Source: common 7.3.
const RECEIPT_MAX: usize = 40;
/// Minutes an expiry may be set to. Source: common 7.3.
const EXPIRY_MINUTES: (i64, i64) = (12, 7_200);
const AMOUNT_MIN: i64 = 100;

/// The order entity. Source: common 7.1.
#[derive(Serialize)]
pub struct OrderOut<'a> {
    id: Id<OrderId>,
    entity: &'static str,
    amount: i64,
    amount_paid: i64,
    amount_due: i64,
    currency: &'static str,
    receipt: Option<&'a str>,
    offer_id: Option<()>,
    status: &'static str,
    attempts: i64,
    notes: NotesOut<'a>,
    created_at: i64,
}

/// An order with what `expand[]` asked for. Source: common 4.2.
#[derive(Serialize)]
pub struct ExpandedOrderOut<'a> {
    #[serde(flatten)]
    order: OrderOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<Collection<PaymentOut<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account: Option<Option<VirtualAccountOut<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<Collection<()>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfers: Option<Collection<()>>,
}

impl<'a> ExpandedOrderOut<'a> {
    /// The order; payments and account where they were asked for.
    pub fn of(
        row: &'a Order,
        payments: Option<Vec<PaymentOut<'a>>>,
        virtual_account: Option<Option<VirtualAccountOut<'a>>>,
        expand: &[&str],
    ) -> ExpandedOrderOut<'a> {
        let empty = |name| expand.contains(&name).then(|| Collection::of(vec![]));
        ExpandedOrderOut {
            order: OrderOut::from(row),
            payments: payments.map(Collection::of),
            virtual_account,
            offers: empty("offers"),
            transfers: empty("transfers"),
        }
    }
}

/// What may be sent to create an order. Source: common 7.3.
pub const CREATE_KEYS: &[&str] = &[
    "amount",
    "currency",
    "receipt",
    "unique_receipt",
    "notes",
    "partial_payment",
    "first_payment_min_amount",
    "payment_capture",
    "payment",
    "customer_id",
    "method",
    "token",
    "bank_account",
    "notification",
    "products",
];

/// Reads `POST /v1/orders`. Source: common 7.3.
pub fn read_create(fields: &Fields<'_>, settings: &Settings) -> Result<OrderDraft, ApiError> {
    let amount = read_amount(fields, settings)?;
    read_currency(fields)?;
    let receipt = read_receipt(fields)?;
    let notes = read_notes(fields)?;
    let partial_payment = read_partial_payment(fields, amount)?;
    let capture = read_capture(fields, settings)?;
    let customer = entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    Ok(OrderDraft {
        amount,
        receipt,
        has_unique_receipt: fields.boolean("unique_receipt")?.unwrap_or(false)
            || settings.unique_receipts,
        partial_payment,
        capture,
        customer: customer.map(|rest| CustomerId(raw(rest))),
        mandate: None,
        notes,
    })
}

/// The merchant's reference, at most 40 characters. Source: common 7.3.
pub fn read_receipt(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    let receipt = fields.text("receipt")?;
    if receipt.as_ref().is_some_and(|text| text.chars().count() > RECEIPT_MAX) {
        return Err(ApiError::receipt_too_long());
    }
    Ok(receipt.map(|text| text.into_owned()))
}

fn read_amount(fields: &Fields<'_>, settings: &Settings) -> Result<Paise, ApiError> {
    let amount = fields.required_integer("amount")?;
    if amount < AMOUNT_MIN {
        return Err(ApiError::amount_too_small());
    }
    Paise::new(amount)
        .filter(|_| amount <= settings.amount_limit)
        .ok_or_else(ApiError::amount_too_large)
}

fn read_currency(fields: &Fields<'_>) -> Result<(), ApiError> {
    match &*fields.required_text("currency")? {
        "INR" => Ok(()),
        _ => Err(ApiError::invalid_currency()),
    }
}

fn read_partial_payment(fields: &Fields<'_>, amount: Paise) -> Result<PartialPayment, ApiError> {
    let name = "first_payment_min_amount";
    let is_partial = fields.boolean("partial_payment")?.unwrap_or(false);
    let first = fields.integer(name)?.unwrap_or(0);
    let refuse = |text: &'static str| ApiError::invalid_field(name, text);
    if first < 0 {
        return Err(refuse("first_payment_min_amount should be greater than or equal to 0."));
    }
    let first = Paise::new(first).filter(|first| *first <= amount);
    let first =
        first.ok_or_else(|| refuse("first_payment_min_amount should not exceed amount."))?;
    Ok(if is_partial { PartialPayment::Allowed { first } } else { PartialPayment::Refused })
}

/// `payment.capture` beats `payment_capture`, which beats the account's setting.
fn read_capture(fields: &Fields<'_>, settings: &Settings) -> Result<CapturePlan, ApiError> {
    let flag = fields.boolean("payment_capture")?;
    let payment = fields.object("payment")?;
    let word = match &payment {
        Some(payment) => payment.choice("capture", &["automatic", "manual"])?,
        None => None,
    };
    let options = payment.as_ref().map(|payment| payment.object("capture_options")).transpose()?;
    let mut plan = CapturePlan {
        is_automatic: match word {
            Some(word) => word == "automatic",
            None => flag.unwrap_or(settings.payment_capture),
        },
        ..CapturePlan::default()
    };
    if let Some(options) = options.flatten() {
        let options = options.with_last_names();
        let most = EXPIRY_MINUTES.1;
        let within = |name: &str, least: i64| match options.integer(name)? {
            Some(minutes) if minutes < least => {
                Err(options.refuse(name, |name| ApiError::must_be_at_least(name, least)))
            }
            Some(minutes) if minutes > most => {
                Err(options.refuse(name, |name| ApiError::may_not_exceed(name, most)))
            }
            minutes => Ok(minutes),
        };
        let automatic = within("automatic_expiry_period", EXPIRY_MINUTES.0)?;
        let least = automatic.unwrap_or(EXPIRY_MINUTES.0);
        plan.manual_expiry_minutes = within("manual_expiry_period", least)?
            .unwrap_or_else(|| MANUAL_EXPIRY_MINUTES.max(least));
        let speed = options.choice("refund_speed", &["normal", "optimum"])?;
        plan.refunds_optimum = speed == Some("optimum");
    }
    Ok(plan)
}

impl<'a> From<&'a Order> for OrderOut<'a> {
    fn from(row: &'a Order) -> Self {
        OrderOut {
            id: Id(row.id),
            entity: "order",
            amount: row.amount.get(),
            amount_paid: row.amount_paid.get(),
            amount_due: row.amount_due().get(),
            currency: "INR",
            receipt: row.receipt.as_deref(),
            offer_id: None,
            status: row.state.as_str(),
            attempts: row.attempts,
            notes: NotesOut(&row.notes),
            created_at: row.created_at.0,
        }
    }
}
