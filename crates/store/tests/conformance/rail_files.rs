//! Files of rails and messages on their way: single statements that may be repeated.

use vasool_core::filing::Filing;
use vasool_core::id::{PaymentId, RawId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::money::Paise;
use vasool_core::scope::{Lane, Mode, ScopeId};
use vasool_core::time::Millis;
use vasool_core::working_set::WorkingSet;
use vasool_store::StoreError;
use vasool_store::rail_files::{Filed, InState, NewFile, OutState};

use crate::world::{World, on_databases};

const LIVE: ScopeId = ScopeId(-7);
const LANE: Lane = Lane(0);

fn payment(number: u32) -> PaymentId {
    PaymentId(RawId::parse(&format!("QcC3Rent{number:06}")).unwrap())
}

async fn queue(world: &World, numbers: std::ops::Range<u32>, due: i64) {
    let mut set = WorkingSet::default();
    set.append().filings.extend(numbers.map(|number| Filing {
        key: InstructionKey::Present(payment(number)),
        number: 1,
        scope: LIVE,
        connector: "hdfc".to_owned(),
        amount: Paise::new(100).unwrap(),
        due: Millis(due),
    }));
    world.save(set).await.unwrap();
}

fn new_file(day: &str) -> NewFile<'_> {
    NewFile { connector: "hdfc", kind: "present", lane: LANE, day, now: Millis(50) }
}

#[test]
fn a_row_is_in_one_file_and_a_number_is_used_once() {
    assert_eq!(LIVE.mode(), Mode::Live);
    on_databases(async |world| {
        let store = &world.store;
        queue(world, 0..5, 10).await;
        queue(world, 5..6, 99).await;
        let lanes = store.filing_lanes_due("hdfc", "present", Millis(50)).await.unwrap();
        assert_eq!(lanes, [(LANE, Millis(50))]);
        assert_eq!(store.filing_lanes_due("hdfc", "register", Millis(50)).await.unwrap(), []);
        assert_eq!(store.filing_lanes_due("hdfc", "present", Millis(5)).await.unwrap(), []);
        let first = store.open_rail_file(new_file("2026-11-23")).await.unwrap();
        assert_eq!((first.sequence, first.state), (1, OutState::Filling));
        assert_eq!(store.fill_rail_file("hdfc", &first, Millis(50), 3).await.unwrap(), 3);
        store.seal_rail_file(&first, "A.txt").await.unwrap();
        assert_eq!(store.fill_rail_file("hdfc", &first, Millis(50), 3).await.unwrap(), 0, "sealed");
        let sealed = store.rail_file_named("hdfc", "A.txt").await.unwrap().unwrap();
        assert_eq!((sealed.items, sealed.amount.get()), (3, 300));
        let second = store.open_rail_file(new_file("2026-11-23")).await.unwrap();
        assert_eq!(second.sequence, 2);
        assert_eq!(store.fill_rail_file("hdfc", &second, Millis(50), 9).await.unwrap(), 2);
        assert!(!store.has_filings_ready("hdfc", "present", LANE, Millis(50)).await.unwrap());
        store.void_rail_file(&second.id).await.unwrap();
        let third = store.open_rail_file(new_file("2026-11-23")).await.unwrap();
        assert_eq!(third.sequence, 3, "a number that was given up is not used again");
        let other = store.open_rail_file(new_file("2026-11-24")).await.unwrap();
        assert_eq!(other.sequence, 1);
        // Only one process writes it.
        assert!(store.rail_file_written(&first.id, "A.part", "00").await.unwrap());
        assert!(!store.rail_file_written(&first.id, "B.part", "11").await.unwrap());
        store.rail_file_out(&first.id).await.unwrap();
        let out = store.rail_file_named("hdfc", "A.txt").await.unwrap().unwrap();
        assert_eq!((out.state, out.part.as_deref()), (OutState::Out, Some("A.part")));
        let open = store.unfinished_rail_files("hdfc").await.unwrap();
        let open: Vec<&str> = open.iter().map(|file| file.id.as_str()).collect();
        assert_eq!(open, [third.id.as_str(), other.id.as_str()]);
    });
}

