//! Files that are made here: opened, filled, sealed, written, out. Each step is one statement, so a
//! process may die between any two and another goes on. Source: rails 8.4.

use vasool_core::filing::Filing;
use vasool_core::id::{PaymentId, RawId, TokenId};
use vasool_core::money::Paise;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::NachScan;
use vasool_core::scope::Lane;
use vasool_core::time::Millis;

use crate::Store;
use crate::columns::{Cells, Record, Value, amount_of, read_row};
use crate::error::{StoreError, StoreResult};
use crate::reads::text;

/// How far a file has come that is made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutState {
    /// Rows are being put into it.
    Filling,
    /// Its rows are fixed.
    Sealed,
    /// It is on disk under another name; its digest is known.
    Written,
    /// It has its name: whoever takes files may have taken it.
    Out,
    /// It was given up: nothing was in it.
    Void,
}

/// A file to make.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// Who makes it.
    pub connector: &'a str,
    /// What is in it: the kind of its instructions.
    pub kind: &'a str,
    /// Whose clock it follows.
    pub lane: Lane,
    /// Its date, in words of the connector.
    pub day: &'a str,
    /// When, on that clock.
    pub now: Millis,
}

/// A file that is made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// Its key.
    pub id: String,
    /// The kind of its instructions.
    pub kind: String,
    /// Whose clock it follows.
    pub lane: Lane,
    /// Its date, in words of the connector.
    pub day: String,
    /// Its number of that day, never used again.
    pub sequence: i64,
    /// Its name, once it is sealed.
    pub name: Option<String>,
    /// How far it has come.
    pub state: OutState,
    /// How many rows are in it.
    pub items: i64,
    /// The sum of their amounts.
    pub amount: Paise,
    /// SHA-256, hexadecimal, once it is written.
    pub digest: Option<String>,
    /// The name it has on disk before it gets its own.
    pub part: Option<String>,
    /// When it was opened, on its clock.
    pub created: Millis,
}

/// A debit as a file needs it. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DebitLine {
    /// Its reference, unique for life.
    pub payment: PaymentId,
    /// What is taken.
    pub amount: Paise,
    /// The mandate that allows it.
    pub token: NachToken,
}

/// A mandate to register. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationLine {
    /// The mandate.
    pub token: NachToken,
    /// What was signed.
    pub form: NachForm,
    /// The signed paper.
    pub scan: NachScan,
}

/// A mandate to end. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct WithdrawalLine {
    /// The mandate.
    pub token: NachToken,
    /// Which request to end it.
    pub number: i64,
    /// The network's number of it.
    pub umrn: String,
}

const OUT_COLUMNS: &str = "id, kind, lane, day, sequence, name, state, items, amount, digest, part, \
                           created_ms";

/// Rows of a queue that may go into a file, with three places from `first` on: a mandate can be ended
/// once the network has numbered it. SQLite counts places in the order in which they stand.
fn ready_sql(first: usize) -> String {
    let (queue, lane, now) = (first, first + 1, first + 2);
    format!(
        "queue = ${queue} AND lane = ${lane} AND due_ms <= ${now} \
         AND (kind <> 'withdraw' OR EXISTS (SELECT 1 FROM filings r \
         WHERE r.subject = filings.subject AND r.kind = 'register' AND r.umrn IS NOT NULL))"
    )
}

impl OutFile {
    fn read(cells: &mut Cells) -> StoreResult<OutFile> {
        Ok(OutFile {
            id: cells.text()?,
            kind: cells.text()?,
            lane: Lane(cells.int()?),
            day: cells.text()?,
            sequence: cells.int()?,
            name: cells.opt_text()?,
            state: match cells.text()?.as_str() {
                "filling" => OutState::Filling,
                "sealed" => OutState::Sealed,
                "written" => OutState::Written,
                "out" => OutState::Out,
                "void" => OutState::Void,
                other => return Err(StoreError::Corrupt(format!("state {other:?} of a file"))),
            },
            items: cells.int()?,
            amount: amount_of(cells.int()?)?,
            digest: cells.opt_text()?,
            part: cells.opt_text()?,
            created: Millis(cells.int()?),
        })
    }
}

impl Store {
    /// Whether anything of a queue may go into a file now.
    pub async fn has_filings_ready(
        &self,
        connector: &str,
        kind: &str,
        lane: Lane,
        now: Millis,
    ) -> StoreResult<bool> {
        let sql = format!("SELECT 1 FROM filings WHERE {} LIMIT 1", ready_sql(1));
        Ok(!self.rows(sql, ready(connector, kind, lane, now)).await?.is_empty())
    }

