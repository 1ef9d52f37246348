//! Debits of mandates on paper. Source: paper-nach 12.2.

use serde::Serialize;
use vasool_core::id::{CustomerId, OrderId, PaymentId, TokenId};
use vasool_core::money::Paise;

use super::order::read_inr;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::required_entity_id;
use crate::wire::out::Id;
use crate::wire::reserve_pay::payment::{Payer, read_payer};
use crate::wire::virtual_account::raw;

/// A debit as a merchant wants it.
pub struct ChargeRequest {
    /// What to take.
    pub amount: Paise,
    /// The order to pay.
    pub order: OrderId,
    /// Who signed the mandate.
    pub customer: CustomerId,
    /// The mandate.
    pub token: TokenId,
    /// Who pays.
    pub payer: Payer,
}

/// Reads `POST /v1/payments/create/recurring` for a mandate on paper: R1 to R4.
pub fn read_charge(fields: &Fields<'_>) -> Result<ChargeRequest, ApiError> {
    let mandatory =
        ["email", "contact", "amount", "currency", "order_id", "customer_id", "token", "recurring"];
    for name in mandatory {
        if !fields.is_present(name) {
            return Err(fields.refuse(name, ApiError::field_required));
        }
    }
    let amount = fields.required_integer("amount");
    let amount = amount.map_err(|error| error.with_reason("invalid_amount"))?;
    let recurring = fields.boolean("recurring");
    if !matches!(recurring, Ok(Some(true))) {
        return Err(fields.refuse("recurring", ApiError::selected_invalid));
    }
    read_inr(fields).map_err(|error| error.with_reason("invalid_currency"))?;
    Ok(ChargeRequest {
        order: OrderId(raw(required_entity_id(fields, "order_id", OrderId::PREFIX)?)),
        customer: CustomerId(raw(required_entity_id(fields, "customer_id", CustomerId::PREFIX)?)),
        token: TokenId(raw(required_entity_id(fields, "token", TokenId::PREFIX)?)),
        // No order has such an amount, which the rules find in their place.
        amount: Paise::new(amount).unwrap_or(Paise::ZERO),
        payer: read_payer(fields)?,
    })
}

/// What an upload or a debit answers. Source: paper-nach 6.1, 12.2.
#[derive(Serialize)]
pub struct TakenOut {
    razorpay_payment_id: Id<PaymentId>,
    razorpay_order_id: Id<OrderId>,
    razorpay_signature: String,
}

impl TakenOut {
    /// With the signature that `sign` makes. Source: common 11.
    pub fn of(payment: PaymentId, order: OrderId, sign: impl FnOnce(&str) -> String) -> TakenOut {
        TakenOut {
            razorpay_payment_id: Id(payment),
            razorpay_order_id: Id(order),
            razorpay_signature: sign(&format!("{order}|{payment}")),
        }
    }
}
