//! `vasool sandbox nach-bank`.

use std::process::ExitCode;

use serde_json::json;

use super::{CliResult, NachBankArgs, connectors, say};
use crate::clock::Clock;
use crate::sandbox::nach_desk::Desk;

/// Acknowledges and answers every file that is there, once.
pub fn run(args: &NachBankArgs) -> CliResult {
    let banks = connectors::read(&args.connectors)?;
    let known: Vec<&str> = banks.iter().map(|bank| bank.name.as_str()).collect();
    let known = known.join(", ");
    let bank = match (&args.connector, &banks[..]) {
        (None, [only]) => only.clone(),
        (None, _) => return Err(format!("--connector must be one of: {known}").into()),
        (Some(name), _) => {
            let bank = banks.iter().find(|bank| bank.name == *name);
            bank.ok_or_else(|| format!("--connector {name:?} is not one of: {known}"))?.clone()
        }
    };
    let mut desk = Desk::open(bank)?;
    let now = Clock::System.now().to_time();
    let mut names = desk.take(now)?;
    names.extend(desk.respond(now, args.parts)?);
    match args.output.json {
        true => say(&json!({ "written": names }).to_string()),
        false if names.is_empty() => say("nothing to answer"),
        false => names.iter().for_each(|name| say(name)),
    }
    Ok(ExitCode::SUCCESS)
}
