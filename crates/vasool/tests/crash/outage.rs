//! PostgreSQL goes away under a running server, and comes back.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::books::assert_kept;
use crate::dice::Dice;
use crate::load::{Load, Shared, open};
use crate::place::{Place, unique};
use crate::process::Server;

/// A cluster of the test's own, which it may stop.
struct Cluster {
    directory: PathBuf,
    url: String,
}

/// Runs `scripts/pg`; what it printed.
fn pg(action: &str, directory: &Path) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/pg");
    let output = Command::new(script).arg(action).arg(directory).output().expect("it runs");
    assert!(output.status.success(), "{action}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Cluster {
    fn start() -> Cluster {
        // The server's user must be allowed in, and a socket's path has little room.
        let directory = Path::new("/tmp").join(unique().file_name().expect("a name"));
        let directory = directory.with_extension("pg");
        let url = pg("start", &directory);
        Cluster { directory, url }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        pg("stop", &self.directory);
    }
}

/// Asks until the answer is 200.
async fn recovered(server: &Server, path: &str) -> Duration {
    let (start, mut client) = (Instant::now(), server.client());
    loop {
        match client.get(path).await.expect("the server answers").status {
            200 => return start.elapsed(),
            503 => {}
            other => panic!("{path} answers {other}"),
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{path} stays away");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_outlives_its_database() {
    if std::env::var("VASOOL_TEST_POSTGRES").is_err() {
        eprintln!("skipped: VASOOL_TEST_POSTGRES names no server");
        return;
    }
    let cluster = Cluster::start();
    let place = Place::at(unique(), cluster.url.clone());
    let mut dice = Dice::new("outage of PostgreSQL");
    let memory = Shared::default();
    let mut server = Server::start(&place);
    open(&mut server.client(), &memory).await.expect("an answer");
    for _ in 0..2 {
        let load = Load::start(&server, &memory, &mut dice);
        memory.grow(20).await;
        pg("halt", &cluster.directory);
        // A key is remembered for a second; from then on nobody can be known.
        let (start, mut client) = (Instant::now(), server.client());
        while start.elapsed() < Duration::from_millis(1_500) {
            let credit = json!({"account_number": "1112220000000000", "amount": 100});
            for answer in [
                client.get("/v1/payments").await,
                client.get("/v1/virtual_accounts/va_QcCrash0000001").await,
                client.post("/v1/sandbox/bank_transfers", credit).await,
                client.get("/readyz").await,
            ] {
                let answer = answer.expect("the server answers");
                assert_eq!(answer.status, 503, "{}", answer.body);
                let wait = answer.header("retry-after").and_then(|text| text.parse::<u32>().ok());
                assert!(wait.is_some_and(|seconds| seconds >= 1), "{answer:?}");
                assert!(answer.body["error"]["code"].is_string(), "{}", answer.body);
            }
            client.get("/healthz").await.expect("the server answers").ok();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(server.is_alive());
        pg("resume", &cluster.directory);
        recovered(&server, "/v1/payments").await;
        recovered(&server, "/readyz").await;
        memory.grow(20).await;
        load.end().await;
        let others = memory.lock().refused.iter().filter(|status| **status != 503).count();
        assert_eq!(others, 0, "{:?}", memory.lock().refused);
        assert_kept(&place, &server, &memory, 0).await;
    }
}
