//! Which columns each row has, by subject.

mod bank_account;
mod bulk;
mod collect;
mod filing;
mod later;
mod ledger;
mod merchant;
mod nach;
mod order;
mod qr_code;
mod refund;
mod sandbox;
mod token;
mod webhook;

pub use collect::{JOIN_LAST_LINE, account_columns, account_totals, read_account_totals};
pub use ledger::PostingRow;

use vasool_core::money::Paise;
use vasool_core::time::{Millis, Time};

use super::Cells;
use crate::error::{StoreError, StoreResult};

/// A table as a list of columns with their kinds.
macro_rules! table {
    ($name:literal, key $key:literal, $versioned:literal, [$($column:ident $kind:ident),* $(,)?]) => {
        &crate::columns::Table {
            name: $name,
            columns: &[$((stringify!($column), $kind)),*],
            key: $key,
            versioned: $versioned,
        }
    };
}

use table;

pub(super) fn time(cells: &mut Cells) -> StoreResult<Time> {
    cells.int().map(Time)
}

pub(super) fn opt_time(cells: &mut Cells) -> StoreResult<Option<Time>> {
    Ok(cells.opt_int()?.map(Time))
}

pub(super) fn millis(cells: &mut Cells) -> StoreResult<Millis> {
    cells.int().map(Millis)
}

pub(super) fn paise(cells: &mut Cells) -> StoreResult<Paise> {
    amount_of(cells.int()?)
}

pub fn amount_of(number: i64) -> StoreResult<Paise> {
    Paise::new(number).ok_or_else(|| StoreError::Corrupt(format!("{number} is not an amount")))
}
