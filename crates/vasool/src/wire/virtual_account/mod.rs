//! Virtual accounts on the wire. Source: smart-collect 3.1, 3.2, 5, 6.

mod create;
mod edit;
mod payers;

pub use create::read_create;
pub use edit::{KEYS as EDIT_KEYS, read_added_receivers, read_edit};
pub use payers::{needs_bank_account, payer_exists, read_payer, too_many_payers};

use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};
use vasool_core::id::{BankAccountId, QrCodeId, RawId, VpaId};
use vasool_core::money::Paise;
use vasool_core::receiver::AllowedPayer;
use vasool_core::virtual_account::{VirtualAccount, VirtualAccountState};

use super::out::{Id, NotesOut};

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
pub struct VirtualAccountOut<'a> {
    /// The row.
    pub row: &'a VirtualAccount,
    /// Where it stands.
    pub form: Form,
    /// Base of short URLs, without a trailing slash.
    pub public_url: &'a str,
}

impl Serialize for VirtualAccountOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let VirtualAccountOut { row, form, .. } = self;
        let (status, closed_at) = match row.state {
            VirtualAccountState::Active => ("active", None),
            VirtualAccountState::Closed { at } => ("closed", Some(at.0)),
        };
        let receivers = Receivers(self);
        let payers = (!row.allowed_payers.is_empty()).then(|| Payers(&row.allowed_payers));
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
            if let Some(payers) = &payers {
                map.serialize_entry("allowed_payers", payers)?;
            }
        }
        map.serialize_entry("close_by", &row.close_by.map(|at| at.0))?;
        map.serialize_entry("closed_at", &closed_at)?;
        map.serialize_entry("created_at", &row.created_at.0)?;
        if *form == Form::Credited {
            map.serialize_entry("receivers", &receivers)?;
            if let Some(payers) = &payers {
                map.serialize_entry("allowed_payers", payers)?;
            }
        }
        map.end()
    }
}

/// Always in the order bank accounts, UPI address, QR code. Source: smart-collect 3.1.
struct Receivers<'a, 'r>(&'r VirtualAccountOut<'a>);

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

#[derive(Serialize)]
struct VpaOut<'a> {
    id: Id<VpaId>,
    entity: &'static str,
    username: &'a str,
    handle: &'a str,
    address: String,
}

#[derive(Serialize)]
struct QrOut {
    id: Id<QrCodeId>,
    entity: &'static str,
    reference: String,
    short_url: String,
    created_at: i64,
}

impl Serialize for Receivers<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let VirtualAccountOut { row, form, public_url } = self.0;
        let mut list = serializer.serialize_seq(None)?;
        if let Some(account_number) = &row.account_number {
            for bank in &row.banks {
                list.serialize_element(&BankAccountOut {
                    id: Id(bank.id),
                    entity: "bank_account",
                    ifsc: &bank.ifsc,
                    bank_name: bank.bank_name.as_deref(),
                    name: &row.name,
                    notes: (*form == Form::Full).then_some([]),
                    account_number,
                })?;
            }
        }
        if let Some(vpa) = &row.vpa {
            list.serialize_element(&VpaOut {
                id: Id(vpa.id),
                entity: "vpa",
                username: &vpa.username,
                handle: &vpa.handle,
                address: vpa.address(),
            })?;
        }
        if let Some(qr) = &row.qr_code {
            list.serialize_element(&QrOut {
                id: Id(qr.id),
                entity: "qr_code",
                reference: qr.id.0.to_string(),
                short_url: short_url(public_url, &qr.short_code),
                created_at: qr.created_at.0,
            })?;
        }
        list.end()
    }
}

/// A short URL. Source: common 2.
pub fn short_url(public_url: &str, code: &str) -> String {
    format!("{public_url}/i/{code}")
}

struct Payers<'a>(&'a [AllowedPayer]);

#[derive(Serialize)]
struct AllowedPayerOut<'a> {
    r#type: &'static str,
    id: Id<BankAccountId>,
    bank_account: PayerAccountOut<'a>,
}

#[derive(Serialize)]
struct PayerAccountOut<'a> {
    ifsc: &'a str,
    account_number: &'a str,
}

impl Serialize for Payers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|row| AllowedPayerOut {
            r#type: "bank_account",
            id: Id(row.id),
            bank_account: PayerAccountOut { ifsc: &row.ifsc, account_number: &row.account_number },
        }))
    }
}

/// The characters of an id that was read, as the core's type.
pub fn raw(rest: [u8; 14]) -> RawId {
    let text = std::str::from_utf8(&rest).expect("an id that was read is ASCII");
    RawId::parse(text).expect("an id that was read has 14 letters and digits")
}
