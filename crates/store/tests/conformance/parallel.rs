//! Batches beside each other on PostgreSQL, and what happens when connections die.

use std::sync::Arc;

use vasool_core::command::Command;
use vasool_core::customer::Customer;
use vasool_core::payment::Payment;
use vasool_core::scope::Mode;
use vasool_core::webhook::{Delivery, DeliveryState};
use vasool_core::working_set::{Key, WorkingSet};
use vasool_store::StoreError;

use crate::driver::{Driver, credit, with_number};
use crate::kept::count;
use crate::random::Random;
use crate::world::{Place, World, batch, directly, on_all, on_postgres};

/// Ends the connections of this test's database for which a condition holds.
async fn kill_backends(world: &World, condition: &str) {
    let Place::Postgres { server, name, .. } = &world.place else { return };
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{name}' AND {condition}"
    );
    directly(server, &sql).await;
}

#[test]
fn concurrent_batches_on_one_account_lose_nothing() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 80);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        driver.listen(scope).await;
        let account = driver.open(scope, with_number(None)).await;
        let mut tasks = vec![];
        for task in 0..20 {
            let (store, account) = (world.store.clone(), account.clone());
            tasks.push(tokio::spawn(async move {
                let mut driver = Driver::new(&store, 1000 + task);
                // Every second batch repeats a reference of its neighbour.
                let commands = (0..3).map(|at| {
                    let reference =
                        format!("U{}", if at == 2 { task / 2 * 100 } else { task * 100 + at });
                    Command::Scoped(scope.id, credit(&account, 100_000, &reference))
                });
                let answers = driver.run_all(commands.collect()).await;
                assert!(answers.iter().all(Result::is_ok));
                driver.conflicts
            }));
        }
        let mut conflicts = 0;
        for task in tasks {
            conflicts += task.await.unwrap();
        }
        // Locks keep batches apart without a single one applied again.
        assert!(conflicts == 0 || !world.is_postgres(), "{conflicts}");
        let audit = world.store.audit().await.unwrap();
        assert_eq!(audit.findings, []);
        let account = world.store.virtual_account(scope.id, account.id).await.unwrap().unwrap();
        assert_eq!(account.amount_paid.get(), audit.totals.credits);
        assert_eq!(audit.totals.payments, audit.totals.credits / 100_000);
        // Each brings two references of its own; the repeats 0, 100, ... 900 are among them.
        assert_eq!(audit.totals.payments, 40);
    });
}

#[test]
fn batches_that_name_accounts_in_any_order_do_not_wait_for_each_other() {
    on_postgres(async |world| {
        let mut driver = Driver::new(&world.store, 81);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        let mut accounts = vec![];
        for _ in 0..10 {
            accounts.push(driver.open(scope, with_number(None)).await);
        }
        let accounts = Arc::new(accounts);
        let mut tasks = vec![];
        for task in 0..8usize {
            let (store, accounts) = (world.store.clone(), accounts.clone());
            tasks.push(tokio::spawn(async move {
                let mut driver = Driver::new(&store, 2000 + task as u64);
                for round in 0..5 {
                    let commands = (0..10usize).map(|at| {
                        let at = if task % 2 == 0 { at } else { 9 - at };
                        let reference = format!("{task}-{round}-{at}");
                        Command::Scoped(scope.id, credit(&accounts[at], 1000, &reference))
                    });
                    driver.run_all(commands.collect()).await;
                }
                driver.conflicts
            }));
        }
        for task in tasks {
            assert_eq!(task.await.unwrap(), 0);
        }
        assert!(world.store.audit().await.unwrap().is_clean());
    });
}

#[test]
fn killed_backends_are_unavailable_and_the_store_recovers_by_itself() {
    on_postgres(async |world| {
        let mut random = Random::new(82);
        let customer = random.customer();
        let mut set = WorkingSet::default();
        set.put_customer(customer.clone());
        world.save(set).await.unwrap();

        // Between load and save.
        let mut session = world.store.begin().await.unwrap();
        let key = vec![Key::Customer(customer.id)];
        let mut set = session.load(key.clone(), WorkingSet::default()).await.unwrap();
        set.put_customer(Customer { name: Some("lost".to_owned()), ..customer.clone() });
        set.keep();
        kill_backends(world, "true").await;
        let refused = session.save(batch(set).into()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");

        // Reads ask again by themselves; batches find a new connection.
        let found = world.store.customer(customer.scope, customer.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&customer));
        let mut set = world.load(key).await;
        set.put_customer(Customer { name: Some("kept".to_owned()), ..customer.clone() });
        world.save(set).await.unwrap();
        let found = world.store.customer(customer.scope, customer.id).await.unwrap().unwrap();
        assert_eq!(found.name.as_deref(), Some("kept"));

        // While a load waits for a lock.
        let mut holder = world.store.begin().await.unwrap();
        let key = vec![Key::Customer(customer.id)];
        holder.load(key.clone(), WorkingSet::default()).await.unwrap();
        let store = world.store.clone();
        let waiting = tokio::spawn(async move {
            let mut session = store.begin().await.unwrap();
            session.load(key, WorkingSet::default()).await.map(|_| ())
        });
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        kill_backends(world, "wait_event_type = 'Lock'").await;
        // Nothing had happened yet, so it is asked again and waits once more.
        drop(holder);
        waiting.await.unwrap().unwrap();
        world.load(vec![Key::Customer(customer.id)]).await;
    });
}

