//! The official SDKs against a server of their own: rows CM-129, SC-119 and RP-77.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::harness::TestApp;
use crate::on_both_databases;

fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    crates.parent().expect("a workspace").to_owned()
}

/// Runs a driver. Without its SDK it is skipped with a word about it; where `CI` is set it must
/// not be missing.
async fn drive(app: &TestApp, program: &Path, needs: &Path, script: &str, scenario: &str) {
    if !needs.exists() {
        let text = format!("{} is missing; scripts/setup-clients installs it", needs.display());
        assert!(std::env::var_os("CI").is_none(), "{text}");
        eprintln!("skipped: {text}");
        return;
    }
    let child = tokio::process::Command::new(program)
        .arg(root().join(script))
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
    let limit = std::time::Duration::from_secs(120);
    let output = tokio::time::timeout(limit, child.wait_with_output()).await;
    let output = output.expect("the driver ends").expect("its output");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    // The last line says how many steps were taken: none would be no test.
    let last = text.lines().last().expect("a line");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["ok"], true, "{text}");
    assert!(last["steps"].as_i64().is_some_and(|steps| steps > 8), "{text}");
}

async fn python(app: &TestApp, scenario: &str) {
    let python = root().join(".tools/venv/bin/python");
    drive(app, &python, &python, "tests/clients/python/drive.py", scenario).await;
    app.assert_books_clean().await;
}

async fn node(app: &TestApp, scenario: &str) {
    let needs = root().join("tests/clients/node/node_modules/razorpay/package.json");
    drive(app, Path::new("node"), &needs, "tests/clients/node/drive.js", scenario).await;
    app.assert_books_clean().await;
}

on_both_databases! {
    async fn cm_129_and_sc_119_python(app: TestApp) {
        python(&app, "first_rupee").await;
    }

    async fn cm_129_and_sc_119_node(app: TestApp) {
        node(&app, "first_rupee").await;
    }

    async fn rp_77_python(app: TestApp) {
        python(&app, "reserve_pay").await;
    }

    async fn rp_77_node(app: TestApp) {
        node(&app, "reserve_pay").await;
    }
}
