//! The official SDKs against a server of their own: rows CM-129, SC-119, RP-77 and PN-84.

use tokio::process::Command;

use crate::harness::{TestApp, drive, is_there, root};
use crate::on_both_databases;

const INSTALLER: &str = "scripts/setup-clients";

async fn python(app: &TestApp, scenario: &str) {
    let python = root().join(".tools/venv/bin/python");
    if is_there(&python, INSTALLER) {
        let mut driver = Command::new(python);
        driver.arg(root().join("tests/clients/python/drive.py"));
        drive(app, driver, scenario).await;
    }
}

async fn node(app: &TestApp, scenario: &str) {
    let folder = root().join("tests/clients/node");
    if is_there(&folder.join("node_modules/razorpay/package.json"), INSTALLER) {
        let mut driver = Command::new("node");
        driver.arg(folder.join("drive.js"));
        drive(app, driver, scenario).await;
    }
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

    async fn pn_84_python(app: TestApp) {
        python(&app, "paper_nach").await;
    }

    async fn pn_84_node(app: TestApp) {
        node(&app, "paper_nach").await;
    }
}
