//! A fresh database per test, gone afterwards.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use vasool_store::Store;
use vasool_store::postgres::PostgresStore;
use vasool_store::sqlite::SqliteStore;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Where a test keeps its rows.
pub enum Database {
    Sqlite(PathBuf),
    Postgres { server: String, name: String },
}

fn unique(prefix: &str) -> String {
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    // Ids of processes come again, and what one left behind must not meet another.
    let now = vasool::clock::Clock::System.now().0;
    format!("{prefix}_{}_{now}_{count}", std::process::id())
}

impl Database {
    /// A file in a directory of its own.
    pub fn sqlite() -> Database {
        let directory = std::env::temp_dir().join(unique("vasool_it"));
        std::fs::create_dir_all(&directory).expect("a directory");
        Database::Sqlite(directory.join("vasool.db"))
    }

    /// A database of its own on the test server; `None`, and a word about it, without a server.
    pub async fn postgres() -> Option<Database> {
        let Ok(server) = std::env::var("VASOOL_TEST_POSTGRES") else {
            eprintln!("skipped: VASOOL_TEST_POSTGRES names no server");
            return None;
        };
        let name = unique("it");
        admin(&server, &format!("CREATE DATABASE {name}")).await;
        Some(Database::Postgres { server, name })
    }

    /// What `--database` takes.
    pub fn url(&self) -> String {
        match self {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres { server, name } => {
                let (base, _) = server.rsplit_once('/').expect("a URL with a database");
                format!("{base}/{name}")
            }
        }
    }

    /// Takes a PostgreSQL database away from the server that uses it.
    pub async fn take_away(&self) {
        if let Database::Postgres { server, name } = self {
            admin(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    pub async fn open(&self) -> Store {
        match self {
            Database::Sqlite(path) => {
                Store::Sqlite(SqliteStore::open_or_create(path).expect("a database"))
            }
            Database::Postgres { .. } => {
                let store = PostgresStore::open_or_create(&self.url()).await;
                Store::Postgres(store.expect("a database"))
            }
        }
    }
}

async fn admin(server: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.expect("the test server");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    connection.abort();
}

impl Drop for Database {
    fn drop(&mut self) {
        // PostgreSQL databases go with their throw-away server.
        if let Database::Sqlite(path) = self
            && let Some(directory) = path.parent()
        {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}
