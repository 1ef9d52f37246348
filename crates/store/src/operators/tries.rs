//! Wrong passwords of late, by the digest of the e-mail: many processes count together.

use vasool_core::time::Millis;

use crate::Store;
use crate::columns::Value;
use crate::error::StoreResult;

/// Whether a password may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Yes, and it is counted.
    Free,
    /// Not before then.
    Wait {
        /// When the count starts anew.
        until: Millis,
    },
}

impl Store {
    /// Takes one of `most` tries in `window_ms`. It is counted before the password is looked at, so
    /// tries at the same moment do not pass together.
    pub async fn take_try(
        &self,
        digest: &str,
        now: Millis,
        window_ms: i64,
        most: i64,
    ) -> StoreResult<Try> {
        let since = now.plus(-window_ms);
        let old = "DELETE FROM sign_in_tries WHERE since_ms <= $1";
        self.execute(old, vec![Value::Int(since.0)]).await?;
        let sql = "INSERT INTO sign_in_tries (digest, count, since_ms) VALUES ($1, 1, $2) \
                   ON CONFLICT (digest) DO UPDATE SET count = sign_in_tries.count + 1 \
                   WHERE sign_in_tries.count < $3";
        let params = vec![digest.to_owned().into(), Value::Int(now.0), Value::Int(most)];
        if self.execute(sql, params).await? == 1 {
            return Ok(Try::Free);
        }
        let sql = "SELECT since_ms FROM sign_in_tries WHERE digest = $1".to_owned();
        let mut rows = self.rows(sql, vec![digest.to_owned().into()]).await?;
        let began = rows.first_mut().map_or(Ok(since.0), |cells| cells.int())?;
        Ok(Try::Wait { until: Millis(began).plus(window_ms) })
    }

    /// Forgets the tries of an e-mail: the password was right.
    pub async fn forget_tries(&self, digest: &str) -> StoreResult<()> {
        let sql = "DELETE FROM sign_in_tries WHERE digest = $1";
        self.execute(sql, vec![digest.to_owned().into()]).await.map(|_| ())
    }
}
