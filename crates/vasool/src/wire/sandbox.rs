//! The sandbox's calls on the wire. Source: sandbox.

use serde::Serialize;
use serde_json::{Value as Json, json};
use vasool_core::command::ClockChange;
use vasool_core::sandbox::Message;
use vasool_core::settings::{CollectingBank, SETTINGS, SettingKind, SettingValue, Settings};
use vasool_core::tenant::{ADVANCE_SECONDS_MAX, Tenant};
use vasool_core::time::Millis;
use vasool_store::reads::AttemptView;

use super::error::ApiError;
use super::fields::Fields;
use super::out::Id;
use super::value::Value;

/// The merchant's test clock. Source: sandbox 5.
#[derive(Serialize)]
pub struct ClockOut {
    entity: &'static str,
    now: i64,
    frozen: bool,
    offset: i64,
}

impl ClockOut {
    /// The clock of a tenant at a real instant; the offset is against real time, in seconds.
    pub fn of(tenant: &Tenant, real: Millis) -> ClockOut {
        let now = tenant.now(real).to_time().0;
        ClockOut {
            entity: "sandbox.clock",
            now,
            frozen: tenant.clock.frozen_at.is_some(),
            offset: now - real.to_time().0,
        }
    }
}

/// Reads `POST /v1/sandbox/clock`: a freeze or thaw first, then an advance. Source: sandbox 5.
pub fn read_clock(fields: &Fields<'_>) -> Result<Vec<ClockChange>, ApiError> {
    let mut changes = vec![];
    if let Some(freeze) = fields.boolean("freeze")? {
        changes.push(if freeze { ClockChange::Freeze } else { ClockChange::Thaw });
    }
    if let Some(seconds) = fields.integer("advance")? {
        if seconds < 0 {
            return Err(ApiError::must_be_at_least("advance", 0));
        }
        if seconds > ADVANCE_SECONDS_MAX {
            return Err(ApiError::may_not_exceed("advance", ADVANCE_SECONDS_MAX));
        }
        changes.push(ClockChange::Advance(seconds));
    }
    if changes.is_empty() {
        return Err(ApiError::field_required("advance"));
    }
    Ok(changes)
}

/// All settings. Source: sandbox 8.
pub fn settings_out(settings: &Settings) -> Json {
    let mut out = serde_json::Map::new();
    out.insert("entity".to_owned(), json!("sandbox.settings"));
    for (name, _) in SETTINGS {
        if let Some(value) = settings.get(name) {
            out.insert((*name).to_owned(), setting_out(value));
        }
    }
    Json::Object(out)
}

fn setting_out(value: SettingValue) -> Json {
    match value {
        SettingValue::Integer(number) => json!(number),
        SettingValue::Switch(on) => json!(on),
        SettingValue::Text(text) => json!(text),
        SettingValue::Millionths(factor) => decimal(factor),
        SettingValue::Banks(banks) => {
            let bank =
                |bank: CollectingBank| json!({"ifsc": bank.ifsc, "bank_name": bank.bank_name});
            Json::Array(banks.into_iter().map(bank).collect())
        }
    }
}

/// Millionths as a JSON number, without a detour through floating point where there is a whole.
fn decimal(millionths: i64) -> Json {
    let (whole, part) = (millionths / 1_000_000, millionths % 1_000_000);
    if part == 0 {
        return json!(whole);
    }
    let text = format!("{whole}.{part:06}");
    serde_json::from_str(text.trim_end_matches('0')).unwrap_or(Json::Null)
}

/// Reads `PATCH /v1/sandbox/settings`. Null sets the default back. Source: sandbox 8.
pub fn read_settings(
    fields: &Fields<'_>,
    defaults: &Settings,
) -> Result<Vec<(String, SettingValue)>, ApiError> {
    let mut changes = vec![];
    for name in fields.keys() {
        let Some((_, kind)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
            return Err(ApiError::extra_keys(name));
        };
        let value = if matches!(fields.value(name), Some(Value::Null)) {
            defaults.get(name).ok_or_else(|| ApiError::extra_keys(name))?
        } else {
            read_setting(fields, name, *kind)?
        };
        if !kind.admits(&value) {
            return Err(ApiError::selected_invalid(name));
        }
        changes.push((name.to_owned(), value));
    }
    Ok(changes)
}

