//! Saving a batch: all writes and the COMMIT leave together and cost one round trip.
//!
//! Nothing is checked between the writes and the COMMIT, so every check is made by the database: a
//! missed version divides by zero, a uniqueness rule fails, and a failed statement turns the COMMIT
//! into a ROLLBACK. The row in `commits` is the last write: when it succeeded, the transaction was
//! not aborted, and the COMMIT behind it cannot have become a ROLLBACK unnoticed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Statement};
use vasool_core::instruction::Instruction;

use super::error::{failure, is_connection_lost};
use super::load::BEGIN;
use super::pipeline::{Request, pipeline};
use super::pool::Connection;
use super::statements::{ROWS_MAX, Shape, TableRef, buckets};
use super::values::type_of_kind;
use crate::Batch;
use crate::columns::{Kind, Record, Table, Value};
use crate::error::{StoreError, StoreResult};
use crate::plan::{Insert, Plan, Update, plan};

/// What became of a save.
pub enum Outcome {
    /// Durable.
    Committed,
    /// Rolled back, or never sent.
    Refused(StoreError),
    /// The COMMIT was sent and no answer came.
    Lost(String),
}

/// Marks the batch as committed, on the clock of the database: the one all processes share.
const COMMITTED: &str = "INSERT INTO commits (batch, committed_at_ms) \
    VALUES ($1, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT))";

/// The table of instructions, with the columns that only processes beside each other need.
static HELD: LazyLock<Table> = LazyLock::new(|| {
    let Table { name, columns, key, versioned } = *Instruction::TABLE;
    let columns = [columns, &[("leased_by", Kind::Text), ("leased_until_ms", Kind::Int)]].concat();
    Table { name, columns: columns.leak(), key, versioned }
});

/// The kind of an instruction to debit a mandate.
const DEBIT: &str = "debit";

/// A statement with its values.
struct Step<'a> {
    shape: Shape,
    params: Vec<&'a Value<'a>>,
    /// `COPY` rows, each in column order.
    copied: &'a [Vec<Value<'a>>],
    table: Option<&'static Table>,
}

/// Saves all changes of a batch, or none. `begun`: a load has begun the transaction.
pub async fn save(connection: &Connection, batch: &Batch, begun: bool) -> StoreResult<Outcome> {
    let mut plan = plan(batch);
    hold_instructions(&mut plan, batch);
    let fixed = Fixed::of(&plan, batch);
    let steps = steps(&plan, &fixed);
    let shapes = steps.iter().map(|step| step.shape.clone()).collect();
    let statements = connection.statements(shapes).await?;
    let client = &connection.client;
    if !begun {
        // Waited for: behind a BEGIN that failed, every statement would commit on its own.
        client.batch_execute(BEGIN).await.map_err(|error| failure(&error))?;
    }
    let mut requests: Vec<Request<'_, (), Error>> = vec![];
    for (step, statement) in steps.iter().zip(&statements) {
        requests.push(match step.table {
            Some(table) => Box::pin(copy(client, statement, table, step.copied)),
            None => Box::pin(run(client, statement, &step.params)),
        });
    }
    requests.push(Box::pin(client.batch_execute("COMMIT")));
    Ok(outcome(pipeline(requests).await))
}

/// What the answers, in the order of the requests, say about the whole.
fn outcome(answers: Vec<Option<Result<(), Error>>>) -> Outcome {
    let last = answers.len() - 1;
    let committed = answers[last].is_some();
    for (at, answer) in answers.into_iter().enumerate() {
        let Some(Err(error)) = answer else { continue };
        let said_no = error.as_db_error().is_some();
        // An answer to an earlier statement means that the transaction was aborted, or that the
        // backend ended, before the COMMIT. A failing COMMIT may have been carried out when what
        // failed came after it, such as an operator who ends the backend.
        let ended = at == last && matches!(failure(&error), StoreError::Unavailable(_));
        return if !committed || (said_no && !ended) {
            Outcome::Refused(failure(&error))
        } else if said_no || is_connection_lost(&error) {
            Outcome::Lost(failure(&error).to_string())
        } else {
            // An answer that cannot be read says nothing about the COMMIT.
            Outcome::Lost(error.to_string())
        };
    }
    Outcome::Committed
}

