//! Every row of a bulk file is done once, whenever the server dies.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::books::all;
use crate::dice::Dice;
use crate::http::Client;
use crate::place::Place;
use crate::process::{Server, audit};

const ROWS: usize = 3_000;
/// One row in so many is refused.
const REFUSED_EVERY: usize = 50;
const KILLS: usize = 6;

async fn batch(client: &mut Client, id: &str) -> Value {
    client.get(&format!("/v1/batches/{id}")).await.expect("an answer").ok()
}

async fn kills(place: Place, mut dice: Dice) {
    let rows = (0..ROWS).map(|at| match at % REFUSED_EVERY {
        7 => format!(",X,,,,Row {at},\n"),
        _ => format!(",Payer {at} A,,payer{at}@example.test,,Row {at},\n"),
    });
    let refused = ROWS / REFUSED_EVERY;
    let mut server = Server::start(&place);
    let mut client = server.client();
    let file: String = rows.collect();
    let uploaded = client.upload("virtual_account", &file).await.expect("an answer").ok();
    let id = uploaded["id"].as_str().expect("an id").to_owned();
    let mut before = 0;
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(20 + dice.below(250))).await;
        server.kill();
        audit(&place);
        place.end_leases().await;
        server = Server::start(&place);
        client = server.client();
        let now = batch(&mut client, &id).await;
        let done = now["processed_count"].as_i64().expect("a count");
        assert!(done >= before, "{now} after {before}");
        before = done;
    }
    let mut waited = 0;
    let done = loop {
        let now = batch(&mut client, &id).await;
        if now["status"] == "processed" {
            break now;
        }
        waited += 1;
        assert!(waited < 600, "{now}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let counts = [&done["total_count"], &done["success_count"], &done["failure_count"]];
    assert_eq!(counts, [&json!(ROWS), &json!(ROWS - refused), &json!(refused)]);
    let accounts = all(&mut client, "/v1/virtual_accounts").await;
    let made: BTreeSet<&str> =
        accounts.iter().map(|row| row["description"].as_str().expect("a text")).collect();
    assert_eq!((accounts.len(), made.len()), (ROWS - refused, ROWS - refused));
    let customers = all(&mut client, "/v1/customers").await;
    assert_eq!(customers.len(), ROWS - refused);
    audit(&place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_does_every_row_of_a_file_once() {
    kills(Place::sqlite(), Dice::new("bulk files on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_does_every_row_of_a_file_once() {
    let Some(place) = Place::postgres().await else { return };
    kills(place, Dice::new("bulk files on PostgreSQL")).await;
}