#[test]
fn what_is_out_of_its_queue_gets_into_no_file() {
    on_databases(async |world| {
        let store = &world.store;
        queue(world, 0..2, 10).await;
        let key = |number| InstructionKey::Present(payment(number));
        assert_eq!(store.filing(key(0), 1).await.unwrap(), Some(Filed::Waiting));
        assert!(store.drop_filing(key(0), 1).await.unwrap());
        assert!(!store.drop_filing(key(0), 1).await.unwrap());
        assert_eq!(store.filing(key(0), 1).await.unwrap(), Some(Filed::Dropped));
        let file = store.open_rail_file(new_file("2026-11-23")).await.unwrap();
        assert_eq!(store.fill_rail_file("hdfc", &file, Millis(50), 9).await.unwrap(), 1);
        let in_file = Some(Filed::InFile { made: Millis(50) });
        assert_eq!(store.filing(key(1), 1).await.unwrap(), in_file);
        assert!(!store.drop_filing(key(1), 1).await.unwrap());
        assert_eq!(store.filing(key(2), 1).await.unwrap(), None);
    });
}

#[test]
fn a_number_of_the_network_leads_to_one_mandate() {
    on_databases(async |world| {
        let store = &world.store;
        let token = |number: u32| TokenId(payment(number).0);
        let mut set = WorkingSet::default();
        set.append().filings.extend((0..2).map(|number| Filing {
            key: InstructionKey::Register(token(number)),
            number: 1,
            scope: LIVE,
            connector: "hdfc".to_owned(),
            amount: Paise::ZERO,
            due: Millis(0),
        }));
        world.save(set).await.unwrap();
        let umrn = "HDFC0000000000000001";
        for _ in 0..2 {
            store.number_mandate("hdfc", token(0), umrn).await.unwrap();
        }
        let taken = store.number_mandate("hdfc", token(1), umrn).await;
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
        assert_eq!(store.umrn_of(token(0)).await.unwrap().as_deref(), Some(umrn));
        assert_eq!(store.umrn_of(token(1)).await.unwrap(), None);
    });
}

#[test]
fn a_received_file_is_known_by_name_and_digest() {
    on_databases(async |world| {
        let store = &world.store;
        let none = (0, Paise::ZERO);
        let record = async |digest: &str, reason| {
            let (now, name) = (Millis(5), "B.txt");
            store.record_in_file("hdfc", "response", name, digest, LANE, now, none, reason).await
        };
        assert_eq!(store.in_file("hdfc", "B.txt", "00").await.unwrap(), None);
        record("00", Some("torn")).await.unwrap();
        let bad = store.in_file("hdfc", "B.txt", "00").await.unwrap().unwrap();
        assert_eq!(bad.state, InState::Bad);
        assert_eq!(store.in_file("hdfc", "B.txt", "11").await.unwrap(), None);
        let file = record("11", None).await.unwrap();
        store.in_file_done(&file.id, 512, false).await.unwrap();
        let known = store.in_file("hdfc", "B.txt", "11").await.unwrap().unwrap();
        assert_eq!(known.state, InState::Applying { done: 512 });
        store.in_file_done(&file.id, 600, true).await.unwrap();
        let known = store.in_file("hdfc", "B.txt", "11").await.unwrap().unwrap();
        assert_eq!(known.state, InState::Applied);
        let refused = store.refused_files("hdfc").await.unwrap();
        assert_eq!(refused, [("B.txt".to_owned(), "torn".to_owned())]);
    });
}

#[test]
fn one_holder_has_a_lease() {
    on_databases(async |world| {
        let store = &world.store;
        let take = async |holder: &str, now| {
            store.take_lease("rail hdfc", holder, Millis(now), 100).await.unwrap()
        };
        assert!(take("a", 0).await && take("a", 50).await);
        // SQLite serves one process, so there is nobody to keep out.
        assert_eq!(take("b", 100).await, !world.is_postgres());
        assert!(take("b", 151).await);
        assert_eq!(take("a", 160).await, !world.is_postgres());
        store.release_lease("rail hdfc", "b").await.unwrap();
        assert!(take("a", 161).await);
    });
}
