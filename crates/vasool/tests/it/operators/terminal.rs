//! The command line, and what a server prints and offers.

use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use vasool::web::session::Role;

use crate::harness::{Database, TestApp};
use crate::on_both_databases;

fn vasool(database: &Database, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vasool"));
    command.args(arguments).env("VASOOL_DATABASE", database.url());
    command.env("VASOOL_MASTER_KEY", "5a".repeat(32)).stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn run(app: &TestApp, arguments: &[&str]) -> Output {
    vasool(&app.database, arguments).output().await.expect("the binary runs")
}

#[track_caller]
fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

on_both_databases! {
    async fn commands_work_beside_the_server(app: TestApp) {
        let base = "http://pay.example.test";
        let create = ["operators", "create", "--email", "Ravi@Example.test", "--name", "Ravi",
            "--role", "admin", "--public-url", base, "--json"];
        let made = json(&run(&app, &create).await);
        assert_eq!(made["email"], "ravi@example.test");
        let link = made["link"].as_str().unwrap().strip_prefix(base).expect("below the base");
        assert!(refused(&run(&app, &create).await).contains("there is an operator ravi@example.test"));
        let listed = json(&run(&app, &["operators", "list", "--json"]).await);
        let one = &listed["operators"][0];
        assert_eq!((&one["role"], &one["state"]), (&"admin".into(), &"invited".into()));
        let table = run(&app, &["operators", "list"]).await.stdout;
        assert!(String::from_utf8(table).unwrap().contains("ravi@example.test  Ravi  admin  invited"));
        let fields = [("name", "Ravi"), ("password", "a long password")];
        let shown = app.nobody().post_plain(link, &fields).await;
        let ravi = app.nobody().keep(&shown).await;
        assert!(ravi.get("/dashboard/trail").await.is(200).contains("command line"));

        let email = ["--email", "ravi@example.test"];
        let disable = [&["operators", "disable"], &email[..]].concat();
        assert!(refused(&run(&app, &disable).await).contains("the last admin"));
        let other = app.sign_in(Role::Admin).await;
        assert!(run(&app, &disable).await.status.success());
        assert_eq!(ravi.get("/dashboard/account").await.status, 303, "at once");
        let lost = [&["operators", "link"], &email[..]].concat();
        assert!(refused(&run(&app, &lost).await).contains("is disabled"));
        assert!(run(&app, &[&["operators", "enable"], &email[..]].concat()).await.status.success());
        let printed = run(&app, &lost).await;
        let text = String::from_utf8(printed.stdout).unwrap();
        let (_, link) = text.trim().split_once("http://127.0.0.1:8080").expect("a link");
        assert_eq!(app.nobody().get(link).await.status, 200);
        for wrong in [
            ["operators", "link", "--email", "nobody@example.test"],
            ["operators", "disable", "--email", "nobody@example.test"],
        ] {
            assert!(refused(&run(&app, &wrong).await).contains("no operator"));
        }
        assert!(other.get("/dashboard/trail").await.is(200).contains("refused: the last admin"));
    }

    async fn a_server_without_operators_prints_a_link(app: TestApp) {
        // Beside the running one only PostgreSQL serves two processes.
        let own = match &app.database {
            Database::Sqlite(_) => Database::sqlite(),
            Database::Postgres { .. } => Database::postgres().await.expect("a server"),
        };
        let base = "http://pay.example.test/";
        let serve = ["serve", "--listen", "127.0.0.1:0", "--public-url", base];
        let mut server = vasool(&own, &serve).stdout(Stdio::piped()).spawn().expect("a server");
        let mut lines = BufReader::new(server.stdout.take().expect("a pipe")).lines();
        let first = lines.next_line().await.unwrap().expect("a line");
        let (_, address) = first.split_once("http://").expect("an address");
        let second = lines.next_line().await.unwrap().expect("another line");
        let (words, path) = second.split_once("http://pay.example.test/sign-in").expect("a link");
        assert!(words.contains("once, within a day"));
        let client = crate::harness::Client::new(&format!("http://{address}"), "", "");
        let nobody = app.nobody().at(&client);
        let page = nobody.get(&format!("/sign-in{path}")).await;
        assert!(page.is(200).contains("You are the first one here"));
        server.kill().await.expect("it ends");
    }

    async fn without_the_dashboard_its_routes_are_unknown(app: TestApp) {
        let person = app.sign_in(Role::Admin).await;
        let (off, nobody) = app.with_dashboard(false, "http://pay.example.test").await;
        let page = crate::harness::Person { http: nobody.http.clone(), ..person };
        for path in ["/sign-in", "/dashboard/account", "/dashboard/operators", "/dashboard/trail"] {
            let shown = page.get(path).await;
            assert_eq!(shown.status, 400, "{path}");
            assert!(shown.html.contains("BAD_REQUEST_ERROR"));
        }
        off.tasks.stop();
    }

    async fn with_tls_in_front_the_cookie_is_for_tls_alone(app: TestApp) {
        let person = app.sign_in(Role::View).await;
        let hash = app.app.passwords.hash("a long password").await.ok().unwrap();
        let set = app.app.store.set_operator_password(person.id.unwrap(), 1, &hash).await;
        assert!(set.unwrap());
        let (secure, nobody) = app.with_dashboard(true, "https://pay.example.test").await;
        let fields = [("email", &*person.email), ("password", "a long password")];
        let own = nobody.with_header("origin", "https://pay.example.test");
        let shown = own.post_plain("/sign-in", &fields).await;
        assert_eq!(shown.leads_to(), "/dashboard");
        let cookie = shown.cookie().expect("a cookie");
        assert!(cookie.starts_with("__Host-vasool_session=") && cookie.contains("; Secure"));
        let inside = nobody.clone().keep(&shown).await;
        let plain = crate::harness::Person {
            cookie: inside.cookie.replace("__Host-", ""),
            ..inside
        };
        assert_eq!(plain.get("/dashboard/account").await.status, 303);
        secure.tasks.stop();
    }
}
