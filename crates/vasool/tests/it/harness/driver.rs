//! Programs of other languages that drive a server: official SDKs, a browser.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::TestApp;

/// Longer than any driver takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

/// The workspace.
pub fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    crates.parent().expect("a workspace").to_owned()
}

/// Whether what a driver needs is there. If not, its test is skipped with a word about it; where
/// `CI` is set it must not be missing.
pub fn is_there(needs: &Path, installer: &str) -> bool {
    let there = needs.exists();
    if !there {
        let text = format!("{} is missing; {installer} installs it", needs.display());
        assert!(std::env::var_os("CI").is_none(), "{text}");
        eprintln!("skipped: {text}");
    }
    there
}

/// Runs a driver through a scenario. It prints one line of JSON per step; the last says how it
/// went.
pub async fn drive(app: &TestApp, mut driver: Command, scenario: &str) {
    let child = driver
        .arg(scenario)
        .env("VASOOL_URL", &app.base)
        .env("VASOOL_KEY_ID", &app.test.key_id)
        .env("VASOOL_KEY_SECRET", &app.test.key_secret)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a driver");
    let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
    let output = output.expect("the driver ends").expect("its output");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    // None would be no test.
    let last = text.lines().last().expect("a line");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["ok"], true, "{text}");
    assert!(last["steps"].as_i64().is_some_and(|steps| steps > 6), "{text}");
    app.assert_books_clean().await;
}
