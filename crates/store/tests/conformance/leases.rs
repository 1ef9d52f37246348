//! Which process makes a webhook call.

use vasool_core::scope::Mode;
use vasool_core::time::Millis;
use vasool_core::webhook::{Delivery, DeliveryKey, DeliveryState};
use vasool_core::working_set::WorkingSet;

use crate::random::Random;
use crate::world::{World, on_all, on_postgres};

const LEASE_MS: i64 = 30_000;

async fn pending(world: &World, random: &mut Random, attempts: &[i64]) -> Vec<DeliveryKey> {
    let (scope, endpoint, subject) = (random.scope(Mode::Live), random.id(), random.id());
    let mut set = WorkingSet::default();
    let mut keys = vec![];
    for attempts in attempts {
        let row = Delivery {
            scope,
            endpoint,
            subject,
            attempts: *attempts,
            delayed: false,
            state: DeliveryState::Pending { due: Millis(5) },
            ..random.delivery()
        };
        keys.push((row.event, row.endpoint));
        set.put_delivery(row);
    }
    world.save(set).await.unwrap();
    keys
}

async fn lease(world: &World, keys: &[DeliveryKey], holder: &str, now: i64) -> Vec<DeliveryKey> {
    world.store.lease_deliveries(keys, holder, Millis(now), LEASE_MS).await.unwrap()
}

#[test]
fn one_process_gets_all_it_asks_for() {
    on_all(async |world| {
        let mut random = Random::new(70);
        let keys = pending(world, &mut random, &[0, 1, 1]).await;
        assert_eq!(lease(world, &keys, "a", 100).await, keys);
        world.store.release_deliveries(&keys, "a").await.unwrap();
        assert_eq!(lease(world, &keys, "a", 100).await, keys);
        assert!(lease(world, &[], "a", 100).await.is_empty());
    });
}

#[test]
fn a_delivery_is_in_one_hand_until_the_lease_ends() {
    on_postgres(async |world| {
        let mut random = Random::new(71);
        let keys = pending(world, &mut random, &[2, 2]).await;
        assert_eq!(lease(world, &keys[..1], "a", 100).await, keys[..1]);
        assert_eq!(lease(world, &keys, "b", 200).await, keys[1..]);
        assert!(lease(world, &keys, "a", 300).await.is_empty());
        // A process that died loses its lease when the time is over.
        assert_eq!(lease(world, &keys[..1], "b", 100 + LEASE_MS).await, keys[..1]);
        // And does not take it back by releasing what another has by now.
        world.store.release_deliveries(&keys, "a").await.unwrap();
        assert!(lease(world, &keys, "a", 101 + LEASE_MS).await.is_empty());
        world.store.release_deliveries(&keys, "b").await.unwrap();
        assert_eq!(lease(world, &keys, "a", 102 + LEASE_MS).await, keys);
    });
}

#[test]
fn a_first_attempt_waits_for_earlier_ones_whoever_makes_them() {
    on_postgres(async |world| {
        let mut random = Random::new(72);
        let keys = pending(world, &mut random, &[0, 0, 1, 0]).await;
        let strangers = pending(world, &mut random, &[0]).await;
        // An earlier one that nobody has taken up yet holds the later ones back as well.
        assert!(lease(world, &keys[1..2], "b", 100).await.is_empty());
        assert_eq!(lease(world, &keys[..1], "a", 100).await, keys[..1]);
        // Later first attempts wait; a retry and another subject do not.
        assert_eq!(lease(world, &keys, "b", 100).await, keys[2..3]);
        assert_eq!(lease(world, &strangers, "b", 100).await, strangers);
        assert!(lease(world, &keys[1..2], "a", 100).await.is_empty());
        let done = "UPDATE deliveries SET state = 'delivered' WHERE event = $1";
        world.sql(done, vec![keys[0].0.0.as_str().to_owned().into()]).await;
        assert_eq!(lease(world, &keys, "b", 100).await, keys[1..2]);
    });
}

#[test]
fn what_is_not_pending_is_not_leased() {
    on_postgres(async |world| {
        let mut random = Random::new(73);
        let keys = pending(world, &mut random, &[0]).await;
        world.sql("UPDATE deliveries SET state = 'delivered'", vec![]).await;
        assert!(lease(world, &keys, "a", 100).await.is_empty());
    });
}

#[test]
fn two_processes_never_hold_first_attempts_of_one_subject() {
    on_postgres(async |world| {
        let mut random = Random::new(74);
        for _ in 0..20 {
            let keys = pending(world, &mut random, &[0; 6]).await;
            let (a, b) = tokio::join!(lease(world, &keys, "a", 100), lease(world, &keys, "b", 100));
            assert_eq!([a, b].concat(), keys[..1], "the earliest, once");
        }
    });
}
