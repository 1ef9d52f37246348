//! A row of a file of debits: an order, and the call `create/recurring`. Source: paper-nach 12, 14.

use vasool_core::id::{CustomerId, TokenId};
use vasool_core::paper_nach::NewChargeDraft;

use super::columns::Row;
use super::link_row::notes;
use super::task::{RowContext, object, text};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::required_entity_id;
use crate::wire::order::read_create;
use crate::wire::paper_nach::order::read_inr;
use crate::wire::reserve_pay::payment::read_description;
use crate::wire::virtual_account::raw;

/// Reads a row with the rules and texts of the two calls: those of the debit first.
pub fn read(context: &RowContext<'_>, row: Row<'_>) -> Result<NewChargeDraft, ApiError> {
    let body = object([
        ("token", text(row.cell("token"))),
        ("customer_id", text(row.cell("customer_id"))),
        ("amount", text(row.cell("amount"))),
        ("currency", text(row.cell("currency"))),
        ("receipt", text(row.cell("receipt"))),
        ("description", text(row.cell("description"))),
        ("notes", notes(row)),
    ]);
    let fields = Fields::of_body(&body);
    for name in ["token", "customer_id", "amount", "currency"] {
        fields.required_text(name)?;
    }
    fields.required_integer("amount").map_err(|error| error.with_reason("invalid_amount"))?;
    read_inr(&fields).map_err(|error| error.with_reason("invalid_currency"))?;
    let token = TokenId(raw(required_entity_id(&fields, "token", TokenId::PREFIX)?));
    let customer = CustomerId(raw(required_entity_id(&fields, "customer_id", CustomerId::PREFIX)?));
    let order = read_create(&fields, context.settings).map_err(|error| {
        if error == ApiError::amount_too_large() { above_maximum() } else { error }
    })?;
    Ok(NewChargeDraft {
        order,
        customer,
        token,
        description: read_description(&fields)?,
        rails: context.rails.clone(),
    })
}

/// More than the mandate gives, or an order may have: a batch has a text of its own.
pub fn above_maximum() -> ApiError {
    ApiError::invalid_field("amount", "Payment amount exceeds the maximum amount allowed.")
}

#[cfg(test)]
#[path = "debit_row_tests.rs"]
mod tests;
