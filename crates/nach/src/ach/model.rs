//! What a debit file says: header, items, outcomes. Source: rails 5.5.

use vasool_core::money::Paise;

use super::layout::{DETAIL, Field, INWARD};
use crate::codes::Code;
use crate::day::Day;

/// Most items in one file that NPCI takes (rails 5.5).
pub const ITEMS_MAX: u32 = 75_000;

/// Which of the four files of a debit's way it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Sponsor to NPCI: debit instructions.
    Input,
    /// NPCI to sponsor: acknowledgement (what NPCI refused) and response (what banks answered).
    /// That the acknowledgement has this layout too is unverified.
    Response,
    /// NPCI to destination bank.
    Inward,
    /// Destination bank to NPCI: the inward items with their outcomes.
    Return,
}

impl FileKind {
    /// The table of its details.
    pub fn layout(self) -> &'static [Field] {
        match self {
            FileKind::Input | FileKind::Response => DETAIL,
            FileKind::Inward | FileKind::Return => INWARD,
        }
    }

    /// Whether its items have outcomes.
    pub fn has_outcomes(self) -> bool {
        matches!(self, FileKind::Response | FileKind::Return)
    }

    /// Whether all items belong to the user number of the header. A bank's inward file has items of
    /// many.
    pub fn is_of_one_user(self) -> bool {
        matches!(self, FileKind::Input | FileKind::Response)
    }
}

/// What a header says about its file, totals aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Name of the collecting company, at most 40 characters.
    pub user_name: String,
    /// Number of the file, at most 9 characters; NPCI's, so blank on input.
    pub file_number: String,
    /// The user's limit in paise; zero where none is stated.
    pub user_limit: Paise,
    /// The day on which money moves.
    pub settlement_on: Day,
    /// NPCI's sequence, at most 10 characters; blank on input.
    pub file_sequence: String,
    /// NPCI's checksum, at most 10 characters; blank on input.
    pub checksum: String,
    /// User number (utility code), at most 18 characters.
    pub user_number: String,
    /// The company's name for the file, at most 18 characters.
    pub user_reference: String,
    /// IFSC, MICR or IIN of the sponsor bank, at most 11 characters.
    pub sponsor_bank: String,
    /// The company's account that is credited, at most 35 characters.
    pub user_account: String,
    /// Number of the settlement cycle, at most 2 characters.
    pub settlement_cycle: String,
}

/// Number of items and sum of their amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Items.
    pub count: u32,
    /// Their sum.
    pub amount: Paise,
}

impl Totals {
    /// With one more item; `None` above `items_max` or [`Paise::MAX`].
    pub fn plus(self, amount: Paise, items_max: u32) -> Option<Totals> {
        let count = (self.count < items_max).then_some(self.count + 1)?;
        Some(Totals { count, amount: self.amount.checked_add(amount)? })
    }
}

/// One debit of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// Kind of the account.
    pub account_type: AccountType,
    /// Name of its holder, at most 40 characters.
    pub holder: String,
    /// What the holder's statement shows, at most 20 characters.
    pub narration: String,
    /// What is taken, above zero.
    pub amount: Paise,
    /// IFSC or MICR of the holder's bank, at most 11 characters.
    pub destination_bank: String,
    /// The account, at most 35 characters.
    pub destination_account: String,
    /// The sponsor bank, as in the header.
    pub sponsor_bank: String,
    /// The user number, as in the header.
    pub user_number: String,
    /// Our reference, at most 30 characters, unique for life.
    pub reference: String,
    /// Product such as `MUT`, `LEG`, `GEN`, `SYM`; at most 3 characters.
    pub product: String,
    /// The mandate that allows it, 20 characters.
    pub umrn: String,
}

/// A debit with what others have written beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The debit.
    pub debit: Debit,
    /// What NPCI stamped on it; blank on input.
    pub stamp: Stamp,
    /// What became of it; `None` in files without outcomes.
    pub outcome: Option<Outcome>,
}

impl From<Debit> for Item {
    fn from(debit: Debit) -> Item {
        Item { debit, stamp: Stamp::default(), outcome: None }
    }
}

/// NPCI's marks on an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Settlement it went into, at most 3 characters (the ledger folio field).
    pub settlement: String,
    /// Sequence of the item, at most 10 characters.
    pub sequence: String,
    /// Checksum of the item, at most 10 characters.
    pub checksum: String,
}

/// What became of a debit. A code means different things from NPCI and from a bank, so it stays
/// with who said it (rails 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Accepted,
    /// The bank sent it back.
    Returned(Code),
    /// NPCI refused it before the bank.
    Rejected(Code),
    /// The bank asks for more time; the item stays open (reason 98).
    Extended,
}

/// Kind of an account. Codes beside 10, 11 and 13 are unverified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountType {
    /// 10.
    Savings,
    /// 11.
    Current,
    /// 13.
    CashCredit,
    /// 12 or 29 to 31: seen, meaning unpublished.
    Other(u8),
}

impl AccountType {
    /// The two-digit code.
    pub fn code(self) -> u8 {
        match self {
            AccountType::Savings => 10,
            AccountType::Current => 11,
            AccountType::CashCredit => 13,
            AccountType::Other(code) => code,
        }
    }

    /// The type of a code; `None` for one that does not exist.
    pub fn from_code(code: u8) -> Option<AccountType> {
        match code {
            10 => Some(AccountType::Savings),
            11 => Some(AccountType::Current),
            13 => Some(AccountType::CashCredit),
            12 | 29..=31 => Some(AccountType::Other(code)),
            _ => None,
        }
    }
}

/// What banks do differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The digits of the response flag.
    pub flags: Flags,
    /// How lines end when written. The reader takes both.
    pub line_end: LineEnd,
    /// Most items in a file, at most 999,999,999. A bank's own exchange may allow more than NPCI;
    /// neither reading nor writing takes more memory for more items.
    pub items_max: u32,
}

/// The response flag, a byte per outcome. Partly unverified, hence not fixed (rails 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named like the outcomes")]
pub struct Flags {
    pub accepted: u8,
    pub returned: u8,
    pub rejected: u8,
    pub extended: u8,
}

/// How lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// Line feed.
    Lf,
    /// Carriage return and line feed.
    CrLf,
}

impl Default for Dialect {
    /// As rails 5.5 reports it: `1` taken, `0` returned, `2` refused by NPCI, `3` extension; at most
    /// [`ITEMS_MAX`] items.
    fn default() -> Dialect {
        Dialect {
            flags: Flags { accepted: b'1', returned: b'0', rejected: b'2', extended: b'3' },
            line_end: LineEnd::CrLf,
            items_max: ITEMS_MAX,
        }
    }
}
