//! Answers that get lost on the way, between the store and PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vasool_core::customer::Customer;
use vasool_core::working_set::{Key, WorkingSet};
use vasool_store::postgres::PostgresStore;
use vasool_store::{Batch, Session, Store, StoreError};

use crate::kept::count;
use crate::random::Random;
use crate::world::{Place, World, batch, on_postgres};

/// A way to the database that can swallow what the database says.
struct Proxy {
    /// What the server says on connections that are open now is dropped, and they end soon.
    mute: Arc<AtomicBool>,
    /// New connections are refused.
    closed: Arc<AtomicBool>,
    url: String,
}

impl Proxy {
    async fn to(world: &World) -> Proxy {
        let Place::Postgres { url, .. } = &world.place else { panic!("only for PostgreSQL") };
        let (head, name) = url.rsplit_once('/').unwrap();
        let server = head.rsplit_once('@').unwrap().1.to_owned();
        let user = head.rsplit_once('@').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{user}@{}/{name}", listener.local_addr().unwrap());
        let proxy = Proxy { mute: Arc::default(), closed: Arc::default(), url };
        let (mute, closed) = (proxy.mute.clone(), proxy.closed.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !closed.load(Ordering::SeqCst) {
                    let to = TcpStream::connect(&server).await.unwrap();
                    tokio::spawn(forward(client, to, mute.clone()));
                }
            }
        });
        proxy
    }

    async fn store(&self) -> Store {
        Store::Postgres(PostgresStore::open(&self.url).await.unwrap())
    }
}

/// Carries bytes both ways. Once muted, the client hears no more; its connection ends a little
/// later, when the server has had time to act on what it was told.
async fn forward(client: TcpStream, server: TcpStream, mute: Arc<AtomicBool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    });
    let mut buffer = vec![0; 65_536];
    while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
        if mute.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(200)).await;
            break;
        }
        if to_client.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    up.abort();
}

/// A batch that renames a customer, between load and save.
async fn renaming(store: &Store, customer: &Customer, name: &str) -> (Session, Arc<Batch>) {
    let mut session = store.begin().await.unwrap();
    let keys = vec![Key::Customer(customer.id)];
    let mut set = session.load(keys, WorkingSet::default()).await.unwrap();
    let row = set.customer(&customer.id).unwrap().unwrap();
    set.put_customer(Customer { name: Some(name.to_owned()), ..Customer::clone(&row) });
    set.keep();
    (session, Arc::new(batch(set)))
}

async fn name(world: &World, customer: &Customer) -> Option<String> {
    let found = world.store.customer(customer.scope, customer.id).await.unwrap();
    found.and_then(|row| row.name)
}

async fn customer(world: &World, noise: u64) -> Customer {
    let customer = Random::new(noise).customer();
    let mut set = WorkingSet::default();
    set.put_customer(customer.clone());
    world.save(set).await.unwrap();
    customer
}

#[test]
fn a_commit_whose_answer_was_lost_is_proven_and_acknowledged() {
    on_postgres(async |world| {
        let customer = customer(world, 85).await;
        let proxy = Proxy::to(world).await;
        let store = proxy.store().await;
        // Statements are prepared by a first batch of the same shape.
        let (session, first) = renaming(&store, &customer, "first").await;
        session.save(first).await.unwrap();
        let (session, second) = renaming(&store, &customer, "second").await;
        proxy.mute.store(true, Ordering::SeqCst);
        let saving = tokio::spawn(session.save(second));
        // Connections made from then on are heard again.
        tokio::time::sleep(Duration::from_millis(150)).await;
        proxy.mute.store(false, Ordering::SeqCst);
        saving.await.unwrap().unwrap();
        assert_eq!(name(world, &customer).await.as_deref(), Some("second"));
        // And the store goes on.
        let (session, third) = renaming(&store, &customer, "third").await;
        session.save(third).await.unwrap();
    });
}

#[test]
fn without_a_way_to_look_the_outcome_stays_unknown() {
    on_postgres(async |world| {
        let customer = customer(world, 86).await;
        let proxy = Proxy::to(world).await;
        let store = proxy.store().await;
        let (session, first) = renaming(&store, &customer, "first").await;
        session.save(first).await.unwrap();
        let (session, second) = renaming(&store, &customer, "second").await;
        proxy.mute.store(true, Ordering::SeqCst);
        proxy.closed.store(true, Ordering::SeqCst);
        let unknown = session.save(second).await;
        assert!(matches!(unknown, Err(StoreError::UnknownOutcome(_))), "{unknown:?}");
        assert_eq!(count::<Customer>(world).await, 1);
        assert_eq!(name(world, &customer).await.as_deref(), Some("second"));
    });
}
