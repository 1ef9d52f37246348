//! Orders for a mandate on paper. Source: paper-nach 4.

use serde::Serialize;
use vasool_core::id::CustomerId;
use vasool_core::money::Paise;
use vasool_core::nach_form::NachForm;
use vasool_core::order::{CapturePlan, Order, PartialPayment};
use vasool_core::orders::OrderDraft;
use vasool_core::settings::Settings;
use vasool_core::time::Time;

use super::form::{BlockOut, Within, read_block};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::required_entity_id;
use crate::wire::notes::read_notes;
use crate::wire::order::{OrderOut, read_receipt};
use crate::wire::out::Collection;
use crate::wire::payment::PaymentOut;
use crate::wire::virtual_account::raw;

/// Whether an order wants a mandate of NACH.
pub fn is_for_nach(fields: &Fields<'_>) -> bool {
    matches!(fields.text("method"), Ok(Some(method)) if method == "nach")
}

/// The first checks: what must be there, amount, currency, and the spelling of the customer's id.
/// Whether there is such a customer comes next, before [`read_terms`]. Source: paper-nach 4.2.
pub fn read_head(fields: &Fields<'_>) -> Result<CustomerId, ApiError> {
    for name in ["amount", "currency", "customer_id", "token"] {
        if !fields.is_present(name) {
            return Err(fields.refuse(name, ApiError::field_required));
        }
    }
    read_nothing(fields)?;
    Ok(CustomerId(raw(required_entity_id(fields, "customer_id", CustomerId::PREFIX)?)))
}

/// An amount of nothing, in rupees.
pub fn read_nothing(fields: &Fields<'_>) -> Result<(), ApiError> {
    if fields.required_integer("amount")? != 0 {
        return Err(ApiError::invalid_field("amount", "The amount should be 0."));
    }
    read_inr(fields)
}

/// `INR` and nothing else, with the text of NACH. Source: decisions 28.
pub fn read_inr(fields: &Fields<'_>) -> Result<(), ApiError> {
    match &*fields.required_text("currency")? {
        "INR" => Ok(()),
        _ => {
            let text = "The currency should be INR when method is nach";
            Err(ApiError::invalid_field("currency", text))
        }
    }
}

/// The checks after [`read_head`]. `now`: the merchant's.
pub fn read_terms(
    fields: &Fields<'_>,
    settings: &Settings,
    now: Time,
    customer: CustomerId,
) -> Result<OrderDraft, ApiError> {
    let receipt = read_receipt(fields)?;
    let notes = read_notes(fields)?;
    let token = fields.required_object("token")?.with_last_names();
    Ok(OrderDraft {
        amount: Paise::ZERO,
        receipt,
        has_unique_receipt: fields.boolean("unique_receipt")?.unwrap_or(false)
            || settings.unique_receipts,
        partial_payment: PartialPayment::Refused,
        // A payment of nothing is captured whatever the merchant says. Source: paper-nach T4.
        capture: CapturePlan::default(),
        customer: Some(customer),
        mandate: None,
        nach: Some(Box::new(read_block(&token, Within::Order, now)?)),
        notes,
    })
}

/// An order for a mandate on paper, keys in the order of the sample.
#[derive(Serialize)]
pub struct NachOrderOut<'a> {
    #[serde(flatten)]
    order: OrderOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<Collection<PaymentOut<'a>>>,
    offers: Collection<()>,
    token: BlockOut<'a>,
}

impl<'a> NachOrderOut<'a> {
    /// As it is answered; with its payments where they are asked for, and none when it is new.
    pub fn of(
        order: &'a Order,
        form: &'a NachForm,
        payments: Option<Vec<PaymentOut<'a>>>,
        public_url: &str,
    ) -> NachOrderOut<'a> {
        NachOrderOut {
            order: OrderOut::from(order),
            payments: payments.map(Collection::of),
            offers: Collection::of(vec![]),
            token: BlockOut::of(form, public_url),
        }
    }

    /// As an event shows it. Source: paper-nach 15.
    pub fn in_webhook(order: &'a Order, form: &'a NachForm, public_url: &str) -> NachOrderOut<'a> {
        let token = BlockOut::in_webhook(form, public_url);
        NachOrderOut { token, ..NachOrderOut::of(order, form, None, public_url) }
    }
}
