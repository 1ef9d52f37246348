//! `kill -9` at any moment loses nothing that was acknowledged.

use std::time::Duration;

use crate::books::assert_kept;
use crate::dice::Dice;
use crate::events::Receiver;
use crate::load::{Load, Shared, open};
use crate::place::Place;
use crate::process::Server;

const KILLS: usize = 6;
const ACCOUNTS: usize = 8;

/// A moment between one and several hundred milliseconds.
async fn a_moment(dice: &mut Dice) {
    tokio::time::sleep(Duration::from_millis(20 + dice.below(300))).await;
}

async fn open_accounts(server: &Server, memory: &Shared) {
    let mut client = server.client();
    for _ in 0..ACCOUNTS {
        open(&mut client, memory).await.expect("an answer");
    }
    assert_eq!(memory.lock().accounts.len(), ACCOUNTS, "{:?}", memory.lock().refused);
}

async fn kills(place: Place, mut dice: Dice) {
    let memory = Shared::default();
    let receiver = Receiver::start(&mut dice).await;
    let mut server = Server::start(&place);
    receiver.subscribe(&server).await;
    open_accounts(&server, &memory).await;
    for _ in 0..KILLS {
        let since = memory.lock().credits.len();
        let load = Load::start(&server, &memory, &mut dice);
        a_moment(&mut dice).await;
        server.kill();
        load.end().await;
        place.end_leases().await;
        server = Server::start(&place);
        assert_kept(&place, &server, &memory, since).await;
    }
    assert_eq!(memory.lock().refused, [] as [u16; 0], "a living server refuses nothing");
    assert!(memory.acknowledged() > KILLS, "there was a load");
    let payments = assert_kept(&place, &server, &memory, 0).await;
    receiver.assert_told(&memory, &payments).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_was_acknowledged() {
    kills(Place::sqlite(), Dice::new("kills on SQLite")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_what_was_acknowledged() {
    let Some(place) = Place::postgres().await else { return };
    kills(place, Dice::new("kills on PostgreSQL")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_on_one_database_one_may_die() {
    let Some(place) = Place::postgres().await else { return };
    let mut dice = Dice::new("kills of one of two servers");
    let memory = Shared::default();
    let receiver = Receiver::start(&mut dice).await;
    let mut servers = [Server::start(&place), Server::start(&place)];
    receiver.subscribe(&servers[0]).await;
    open_accounts(&servers[0], &memory).await;
    for _ in 0..KILLS {
        let since = memory.lock().credits.len();
        let loads = [0, 1].map(|at| Load::start(&servers[at], &memory, &mut dice));
        a_moment(&mut dice).await;
        let victim = dice.below(2) as usize;
        servers[victim].kill();
        // The other goes on as if nothing had happened.
        memory.grow(10).await;
        for load in loads {
            load.end().await;
        }
        assert!(servers[1 - victim].is_alive());
        assert_kept(&place, &servers[1 - victim], &memory, since).await;
        servers[victim] = Server::start(&place);
    }
    assert_eq!(memory.lock().refused, [] as [u16; 0], "a living server refuses nothing");
    let payments = assert_kept(&place, &servers[0], &memory, 0).await;
    // Nobody may hold a lease that is taken away.
    servers.iter_mut().for_each(Server::kill);
    place.end_leases().await;
    let _servers = [Server::start(&place), Server::start(&place)];
    receiver.assert_told(&memory, &payments).await;
}