    /// Opens a file under the next number of its day.
    pub async fn open_rail_file(&self, file: NewFile<'_>) -> StoreResult<OutFile> {
        let NewFile { connector, kind, lane, day, now } = file;
        let sql = "INSERT INTO rail_files (id, connector, direction, kind, lane, day, sequence, \
                   state, items, amount, done, created_ms) \
                   SELECT $1 || CAST(coalesce(max(sequence), 0) + 1 AS TEXT), $2, 'out', $3, $4, $5, \
                   coalesce(max(sequence), 0) + 1, 'filling', 0, 0, 0, $6 FROM rail_files \
                   WHERE connector = $2 AND kind = $3 AND day = $5 AND direction = 'out'";
        let params = vec![
            format!("{connector}/{kind}/{day}/").into(),
            connector.to_owned().into(),
            kind.to_owned().into(),
            Value::Int(lane.0),
            day.to_owned().into(),
            Value::Int(now.0),
        ];
        self.execute(sql, params).await?;
        let open = self.unfinished_rail_files(connector).await?;
        let mine = open.into_iter().filter(|row| row.kind == kind && row.lane == lane);
        mine.max_by_key(|row| (row.day.clone(), row.sequence))
            .ok_or_else(|| StoreError::Corrupt("an opened file is gone".to_owned()))
    }

    /// Files of a connector that have not come to their names, oldest first.
    pub async fn unfinished_rail_files(&self, connector: &str) -> StoreResult<Vec<OutFile>> {
        let sql = format!(
            "SELECT {OUT_COLUMNS} FROM rail_files WHERE connector = $1 \
             AND state IN ('filling', 'sealed', 'written') ORDER BY created_ms, id"
        );
        let rows = self.rows(sql, vec![connector.to_owned().into()]).await?;
        rows.into_iter().map(|mut cells| OutFile::read(&mut cells)).collect()
    }

    /// A file that was sealed under this name.
    pub async fn rail_file_named(
        &self,
        connector: &str,
        name: &str,
    ) -> StoreResult<Option<OutFile>> {
        let sql = format!(
            "SELECT {OUT_COLUMNS} FROM rail_files \
             WHERE connector = $1 AND name = $2 AND direction = 'out'"
        );
        let params = vec![connector.to_owned().into(), name.to_owned().into()];
        let mut rows = self.rows(sql, params).await?;
        rows.first_mut().map(OutFile::read).transpose()
    }

    /// Takes up to `limit` rows out of their queue, oldest first, and puts them into a file that is
    /// being filled; how many. What was decided without a file gets into none.
    pub async fn fill_rail_file(
        &self,
        connector: &str,
        file: &OutFile,
        now: Millis,
        limit: i64,
    ) -> StoreResult<usize> {
        let sql = format!(
            "UPDATE filings SET queue = NULL, file = CASE WHEN EXISTS (\
             SELECT 1 FROM instructions i WHERE i.subject = filings.subject \
             AND i.kind = filings.kind AND i.number = filings.number AND i.state = 'done') \
             THEN NULL ELSE CAST($1 AS TEXT) END WHERE (subject, kind, number) IN (\
             SELECT subject, kind, number FROM filings WHERE {} \
             ORDER BY due_ms, subject LIMIT $5) \
             AND EXISTS (SELECT 1 FROM rail_files o WHERE o.id = $1 AND o.state = 'filling')",
            ready_sql(2)
        );
        let mut params: Vec<Value<'static>> = vec![file.id.clone().into()];
        params.extend(ready(connector, &file.kind, file.lane, now));
        params.push(Value::Int(limit));
        self.execute(&sql, params).await
    }

    /// How many rows are in a file, and the sum of their amounts.
    pub async fn rail_file_totals(&self, file: &str) -> StoreResult<(i64, Paise)> {
        let sql = "SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM filings \
                   WHERE file = $1"
            .to_owned();
        let mut rows = self.rows(sql, vec![file.to_owned().into()]).await?;
        let cells = rows.first_mut();
        let cells = cells.ok_or_else(|| StoreError::Corrupt("a sum without a row".to_owned()))?;
        Ok((cells.int()?, amount_of(cells.int()?)?))
    }

    /// Fixes the rows of a file, and gives it its name and totals.
    pub async fn seal_rail_file(&self, file: &OutFile, name: &str) -> StoreResult<()> {
        let (items, amount) = self.rail_file_totals(&file.id).await?;
        let sql = "UPDATE rail_files SET state = 'sealed', name = $1, items = $2, amount = $3 \
                   WHERE id = $4 AND state = 'filling'";
        let params = vec![
            name.to_owned().into(),
            Value::Int(items),
            Value::Int(amount.get()),
            file.id.clone().into(),
        ];
        self.execute(sql, params).await.map(|_| ())
    }

    /// Says that a sealed file is on disk under a name that nobody takes. False when another process
    /// has said so.
    pub async fn rail_file_written(
        &self,
        file: &str,
        part: &str,
        digest: &str,
    ) -> StoreResult<bool> {
        let sql = "UPDATE rail_files SET state = 'written', part = $1, digest = $2 \
                   WHERE id = $3 AND state = 'sealed'";
        let params = vec![part.to_owned().into(), digest.to_owned().into(), file.to_owned().into()];
        Ok(self.execute(sql, params).await? == 1)
    }

