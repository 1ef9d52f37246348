//! An operator's commands beside a server under load.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::books::assert_kept;
use crate::dice::Dice;
use crate::http::Client;
use crate::load::{Load, Shared, open};
use crate::place::Place;
use crate::process::{Server, audit, run, succeed};

/// An expired key is refused within a second; the rest is for a slow machine.
const EXPIRY_MAX: Duration = Duration::from_millis(2_500);

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn commands(place: Place, mut dice: Dice) {
    let memory = Shared::default();
    let mut server = Server::start(&place);
    open(&mut server.client(), &memory).await.expect("an answer");
    let load = Load::start(&server, &memory, &mut dice);
    memory.grow(10).await;

    let created = succeed(&place, &["merchants", "create", "--name", "Green Gram", "--json"]);
    let merchant = json(&created)["id"].as_str().expect("an id").to_owned();
    let arguments = ["keys", "create", "--merchant", &merchant, "--mode", "test", "--json"];
    let key = json(&succeed(&place, &arguments));
    let text = |name: &str| key[name].as_str().expect("a text").to_owned();
    let key = (text("key_id"), text("key_secret"));
    let mut other = Client::new(&server.address, &key);
    // A new key opens at once, and only its merchant's data.
    let listed = other.get("/v1/virtual_accounts").await.expect("an answer").ok();
    assert_eq!(listed["count"], 0);
    succeed(&place, &["keys", "expire", &key.0]);
    let start = Instant::now();
    let refused = loop {
        let answer = other.get("/v1/virtual_accounts").await.expect("an answer");
        if answer.status != 200 || start.elapsed() > EXPIRY_MAX {
            break answer.status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(refused, 401);

    audit(&place);
    let shown = json(&succeed(&place, &["keys", "show", "--json"]));
    assert_eq!(shown["key_id"], place.key.0.as_str());
    let health = succeed(&place, &["doctor"]);
    assert!(!health.contains("FAIL"), "{health}");
    assert_eq!(succeed(&place, &["alerts"]).trim(), "no alerts");
    bank_of_files(&place);
    backup(&place, &memory).await;

    load.end().await;
    assert!(server.is_alive());
    assert_eq!(memory.lock().refused, [] as [u16; 0], "commands do not disturb the server");
    assert_kept(&place, &server, &memory, 0).await;
}

/// A bank that takes files: its directory is looked at, and its other side played.
fn bank_of_files(place: &Place) {
    let (file, directory) = (place.directory.join("connectors.json"), place.directory.join("nach"));
    let bank = serde_json::json!({
        "name": "hdfc", "mode": "live", "directory": directory, "ifsc": "HDFC0000240",
        "bank_name": "HDFC Bank", "login": "VASOOL", "utility_code": "HDFC00000000012345",
        "company": "Blue Lotus Traders", "account": "00600000012345", "category": "L001",
    });
    std::fs::write(&file, serde_json::json!({"nach_files": [bank]}).to_string()).expect("a file");
    let file = file.to_str().expect("a name");
    let health = succeed(place, &["doctor", "--connectors", file]);
    assert!(health.contains("ok    connector hdfc: writes to"), "{health}");
    let answered = succeed(place, &["sandbox", "nach-bank", "--connectors", file]);
    assert_eq!(answered.trim(), "nothing to answer");
    std::fs::write(place.directory.join("wrong.json"), "{").expect("a file");
    let wrong = place.directory.join("wrong.json");
    let refused = run(place, &["doctor", "--connectors", wrong.to_str().expect("a name")]);
    assert!(!refused.status.success());
}

/// A backup holds everything acknowledged before it began, and its books are sound.
async fn backup(place: &Place, memory: &Shared) {
    let file = place.directory.join("backup.db");
    let name = file.to_str().expect("a name");
    if place.is_postgres() {
        let output = run(place, &["backup", name]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains("pg_dump"), "{text}");
        return;
    }
    for _ in 0..3 {
        let _ = std::fs::remove_file(&file);
        let before = memory.acknowledged();
        succeed(place, &["backup", name]);
        let copy = Place::at(crate::place::unique(), format!("sqlite:{name}"));
        let kept = audit(&copy)["payments"].as_u64().expect("a number");
        assert!(kept >= before as u64, "{kept} of {before}");
    }
    let again = run(place, &["backup", name]);
    assert!(!again.status.success(), "a backup overwrites nothing");
    // The copy serves.
    let copy = Place::at(crate::place::unique(), format!("sqlite:{name}"));
    let server = Server::start(&copy);
    server.client().get("/v1/virtual_accounts").await.expect("an answer").ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_beside_a_server_on_sqlite() {
    commands(Place::sqlite(), Dice::new("commands on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_beside_a_server_on_postgres() {
    let Some(place) = Place::postgres().await else { return };
    commands(place, Dice::new("commands on PostgreSQL")).await;
}
