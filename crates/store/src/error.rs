//! What can go wrong between a batch and the disk.

use std::fmt;

/// A failure of the store. Its text is for the operator's log, never for a caller.
#[derive(Debug)]
pub enum StoreError {
    /// Someone else changed a row, or a uniqueness rule was met by another writer: apply again.
    Conflict(String),
    /// The database cannot be reached or cannot write now (gone, disk full): nothing was saved.
    Unavailable(String),
    /// The answer to a commit was lost: it may have been saved or not.
    UnknownOutcome(String),
    /// A row cannot be read back, or a statement is wrong: a bug or a damaged database.
    Corrupt(String),
}

impl StoreError {
    /// What the database said.
    pub fn text(&self) -> &str {
        match self {
            StoreError::Conflict(text)
            | StoreError::Unavailable(text)
            | StoreError::UnknownOutcome(text)
            | StoreError::Corrupt(text) => text,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, text) = match self {
            StoreError::Conflict(text) => ("conflict", text),
            StoreError::Unavailable(text) => ("unavailable", text),
            StoreError::UnknownOutcome(text) => ("unknown outcome", text),
            StoreError::Corrupt(text) => ("corrupt", text),
        };
        write!(f, "{kind}: {text}")
    }
}

impl std::error::Error for StoreError {}

/// Result of a store operation.
pub type StoreResult<T> = Result<T, StoreError>;
