//! Every row of a bulk file is done once, whenever the server dies; a file whose upload was cut off is
//! not there.

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
/// Rows of a file of links: more than one part.
const LINK_ROWS: usize = 4_000;
/// Kills while files are stored, and as many while they are done.
const STORE_KILLS: usize = 4;

async fn batch(client: &mut Client, id: &str) -> Value {
    client.get(&format!("/v1/batches/{id}")).await.expect("an answer").ok()
}

/// Waits until a batch is processed.
async fn processed(client: &mut Client, id: &str) -> Value {
    let mut waited = 0;
    loop {
        let now = batch(client, id).await;
        if now["status"] == "processed" {
            return now;
        }
        waited += 1;
        assert!(waited < 600, "{now}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A file of registration links, some rows of which are refused. `round` makes receipts unique.
fn links(round: usize) -> String {
    let header = "email,phone,description,receipt,method,auth_type,bank,account_holder_name,ifsc,\
        account_number,account_type\n";
    let row = |at: usize| {
        let bank = if at % REFUSED_EVERY == 7 { "XXXX" } else { "HDFC" };
        format!(
            "p{at}@example.test,9820012345,Row {at},F{round}-{at},nach,physical,{bank},Payer A,\
             HDFC0000060,50100012345678,savings\n"
        )
    };
    let rows: String = (0..LINK_ROWS).map(row).collect();
    format!("{header}{rows}")
}

/// Kills while files are stored, then while they are done: what is listed is whole, and of what is
/// not listed nothing was ever done.
async fn kills_of_uploads(place: Place, mut dice: Dice) {
    let mut server = Server::start(&place);
    let mut client = server.client();
    for round in 0..STORE_KILLS {
        let mut uploader = server.client();
        let upload =
            tokio::spawn(async move { uploader.upload("auth_link", &links(round)).await.is_ok() });
        tokio::time::sleep(Duration::from_millis(10 + dice.below(250))).await;
        server.kill();
        let answered = upload.await.expect("no panic");
        audit(&place);
        place.end_leases().await;
        server = Server::start(&place);
        client = server.client();
        if answered {
            break;
        }
    }
    client.upload("auth_link", &links(STORE_KILLS)).await.expect("an answer").ok();
    for _ in 0..STORE_KILLS {
        tokio::time::sleep(Duration::from_millis(20 + dice.below(250))).await;
        server.kill();
        audit(&place);
        place.end_leases().await;
        server = Server::start(&place);
        client = server.client();
    }
    let files = all(&mut client, "/v1/batches").await;
    assert!(!files.is_empty());
    for file in &files {
        let done = processed(&mut client, file["id"].as_str().expect("an id")).await;
        let counts = [&done["total_count"], &done["success_count"], &done["failure_count"]];
        let refused = LINK_ROWS / REFUSED_EVERY;
        assert_eq!(counts, [&json!(LINK_ROWS), &json!(LINK_ROWS - refused), &json!(refused)]);
    }
    let made = files.len() * (LINK_ROWS - LINK_ROWS / REFUSED_EVERY);
    let links = all(&mut client, "/v1/invoices").await;
    let receipts: BTreeSet<&str> =
        links.iter().map(|row| row["receipt"].as_str().expect("a text")).collect();
    assert_eq!((links.len(), receipts.len()), (made, made));
    audit(&place);
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
    let done = processed(&mut client, &id).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_stores_a_whole_file_or_none() {
    kills_of_uploads(Place::sqlite(), Dice::new("uploads on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_stores_a_whole_file_or_none() {
    let Some(place) = Place::postgres().await else { return };
    kills_of_uploads(place, Dice::new("uploads on PostgreSQL")).await;
}
