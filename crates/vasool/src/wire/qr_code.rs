//! Standalone QR codes on the wire. Source: common 13.

use serde::Serialize;
use vasool_core::id::{CustomerId, QrCodeId};
use vasool_core::money::Paise;
use vasool_core::qr_code::{QrCode, QrKind, QrState, QrUsage};
use vasool_core::qr_codes::QrCodeDraft;
use vasool_core::settings::Settings;
use vasool_core::time::Time;

use super::error::ApiError;
use super::fields::Fields;
use super::ids::entity_id;
use super::notes::read_notes;
use super::out::{Id, NotesOut};
use super::paging::INSTANTS;
use super::virtual_account::raw;

/// What may be sent to make a code. Source: common 13.
pub const CREATE_KEYS: &[&str] = &[
    "type",
    "usage",
    "fixed_amount",
    "payment_amount",
    "name",
    "description",
    "customer_id",
    "notes",
    "close_by",
];
/// Characters of a name. Our choice.
const NAME_MAX: usize = 255;
/// Characters of a description, as for virtual accounts. Our choice.
const DESCRIPTION_MAX: usize = 2_048;
const AMOUNT_MIN: i64 = 100;

/// The QR code entity. Source: common 13.
#[derive(Serialize)]
pub struct QrCodeOut<'a> {
    id: Id<QrCodeId>,
    entity: &'static str,
    created_at: i64,
    name: Option<&'a str>,
    usage: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    image_url: String,
    payment_amount: Option<i64>,
    status: &'static str,
    description: Option<&'a str>,
    fixed_amount: bool,
    payments_amount_received: i64,
    payments_count_received: i64,
    notes: NotesOut<'a>,
    customer_id: Option<Id<CustomerId>>,
    close_by: Option<i64>,
    closed_at: Option<i64>,
    close_reason: Option<&'static str>,
}

impl<'a> QrCodeOut<'a> {
    /// The code; `public_url`: base of short URLs, without a trailing slash.
    pub fn of(row: &'a QrCode, public_url: &str) -> QrCodeOut<'a> {
        let (status, closed_at, close_reason) = match row.state {
            QrState::Active => ("active", None, None),
            QrState::Closed { at, reason } => ("closed", Some(at.0), Some(reason.as_str())),
        };
        QrCodeOut {
            id: Id(row.id),
            entity: "qr_code",
            created_at: row.created_at.0,
            name: row.name.as_deref(),
            usage: row.usage.as_str(),
            kind: row.kind.as_str(),
            image_url: format!("{public_url}/i/{}", row.short_code),
            payment_amount: row.fixed_amount.map(Paise::get),
            status,
            description: row.description.as_deref(),
            fixed_amount: row.fixed_amount.is_some(),
            payments_amount_received: row.amount_received.get(),
            payments_count_received: row.payments_received,
            notes: NotesOut(&row.notes),
            customer_id: row.customer.map(Id),
            close_by: row.close_by.map(|at| at.0),
            closed_at,
            close_reason,
        }
    }
}

/// Reads `POST /v1/payments/qr_codes`, in the printed order of checks.
pub fn read_create(fields: &Fields<'_>, settings: &Settings) -> Result<QrCodeDraft, ApiError> {
    // `bharat_qr` takes cards, which must be enabled on QR codes.
    let kinds = ["upi_qr", "bharat_qr"];
    let kinds = if settings.va_qr_enabled { &kinds[..] } else { &kinds[..1] };
    let kind = fields.required_choice("type", kinds)?;
    let usage = fields.required_choice("usage", &["single_use", "multiple_use"])?;
    let kind = QrKind::parse(kind).ok_or_else(|| ApiError::selected_invalid("type"))?;
    let usage = QrUsage::parse(usage).ok_or_else(|| ApiError::selected_invalid("usage"))?;
    let is_fixed = fields.boolean("fixed_amount")?.unwrap_or(false);
    if usage == QrUsage::Single && !is_fixed {
        let text = "The fixed amount field must be true for single use.";
        return Err(ApiError::invalid_field("fixed_amount", text));
    }
    let fixed_amount = if is_fixed { Some(read_amount(fields)?) } else { None };
    let name = read_text(fields, "name", NAME_MAX)?;
    let description = read_text(fields, "description", DESCRIPTION_MAX)?;
    let customer = entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    let notes = read_notes(fields)?;
    let close_by = read_close_by(fields, usage)?;
    let customer = customer.map(|rest| CustomerId(raw(rest)));
    Ok(QrCodeDraft { kind, usage, fixed_amount, name, description, customer, notes, close_by })
}

fn read_amount(fields: &Fields<'_>) -> Result<Paise, ApiError> {
    let name = "payment_amount";
    let amount = fields.required_integer(name)?;
    if amount < 1 {
        return Err(ApiError::must_be_at_least(name, 1));
    }
    if amount < AMOUNT_MIN {
        return Err(ApiError::amount_too_small().with_field(name));
    }
    Paise::new(amount).ok_or_else(|| ApiError::amount_too_large().with_field(name))
}

fn read_text(fields: &Fields<'_>, name: &str, most: usize) -> Result<Option<String>, ApiError> {
    match fields.text(name)? {
        Some(text) if text.chars().count() > most => Err(ApiError::too_long(name, most)),
        text => Ok(text.map(|text| text.into_owned())),
    }
}

/// How far ahead it lies is for the rules to check, which know the merchant's now.
fn read_close_by(fields: &Fields<'_>, usage: QrUsage) -> Result<Option<Time>, ApiError> {
    match fields.time("close_by")? {
        None => Ok(None),
        Some(_) if usage == QrUsage::Multiple => Err(ApiError::extra_keys("close_by")),
        Some(at) if !INSTANTS.contains(&at) => Err(close_by_outside()),
        Some(at) => Ok(Some(Time(at))),
    }
}

/// A `close_by` that is too early or too late. Source: common 13.
pub fn close_by_outside() -> ApiError {
    let text = format!("close_by must be between {} and {}", INSTANTS.start(), INSTANTS.end());
    ApiError::invalid_field("close_by", text)
}

#[cfg(test)]
mod tests {
    use vasool_core::scope::Mode;

