//! Faults of the sandbox on the wire. Source: sandbox 7.

use serde::Serialize;
use vasool_core::command::FaultDraft;
use vasool_core::sandbox::{Fault, FaultKind, FaultTarget, RailOperation};
use vasool_core::tenant::ADVANCE_SECONDS_MAX;
use vasool_core::time::Millis;

use super::error::ApiError;
use super::fields::Fields;
use super::out::Id;

/// An armed fault. Source: sandbox 7.
#[derive(Serialize)]
pub struct FaultOut<'a> {
    id: Id<vasool_core::id::FaultId>,
    entity: &'static str,
    target: &'static str,
    kind: &'static str,
    events: &'a [String],
    operation: Option<&'static str>,
    times: i64,
    seconds: i64,
    fired: i64,
    armed: bool,
    created_at: i64,
}

impl<'a> FaultOut<'a> {
    /// A fault at the merchant's now.
    pub fn of(row: &'a Fault, now: Millis) -> FaultOut<'a> {
        FaultOut {
            id: Id(row.id),
            entity: "sandbox.fault",
            target: row.target.as_str(),
            kind: row.kind.as_str(),
            events: &row.events,
            operation: row.operation.map(RailOperation::as_str),
            times: row.times,
            seconds: row.seconds,
            fired: row.fired,
            armed: row.is_armed(now),
            created_at: row.armed_at.to_time().0,
        }
    }
}

/// Reads `POST /v1/sandbox/faults`. Source: sandbox 7.
pub fn read_fault(fields: &Fields<'_>) -> Result<FaultDraft, ApiError> {
    let target = fields.required_text("target")?;
    let target = FaultTarget::parse(&target).ok_or_else(|| ApiError::selected_invalid("target"))?;
    let kind = fields.required_text("kind")?;
    let kind = FaultKind::parse(&kind)
        .filter(|kind| kind.fits(target))
        .ok_or_else(|| ApiError::selected_invalid("kind"))?;
    let events = fields.list_of_text("events")?.unwrap_or_default();
    let operation = match target {
        FaultTarget::Webhook => None,
        FaultTarget::Bank | FaultTarget::Upi | FaultTarget::Nach => {
            let at = |word: &str| RailOperation::parse(word).filter(|known| known.is_of(target));
            fields.chosen("operation", at)?
        }
    };
    let within = |name, default, most| match fields.integer(name)? {
        None => Ok(default),
        Some(number) if number < 1 => Err(ApiError::must_be_at_least(name, 1)),
        Some(number) if number > most => Err(ApiError::may_not_exceed(name, most)),
        Some(number) => Ok(number),
    };
    Ok(FaultDraft {
        target,
        kind,
        events: events.into_iter().map(|name| name.into_owned()).collect(),
        operation,
        times: within("times", 1, 1_000_000)?,
        seconds: within("seconds", 60, ADVANCE_SECONDS_MAX)?,
    })
}
