//! Form bodies and query strings with brackets.

use std::borrow::Cow;
use std::mem;

use super::error::ApiError;
use super::percent::unescape;
use super::value::{DEPTH_MAX, Entry, KEYS_MAX, Value, index, index_order, insert, is_index_map};

/// Decodes a query string, without its `?` (contract 1.5).
///
/// Refuses: invalid UTF-8, too many or too deep keys.
pub fn decode_query(query: &str) -> Result<Value<'_>, ApiError> {
    decode(query.as_bytes()).map_err(|fault| match fault {
        Fault::NotUtf8 => ApiError::query_not_utf8(),
        Fault::TooComplex => ApiError::request_too_complex(),
    })
}

/// Decodes a form body (contract 1.4 and 1.5).
///
/// Refuses: invalid UTF-8, too many or too deep keys.
pub fn decode_form(bytes: &[u8]) -> Result<Value<'_>, ApiError> {
    decode(bytes).map_err(|fault| match fault {
        Fault::NotUtf8 => ApiError::body_not_json(),
        Fault::TooComplex => ApiError::request_too_complex(),
    })
}

/// Builds what a form decodes to out of the text parts of a multipart body (contract 1.4 and 1.5).
///
/// Refuses: too many or too deep keys.
pub fn decode_pairs<'a>(
    pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
) -> Result<Value<'a>, ApiError> {
    build(pairs.map(Ok)).map_err(|_| ApiError::request_too_complex())
}

#[derive(Debug, PartialEq, Eq)]
enum Fault {
    NotUtf8,
    TooComplex,
}

fn decode(bytes: &[u8]) -> Result<Value<'_>, Fault> {
    let text = str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    build(pairs.map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = unescape(key).ok_or(Fault::NotUtf8)?;
        Ok((key, unescape(value).ok_or(Fault::NotUtf8)?))
    }))
}

/// While pairs come in, `k[]=` builds a list and `k[0]=` an object with the key `0`: only when
/// all pairs are known is it clear which objects are lists.
fn build<'a>(
    pairs: impl Iterator<Item = Result<(Cow<'a, str>, Cow<'a, str>), Fault>>,
) -> Result<Value<'a>, Fault> {
    let mut entries = Vec::new();
    for (index, pair) in pairs.enumerate() {
        if index == KEYS_MAX {
            return Err(Fault::TooComplex);
        }
        let (key, value) = pair?;
        place(&mut entries, key, Value::Text(value))?;
    }
    for (_, value) in &mut entries {
        settle(value);
    }
    Ok(Value::Object(entries))
}

fn place<'a>(
    entries: &mut Vec<Entry<'a>>,
    key: Cow<'a, str>,
    value: Value<'a>,
) -> Result<(), Fault> {
    match segments(&key) {
        None => insert(entries, key, value),
        Some(mut path) if path.len() <= DEPTH_MAX => {
            put(slot(entries, mem::take(&mut path[0])), &mut path[1..], value);
        }
        Some(_) => return Err(Fault::TooComplex),
    }
    Ok(())
}

/// Splits `a[b][]` into `a`, `b` and an empty word; anything else is a plain key.
///
/// Stops one word after the deepest level, where the key is refused anyway.
fn segments<'a>(key: &Cow<'a, str>) -> Option<Vec<Cow<'a, str>>> {
    let (head, tail) = key.split_once('[')?;
    let inner = tail.strip_suffix(']')?;
    let plain = |word: &str| !word.contains(['[', ']']);
    if head.is_empty() || !plain(head) || !inner.split("][").all(plain) {
        return None;
    }
    // The words live as long as the request unless unescaping made the key our own.
    let words = match key {
        Cow::Borrowed(key) => {
            let (head, inner) = (&key[..head.len()], &key[head.len() + 1..key.len() - 1]);
            let words = std::iter::once(head).chain(inner.split("]["));
            words.take(DEPTH_MAX + 1).map(Cow::Borrowed).collect()
        }
        Cow::Owned(_) => {
            let words = std::iter::once(head).chain(inner.split("]["));
            let words = words.take(DEPTH_MAX + 1);
            words.map(|word| Cow::Owned(word.to_owned())).collect()
        }
    };
    Some(words)
}

fn slot<'v, 'a>(entries: &'v mut Vec<Entry<'a>>, key: Cow<'a, str>) -> &'v mut Value<'a> {
    let at = entries.iter().position(|(k, _)| *k == key);
    let at = at.unwrap_or_else(|| {
        entries.push((key, Value::Null));
        entries.len() - 1
    });
    &mut entries[at].1
}

fn put<'a>(target: &mut Value<'a>, path: &mut [Cow<'a, str>], value: Value<'a>) {
    match path {
        [] => *target = value,
        [word, rest @ ..] if word.is_empty() => append(target, rest, value),
        [word, rest @ ..] => {
            let key = mem::take(word);
            put(slot(as_object(target), key), rest, value);
        }
    }
}

