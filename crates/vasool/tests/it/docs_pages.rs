//! The documentation as pages: every page there is, its links, its size.

use std::collections::BTreeSet;

use crate::harness::{Database, TestApp};

/// The largest page, bytes.
const PAGE_BYTES_MAX: usize = 100_000;

/// What the links of a page lead to on this server, without the part behind `#`.
fn links(page: &str) -> BTreeSet<String> {
    let attributes = ["href=\"", "src=\""].map(|mark| page.split(mark).skip(1));
    let targets = attributes.into_iter().flatten().filter_map(|rest| rest.split('"').next());
    let own = targets.filter(|target| target.starts_with('/'));
    own.map(|target| target.split('#').next().unwrap_or(target).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_there_and_leads_somewhere() {
    let app = TestApp::start(Database::sqlite()).await;
    let mut waiting = BTreeSet::from(["/docs".to_owned()]);
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop_first() {
        // A browser has no key.
        let answer = app.test.send_plain(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        seen.insert(path.clone());
        if !path.starts_with("/docs") {
            continue;
        }
        let page = String::from_utf8(answer.bytes.to_vec()).expect("UTF-8");
        assert!(page.len() < PAGE_BYTES_MAX, "{path} has {} bytes", page.len());
        assert!(!page.contains("<script"), "{path} needs no scripts");
        assert_eq!(page.matches("<h1").count(), 1, "{path} has one title");
        assert!(!page.contains("src=\"http"), "{path} loads nothing from elsewhere");
        waiting.extend(links(&page).difference(&seen).cloned());
    }
    for path in ["/docs/errors", "/docs/smart-collect", "/docs/guides/paper-nach"] {
        assert!(seen.contains(path), "{path} is linked");
    }
    assert!(seen.len() > 20, "{seen:?}");
    for nothing in ["/docs/nothing", "/docs/guides/nothing", "/docs/guides/..%2FREADME"] {
        assert_eq!(app.test.send_plain(nothing).await.status, 404, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_are_those_of_the_code() {
    let app = TestApp::start(Database::sqlite()).await;
    let page = app.test.send_plain("/docs/errors").await;
    let page = String::from_utf8(page.bytes.to_vec()).expect("UTF-8");
    for row in &vasool_core::failure::ROWS {
        assert!(page.contains(row.reason), "{}", row.reason);
    }
    let refused = app.test.get("/v1/nothing").await.error(400);
    assert!(page.contains(refused["description"].as_str().expect("a text")));
}
