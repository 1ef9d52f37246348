//! What happened, for an operator who looks on: occurrences by id, in pages, with or without
//! webhooks that listen.

use vasool_core::event::Occurrence;
use vasool_core::id::OccurrenceId;

use super::select::Select;
use super::text;
use crate::Store;
use crate::error::StoreResult;

impl Store {
    /// What happened after an id, or ever, oldest first, at most `count`.
    pub async fn occurrences_after(
        &self,
        after: Option<OccurrenceId>,
        count: i64,
    ) -> StoreResult<Vec<Occurrence>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let later = data
                    .occurrences
                    .values()
                    .filter(|row| after.is_none_or(|after| row.id > after));
                later.take(usize::try_from(count).unwrap_or(0)).cloned().collect()
            }));
        }
        let select = Select::from::<Occurrence>().and_opt("id >", after.map(|id| text(id.0)));
        self.all(select.order_by("id").limit(count, 0)).await
    }

    /// What happened before an id, or until now, newest first, at most `count`.
    pub async fn occurrences_before(
        &self,
        before: Option<OccurrenceId>,
        count: i64,
    ) -> StoreResult<Vec<Occurrence>> {
        if let Store::Memory(store) = self {
            return Ok(store.inspect(|data| {
                let rows = data.occurrences.values().rev();
                let earlier = rows.filter(|row| before.is_none_or(|before| row.id < before));
                earlier.take(usize::try_from(count).unwrap_or(0)).cloned().collect()
            }));
        }
        let select = Select::from::<Occurrence>().and_opt("id <", before.map(|id| text(id.0)));
        self.all(select.order_by("id DESC").limit(count, 0)).await
    }
}
