//! The command line as a person meets it: the binary beside a running server.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{Database, TestApp};
use crate::on_both_databases;

/// The binary, with this server, key and database in its environment.
fn vasool(app: &TestApp) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vasool"));
    command.env("VASOOL_URL", &app.base).env("VASOOL_DATABASE", app.database.url());
    command.env("VASOOL_KEY_ID", &app.test.key_id);
    command.env("VASOOL_KEY_SECRET", &app.test.key_secret);
    command.env("VASOOL_MASTER_KEY", "5a".repeat(32)).stdin(Stdio::null());
    command
}

/// What a command that must succeed printed. The server answers meanwhile.
#[track_caller]
fn check(arguments: &str, output: Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments}: {out}{error}");
    out
}

async fn succeed(app: &TestApp, arguments: &str) -> String {
    let output = vasool(app).args(arguments.split_whitespace()).output().await;
    check(arguments, output.expect("it runs"))
}

async fn answer(app: &TestApp, arguments: &str) -> Value {
    let out = succeed(app, &format!("{arguments} --json")).await;
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments}: {error}: {out}"))
}

/// What a command that must fail said.
async fn refused(mut command: Command, arguments: &str) -> String {
    let output = command.args(arguments.split_whitespace()).output().await.expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && !text.contains("panicked"), "{arguments}: {text}");
    text
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in {text:?}");
    }
}

on_both_databases! {
    async fn money_arrives_and_is_seen(app: TestApp) {
        let (_, number) = app.virtual_account().await;
        let paid = answer(&app, &format!(
            "sandbox pay --account {number} --amount 12345600 --utr UTIBN1 --payer-name Asha")).await;
        assert_eq!(paid["result"], "credited");
        let shown = succeed(&app, &format!(
            "sandbox pay --account {number} --amount 12345600 --utr UTIBN1")).await;
        assert_says(&shown, &["result", "duplicate", "UTIBN1"]);

        let tail = succeed(&app, "events tail").await;
        let names: Vec<&str> =
            tail.lines().map(|line| line.split_whitespace().nth(5).unwrap()).collect();
        let expected = ["virtual_account.created", "payment.authorized", "payment.captured",
                        "virtual_account.credited"];
        assert_eq!(names, expected);
        assert_says(&tail, &["₹1,23,456.00", paid["payment_id"].as_str().unwrap()]);
        let line = succeed(&app, "events tail --event payment.captured --json").await;
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["body"]["event"], "payment.captured");
        assert_eq!(event["mode"], "test");
        assert_eq!(succeed(&app, "events tail --mode live").await, "");
        let own = format!("events tail --count 1 --merchant {}", app.merchant);
        assert_says(&succeed(&app, &own).await, &["virtual_account.credited"]);

        let audit = answer(&app, "audit").await;
        assert_eq!((&audit["clean"], &audit["payments"]), (&json!(true), &json!(1)));
        assert_eq!(audit["scopes"][0]["name"], "Blue Lotus Traders");
        assert_eq!(audit["scopes"][0]["credits"], 12345600);
        let table = succeed(&app, "audit").await;
        assert_says(&table, &["Blue Lotus Traders", "₹1,23,456.00", "the books are clean"]);
    }

    async fn a_follower_prints_each_event_once(app: TestApp) {
        app.virtual_account().await;
        let mut command = vasool(&app);
        command.args(["events", "tail", "--follow", "--event", "virtual_account.created"]);
        command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut follower = command.spawn().expect("it runs");
        let mut lines = tokio::io::BufReader::new(follower.stdout.take().expect("a pipe"));
        let mut seen = vec![];
        for _ in 0..3 {
            let mut line = String::new();
            tokio::io::AsyncBufReadExt::read_line(&mut lines, &mut line).await.expect("a line");
            assert_says(&line, &["virtual_account.created", "va_"]);
            assert!(!seen.contains(&line), "{line} in {seen:?}");
            seen.push(line);
            app.virtual_account().await;
        }
    }

    async fn settings_of_both_modes(app: TestApp) {
        let whose = format!("--merchant {} --mode live", app.merchant);
        let set = answer(&app, &format!("settings set {whose} va_fee_bps=150 auto=false")).await;
        assert_eq!((&set["va_fee_bps"], &set["auto"]), (&json!(150), &json!(false)));
        assert_eq!(answer(&app, &format!("settings show {whose}")).await, set);
        let text = refused(vasool(&app), &format!("settings set {whose} va_fee_bps=x")).await;
        assert_says(&text, &["must be an integer", "field:  va_fee_bps", "settings show"]);
        // The server decides by what the command wrote.
        let test = format!("settings set --merchant {} --mode test va_fee_bps=200", app.merchant);
        succeed(&app, &test).await;
        assert_eq!(app.test.get("/v1/sandbox/settings").await.ok()["va_fee_bps"], 200);
        let null = answer(&app, "sandbox settings va_fee_bps=null").await;
        assert_eq!(null["va_fee_bps"], 100);
    }

    async fn ids_that_are_not_there(app: TestApp) {
        let key = "keys create --mode test --merchant acc_QcA0Merchant01";
        assert_says(&refused(vasool(&app), key).await, &["no such id in this database"]);
        let key = "keys create --mode test --merchant QcA0";
        assert_says(&refused(vasool(&app), key).await, &["not a merchant id", "merchants list"]);
        let show = "settings show --mode test --merchant acc_QcA0Merchant01";
        assert_says(&refused(vasool(&app), show).await, &["there is no merchant acc_QcA0"]);
        assert_says(&refused(vasool(&app), "keys expire x").await, &["is not a key id"]);
        let mut command = vasool(&app);
        command.env("VASOOL_MASTER_KEY", "5b".repeat(32));
        assert_says(&refused(command, "keys show").await, &["not the one", "VASOOL_MASTER_KEY"]);
        assert_says(&succeed(&app, "merchants list").await, &["Blue Lotus Traders", "acc_"]);
    }
}

