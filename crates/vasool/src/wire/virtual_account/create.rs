//! Reads `POST /v1/virtual_accounts`. Source: smart-collect 5.1.

use std::borrow::Cow;

use vasool_core::id::{CustomerId, OrderId};
use vasool_core::money::Paise;
use vasool_core::receiver::{QrMethods, ReceiverKind};
use vasool_core::smart_collect::{DraftStage, NumberDraft, VirtualAccountDraft};
use vasool_core::time::Time;

use super::payers::read_payers;
use super::raw;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::ids::entity_id;
use crate::wire::notes;
use crate::wire::value::Value;

/// The largest `close_by`. Source: smart-collect 5.1.
const CLOSE_BY_MAX: i64 = 2_147_483_647;
/// Characters of a description. Source: smart-collect 3.1.
const DESCRIPTION_MAX: usize = 2_048;

/// Reads the body of `POST /v1/virtual_accounts`. Receivers are checked here. What is wrong in a
/// later field comes back beside the draft: the rules decide whether an earlier check fails first.
pub fn read_create(
    fields: &Fields<'_>,
) -> Result<(VirtualAccountDraft, Option<ApiError>), ApiError> {
    let mut draft = VirtualAccountDraft::default();
    read_receivers(fields, &mut draft)?;
    let stages: [(DraftStage, Stage); 4] = [
        (DraftStage::Payers, |fields, draft| {
            read_payers(fields, draft)?;
            read_plain_fields(fields, draft).map_err(ApiError::into_shape_i)
        }),
        (DraftStage::Customer, read_customer),
        (DraftStage::CloseBy, read_close_by),
        (DraftStage::Notes, |fields, draft| {
            draft.notes = notes::read_notes(fields)?;
            Ok(())
        }),
    ];
    for (stage, read) in stages {
        if let Err(error) = read(fields, &mut draft) {
            draft.refused_at = Some(stage);
            return Ok((draft, Some(error)));
        }
    }
    Ok((draft, None))
}

type Stage = fn(&Fields<'_>, &mut VirtualAccountDraft) -> Result<(), ApiError>;

fn read_receivers(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    let missing = || ApiError::shape_i("receivers", "Receivers field is required");
    let receivers = match fields.object("receivers") {
        Ok(Some(receivers)) => Some(receivers),
        Ok(None) if fields.is_present("receiver_types") => None,
        // `{}` and `[]` count as missing, not as an object without types.
        Ok(None) => return Err(missing()),
        Err(error) => return Err(error.into_shape_i()),
    };
    let types = match &receivers {
        Some(receivers) if receivers.is_sent("types") => receivers.list_of_text("types"),
        Some(receivers) if receivers.keys().next().is_none() => {
            if !fields.is_present("receiver_types") {
                return Err(missing());
            }
            fields.list_of_text("receiver_types")
        }
        _ => fields.list_of_text("receiver_types"),
    };
    let types = types.map_err(|_| invalid_types())?.unwrap_or_default();
    if types.is_empty() {
        let text = "The receivers.types field is required.";
        return Err(ApiError::shape_i("receivers.types", text));
    }
    for kind in kinds(&types)? {
        let part = |name| receivers.as_ref().map(|r| r.object(name)).transpose();
        match kind {
            ReceiverKind::BankAccount => {
                let bank = part("bank_account").map_err(ApiError::into_shape_i)?.flatten();
                draft.receivers.bank_account = Some(read_number(bank.as_ref())?);
            }
            ReceiverKind::Vpa => {
                let vpa = part("vpa").map_err(ApiError::into_shape_i)?.flatten();
                draft.receivers.vpa = Some(read_descriptor(vpa.as_ref())?);
            }
            ReceiverKind::QrCode => {
                draft.receivers.qr_code = Some(read_methods(part("qr_code")?.flatten().as_ref())?);
            }
        }
    }
    Ok(())
}

fn kinds(types: &[Cow<'_, str>]) -> Result<Vec<ReceiverKind>, ApiError> {
    let kind = |word: &Cow<'_, str>| match ReceiverKind::parse(word) {
        Some(kind) => Ok(kind),
        None if word == "qr" => {
            Err(ApiError::shape_n("Bharat QR not supported for Customer Identifier."))
        }
        None => Err(invalid_types()),
    };
    types.iter().map(kind).collect()
}

/// What is wished of an account number.
pub(super) fn read_number(bank: Option<&Fields<'_>>) -> Result<NumberDraft, ApiError> {
    let Some(bank) = bank else { return Ok(NumberDraft::default()) };
    Ok(NumberDraft {
        descriptor: text_of(bank, "descriptor")?,
        vanity: bank.integer("numeric").map_err(ApiError::into_shape_i)? == Some(0),
    })
}

/// What is wished of a UPI address.
pub(super) fn read_descriptor(vpa: Option<&Fields<'_>>) -> Result<Option<String>, ApiError> {
    let Some(vpa) = vpa else { return Ok(None) };
    text_of(vpa, "descriptor")
}

fn text_of(fields: &Fields<'_>, name: &str) -> Result<Option<String>, ApiError> {
    let text = fields.text(name).map_err(ApiError::into_shape_i)?;
    Ok(text.map(|text| text.into_owned()))
}

/// Which methods may pay the code; given under `method` or beside it.
fn read_methods(qr: Option<&Fields<'_>>) -> Result<QrMethods, ApiError> {
    let Some(qr) = qr else { return Ok(QrMethods::default()) };
    let nested = qr.object("method")?;
    let given = nested.as_ref().unwrap_or(qr);
    let methods = QrMethods {
        card: given.boolean("card").map_err(ApiError::into_shape_i)?.unwrap_or(true),
        upi: given.boolean("upi").map_err(ApiError::into_shape_i)?.unwrap_or(true),
    };
    if !methods.card && !methods.upi {
        let text = "The selected qr_code.method is invalid.";
        return Err(ApiError::shape_i("receivers.qr_code.method", text));
    }
    Ok(methods)
}

fn invalid_types() -> ApiError {
    ApiError::shape_i("receivers.types", "The selected receivers.types is invalid.")
}

fn read_plain_fields(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    draft.description = read_description(fields)?;
    if let Some(expected) = fields.integer("amount_expected")? {
        if expected < 1 {
            return Err(ApiError::must_be_at_least("amount_expected", 1));
        }
        let amount = Paise::new(expected).ok_or_else(ApiError::amount_too_large)?;
        draft.amount_expected = Some(amount);
    }
    Ok(())
}

/// A description within its limit. Source: smart-collect E32.
pub(super) fn read_description(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    let description = text_of(fields, "description")?;
    if description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
        return Err(ApiError::too_long("description", DESCRIPTION_MAX).into_shape_i());
    }
    Ok(description)
}

