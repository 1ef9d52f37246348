//! The tree every request decodes to, whatever its encoding.

use std::borrow::Cow;

/// Deepest nesting of objects and lists, the outermost object included (contract 1.5).
pub const DEPTH_MAX: usize = 8;

/// Most keys and list items in one request (contract 1.5).
pub const KEYS_MAX: usize = 1000;

/// One key of an object and its value.
pub type Entry<'a> = (Cow<'a, str>, Value<'a>);

/// A decoded request, or a part of it (contract 1.4 and 1.5).
///
/// Borrows from the request's bytes wherever no unescaping was needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// The digits exactly as sent, so that numbers of any size survive.
    Number(&'a str),
    /// A JSON string, or any scalar of a form.
    Text(Cow<'a, str>),
    /// A JSON array, or `k[]=` and `k[0]=` in a form.
    List(Vec<Value<'a>>),
    /// Keys in the order they first came; of equal keys the last value holds.
    Object(Vec<Entry<'a>>),
}

impl<'a> Value<'a> {
    /// An object without keys: what an empty body means (contract 1.4).
    pub const fn empty_object() -> Self {
        Value::Object(Vec::new())
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }
}

/// Adds `key`, or replaces its value in place (contract 1.4: the last duplicate wins).
pub(super) fn insert<'a>(entries: &mut Vec<Entry<'a>>, key: Cow<'a, str>, value: Value<'a>) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, held)) => *held = value,
        None => entries.push((key, value)),
    }
}

/// Whether the keys are exactly `0` to `n-1`, in any order: a list in disguise (contract 1.5).
pub(super) fn is_index_map(entries: &[Entry<'_>]) -> bool {
    // Keys of an object are distinct, so it is enough that each one is an index below n.
    entries.iter().all(|(key, _)| index(key).is_some_and(|i| i < entries.len()))
}

/// Orders the keys of an index map as numbers: canonical decimals sort by length, then digits.
pub(super) fn index_order(key: &str) -> (usize, &str) {
    (key.len(), key)
}

/// The number a key of an index map stands for.
pub(super) fn index(key: &str) -> Option<usize> {
    let canonical = key == "0" || !key.starts_with('0');
    let digits = key.bytes().all(|b| b.is_ascii_digit());
    (canonical && digits).then(|| key.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(keys: &[&'static str]) -> Vec<Entry<'static>> {
        keys.iter().map(|&k| (k.into(), Value::Null)).collect()
    }

    #[test]
    fn the_last_duplicate_wins_and_keeps_its_place() {
        let mut entries = object(&["a", "b"]);
        insert(&mut entries, "a".into(), Value::Bool(true));
        assert_eq!(entries, [("a".into(), Value::Bool(true)), ("b".into(), Value::Null)]);
        assert_eq!(Value::Object(entries).get("a"), Some(&Value::Bool(true)));
        assert_eq!(Value::Null.get("a"), None);
    }

    #[test]
    fn cm_20_index_maps() {
        for keys in [&[][..], &["0"], &["1", "0"], &["0", "1", "2"]] {
            assert!(is_index_map(&object(keys)), "{keys:?}");
        }
        for keys in [&["1"][..], &["0", "2"], &["00"], &["0", "x"], &[""], &["+0"], &["-0"]] {
            assert!(!is_index_map(&object(keys)), "{keys:?}");
        }
        let mut keys = ["10", "9", "1", "0"];
        keys.sort_by_key(|key| index_order(key));
        assert_eq!(keys, ["0", "1", "9", "10"]);
    }
}
