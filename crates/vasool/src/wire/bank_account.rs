//! Customers' bank accounts and fund accounts on the wire. Source: common 6.4, 6.5.

use serde::Serialize;
use vasool_core::bank_account::{BankAccountDraft, CustomerBankAccount, masked};
use vasool_core::fund_account::FundAccount;
use vasool_core::id::{BankAccountId, CustomerId, FundAccountId};
use vasool_core::settings::is_ifsc;

use super::banks::bank_name;
use super::customer::is_email;
use super::error::ApiError;
use super::fields::Fields;
use super::ids::required_entity_id;
use super::out::Id;
use super::virtual_account::raw;

/// What may be sent to add a bank account. Source: common 6.4.
pub const KEYS: &[&str] = &[
    "ifsc_code",
    "account_number",
    "beneficiary_name",
    "beneficiary_email",
    "beneficiary_mobile",
    "beneficiary_address1",
    "beneficiary_address2",
    "beneficiary_address3",
    "beneficiary_address4",
    "beneficiary_city",
    "beneficiary_state",
    "beneficiary_country",
    "beneficiary_pin",
];
/// What may be sent to make a fund account. Source: common 6.5.
pub const FUND_KEYS: &[&str] = &["customer_id", "account_type", "bank_account"];
/// Characters of an account number, as for allowed payers. Source: smart-collect 5.1.
const ACCOUNT_NUMBER: std::ops::RangeInclusive<usize> = 5..=35;
/// Characters of a holder's name, and of every further detail. Our choice.
const TEXT_MAX: usize = 255;

/// A customer's bank account, its number masked.
#[derive(Serialize)]
pub struct BankAccountOut<'a> {
    id: Id<BankAccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<&'static str>,
    ifsc: &'a str,
    bank_name: Option<&'static str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<[(); 0]>,
    account_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

impl<'a> From<&'a CustomerBankAccount> for BankAccountOut<'a> {
    /// A deleted one has neither `entity` nor notes, because SDKs would take it for a stored one.
    fn from(row: &'a CustomerBankAccount) -> Self {
        let is_deleted = row.deleted_at.is_some();
        BankAccountOut {
            id: Id(row.id),
            entity: (!is_deleted).then_some("bank_account"),
            ifsc: &row.ifsc,
            bank_name: bank_name(&row.ifsc),
            name: &row.name,
            notes: (!is_deleted).then_some([]),
            account_number: masked(&row.account_number),
            status: is_deleted.then_some("deleted"),
        }
    }
}

/// The fund account entity.
#[derive(Serialize)]
pub struct FundAccountOut<'a> {
    id: Id<FundAccountId>,
    entity: &'static str,
    customer_id: Id<CustomerId>,
    account_type: &'static str,
    bank_account: FundedOut<'a>,
    batch_id: Option<()>,
    active: bool,
    created_at: i64,
}

#[derive(Serialize)]
struct FundedOut<'a> {
    ifsc: &'a str,
    bank_name: Option<&'static str>,
    name: &'a str,
    notes: [(); 0],
    account_number: &'a str,
}

impl<'a> From<&'a FundAccount> for FundAccountOut<'a> {
    fn from(row: &'a FundAccount) -> Self {
        FundAccountOut {
            id: Id(row.id),
            entity: "fund_account",
            customer_id: Id(row.customer),
            account_type: "bank_account",
            bank_account: FundedOut {
                ifsc: &row.ifsc,
                bank_name: bank_name(&row.ifsc),
                name: &row.name,
                notes: [],
                account_number: &row.account_number,
            },
            batch_id: None,
            active: true,
            created_at: row.created_at.0,
        }
    }
}

/// Reads `POST /v1/customers/:id/bank_account`, in the printed order. What is said of the
/// beneficiary beyond the name must be well formed, and is not kept.
pub fn read_bank_account(fields: &Fields<'_>) -> Result<BankAccountDraft, ApiError> {
    let ifsc = read_ifsc(fields, "ifsc_code")?;
    let account_number = read_number(fields)?;
    let name = read_name(fields, "beneficiary_name")?;
    for key in &KEYS[3..] {
        let Some(text) = fields.text(key)? else { continue };
        if text.chars().count() > TEXT_MAX {
            return Err(ApiError::too_long(key, TEXT_MAX));
        }
        if *key == "beneficiary_email" && !is_email(&text) {
            let text = "The beneficiary email must be a valid email address.";
            return Err(ApiError::invalid_field(*key, text));
        }
    }
    Ok(BankAccountDraft { ifsc, account_number, name })
}

/// Reads `POST /v1/fund_accounts`, in the printed order.
pub fn read_fund_account(fields: &Fields<'_>) -> Result<(CustomerId, BankAccountDraft), ApiError> {
    let customer = required_entity_id(fields, "customer_id", CustomerId::PREFIX)?;
    fields.required_choice("account_type", &["bank_account"])?;
    let bank = fields.required_object("bank_account")?;
    let name = read_name(&bank, "name")?;
    let account_number = read_number(&bank)?;
    let ifsc = read_ifsc(&bank, "ifsc")?;
    Ok((CustomerId(raw(customer)), BankAccountDraft { ifsc, account_number, name }))
}

fn read_ifsc(fields: &Fields<'_>, name: &str) -> Result<String, ApiError> {
    let ifsc = fields.required_text(name)?.trim().to_ascii_uppercase();
    if is_ifsc(&ifsc) {
        Ok(ifsc)
    } else {
        Err(fields.refuse(name, |_| ApiError::invalid("Invalid IFSC")))
    }
}

fn read_number(fields: &Fields<'_>) -> Result<String, ApiError> {
    let name = "account_number";
    let number = fields.required_text(name)?;
    let is_number = ACCOUNT_NUMBER.contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_number {
        let text = "The account number format is invalid.";
        return Err(fields.refuse(name, |_| ApiError::invalid(text)));
    }
    Ok(number.into_owned())
}

fn read_name(fields: &Fields<'_>, name: &str) -> Result<String, ApiError> {
    let text = fields.required_text(name)?;
    if text.chars().count() > TEXT_MAX {
        return Err(fields.refuse(name, |name| ApiError::too_long(name, TEXT_MAX)));
    }
    Ok(text.into_owned())
}
