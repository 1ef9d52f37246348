//! Why a debit file cannot be read or written: the line, the field, the reason. Never a value:
//! account numbers do not belong in logs.

use std::{fmt, io};

use super::layout::Name;
use super::model::Totals;

/// A file of debits that cannot be read or written as it is.
#[derive(Debug)]
pub struct AchError {
    /// The line, from 1; the header is line 1.
    pub line: u64,
    /// The field, where it is about one.
    pub field: Option<Name>,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a line, a field or a file.
#[derive(Debug)]
pub enum Why {
    /// The line does not have the 306 bytes of a record. Reading stops at 309.
    WrongLength(usize),
    /// A byte that is not printable ASCII.
    NotPrintable,
    /// Something other than digits in a number.
    NotDigits,
    /// Not a date of the calendar.
    NotADate,
    /// The value does not fit its field.
    TooLong,
    /// The field may not be empty.
    Missing,
    /// The line is not the header or detail that belongs here.
    WrongTransactionCode,
    /// An account type nobody publishes.
    UnknownAccountType(u8),
    /// A response flag that the dialect does not know.
    UnknownFlag(u8),
    /// Flag and reason contradict each other, such as success with a return code.
    OutcomeContradictsReason,
    /// A response without an outcome, or an instruction with one.
    OutcomeMisplaced,
    /// An amount of nothing, or more than money can hold.
    WrongAmount,
    /// The item is about another user number than the file.
    OtherUserNumber,
    /// More records than a file may have.
    TooManyRecords(u32),
    /// The header announces other totals than the records add up to.
    TotalsDiffer {
        /// What the header says.
        announced: Totals,
        /// What the records add up to.
        found: Totals,
    },
    /// The file has no header.
    Empty,
    /// The file could not be read or written.
    Io(io::Error),
}

impl AchError {
    pub(crate) fn new(line: u64, why: Why) -> AchError {
        AchError { line, field: None, why }
    }
}

impl fmt::Display for AchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(name) = self.field {
            write!(f, ", {name:?}")?;
        }
        f.write_str(": ")?;
        match &self.why {
            Why::WrongLength(bytes) => write!(f, "{bytes} bytes where a record has 306"),
            Why::NotPrintable => f.write_str("a byte that is not printable ASCII"),
            Why::NotDigits => f.write_str("not a number"),
            Why::NotADate => f.write_str("not a date"),
            Why::TooLong => f.write_str("longer than its field"),
            Why::Missing => f.write_str("empty"),
            Why::WrongTransactionCode => f.write_str("not the record that belongs here"),
            Why::UnknownAccountType(code) => write!(f, "account type {code} is not known"),
            Why::UnknownFlag(flag) => write!(f, "flag {:?} is not known", char::from(*flag)),
            Why::OutcomeContradictsReason => f.write_str("flag and reason contradict each other"),
            Why::OutcomeMisplaced => f.write_str("an outcome is missing, or must not be here"),
            Why::WrongAmount => f.write_str("an amount that cannot be"),
            Why::OtherUserNumber => f.write_str("a user number other than the file's"),
            Why::TooManyRecords(max) => write!(f, "more than {max} records"),
            Why::TotalsDiffer { announced, found } => write!(
                f,
                "the header announces {} items and {} paise, the records are {} and {}",
                announced.count,
                announced.amount.get(),
                found.count,
                found.amount.get()
            ),
            Why::Empty => f.write_str("no header"),
            Why::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for AchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.why {
            Why::Io(error) => Some(error),
            _ => None,
        }
    }
}
