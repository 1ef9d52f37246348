//! Operators: single statements of which two at once never both succeed.

use vasool_core::id::{OperatorId, RawId};
use vasool_core::time::Millis;
use vasool_store::operators::{Change, LinkState, NewSession, Role, Try};

use crate::world::{World, on_databases};

const NOW: Millis = Millis(1_000_000);
const LATER: Millis = Millis(2_000_000);

fn id(number: u32) -> OperatorId {
    OperatorId(RawId::parse(&format!("QcC3Meera{number:05}")).unwrap())
}

/// An operator with a password.
async fn operator(world: &World, number: u32, role: Role) -> OperatorId {
    let (store, email) = (&world.store, format!("m{number}@example.test"));
    assert!(store.create_operator(id(number), &email, "Meera", role, NOW).await.unwrap());
    assert!(store.set_operator_password(id(number), 0, "hash").await.unwrap());
    id(number)
}

#[test]
fn an_email_has_one_account_and_a_server_one_founder() {
    on_databases(async |world| {
        let store = &world.store;
        assert!(!store.has_operators().await.unwrap());
        let found = async |number| {
            let email = format!("m{number}@example.test");
            store.create_first_operator(id(number), &email, "Meera", "hash", NOW).await.unwrap()
        };
        let all = futures(found(1), found(2)).await;
        assert!(all.0 != all.1, "{all:?}");
        assert!(!found(3).await);
        let one = store.operators().await.unwrap().remove(0);
        assert_eq!((one.role, one.has_password, one.epoch), (Role::Admin, true, 1));
        let again = store.create_operator(id(4), &one.email, "Other", Role::View, NOW).await;
        assert!(!again.unwrap());
        let (same, hash) = store.operator_of_email(&one.email).await.unwrap().unwrap();
        assert_eq!((same, hash.as_deref()), (one, Some("hash")));
        assert!(store.operator_of_email("nobody@example.test").await.unwrap().is_none());
    });
}

/// Two at once.
async fn futures<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> (T, T) {
    tokio::join!(one, other)
}

#[test]
fn a_link_is_used_once() {
    on_databases(async |world| {
        let store = &world.store;
        let meera = operator(world, 1, Role::View).await;
        store.create_link("aa", Some(meera), NOW, LATER).await.unwrap();
        assert_eq!(store.link("aa", NOW).await.unwrap().unwrap().state, LinkState::Open);
        assert_eq!(store.link("aa", LATER).await.unwrap().unwrap().state, LinkState::Expired);
        assert!(store.link("bb", NOW).await.unwrap().is_none());
        assert!(!store.use_link("aa", LATER).await.unwrap());
        let used = futures(store.use_link("aa", NOW), store.use_link("aa", NOW)).await;
        assert!(used.0.unwrap() != used.1.unwrap());
        assert_eq!(store.link("aa", NOW).await.unwrap().unwrap().state, LinkState::Used);
        for digest in ["cc", "dd"] {
            store.create_link(digest, Some(meera), NOW, LATER).await.unwrap();
        }
        assert_eq!(store.link("cc", NOW).await.unwrap().unwrap().state, LinkState::Used);
        store.create_link("ee", None, NOW, LATER).await.unwrap();
        let first = store.link("ee", NOW).await.unwrap().unwrap();
        assert_eq!((first.operator, first.state), (None, LinkState::Used), "there is an operator");
        store.disable_operator(meera, NOW, "x").await.unwrap();
        assert_eq!(store.link("dd", NOW).await.unwrap().unwrap().state, LinkState::Used);
    });
}

#[test]
fn a_session_holds_while_its_account_does() {
    on_databases(async |world| {
        let store = &world.store;
        let meera = operator(world, 1, Role::View).await;
        let begin = async |digest: &str, epoch| {
            let session = NewSession {
                digest,
                operator: meera,
                epoch,
                csrf: "csrf",
                browser: "",
                now: NOW,
                expires: LATER,
            };
            store.begin_session(session).await.unwrap();
        };
        let holds = async |digest: &str, now| {
            let idle_since = Millis(now - 500_000);
            store.session(digest, Millis(now), idle_since).await.unwrap().is_some()
        };
        begin("aa", 1).await;
        begin("bb", 1).await;
        assert!(holds("aa", 1_000_000).await && !holds("cc", 1_000_000).await);
        assert!(!holds("aa", 1_500_000).await, "idle");
        store.touch_session("aa", Millis(1_700_000)).await.unwrap();
        assert!(holds("aa", 1_900_000).await && !holds("bb", 1_900_000).await);
        assert!(!holds("aa", 2_000_000).await, "its end");
        assert_eq!(store.sessions_of(meera, NOW, Millis(0)).await.unwrap().len(), 2);
        assert_eq!(store.end_other_sessions(meera, "aa").await.unwrap(), 1);
        assert!(!store.set_operator_password(meera, 0, "late").await.unwrap(), "changed meanwhile");
        assert!(holds("aa", 1_900_000).await);
        assert!(store.set_operator_password(meera, 1, "new").await.unwrap());
        assert!(!holds("aa", 1_900_000).await);
        begin("dd", 2).await;
        store.disable_operator(meera, NOW, "x").await.unwrap();
        assert!(!holds("dd", 1_000_000).await);
        store.enable_operator(meera).await.unwrap();
        assert!(!holds("dd", 1_000_000).await, "an ended session does not come back");
    });
}

#[test]
fn somebody_stays_an_admin() {
    on_databases(async |world| {
        let store = &world.store;
        let (one, other) =
            (operator(world, 1, Role::Admin).await, operator(world, 2, Role::Admin).await);
        for round in 0..10_i64 {
            let now = Millis(NOW.0 + round * 60_000);
            let (a, b) = futures(
                store.set_operator_role(one, Role::View, now, "a"),
                store.set_operator_role(other, Role::View, now, "b"),
            )
            .await;
            let made = [a.unwrap(), b.unwrap()].iter().filter(|one| **one == Change::Made).count();
            assert_eq!(made, 1, "one of two, each time");
            for id in [one, other] {
                let changed = store.set_operator_role(id, Role::Admin, now, "c").await.unwrap();
                assert_eq!(changed, Change::Made);
            }
        }
        assert_eq!(store.disable_operator(one, NOW, "a").await.unwrap(), Change::Made);
        assert_eq!(store.disable_operator(other, NOW, "a").await.unwrap(), Change::LastAdmin);
        assert!(store.operator(other).await.unwrap().unwrap().disabled.is_none());
    });
}

#[test]
fn tries_are_counted_before_they_are_made() {
    on_databases(async |world| {
        let store = &world.store;
        let take = async |now| store.take_try("aa", Millis(now), 900_000, 2).await.unwrap();
        let (one, other) = futures(take(1_000_000), take(1_000_000)).await;
        assert_eq!((one, other), (Try::Free, Try::Free));
        assert_eq!(take(1_500_000).await, Try::Wait { until: Millis(1_900_000) });
        assert_eq!(store.take_try("bb", NOW, 900_000, 2).await.unwrap(), Try::Free);
        assert_eq!(take(1_900_000).await, Try::Free, "counted anew");
        assert_eq!(take(1_900_000).await, Try::Free);
        store.forget_tries("aa").await.unwrap();
        assert_eq!(take(1_900_001).await, Try::Free);
    });
}
