//! Money that arrives in the sandbox, on the wire. Source: sandbox 2, smart-collect 5.15, 5.16.

use serde::Serialize;
use vasool_core::command::Receipt;
use vasool_core::id::{PaymentId, QrCodeId};
use vasool_core::money::Paise;
use vasool_core::smart_collect::InboundTransfer;
use vasool_core::transfer::{AccountType, Payee, Payer, TransferMode};
use vasool_core::virtual_account::VirtualAccount;

use super::error::ApiError;
use super::fields::Fields;
use super::ids::path_id;
use super::out::Id;
use super::value::Value;
use super::virtual_account::raw;

/// Name of the sandbox's own bank.
pub const CONNECTOR: &str = "sandbox";
const REFERENCE_MAX: usize = 64;
const NARRATION_MAX: usize = 255;
const NAME_MAX: usize = 120;

/// What became of an inbound transfer. Source: sandbox 2.
#[derive(Serialize)]
pub struct InboundOut<'a> {
    entity: &'static str,
    result: &'static str,
    reference: Option<&'a str>,
    payment_id: Option<Id<PaymentId>>,
}

impl<'a> From<&'a Receipt> for InboundOut<'a> {
    fn from(receipt: &'a Receipt) -> Self {
        let (result, payment) = match receipt {
            Receipt::Credited(payment) => ("credited", payment),
            Receipt::Refunded(payment) => ("refunded", payment),
            Receipt::Duplicate(payment) => ("duplicate", payment),
            Receipt::Returned(reference) => {
                return InboundOut {
                    entity: "sandbox.inbound",
                    result: "returned",
                    reference: Some(reference),
                    payment_id: None,
                };
            }
        };
        InboundOut {
            entity: "sandbox.inbound",
            result,
            reference: payment.bank_reference.as_deref(),
            payment_id: Some(Id(payment.id)),
        }
    }
}

/// Reads `POST /v1/sandbox/bank_transfers`. Source: sandbox 2.
pub fn read_bank_transfer(fields: &Fields<'_>) -> Result<InboundTransfer, ApiError> {
    let account_number = fields.required_text("account_number")?;
    let ifsc = fields.text("ifsc")?.map(|ifsc| ifsc.trim().to_ascii_uppercase());
    let amount = fields.required_integer("amount")?;
    let mode = read_mode(fields, "mode")?.unwrap_or(TransferMode::Neft);
    Ok(InboundTransfer {
        connector: CONNECTOR.to_owned(),
        mode,
        bank_reference: bounded(fields, "utr", REFERENCE_MAX)?,
        payee: Payee::account(&account_number),
        ifsc,
        payer: read_payer(fields, built_in_payer(false))?,
        narration: bounded(fields, "narration", NARRATION_MAX)?,
        amount: amount_by(mode, amount)?,
    })
}

/// Reads `POST /v1/sandbox/upi_payments`. Source: sandbox 2.
pub fn read_upi_payment(fields: &Fields<'_>) -> Result<InboundTransfer, ApiError> {
    let payee = match fields.text("qr_code")? {
        Some(id) => Payee::Qr(QrCodeId(raw(path_id(QrCodeId::PREFIX, &id)?))),
        None => Payee::vpa(fields.required_text("vpa")?.trim()),
    };
    let amount = fields.required_integer("amount")?;
    let mode = TransferMode::Upi;
    Ok(InboundTransfer {
        connector: CONNECTOR.to_owned(),
        mode,
        bank_reference: bounded(fields, "rrn", REFERENCE_MAX)?,
        payee,
        ifsc: None,
        payer: read_payer(fields, built_in_payer(true))?,
        narration: bounded(fields, "narration", NARRATION_MAX)?,
        amount: amount_by(mode, amount)?,
    })
}

