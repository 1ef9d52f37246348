//! SQLite: one writer connection on its own thread, a pool of read connections, and a thread that
//! writes the log back.

mod checkpoint;
mod copy;
mod load;
mod queries;
mod save;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};

pub(crate) use copy::Copy;
use queries::Queries;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;
use vasool_core::working_set::{Key, WorkingSet};

use crate::Batch;
use crate::audit::AuditProgress;
use crate::columns::{Cells, Value};
use crate::error::{StoreError, StoreResult};

/// Numbered files, applied in order and never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_init.sql"),
    include_str!("../../migrations/sqlite/0002_mandates.sql"),
    include_str!("../../migrations/sqlite/0003_paper_nach.sql"),
    include_str!("../../migrations/sqlite/0004_rail_files.sql"),
    include_str!("../../migrations/sqlite/0005_messages.sql"),
    include_str!("../../migrations/sqlite/0006_bulk_volume.sql"),
    include_str!("../../migrations/sqlite/0007_operators.sql"),
    include_str!("../../migrations/sqlite/0008_dashboard.sql"),
];
/// Kibibytes of pages kept per connection. Small on purpose: a commit looks through the whole cache,
/// and what is in the file is read through the map below without a copy.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// The same for a read connection, which starts each read with an empty cache.
const READER_CACHE_KIB: i64 = 2 * 1024;
/// Bytes of the file that are mapped for reading; address space, not memory.
const MAP_BYTES: i64 = 1 << 31;
/// Bytes per page. A credit touches a few random pages, and each goes to the log and to the file
/// whole: smaller pages than the usual 4096 make it cheaper, 1024 makes the trees too deep.
const PAGE_BYTES: i64 = 2048;
/// How long a statement waits for an operator's command that holds the write lock, milliseconds.
const BUSY_TIMEOUT_MS: i64 = 5_000;
/// Statements kept prepared per connection.
const STATEMENTS_CACHED: usize = 200;
/// Read connections kept open.
const READERS_MAX: usize = 8;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A SQLite database.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: mpsc::Sender<Job>,
    readers: Arc<Readers>,
}

#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens an existing database. Errors: `Unavailable` when there is none or it is not ours.
    pub fn open(path: &Path) -> StoreResult<SqliteStore> {
        let connection = open_writer(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let version = schema_version(&connection)?;
        if version != MIGRATIONS.len() as i64 {
            return Err(StoreError::Unavailable(format!(
                "the database has schema {version}, this program needs {}: run `vasool migrate`",
                MIGRATIONS.len()
            )));
        }
        SqliteStore::on(connection, path)
    }

    /// Creates or migrates the database, then opens it.
    pub fn open_or_create(path: &Path) -> StoreResult<SqliteStore> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = open_writer(path, flags)?;
        migrate(&mut connection)?;
        SqliteStore::on(connection, path)
    }

    fn on(mut connection: Connection, path: &Path) -> StoreResult<SqliteStore> {
        checkpoint::start(&mut connection, path)?;
        let (writer, jobs) = mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                while let Ok(job) = jobs.recv() {
                    job(&mut connection);
                }
            })
            .expect("a thread can be started");
        let readers = Readers { path: path.to_owned(), idle: Mutex::new(vec![]) };
        Ok(SqliteStore { writer, readers: Arc::new(readers) })
    }

    /// Runs a job on the writer connection.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // A caller that went away does not need the answer.
            let _ = answer.send(job(connection));
        });
        let gone = || StoreError::Unavailable("the writer thread has ended".to_owned());
        self.writer.send(job).map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }

    /// Runs a job on a read connection, which sees one snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let readers = self.readers.clone();
        tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = job(&connection);
            if result.is_ok() {
                readers.give_back(connection);
            }
            result
        })
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
    }

    /// Loads rows into the set; see [`Session::load`](crate::Session::load). On the writer
    /// connection: its cache is warm, while a read connection forgets its own after every commit.
    pub async fn load(&self, keys: Vec<Key>, mut set: WorkingSet) -> StoreResult<WorkingSet> {
        self.write(move |connection| {
            // In one transaction: each query on its own would lock and unlock the log.
            let transaction = connection.transaction().map_err(failure)?;
            let mut queries = Queries::new(&transaction);
            for key in &keys {
                load::load(&mut queries, key, &mut set)?;
            }
            drop(queries);
            transaction.commit().map_err(failure)?;
            Ok(set)
        })
        .await
    }

    /// Saves a batch in one transaction that is on disk when this returns.
    pub async fn save(&self, batch: Arc<Batch>) -> StoreResult<()> {
        self.write(move |connection| save::save(connection, &batch)).await
    }

    /// Rows of a query.
    pub async fn rows(&self, sql: String, params: Vec<Value<'static>>) -> StoreResult<Vec<Cells>> {
        self.read(move |connection| rows(connection, &sql, &params)).await
    }

    /// Answers of several queries on one snapshot.
    pub async fn snapshot(
        &self,
        queries: Vec<String>,
        progress: AuditProgress,
    ) -> StoreResult<Vec<Vec<Cells>>> {
        self.read(move |connection| {
            let transaction = connection.unchecked_transaction().map_err(failure)?;
            let answer = |sql: &String| {
                let rows = rows(&transaction, sql, &[]);
                progress.step();
                rows
            };
            queries.iter().map(answer).collect()
        })
        .await
    }

    /// Runs one statement in a transaction of its own; the number of rows it changed.
    pub async fn execute(&self, sql: String, params: Vec<Value<'static>>) -> StoreResult<usize> {
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(&sql).map_err(failure)?;
            statement.execute(rusqlite::params_from_iter(&params)).map_err(failure)
        })
        .await
    }

    /// Writes a consistent copy to a new file while the server runs.
    pub async fn backup(&self, to: PathBuf) -> StoreResult<()> {
        self.read(move |connection| {
            let text = to.to_string_lossy().into_owned();
            // A connection that may only read would not write the new file either.
            pragma(connection, "query_only", 0)?;
            let copied = connection.execute("VACUUM INTO ?1", [text]).map_err(failure);
            pragma(connection, "query_only", 1)?;
            copied.map(|_| ())
        })
        .await
    }
}

