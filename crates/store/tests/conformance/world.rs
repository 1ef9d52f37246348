//! A store of each kind, empty, for one test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;
use vasool_core::working_set::{Key, WorkingSet};
use vasool_store::columns::{Cells, Value};
use vasool_store::memory::MemoryStore;
use vasool_store::postgres::PostgresStore;
use vasool_store::sqlite::SqliteStore;
use vasool_store::{Batch, Store, StoreResult};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A store and what must be cleared away after the test.
pub struct World {
    pub store: Store,
    pub place: Place,
}

/// Where the rows are.
pub enum Place {
    Memory,
    Sqlite(PathBuf),
    Postgres { server: String, name: String, url: String },
}

/// Runs a test on every store.
pub fn on_all(test: impl AsyncFn(&World)) {
    let runtime = runtime();
    runtime.block_on(async {
        for place in places() {
            let world = World::open(place).await;
            let _named = Named(world.place.name());
            test(&world).await;
            world.close().await;
        }
    });
}

/// Runs a test on the stores that have a database.
pub fn on_databases(test: impl AsyncFn(&World)) {
    on_all(async |world| {
        if !matches!(world.place, Place::Memory) {
            test(world).await;
        }
    });
}

/// Runs a test on PostgreSQL only.
pub fn on_postgres(test: impl AsyncFn(&World)) {
    on_all(async |world| {
        if matches!(world.place, Place::Postgres { .. }) {
            test(world).await;
        }
    });
}

/// Says which store a failing test was on.
struct Named(&'static str);

impl Drop for Named {
    #[allow(clippy::print_stderr, reason = "read when a test fails")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed on {}", self.0);
        }
    }
}

impl Place {
    fn name(&self) -> &'static str {
        match self {
            Place::Memory => "memory",
            Place::Sqlite(_) => "SQLite",
            Place::Postgres { .. } => "PostgreSQL",
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

fn places() -> Vec<Place> {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("vasool_test_{}_{number}", std::process::id());
    let file = std::env::temp_dir().join(format!("{name}.db"));
    let mut places = vec![Place::Memory, Place::Sqlite(file)];
    match std::env::var("VASOOL_TEST_POSTGRES") {
        Ok(server) => {
            let (head, _) = server.rsplit_once('/').expect("an address ends in a database name");
            let url = format!("{head}/{name}");
            places.push(Place::Postgres { server, name, url });
        }
        #[allow(clippy::print_stderr, reason = "a reader of the test's output must know")]
        Err(_) => eprintln!("PostgreSQL is skipped: VASOOL_TEST_POSTGRES is not set"),
    }
    places
}

/// Runs statements on a server directly.
pub async fn directly(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("it connects");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("the statement is right");
    drop(client);
    let _ = connection.await;
}

impl World {
    async fn open(place: Place) -> World {
        let store = match &place {
            Place::Memory => Store::Memory(MemoryStore::default()),
            Place::Sqlite(file) => Store::Sqlite(SqliteStore::open_or_create(file).unwrap()),
            Place::Postgres { server, name, url } => {
                directly(server, &format!("CREATE DATABASE {name}")).await;
                Store::Postgres(PostgresStore::open_or_create(url).await.unwrap())
            }
        };
        World { store, place }
    }

    async fn close(self) {
        drop(self.store);
        match &self.place {
            Place::Memory => {}
            Place::Sqlite(file) => {
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{end}", file.display()));
                }
            }
            Place::Postgres { server, name, .. } => {
                directly(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            }
        }
    }

    /// Whether rows can be damaged with SQL.
    pub fn is_database(&self) -> bool {
        !matches!(self.place, Place::Memory)
    }

    /// Whether rows are kept by PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres { .. })
    }

    /// Runs one statement.
    pub async fn sql(&self, sql: &str, params: Vec<Value<'static>>) -> usize {
        let changed = match &self.store {
            Store::Sqlite(store) => store.execute(sql.to_owned(), params).await,
            Store::Postgres(store) => store.execute(sql.to_owned(), params).await,
            Store::Memory(_) => panic!("memory runs no statement"),
        };
        changed.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Rows of a query.
    pub async fn rows(&self, sql: &str) -> Vec<Cells> {
        let rows = match &self.store {
            Store::Sqlite(store) => store.rows(sql.to_owned(), vec![]).await,
            Store::Postgres(store) => store.rows(sql.to_owned(), vec![]).await,
            Store::Memory(store) => store.rows(sql.to_owned(), vec![]).await,
        };
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Loads keys in a batch of its own, which is dropped.
    pub async fn load(&self, keys: Vec<Key>) -> WorkingSet {
        let mut session = self.store.begin().await.unwrap();
        session.load(keys, WorkingSet::default()).await.unwrap()
    }

    /// Saves what a set changed, as one batch.
    pub async fn save(&self, mut set: WorkingSet) -> StoreResult<()> {
        set.keep();
        let session = self.store.begin().await?;
        session.save(batch(set).into()).await
    }
}

/// A batch with an id of its own.
pub fn batch(set: WorkingSet) -> Batch {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Batch::new(format!("batch{number}"), set.into_changes())
}
