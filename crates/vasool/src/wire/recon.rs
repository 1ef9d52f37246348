//! Settlement recon on the wire. Source: common 14.

use serde::Serialize;
use vasool_core::calendar::india_midnight;
use vasool_core::id::{PaymentId, RefundId};
use vasool_core::time::{DAY_SECONDS, Time};
use vasool_store::reads::{ReconKind, ReconRow};

use super::error::ApiError;
use super::fields::Fields;
use super::out::{Id, NotesOut};

/// Years a client may name.
const YEARS: (i64, i64) = (2000, 2119);

/// One row: a captured payment or a refund. What a settlement would add is not there yet.
#[derive(Serialize)]
pub struct ReconOut<'a> {
    entity_id: String,
    r#type: &'static str,
    debit: i64,
    credit: i64,
    amount: i64,
    currency: &'static str,
    fee: i64,
    tax: i64,
    on_hold: bool,
    settled: bool,
    created_at: i64,
    settled_at: Option<i64>,
    settlement_id: Option<&'a str>,
    posted_at: Option<i64>,
    credit_type: &'static str,
    description: Option<&'a str>,
    notes: NotesOut<'a>,
    payment_id: Option<Id<PaymentId>>,
    settlement_utr: Option<&'a str>,
    order_id: Option<&'a str>,
    order_receipt: Option<&'a str>,
    method: &'a str,
    card_network: Option<&'a str>,
    card_issuer: Option<&'a str>,
    card_type: Option<&'a str>,
    dispute_id: Option<&'a str>,
}

impl<'a> From<&'a ReconRow> for ReconOut<'a> {
    fn from(row: &'a ReconRow) -> Self {
        let (amount, fee) = (row.amount.get(), row.fee.get());
        let (entity_id, kind, debit, credit, payment) = match row.kind {
            ReconKind::Payment => (row.payment.to_string(), "payment", 0, amount - fee, None),
            ReconKind::Refund => {
                let id = RefundId(row.entity).to_string();
                (id, "refund", amount, 0, Some(Id(row.payment)))
            }
        };
        ReconOut {
            entity_id,
            r#type: kind,
            debit,
            credit,
            amount,
            currency: "INR",
            fee,
            tax: row.tax.get(),
            on_hold: false,
            settled: false,
            created_at: row.created_at.0,
            settled_at: None,
            settlement_id: None,
            posted_at: None,
            credit_type: "default",
            description: row.description.as_deref(),
            notes: NotesOut(&row.notes),
            payment_id: payment,
            settlement_utr: None,
            order_id: None,
            order_receipt: None,
            method: &row.method,
            card_network: None,
            card_issuer: None,
            card_type: None,
            dispute_id: None,
        }
    }
}

/// Reads `year`, `month` and `day` of a query: the days in India from the first instant on, before
/// the second. Source: common 14.
pub fn read_days(query: &Fields<'_>) -> Result<(Time, Time), ApiError> {
    let within = |name, number: i64, (least, most): (i64, i64)| match number {
        number if number < least => Err(ApiError::must_be_at_least(name, least)),
        number if number > most => Err(ApiError::may_not_exceed(name, most)),
        number => Ok(number),
    };
    let year = within("year", query.required_integer("year")?, YEARS)?;
    let month = within("month", query.required_integer("month")?, (1, 12))?;
    let Some(day) = query.integer("day")? else {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let first = |(year, month)| india_midnight(year, month, 1).ok_or_else(invalid_day);
        return Ok((first((year, month))?, first(next)?));
    };
    let day = within("day", day, (1, 31))?;
    let from = india_midnight(year, month, day).ok_or_else(invalid_day)?;
    Ok((from, from.plus_seconds(DAY_SECONDS)))
}

fn invalid_day() -> ApiError {
    ApiError::selected_invalid("day")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::decode_query;

    fn days(query: &str) -> Result<(i64, i64), String> {
        let value = decode_query(query).unwrap();
        read_days(&Fields::of_query(&value))
            .map(|(from, until)| (from.0, until.0))
            .map_err(|error| error.description.into_owned())
    }

    #[test]
    fn cm_126_months_and_days_of_india() {
        assert_eq!(days("year=1970&month=1"), Err("The year must be at least 2000.".to_owned()));
        assert_eq!(days("year=2026&month=12"), Ok((1_796_063_400, 1_798_741_800)));
        assert_eq!(days("year=2026&month=12&day=31"), Ok((1_798_655_400, 1_798_741_800)));
        for (query, want) in [
            ("", "The year field is required."),
            ("year=2026", "The month field is required."),
            ("year=x&month=1", "The year must be an integer."),
            ("year=2026&month=13", "The month may not be greater than 12."),
            ("year=2026&month=2&day=29", "The selected day is invalid."),
        ] {
            assert_eq!(days(query), Err(want.to_owned()), "{query}");
        }
    }
}
