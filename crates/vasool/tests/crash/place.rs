//! A database for one test, with the keys of its server.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Where a server keeps its rows, and what it is started with.
pub struct Place {
    /// A directory of the test's own: logs, and the SQLite file.
    pub directory: PathBuf,
    /// What `--database` takes.
    pub database: String,
    pub master_key: Option<String>,
    /// A process whose mounts commands must see.
    pub mounts_of: Option<u32>,
    /// Key id and secret of the first merchant.
    pub key: (String, String),
}

impl Place {
    /// A file in a directory of its own.
    pub fn sqlite() -> Place {
        let directory = unique();
        let database = format!("sqlite:{}", directory.join("vasool.db").display());
        Place::at(directory, database)
    }

    /// A database of its own on the test server; `None`, and a word about it, without a server.
    pub async fn postgres() -> Option<Place> {
        let Ok(server) = std::env::var("VASOOL_TEST_POSTGRES") else {
            eprintln!("skipped: VASOOL_TEST_POSTGRES names no server");
            return None;
        };
        let directory = unique();
        let name = directory.file_name()?.to_str()?.to_owned();
        sql(&server, &format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/')?;
        Some(Place::at(directory, format!("{base}/{name}")))
    }

    /// A database that is there already.
    pub fn at(directory: PathBuf, database: String) -> Place {
        Place {
            directory,
            database,
            master_key: Some("5a".repeat(32)),
            mounts_of: None,
            key: ("rzp_test_QcCrashKey0001".to_owned(), "crash_secret_0001".to_owned()),
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.database.starts_with("postgres")
    }

    /// As if the time had passed for which a dead process had reserved webhooks.
    pub async fn end_leases(&self) {
        if self.is_postgres() {
            sql(&self.database, "UPDATE deliveries SET leased_until_ms = 0").await;
            sql(&self.database, "UPDATE instructions SET leased_until_ms = 0").await;
            sql(&self.database, "UPDATE bulk_files SET leased_until_ms = 0").await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // PostgreSQL databases go with their throw-away server.
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

/// A new directory with a name that PostgreSQL takes for a database too.
pub fn unique() -> PathBuf {
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let directory =
        std::env::temp_dir().join(format!("vasool_crash_{}_{count}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    directory
}

/// Runs statements on a PostgreSQL server directly.
async fn sql(url: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the test server");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    let _ = connection.await;
}
