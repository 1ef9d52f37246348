//! `vasool merchants …` and `vasool keys …`: beside a running server or without one.

use std::process::ExitCode;

use serde_json::json;
use vasool_core::command::{Command, KeyDraft, MerchantDraft, Reply};
use vasool_core::id::{MerchantId, RawId};
use vasool_core::rejection::Rejection;
use vasool_core::scope::Mode;
use vasool_store::Store;

use super::database::{check_master_key, open};
use super::table::{Side, Table};
use super::{CliResult, Common, Config, block_on, say};
use crate::clock::Clock;
use crate::engine::{Engine, Refusal};
use crate::format::day;
use crate::secrets::new_key_secret;
use crate::tasks::Tasks;

/// `vasool merchants create`
pub fn create_merchant(
    common: &Common,
    name: String,
    parent: Option<String>,
    json: bool,
) -> CliResult {
    if name.trim().is_empty() {
        return Err("--name must not be empty".into());
    }
    let parent = parent.as_deref().map(merchant_id).transpose()?;
    let draft = MerchantDraft { name, parent, keys: vec![] };
    block_on(async {
        let store = open(&Config::read(common)?).await?;
        match submit(store, Command::CreateMerchant(draft)).await? {
            Reply::Merchant(merchant, _) => {
                let id = merchant.id.to_string();
                print(json, &json!({ "id": id }), &id);
                Ok(ExitCode::SUCCESS)
            }
            _ => Err("unexpected reply".into()),
        }
    })?
}

/// `vasool merchants list`
pub fn list_merchants(common: &Common, json: bool) -> CliResult {
    block_on(async {
        let rows = open(&Config::read(common)?).await?.merchants().await?;
        if json {
            let rows = rows.iter().map(|row| {
                let parent = row.parent.map(|id| id.to_string());
                json!({ "id": row.id.to_string(), "name": row.name, "parent": parent,
                        "created_at": row.created_at.0 })
            });
            say(&json!({ "merchants": rows.collect::<Vec<_>>() }).to_string());
            return Ok(ExitCode::SUCCESS);
        }
        let titles = ["MERCHANT", "NAME", "PARENT", "OPENED"];
        let mut table = Table::new(&titles.map(|title| (title, Side::Left)));
        for row in &rows {
            let parent = row.parent.map_or_else(|| "-".to_owned(), |id| id.to_string());
            table.row([row.id.to_string(), row.name.clone(), parent, day(row.created_at)]);
        }
        table.say();
        Ok(ExitCode::SUCCESS)
    })?
}

/// `vasool keys create`
pub fn create_key(common: &Common, merchant: &str, mode: Mode, json: bool) -> CliResult {
    let merchant = merchant_id(merchant)?;
    let config = Config::read(common)?;
    let master = config.master_key(common)?;
    let secret = new_key_secret().ok_or("the operating system gives no random numbers")?;
    block_on(async {
        let store = open(&config).await?;
        check_master_key(&store, &master).await?;
        let draft = KeyDraft { mode, id: None, secret: master.seal(&secret)? };
        match submit(store, Command::CreateKey(merchant, draft)).await? {
            Reply::ApiKey(key) => {
                print_key(json, &format!("rzp_{}_{}", mode.as_str(), key.id), &secret);
                Ok(ExitCode::SUCCESS)
            }
            _ => Err("unexpected reply".into()),
        }
    })?
}

/// `vasool keys show`
pub fn show(common: &Common, json: bool) -> CliResult {
    let config = Config::read(common)?;
    let master = config.master_key(common)?;
    block_on(async {
        let store = open(&config).await?;
        check_master_key(&store, &master).await?;
        let key = store.first_test_key().await?.ok_or("there is no test key yet")?;
        print_key(json, &format!("rzp_test_{}", key.id), &master.open(&key.secret)?);
        Ok(ExitCode::SUCCESS)
    })?
}

/// `vasool keys expire`
pub fn expire(common: &Common, key_id: &str) -> CliResult {
    let id = ["rzp_test_", "rzp_live_"]
        .iter()
        .find_map(|prefix| key_id.strip_prefix(prefix))
        .and_then(RawId::parse)
        .ok_or_else(|| {
            format!("{key_id:?} is not a key id: rzp_test_ or rzp_live_ and 14 characters")
        })?;
    block_on(async {
        let store = open(&Config::read(common)?).await?;
        submit(store, Command::ExpireKey(id)).await?;
        say(&format!("{key_id} is refused from now on"));
        Ok(ExitCode::SUCCESS)
    })?
}

/// Runs one command through an engine of its own: a short transaction.
pub async fn submit(store: Store, command: Command) -> Result<Reply, String> {
    let tasks = Tasks::default();
    let engine = Engine::start(store, Clock::System, &tasks);
    engine.submit(command).await.map_err(|refusal| match refusal {
        Refusal::Rejected(Rejection::NotFound) => {
            "there is no such id in this database: check it, and --database".to_owned()
        }
        Refusal::Rejected(rejection) => format!("refused: {rejection:?}"),
        Refusal::Overloaded | Refusal::Unavailable => {
            "the database cannot be written now: look at disk and database with `vasool doctor`; \
             nothing was changed"
                .to_owned()
        }
        Refusal::UnknownOutcome => "the outcome is unknown: look before you repeat".to_owned(),
    })
}

/// Reads `acc_…`.
pub fn merchant_id(text: &str) -> Result<MerchantId, String> {
    text.strip_prefix(MerchantId::PREFIX).and_then(RawId::parse).map(MerchantId).ok_or_else(|| {
        format!(
            "{text:?} is not a merchant id such as acc_QcA0Merchant01; `vasool merchants list` \
                 prints them"
        )
    })
}

fn print_key(json: bool, key_id: &str, secret: &str) {
    let text = format!("key id      {key_id}\nkey secret  {secret}");
    print(json, &json!({ "key_id": key_id, "key_secret": secret }), &text);
}

fn print(json: bool, value: &serde_json::Value, text: &str) {
    if json { say(&value.to_string()) } else { say(text) }
}
