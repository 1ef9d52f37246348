//! Files of rails: which row is in which file, and how far each file has come. Source: rails 8.4.
//!
//! The rows belong to the connector that makes the files; no command touches them, so they are
//! changed by single statements, each a transaction of its own. Databases only: the memory store has
//! no files.

mod inward;
mod outward;

pub use inward::{FiledDebit, FiledMandate, InFile, InState};
pub use outward::{DebitLine, NewFile, OutFile, OutState, RegistrationLine, WithdrawalLine};

use vasool_core::filing::Filing;
use vasool_core::instruction::InstructionKey;
use vasool_core::scope::Lane;
use vasool_core::time::Millis;

use crate::Store;
use crate::columns::Value;
use crate::error::StoreResult;
use crate::reads::text;

/// Where something stands that waits for a file, or is in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// It waits.
    Waiting,
    /// It is in a file.
    InFile {
        /// When that was opened, on its clock.
        made: Millis,
    },
    /// It was taken out: nobody needs it in a file any more.
    Dropped,
}

impl Store {
    /// Lanes in which something of a queue may go into a file now, each with its own now.
    pub async fn filing_lanes_due(
        &self,
        connector: &str,
        kind: &str,
        real: Millis,
    ) -> StoreResult<Vec<(Lane, Millis)>> {
        // Names of connectors are letters, digits and `_`, and stand in the statement, because one
        // of its places is an index of these rows alone.
        let condition = format!("queue = '{}'", Filing::queue(connector, kind));
        self.lanes_due("filings", &condition, real).await
    }

    /// Where a request to a rail stands; `None` where it never waited for a file.
    pub async fn filing(&self, key: InstructionKey, number: i64) -> StoreResult<Option<Filed>> {
        let sql = "SELECT f.queue, o.created_ms FROM filings f \
                   LEFT JOIN rail_files o ON o.id = f.file \
                   WHERE f.subject = $1 AND f.kind = $2 AND f.number = $3"
            .to_owned();
        let params = vec![text(key.subject()), key.kind().into(), Value::Int(number)];
        let mut rows = self.rows(sql, params).await?;
        let Some(cells) = rows.first_mut() else { return Ok(None) };
        Ok(Some(match (cells.opt_text()?, cells.opt_int()?) {
            (Some(_), _) => Filed::Waiting,
            (None, Some(made)) => Filed::InFile { made: Millis(made) },
            (None, None) => Filed::Dropped,
        }))
    }

    /// Takes a request out of its queue. True when it was there: then it is in no file, and never
    /// will be.
    pub async fn drop_filing(&self, key: InstructionKey, number: i64) -> StoreResult<bool> {
        let sql = "UPDATE filings SET queue = NULL WHERE subject = $1 AND kind = $2 \
                   AND number = $3 AND queue IS NOT NULL";
        let params = vec![text(key.subject()), key.kind().into(), Value::Int(number)];
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Takes out of a queue what has been decided without a file.
    pub async fn drop_decided_filings(&self, connector: &str, kind: &str) -> StoreResult<usize> {
        let sql = "UPDATE filings SET queue = NULL WHERE queue = $1 AND EXISTS (\
                   SELECT 1 FROM instructions i WHERE i.subject = filings.subject \
                   AND i.kind = filings.kind AND i.number = filings.number AND i.state = 'done')";
        self.execute(sql, vec![Filing::queue(connector, kind).into()]).await
    }

    /// Files that were put aside, oldest first: name and reason. An operator's view.
    pub async fn refused_files(&self, connector: &str) -> StoreResult<Vec<(String, String)>> {
        let sql = "SELECT name, reason FROM rail_files \
                   WHERE connector = $1 AND state = 'bad' ORDER BY created_ms, id"
            .to_owned();
        let rows = self.rows(sql, vec![connector.to_owned().into()]).await?;
        rows.into_iter().map(|mut cells| Ok((cells.text()?, cells.text()?))).collect()
    }
}