fn read_customer(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    let id = entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    draft.customer = id.map(|rest| CustomerId(raw(rest)));
    let order = entity_id(fields, "order_id", OrderId::PREFIX)?;
    draft.order = order.map(|rest| OrderId(raw(rest)));
    Ok(())
}

fn read_close_by(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    draft.close_by = read_instant(fields)?;
    Ok(())
}

/// `close_by` within its upper limit. Source: smart-collect E10, E11.
pub(super) fn read_instant(fields: &Fields<'_>) -> Result<Option<Time>, ApiError> {
    let must_be_integer = || ApiError::shape_i("close_by", "The close by must be an integer.");
    // `close_by` is a plain number here: no dates (smart-collect E11).
    if matches!(fields.value("close_by"), Some(Value::Bool(_))) {
        return Err(must_be_integer());
    }
    let Some(at) = fields.integer("close_by").map_err(|_| must_be_integer())? else {
        return Ok(None);
    };
    if at > CLOSE_BY_MAX {
        let text = "The close by may not be greater than 2147483647.";
        return Err(ApiError::shape_i("close_by", text));
    }
    Ok(Some(Time(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::body::decode_body;

    fn read(json: &str) -> Result<(VirtualAccountDraft, Option<ApiError>), ApiError> {
        let body = decode_body(None, json.as_bytes()).unwrap();
        read_create(&Fields::of_body(&body))
    }

    #[test]
    fn sc_18_receivers_are_mandatory() {
        for json in ["{}", r#"{"receivers":{}}"#, r#"{"receivers":[]}"#] {
            let error = read(json).unwrap_err();
            assert_eq!(error.description, "Receivers field is required", "{json}");
            assert_eq!(error.field.as_deref(), Some("receivers"));
        }
    }

    #[test]
    fn sc_19_types_missing_or_wrong() {
        let error = read(r#"{"receivers":{"types":[]}}"#).unwrap_err();
        assert_eq!(error.description, "The receivers.types field is required.");
        let error = read(r#"{"receivers":{"types":["card"]}}"#).unwrap_err();
        assert_eq!(error.description, "The selected receivers.types is invalid.");
    }

    #[test]
    fn sc_22_and_26_spellings_of_types() {
        for json in [
            r#"{"receivers":{"types":["bank_account"]}}"#,
            r#"{"receivers":{"types":{"0":"bank_account"}}}"#,
            r#"{"receivers":{"types":"bank_account"}}"#,
            r#"{"receiver_types":["bank_account"],"name":"ignored"}"#,
        ] {
            let (_, refused) = read(json).unwrap();
            assert_eq!(refused, None, "{json}");
        }
    }

    #[test]
    fn later_fields_are_refused_at_their_stage() {
        let body =
            r#"{"receivers":{"types":["bank_account"]},"close_by":2147483648,"notes":{"a":[]}}"#;
        let (draft, refused) = read(body).unwrap();
        assert_eq!(draft.refused_at, Some(DraftStage::CloseBy));
        assert_eq!(
            refused.unwrap().description,
            "The close by may not be greater than 2147483647."
        );
    }
}
