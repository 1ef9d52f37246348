//! Lists and maps inside one column, as JSON text of our own shape.

use serde_json::{Value as Json, json};
use vasool_core::customer::Notes;
use vasool_core::id::{BankAccountId, RawId};
use vasool_core::receiver::{AllowedPayer, BankReceiver};
use vasool_core::scope::Mode;
use vasool_core::settings::{CollectingBank, SETTINGS, SettingValue, Settings};
use vasool_core::tenant::Sealed;

use crate::error::{StoreError, StoreResult};

/// Key and value pairs in order. The empty set, which most rows have, costs no work.
pub fn write_notes(notes: &Notes) -> String {
    if notes.is_empty() { "[]".to_owned() } else { json!(notes).to_string() }
}

pub fn read_notes(text: &str) -> StoreResult<Notes> {
    if text == "[]" {
        return Ok(vec![]);
    }
    serde_json::from_str(text).map_err(corrupt)
}

pub fn write_strings(list: &[String]) -> String {
    json!(list).to_string()
}

pub fn read_strings(text: &str) -> StoreResult<Vec<String>> {
    serde_json::from_str(text).map_err(corrupt)
}

pub fn write_banks(banks: &[BankReceiver]) -> String {
    let rows: Vec<_> =
        banks.iter().map(|bank| (bank.id.0.as_str(), &bank.ifsc, &bank.bank_name)).collect();
    json!(rows).to_string()
}

pub fn read_banks(text: &str) -> StoreResult<Vec<BankReceiver>> {
    let rows: Vec<(String, String, Option<String>)> =
        serde_json::from_str(text).map_err(corrupt)?;
    rows.into_iter()
        .map(|(id, ifsc, bank_name)| {
            let id = RawId::parse(&id).ok_or_else(|| corrupt("bad id"))?;
            Ok(BankReceiver { id: BankAccountId(id), ifsc, bank_name })
        })
        .collect()
}

/// Nothing where anyone may pay, as on most accounts.
pub fn write_payers(payers: &[AllowedPayer]) -> Option<String> {
    let row =
        |payer: &AllowedPayer| json!((payer.id.0.as_str(), &payer.ifsc, &payer.account_number));
    (!payers.is_empty()).then(|| Json::Array(payers.iter().map(row).collect()).to_string())
}

pub fn read_payers(text: Option<&str>) -> StoreResult<Vec<AllowedPayer>> {
    let Some(text) = text else { return Ok(vec![]) };
    let rows: Vec<(String, String, String)> = serde_json::from_str(text).map_err(corrupt)?;
    rows.into_iter()
        .map(|(id, ifsc, account_number)| {
            let id = RawId::parse(&id).ok_or_else(|| corrupt("bad id"))?;
            Ok(AllowedPayer { id: BankAccountId(id), ifsc, account_number })
        })
        .collect()
}

pub fn write_secrets(secrets: &[(i64, Option<Sealed>)]) -> String {
    let rows: Vec<_> = secrets
        .iter()
        .map(|(version, secret)| (version, secret.as_ref().map(|sealed| to_hex(&sealed.0))))
        .collect();
    json!(rows).to_string()
}

pub fn read_secrets(text: &str) -> StoreResult<Vec<(i64, Option<Sealed>)>> {
    let rows: Vec<(i64, Option<String>)> = serde_json::from_str(text).map_err(corrupt)?;
    rows.into_iter()
        .map(|(version, secret)| {
            let secret = secret.map(|hex| from_hex(&hex).map(Sealed)).transpose()?;
            Ok((version, secret))
        })
        .collect()
}

/// Only what differs from the defaults, so that a better default reaches old merchants.
pub fn write_settings(settings: &Settings, mode: Mode) -> String {
    let defaults = Settings::defaults(mode);
    let mut out = serde_json::Map::new();
    for (name, _) in SETTINGS {
        let value = settings.get(name);
        if value != defaults.get(name)
            && let Some(value) = value
        {
            out.insert((*name).to_owned(), setting_to_json(value));
        }
    }
    Json::Object(out).to_string()
}

pub fn read_settings(text: &str, mode: Mode) -> StoreResult<Settings> {
    let mut settings = Settings::defaults(mode);
    if text == "{}" {
        return Ok(settings);
    }
    let stored: serde_json::Map<String, Json> = serde_json::from_str(text).map_err(corrupt)?;
    for (name, json) in stored {
        let known = setting_from_json(&json).is_some_and(|value| settings.set(&name, value));
        if !known {
            return Err(corrupt(format!("setting {name} has a bad value")));
        }
    }
    Ok(settings)
}

fn setting_to_json(value: SettingValue) -> Json {
    match value {
        SettingValue::Integer(number) => json!(number),
        SettingValue::Switch(on) => json!(on),
        SettingValue::Text(text) => json!(text),
        SettingValue::Millionths(factor) => json!({ "millionths": factor }),
        SettingValue::Banks(banks) => {
            let rows: Vec<_> = banks.iter().map(|bank| (&bank.ifsc, &bank.bank_name)).collect();
            json!(rows)
        }
    }
}

fn setting_from_json(json: &Json) -> Option<SettingValue> {
    Some(match json {
        Json::Number(number) => SettingValue::Integer(number.as_i64()?),
        Json::Bool(on) => SettingValue::Switch(*on),
        Json::Null => SettingValue::Text(None),
        Json::String(text) => SettingValue::Text(Some(text.clone())),
        Json::Object(map) => SettingValue::Millionths(map.get("millionths")?.as_i64()?),
        Json::Array(_) => {
            let rows: Vec<(String, Option<String>)> = serde_json::from_value(json.clone()).ok()?;
            let bank = |(ifsc, bank_name)| CollectingBank { ifsc, bank_name };
            SettingValue::Banks(rows.into_iter().map(bank).collect())
        }
    })
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> StoreResult<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(corrupt("bad hex"));
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(corrupt))
        .collect()
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_settings_survive_and_defaults_are_not_stored() {
        for mode in [Mode::Test, Mode::Live] {
            let mut settings = Settings::defaults(mode);
            assert_eq!(write_settings(&settings, mode), "{}");
            assert!(settings.set("webhook_time_scale", SettingValue::Millionths(1000)));
            assert!(settings.set("va_dormancy_days", SettingValue::Integer(0)));
            assert!(settings.set("billing_label", SettingValue::Text(Some("Lotus ₹".into()))));
            let bank = CollectingBank { ifsc: "UTIB000RAZP".into(), bank_name: None };
            assert!(settings.set("va_bank", SettingValue::Banks(vec![bank])));
            let text = write_settings(&settings, mode);
            assert_eq!(read_settings(&text, mode).unwrap(), settings);
        }
    }

    #[test]
    fn secrets_survive() {
        let secrets = vec![(1, Some(Sealed(vec![0, 255, 16]))), (2, None)];
        assert_eq!(read_secrets(&write_secrets(&secrets)).unwrap(), secrets);
    }

    #[test]
    fn damaged_text_is_an_error() {
        assert!(read_notes("{").is_err());
        assert!(read_secrets("[[1,\"zz\"]]").is_err());
        assert!(read_settings("{\"va_fee_bps\":-5}", Mode::Test).is_err());
    }
}
