//! Shapes that every answer shares. Source: common 1.7, 3.2, 4.1.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use vasool_core::customer::Notes;

/// Notes: an object, or `[]` when there are none. Source: common 3.2.
pub struct NotesOut<'a>(pub &'a Notes);

impl Serialize for NotesOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return [(); 0].serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// An id with its prefix.
pub struct Id<T>(pub T);

impl<T: std::fmt::Display> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A list of entities. Source: common 4.1.
#[derive(serde::Serialize)]
pub struct Collection<T> {
    entity: &'static str,
    count: usize,
    items: Vec<T>,
}

impl<T> Collection<T> {
    /// A page of items.
    pub fn of(items: Vec<T>) -> Collection<T> {
        Collection { entity: "collection", count: items.len(), items }
    }
}

/// The JSON text of an answer: compact, without a trailing newline. Source: common 1.7.
pub fn to_json(value: &impl Serialize) -> String {
    // Every shape here has text keys and no failing parts, so this cannot go wrong.
    serde_json::to_string(value).expect("an answer is serializable")
}
