//! A server of one's own for each test, on either database, and a receiver for its webhooks.

mod calls;
mod client;
mod database;
mod driver;
mod mandates;
mod paper;
mod person;
mod raw;
mod receiver;
mod uploads;

use std::time::Duration;

pub use calls::*;
pub use client::{Answer, Client, base64};
pub use database::Database;
pub use driver::{drive, is_there, root};
pub use mandates::*;
pub use paper::*;
pub use person::{Person, sql};
pub use raw::Raw;
pub use receiver::{Received, Receiver};
use serde_json::json;
use tokio::net::TcpListener;
pub use uploads::{multipart, workbook};
use vasool::app::{App, Options};
use vasool::clock::Clock;
use vasool::messages::Senders;
use vasool::rails::files::FileBank;
use vasool::secrets::{MasterKey, new_key_secret};
use vasool::server;
use vasool_core::command::{Command, KeyDraft, MerchantDraft, Reply};
use vasool_core::id::{MerchantId, RawId};
use vasool_core::scope::Mode;

/// One more server on the database of another.
pub struct AnotherServer {
    /// Calls with the merchant's test key.
    pub test: Client,
    _stop: StopOnDrop,
}

/// A running server with one merchant.
pub struct TestApp {
    pub app: App,
    pub base: String,
    /// Calls with the merchant's test key.
    pub test: Client,
    /// Calls with the merchant's live key.
    pub live: Client,
    pub merchant: MerchantId,
    pub database: Database,
    /// Sponsor banks that take files.
    banks: Vec<FileBank>,
    _stop: StopOnDrop,
}

impl TestApp {
    /// A server on a database, with a merchant called `Blue Lotus Traders`.
    pub async fn start(database: Database) -> TestApp {
        TestApp::start_with(database, true).await
    }

    /// The same with or without the sandbox.
    pub async fn start_with(database: Database, sandbox: bool) -> TestApp {
        let (app, base) = run(&database, sandbox, &[]).await;
        let (merchant, keys) = merchant(&app, "Blue Lotus Traders", None).await;
        let [test, live] = keys.map(|(id, secret)| Client::new(&base, &id, &secret));
        let _stop = StopOnDrop(app.clone());
        TestApp { app, base, test, live, merchant, database, banks: vec![], _stop }
    }

    /// A server on the same database without a sandbox, and this merchant's test client there.
    pub async fn without_sandbox(&self) -> (App, Client) {
        let (app, base) = run(&self.database, false, &self.banks).await;
        (app, self.test.clone().at(&base))
    }

    /// A server on the same database with or without the dashboard, reached by a URL; and a browser
    /// there.
    pub async fn with_dashboard(&self, dashboard: bool, public_url: &str) -> (App, Person) {
        let options = Options { dashboard, ..options(true, &[]) };
        let options = Options { public_url: public_url.to_owned(), ..options };
        let (app, base) = run_as(&self.database, options).await;
        (app, self.nobody().at(&Client::new(&base, "", "")))
    }

    /// A server on the same database, with the same keys.
    pub async fn another_server(&self) -> AnotherServer {
        let (app, base) = run(&self.database, true, &self.banks).await;
        AnotherServer { test: self.test.clone().at(&base), _stop: StopOnDrop(app) }
    }

    /// One more key of the merchant's test mode, and its id.
    pub async fn another_key(&self) -> (RawId, Client) {
        let secret = new_key_secret().expect("randomness");
        let sealed = self.app.master.seal(&secret).expect("a seal");
        let draft = KeyDraft { mode: Mode::Test, id: None, secret: sealed };
        let command = Command::CreateKey(self.merchant, draft);
        let reply = self.app.engine.submit(command).await.expect("a key");
        let Reply::ApiKey(key) = reply else { panic!("not a key") };
        (key.id, Client::new(&self.base, &format!("rzp_test_{}", key.id), &secret))
    }

    /// Refuses a key from now on.
    pub async fn expire_key(&self, id: RawId) {
        self.app.engine.submit(Command::ExpireKey(id)).await.expect("an expired key");
        self.app.keyring.forget(self.merchant);
    }

    /// A second merchant, with a test client.
    pub async fn another_merchant(&self) -> Client {
        let (_, [(id, secret), _]) = merchant(&self.app, "Green Gram Stores", None).await;
        Client::new(&self.base, &id, &secret)
    }

    /// A merchant below this one: its id and a test client of its own.
    pub async fn sub_merchant(&self) -> (MerchantId, Client) {
        let (id, [(key, secret), _]) =
            merchant(&self.app, "Sub Traders", Some(self.merchant)).await;
        (id, Client::new(&self.base, &key, &secret))
    }

    /// A virtual account with a bank-account receiver: id and account number.
    pub async fn virtual_account(&self) -> (String, String) {
        let body = json!({"receivers": {"types": ["bank_account"]}});
        let account = self.test.post("/v1/virtual_accounts", body).await.ok();
        let number = account["receivers"][0]["account_number"].as_str().expect("a number");
        (account["id"].as_str().expect("an id").to_owned(), number.to_owned())
    }