async fn run(client: &Client, statement: &Statement, params: &[&Value<'_>]) -> Result<(), Error> {
    let params: Vec<&(dyn ToSql + Sync)> =
        params.iter().map(|value| *value as &(dyn ToSql + Sync)).collect();
    client.query(statement, &params).await.map(|_| ())
}

async fn copy(
    client: &Client,
    statement: &Statement,
    table: &Table,
    rows: &[Vec<Value<'_>>],
) -> Result<(), Error> {
    let types: Vec<Type> = table.kinds().into_iter().map(type_of_kind).collect();
    let sink = client.copy_in::<_, Bytes>(statement).await?;
    let mut writer = std::pin::pin!(BinaryCopyInWriter::new(sink, &types));
    for row in rows {
        let values: Vec<&(dyn ToSql + Sync)> =
            row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        writer.as_mut().write(&values).await?;
    }
    writer.finish().await.map(|_| ())
}

/// Values of statements that do not come from rows.
struct Fixed<'a> {
    batch: Value<'a>,
    cleared: Vec<[Value<'a>; 2]>,
    deleted: Vec<Value<'a>>,
    rearmed: Vec<[Value<'a>; 2]>,
    bases: Vec<Value<'a>>,
}

impl<'a> Fixed<'a> {
    fn of(plan: &'a Plan<'a>, batch: &'a Batch) -> Fixed<'a> {
        Fixed {
            batch: (&batch.id).into(),
            cleared: plan
                .cleared_timers
                .iter()
                .map(|key| [key.subject().as_str().to_owned().into(), key.kind().into()])
                .collect(),
            deleted: plan.deleted_endpoints.iter().map(Into::into).collect(),
            rearmed: plan
                .rearmed
                .iter()
                .map(|scope| [scope.lane().0.into(), (*scope).into()])
                .collect(),
            bases: plan.updates.iter().map(|update| update.base.into()).collect(),
        }
    }
}

/// New debits say in whose hands they are: the request that wrote one tells the network at once. All
/// else is leased before anyone is asked.
fn hold_instructions<'a>(plan: &mut Plan<'a>, batch: &'a Batch) {
    let is_instructions = |insert: &&mut Insert<'a>| insert.table.name == HELD.name;
    for insert in plan.inserts.iter_mut().filter(is_instructions) {
        insert.table = &HELD;
        for row in &mut insert.rows {
            // The kind is the second part of the key.
            let is_debit = row.get(1) == Some(&DEBIT.into());
            row.extend(match batch.hands.as_ref().filter(|_| is_debit) {
                Some((holder, until)) => [holder.into(), until.0.into()],
                None => [Value::Null, 0.into()],
            });
        }
    }
}

fn steps<'a>(plan: &'a Plan<'a>, fixed: &'a Fixed<'a>) -> Vec<Step<'a>> {
    let mut steps = vec![];
    updates(plan, fixed, &mut steps);
    for insert in &plan.inserts {
        inserts(insert, &mut steps);
    }
    let mut push = |sql: &'static str, types: &[Type], params: Vec<&'a Value<'a>>| {
        let shape = Shape::text(sql, types);
        steps.push(Step { shape, params, copied: &[], table: None });
    };
    for key in &fixed.cleared {
        let sql = "DELETE FROM timers WHERE subject = $1 AND kind = $2";
        push(sql, &[Type::TEXT, Type::TEXT], key.iter().collect());
    }
    for id in &fixed.deleted {
        push("DELETE FROM webhook_endpoints WHERE id = $1", &[Type::TEXT], vec![id]);
        let sql = "UPDATE deliveries SET state = 'undelivered', due_ms = 0, version = version + 1 \
                   WHERE endpoint = $1 AND state = 'pending'";
        push(sql, &[Type::TEXT], vec![id]);
    }
    for scope in &fixed.rearmed {
        let sql = "UPDATE timers SET due_ms = 0 WHERE lane = $1 AND scope = $2";
        push(sql, &[Type::INT8, Type::INT8], scope.iter().collect());
    }
    push(COMMITTED, &[Type::TEXT], vec![&fixed.batch]);
    steps
}

/// Updates, each with its base version.
type Rows<'a> = Vec<(&'a Update<'a>, &'a Value<'a>)>;

/// Updates with the same changed columns go together, in the order of the plan.
fn updates<'a>(plan: &'a Plan<'a>, fixed: &'a Fixed<'a>, steps: &mut Vec<Step<'a>>) {
    let mut order = vec![];
    let mut groups: BTreeMap<(&str, Vec<usize>), Rows<'a>> = BTreeMap::new();
    for (update, base) in plan.updates.iter().zip(&fixed.bases) {
        let columns = update.changed.iter().map(|(at, _)| *at).collect();
        let group = (update.table.name, columns);
        if !groups.contains_key(&group) {
            order.push(group.clone());
        }
        groups.entry(group).or_default().push((update, base));
    }
    for group in order {
        let Some(mut rows) = groups.remove(&group).map(Vec::into_iter) else { continue };
        for bucket in buckets(rows.len()) {
            let chunk: Vec<_> = rows.by_ref().take(bucket).collect();
            let table = TableRef(chunk[0].0.table);
            let params = chunk
                .into_iter()
                .flat_map(|(update, base)| {
                    let values = update.changed.iter().map(|(_, value)| value);
                    update.key.iter().chain([base]).chain(values)
                })
                .collect();
            let shape = Shape::Update(table, group.1.clone(), bucket);
            steps.push(Step { shape, params, copied: &[], table: None });
        }
    }
}

fn inserts<'a>(insert: &'a Insert<'a>, steps: &mut Vec<Step<'a>>) {
    let table = TableRef(insert.table);
    if insert.rows.len() > ROWS_MAX && !insert.replace {
        let (copied, table) = (insert.rows.as_slice(), Some(insert.table));
        steps.push(Step {
            shape: Shape::Copy(TableRef(insert.table)),
            params: vec![],
            copied,
            table,
        });
        return;
    }
    let mut rows = insert.rows.iter();
    for bucket in buckets(insert.rows.len()) {
        let shape = match insert.replace {
            true => Shape::Replace(table, bucket),
            false => Shape::Insert(table, bucket),
        };
        let params = rows.by_ref().take(bucket).flatten().collect();
        steps.push(Step { shape, params, copied: &[], table: None });
    }
}
