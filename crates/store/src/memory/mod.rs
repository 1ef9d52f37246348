//! Memory: the same rules as the databases, for the simulation, with faults on demand.

mod copy;
mod data;
mod find;
mod unique;

use std::fmt;
use std::sync::{Arc, Mutex};

pub use data::{Data, Stored};
use vasool_core::working_set::{Key, WorkingSet};

use crate::Batch;
use crate::columns::{Cells, Value};
use crate::error::{StoreError, StoreResult};

/// A place in a load or save where something can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before rows are read.
    Load,
    /// Before anything is written.
    BeforeCommit,
    /// After everything is durable, before the caller hears of it.
    AfterCommit,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// Nothing.
    None,
    /// The caller waits this long (paused time in a simulation), milliseconds.
    Slow(u64),
    /// The database cannot be reached: nothing happens.
    Gone,
    /// The answer is lost: what happened, happened.
    LostReply,
}

type Script = Box<dyn FnMut(Step) -> Mishap + Send>;

/// A database in memory. Clones share the data, as connections to one server would.
#[derive(Clone)]
pub struct MemoryStore {
    data: Arc<Mutex<Data>>,
    script: Arc<Mutex<Script>>,
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::with_script(|_| Mishap::None)
    }
}

impl MemoryStore {
    /// A store that asks `script` what goes wrong at every step.
    pub fn with_script(script: impl FnMut(Step) -> Mishap + Send + 'static) -> MemoryStore {
        MemoryStore { data: Arc::default(), script: Arc::new(Mutex::new(Box::new(script))) }
    }

    /// Looks at everything that is stored.
    pub fn inspect<T>(&self, look: impl FnOnce(&Data) -> T) -> T {
        look(&self.data.lock().expect("no holder panics"))
    }

    /// Loads rows into the set; see [`Session::load`](crate::Session::load).
    pub async fn load(&self, keys: Vec<Key>, mut set: WorkingSet) -> StoreResult<WorkingSet> {
        self.meet(Step::Load).await?;
        self.inspect(|data| {
            for key in &keys {
                data.load(key, &mut set);
            }
        });
        Ok(set)
    }

    /// Saves a batch, whole or not at all.
    pub async fn save(&self, batch: Arc<Batch>) -> StoreResult<()> {
        self.meet(Step::BeforeCommit).await?;
        {
            let mut data = self.data.lock().expect("no holder panics");
            let mut next = data.clone();
            next.save(&batch)?;
            *data = next;
        }
        self.meet(Step::AfterCommit).await
    }

    /// Rows of a query, from a copy.
    pub async fn rows(&self, sql: String, params: Vec<Value<'static>>) -> StoreResult<Vec<Cells>> {
        let answers = self.inspect(|data| data.answer(&[(sql, params)]))?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// Answers of several queries on one snapshot.
    pub async fn snapshot(&self, queries: Vec<String>) -> StoreResult<Vec<Vec<Cells>>> {
        let queries: Vec<_> = queries.into_iter().map(|sql| (sql, vec![])).collect();
        self.inspect(|data| data.answer(&queries))
    }

    /// Deletes all rows of retired tenants; how many there were.
    pub fn purge_retired(&self) -> usize {
        self.data.lock().expect("no holder panics").purge_retired()
    }

    /// See [`crate::Store::purge_abandoned`].
    pub fn purge_abandoned(&self) -> usize {
        self.data.lock().expect("no holder panics").purge_abandoned()
    }

    async fn meet(&self, step: Step) -> StoreResult<()> {
        let mishap = self.script.lock().expect("no script panics")(step);
        match mishap {
            Mishap::None => Ok(()),
            Mishap::Slow(millis) => {
                tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
                Ok(())
            }
            Mishap::Gone => Err(StoreError::Unavailable("simulated outage".to_owned())),
            Mishap::LostReply => Err(StoreError::UnknownOutcome("simulated loss".to_owned())),
        }
    }
}
