//! The sandbox in a browser: every page and form, as anybody who may or may not.

mod access;
mod bank;
mod clock;
mod faults;
mod pay;
mod payer;
mod phone;

use crate::harness::{Answer, Person, TestApp};

/// The path of a page of the console.
pub fn at(app: &TestApp, page: &str) -> String {
    crate::dashboard::at(app, &format!("console{page}"))
}

/// The first text between two others, as a browser shows it.
#[track_caller]
pub fn between(html: &str, before: &str, after: &str) -> String {
    let (_, rest) = html.split_once(before).unwrap_or_else(|| panic!("no {before} in {html}"));
    let (text, _) = rest.split_once(after).expect(after);
    let escapes = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    escapes.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The call that a page shows for a shell.
#[track_caller]
pub fn curl(html: &str) -> String {
    between(html, "<pre id=\"curl\" tabindex=\"0\">", "</pre>")
}

/// Makes the call that a page shows, with the merchant's key.
pub async fn typed_in(app: &TestApp, curl: &str) -> Answer {
    let line = curl.replace(" \\\n ", "");
    let (_, rest) = line.split_once("http://pay.example.test").expect("the server's address");
    let path = rest.split(['\'', ' ']).next().expect("a path");
    let body = rest.split_once("-d '").map(|(_, body)| body.trim_end_matches('\''));
    let body = body.map(|body| serde_json::from_str(&body.replace("'\\''", "'")).expect("JSON"));
    let method = line.split_once("-X ").map(|(_, rest)| rest.split(' ').next().expect("a word"));
    match (method, body) {
        (None, Some(body)) => app.test.post(path, body).await,
        (Some("PATCH"), Some(body)) => app.test.patch(path, body).await,
        (Some("DELETE"), None) => app.test.delete(path).await,
        (None, None) => app.test.get(path).await,
        other => panic!("no call of the console: {other:?}"),
    }
}

/// Sends a form, checks that it was done, and that a shell can do the same. Returns the page.
pub async fn does(person: &Person, path: &str, fields: &[(&str, &str)]) -> String {
    let shown = person.post(path, fields).await;
    assert!(shown.is(200).contains("Done."), "{}", shown.html);
    let line = curl(&shown.html);
    assert!(line.starts_with("curl -u \"$VASOOL_KEY_ID:$VASOOL_KEY_SECRET\""), "{line}");
    shown.html
}