    use super::*;
    use crate::wire::json::parse;

    fn refused(json: &str) -> String {
        let value = parse(json).unwrap();
        let settings = Settings::defaults(Mode::Test);
        let error = read_create(&Fields::of_body(&value), &settings).unwrap_err();
        format!("{} | {}", error.description, error.field.as_deref().unwrap_or("-"))
    }

    #[test]
    fn cm_124_every_field_has_its_text_and_its_turn() {
        for (json, want) in [
            ("{}", "The type field is required. | type"),
            (r#"{"type":"upi","usage":"x"}"#, "The selected type is invalid. | type"),
            (r#"{"type":"upi_qr"}"#, "The usage field is required. | usage"),
            (r#"{"type":"upi_qr","usage":"once"}"#, "The selected usage is invalid. | usage"),
            (
                r#"{"type":"upi_qr","usage":"single_use","payment_amount":0}"#,
                "The fixed amount field must be true for single use. | fixed_amount",
            ),
            (
                r#"{"type":"upi_qr","usage":"single_use","fixed_amount":1}"#,
                "The payment amount field is required. | payment_amount",
            ),
            (
                r#"{"type":"upi_qr","usage":"multiple_use","fixed_amount":1,"payment_amount":-5}"#,
                "The payment amount must be at least 1. | payment_amount",
            ),
            (
                r#"{"type":"upi_qr","usage":"multiple_use","fixed_amount":1,"payment_amount":99}"#,
                "The amount must be at least INR 1.00 | payment_amount",
            ),
            (
                r#"{"type":"upi_qr","usage":"multiple_use","customer_id":"cust_1"}"#,
                "1 is not a valid id | -",
            ),
            (
                r#"{"type":"upi_qr","usage":"multiple_use","close_by":1780000000}"#,
                "close_by is/are not required and should not be sent | -",
            ),
            (
                r#"{"type":"upi_qr","usage":"single_use","fixed_amount":true,"payment_amount":300,
                    "close_by":1}"#,
                "close_by must be between 946684800 and 4765046400 | close_by",
            ),
        ] {
            assert_eq!(refused(json), want, "{json}");
        }
    }

    #[test]
    fn cards_on_codes_are_a_setting() {
        let value = parse(r#"{"type":"bharat_qr","usage":"multiple_use"}"#).unwrap();
        let fields = Fields::of_body(&value);
        let mut settings = Settings::defaults(Mode::Test);
        assert_eq!(read_create(&fields, &settings).unwrap().kind, QrKind::Bharat);
        settings.va_qr_enabled = false;
        let error = read_create(&fields, &settings).unwrap_err();
        assert_eq!(error.description, "The selected type is invalid.");
    }
}
