//! `vasool alerts`.

use std::process::ExitCode;

use serde_json::json;
use vasool_core::working_set::Alert;
use vasool_nach::day::timestamp;

use super::database::open;
use super::{CliResult, Common, Config, block_on, say};

/// Prints what operators were told, newest first.
pub fn list(common: &Common, count: u32, json: bool) -> CliResult {
    block_on(async {
        let store = open(&Config::read(common)?).await?;
        let alerts = store.alerts(count.into()).await?;
        if json {
            let rows: Vec<_> = alerts.iter().map(alert_json).collect();
            say(&json!({ "alerts": rows }).to_string());
            return Ok(ExitCode::SUCCESS);
        }
        for alert in &alerts {
            let Alert { connector, reference, text, created_at, .. } = alert;
            say(&format!("{}  {connector}  {reference}  {text}", timestamp(*created_at)));
        }
        if alerts.is_empty() {
            say("no alerts");
        }
        Ok(ExitCode::SUCCESS)
    })?
}

fn alert_json(alert: &Alert) -> serde_json::Value {
    json!({
        "created_at": alert.created_at.0,
        "connector": alert.connector,
        "reference": alert.reference,
        "text": alert.text,
    })
}
