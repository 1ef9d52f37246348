//! Reads allowed payers, and says what is wrong with them. Source: smart-collect 5.1, 5.9, 6.

use vasool_core::settings::is_ifsc;
use vasool_core::smart_collect::{PAYERS_MAX, PayerDraft, VirtualAccountDraft};

use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::value::Value;

/// Characters of an account number, least and most. Source: smart-collect 5.1.
const ACCOUNT_NUMBER: std::ops::RangeInclusive<usize> = 5..=35;
const INVALID: &str = "input_validation_failed";

/// Reads `allowed_payers` of a new account.
pub(super) fn read_payers(
    fields: &Fields<'_>,
    draft: &mut VirtualAccountDraft,
) -> Result<(), ApiError> {
    let Some(list) = fields.list_of_objects("allowed_payers")? else { return Ok(()) };
    if list.is_empty() {
        return Ok(());
    }
    if draft.receivers.vpa.is_some() || draft.receivers.qr_code.is_some() {
        return Err(needs_bank_account());
    }
    if list.len() > PAYERS_MAX {
        return Err(too_many_payers());
    }
    draft.allowed_payers = list.iter().map(read_payer).collect::<Result<_, _>>()?;
    Ok(())
}

/// Reads one allowed payer.
pub fn read_payer(fields: &Fields<'_>) -> Result<PayerDraft, ApiError> {
    let name = if fields.is_present("type") { "type" } else { "types" };
    let wrong_type = || ApiError::shape_b("type", "The selected type is invalid.", INVALID);
    let kind = fields.list_of_text(name).map_err(|_| wrong_type())?.unwrap_or_default();
    match kind.as_slice() {
        [] => return Err(ApiError::shape_b("type", "The type field is required.", INVALID)),
        [word] if word == "bank_account" => {}
        _ => return Err(wrong_type()),
    }
    let missing = |field: &'static str, text: &'static str| ApiError::shape_b(field, text, INVALID);
    let bank = fields.object("bank_account").map_err(ApiError::into_shape_b)?;
    let bank =
        bank.ok_or_else(|| missing("bank_account", "The bank account field is required."))?;
    let (ifsc, number) = ("bank_account.ifsc", "bank_account.account_number");
    let given = bank.text("ifsc").map_err(ApiError::into_shape_b)?;
    let given = given.map(|text| text.trim().to_ascii_uppercase()).unwrap_or_default();
    if given.is_empty() {
        let text = "The bank account.ifsc field is required when bank account is present";
        return Err(missing(ifsc, text));
    }
    if given.chars().count() != 11 {
        return Err(missing(ifsc, "The ifsc must be 11 characters."));
    }
    if !is_ifsc(&given) {
        return Err(missing(ifsc, "Invalid IFSC"));
    }
    // An integer of any size, but nothing that must be unfolded (smart-collect 1.2).
    if let Some(Value::Number(literal)) = bank.value("account_number")
        && !literal.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(missing(number, "The account number format is invalid."));
    }
    let Some(account) = bank.text("account_number").map_err(ApiError::into_shape_b)? else {
        let text =
            "The bank account.account number field is required when bank account is present.";
        return Err(missing(number, text));
    };
    let is_number = ACCOUNT_NUMBER.contains(&account.len())
        && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_number {
        return Err(missing(number, "The account number format is invalid."));
    }
    Ok(PayerDraft { ifsc: given, account_number: account.into_owned() })
}

/// Allowed payers beside a UPI address or a QR code. Source: smart-collect E19.
pub fn needs_bank_account() -> ApiError {
    ApiError::shape_b(
        "receivers",
        "Account validation is only applicable on bank account as a receiver type",
        "account_validation_not_supported_on_vpa",
    )
}

/// An eleventh payer. Source: smart-collect E20.
pub fn too_many_payers() -> ApiError {
    ApiError::shape_b(
        "allowed_payers",
        "Only 10 allowed payer accounts can be added",
        "allowed_payer_limit_exceeded",
    )
}

/// The same payer twice. Source: smart-collect E25.
pub fn payer_exists() -> ApiError {
    ApiError::shape_b(
        "allowed_payers",
        "Payer detail already exist for virtual account.",
        "payer_detail_already_exists",
    )
}
