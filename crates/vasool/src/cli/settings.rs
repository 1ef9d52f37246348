//! `vasool settings …`: what a merchant chose in a mode, beside a running server or without one.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use vasool_core::command::{Command, Reply, ScopedCommand};
use vasool_core::scope::Scope;
use vasool_core::settings::Settings;
use vasool_store::Store;

use super::database::open;
use super::keys::{merchant_id, submit};
use super::sandbox::pair;
use super::table::say_pairs;
use super::{CliResult, Common, Config, JsonArgs, ModeArg, block_on, say};
use crate::wire::body::decode_body;
use crate::wire::fields::Fields;
use crate::wire::sandbox::{read_settings, settings_out};
use crate::wire::sandbox_calls;
use crate::wire::shown::{Shown, shown};

/// Looking at settings, and changing them.
#[derive(Debug, Subcommand)]
pub enum SettingsAction {
    /// Print every setting.
    Show(WhoseArgs),
    /// Change settings, all that are named or none.
    Set {
        #[command(flatten)]
        whose: WhoseArgs,
        /// `KEY=VALUE`; `null` sets the default back.
        #[arg(value_parser = pair, value_name = "KEY=VALUE", required = true)]
        pairs: Vec<(String, String)>,
    },
}

/// Whose settings.
#[derive(Debug, Args)]
pub struct WhoseArgs {
    /// The merchant, acc_….
    #[arg(long)]
    merchant: String,
    /// In which mode.
    #[arg(long, value_enum)]
    mode: ModeArg,
    #[command(flatten)]
    output: JsonArgs,
}

/// Runs a command about settings.
pub fn run(common: &Common, action: SettingsAction) -> CliResult {
    let config = Config::read(common)?;
    let (whose, pairs) = match action {
        SettingsAction::Show(whose) => (whose, vec![]),
        SettingsAction::Set { whose, pairs } => (whose, pairs),
    };
    let settings = block_on(async {
        let store = open(&config).await?;
        let scope = scope_of(&store, &whose).await?;
        if pairs.is_empty() {
            let tenant = store.tenant(scope.id).await.map_err(|error| error.to_string())?;
            return tenant.map(|tenant| tenant.settings).ok_or_else(|| "it is gone".to_owned());
        }
        change(store, scope, &pairs).await
    })??;
    let out = settings_out(&settings);
    match (whose.output.json, shown(&out)) {
        (false, Shown::Pairs(pairs)) => say_pairs(&pairs),
        _ => say(&out.to_string()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn scope_of(store: &Store, whose: &WhoseArgs) -> Result<Scope, String> {
    let id = merchant_id(&whose.merchant)?;
    let row = store.merchant(id).await.map_err(|error| error.to_string())?;
    let row = row.ok_or_else(|| format!("there is no merchant {id} in this database"))?;
    Ok(row.scope(whose.mode.mode()))
}

/// The same command as the API's, as a transaction of its own.
async fn change(
    store: Store,
    scope: Scope,
    pairs: &[(String, String)],
) -> Result<Settings, String> {
    let json = sandbox_calls::settings(pairs).to_string();
    let changes = decode_body(Some("application/json"), json.as_bytes())
        .and_then(|body| read_settings(&Fields::of_body(&body), &Settings::defaults(scope.mode)));
    let changes = changes.map_err(|error| {
        let field = error.field.map(|field| format!("\n  field:  {field}")).unwrap_or_default();
        let hint = "`vasool settings show` lists every setting with its value";
        format!("{}{field}\n  to do:  {hint}", error.description)
    })?;
    let command = Command::Scoped(scope.id, ScopedCommand::ChangeSettings(changes));
    match submit(store, command).await? {
        Reply::Tenant(tenant) => Ok(tenant.settings.clone()),
        _ => Err("unexpected reply".to_owned()),
    }
}