fn read_setting(
    fields: &Fields<'_>,
    name: &str,
    kind: SettingKind,
) -> Result<SettingValue, ApiError> {
    Ok(match kind {
        SettingKind::Integer(..) => SettingValue::Integer(fields.required_integer(name)?),
        SettingKind::Switch => SettingValue::Switch(fields.required_boolean(name)?),
        SettingKind::Word(..) | SettingKind::Digits(_) => {
            SettingValue::Text(Some(fields.required_text(name)?.into_owned()))
        }
        SettingKind::OptionalWord(..) | SettingKind::Label(_) => {
            SettingValue::Text(fields.text(name)?.map(|text| text.into_owned()))
        }
        SettingKind::Factor => {
            let text = fields.required_text(name)?;
            let factor = read_millionths(&text).ok_or_else(|| ApiError::selected_invalid(name))?;
            SettingValue::Millionths(factor)
        }
        SettingKind::Banks => {
            let banks = fields.required_list_of_objects(name)?;
            let bank = |bank: Fields<'_>| {
                Ok(CollectingBank {
                    ifsc: bank.required_text("ifsc")?.trim().to_ascii_uppercase(),
                    bank_name: bank.text("bank_name")?.map(|name| name.into_owned()),
                })
            };
            SettingValue::Banks(banks.into_iter().map(bank).collect::<Result<_, ApiError>>()?)
        }
    })
}

/// A decimal number such as `0.001` in millionths.
fn read_millionths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 6 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok().filter(|whole| *whole >= 0)?;
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)
}

/// A message that would have gone out. Source: sandbox 6.
#[derive(Serialize)]
pub struct MessageOut<'a> {
    id: Id<vasool_core::id::MessageId>,
    entity: &'static str,
    channel: &'static str,
    to: &'a str,
    subject: &'a str,
    text: &'a str,
    links: &'a [String],
    created_at: i64,
}

impl<'a> From<&'a Message> for MessageOut<'a> {
    fn from(row: &'a Message) -> Self {
        MessageOut {
            id: Id(row.id),
            entity: "sandbox.message",
            channel: row.channel,
            to: &row.to,
            subject: &row.subject,
            text: &row.text,
            links: &row.links,
            created_at: row.created_at.0,
        }
    }
}

/// One webhook call. Source: sandbox 6.
pub fn attempt_out(view: &AttemptView, public_url: &str) -> Json {
    let AttemptView { attempt, url, occurrence } = view;
    let body = super::event::body(occurrence, attempt.name, public_url);
    let mut headers = json!({
        "Content-Type": "application/json",
        "x-razorpay-event-id": attempt.event.to_string(),
    });
    if let (Some(signature), Some(map)) = (&attempt.outcome.signature, headers.as_object_mut()) {
        map.insert("X-Razorpay-Signature".to_owned(), json!(signature));
    }
    json!({
        "entity": "sandbox.delivery",
        "event": attempt.name.as_str(),
        "event_id": attempt.event.to_string(),
        "endpoint_id": attempt.endpoint.to_string(),
        "url": url,
        "attempt": attempt.number,
        "request": {"headers": headers, "body": body},
        "response_status": attempt.outcome.status,
        "error": attempt.outcome.error,
        "took_ms": attempt.outcome.took_ms,
        "next_attempt_at": attempt.next_at.map(|at| at.to_time().0),
        "created_at": attempt.at.to_time().0,
        "created_at_ms": attempt.at.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_survive_the_wire() {
        for (text, millionths) in [("1", 1_000_000), ("0.001", 1_000), ("2.5", 2_500_000)] {
            assert_eq!(read_millionths(text), Some(millionths));
            assert_eq!(decimal(millionths).to_string(), text);
        }
        for bad in ["", "-1", "1e3", "0.0000001", "x", "1.x"] {
            assert_eq!(read_millionths(bad), None, "{bad}");
        }
    }
}
