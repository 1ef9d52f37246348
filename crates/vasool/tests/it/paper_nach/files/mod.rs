//! Mandates and debits over a directory of files. Source: rails 5.3 to 5.7, 8.4.

mod bad;
mod crashes;
mod live;
mod mandates;
mod month;
mod random;

use std::path::PathBuf;

use serde_json::{Value, json};
use vasool::rails::files::FileBank;
use vasool::sandbox::nach_desk::Desk;
use vasool::wire::connectors;
use vasool_core::time::Time;

use crate::harness::{Database, Paper, TestApp, id, nach_order_with, png};

const DAY: i64 = 86_400;
/// Eight in the morning in India, an hour before the cut-off, in seconds after midnight UTC.
const EIGHT: i64 = 8 * 3600 - 19_800;

/// A server, a bank that takes files, and the other side of its directory.
struct World {
    app: TestApp,
    bank: FileBank,
    root: PathBuf,
    _removed: RemovedAtEnd,
}

/// A directory that goes with its test.
struct RemovedAtEnd(PathBuf);

impl Drop for RemovedAtEnd {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl World {
    /// A merchant whose clock stands at eight in the morning of a Monday.
    async fn new(app: TestApp) -> World {
        World::with(app, json!({})).await
    }

    /// The same with other words of the operator.
    async fn with(app: TestApp, words: Value) -> World {
        let root = match &app.database {
            Database::Sqlite(path) => path.with_file_name("nach"),
            Database::Postgres { name, .. } => {
                std::env::temp_dir().join(format!("vasool_{name}_nach"))
            }
        };
        let mut bank = json!({
            "name": "hdfc", "mode": "test", "directory": root, "ifsc": "HDFC0000240",
            "bank_name": "HDFC Bank", "login": "VASOOL", "utility_code": "HDFC00000000012345",
            "company": "Blue Lotus Traders", "account": "00600000012345", "category": "L001",
        });
        bank.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
        let text = json!({"nach_files": [bank]}).to_string();
        let bank = connectors::read(&text).expect("a bank").remove(0);
        let app = app.with_file_bank(bank.clone()).await;
        let now = app.freeze().await;
        // 5 January 1970 was a Monday.
        let days = now / DAY + 1;
        let monday = days + (4 - days).rem_euclid(7);
        app.advance(monday * DAY + EIGHT - now).await;
        let _removed = RemovedAtEnd(root.clone());
        World { app, bank, root, _removed }
    }

    fn desk(&self) -> Desk {
        Desk::open(self.bank.clone()).expect("a desk")
    }

    async fn time(&self) -> Time {
        Time(self.app.now().await)
    }

    /// Has the server look at queues and directory.
    async fn look(&self) {
        self.app.advance(1).await;
    }

    /// Has the bank take what is there and acknowledge it, and the server read that.
    async fn take(&self) -> Vec<String> {
        let names = self.desk().take(self.time().await).expect("files");
        self.look().await;
        names
    }

    /// Has the bank answer what it took, and the server read that.
    async fn respond(&self, parts: u8) -> Vec<String> {
        let names = self.desk().respond(self.time().await, parts).expect("answers");
        self.look().await;
        names
    }

    /// Goes on to eight in the morning of the next day.
    async fn next_day(&self) {
        let now = self.app.now().await;
        let next = (now - EIGHT).div_euclid(DAY) + 1;
        self.app.advance(next * DAY + EIGHT - now).await;
    }

    /// Goes on to the cut-off of this day.
    async fn cut_off(&self) {
        let now = self.app.now().await;
        let today = (now - EIGHT).div_euclid(DAY);
        self.app.advance(today * DAY + EIGHT + 3600 - now).await;
    }

    /// Names in a folder, in order.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(folder)).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// Waits for so many files of debits.
    async fn until_out(&self, count: usize) {
        let is_whole = |name: &&String| name.ends_with("-INP.txt");
        let check = async || self.names("out").iter().filter(is_whole).count() == count;
        self.app.eventually("files", check).await;
    }

    /// Waits until everything that was received is put away.
    async fn until_read(&self) {
        self.app.eventually("files to be read", async || self.names("in").is_empty()).await;
    }

    fn read(&self, folder: &str, name: &str) -> Vec<u8> {
        std::fs::read(self.root.join(folder).join(name)).expect("a file")
    }

    /// Puts a file where the bank leaves its own.
    fn send(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.root.join("in").join(name), bytes).expect("a file");
    }

    /// A mandate whose scan was taken, on an account.
    async fn signed(&self, account: &str, more: Value) -> Paper {
        let customer = self.app.asha().await;
        let mut token = json!({"bank_account": {
            "account_number": account, "ifsc_code": "HDFC0000060", "beneficiary_name": "Asha Verma",
        }});
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = nach_order_with(&customer, token);
        let order = self.app.test.post("/v1/orders", body).await.ok();
        let taken = self.app.scan(&id(&order), "form.png", &png()).await.ok();
        let payment = taken["razorpay_payment_id"].as_str().expect("a payment").to_owned();
        let row = self.app.pay_row(&payment).await;
        let token = row["token_id"].as_str().expect("a token").to_owned();
        Paper { customer, order, payment, token }
    }

    /// A mandate that its bank has accepted.
    async fn registered(&self) -> Paper {
        let paper = self.signed("50100012345678", json!({})).await;
        self.look().await;
        self.take().await;
        self.respond(1).await;
        assert_eq!(self.status(&paper).await, "confirmed");
        paper
    }

    async fn status(&self, paper: &Paper) -> String {
        let row = self.app.test.get(&paper.path()).await.ok();
        row["recurring_details"]["status"].as_str().expect("a status").to_owned()
    }

    /// Debits a mandate: the payment.
    async fn debit(&self, paper: &Paper, amount: i64) -> String {
        let answer = self.app.charge(paper, amount, json!({})).await.ok();
        answer["razorpay_payment_id"].as_str().expect("a payment").to_owned()
    }

    async fn payment_status(&self, payment: &str) -> Value {
        self.app.pay_row(payment).await["status"].clone()
    }

    /// Files that were put aside, oldest first: name and reason. Each has its alert.
    async fn refused(&self) -> Vec<(String, String)> {
        let store = &self.app.app.store;
        let refused = store.refused_files(&self.bank.name).await.expect("files");
        let alerts = store.count_alerts_to_operator(&self.bank.name).await.expect("alerts");
        assert_eq!(alerts, refused.len() as i64);
        refused
    }
}
