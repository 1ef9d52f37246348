//! Virtual accounts on the wire. Source: smart-collect 3.1, 5.1, 6.

use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};
use vasool_core::id::{BankAccountId, CustomerId, RawId};
use vasool_core::money::Paise;
use vasool_core::smart_collect::{DraftStage, VirtualAccountDraft};
use vasool_core::time::Time;
use vasool_core::virtual_account::{VirtualAccount, VirtualAccountState};

use super::error::ApiError;
use super::fields::Fields;
use super::ids::entity_id;
use super::notes;
use super::out::{Id, NotesOut};
use super::value::Value;

/// The largest `close_by`. Source: smart-collect 5.1.
const CLOSE_BY_MAX: i64 = 2_147_483_647;
/// Characters of a description. Source: smart-collect 3.1.
const DESCRIPTION_MAX: usize = 2_048;

/// Where the entity stands: key order and `notes` of receivers differ. Source: smart-collect 11.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// API answers and `virtual_account.created`.
    Full,
    /// `virtual_account.credited`: receivers last, without notes.
    Credited,
    /// `virtual_account.closed`: receivers without notes.
    Closed,
}

/// The virtual account entity.
pub struct VirtualAccountOut<'a>(pub &'a VirtualAccount, pub Form);

impl Serialize for VirtualAccountOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let VirtualAccountOut(row, form) = self;
        let (status, closed_at) = match row.state {
            VirtualAccountState::Active => ("active", None),
            VirtualAccountState::Closed { at } => ("closed", Some(at.0)),
        };
        let receivers = Receivers(row, *form == Form::Full);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &Id(row.id))?;
        map.serialize_entry("name", &row.name)?;
        map.serialize_entry("entity", "virtual_account")?;
        map.serialize_entry("status", status)?;
        map.serialize_entry("description", &row.description)?;
        map.serialize_entry("amount_expected", &row.amount_expected.map(Paise::get))?;
        map.serialize_entry("notes", &NotesOut(&row.notes))?;
        map.serialize_entry("amount_paid", &row.amount_paid.get())?;
        map.serialize_entry("customer_id", &row.customer.map(Id))?;
        if *form != Form::Credited {
            map.serialize_entry("receivers", &receivers)?;
        }
        map.serialize_entry("close_by", &row.close_by.map(|at| at.0))?;
        map.serialize_entry("closed_at", &closed_at)?;
        map.serialize_entry("created_at", &row.created_at.0)?;
        if *form == Form::Credited {
            map.serialize_entry("receivers", &receivers)?;
        }
        map.end()
    }
}

struct Receivers<'a>(&'a VirtualAccount, bool);

#[derive(Serialize)]
struct BankAccountOut<'a> {
    id: Id<BankAccountId>,
    entity: &'static str,
    ifsc: &'a str,
    bank_name: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<[(); 0]>,
    account_number: &'a str,
}

impl Serialize for Receivers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Receivers(row, with_notes) = self;
        let mut list = serializer.serialize_seq(None)?;
        if let Some(account_number) = &row.account_number {
            for bank in &row.banks {
                list.serialize_element(&BankAccountOut {
                    id: Id(bank.id),
                    entity: "bank_account",
                    ifsc: &bank.ifsc,
                    bank_name: bank.bank_name.as_deref(),
                    name: &row.name,
                    notes: with_notes.then_some([]),
                    account_number,
                })?;
            }
        }
        list.end()
    }
}

/// Reads the body of `POST /v1/virtual_accounts`. Receivers are checked here. What is wrong in a
/// later field comes back beside the draft: the rules decide whether an earlier check fails first.
pub fn read_create(
    fields: &Fields<'_>,
) -> Result<(VirtualAccountDraft, Option<ApiError>), ApiError> {
    let mut draft = VirtualAccountDraft::default();
    read_receivers(fields, &mut draft)?;
    let stages: [(DraftStage, Stage); 4] = [
        (DraftStage::Payers, read_plain_fields),
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
    for kind in &types {
        match &**kind {
            "bank_account" => {}
            "qr" => {
                let text = "Bharat QR not supported for Customer Identifier.";
                return Err(ApiError::shape_n(text));
            }
            _ => return Err(invalid_types()),
        }
    }
    if let Some(bank) = receivers.as_ref().map(|r| r.object("bank_account")).transpose()?.flatten()
    {
        draft.descriptor = bank.text("descriptor")?.map(|text| text.into_owned());
        draft.vanity = bank.integer("numeric")? == Some(0);
    }
    Ok(())
}

fn invalid_types() -> ApiError {
    ApiError::shape_i("receivers.types", "The selected receivers.types is invalid.")
}

fn read_plain_fields(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    let description = fields.text("description")?;
    if description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
        return Err(ApiError::too_long("description", DESCRIPTION_MAX));
    }
    draft.description = description.map(|text| text.into_owned());
    if let Some(expected) = fields.integer("amount_expected")? {
        if expected < 1 {
            return Err(ApiError::must_be_at_least("amount_expected", 1));
        }
        let amount = Paise::new(expected).ok_or_else(ApiError::amount_too_large)?;
        draft.amount_expected = Some(amount);
    }
    Ok(())
}

fn read_customer(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    let id = entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    draft.customer = id.map(|rest| CustomerId(raw(rest)));
    Ok(())
}

fn read_close_by(fields: &Fields<'_>, draft: &mut VirtualAccountDraft) -> Result<(), ApiError> {
    let must_be_integer = || ApiError::shape_i("close_by", "The close by must be an integer.");
    // `close_by` is a plain number here: no dates (smart-collect E11).
    if matches!(fields.value("close_by"), Some(Value::Bool(_))) {
        return Err(must_be_integer());
    }
    let Some(at) = fields.integer("close_by").map_err(|_| must_be_integer())? else {
        return Ok(());
    };
    if at > CLOSE_BY_MAX {
        let text = "The close by may not be greater than 2147483647.";
        return Err(ApiError::shape_i("close_by", text));
    }
    draft.close_by = Some(Time(at));
    Ok(())
}

/// The characters of an id that was read, as the core's type.
pub fn raw(rest: [u8; 14]) -> RawId {
    let text = std::str::from_utf8(&rest).expect("an id that was read is ASCII");
    RawId::parse(text).expect("an id that was read has 14 letters and digits")
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
