//! The dashboard: lists, pages of entities, acts, search, exports.

mod acts;
mod doors;
mod lists;
mod pages;

use serde_json::{Value as Json, json};

use crate::harness::{Person, Receiver, TestApp};

/// The path of a page of the merchant in test mode.
pub fn at(app: &TestApp, page: &str) -> String {
    let base = format!("/dashboard/{}/test", app.merchant);
    if page.is_empty() { base } else { format!("{base}/{page}") }
}

/// The text of a field.
pub fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Has a receiver told these events: the webhook's id.
pub async fn listen(app: &TestApp, receiver: &Receiver, events: &[&str]) -> String {
    let body = json!({"url": receiver.url, "events": events, "secret": "s"});
    text(&app.test.post("/v1/webhooks", body).await.ok()["id"])
}

/// A page once it shows something that is done beside it.
pub async fn settled(person: &Person, path: &str, part: &str) -> String {
    for _ in 0..200 {
        let shown = person.get(path).await;
        if shown.is(200).contains(part) {
            return shown.html;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} never showed {part}:\n{}", person.get(path).await.html);
}