fn append<'a>(target: &mut Value<'a>, rest: &mut [Cow<'a, str>], value: Value<'a>) {
    if let Value::Object(entries) = target {
        let last = entries.iter().filter_map(|(key, _)| index(key)).max();
        let free = last.map_or(0, |n| n.saturating_add(1));
        return put(slot(entries, free.to_string().into()), rest, value);
    }
    let items = as_list(target);
    // `a[][b]=1&a[][c]=2` describes one item until a key comes up twice.
    match items.last_mut() {
        Some(last) if has_room(last, rest) => put(last, rest, value),
        _ => {
            let mut item = Value::Null;
            put(&mut item, rest, value);
            items.push(item);
        }
    }
}

/// Whether `path` can be added below `value` without replacing anything.
fn has_room(value: &Value<'_>, path: &[Cow<'_, str>]) -> bool {
    match (path, value) {
        ([word, ..], Value::List(_)) => word.is_empty(),
        ([word, rest @ ..], Value::Object(_)) => match value.get(word) {
            None => true,
            Some(inner) => has_room(inner, rest),
        },
        _ => false,
    }
}

fn as_object<'v, 'a>(target: &'v mut Value<'a>) -> &'v mut Vec<Entry<'a>> {
    if let Value::List(items) = target {
        let items = mem::take(items).into_iter().enumerate();
        *target = Value::Object(items.map(|(n, v)| (n.to_string().into(), v)).collect());
    }
    if !matches!(target, Value::Object(_)) {
        *target = Value::empty_object();
    }
    match target {
        Value::Object(entries) => entries,
        _ => unreachable!("the line above made it an object"),
    }
}

fn as_list<'v, 'a>(target: &'v mut Value<'a>) -> &'v mut Vec<Value<'a>> {
    if !matches!(target, Value::List(_)) {
        *target = Value::List(Vec::new());
    }
    match target {
        Value::List(items) => items,
        _ => unreachable!("the line above made it a list"),
    }
}