impl Readers {
    fn take(&self) -> StoreResult<Connection> {
        let idle = self.idle.lock().expect("no reader panics while it holds the lock").pop();
        match idle {
            Some(connection) => Ok(connection),
            None => open_reader(&self.path),
        }
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().expect("no reader panics while it holds the lock");
        if idle.len() < READERS_MAX {
            idle.push(connection);
        }
    }
}

fn open_writer(path: &Path, flags: OpenFlags) -> StoreResult<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    prepare_once(&connection)?;
    pragma(&connection, "busy_timeout", BUSY_TIMEOUT_MS)?;
    // Before the log: a page size is chosen once, when the file is made.
    pragma(&connection, "page_size", PAGE_BYTES)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(failure)?;
    // FULL: a commit is on disk before it is acknowledged.
    pragma(&connection, "synchronous", 2)?;
    // Negative: kibibytes.
    pragma(&connection, "cache_size", -WRITER_CACHE_KIB)?;
    pragma(&connection, "mmap_size", MAP_BYTES)?;
    pragma(&connection, "foreign_keys", 0)?;
    Ok(connection)
}

fn open_reader(path: &Path) -> StoreResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    prepare_once(&connection)?;
    pragma(&connection, "busy_timeout", BUSY_TIMEOUT_MS)?;
    pragma(&connection, "cache_size", -READER_CACHE_KIB)?;
    pragma(&connection, "mmap_size", MAP_BYTES)?;
    pragma(&connection, "query_only", 1)?;
    Ok(connection)
}

/// Keeps statements prepared. Without the promise that a plan does not depend on bound values, SQLite
/// plans a query on a partial index again each time a value is bound.
fn prepare_once(connection: &Connection) -> StoreResult<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failure)?;
    Ok(())
}

fn pragma(connection: &Connection, name: &str, value: i64) -> StoreResult<()> {
    // Some pragmas answer a row, some do not.
    connection.pragma_update(None, name, value).map_err(failure)
}

fn schema_version(connection: &Connection) -> StoreResult<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failure)
}

fn migrate(connection: &mut Connection) -> StoreResult<()> {
    loop {
        // The write lock makes sure that two processes do not migrate at once.
        let transaction = connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(failure)?;
        let version = schema_version(&transaction)?;
        let next = usize::try_from(version).unwrap_or(usize::MAX);
        if next > MIGRATIONS.len() {
            return Err(StoreError::Unavailable(format!(
                "the database has schema {version}, newer than this program"
            )));
        }
        let Some(sql) = MIGRATIONS.get(next) else { return Ok(()) };
        transaction.execute_batch(sql).map_err(failure)?;
        pragma(&transaction, "user_version", version + 1)?;
        transaction.commit().map_err(failure)?;
    }
}

fn rows(connection: &Connection, sql: &str, params: &[Value<'_>]) -> StoreResult<Vec<Cells>> {
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(failure)?;
    let mut out = vec![];
    while let Some(row) = rows.next().map_err(failure)? {
        out.push(cells(row, columns)?);
    }
    Ok(out)
}

fn cells(row: &rusqlite::Row<'_>, columns: usize) -> StoreResult<Cells> {
    let mut cells = Vec::with_capacity(columns);
    for at in 0..columns {
        cells.push(match row.get_ref(at).map_err(failure)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text)
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?;
                Value::Text(text.to_owned().into())
            }
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec().into()),
            ValueRef::Real(_) => {
                return Err(StoreError::Corrupt("a floating number in the database".to_owned()));
            }
        });
    }
    Ok(Cells::new(cells))
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What an error of SQLite means for the engine.
fn failure(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::*;
    let text = error.to_string();
    match error.sqlite_error_code() {
        // Other constraints than uniqueness are not met by trying again.
        Some(ConstraintViolation) if is_taken(&error) => StoreError::Conflict(text),
        Some(
            DiskFull | CannotOpen | DatabaseBusy | DatabaseLocked | SystemIoFailure | ReadOnly
            | OutOfMemory | PermissionDenied | OperationInterrupted,
        ) => StoreError::Unavailable(text),
        _ => StoreError::Corrupt(text),
    }
}

fn is_taken(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    error.sqlite_error().is_some_and(|error| {
        matches!(error.extended_code, SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE)
    })
}
