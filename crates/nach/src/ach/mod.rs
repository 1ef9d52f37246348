//! Files of debits, 306 bytes a record: instructions, responses, and what destination banks see.
//!
//! One header, then the details; amounts in paise; no trailer. Source: rails 5.5. Whether a bank
//! pads, flags or ends its lines otherwise is a [`Dialect`], not another reader.

mod error;
pub mod layout;
mod model;
mod read;
mod record;
mod write;

pub use error::{AchError, Why};
pub use model::{
    AccountType, Batch, Debit, Dialect, FileKind, Flags, ITEMS_MAX, Item, LineEnd, Outcome, Stamp,
    Totals,
};
pub use read::Reader;
pub use record::fit;
pub use write::{Writer, write, write_once};

/// Transaction code of the header of a debit file.
const HEADER_CODE: &str = "56";
/// Transaction code of a debit.
const DETAIL_CODE: &str = "67";

#[cfg(test)]
mod tests;
