//! Connections: a few for batches, a few for reads, made anew after the database went away.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::error::failure;
use super::pipeline::{Request, all, pipeline};
use super::statements::Shape;
use crate::error::{StoreError, StoreResult};

/// Statements kept prepared per connection; beyond that all are forgotten and made again.
const STATEMENTS_MAX: usize = 500;
/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings of every connection. A database that does not know one of them keeps its own way.
/// Plans must not depend on statistics: tables that were empty when a plan was made cost a factor
/// of four (and with them, compiling a plan never pays off). A stuck process must not hold locks.
const SETTINGS: &[&str] = &[
    "SET jit = off",
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '30s'",
];

/// What a query over whole tables needs instead, run before it.
pub const WHOLE_TABLES: &str =
    "SET enable_seqscan = on; SET enable_hashjoin = on; SET enable_mergejoin = on";

/// A bounded number of connections.
pub struct Pool {
    config: Config,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

/// One connection with its prepared statements.
pub struct Connection {
    pub client: Client,
    statements: Mutex<HashMap<Shape, Statement>>,
}

/// A connection on loan from its pool.
pub struct Lent {
    connection: Option<Connection>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent")
    }
}

impl Pool {
    pub fn new(config: Config, most: usize) -> Arc<Pool> {
        let permits = Arc::new(Semaphore::new(most));
        Arc::new(Pool { config, permits, idle: Mutex::new(vec![]) })
    }

    /// A connection that was working when it was last used, or a new one.
    pub async fn take(self: &Arc<Pool>) -> StoreResult<Lent> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let connection = match self.idle_connection() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Lent { connection: Some(connection), pool: self.clone(), _permit: permit })
    }

    fn idle_connection(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().expect("no holder panics");
        while let Some(connection) = idle.pop() {
            if !connection.client.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    /// Drops every idle connection: one was found dead, and the others may be.
    pub fn forget_idle(&self) {
        self.idle.lock().expect("no holder panics").clear();
    }

    /// A new connection outside the pool.
    pub async fn connect(&self) -> StoreResult<Connection> {
        let made = tokio::time::timeout(CONNECT_TIMEOUT, self.config.connect(NoTls)).await;
        let (client, connection) = made
            .map_err(|_| StoreError::Unavailable("the database does not answer".to_owned()))?
            .map_err(|error| failure(&error))?;
        // Ends when the client is dropped or the database goes away.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(error = %failure(&error), "connection to PostgreSQL lost");
            }
        });
        let requests = SETTINGS.iter().map(|sql| -> Request<'_, (), _> {
            let client = &client;
            Box::pin(client.batch_execute(sql))
        });
        for answer in pipeline(requests.collect()).await.into_iter().flatten() {
            match answer {
                Err(error) if error.as_db_error().is_none() => return Err(failure(&error)),
                _ => {}
            }
        }
        Ok(Connection { client, statements: Mutex::default() })
    }
}

impl Connection {
    /// One prepared statement.
    pub async fn statement(&self, shape: Shape) -> StoreResult<Statement> {
        let statement = self.statements(vec![shape]).await?.pop();
        statement.ok_or_else(|| StoreError::Corrupt("a statement was not prepared".to_owned()))
    }

    /// The prepared statements of these shapes, in their order. What is not prepared yet costs one
    /// round trip for all.
    pub async fn statements(&self, shapes: Vec<Shape>) -> StoreResult<Vec<Statement>> {
        let mut found: Vec<Option<Statement>> = {
            let mut known = self.statements.lock().expect("no holder panics");
            if known.len() > STATEMENTS_MAX {
                known.clear();
            }
            shapes.iter().map(|shape| known.get(shape).cloned()).collect()
        };
        let missing: Vec<usize> = (0..shapes.len()).filter(|at| found[*at].is_none()).collect();
        if !missing.is_empty() {
            let texts: Vec<(String, Vec<Type>)> =
                missing.iter().map(|at| (shapes[*at].sql(), shapes[*at].types())).collect();
            let requests = texts.iter().map(|(sql, types)| -> Request<'_, Statement, _> {
                Box::pin(self.client.prepare_typed(sql, types))
            });
            let prepared = all(pipeline(requests.collect()).await)?;
            for (at, statement) in missing.iter().zip(prepared) {
                found[*at] = Some(statement);
            }
            let mut known = self.statements.lock().expect("no holder panics");
            for (shape, statement) in shapes.into_iter().zip(&found) {
                if let Some(statement) = statement {
                    known.entry(shape).or_insert_with(|| statement.clone());
                }
            }
        }
        Ok(found.into_iter().flatten().collect())
    }
}

impl Lent {
    pub fn connection(&self) -> StoreResult<&Connection> {
        let gone = || StoreError::Unavailable("the connection to the database is gone".to_owned());
        self.connection.as_ref().ok_or_else(gone)
    }

    /// The connection, unless it was discarded.
    pub fn held(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Puts a new connection in the place of one that was found dead.
    pub async fn renew(&mut self) -> StoreResult<()> {
        self.connection = None;
        self.pool.forget_idle();
        self.connection = Some(self.pool.connect().await?);
        Ok(())
    }

    /// Drops the connection instead of giving it back: its state is not known.
    pub fn discard(&mut self) {
        self.connection = None;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !connection.client.is_closed()
        {
            self.pool.idle.lock().expect("no holder panics").push(connection);
        }
    }
}
