//! Bulk files: many small commands in one upload, done row by row. Source: smart-collect 5.18,
//! paper-nach 14.

use crate::id::{BatchId, CustomerId, InvoiceId, OrderId, PaymentId, VirtualAccountId};
use crate::scope::ScopeId;
use crate::time::{Millis, Time};

/// What the rows of a file ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkKind {
    /// A virtual account each, for a customer who is known or new.
    OpenAccounts,
    /// Another `close_by` for a virtual account each.
    MoveExpiries,
    /// A registration link each. Source: paper-nach 14.
    RegistrationLinks,
    /// A debit of a mandate on paper each, with an order of its own. Source: paper-nach 14.
    Debits,
}

impl BulkKind {
    /// The word of the API, which is stored too.
    pub fn as_str(self) -> &'static str {
        match self {
            BulkKind::OpenAccounts => "virtual_account",
            BulkKind::MoveExpiries => "virtual_account_edit",
            BulkKind::RegistrationLinks => "auth_link",
            BulkKind::Debits => "recurring_charge",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<BulkKind> {
        match word {
            "virtual_account" => Some(BulkKind::OpenAccounts),
            "virtual_account_edit" => Some(BulkKind::MoveExpiries),
            "auth_link" => Some(BulkKind::RegistrationLinks),
            "recurring_charge" => Some(BulkKind::Debits),
            _ => None,
        }
    }
}

/// An uploaded file: the `batch` of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkFile {
    /// `batch_…`.
    pub id: BatchId,
    /// Whose.
    pub scope: ScopeId,
    /// What its rows ask for.
    pub kind: BulkKind,
    /// The file's name, if the upload said it.
    pub name: Option<String>,
    /// The names of its columns as its header says them; empty where the kind alone says them.
    pub columns: Vec<String>,
    /// What its rows tell customers.
    pub notify: Notify,
    /// When its rows are to be done, where the merchant said so.
    pub schedule: Option<Time>,
    /// How many rows it has. They are numbered from 1.
    pub total: i64,
    /// How many of its rows are done.
    pub succeeded: i64,
    /// How many of its rows were refused.
    pub failed: i64,
    /// Where it stands.
    pub state: BulkState,
    /// When its first row may be taken up, on the merchant's clock.
    pub due: Millis,
    /// On the merchant's clock.
    pub created_at: Time,
}

impl BulkFile {
    /// Rows with an outcome: all up to this number.
    pub fn decided(&self) -> i64 {
        self.succeeded + self.failed
    }

    /// Whether all its rows are stored: before that it is nobody's to see, and no row is done.
    pub fn is_whole(&self) -> bool {
        !matches!(self.state, BulkState::Storing { .. } | BulkState::Abandoned)
    }

    /// Whether it has rows to do.
    pub fn is_open(&self) -> bool {
        matches!(self.state, BulkState::Created | BulkState::Processing)
    }
}

/// Which messages the links of a file send; files of other kinds send none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// By SMS.
    pub sms: bool,
    /// By e-mail.
    pub email: bool,
}

/// Where a file stands. Source: decisions 17.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkState {
    /// Its rows are being stored, by the request that brought it.
    Storing {
        /// How many are there.
        stored: i64,
        /// When the first ones came, in real time.
        since: Millis,
    },
    /// The request that brought it ended before all its rows were stored; to be removed.
    Abandoned,
    /// No row was taken up yet.
    Created,
    /// Rows are being done.
    Processing,
    /// Every row has its outcome, be it good or bad.
    Processed {
        /// When the last one got it, on the merchant's clock.
        at: Time,
    },
}

impl BulkState {
    /// The word that is stored, and that of the API for files that are whole.
    pub fn as_str(self) -> &'static str {
        match self {
            BulkState::Storing { .. } => "storing",
            BulkState::Abandoned => "abandoned",
            BulkState::Created => "created",
            BulkState::Processing => "processing",
            BulkState::Processed { .. } => "processed",
        }
    }

    /// Reads what was stored. `storing`: how many rows are there, and since when.
    pub fn parse(
        word: &str,
        storing: Option<(i64, Millis)>,
        processed_at: Option<Time>,
    ) -> Option<BulkState> {
        Some(match (word, storing, processed_at) {
            ("storing", Some((stored, since)), None) => BulkState::Storing { stored, since },
            ("abandoned", None, None) => BulkState::Abandoned,
            ("created", None, None) => BulkState::Created,
            ("processing", None, None) => BulkState::Processing,
            ("processed", None, Some(at)) => BulkState::Processed { at },
            _ => return None,
        })
    }

    /// When the last row got its outcome.
    pub fn processed_at(self) -> Option<Time> {
        match self {
            BulkState::Processed { at } => Some(at),
            _ => None,
        }
    }
}

/// Which row: the file and its number in it, from 1.
pub type BulkRowKey = (BatchId, i64);

/// A row of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct BulkRow {
    /// Of which file.
    pub file: BatchId,
    /// Its place in the file, from 1.
    pub number: i64,
    /// Whose.
    pub scope: ScopeId,
    /// Its cells as they were given, in the order of the columns.
    pub cells: Vec<String>,
    /// What became of it; `None` until then. Never changed afterwards.
    pub outcome: Option<RowOutcome>,
}

// Cells hold names, contacts and descriptors, which no log may show.
impl std::fmt::Debug for BulkRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let done = self.outcome.is_some();
        write!(f, "BulkRow({} {}, decided: {done})", self.file, self.number)
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// Done: what it made or changed.
    Done(Made),
    /// Refused; nothing was changed.
    Refused(RowRefusal),
}

/// What a row made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// A virtual account was opened or changed.
    Account {
        /// The customer of the account, if it has one.
        customer: Option<CustomerId>,
        /// The virtual account.
        account: VirtualAccountId,
    },
    /// A registration link.
    Link(InvoiceId),
    /// A debit.
    Debit {
        /// The order it pays.
        order: OrderId,
        /// The payment.
        payment: PaymentId,
    },
}

/// Why a row was refused, as the API says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRefusal {
    /// The class of the error.
    pub code: String,
    /// The error's description.
    pub description: String,
}
