//! Mandates on the wire. Source: reserve-pay 7.

use serde::Serialize;
use vasool_core::event::EventKind;
use vasool_core::failure::Failure;
use vasool_core::id::TokenId;
use vasool_core::token::{Token, TokenPayer, TokenState};

use super::out::Id;

/// `failure_reason` of a mandate whose block is used up. Source: reserve-pay 6.
const COMPLETED: &str = "Mandate execution is completed.";

/// The token entity, keys in the order of the samples.
#[derive(Serialize)]
pub struct TokenOut<'a> {
    id: Id<TokenId>,
    entity: &'static str,
    token: &'a str,
    bank: Option<()>,
    wallet: Option<()>,
    method: &'static str,
    vpa: Option<VpaOut<'a>>,
    recurring: bool,
    recurring_details: RecurringOut,
    auth_type: Option<()>,
    mrn: Option<()>,
    used_at: Option<i64>,
    created_at: i64,
    start_time: i64,
    notes: [(); 0],
    error_description: Option<&'static str>,
    entity_id: Option<()>,
    dcc_enabled: bool,
    max_amount: i64,
    expired_at: i64,
}

#[derive(Serialize)]
struct VpaOut<'a> {
    username: &'a str,
    handle: &'a str,
    name: Option<&'a str>,
    status: Option<&'static str>,
    received_at: i64,
}

#[derive(Serialize)]
struct RecurringOut {
    status: &'static str,
    failure_reason: Option<&'static str>,
    amount_blocked: i64,
    amount_debited: i64,
}

impl<'a> TokenOut<'a> {
    /// As the API answers it.
    pub fn plain(row: &'a Token) -> TokenOut<'a> {
        let refused = row.failure.map(Failure::fields).map(|fields| fields.description);
        let completed = row.is_exhausted().then_some(COMPLETED);
        TokenOut {
            id: Id(row.id),
            entity: "token",
            token: &row.opaque,
            bank: None,
            wallet: None,
            method: "upi",
            vpa: row.payer.as_ref().map(VpaOut::of),
            recurring: true,
            recurring_details: RecurringOut {
                status: row.state.told(),
                failure_reason: refused.or(completed),
                amount_blocked: row.blocked.get(),
                amount_debited: row.debited.get(),
            },
            auth_type: None,
            mrn: None,
            used_at: row.used_at.map(|at| at.0),
            created_at: row.created_at.0,
            start_time: row.starts_at.0,
            notes: [],
            error_description: refused,
            entity_id: None,
            dcc_enabled: false,
            max_amount: row.max_amount.get(),
            expired_at: row.expires_at.0,
        }
    }

    /// As a webhook shows it: a resumed mandate says so, the API calls it confirmed. Source:
    /// reserve-pay 8.4, AMB-29.
    pub fn in_webhook(row: &'a Token, kind: EventKind) -> TokenOut<'a> {
        let mut out = TokenOut::plain(row);
        if kind == EventKind::TokenResumed && row.state == TokenState::Confirmed {
            out.recurring_details.status = "resumed";
        }
        out
    }
}

impl<'a> VpaOut<'a> {
    fn of(payer: &'a TokenPayer) -> VpaOut<'a> {
        let (username, handle) = payer.vpa.split_once('@').unwrap_or((&payer.vpa, ""));
        VpaOut {
            username,
            handle,
            name: payer.name.as_deref(),
            status: payer.name.as_ref().map(|_| "valid"),
            received_at: payer.received_at.0,
        }
    }
}
