//! Starts that are refused, and stops that are orderly.

use std::time::Duration;

use tokio::time::Instant;

use crate::books::assert_kept;
use crate::dice::Dice;
use crate::load::{Load, Shared, open};
use crate::place::Place;
use crate::process::{Server, run};

/// What a service manager grants.
const STOP_MAX: Duration = Duration::from_secs(10);

/// Runs `serve` where it must refuse to start; what it said.
fn refused(place: &Place) -> String {
    let start = Instant::now();
    let output = run(place, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!output.status.success());
    assert!(start.elapsed() < Duration::from_secs(3), "it says so at once");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("listening"));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn stop(place: Place, mut dice: Dice) {
    let memory = Shared::default();
    let mut server = Server::start(&place);
    open(&mut server.client(), &memory).await.expect("an answer");
    for _ in 0..2 {
        let load = Load::start(&server, &memory, &mut dice);
        memory.grow(20).await;
        // A connection on which nothing happens does not hold up the stop.
        let mut idle = server.client();
        idle.get("/healthz").await.expect("an answer").ok();
        let status = server.terminate(STOP_MAX).await.expect("it stops in time");
        assert_eq!(status.code(), Some(0));
        load.end().await;
        server = Server::start(&place);
        assert_kept(&place, &server, &memory, 0).await;
    }
    assert_eq!(memory.lock().refused, [] as [u16; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_sqlite_stops_when_it_is_asked_to() {
    stop(Place::sqlite(), Dice::new("stops on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_postgres_stops_when_it_is_asked_to() {
    let Some(place) = Place::postgres().await else { return };
    stop(place, Dice::new("stops on PostgreSQL")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_file_is_refused() {
    let place = Place::sqlite();
    let mut server = Server::start(&place);
    let text = refused(&place);
    assert!(text.contains("another vasool server is running on"), "{text}");
    server.client().get("/v1/virtual_accounts").await.expect("an answer").ok();
    // A lock dies with its holder, however that ended.
    server.kill();
    Server::start(&place);
}

async fn wrong_key(mut place: Place) {
    drop(Server::start(&place));
    place.master_key = Some("5b".repeat(32));
    let text = refused(&place);
    assert!(text.contains("the master key is not the one this database was made with"), "{text}");
    assert!(text.contains("VASOOL_MASTER_KEY"), "{text}");
    place.master_key = Some("5b".repeat(31));
    let text = refused(&place);
    assert!(text.contains("the master key must be 64 hexadecimal characters"), "{text}");
    place.master_key = None;
    let text = refused(&place);
    assert!(text.contains("master key"), "{text}");
    // Nothing of all this changed what is right.
    place.master_key = Some("5a".repeat(32));
    let server = Server::start(&place);
    server.client().get("/v1/virtual_accounts").await.expect("an answer").ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_master_key_is_refused_by_name_on_sqlite() {
    wrong_key(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_master_key_is_refused_by_name_on_postgres() {
    let Some(place) = Place::postgres().await else { return };
    wrong_key(place).await;
}
