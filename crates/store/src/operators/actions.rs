//! Who did what: an intention before the act, its outcome after it.

use vasool_core::id::{ActionId, OperatorId};
use vasool_core::time::Millis;

use crate::Store;
use crate::columns::{Cells, Value};
use crate::error::StoreResult;
use crate::reads::text;

/// Something that was done, or was about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorAction {
    /// Its id; later ones are greater.
    pub id: ActionId,
    /// Who; `None` for the command line.
    pub operator: Option<OperatorId>,
    /// Who, as it was then: an e-mail, or `command line`.
    pub actor: String,
    /// What, such as `refund`.
    pub action: String,
    /// About what, such as an id.
    pub target: String,
    /// What else there is to know. No secret.
    pub detail: String,
    /// When it was about to be done.
    pub at: Millis,
    /// What became of it; `None` where nobody wrote it down: the process may have died.
    pub outcome: Option<String>,
}

impl Store {
    /// Writes down what is about to be done; `action.outcome` is not looked at.
    pub async fn begin_action(&self, action: &OperatorAction) -> StoreResult<()> {
        let sql = "INSERT INTO operator_actions (id, operator, actor, action, target, detail, \
                   at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let params = vec![
            text(action.id.0),
            action.operator.map_or(Value::Null, |operator| text(operator.0)),
            action.actor.clone().into(),
            action.action.clone().into(),
            action.target.clone().into(),
            action.detail.clone().into(),
            Value::Int(action.at.0),
        ];
        self.execute(sql, params).await.map(|_| ())
    }

    /// Writes down what became of it, once.
    pub async fn finish_action(&self, id: ActionId, outcome: &str, now: Millis) -> StoreResult<()> {
        let sql = "UPDATE operator_actions SET outcome = $1, done_ms = $2 \
                   WHERE id = $3 AND outcome IS NULL";
        let params = vec![outcome.to_owned().into(), Value::Int(now.0), text(id.0)];
        self.execute(sql, params).await.map(|_| ())
    }

    /// What was done, newest first: at most `count`, all of it before `before` where that is given.
    pub async fn operator_actions(
        &self,
        before: Option<ActionId>,
        count: i64,
    ) -> StoreResult<Vec<OperatorAction>> {
        let (condition, mut params) = match before {
            Some(before) => ("WHERE id < $1", vec![text(before.0)]),
            None => ("", vec![]),
        };
        params.push(Value::Int(count));
        let sql = format!(
            "SELECT id, operator, actor, action, target, detail, at_ms, outcome \
             FROM operator_actions {condition} ORDER BY id DESC LIMIT ${}",
            params.len()
        );
        let rows = self.rows(sql, params).await?;
        let line = |mut cells: Cells| {
            Ok(OperatorAction {
                id: cells.id()?,
                operator: cells.opt_id()?,
                actor: cells.text()?,
                action: cells.text()?,
                target: cells.text()?,
                detail: cells.text()?,
                at: Millis(cells.int()?),
                outcome: cells.opt_text()?,
            })
        };
        rows.into_iter().map(line).collect()
    }
}