/// Turns index maps into lists, and a lone `k[]=` into the empty list.
fn settle(value: &mut Value<'_>) {
    match value {
        Value::Object(entries) => {
            for (_, inner) in entries.iter_mut() {
                settle(inner);
            }
            if is_index_map(entries) {
                let mut entries = mem::take(entries);
                entries.sort_unstable_by(|(a, _), (b, _)| index_order(a).cmp(&index_order(b)));
                *value = Value::List(entries.into_iter().map(|(_, item)| item).collect());
            }
        }
        Value::List(items) => match &mut items[..] {
            [Value::Text(text)] if text.is_empty() => items.clear(),
            items => items.iter_mut().for_each(settle),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::json;

    /// Asserts that a form decodes to the same tree as a JSON text.
    fn check(form: &str, want: &str) {
        let got = decode(form.as_bytes()).unwrap();
        assert_eq!(got, json::parse(want).unwrap(), "{form}");
    }

    #[test]
    fn cm_12_brackets() {
        check("a=1", r#"{"a":"1"}"#);
        check("a[b][c]=1", r#"{"a":{"b":{"c":"1"}}}"#);
        check("a%5Bb%5D%5Bc%5d=1&a[b][d]=2", r#"{"a":{"b":{"c":"1","d":"2"}}}"#);
        check(
            "amount=250000&currency=INR&notes[unit]=14B",
            r#"{"amount":"250000","currency":"INR","notes":{"unit":"14B"}}"#,
        );
        check(
            "name=Meera+Iyer&fail_existing=0&notes%5Bblock%5D=C",
            r#"{"name":"Meera Iyer","fail_existing":"0","notes":{"block":"C"}}"#,
        );
    }

    #[test]
    fn cm_20_lists() {
        check("a[]=x&a[]=y", r#"{"a":["x","y"]}"#);
        check("a[0]=x&a[1]=y", r#"{"a":["x","y"]}"#);
        check("a[1]=y&a[0]=x", r#"{"a":["x","y"]}"#);
        check("a[1]=y", r#"{"a":{"1":"y"}}"#);
        check("a[0]=x&a[]=y", r#"{"a":["x","y"]}"#);
        check("a[]=x&a[b]=y", r#"{"a":{"0":"x","b":"y"}}"#);
        check("a[b]=x&a[]=y", r#"{"a":{"b":"x","0":"y"}}"#);
        check("a[][0]=x&a[][0]=y", r#"{"a":[["x"],["y"]]}"#);
        check("0=x&1=y", r#"{"0":"x","1":"y"}"#);
    }

    #[test]
    fn cm_20_lists_of_objects() {
        let want = r#"{"a":[{"ifsc":"U","account_number":"1"},{"ifsc":"V"}]}"#;
        check("a[0][ifsc]=U&a[0][account_number]=1&a[1][ifsc]=V", want);
        check("a[][ifsc]=U&a[][account_number]=1&a[][ifsc]=V", want);
        check(
            "receivers%5Btypes%5D%5B0%5D=bank_account\
             &allowed_payers%5B0%5D%5Bbank_account%5D%5Bifsc%5D=UTIB0000013",
            r#"{"receivers":{"types":["bank_account"]},
                "allowed_payers":[{"bank_account":{"ifsc":"UTIB0000013"}}]}"#,
        );
    }

    #[test]
    fn empty_values_and_lists() {
        check("", "{}");
        check("&&", "{}");
        check("k=", r#"{"k":""}"#);
        check("k", r#"{"k":""}"#);
        check("k[]=", r#"{"k":[]}"#);
        check("a[k][]", r#"{"a":{"k":[]}}"#);
        check("k[]=&k[]=x", r#"{"k":["","x"]}"#);
        check("k[0]=", r#"{"k":[""]}"#);
        check("k=a=b", r#"{"k":"a=b"}"#);
    }

    #[test]
    fn the_last_scalar_wins() {
        check("a=1&b=2&a=3", r#"{"a":"3","b":"2"}"#);
        check("a=1&a[b]=2", r#"{"a":{"b":"2"}}"#);
        check("a=1&a[]=2", r#"{"a":["2"]}"#);
        check("a[b]=2&a=1", r#"{"a":"1"}"#);
    }

    #[test]
    fn cm_21_blanks() {
        check("a=x+y%20z%2B&a+b=1", r#"{"a":"x y z+","a b":"1"}"#);
    }

    #[test]
    fn crooked_brackets_are_plain_keys() {
        check("a[b=1", r#"{"a[b":"1"}"#);
        check("[a]=1", r#"{"[a]":"1"}"#);
        check("a[b]c=1", r#"{"a[b]c":"1"}"#);
        check("a[b[c]]=1", r#"{"a[b[c]]":"1"}"#);
        check("a]b[c]=1", r#"{"a]b[c]":"1"}"#);
    }

    #[test]
    fn invalid_utf_8_is_refused() {
        for form in [&b"a=%ff"[..], b"%c3=1", b"a=\xff"] {
            assert_eq!(decode(form), Err(Fault::NotUtf8));
        }
        let error = decode_form(b"a=%ff").unwrap_err();
        assert_eq!(error.description, "The request body is not valid JSON.");
        let error = decode_query("a=%ff").unwrap_err();
        assert_eq!(error.description, "The query is not valid UTF-8.");
    }

    #[test]
    fn depth_and_keys_are_bounded() {
        let nested = |depth: usize| format!("a{}=1", "[b]".repeat(depth - 1));
        assert!(decode(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(decode(nested(DEPTH_MAX + 1).as_bytes()), Err(Fault::TooComplex));
        assert!(decode("a[]=1&".repeat(KEYS_MAX).as_bytes()).is_ok());
        assert_eq!(decode("a=1&".repeat(KEYS_MAX + 1).as_bytes()), Err(Fault::TooComplex));
    }

    fn tree() -> impl Strategy<Value = Value<'static>> {
        let text = any::<String>().prop_map(|text| Value::Text(text.into()));
        let tree = text.prop_recursive(3, 24, 4, |inner| {
            let entries = prop::collection::btree_map("[^\\[\\]0-9]{1,6}", inner.clone(), 1..4);
            let object = entries.prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
            });
            prop_oneof![prop::collection::vec(inner, 1..4).prop_map(Value::List), object]
        });
        let key = "[^\\[\\]]{1,6}";
        prop::collection::btree_map(key, tree, 0..5)
            .prop_map(|e| Value::Object(e.into_iter().map(|(k, v)| (k.into(), v)).collect()))
    }

    fn escape(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    fn encode(key: &str, value: &Value<'_>, pairs: &mut Vec<String>) {
        match value {
            Value::Text(text) => pairs.push(format!("{key}={}", escape(text))),
            Value::List(items) => {
                for (n, item) in items.iter().enumerate() {
                    encode(&format!("{key}[{n}]"), item, pairs);
                }
            }
            Value::Object(entries) => {
                for (word, inner) in entries {
                    encode(&format!("{key}%5B{}]", escape(word)), inner, pairs);
                }
            }
            other => panic!("not in a form: {other:?}"),
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in any::<Vec<u8>>(), text in "[ab01\\[\\]=&%5BD+]{0,40}") {
            let _ = decode(&bytes);
            let _ = decode(text.as_bytes());
        }

        #[test]
        fn what_is_written_is_read(tree in tree()) {
            let Value::Object(entries) = &tree else { panic!("not an object") };
            let mut pairs = Vec::new();
            for (key, value) in entries {
                encode(&escape(key), value, &mut pairs);
            }
            let form = pairs.join("&");
            prop_assert_eq!(decode(form.as_bytes()).unwrap(), tree);
        }
    }
}
