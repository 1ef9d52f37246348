//! Mails and SMS on their way out. Databases only: a simulation sends nothing.

use vasool_core::id::MessageId;
use vasool_core::sandbox::Message;
use vasool_core::time::Millis;

use crate::Store;
use crate::columns::{Cells, Record, Value, read_row};
use crate::error::StoreResult;
use crate::reads::text;

/// A message that is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What, and to whom.
    pub message: Message,
    /// How often it was tried.
    pub attempts: i64,
}

/// How many messages are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutgoingCounts {
    /// To be sent, or tried again.
    pub waiting: i64,
    /// Given up.
    pub failed: i64,
}

impl Store {
    /// Messages that are due, earliest first.
    pub async fn messages_due(&self, now: Millis, limit: i64) -> StoreResult<Vec<Outgoing>> {
        if let Store::Memory(_) = self {
            return Ok(vec![]);
        }
        let sql = format!(
            "SELECT attempts, {} FROM messages WHERE due_ms IS NOT NULL AND due_ms <= $1 \
             ORDER BY due_ms, id LIMIT $2",
            Message::TABLE.column_list()
        );
        let rows = self.rows(sql, vec![Value::Int(now.0), Value::Int(limit)]).await?;
        let line = |mut cells: Cells| {
            Ok(Outgoing { attempts: cells.int()?, message: read_row(&mut cells)? })
        };
        rows.into_iter().map(line).collect()
    }

    /// Takes a message to try it: nobody else does until then. False where somebody has.
    pub async fn take_message(&self, message: &Message, until: Millis) -> StoreResult<bool> {
        let sql = "UPDATE messages SET due_ms = $1, attempts = attempts + 1 \
                   WHERE id = $2 AND due_ms = $3";
        let due = message.due.map(|due| due.0);
        let params = vec![Value::Int(until.0), text(message.id.0), due.into()];
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Writes down that a message was sent.
    pub async fn message_sent(&self, id: MessageId) -> StoreResult<()> {
        let sql = "UPDATE messages SET due_ms = NULL, state = 'sent', error = NULL WHERE id = $1";
        self.execute(sql, vec![text(id.0)]).await.map(|_| ())
    }

    /// Writes down why a message was not sent, and when it is tried again; `None`: never.
    pub async fn message_not_sent(
        &self,
        id: MessageId,
        why: &str,
        again: Option<Millis>,
    ) -> StoreResult<()> {
        let sql = "UPDATE messages SET due_ms = $1, state = $2, error = $3 WHERE id = $4";
        let state = if again.is_some() { "waiting" } else { "failed" };
        let again = again.map(|again| again.0);
        let params = vec![again.into(), state.into(), why.to_owned().into(), text(id.0)];
        self.execute(sql, params).await.map(|_| ())
    }

    /// How many messages wait and how many were given up.
    pub async fn outgoing_counts(&self) -> StoreResult<OutgoingCounts> {
        let sql = "SELECT (SELECT count(*) FROM messages WHERE due_ms IS NOT NULL), \
                   (SELECT count(*) FROM messages WHERE state = 'failed')"
            .to_owned();
        let mut rows = self.rows(sql, vec![]).await?;
        let Some(cells) = rows.first_mut() else { return Ok(OutgoingCounts::default()) };
        Ok(OutgoingCounts { waiting: cells.int()?, failed: cells.int()? })
    }
}
