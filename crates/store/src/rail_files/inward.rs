//! Files that were received: what they may speak of, and how far each was applied. Source: rails 8.4.

use vasool_core::id::{OrderId, PaymentId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::money::Paise;
use vasool_core::paper_nach::NachRows;
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;

use crate::Store;
use crate::columns::{Cells, Value, amount_of};
use crate::error::{StoreError, StoreResult};
use crate::reads::text;

/// How far a file has come that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InState {
    /// It was checked; this many of its items were applied.
    Applying {
        /// Items, from its beginning.
        done: i64,
    },
    /// All of it was applied.
    Applied,
    /// It was refused; nothing of it was applied.
    Bad,
}

/// A file that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFile {
    /// Its key: connector, name and digest.
    pub id: String,
    /// How far it has come.
    pub state: InState,
}

/// A debit that is in a file, as an answer must speak of it. Never printed.
#[derive(Clone, Debug)]
pub struct FiledDebit {
    /// Whose.
    pub scope: ScopeId,
    /// The rows an answer is about.
    pub rows: NachRows,
    /// What is taken.
    pub amount: Paise,
    /// The file it is in.
    pub file: String,
    /// The mandate it names.
    pub umrn: Option<String>,
}

/// A mandate whose registration or end is in a file, as an answer must speak of it.
#[derive(Clone, Debug)]
pub struct FiledMandate {
    /// The instruction.
    pub key: InstructionKey,
    /// Which request about the same thing.
    pub number: i64,
    /// Whose.
    pub scope: ScopeId,
    /// The rows an answer is about.
    pub rows: NachRows,
    /// The file it is in; `None` while it is in none.
    pub file: Option<String>,
    /// The network's number of the mandate, where it is known.
    pub umrn: Option<String>,
}

impl Store {
    /// Debits among these references that are in a file of a connector. At most `references.len()`;
    /// statements are kept per number of references, so callers ask for the same number each time.
    pub async fn filed_debits(
        &self,
        connector: &str,
        references: &[PaymentId],
    ) -> StoreResult<Vec<FiledDebit>> {
        let places: Vec<String> = (0..references.len()).map(|at| format!("${}", at + 2)).collect();
        let sql = format!(
            "SELECT f.subject, f.scope, f.amount, f.file, p.order_id, p.token, t.umrn \
             FROM filings f JOIN payments p ON p.id = f.subject \
             JOIN nach_tokens t ON t.id = p.token \
             WHERE f.kind = 'present' AND f.connector = $1 AND f.file IS NOT NULL \
             AND f.subject IN ({})",
            places.join(", ")
        );
        let mut params: Vec<Value<'static>> = vec![connector.to_owned().into()];
        params.extend(references.iter().map(|id| text(id.0)));
        let rows = self.rows(sql, params).await?;
        let line = |mut cells: Cells| {
            let payment = cells.id()?;
            let (scope, amount) = (cells.scope()?, amount_of(cells.int()?)?);
            let file = cells.text()?;
            let order: OrderId = cells.id()?;
            let token: TokenId = cells.id()?;
            let rows = NachRows { token, payment, order };
            Ok(FiledDebit { scope, rows, amount, file, umrn: cells.opt_text()? })
        };
        rows.into_iter().map(line).collect()
    }

    /// The registration or the end of a mandate over a connector.
    pub async fn filed_mandate(
        &self,
        connector: &str,
        key: InstructionKey,
        number: i64,
    ) -> StoreResult<Option<FiledMandate>> {
        let condition = "f.subject = $2 AND f.kind = $3 AND f.number = $4";
        let params = vec![text(key.subject()), key.kind().into(), Value::Int(number)];
        Ok(self.mandates_filed(connector, condition, params).await?.into_iter().next())
    }

    /// The registration of a mandate by the network's number.
    pub async fn filed_by_umrn(
        &self,
        connector: &str,
        umrn: &str,
    ) -> StoreResult<Option<FiledMandate>> {
        let params = vec![umrn.to_owned().into()];
        Ok(self.mandates_filed(connector, "f.umrn = $2", params).await?.into_iter().next())
    }