    /// Pays into an account number: the sandbox's answer.
    pub async fn pay(&self, number: &str, amount: i64) -> serde_json::Value {
        let body = json!({"account_number": number, "amount": amount});
        self.test.post("/v1/sandbox/bank_transfers", body).await.ok()
    }

    /// Moves the merchant's clock.
    pub async fn advance(&self, seconds: i64) -> serde_json::Value {
        self.test.post("/v1/sandbox/clock", json!({"advance": seconds})).await.ok()
    }

    /// The merchant's now.
    pub async fn now(&self) -> i64 {
        let clock = self.test.get("/v1/sandbox/clock").await.ok();
        clock["now"].as_i64().expect("an instant")
    }

    /// A receiver subscribed to these events with the secret `whsec_test`.
    pub async fn hook(&self, events: &[&str]) -> (String, Receiver) {
        let receiver = Receiver::start().await;
        let body = json!({"url": receiver.url, "secret": "whsec_test", "events": events});
        let hook = self.test.post("/v1/webhooks", body).await.ok();
        (hook["id"].as_str().expect("an id").to_owned(), receiver)
    }

    /// Stops the server and starts another on the same database, with the same keys.
    pub async fn restart(self) -> TestApp {
        self.app.tasks.stop();
        self.again().await
    }

    /// As [`TestApp::restart`], but everything ends where it stands, as in a crash.
    pub async fn crash(self) -> TestApp {
        self.app.tasks.abort();
        self.again().await
    }

    /// Stops the server and starts another one that knows a bank that takes files.
    pub async fn with_file_bank(mut self, bank: FileBank) -> TestApp {
        self.banks = vec![bank];
        self.restart().await
    }

    async fn again(self) -> TestApp {
        let TestApp { app, test, live, merchant, database, banks, _stop, .. } = self;
        let tasks = app.tasks.clone();
        drop(app);
        drop(_stop);
        // The engine ends once nobody can send it a command any more.
        assert!(tasks.finish(Duration::from_secs(10)).await, "the server stops");
        let (app, base) = run(&database, true, &banks).await;
        let (test, live) = (test.at(&base), live.at(&base));
        let _stop = StopOnDrop(app.clone());
        TestApp { app, base, test, live, merchant, database, banks, _stop }
    }

    /// Books are clean: nothing a test did may leave them otherwise.
    pub async fn assert_books_clean(&self) {
        let audit = self.app.store.audit().await.expect("an audit");
        assert!(audit.findings.is_empty(), "{:?}", audit.findings);
    }
}

/// Ends a server's background work with its test.
struct StopOnDrop(App);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.tasks.stop();
    }
}

/// Runs a server on a database, on a port the system picks.
async fn run(database: &Database, sandbox: bool, banks: &[FileBank]) -> (App, String) {
    run_as(database, options(sandbox, banks)).await
}

fn options(sandbox: bool, banks: &[FileBank]) -> Options {
    Options {
        sandbox,
        dashboard: true,
        public_url: "http://pay.example.test".to_owned(),
        file_banks: banks.to_vec(),
        senders: Senders::default(),
    }
}

async fn run_as(database: &Database, options: Options) -> (App, String) {
    let store = database.open().await;
    store.set_meta_once("writable", "1").await.expect("writable");
    let master = MasterKey::from_hex(&"5a".repeat(32)).expect("a key");
    let app = App::start(store, Clock::System, master, options).expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    app.tasks.spawn(server::serve(app.clone(), listener));
    (app, base)
}

async fn merchant(
    app: &App,
    name: &str,
    parent: Option<MerchantId>,
) -> (MerchantId, [(String, String); 2]) {
    let secrets = [0, 1].map(|_| new_key_secret().expect("randomness"));
    let modes = [Mode::Test, Mode::Live];
    let keys = modes.iter().zip(&secrets).map(|(mode, secret)| KeyDraft {
        mode: *mode,
        id: None,
        secret: app.master.seal(secret).expect("a seal"),
    });
    let draft = MerchantDraft { name: name.to_owned(), parent, keys: keys.collect() };
    let reply = app.engine.submit(Command::CreateMerchant(draft)).await.expect("a merchant");
    let Reply::Merchant(merchant, keys) = reply else { panic!("not a merchant") };
    let [test, live] = secrets;
    let id = |at: usize| format!("rzp_{}_{}", modes[at].as_str(), keys[at].id);
    (merchant.id, [(id(0), test), (id(1), live)])
}

/// Defines each test twice: on SQLite, and on PostgreSQL when `VASOOL_TEST_POSTGRES` names a server.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {
        mod sqlite {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let $app = $crate::harness::TestApp::start($crate::harness::Database::sqlite()).await;
                $body
            })*
        }
        mod postgres {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(database) = $crate::harness::Database::postgres().await else { return };
                let $app = $crate::harness::TestApp::start(database).await;
                $body
            })*
        }
    };
}
