//! The guides of the products: every block of a language, in order, is a program that runs against a
//! fresh server with the official SDK, and prints what the guide says it prints.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::harness::{Database, TestApp, is_there, png, root};

/// Longer than any guide takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);
const INSTALLER: &str = "scripts/setup-clients";
/// A comment that begins so says what the statement before it prints.
const PROMISE: &str = " prints ";

/// The blocks of a language, and what they say they print.
fn program(guide: &str, language: &str) -> (String, Vec<String>) {
    let path = root().join(format!("docs/{guide}.md"));
    let text = std::fs::read_to_string(path).expect("a guide");
    let (mut program, mut inside) = (String::new(), false);
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(tag) => inside = tag == language,
            None if inside => {
                program += line;
                program.push('\n');
            }
            None => {}
        }
    }
    let mark = if language == "js" { "//" } else { "#" };
    let promise = format!("{mark}{PROMISE}");
    let promised = program.lines().filter_map(|line| line.split_once(&promise));
    let promised = promised.map(|(_, text)| text.trim().to_owned()).collect();
    (program, promised)
}

/// Runs a guide in a language.
async fn follow(guide: &str, language: &str) {
    let node_modules = root().join("tests/clients/node/node_modules");
    let python = root().join(".tools/venv/bin/python");
    let (program, promised) = program(guide, language);
    assert!(promised.len() > 1, "{guide} says what {language} prints");
    let (mut command, text) = match language {
        "sh" => (Command::new("sh"), format!("set -e\n{program}")),
        "python" if is_there(&python, INSTALLER) => (Command::new(python), program),
        "js" if is_there(&node_modules.join("razorpay/package.json"), INSTALLER) => {
            let head = "(async () => {\n";
            let tail = "})().catch((fault) => { console.error(fault); process.exit(1); });\n";
            (Command::new("node"), [head, &program, tail].concat())
        }
        _ => return,
    };
    let app = TestApp::start(Database::sqlite()).await;
    let Database::Sqlite(place) = &app.database else { unreachable!("it is SQLite") };
    let directory = place.parent().expect("a directory");
    let script = directory.join(Path::new("guide").with_extension(language));
    std::fs::write(&script, text).expect("a program");
    std::fs::write(directory.join("form.png"), png()).expect("a form");
    let child = command
        .arg(&script)
        .current_dir(directory)
        .env("VASOOL_URL", &app.base)
        .env("VASOOL_KEY_ID", &app.test.key_id)
        .env("VASOOL_KEY_SECRET", &app.test.key_secret)
        .env("NODE_PATH", node_modules)
        // A proxy of the environment has no business between us and this machine.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a program");
    let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
    let output = output.expect("it ends").expect("its output");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{guide} in {language}: {text}\n{errors}");
    let printed: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(printed, promised, "{guide} in {language}\n{errors}");
    app.assert_books_clean().await;
}

macro_rules! guides {
    ($($test:ident $guide:literal $language:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            follow($guide, $language).await;
        }
    )*};
}

guides! {
    smart_collect_by_curl "smart-collect" "sh";
    smart_collect_in_python "smart-collect" "python";
    smart_collect_in_node "smart-collect" "js";
    reserve_pay_by_curl "reserve-pay" "sh";
    reserve_pay_in_python "reserve-pay" "python";
    reserve_pay_in_node "reserve-pay" "js";
    paper_nach_by_curl "paper-nach" "sh";
    paper_nach_in_python "paper-nach" "python";
    paper_nach_in_node "paper-nach" "js";
    webhooks_by_curl "webhooks" "sh";
    webhooks_in_python "webhooks" "python";
    webhooks_in_node "webhooks" "js";
}
