//! That audits were made: whoever looks sees when the books were proved the last time.

use vasool_core::id::RawId;
use vasool_core::time::Time;

use super::Audit;
use crate::Store;
use crate::columns::{Cells, Value};
use crate::error::StoreResult;
use crate::reads::text;

/// That an audit was made, and what it said in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Real time.
    pub at: Time,
    /// Milliseconds.
    pub took_ms: i64,
    /// Payments it looked at.
    pub payments: i64,
    /// Lines of the journal it added up.
    pub postings: i64,
    /// How many things break a rule; zero for sound books.
    pub broken: i64,
}

impl AuditRecord {
    /// The record of an audit that ended at a real time.
    pub fn of(audit: &Audit, at: Time, took_ms: i64) -> AuditRecord {
        AuditRecord {
            at,
            took_ms,
            payments: audit.totals.payments,
            postings: audit.totals.postings,
            broken: audit.broken.iter().map(|(_, count)| count).sum(),
        }
    }
}

impl Store {
    /// Remembers that an audit was made, for whoever looks whether the books were proved.
    pub async fn record_audit(&self, id: RawId, record: &AuditRecord) -> StoreResult<()> {
        let sql = "INSERT INTO audits (id, at, took_ms, payments, postings, broken) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let AuditRecord { at, took_ms, payments, postings, broken } = record;
        let numbers = [at.0, *took_ms, *payments, *postings, *broken].map(Value::Int);
        let params = std::iter::once(text(id)).chain(numbers).collect();
        self.execute(sql, params).await.map(|_| ())
    }

    /// The latest audit that was remembered.
    pub async fn last_audit(&self) -> StoreResult<Option<AuditRecord>> {
        let sql = "SELECT at, took_ms, payments, postings, broken FROM audits \
                   ORDER BY id DESC LIMIT 1"
            .to_owned();
        let rows = self.rows(sql, vec![]).await?;
        let read = |mut cells: Cells| {
            Ok(AuditRecord {
                at: Time(cells.int()?),
                took_ms: cells.int()?,
                payments: cells.int()?,
                postings: cells.int()?,
                broken: cells.int()?,
            })
        };
        rows.into_iter().next().map(read).transpose()
    }
}
