//! Opening a database for a command, and for the server.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use vasool_store::Store;
use vasool_store::StoreError;
use vasool_store::postgres::PostgresStore;
use vasool_store::sqlite::SqliteStore;

use super::Config;
use crate::secrets::MasterKey;

/// Name of the row that tells a wrong master key.
const MASTER_KEY_CHECK: &str = "master_key_check";

/// Opens an existing database.
pub async fn open(config: &Config) -> Result<Store, String> {
    match config {
        Config::Sqlite(path) if !path.exists() => {
            return Err(format!(
                "there is no database at {}: `vasool serve` or `vasool migrate` makes one; if there \
                 should be one, say where with --database or VASOOL_DATABASE",
                path.display()
            ));
        }
        Config::Sqlite(path) => SqliteStore::open(path).map(Store::Sqlite),
        Config::Postgres(url) => PostgresStore::open(url).await.map(Store::Postgres),
    }
    .map_err(|error| explain(config, &error))
}

/// Creates or migrates the database, then opens it.
pub async fn open_or_create(config: &Config) -> Result<Store, String> {
    match config {
        Config::Sqlite(path) => {
            create_directory(path)?;
            SqliteStore::open_or_create(path).map(Store::Sqlite)
        }
        Config::Postgres(url) => PostgresStore::open_or_create(url).await.map(Store::Postgres),
    }
    .map_err(|error| explain(config, &error))
}

/// What is wrong with a database that cannot be opened, and what to do.
fn explain(config: &Config, error: &StoreError) -> String {
    let (name, text) = (config.name(), error.text());
    // What the databases say, in words of theirs; the first that fits.
    let known: &[(&str, &str)] = match config {
        Config::Sqlite(_) => &[
            (
                "file is not a database",
                "this file is something else: give another path in --database",
            ),
            (
                "locked",
                "another program is writing to it: close it (a shell of SQLite, a backup), then \
                 try again",
            ),
            (
                "unable to open",
                "it cannot be opened: check that the path is a file and who may read and write it \
                 and its directory",
            ),
            ("readonly", "it may not be written to: check who owns the file and its directory"),
        ],
        Config::Postgres(_) => &[
            (
                "cannot be read",
                "write --database as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special \
                 characters of the password percent-encoded",
            ),
            ("28P01", "the password is not right: check --database"),
            ("28000", "this user may not log in: check --database and the server's pg_hba.conf"),
            ("3D000", "make the database first, such as with `createdb`, then `vasool migrate`"),
            ("53300", "the server has no connection left: raise max_connections, or run fewer"),
            (
                "error connecting",
                "no server answers there: check host and port, and whether PostgreSQL is running",
            ),
        ],
    };
    let hint = known.iter().find(|(sign, _)| text.contains(sign)).map(|(_, hint)| hint);
    match hint {
        Some(hint) => format!("{name}: {text}\n  to do:  {hint}"),
        None => format!("{name}: {text}"),
    }
}

/// Makes the directory of a SQLite database.
pub fn create_directory(path: &Path) -> Result<(), String> {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => std::fs::create_dir_all(directory)
            .map_err(|error| format!("{}: {error}", directory.display())),
        _ => Ok(()),
    }
}

/// Refuses a master key that did not make this database.
pub async fn check_master_key(store: &Store, master: &MasterKey) -> Result<(), String> {
    let row = master.check_row().map_err(|error| error.to_string())?;
    let stored =
        store.set_meta_once(MASTER_KEY_CHECK, &row).await.map_err(|error| error.to_string())?;
    master.verify(&stored).map_err(|error| error.to_string())
}

/// Held while a server runs on a SQLite file: only one may.
#[derive(Debug)]
pub struct ServerLock {
    _file: File,
}

impl ServerLock {
    /// Takes the lock, or says who has it.
    pub fn take(database: &Path) -> Result<ServerLock, String> {
        let path = lock_file(database);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(format!(
                "another vasool server is running on {}: stop it first, or use PostgreSQL, which \
                 many servers can share",
                database.display()
            )),
            Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
        }
    }
}

fn lock_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_databases_say_is_told_with_what_to_do() {
        let sqlite = Config::Sqlite("data/v.db".into());
        let postgres = Config::Postgres("postgres://u:geheim@db.internal/v?x=1".to_owned());
        for (config, said, hint) in [
            (&sqlite, "database is locked", "close it"),
            (&sqlite, "unable to open database file", "who may read and write"),
            (&sqlite, "attempt to write a readonly database", "who owns the file"),
            (&sqlite, "the database has schema 1, this program needs 6: run `vasool migrate`", ""),
            (&postgres, "28P01 password authentication failed", "the password is not right"),
            (&postgres, "3D000 database \"v\" does not exist", "createdb"),
            (&postgres, "53300 too many clients", "max_connections"),
        ] {
            let text = explain(config, &StoreError::Unavailable(said.to_owned()));
            assert!(text.contains(said) && text.contains(hint), "{text}");
            assert!(!text.contains("geheim"), "{text}");
            assert_eq!(text.contains("to do:"), !hint.is_empty(), "{text}");
        }
    }
}
