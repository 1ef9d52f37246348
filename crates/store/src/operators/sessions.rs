//! Sessions of operators. A row says who; whether it still holds is decided with the account's row,
//! so a new password, a disabled account and a new role take effect at once.

use vasool_core::id::OperatorId;
use vasool_core::time::Millis;

use super::{COLUMNS, Operator};
use crate::Store;
use crate::columns::{Cells, Value};
use crate::error::StoreResult;
use crate::reads::text;

/// Most sessions a list shows.
const SESSIONS_SHOWN: i64 = 50;

/// A session that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the cookie's token, lower-case hex.
    pub digest: &'a str,
    /// Whose.
    pub operator: OperatorId,
    /// Which password it was begun with.
    pub epoch: i64,
    /// What its forms must carry.
    pub csrf: &'a str,
    /// What the browser says it is.
    pub browser: &'a str,
    /// When it begins.
    pub now: Millis,
    /// When it ends at the latest.
    pub expires: Millis,
}

/// A session that holds.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Whose.
    pub operator: Operator,
    /// What its forms must carry.
    pub csrf: String,
    /// When it was last used, to about a minute.
    pub seen: Millis,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// SHA-256 of its token.
    pub digest: String,
    /// What the browser said it was.
    pub browser: String,
    /// When it began.
    pub created: Millis,
    /// When it was last used, to about a minute.
    pub seen: Millis,
}

impl Store {
    /// Begins a session, and forgets those that ended before now.
    pub async fn begin_session(&self, session: NewSession<'_>) -> StoreResult<()> {
        let old = "DELETE FROM operator_sessions WHERE expires_ms <= $1";
        self.execute(old, vec![Value::Int(session.now.0)]).await?;
        let sql = "INSERT INTO operator_sessions (digest, operator, epoch, csrf, browser, \
                   created_ms, seen_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
        let params = vec![
            session.digest.to_owned().into(),
            text(session.operator.0),
            Value::Int(session.epoch),
            session.csrf.to_owned().into(),
            session.browser.to_owned().into(),
            Value::Int(session.now.0),
            Value::Int(session.expires.0),
        ];
        self.execute(sql, params).await.map(|_| ())
    }

    /// The session of a token's digest, if it holds: it was used after `idle_since`, is not at its
    /// end, and its account is neither disabled nor has a newer password.
    pub async fn session(
        &self,
        digest: &str,
        now: Millis,
        idle_since: Millis,
    ) -> StoreResult<Option<SessionRow>> {
        let sql = format!(
            "SELECT {COLUMNS}, s.csrf, s.seen_ms FROM operator_sessions s \
             JOIN operators o ON o.id = s.operator AND o.epoch = s.epoch \
             WHERE s.digest = $1 AND s.expires_ms > $2 AND s.seen_ms > $3 \
             AND o.disabled_ms IS NULL"
        );
        let params = vec![digest.to_owned().into(), Value::Int(now.0), Value::Int(idle_since.0)];
        let mut rows = self.rows(sql, params).await?;
        let Some(cells) = rows.first_mut() else { return Ok(None) };
        let operator = Operator::read(cells)?;
        Ok(Some(SessionRow { operator, csrf: cells.text()?, seen: Millis(cells.int()?) }))
    }

    /// Writes down that a session was used.
    pub async fn touch_session(&self, digest: &str, now: Millis) -> StoreResult<()> {
        let sql = "UPDATE operator_sessions SET seen_ms = $1 WHERE digest = $2 AND seen_ms < $1";
        self.execute(sql, vec![Value::Int(now.0), digest.to_owned().into()]).await.map(|_| ())
    }

    /// The sessions of an account that hold, newest first; at most 50.
    pub async fn sessions_of(
        &self,
        operator: OperatorId,
        now: Millis,
        idle_since: Millis,
    ) -> StoreResult<Vec<OwnSession>> {
        let sql = "SELECT s.digest, s.browser, s.created_ms, s.seen_ms FROM operator_sessions s \
                   JOIN operators o ON o.id = s.operator AND o.epoch = s.epoch \
                   WHERE s.operator = $1 AND s.expires_ms > $2 AND s.seen_ms > $3 \
                   AND o.disabled_ms IS NULL \
                   ORDER BY s.created_ms DESC, s.digest LIMIT $4"
            .to_owned();
        let params = vec![
            text(operator.0),
            Value::Int(now.0),
            Value::Int(idle_since.0),
            Value::Int(SESSIONS_SHOWN),
        ];
        let rows = self.rows(sql, params).await?;
        let line = |mut cells: Cells| {
            Ok(OwnSession {
                digest: cells.text()?,
                browser: cells.text()?,
                created: Millis(cells.int()?),
                seen: Millis(cells.int()?),
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// Ends a session.
    pub async fn end_session(&self, digest: &str) -> StoreResult<()> {
        let sql = "DELETE FROM operator_sessions WHERE digest = $1";
        self.execute(sql, vec![digest.to_owned().into()]).await.map(|_| ())
    }

    /// Ends the sessions of an account but one; how many there were.
    pub async fn end_other_sessions(&self, operator: OperatorId, kept: &str) -> StoreResult<usize> {
        let sql = "DELETE FROM operator_sessions WHERE operator = $1 AND digest <> $2";
        self.execute(sql, vec![text(operator.0), kept.to_owned().into()]).await
    }
}
