//! The rows of one kind: as loaded, as changed, as written by the present command.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Something stored under a key of its own, with a version.
pub trait Row: Clone {
    /// The key.
    type Id: Clone + Ord;
    /// The key of this row.
    fn id(&self) -> Self::Id;
    /// Whether the row itself must be written, given what is stored.
    fn must_be_written(&self, before: &Self) -> bool;
}

/// A row to be saved.
#[derive(Clone, Debug)]
pub struct Saved<T> {
    /// The row as it is now.
    pub row: Arc<T>,
    /// The row and version in the store, which the save replaces; `None` for a new row.
    pub before: Option<(Arc<T>, i64)>,
    /// False where all that changed is stored elsewhere and the row stays as it is.
    pub is_written: bool,
}

impl<T> Saved<T> {
    /// The version that the save gives the row.
    pub fn version(&self) -> i64 {
        let written = i64::from(self.is_written);
        self.before.as_ref().map_or(1, |(_, version)| version + written)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Slot<T> {
    /// As loaded, with its version.
    before: Option<(Arc<T>, i64)>,
    /// As changed by this batch.
    changed: Option<Arc<T>>,
}

impl<T> Slot<T> {
    fn row(&self) -> Option<&Arc<T>> {
        self.changed.as_ref().or(self.before.as_ref().map(|(row, _)| row))
    }
}

/// The rows of one kind.
#[derive(Clone, Debug)]
pub struct Table<T: Row> {
    rows: BTreeMap<T::Id, Slot<T>>,
    pub(super) staged: Vec<Arc<T>>,
}

impl<T: Row> Default for Table<T> {
    fn default() -> Self {
        Table { rows: BTreeMap::new(), staged: Vec::new() }
    }
}

impl<T: Row> Table<T> {
    /// Outer `None`: not loaded. Inner `None`: does not exist.
    pub(super) fn find(&self, id: &T::Id) -> Option<Option<&Arc<T>>> {
        if let Some(row) = self.staged.iter().rev().find(|row| row.id() == *id) {
            return Some(Some(row));
        }
        self.rows.get(id).map(Slot::row)
    }

    pub(super) fn load(&mut self, id: T::Id, row: Option<(T, i64)>) {
        let before = row.map(|(row, version)| (Arc::new(row), version));
        self.rows.entry(id).or_insert(Slot { before, changed: None });
    }

    pub(super) fn keep(&mut self) {
        for row in self.staged.drain(..) {
            let slot = self.rows.entry(row.id()).or_insert(Slot { before: None, changed: None });
            slot.changed = Some(row);
        }
    }

    pub(super) fn changes(self) -> Vec<Saved<T>> {
        self.rows
            .into_values()
            .filter_map(|slot| {
                let (row, before) = (slot.changed?, slot.before);
                let is_written =
                    before.as_ref().is_none_or(|(before, _)| row.must_be_written(before));
                Some(Saved { row, before, is_written })
            })
            .collect()
    }

    pub(super) fn overlay(&mut self, changes: &[Saved<T>]) {
        for saved in changes {
            let before = Some((saved.row.clone(), saved.version()));
            self.rows.insert(saved.row.id(), Slot { before, changed: None });
        }
    }
}
