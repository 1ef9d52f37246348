//! `vasool sandbox nach-bank`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{CliResult, JsonArgs, connectors, say};
use crate::clock::Clock;
use crate::sandbox::nach_desk::Desk;

/// Which directory, and how it is answered.
#[derive(Debug, Args)]
pub struct NachBankArgs {
    /// The JSON file of the server's connectors.
    #[arg(long, env = "VASOOL_CONNECTORS")]
    pub connectors: PathBuf,
    /// The connector whose bank is played; the only one when not given.
    #[arg(long)]
    pub connector: Option<String>,
    /// In how many files debits are answered.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=90))]
    pub parts: u8,
    #[command(flatten)]
    output: JsonArgs,
}

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