    /// Gives a file up that nobody needs. Its number is not used again.
    pub async fn void_rail_file(&self, file: &str) -> StoreResult<()> {
        let sql = "UPDATE rail_files SET state = 'void' WHERE id = $1 \
                   AND state IN ('filling', 'sealed')";
        self.execute(sql, vec![file.to_owned().into()]).await.map(|_| ())
    }

    /// Says that a file has its name.
    pub async fn rail_file_out(&self, file: &str) -> StoreResult<()> {
        let sql = "UPDATE rail_files SET state = 'out' WHERE id = $1 AND state = 'written'";
        self.execute(sql, vec![file.to_owned().into()]).await.map(|_| ())
    }

    /// Debits of a file behind a reference, in order of their references.
    pub async fn debits_of_file(
        &self,
        file: &str,
        after: Option<PaymentId>,
        limit: i64,
    ) -> StoreResult<Vec<DebitLine>> {
        let sql = format!(
            "SELECT f.subject, f.amount, {} FROM filings f JOIN payments p ON p.id = f.subject \
             JOIN nach_tokens t ON t.id = p.token WHERE f.file = $1 AND f.subject > $2 \
             ORDER BY f.subject LIMIT $3",
            NachToken::TABLE.column_list_of("t.")
        );
        let after = after.map_or(Value::from(""), |id| text(id.0));
        let params = vec![file.to_owned().into(), after, Value::Int(limit)];
        let rows = self.rows(sql, params).await?;
        let line = |mut cells: Cells| {
            Ok(DebitLine {
                payment: cells.id()?,
                amount: amount_of(cells.int()?)?,
                token: read_row(&mut cells)?,
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// The mandates to register that are in a file, in order of their ids.
    pub async fn registrations_of_file(&self, file: &str) -> StoreResult<Vec<RegistrationLine>> {
        let mut lines = vec![];
        for (token, _) in self.mandates_in_file(file).await? {
            let form = self.nach_form(token.scope, token.order).await?;
            let scan = self.nach_scan(token.payment).await?;
            // A sandbox that was reset meanwhile takes its rows with it.
            if let (Some(form), Some(scan)) = (form, scan) {
                lines.push(RegistrationLine { token, form, scan });
            }
        }
        Ok(lines)
    }

    /// The mandates to end that are in a file, in order of their ids.
    pub async fn withdrawals_of_file(&self, file: &str) -> StoreResult<Vec<WithdrawalLine>> {
        let mut lines = vec![];
        for (token, number) in self.mandates_in_file(file).await? {
            if let Some(umrn) = self.umrn_of(token.id).await? {
                lines.push(WithdrawalLine { token, number, umrn });
            }
        }
        Ok(lines)
    }

    async fn mandates_in_file(&self, file: &str) -> StoreResult<Vec<(NachToken, i64)>> {
        let sql = format!(
            "SELECT f.number, {} FROM filings f JOIN nach_tokens t ON t.id = f.subject \
             WHERE f.file = $1 ORDER BY f.subject",
            NachToken::TABLE.column_list_of("t.")
        );
        let rows = self.rows(sql, vec![file.to_owned().into()]).await?;
        let line = |mut cells: Cells| {
            let number = cells.int()?;
            Ok((read_row(&mut cells)?, number))
        };
        rows.into_iter().map(line).collect()
    }

    /// The network's number of a mandate that was registered by file.
    pub async fn umrn_of(&self, token: TokenId) -> StoreResult<Option<String>> {
        let sql =
            "SELECT umrn FROM filings WHERE subject = $1 AND kind = 'register' AND number = 1";
        let mut rows = self.rows(sql.to_owned(), vec![text(token.0)]).await?;
        rows.first_mut().map_or(Ok(None), Cells::opt_text)
    }

    /// Mandates to be ended whose registration is in no file and never will be.
    pub async fn withdrawals_without_mandate(
        &self,
        connector: &str,
        lane: Lane,
    ) -> StoreResult<Vec<(TokenId, i64)>> {
        let sql = "SELECT f.subject, f.number FROM filings f JOIN filings r \
                   ON r.subject = f.subject AND r.kind = 'register' \
                   WHERE f.queue = $1 AND f.lane = $2 AND r.queue IS NULL AND r.file IS NULL \
                   ORDER BY f.subject LIMIT 500"
            .to_owned();
        let params = vec![Filing::queue(connector, "withdraw").into(), Value::Int(lane.0)];
        let rows = self.rows(sql, params).await?;
        let line = |mut cells: Cells| Ok((TokenId(cells.id::<RawId>()?), cells.int()?));
        rows.into_iter().map(line).collect()
    }
}

fn ready(connector: &str, kind: &str, lane: Lane, now: Millis) -> Vec<Value<'static>> {
    vec![Filing::queue(connector, kind).into(), Value::Int(lane.0), Value::Int(now.0)]
}