    async fn mandates_filed(
        &self,
        connector: &str,
        condition: &str,
        params: Vec<Value<'static>>,
    ) -> StoreResult<Vec<FiledMandate>> {
        let sql = format!(
            "SELECT f.subject, f.kind, f.number, f.scope, f.file, t.payment, t.order_id, \
             (SELECT r.umrn FROM filings r WHERE r.subject = f.subject AND r.kind = 'register') \
             FROM filings f JOIN nach_tokens t ON t.id = f.subject \
             WHERE f.connector = $1 AND {condition}"
        );
        let mut all: Vec<Value<'static>> = vec![connector.to_owned().into()];
        all.extend(params);
        let rows = self.rows(sql, all).await?;
        let line = |mut cells: Cells| {
            let (token, kind): (TokenId, String) = (cells.id()?, cells.text()?);
            let key = InstructionKey::parse(&kind, token.0)
                .ok_or_else(|| StoreError::Corrupt(format!("kind {kind:?} of a filing")))?;
            let (number, scope) = (cells.int()?, cells.scope()?);
            let file = cells.opt_text()?;
            let rows = NachRows { token, payment: cells.id()?, order: cells.id()? };
            Ok(FiledMandate { key, number, scope, rows, file, umrn: cells.opt_text()? })
        };
        rows.into_iter().map(line).collect()
    }

    /// Writes down the network's number of a mandate. Errors: `Conflict` when the number is another
    /// mandate's.
    pub async fn number_mandate(
        &self,
        connector: &str,
        token: TokenId,
        umrn: &str,
    ) -> StoreResult<()> {
        let sql = "UPDATE filings SET umrn = $1 WHERE subject = $2 AND kind = 'register' \
                   AND connector = $3 AND (umrn IS NULL OR umrn <> $1)";
        let params = vec![umrn.to_owned().into(), text(token.0), connector.to_owned().into()];
        self.execute(sql, params).await.map(|_| ())
    }

    /// What is known of a received file.
    pub async fn in_file(
        &self,
        connector: &str,
        name: &str,
        digest: &str,
    ) -> StoreResult<Option<InFile>> {
        let id = in_id(connector, name, digest);
        let sql = "SELECT state, done FROM rail_files WHERE id = $1".to_owned();
        let mut rows = self.rows(sql, vec![id.clone().into()]).await?;
        let Some(cells) = rows.first_mut() else { return Ok(None) };
        let (word, done) = (cells.text()?, cells.int()?);
        let state = match word.as_str() {
            "applying" => InState::Applying { done },
            "applied" => InState::Applied,
            "bad" => InState::Bad,
            other => return Err(StoreError::Corrupt(format!("state {other:?} of a file"))),
        };
        Ok(Some(InFile { id, state }))
    }

    /// Writes down that a file was received and checked, or refused with a reason.
    #[allow(clippy::too_many_arguments, reason = "the columns of one row")]
    pub async fn record_in_file(
        &self,
        connector: &str,
        kind: &str,
        name: &str,
        digest: &str,
        lane: Lane,
        now: Millis,
        totals: (i64, Paise),
        reason: Option<&str>,
    ) -> StoreResult<InFile> {
        let id = in_id(connector, name, digest);
        let state = if reason.is_some() { "bad" } else { "applying" };
        let sql = "INSERT INTO rail_files (id, connector, direction, kind, lane, day, sequence, \
                   name, state, items, amount, digest, done, reason, created_ms) \
                   VALUES ($1, $2, 'in', $3, $4, '', 0, $5, $6, $7, $8, $9, 0, $10, $11) \
                   ON CONFLICT (id) DO UPDATE SET state = $6, reason = $10";
        let params = vec![
            id.clone().into(),
            connector.to_owned().into(),
            kind.to_owned().into(),
            Value::Int(lane.0),
            name.to_owned().into(),
            state.into(),
            Value::Int(totals.0),
            Value::Int(totals.1.get()),
            digest.to_owned().into(),
            reason.map(str::to_owned).into(),
            Value::Int(now.0),
        ];
        self.execute(sql, params).await?;
        let state = if reason.is_some() { InState::Bad } else { InState::Applying { done: 0 } };
        Ok(InFile { id, state })
    }

    /// Says how many items of a received file were applied, or that all were.
    pub async fn in_file_done(&self, id: &str, done: i64, is_whole: bool) -> StoreResult<()> {
        let sql = "UPDATE rail_files SET done = $1, state = $2 WHERE id = $3";
        let state = if is_whole { "applied" } else { "applying" };
        let params = vec![Value::Int(done), state.into(), id.to_owned().into()];
        self.execute(sql, params).await.map(|_| ())
    }
}

fn in_id(connector: &str, name: &str, digest: &str) -> String {
    format!("{connector}/in/{name}/{digest}")
}