/// Reads `POST /v1/virtual_accounts/:id/pay/test`. Source: smart-collect 5.16.
pub fn read_test_payment(
    fields: &Fields<'_>,
    account: &VirtualAccount,
) -> Result<InboundTransfer, ApiError> {
    let amount = fields.required_integer("amount")?;
    let name = if fields.is_present("mode") { "mode" } else { "method" };
    let mode = read_mode(fields, name)?.unwrap_or(match account.account_number {
        Some(_) => TransferMode::Neft,
        None => TransferMode::Upi,
    });
    let by_mode = match (mode, &account.vpa, &account.account_number) {
        (TransferMode::Upi, Some(_), _) => "vpa",
        (TransferMode::Upi, None, None) => "qr_code",
        _ => "bank_account",
    };
    let receivers = &["bank_account", "vpa", "qr_code"];
    let receiver = fields.choice("receiver", receivers)?.unwrap_or(by_mode);
    let payee = match (receiver, &account.account_number, &account.vpa, &account.qr_code) {
        ("bank_account", Some(number), _, _) => Some(Payee::account(number)),
        ("vpa", _, Some(vpa), _) => Some(Payee::Vpa(vpa.address())),
        ("qr_code", _, _, Some(qr)) => Some(Payee::Qr(qr.id)),
        _ => None,
    };
    // Only UPI reaches an address or a code.
    let payee =
        payee.filter(|payee| matches!(payee, Payee::Account(_)) || mode == TransferMode::Upi);
    let payee = payee.ok_or_else(|| ApiError::selected_invalid("receiver").into_shape_i())?;
    let by_address = !matches!(payee, Payee::Account(_));
    Ok(InboundTransfer {
        connector: CONNECTOR.to_owned(),
        mode,
        bank_reference: bounded(fields, "bank_reference", REFERENCE_MAX)?,
        payee,
        ifsc: None,
        payer: read_payer(fields, built_in_payer(by_address))?,
        narration: bounded(fields, "description", NARRATION_MAX)?,
        amount: amount_by(mode, amount)?,
    })
}

/// Reads `POST /v1/bharatqr/pay/test`. Source: smart-collect 5.15.
pub fn read_qr_payment(fields: &Fields<'_>) -> Result<InboundTransfer, ApiError> {
    let reference = fields.required_text("reference")?;
    let prefixed = match reference.strip_prefix(QrCodeId::PREFIX) {
        Some(_) => reference.to_string(),
        None => format!("{}{reference}", QrCodeId::PREFIX),
    };
    let id = QrCodeId(raw(path_id(QrCodeId::PREFIX, &prefixed)?));
    let amount = fields.required_integer("amount")?;
    let mode = match &*fields.required_text("method")? {
        "card" => TransferMode::Card,
        "upi" => TransferMode::Upi,
        _ => return Err(ApiError::shape_i("method", "The selected method is invalid.")),
    };
    Ok(InboundTransfer {
        connector: CONNECTOR.to_owned(),
        mode,
        bank_reference: None,
        payee: Payee::Qr(id),
        ifsc: None,
        amount: amount_by(mode, amount)?,
        payer: Some(built_in_payer(true)),
        narration: None,
    })
}

/// The text of an amount that a rail does not carry. Source: smart-collect E35.
pub fn amount_outside_limit(mode: TransferMode) -> ApiError {
    ApiError::shape_i("amount", format!("The amount is outside the limit for {}", mode.as_str()))
}

fn amount_by(mode: TransferMode, amount: i64) -> Result<Paise, ApiError> {
    Paise::new(amount).ok_or_else(|| amount_outside_limit(mode))
}

fn read_mode(fields: &Fields<'_>, name: &str) -> Result<Option<TransferMode>, ApiError> {
    let Some(word) = fields.text(name)? else { return Ok(None) };
    let mode = TransferMode::TO_ACCOUNT.into_iter().find(|mode| mode.as_str() == word);
    mode.map(Some).ok_or_else(|| ApiError::selected_invalid(name))
}

fn bounded(fields: &Fields<'_>, name: &str, most: usize) -> Result<Option<String>, ApiError> {
    match fields.text(name)? {
        Some(text) if text.chars().count() > most => Err(ApiError::too_long(name, most)),
        text => Ok(text.map(|text| text.into_owned())),
    }
}

/// Who pays where a call says nothing. Source: sandbox 2, smart-collect 5.16.
fn built_in_payer(by_address: bool) -> Payer {
    Payer {
        name: Some("Test Payer".to_owned()),
        account_number: Some("765432198765432".to_owned()),
        ifsc: Some("UTIB0003198".to_owned()),
        vpa: by_address.then(|| "testpayer@examplebank".to_owned()),
        account_type: AccountType::Savings,
    }
}

/// Absent: the built-in payer. Null: the bank said nothing. Given: what is left out is unknown.
fn read_payer(fields: &Fields<'_>, built_in: Payer) -> Result<Option<Payer>, ApiError> {
    if !fields.is_sent("payer") {
        return Ok(Some(built_in));
    }
    if matches!(fields.value("payer"), Some(Value::Null)) {
        return Ok(None);
    }
    let Some(payer) = fields.object("payer")? else { return Ok(None) };
    let text = |name| bounded(&payer, name, NAME_MAX);
    let account_type = match payer.text("account_type")? {
        None => AccountType::Savings,
        Some(word) => AccountType::parse(&word)
            .ok_or_else(|| ApiError::selected_invalid("payer.account_type"))?,
    };
    Ok(Some(Payer {
        name: text("name")?,
        account_number: text("account_number")?,
        ifsc: text("ifsc")?.map(|ifsc| ifsc.trim().to_ascii_uppercase()),
        vpa: text("vpa")?,
        account_type,
    }))
}