async fn app() -> TestApp {
    TestApp::start(Database::sqlite()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_of_the_sandbox() {
    let app = app().await;
    let clock = answer(&app, "sandbox clock --freeze").await;
    assert_eq!(clock["frozen"], true);
    let moved = answer(&app, "sandbox clock --advance 15m").await;
    assert_eq!(moved["now"].as_i64(), clock["now"].as_i64().map(|now| now + 900));
    assert_says(&succeed(&app, "sandbox clock").await, &["frozen  yes"]);
    assert_eq!(answer(&app, "sandbox clock --thaw").await["frozen"], false);

    let arm = "sandbox faults arm --target webhook --kind drop --event payment.captured --times 2";
    assert_eq!(answer(&app, arm).await["times"], 2);
    assert_says(&succeed(&app, "sandbox faults list").await, &["TARGET", "payment.captured"]);
    assert_eq!(answer(&app, "sandbox faults clear").await["count"], 0);
    assert_eq!(succeed(&app, "sandbox messages").await, "nothing\n");

    let (hook, receiver) = app.hook(&["payment.captured"]).await;
    let body = json!({"receivers": {"types": ["vpa"]}});
    let account = app.test.post("/v1/virtual_accounts", body).await.ok();
    let vpa = account["receivers"][0]["address"].as_str().unwrap();
    let pay = format!("sandbox upi-pay --vpa {vpa} --amount 5000 --payer-vpa asha@upi");
    let payment = answer(&app, &pay).await["payment_id"].as_str().unwrap().to_owned();
    let told = receiver.next().await;
    let event = told.event_id;
    succeed(&app, "sandbox clock --advance 1").await;
    assert_says(&succeed(&app, "sandbox deliveries").await, &["payment.captured", &event, "200"]);
    let again = format!("sandbox replay {hook} {event}");
    let text = refused(vasool(&app), &again).await;
    assert_says(&text, &["Only events that were not acknowledged can be replayed"]);

    let body = json!({"notes": {"sandbox": "hold"}, "speed": "optimum"});
    let refund = app.test.post(&format!("/v1/payments/{payment}/refund"), body).await.ok();
    let refund = refund["id"].as_str().unwrap();
    let decided = vasool(&app).args(["sandbox", "refund", refund, "process"]).output().await;
    assert_says(&check("refund", decided.unwrap()), &[refund]);

    let text = refused(vasool(&app), "sandbox mandate token_QcA0Merchant01 approve").await;
    assert_says(&text, &["does not exist", "check the id"]);
    let text = refused(vasool(&app), "sandbox payment pay_QcA0Merchant01 fail --reason 04").await;
    assert_says(&text, &["does not exist"]);

    let other = answer(&app, "sandbox merchant --name Green").await;
    assert!(other["key_id"].as_str().unwrap().starts_with("rzp_test_"));
    assert_eq!(answer(&app, "sandbox reset").await["reset"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_say_what_to_do() {
    let app = app().await;
    let text = refused(vasool(&app), "sandbox pay --account 1 --amount 0").await;
    assert_says(&text, &["amount", "field:  amount", "--help"]);
    let text = refused(vasool(&app), "sandbox settings nonsense=1").await;
    assert_says(&text, &["nonsense", "--help"]);
    let text = refused(vasool(&app), "sandbox clock --secret wrong").await;
    assert_says(&text, &["The api key provided is invalid", "vasool keys show"]);
    let text = refused(vasool(&app), "sandbox clock --key rzp_live_QcA0Merchant01").await;
    assert_says(&text, &["is a live key", "give a test key"]);
    let text = refused(vasool(&app), "sandbox clock --url http://127.0.0.1:1").await;
    assert_says(&text, &["no server answers at http://127.0.0.1:1", "vasool serve", "VASOOL_URL"]);
    let mut command = vasool(&app);
    command.env_remove("VASOOL_KEY_ID");
    let text = refused(command, "sandbox clock").await;
    assert_says(&text, &["wants a test key", "VASOOL_KEY_ID", "vasool keys show"]);
    let (off, client) = app.without_sandbox().await;
    let mut command = vasool(&app);
    command.env("VASOOL_URL", &client.base);
    assert_says(&refused(command, "sandbox clock").await, &["start it with --sandbox on"]);
    off.tasks.stop();
    let text = refused(vasool(&app), "sandbox clock --advance 1w").await;
    assert_says(&text, &["is not a time such as"]);
    assert_says(&refused(vasool(&app), "events tail --event no").await, &["there is no event"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases_that_cannot_be_opened() {
    let app = app().await;
    let directory = match &app.database {
        Database::Sqlite(path) => path.parent().unwrap().to_owned(),
        Database::Postgres { .. } => unreachable!("it is SQLite"),
    };
    let audit = |database: &str| {
        let mut command = vasool(&app);
        command.env("VASOOL_DATABASE", database);
        command
    };
    let there = directory.join("none.db");
    let text = refused(audit(&format!("sqlite:{}", there.display())), "audit").await;
    assert_says(&text, &["there is no database at", "none.db", "vasool migrate", "--database"]);
    assert!(!there.exists(), "a command that reads makes nothing");
    let other = directory.join("other.db");
    std::fs::write(&other, "this is a letter, and no database of anybody").unwrap();
    let text = refused(audit(&format!("sqlite:{}", other.display())), "audit").await;
    assert_says(&text, &["file is not a database", "give another path"]);
    let text = refused(audit("mysql://host"), "audit").await;
    assert_says(&text, &["is neither sqlite:PATH nor postgres://"]);
    let text = refused(audit("postgres://u:geheim@127.0.0.1:1/x"), "audit").await;
    assert_says(&text, &["127.0.0.1:1/x", "no server answers there"]);
    assert!(!text.contains("geheim"), "{text}");
    let mut command = vasool(&app);
    command.env_remove("VASOOL_MASTER_KEY").env("VASOOL_DATABASE", "postgres://u@127.0.0.1:1/x");
    assert_says(&refused(command, "keys show").await, &["openssl rand -hex 32"]);
    let mut command = vasool(&app);
    command.env("VASOOL_MASTER_KEY", "5a");
    assert_says(&refused(command, "keys show").await, &["must be 64 hexadecimal characters"]);

    // A port that is in use.
    let new = directory.join("new.db");
    let listen = format!("serve --listen {}", app.base.trim_start_matches("http://"));
    let text = refused(audit(&format!("sqlite:{}", new.display())), &listen).await;
    assert_says(&text, &["cannot listen on", "another program has this port", "--listen"]);
    let backup = format!("backup {}", new.display());
    assert_says(&refused(vasool(&app), &backup).await, &["exists", "name another file"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shells_are_told_what_there_is() {
    let app = app().await;
    for shell in ["bash", "zsh", "fish"] {
        let script = succeed(&app, &format!("completions {shell}")).await;
        assert_says(&script, &["nach-bank", "upi-pay", "events"]);
    }
}
