//! `vasool backup`, `migrate` and `doctor`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use vasool_store::Store;

use super::database::{check_master_key, open, open_or_create};
use super::progress::Progress;
use super::{CliResult, Common, Config, block_on, say};
use crate::clock::Clock;
use crate::rails::files::FileBank;
use crate::rails::files::directory::Directory;

/// Room that should be left beside a SQLite database: a full log.
const PROBE_BYTES: usize = 128 << 20;
/// How long the doctor waits for a receiver to accept a connection.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// 2024-01-01: a machine whose clock says less has no clock.
const EARLIEST_SECONDS: i64 = 1_704_067_200;

/// `vasool backup FILE`
pub fn backup(common: &Common, file: PathBuf) -> CliResult {
    if file.exists() {
        return Err(format!(
            "{} exists, and a backup overwrites nothing: name another file",
            file.display()
        )
        .into());
    }
    let config = Config::read(common)?;
    block_on(async {
        match open(&config).await? {
            Store::Sqlite(store) => {
                let _line = Progress::start("copying", growth(&config, &file));
                store.backup(file.clone()).await?
            }
            Store::Postgres(_) => {
                return Err("a PostgreSQL database is backed up with pg_dump, or by copying its \
                            log continuously"
                    .into());
            }
            Store::Memory(_) => return Err("a database in memory has no backup".into()),
        }
        say(&format!(
            "{} is a complete copy; keep the master key with it, but not in the same place",
            file.display()
        ));
        Ok(ExitCode::SUCCESS)
    })?
}

/// How large the copy is, and how large it will be, about.
fn growth(config: &Config, file: &Path) -> impl Fn() -> Option<(u64, u64)> + Send + 'static {
    let from = match config {
        Config::Sqlite(path) => path.clone(),
        Config::Postgres(_) => PathBuf::new(),
    };
    let to = file.to_owned();
    move || {
        let size = |path: &Path| std::fs::metadata(path).map(|file| file.len()).ok();
        Some((size(&to)?, size(&from)?))
    }
}

/// `vasool migrate`
pub fn migrate(common: &Common) -> CliResult {
    block_on(async {
        let config = Config::read(common)?;
        let line = Progress::start("migrating", || None);
        open_or_create(&config).await?;
        drop(line);
        say("the schema is up to date");
        Ok(ExitCode::SUCCESS)
    })?
}

/// `vasool doctor`
pub fn doctor(common: &Common, connectors: Option<&Path>) -> CliResult {
    let mut healthy = true;
    let mut report = |what: &str, result: Result<String, String>| match result {
        Ok(text) => say(&format!("ok    {what}: {text}")),
        Err(text) => {
            healthy = false;
            say(&format!("FAIL  {what}: {text}"));
        }
    };
    let config = match Config::read(common) {
        Ok(config) => config,
        Err(error) => {
            report("configuration", Err(error));
            return Ok(ExitCode::FAILURE);
        }
    };
    report("configuration", Ok(config.name()));
    let now = Clock::System.now().to_time().0;
    report(
        "clock",
        if now > EARLIEST_SECONDS {
            Ok(format!("Unix time {now}"))
        } else {
            Err(format!("Unix time {now} lies in the past"))
        },
    );
    if let Config::Sqlite(path) = &config {
        report("disk", check_disk(path));
    }
    if let Some(path) = connectors {
        for (what, result) in check_connectors(path) {
            report(&what, result);
        }
    }
    block_on(async {
        let store = match open(&config).await {
            Ok(store) => store,
            Err(error) => {
                report("database", Err(error));
                return;
            }
        };
        let writable = store.check_writable().await;
        report(
            "database",
            writable.map(|()| "open and writable".to_owned()).map_err(|error| error.to_string()),
        );
        let key = match config.master_key(common) {
            Ok(master) => check_master_key(&store, &master).await,
            Err(error) => Err(error),
        };
        report("master key", key.map(|()| "opens this database".to_owned()));
        for (url, result) in check_receivers(&store).await {
            report(&format!("webhook {url}"), result);
        }
    })?;
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check_disk(database: &Path) -> Result<String, String> {
    let directory = database.parent().filter(|dir| !dir.as_os_str().is_empty());
    let probe = directory.unwrap_or(Path::new(".")).join(".vasool-doctor");
    let written = std::fs::write(&probe, vec![0; PROBE_BYTES]);
    let removed = std::fs::remove_file(&probe);
    written.and(removed).map_err(|error| error.to_string())?;
    Ok(format!("at least {} MiB free beside the database", PROBE_BYTES >> 20))
}

/// Whether the file of connectors can be read, and the directories in it be written to.
fn check_connectors(path: &Path) -> Vec<(String, Result<String, String>)> {
    let banks = match super::connectors::read(path) {
        Ok(banks) => banks,
        Err(error) => return vec![("connectors".to_owned(), Err(error))],
    };
    let check = |bank: &FileBank| {
        let place = bank.directory.display().to_string();
        let result = Directory::open(&bank.directory).and_then(|directory| {
            let part = Directory::part_name("doctor", "vasool");
            directory.complete(directory.create_part(&part)?)?;
            directory.remove_part(&part)
        });
        result.map(|()| format!("writes to {place}")).map_err(|error| format!("{place}: {error}"))
    };
    banks.iter().map(|bank| (format!("connector {}", bank.name), check(bank))).collect()
}

/// Whether the receivers of active webhooks accept connections.
async fn check_receivers(store: &Store) -> Vec<(String, Result<String, String>)> {
    let endpoints = match store.active_endpoints().await {
        Ok(endpoints) => endpoints,
        Err(error) => return vec![("list".to_owned(), Err(error.to_string()))],
    };
    let mut out = vec![];
    for endpoint in endpoints {
        let address = match endpoint.url.parse::<hyper::Uri>() {
            Ok(uri) => {
                let port = uri.port_u16();
                let port = port.unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
                format!("{}:{port}", uri.host().unwrap_or(""))
            }
            Err(error) => {
                out.push((endpoint.url, Err(error.to_string())));
                continue;
            }
        };
        let connect = tokio::net::TcpStream::connect(&address);
        let result = match tokio::time::timeout(CONNECT_MAX, connect).await {
            Ok(Ok(_)) => Ok("accepts connections".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("does not answer".to_owned()),
        };
        out.push((endpoint.url, result));
    }
    out
}
