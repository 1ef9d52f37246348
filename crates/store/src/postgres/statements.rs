//! The statements of a save, by shape: each is prepared once per connection.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use tokio_postgres::types::Type;

use super::parts::Part;
use super::values::type_of_kind;
use crate::columns::{Kind, Table};

/// Rows of one multi-row statement at most; above it `COPY` is cheaper.
pub const ROWS_MAX: usize = 64;

/// What makes one prepared statement different from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A statement as it is written, with the types of its places.
    Text(Cow<'static, str>, Vec<Type>),
    /// One kind of rows for the working set; true locks them.
    Load(Part, bool),
    /// This many rows at once.
    Insert(TableRef, usize),
    /// The same, where a row with the same key gives way.
    Replace(TableRef, usize),
    /// Any number of rows.
    Copy(TableRef),
    /// New values for these columns of this many rows.
    Update(TableRef, Vec<usize>, usize),
}

/// A table, compared by name.
#[derive(Clone, Copy, Debug)]
pub struct TableRef(pub &'static Table);

impl PartialEq for TableRef {
    fn eq(&self, other: &TableRef) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for TableRef {}

impl Hash for TableRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl Shape {
    /// A statement as it is written.
    pub fn text(sql: &'static str, types: &[Type]) -> Shape {
        Shape::Text(Cow::Borrowed(sql), types.to_vec())
    }

    /// The statement.
    pub fn sql(&self) -> String {
        match self {
            Shape::Text(sql, _) => sql.clone().into_owned(),
            Shape::Load(part, locked) => part.sql(*locked),
            Shape::Insert(table, rows) => insert(table.0, *rows),
            Shape::Replace(table, rows) => insert(table.0, *rows) + &replace(table.0),
            Shape::Copy(table) => {
                format!("COPY {} ({}) FROM STDIN BINARY", table.0.name, table.0.column_list())
            }
            Shape::Update(table, columns, rows) => update(table.0, columns, *rows),
        }
    }

    /// The types of its places, so that nulls are what their column is.
    pub fn types(&self) -> Vec<Type> {
        match self {
            Shape::Text(_, types) => types.clone(),
            Shape::Load(part, _) => part.types(),
            Shape::Insert(table, rows) | Shape::Replace(table, rows) => {
                let row: Vec<Type> = table.0.kinds().into_iter().map(type_of_kind).collect();
                row.iter().cycle().take(row.len() * rows).cloned().collect()
            }
            Shape::Copy(_) => vec![],
            Shape::Update(table, columns, rows) => {
                let row: Vec<Type> =
                    update_kinds(table.0, columns).into_iter().map(type_of_kind).collect();
                row.iter().cycle().take(row.len() * rows).cloned().collect()
            }
        }
    }
}

/// Splits a number of rows into statements of 64, 32, 16, 8, 4, 2 and 1, so that few shapes serve
/// every batch.
pub fn buckets(mut rows: usize) -> Vec<usize> {
    let mut out = vec![];
    while rows > 0 {
        let bucket = (1 << rows.ilog2()).min(ROWS_MAX);
        out.push(bucket);
        rows -= bucket;
    }
    out
}

fn insert(table: &Table, rows: usize) -> String {
    let width = table.kinds().len();
    let rows: Vec<String> = (0..rows).map(|row| places(row * width, width)).collect();
    format!("INSERT INTO {} ({}) VALUES {}", table.name, table.column_list(), rows.join(", "))
}

fn replace(table: &Table) -> String {
    let (key, rest) = table.columns.split_at(table.key);
    let key: Vec<&str> = key.iter().map(|(name, _)| *name).collect();
    let rest: Vec<String> =
        rest.iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
    format!(" ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), rest.join(", "))
}

/// Kinds of the places of one updated row: key, base version, new values.
fn update_kinds(table: &Table, columns: &[usize]) -> Vec<Kind> {
    let key = table.columns[..table.key].iter().map(|(_, kind)| *kind);
    key.chain([Kind::Int]).chain(columns.iter().map(|at| table.columns[*at].1)).collect()
}

/// Changes rows that still have their base version. When one has not, the statement divides by
/// zero: the count could otherwise only be checked after the COMMIT that travels behind it.
fn update(table: &Table, columns: &[usize], rows: usize) -> String {
    let name = table.name;
    let width = table.key + 1 + columns.len();
    let values: Vec<String> = (0..rows).map(|row| places(row * width, width)).collect();
    let aliases: Vec<String> = (0..width).map(|at| format!("c{at}")).collect();
    let set: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| format!(", {} = v.c{}", table.columns[*column].0, table.key + 1 + at))
        .collect();
    let matches: Vec<String> = (0..table.key)
        .map(|at| format!("t.{} = v.c{at}", table.columns[at].0))
        .chain([format!("t.version = v.c{}", table.key)])
        .collect();
    format!(
        "WITH u AS (UPDATE {name} t SET version = t.version + 1{} \
         FROM (VALUES {}) AS v ({}) WHERE {} RETURNING 1) \
         SELECT 1 / CASE WHEN count(*) = {rows} THEN 1 ELSE 0 END FROM u",
        set.concat(),
        values.join(", "),
        aliases.join(", "),
        matches.join(" AND "),
    )
}

/// `($4, $5, $6)` for three places after the third.
fn places(after: usize, count: usize) -> String {
    let places: Vec<String> = (1..=count).map(|at| format!("${}", after + at)).collect();
    format!("({})", places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_powers_of_two_up_to_the_limit() {
        assert!(buckets(0).is_empty());
        assert_eq!(buckets(37), [32, 4, 1]);
        assert_eq!(buckets(192), [64, 64, 64]);
    }
}
