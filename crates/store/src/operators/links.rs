//! One-time links that set a password.

use vasool_core::id::OperatorId;
use vasool_core::time::Millis;

use super::{COLUMNS, Operator, missing};
use crate::Store;
use crate::columns::Value;
use crate::error::StoreResult;
use crate::reads::text;

/// How long a link is kept that is too old: 30 days, milliseconds.
const KEPT_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// Whether a link can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It can.
    Open,
    /// It was used, or something newer took its place.
    Used,
    /// Its time is over.
    Expired,
}

/// A link that was made.
#[derive(Clone, Debug)]
pub struct SignInLink {
    /// Whose; `None` for the link of a first start.
    pub operator: Option<Operator>,
    /// Whether it can still be used.
    pub state: LinkState,
}

impl Store {
    /// Makes a link for an account, in the place of earlier ones that were not used; or, for
    /// nobody, one more link of a first start.
    pub async fn create_link(
        &self,
        digest: &str,
        operator: Option<OperatorId>,
        now: Millis,
        expires: Millis,
    ) -> StoreResult<()> {
        // Until then a link says why it leads nowhere.
        let old = "DELETE FROM sign_in_links WHERE expires_ms <= $1";
        self.execute(old, vec![Value::Int(now.plus(-KEPT_MS).0)]).await?;
        if let Some(operator) = operator {
            let older = "UPDATE sign_in_links SET used_ms = $1 \
                         WHERE operator = $2 AND used_ms IS NULL";
            self.execute(older, vec![Value::Int(now.0), text(operator.0)]).await?;
        }
        let sql = "INSERT INTO sign_in_links (digest, operator, epoch, created_ms, expires_ms) \
                   VALUES ($1, $2, (SELECT epoch FROM operators WHERE id = $2), $3, $4)";
        let params = vec![
            digest.to_owned().into(),
            operator.map_or(Value::Null, |operator| text(operator.0)),
            Value::Int(now.0),
            Value::Int(expires.0),
        ];
        self.execute(sql, params).await.map(|_| ())
    }

    /// The link of a token's digest. One of an account that was disabled or got a new password
    /// since counts as used, and one of a first start as soon as there is any account.
    pub async fn link(&self, digest: &str, now: Millis) -> StoreResult<Option<SignInLink>> {
        let sql = "SELECT operator, epoch, used_ms, expires_ms FROM sign_in_links \
                   WHERE digest = $1";
        let mut rows = self.rows(sql.to_owned(), vec![digest.to_owned().into()]).await?;
        let Some(cells) = rows.first_mut() else { return Ok(None) };
        let operator: Option<OperatorId> = cells.opt_id()?;
        let epoch = cells.opt_int()?;
        let (used, expires) = (cells.opt_int()?, cells.int()?);
        let operator = match operator {
            Some(id) => {
                let sql = format!("SELECT {COLUMNS} FROM operators o WHERE o.id = $1");
                let mut rows = self.rows(sql, vec![text(id.0)]).await?;
                let cells = rows.first_mut().ok_or_else(|| missing("the account of a link"))?;
                Some(Operator::read(cells)?)
            }
            None => None,
        };
        let closed = match &operator {
            Some(operator) => operator.disabled.is_some() || epoch != Some(operator.epoch),
            None => self.has_operators().await?,
        };
        let state = match used {
            Some(_) => LinkState::Used,
            None if closed => LinkState::Used,
            None if expires <= now.0 => LinkState::Expired,
            None => LinkState::Open,
        };
        Ok(Some(SignInLink { operator, state }))
    }

    /// Uses a link up. True for the one who does: of two with the same link the other gets false.
    pub async fn use_link(&self, digest: &str, now: Millis) -> StoreResult<bool> {
        let sql = "UPDATE sign_in_links SET used_ms = $1 \
                   WHERE digest = $2 AND used_ms IS NULL AND expires_ms > $3";
        let params = vec![Value::Int(now.0), digest.to_owned().into(), Value::Int(now.0)];
        Ok(self.execute(sql, params).await? == 1)
    }
}
