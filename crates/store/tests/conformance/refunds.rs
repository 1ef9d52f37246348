//! Refunds and what banks must do: lists, due rows, leases, sums.

use vasool_core::instruction::{Instruction, InstructionKey, InstructionState};
use vasool_core::refund::{Refund, RefundState};
use vasool_core::scope::Mode;
use vasool_core::tenant::TestClock;
use vasool_core::time::{Millis, Time};
use vasool_core::working_set::WorkingSet;
use vasool_store::reads::{Page, ReconKind};

use crate::driver::{Driver, credit, with_number};
use crate::random::Random;
use crate::world::{batch, on_all, on_postgres};

const ALL: Page = Page { count: 100, skip: 0, from: None, to: None };

#[test]
fn refunds_are_listed_newest_first() {
    on_all(async |world| {
        let mut random = Random::new(80);
        let (first, second) = (random.payment(), random.payment());
        let mut rows = vec![];
        for at in 0..6 {
            let payment = if at % 2 == 0 { &first } else { &second };
            rows.push(Refund {
                scope: first.scope,
                created_at: Time(1_000 + at / 2),
                receipt: None,
                ..random.refund(payment)
            });
        }
        let stranger = random.refund(&second);
        let mut set = WorkingSet::default();
        rows.iter().cloned().for_each(|row| set.put_refund(row));
        set.put_refund(stranger.clone());
        world.save(set).await.unwrap();
        rows.reverse();
        let store = &world.store;
        assert_eq!(store.refunds(first.scope, None, ALL).await.unwrap(), rows);
        let page = Page { count: 2, skip: 1, ..ALL };
        assert_eq!(store.refunds(first.scope, None, page).await.unwrap(), rows[1..3]);
        let page = Page { from: Some(Time(1_001)), to: Some(Time(1_001)), ..ALL };
        assert_eq!(store.refunds(first.scope, None, page).await.unwrap(), rows[2..4]);
        let own: Vec<Refund> = rows.iter().filter(|row| row.payment == first.id).cloned().collect();
        assert_eq!(store.refunds(first.scope, Some(first.id), ALL).await.unwrap(), own);
        assert_eq!(store.refund(first.scope, rows[0].id).await.unwrap(), Some(rows[0].clone()));
        assert_eq!(store.refund(first.scope, stranger.id).await.unwrap(), None);
    });
}

#[test]
fn banks_are_asked_by_the_clock_of_each_lane() {
    on_all(async |world| {
        let mut random = Random::new(81);
        let mut tenant = random.tenant();
        tenant.scope.id = random.scope(Mode::Test);
        tenant.scope.mode = Mode::Test;
        (tenant.retired, tenant.clock) = (false, TestClock { offset: 10_000, frozen_at: None });
        let payment = random.payment();
        let mut open = random.tenant();
        open.scope.id = random.scope(Mode::Live);
        (open.scope.mode, open.retired) = (Mode::Live, false);
        let (test, live) = (tenant.scope.id, open.scope.id);
        let mut row = |scope, state| {
            let refund = Refund { scope, receipt: None, ..random.refund(&payment) };
            Instruction { state, ..random.instruction(&refund) }
        };
        let at = |due| Millis(due);
        let late = row(test, InstructionState::Unknown { due: at(105_000) });
        let soon = row(test, InstructionState::Ordered { due: at(101_000) });
        let far = row(test, InstructionState::Pending { due: Some(at(200_000)) });
        let told = row(test, InstructionState::Pending { due: None });
        let done = row(test, InstructionState::Done);
        let real = row(live, InstructionState::Ordered { due: at(100_000) });
        let mut set = WorkingSet::default();
        set.put_tenant(tenant);
        set.put_tenant(open);
        for row in [&late, &soon, &far, &told, &done, &real] {
            set.put_instruction(row.clone());
        }
        world.save(set).await.unwrap();
        let store = &world.store;
        let lanes = store.instruction_lanes_due(at(100_000)).await.unwrap();
        assert_eq!(lanes, [(live.lane(), at(100_000)), (test.lane(), at(110_000))]);
        let due = store.instructions_due(test.lane(), at(110_000), 10).await.unwrap();
        assert_eq!(due, [soon.clone(), late]);
        let due = store.instructions_due(test.lane(), at(110_000), 1).await.unwrap();
        assert_eq!(due, std::slice::from_ref(&soon));
        assert_eq!(store.instruction_lanes_due(at(90_999)).await.unwrap(), []);
        assert_eq!(store.instruction(done.key).await.unwrap(), Some(done));
        let nobody = InstructionKey::PayRefund(random.id());
        assert_eq!(store.instruction(nobody).await.unwrap(), None);
        assert!(store.payout(soon).await.unwrap().is_none(), "its refund is not there");
    });
}

