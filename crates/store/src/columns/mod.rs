//! Rows as columns, the same for both databases.
//!
//! A [`Record`] says its table, writes its columns in order and reads them back. The two databases
//! only differ in how they send [`Value`]s.

mod encoding;
mod records;
mod snapshot;

pub(crate) use encoding::{read_banks, read_notes};
pub use records::PostingRow;
pub(crate) use records::{JOIN_LAST_LINE, account_columns, amount_of};

use std::borrow::Cow;

use vasool_core::id::RawId;
use vasool_core::scope::ScopeId;

use crate::error::{StoreError, StoreResult};

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number, an instant, an amount in paise, or a flag.
    Int(i64),
    /// A text or an id.
    Text(Cow<'a, str>),
    /// A sealed secret.
    Bytes(Cow<'a, [u8]>),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `BIGINT`, `INTEGER`.
    Int,
    /// `TEXT`.
    Text,
    /// `BYTEA`, `BLOB`.
    Bytes,
}

/// A table as the code knows it; a test compares it with the migrated database.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Columns in the order of [`Record::values`]: the key first, `version` left out.
    pub columns: &'static [(&'static str, Kind)],
    /// How many of them are the key.
    pub key: usize,
    /// Whether it has a `version`, directly after the key.
    pub versioned: bool,
}

impl Table {
    /// All column names with `version` in its place, for a `SELECT` or an `INSERT`.
    pub fn column_list(&self) -> String {
        self.column_list_of("")
    }

    /// The same, each name behind an alias such as `p.`.
    pub fn column_list_of(&self, alias: &str) -> String {
        let mut names: Vec<String> =
            self.columns.iter().map(|(name, _)| format!("{alias}{name}")).collect();
        if self.versioned {
            names.insert(self.key, format!("{alias}version"));
        }
        names.join(", ")
    }

    /// Kinds in the order of [`Table::column_list`].
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = self.columns.iter().map(|(_, kind)| *kind).collect();
        if self.versioned {
            kinds.insert(self.key, Kind::Int);
        }
        kinds
    }
}

/// A row of one table.
pub trait Record: Sized {
    /// Its table.
    const TABLE: &'static Table;
    /// Its cells, in the order of the table's columns.
    fn values(&self) -> Vec<Value<'_>>;
    /// Reads it back.
    fn read(cells: &mut Cells) -> StoreResult<Self>;
}

/// A row that was read, taken cell by cell in column order.
#[derive(Debug)]
pub struct Cells {
    cells: std::vec::IntoIter<Value<'static>>,
}

impl Cells {
    /// The cells of a row.
    pub fn new(cells: Vec<Value<'static>>) -> Cells {
        Cells { cells: cells.into_iter() }
    }

    /// The next cell, whatever it is. Behind the last one there is nothing: rows that were stored
    /// before a column was added end early.
    pub fn value(&mut self) -> StoreResult<Value<'static>> {
        Ok(self.cells.next().unwrap_or(Value::Null))
    }

    /// The next `count` cells on their own.
    pub fn take(&mut self, count: usize) -> Cells {
        Cells::new(self.cells.by_ref().take(count).collect())
    }

    /// The next cell without taking it.
    pub fn peek(&self) -> &Value<'static> {
        self.cells.as_slice().first().unwrap_or(&Value::Null)
    }

    /// A number.
    pub fn int(&mut self) -> StoreResult<i64> {
        self.opt_int()?.ok_or_else(|| unexpected("a number", "null"))
    }

    /// A number or nothing.
    pub fn opt_int(&mut self) -> StoreResult<Option<i64>> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            other => Err(unexpected("a number", kind_of(&other))),
        }
    }

    /// A flag.
    pub fn flag(&mut self) -> StoreResult<bool> {
        Ok(self.int()? != 0)
    }

    /// A text.
    pub fn text(&mut self) -> StoreResult<String> {
        self.opt_text()?.ok_or_else(|| unexpected("a text", "null"))
    }

    /// A text or nothing.
    pub fn opt_text(&mut self) -> StoreResult<Option<String>> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.into_owned())),
            other => Err(unexpected("a text", kind_of(&other))),
        }
    }

    /// A sealed secret.
    pub fn bytes(&mut self) -> StoreResult<Vec<u8>> {
        match self.value()? {
            Value::Bytes(bytes) => Ok(bytes.into_owned()),
            other => Err(unexpected("bytes", kind_of(&other))),
        }
    }

    /// An id.
    pub fn id<T: From<RawId>>(&mut self) -> StoreResult<T> {
        self.opt_id()?.ok_or_else(|| unexpected("an id", "null"))
    }

    /// An id or nothing.
    pub fn opt_id<T: From<RawId>>(&mut self) -> StoreResult<Option<T>> {
        self.opt_text()?
            .map(|text| RawId::parse(&text).map(T::from).ok_or_else(|| unexpected("an id", "text")))
            .transpose()
    }

    /// An owner number.
    pub fn scope(&mut self) -> StoreResult<ScopeId> {
        self.int().map(ScopeId)
    }

    /// One of the words of an enumeration, or nothing.
    pub fn opt_word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> StoreResult<Option<T>> {
        let unknown = |text: String| StoreError::Corrupt(format!("unknown word {text:?}"));
        self.opt_text()?.map(|text| parse(&text).ok_or_else(|| unknown(text))).transpose()
    }

    /// One of the words of an enumeration.
    pub fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> StoreResult<T> {
        let text = self.text()?;
        parse(&text).ok_or_else(|| StoreError::Corrupt(format!("unknown word {text:?}")))
    }
}

fn kind_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Int(_) => "a number",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
    }
}

fn unexpected(want: &str, found: &str) -> StoreError {
    StoreError::Corrupt(format!("expected {want}, found {found}"))
}

impl Value<'_> {
    /// The same value without borrows.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Int(number) => Value::Int(number),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Value::Int(i64::from(flag))
    }
}

impl<'a> From<&'a RawId> for Value<'a> {
    fn from(id: &'a RawId) -> Self {
        Value::Text(Cow::Borrowed(id.as_str()))
    }
}

impl From<ScopeId> for Value<'_> {
    fn from(scope: ScopeId) -> Self {
        Value::Int(scope.0)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Reads a row of a versioned table, selected by [`Table::column_list`].
pub fn read_versioned<T: Record>(cells: &mut Cells) -> StoreResult<(T, i64)> {
    // Taken out whole, which reuses the memory of the row.
    let mut all: Vec<Value<'static>> = std::mem::take(&mut cells.cells).collect();
    if all.len() <= T::TABLE.key {
        return Err(unexpected("a version", "nothing"));
    }
    let Value::Int(version) = all.remove(T::TABLE.key) else {
        return Err(unexpected("a version", "something else"));
    };
    Ok((T::read(&mut Cells::new(all))?, version))
}

/// Reads a row of a table, selected by [`Table::column_list`].
pub fn read_row<T: Record>(cells: &mut Cells) -> StoreResult<T> {
    if T::TABLE.versioned { Ok(read_versioned(cells)?.0) } else { T::read(cells) }
}
