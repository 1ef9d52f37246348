//! Mandates on paper as tokens. Source: paper-nach 8.1, 15.

use serde::Serialize;
use vasool_core::failure::NachFailure;
use vasool_core::id::TokenId;
use vasool_core::nach_token::NachToken;

use crate::wire::out::Id;

/// The token entity, keys in the order of the sample.
#[derive(Serialize)]
pub struct NachTokenOut<'a> {
    id: Id<TokenId>,
    entity: &'static str,
    token: &'a str,
    bank: &'a str,
    wallet: Option<()>,
    method: &'static str,
    /// Null in answers, absent in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    vpa: Option<Option<()>>,
    recurring: bool,
    recurring_details: DetailsOut,
    auth_type: &'static str,
    mrn: Option<()>,
    used_at: i64,
    created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_details: Option<AccountOut<'a>>,
    max_amount: i64,
    expired_at: i64,
    dcc_enabled: bool,
}

#[derive(Serialize)]
struct DetailsOut {
    status: &'static str,
    failure_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct AccountOut<'a> {
    beneficiary_name: &'a str,
    account_number: &'a str,
    ifsc: &'a str,
    account_type: &'static str,
}

impl<'a> NachTokenOut<'a> {
    /// As the API answers it.
    pub fn plain(row: &'a NachToken) -> NachTokenOut<'a> {
        let status = row.state.told();
        NachTokenOut {
            id: Id(row.id),
            entity: "token",
            token: &row.opaque,
            bank: row.account.bank(),
            wallet: None,
            method: "nach",
            vpa: Some(None),
            recurring: status == "confirmed",
            recurring_details: DetailsOut {
                status,
                failure_reason: row.failure.map(NachFailure::told_of_mandate),
            },
            auth_type: "physical",
            mrn: None,
            used_at: row.used_at.0,
            created_at: row.created_at.0,
            bank_details: Some(AccountOut {
                beneficiary_name: &row.account.holder,
                account_number: &row.account.number,
                ifsc: &row.account.ifsc,
                account_type: row.account.kind.as_str(),
            }),
            max_amount: row.max_amount.get(),
            expired_at: row.ends_at.0,
            dcc_enabled: false,
        }
    }

    /// As a webhook shows it.
    pub fn in_webhook(row: &'a NachToken) -> NachTokenOut<'a> {
        NachTokenOut { vpa: None, bank_details: None, ..NachTokenOut::plain(row) }
    }
}