#[test]
fn a_lost_answer_is_looked_up_and_never_guessed() {
    on_postgres(async |world| {
        let Place::Postgres { url, .. } = &world.place else { return };
        // A lock that the insert of a payment waits for, so that the COMMIT behind it is on its
        // way when the connection dies.
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let mut random = Random::new(83);
        for _ in 0..3 {
            client.batch_execute("BEGIN; LOCK TABLE payments").await.unwrap();
            let mut set = WorkingSet::default();
            let payment = random.payment();
            set.put_payment(payment.clone());
            set.keep();
            let store = world.store.clone();
            let saving =
                tokio::spawn(
                    async move { store.begin().await.unwrap().save(batch(set).into()).await },
                );
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            client
                .batch_execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE wait_event_type = 'Lock' AND datname = current_database(); COMMIT",
                )
                .await
                .unwrap();
            let refused = saving.await.unwrap();
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
        assert_eq!(count::<vasool_core::payment::Payment>(world).await, 0);
    });
}

#[test]
fn a_batch_id_is_marked_and_never_used_twice() {
    on_postgres(async |world| {
        let mut random = Random::new(84);
        let first = Arc::new({
            let mut set = WorkingSet::default();
            set.put_customer(random.customer());
            set.keep();
            batch(set)
        });
        world.store.begin().await.unwrap().save(first.clone()).await.unwrap();
        let mut again = WorkingSet::default();
        again.put_customer(random.customer());
        again.keep();
        let mut again = batch(again);
        again.id.clone_from(&first.id);
        let refused = world.store.begin().await.unwrap().save(again.into()).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert_eq!(count::<Customer>(world).await, 1);
    });
}

#[test]
fn a_batch_that_waited_for_a_row_finds_it_as_it_is_now() {
    on_postgres(async |world| {
        let mut random = Random::new(87);
        let (customer, payment, delivery) =
            (random.customer(), random.payment(), random.delivery());
        let mut set = WorkingSet::default();
        set.put_customer(customer.clone());
        set.put_payment(payment.clone());
        set.put_delivery(delivery.clone());
        for _ in 0..50 {
            set.put_delivery(random.delivery());
        }
        world.save(set).await.unwrap();
        let key = (delivery.event, delivery.endpoint);
        let keys = [Key::Customer(customer.id), Key::Payment(payment.id), Key::Delivery(key)];
        for own in keys {
            let mut holder = world.store.begin().await.unwrap();
            let mut set = holder.load(vec![own.clone()], WorkingSet::default()).await.unwrap();
            let (store, asked) = (world.store.clone(), own.clone());
            let other = Key::Delivery((random.id(), random.id()));
            let waiting = tokio::spawn(async move {
                let mut session = store.begin().await.unwrap();
                session.load(vec![asked, other], WorkingSet::default()).await.unwrap()
            });
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            assert!(!waiting.is_finished());
            match own {
                Key::Customer(_) => {
                    set.put_customer(Customer { name: Some("now".to_owned()), ..customer.clone() });
                }
                Key::Payment(_) => {
                    set.put_payment(Payment { email: Some("now".to_owned()), ..payment.clone() });
                }
                _ => {
                    let state = DeliveryState::Delivered;
                    set.put_delivery(Delivery { attempts: 7, state, ..delivery.clone() });
                }
            }
            set.keep();
            holder.save(batch(set).into()).await.unwrap();
            let set = waiting.await.unwrap();
            match own {
                Key::Customer(id) => {
                    let row = set.customer(&id).unwrap().unwrap();
                    assert_eq!(row.name.as_deref(), Some("now"));
                }
                Key::Payment(id) => {
                    let row = set.payment(&id).unwrap().unwrap();
                    assert_eq!(row.email.as_deref(), Some("now"));
                }
                _ => assert_eq!(set.delivery(&key).unwrap().unwrap().attempts, 7),
            }
        }
    });
}
