//! Which database, and where its master key is.

use std::path::{Path, PathBuf};

use super::Common;
use crate::secrets::{MasterKey, MasterKeyError};

/// Where rows are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Config {
    /// A file.
    Sqlite(PathBuf),
    /// A server, by URL.
    Postgres(String),
}

impl Config {
    /// Reads `--database`.
    pub fn read(common: &Common) -> Result<Config, String> {
        let given = common.database.trim();
        if given.starts_with("postgres://") || given.starts_with("postgresql://") {
            return Ok(Config::Postgres(given.to_owned()));
        }
        match given.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => {
                let path = path.strip_prefix("//").unwrap_or(path);
                Ok(Config::Sqlite(PathBuf::from(path)))
            }
            _ => Err("--database (VASOOL_DATABASE) is neither sqlite:PATH nor \
                      postgres://USER@HOST/DATABASE"
                .to_owned()),
        }
    }

    /// The database for people, without user and password.
    pub fn name(&self) -> String {
        match self {
            Config::Sqlite(path) => format!("SQLite at {}", path.display()),
            Config::Postgres(url) => {
                let host = url.rsplit('@').next().unwrap_or("");
                let host = host.split('?').next().unwrap_or("");
                let host = host.rsplit("://").next().unwrap_or("");
                format!("PostgreSQL at {host}")
            }
        }
    }

    /// The master key: given, or in the file beside a SQLite database.
    pub fn master_key(&self, common: &Common) -> Result<MasterKey, String> {
        let given = common.master_key.as_deref().filter(|key| !key.is_empty());
        let key = match (given, self) {
            (Some(given), _) => MasterKey::from_hex(given),
            (None, Config::Sqlite(path)) => MasterKey::from_file(&key_file(path)),
            (None, Config::Postgres(_)) => {
                return Err("PostgreSQL needs a master key for the secrets it stores. Make one \
                            with `openssl rand -hex 32`, keep it safe, and give it to every \
                            process as VASOOL_MASTER_KEY."
                    .to_owned());
            }
        };
        key.map_err(|error: MasterKeyError| error.to_string())
    }
}

fn key_file(database: &Path) -> PathBuf {
    database.with_file_name("vasool.key")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(database: &str) -> Result<Config, String> {
        Config::read(&Common { database: database.to_owned(), master_key: None })
    }

    #[test]
    fn databases_are_named_by_url() {
        assert_eq!(read("sqlite:data/v.db"), Ok(Config::Sqlite("data/v.db".into())));
        assert_eq!(read("sqlite:///tmp/v.db"), Ok(Config::Sqlite("/tmp/v.db".into())));
        assert!(matches!(read("postgres://u@h/d"), Ok(Config::Postgres(_))));
        assert!(read("mysql://h").is_err());
        assert!(read("sqlite:").is_err());
    }
}
