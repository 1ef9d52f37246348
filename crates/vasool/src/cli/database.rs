//! Opening a database for a command, and for the server.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use vasool_store::Store;
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
                "there is no database at {}: `vasool serve` or `vasool migrate` makes one",
                path.display()
            ));
        }
        Config::Sqlite(path) => SqliteStore::open(path).map(Store::Sqlite),
        Config::Postgres(url) => PostgresStore::open(url).await.map(Store::Postgres),
    }
    .map_err(|error| error.to_string())
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
    .map_err(|error| error.to_string())
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
