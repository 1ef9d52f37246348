//! What falls due, on whose clock.

use vasool_core::id::VirtualAccountId;
use vasool_core::scope::{Lane, Mode, ScopeId};
use vasool_core::tenant::{Tenant, TestClock};
use vasool_core::time::Millis;
use vasool_core::timer::{Timer, TimerKey};
use vasool_core::webhook::{Delivery, DeliveryState};
use vasool_core::working_set::WorkingSet;

use crate::kept::all;
use crate::random::Random;
use crate::world::{World, on_all};

const NOW: Millis = Millis(1_000_000);

fn timer(random: &mut Random, scope: ScopeId, due: i64) -> Timer {
    Timer { key: TimerKey::CloseVirtualAccount(random.id()), scope, due: Millis(due) }
}

fn tenant(random: &mut Random, mode: Mode, clock: TestClock, retired: bool) -> Tenant {
    let mut tenant = random.tenant();
    tenant.scope.mode = mode;
    tenant.scope.id = random.scope(mode);
    tenant.settings = vasool_core::settings::Settings::defaults(mode);
    Tenant { clock, retired, ..tenant }
}

async fn timers(world: &World) -> Vec<Timer> {
    let mut timers = all::<Timer>(world).await;
    timers.sort_by_key(|timer| timer.key);
    timers
}

#[test]
fn timers_are_replaced_cleared_and_looked_at_again() {
    on_all(async |world| {
        let mut random = Random::new(40);
        let (scope, other) = (random.scope(Mode::Test), random.scope(Mode::Test));
        let first: Vec<Timer> = (0..100).map(|at| timer(&mut random, scope, 1000 + at)).collect();
        let stranger = timer(&mut random, other, 5);
        let live = timer(&mut random, ScopeId(-3), 5);
        let mut set = WorkingSet::default();
        first.iter().chain([&stranger, &live]).for_each(|timer| set.set_timer(*timer));
        world.save(set).await.unwrap();

        let later = |timer: &Timer| Timer { due: Millis(9000), ..*timer };
        let mut set = WorkingSet::default();
        for timer in &first[..80] {
            set.set_timer(later(timer));
        }
        set.clear_timer(first[80].key);
        // The last word counts.
        set.clear_timer(first[81].key);
        set.set_timer(later(&first[81]));
        set.set_timer(later(&first[82]));
        set.clear_timer(first[82].key);
        set.clear_timer(TimerKey::CloseVirtualAccount(random.id()));
        world.save(set).await.unwrap();
        let mut wanted: Vec<Timer> = first[..80].iter().map(later).collect();
        wanted.push(later(&first[81]));
        wanted.extend(&first[83..]);
        wanted.extend([stranger, live]);
        wanted.sort_by_key(|timer| timer.key);
        assert_eq!(timers(world).await, wanted);

        let mut set = WorkingSet::default();
        set.append().rearmed.push(scope);
        world.save(set).await.unwrap();
        for timer in wanted.iter_mut().filter(|timer| timer.scope == scope) {
            timer.due = Millis(0);
        }
        assert_eq!(timers(world).await, wanted);
        let mut set = WorkingSet::default();
        set.append().rearmed.push(live.scope);
        world.save(set).await.unwrap();
        let live = timers(world).await.into_iter().find(|timer| timer.scope == live.scope);
        assert_eq!(live.map(|timer| timer.due), Some(Millis(0)));
    });
}

#[test]
fn a_lane_is_due_on_its_own_clock() {
    on_all(async |world| {
        let mut random = Random::new(41);
        let running = TestClock::default();
        let ahead = TestClock { offset: 500_000, frozen_at: None };
        let frozen = TestClock { offset: 500_000, frozen_at: Some(Millis(10)) };
        let tenants = [
            tenant(&mut random, Mode::Live, running, false),
            tenant(&mut random, Mode::Test, running, false),
            tenant(&mut random, Mode::Test, ahead, false),
            tenant(&mut random, Mode::Test, frozen, false),
            tenant(&mut random, Mode::Test, ahead, true),
            tenant(&mut random, Mode::Test, running, false),
        ];
        let due = [NOW.0, NOW.0, NOW.0 + 500_000, 10, 0, NOW.0 + 1];
        let mut set = WorkingSet::default();
        for (tenant, due) in tenants.iter().zip(due) {
            set.put_tenant(tenant.clone());
            for more in [0, 1, 7_000_000] {
                set.set_timer(timer(&mut random, tenant.scope.id, due + more));
                let state = DeliveryState::Pending { due: Millis(due + more) };
                let scope = tenant.scope.id;
                set.put_delivery(Delivery { scope, state, ..random.delivery() });
            }
        }
        world.save(set).await.unwrap();
        let mut wanted = vec![
            (Lane(tenants[1].scope.id.0), NOW),
            (Lane(tenants[2].scope.id.0), Millis(NOW.0 + 500_000)),
            (Lane(tenants[3].scope.id.0), Millis(10)),
        ];
        wanted.sort_unstable();
        wanted.insert(0, (Lane::LIVE, NOW));
        assert_eq!(world.store.timer_lanes_due(NOW).await.unwrap(), wanted);
        assert_eq!(world.store.delivery_lanes_due(NOW).await.unwrap(), wanted);
        // A moment before, only the frozen clock is where it was.
        let before = world.store.timer_lanes_due(Millis(NOW.0 - 1)).await.unwrap();
        assert_eq!(before, [(Lane(tenants[3].scope.id.0), Millis(10))]);
    });
}

#[test]
fn what_is_due_comes_in_order_and_no_more_than_asked_for() {
    on_all(async |world| {
        let mut random = Random::new(42);
        let scope = random.scope(Mode::Test);
        let mut set = WorkingSet::default();
        let mut wanted = vec![];
        for at in [5i64, 3, 9, 3, 1, 7] {
            let timer = timer(&mut random, scope, at);
            set.set_timer(timer);
            let state = DeliveryState::Pending { due: Millis(at) };
            let delivery = Delivery { scope, state, ..random.delivery() };
            set.put_delivery(delivery.clone());
            wanted.push((at, timer, delivery));
        }
        let state = DeliveryState::Delivered;
        set.put_delivery(Delivery { scope, state, ..random.delivery() });
        world.save(set).await.unwrap();
        wanted.retain(|(due, ..)| *due <= 7);
        // Ids increase, so equal times keep the order of creation.
        wanted.sort_by_key(|(due, ..)| *due);
        let (lane, now) = (scope.lane(), Millis(7));
        let timers: Vec<Timer> = wanted.iter().map(|(_, timer, _)| *timer).collect();
        let deliveries: Vec<Delivery> = wanted.iter().map(|(.., row)| row.clone()).collect();
        assert_eq!(world.store.timers_due(lane, now, 100).await.unwrap(), timers);
        assert_eq!(world.store.timers_due(lane, now, 2).await.unwrap(), timers[..2]);
        assert_eq!(world.store.deliveries_due(lane, now, 100, 0).await.unwrap(), deliveries);
        assert_eq!(world.store.deliveries_due(lane, now, 2, 1).await.unwrap(), deliveries[1..3]);
        assert!(world.store.timers_due(Lane::LIVE, now, 100).await.unwrap().is_empty());
        let subject: VirtualAccountId = random.id();
        assert!(timers.iter().all(|timer| timer.key.subject() != subject.0));
    });
}
