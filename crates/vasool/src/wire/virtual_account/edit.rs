//! Reads changes of a virtual account. Source: smart-collect 5.3 and 5.8.

use vasool_core::receiver::ReceiverKind;
use vasool_core::smart_collect::{ReceiversDraft, VirtualAccountEdit};

use super::create::{read_description, read_descriptor, read_instant, read_number};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::notes::read_changed_notes;

/// What may be changed.
pub const KEYS: &[&str] = &["close_by", "description", "notes", "status"];

/// What is fixed at creation, and named when it is sent. Source: smart-collect E30.
const FIXED: &[&str] = &[
    "customer_id",
    "receivers",
    "receiver_types",
    "allowed_payers",
    "amount_expected",
    "amount_paid",
];

/// Reads `PATCH /v1/virtual_accounts/:id`.
pub fn read_edit(fields: &Fields<'_>) -> Result<VirtualAccountEdit, ApiError> {
    let fixed: Vec<&str> = fields.keys().filter(|key| FIXED.contains(key)).collect();
    if !fixed.is_empty() {
        let text = format!("{} is/are not required and should not be sent", fixed.join(", "));
        return Err(ApiError::shape_n(text));
    }
    let close_by = read_instant(fields)?;
    let description = read_description(fields)?;
    let close = match fields.text("status")? {
        None => false,
        Some(word) if word == "closed" => true,
        Some(_) => return Err(ApiError::shape_i("status", "The selected status is invalid.")),
    };
    Ok(VirtualAccountEdit {
        close_by: fields.is_sent("close_by").then_some(close_by),
        description: fields.is_sent("description").then_some(description),
        notes: read_changed_notes(fields)?,
        close,
    })
}

/// Reads `POST /v1/virtual_accounts/:id/receivers`.
pub fn read_added_receivers(fields: &Fields<'_>) -> Result<ReceiversDraft, ApiError> {
    let invalid = || ApiError::shape_i("types", "The selected types is invalid.");
    let name = if fields.is_present("types") { "types" } else { "type" };
    let types = fields.list_of_text(name).map_err(|_| invalid())?.unwrap_or_default();
    if types.is_empty() {
        return Err(ApiError::shape_i("types", "The types field is required."));
    }
    let mut draft = ReceiversDraft::default();
    for word in &types {
        match ReceiverKind::parse(word) {
            Some(ReceiverKind::BankAccount) => {
                let bank = fields.object("bank_account")?;
                draft.bank_account = Some(read_number(bank.as_ref())?);
            }
            Some(ReceiverKind::Vpa) => {
                draft.vpa = Some(read_descriptor(fields.object("vpa")?.as_ref())?);
            }
            Some(ReceiverKind::QrCode) | None => return Err(invalid()),
        }
    }
    Ok(draft)
}
