//! Pages in a real browser: `tests/browser` opens them in Chromium on a phone and on a desk, light
//! and dark. What a page shows does not depend on the database, so one is enough.

use std::path::{Path, PathBuf};

use tokio::process::Command;
use vasool::web::session::{Role, first_link, link_url};

use crate::harness::{Database, TestApp, drive, is_there, root};

/// Names of the program, besides what `CHROMIUM` says.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where Chromium is; a name that is nowhere if it is not installed.
fn chromium() -> PathBuf {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return PathBuf::from(path);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = NAMES.map(|name| std::env::split_paths(&path).map(move |place| place.join(name)));
    let mut found = places.into_iter().flatten().filter(|program| program.is_file());
    found.next().unwrap_or_else(|| Path::new(NAMES[0]).to_owned())
}

/// Who may be signed in during a scenario.
#[derive(PartialEq, Eq)]
enum People {
    /// An admin.
    Admin,
    /// Nobody yet: the server has no operators.
    Nobody,
}

async fn browse(scenario: &str) {
    browse_as(People::Admin, scenario).await;
}

async fn browse_as(people: People, scenario: &str) {
    let (folder, chromium) = (root().join("tests/browser"), chromium());
    let packages = folder.join("node_modules/playwright-core/package.json");
    if is_there(&chromium, "scripts/setup-system") && is_there(&packages, "scripts/setup-clients") {
        let app = TestApp::start(Database::sqlite()).await;
        let mut driver = Command::new("node");
        driver.arg(folder.join("drive.js")).env("CHROMIUM", chromium);
        if people == People::Admin {
            driver.env("VASOOL_SESSION", app.sign_in(Role::Admin).await.cookie);
        } else {
            let link = first_link(&app.app.store, app.app.clock.now()).await.expect("a link");
            driver.env("VASOOL_FIRST_LINK", link_url("", &link.expect("nobody yet")));
        }
        drive(&app, driver, scenario).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mandate_page() {
    browse("mandate").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_a_signed_form() {
    browse("paper").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_where_nothing_is() {
    browse("gone").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_around_sign_in() {
    browse_as(People::Nobody, "sign_in").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_the_documentation() {
    browse("docs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_of_who_has_just_come() {
    browse("empty").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_the_dashboard() {
    browse("dashboard").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_the_console() {
    browse("console").await;
}