#[test]
fn one_process_asks_a_bank_until_its_lease_ends() {
    on_postgres(async |world| {
        let mut random = Random::new(82);
        let payment = random.payment();
        let refund = random.refund(&payment);
        let row = random.instruction(&refund);
        let mut set = WorkingSet::default();
        set.put_instruction(row.clone());
        world.save(set).await.unwrap();
        let store = &world.store;
        let lease = async |holder: &str, now: i64| {
            store.lease_instruction(row.key, holder, Millis(now), 1_000).await.unwrap()
        };
        assert!(lease("a", 100).await);
        assert!(!lease("b", 1_099).await);
        assert!(lease("b", 1_100).await, "a process that died loses its lease");
        store.release_instruction(row.key, "a").await.unwrap();
        assert!(!lease("a", 1_200).await, "what another holds is not released");
        store.release_instruction(row.key, "b").await.unwrap();
        assert!(lease("a", 1_200).await);
        let nobody = InstructionKey::PayRefund(random.id());
        assert!(!store.lease_instruction(nobody, "a", Millis(0), 1_000).await.unwrap());
    });
}

#[test]
fn a_debit_is_born_in_the_hands_of_its_process() {
    on_postgres(async |world| {
        let mut random = Random::new(83);
        let payment = random.payment();
        let refund = random.refund(&payment);
        let debit =
            Instruction { key: InstructionKey::Debit(random.id()), ..random.instruction(&refund) };
        let payout = random.instruction(&refund);
        let mut set = WorkingSet::default();
        set.put_instruction(debit.clone());
        set.put_instruction(payout.clone());
        set.keep();
        let store = &world.store;
        let session = store.begin().await.unwrap();
        let born = batch(set).in_the_hands_of("a", Millis(1_000));
        session.save(born.into()).await.unwrap();
        assert_eq!(store.instruction(debit.key).await.unwrap().as_ref(), Some(&debit));
        let lease = async |row: &Instruction, holder: &str, now: i64| {
            store.lease_instruction(row.key, holder, Millis(now), 500).await.unwrap()
        };
        assert!(!lease(&debit, "b", 999).await);
        assert!(lease(&debit, "a", 999).await, "it knows what it is working on");
        assert!(!lease(&debit, "b", 1_498).await);
        assert!(lease(&debit, "b", 1_499).await);
        assert!(lease(&payout, "b", 0).await, "all else is leased before anyone is asked");
    });
}

#[test]
fn recon_adds_up_to_what_is_owed() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 83);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        let account = driver.open(scope, with_number(None)).await;
        for at in 0..3 {
            driver.did(scope, credit(&account, 100_000, &format!("U{at}"))).await;
        }
        let paid = world.store.payments(scope.id, Default::default(), ALL).await.unwrap();
        driver.refund(scope, paid[0].id, 30_000).await;
        let failed = driver.refund(scope, paid[1].id, 40_000).await;
        let no = vasool_core::instruction::BankAnswer::Refused { reason: "closed".to_owned() };
        driver.bank_says(scope, &failed, no).await;
        let failed = world.store.refund(scope.id, failed.id).await.unwrap().unwrap();
        assert_eq!(failed.state, RefundState::Failed);
        let day = (Time(0), Time(i64::MAX));
        let rows = world.store.recon(scope.id, day, (100, 0)).await.unwrap();
        let kinds: Vec<ReconKind> = rows.iter().map(|row| row.kind).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == ReconKind::Refund).count(), 1);
        let sum: i64 = rows
            .iter()
            .map(|row| match row.kind {
                ReconKind::Payment => row.amount.get() - row.fee.get(),
                ReconKind::Refund => -row.amount.get(),
            })
            .sum();
        assert_eq!(world.store.payable(scope.id).await.unwrap(), sum);
        assert!(rows.is_sorted_by(|a, b| { (a.created_at, a.entity) > (b.created_at, b.entity) }));
        let page = world.store.recon(scope.id, day, (2, 1)).await.unwrap();
        assert_eq!(page, rows[1..3]);
        let before = (Time(0), rows[3].created_at);
        assert_eq!(world.store.recon(scope.id, before, (100, 0)).await.unwrap(), []);
        let other = driver.merchant("Other").await.scope(Mode::Test);
        assert_eq!(world.store.recon(other.id, day, (100, 0)).await.unwrap(), []);
        assert_eq!(world.store.payable(other.id).await.unwrap(), 0);
    });
}
