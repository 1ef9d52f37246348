//! The statement of an account: its totals wherever the account is read, and its payments.

use vasool_core::command::{Command, ScopedCommand};
use vasool_core::money::Paise;
use vasool_core::payment::Payment;
use vasool_core::scope::Mode;
use vasool_core::time::Time;
use vasool_core::virtual_account::{StatementLine, VirtualAccount, VirtualAccountState};
use vasool_core::working_set::{Key, Lookup, WorkingSet};
use vasool_store::reads::{AccountFilter, Page, PaymentFilter};
use vasool_store::{Store, StoreError};

use crate::driver::{Driver, credit, with_number};
use crate::kept::{all, versioned};
use crate::random::Random;
use crate::world::{World, batch, on_all};

const EVERYTHING: Page = Page { count: 100, skip: 0, from: None, to: None };

fn by_number(account: &VirtualAccount) -> Lookup {
    let number = account.account_number.clone().unwrap();
    Lookup::AccountNumber(account.scope.address_space(), number)
}

/// An active account with a number of its own that nobody has paid yet.
fn unpaid(random: &mut Random, at: usize) -> VirtualAccount {
    VirtualAccount {
        account_number: Some(format!("11122200000000{at:02}")),
        state: VirtualAccountState::Active,
        ..random.virtual_account()
    }
}

/// The account by id, by number, by both at once, alone and in lists: always the same.
async fn assert_totals(world: &World, account: &VirtualAccount) {
    let (by_id, by_number) = (Key::VirtualAccount(account.id), Key::Lookup(by_number(account)));
    for keys in [
        vec![by_id.clone()],
        vec![by_number.clone()],
        vec![by_id.clone(), by_number.clone()],
        vec![by_number, by_id],
    ] {
        let set = world.load(keys.clone()).await;
        let found = set.virtual_account(&account.id).unwrap();
        assert_eq!(found.as_deref(), Some(account), "{keys:?}");
    }
    let store = &world.store;
    let found = store.virtual_account(account.scope, account.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(account));
    let listed =
        store.virtual_accounts(account.scope, AccountFilter::default(), EVERYTHING).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(account));
}

#[test]
fn totals_are_those_of_the_last_line_wherever_an_account_is_read() {
    on_all(async |world| {
        let mut random = Random::new(100);
        let mut accounts: Vec<_> = (0..5).map(|at| unpaid(&mut random, at)).collect();
        let mut set = WorkingSet::default();
        // None, and as many as make the order of numbers differ from that of texts.
        for (account, payments) in accounts.iter_mut().zip([0, 1, 2, 12, 3]) {
            let lines = random.pay(account, payments);
            set.append().lines.extend(lines);
        }
        accounts.iter().cloned().for_each(|row| set.put_virtual_account(row));
        world.save(set).await.unwrap();
        for account in &accounts {
            assert_totals(world, account).await;
        }
        let keys = accounts.iter().map(|row| Key::Lookup(by_number(row))).collect();
        let set = world.load(keys).await;
        for account in &accounts {
            assert_eq!(set.virtual_account(&account.id).unwrap().as_deref(), Some(account));
        }
    });
}

#[test]
fn a_payment_adds_a_line_and_leaves_the_row_of_the_account() {
    on_all(async |world| {
        let mut random = Random::new(101);
        let account = unpaid(&mut random, 0);
        let mut set = WorkingSet::default();
        set.put_virtual_account(account.clone());
        world.save(set).await.unwrap();
        let mut paid = account.clone();
        let mut wanted = vec![];
        for _ in 0..3 {
            let mut set = world.load(vec![Key::VirtualAccount(account.id)]).await;
            let line = random.pay(&mut paid, 1).remove(0);
            set.append().lines.push(line.clone());
            set.put_virtual_account(paid.clone());
            world.save(set).await.unwrap();
            wanted.push(line);
            assert_totals(world, &paid).await;
        }
        assert_eq!(all::<StatementLine>(world).await, wanted);
        assert_eq!(versioned::<VirtualAccount>(world).await, [(account.clone(), 1)]);
        // A change of the row itself counts, and leaves the statement.
        let mut set = world.load(vec![Key::VirtualAccount(account.id)]).await;
        paid.state = VirtualAccountState::Closed { at: Time(7) };
        set.put_virtual_account(paid.clone());
        world.save(set).await.unwrap();
        assert_totals(world, &paid).await;
        let closed = VirtualAccount { state: paid.state, ..account };
        assert_eq!(versioned::<VirtualAccount>(world).await, [(closed, 2)]);
        assert_eq!(all::<StatementLine>(world).await, wanted);
    });
}

#[test]
fn two_batches_that_saw_the_same_totals_do_not_both_save() {
    on_all(async |world| {
        let mut random = Random::new(102);
        let account = unpaid(&mut random, 0);
        let mut set = WorkingSet::default();
        set.put_virtual_account(account.clone());
        world.save(set).await.unwrap();
        let mut first = world.load(vec![Key::VirtualAccount(account.id)]).await;
        let mut second = world.load(vec![Key::Lookup(by_number(&account))]).await;
        let mut paid = account.clone();
        for (set, own) in [(&mut first, &mut paid), (&mut second, &mut account.clone())] {
            set.append().lines.extend(random.pay(own, 1));
            set.put_virtual_account(own.clone());
        }
        world.save(first).await.unwrap();
        let refused = world.save(second).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert_totals(world, &paid).await;
    });
}

/// Credits an account of which only the key is known, and tells its totals in the batch.
async fn pay_once(store: Store, key: Key, account: VirtualAccount, noise: u64) {
    let mut random = Random::new(noise);
    loop {
        let mut session = store.begin().await.unwrap();
        let mut set = session.load(vec![key.clone()], WorkingSet::default()).await.unwrap();
        let found = set.virtual_account(&account.id).unwrap().unwrap();
        let mut paid = VirtualAccount {
            payments: found.payments + 1,
            amount_paid: found.amount_paid.checked_add(Paise::new(100).unwrap()).unwrap(),
            ..VirtualAccount::clone(&found)
        };
        paid.last_activity_at = Time(paid.payments);
        set.append().lines.push(paid.line(random.id(), Time(paid.payments)));
        set.put_virtual_account(paid);
        set.keep();
        // Locks are held for a while, so that others wait.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        match session.save(batch(set).into()).await {
            Ok(()) => return,
            // Where rows are locked, nobody has seen old totals.
            Err(StoreError::Conflict(text)) => {
                assert!(!matches!(store, Store::Postgres(_)), "{text}")
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_batch_that_waited_sees_the_totals_it_waited_for() {
    on_all(async |world| {
        let mut random = Random::new(103);
        let account = unpaid(&mut random, 0);
        let mut set = WorkingSet::default();
        set.put_virtual_account(account.clone());
        world.save(set).await.unwrap();
        let keys = [Key::VirtualAccount(account.id), Key::Lookup(by_number(&account))];
        let tasks: Vec<_> = (0..20)
            .map(|at| {
                let key = keys[at % 2].clone();
                tokio::spawn(pay_once(world.store.clone(), key, account.clone(), 200 + at as u64))
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let paid = VirtualAccount {
            payments: 20,
            amount_paid: Paise::new(2000).unwrap(),
            last_activity_at: Time(20),
            ..account
        };
        assert_totals(world, &paid).await;
        let numbers: Vec<i64> =
            all::<StatementLine>(world).await.iter().map(|line| line.number).collect();
        assert_eq!(numbers, (1..=20).collect::<Vec<i64>>());
    });
}

#[test]
fn payments_of_an_account_are_those_on_its_statement() {
    on_all(async |world| {
        let mut random = Random::new(104);
        let (scope, other) = (random.scope(Mode::Test), random.scope(Mode::Test));
        let mut account = VirtualAccount { scope, ..random.virtual_account() };
        let mut set = WorkingSet::default();
        let mut wanted: Vec<Payment> = vec![];
        // Out of the order of ids, as with several processes.
        let mut payments: Vec<Payment> = (0..6).map(|_| random.payment()).collect();
        payments.swap(2, 3);
        for (at, payment) in payments.into_iter().enumerate() {
            let created_at = Time(10 * (at as i64 + 1));
            let virtual_account = account.id;
            let virtual_account = Some(virtual_account);
            let payment = Payment { scope, created_at, virtual_account, ..payment };
            account.payments += 1;
            set.append().lines.push(account.line(payment.id, created_at));
            set.put_payment(payment.clone());
            wanted.insert(0, payment);
        }
        // Of another account, and without a line.
        let mut stranger = VirtualAccount { scope, ..random.virtual_account() };
        let payment = Payment { scope, virtual_account: Some(stranger.id), ..random.payment() };
        stranger.payments = 1;
        set.append().lines.push(stranger.line(payment.id, Time(30)));
        set.put_payment(payment.clone());
        world.save(set).await.unwrap();
        let list = async |scope, id, page| {
            let filter = PaymentFilter { virtual_account: Some(id), ..PaymentFilter::default() };
            world.store.payments(scope, filter, page).await.unwrap()
        };
        assert_eq!(list(scope, account.id, EVERYTHING).await, wanted);
        assert_eq!(list(scope, stranger.id, EVERYTHING).await, [payment]);
        assert_eq!(list(other, account.id, EVERYTHING).await, []);
        assert_eq!(list(scope, random.id(), EVERYTHING).await, []);
        let page = Page { count: 2, skip: 1, ..EVERYTHING };
        assert_eq!(list(scope, account.id, page).await, wanted[1..3]);
        let page = Page { skip: 6, ..EVERYTHING };
        assert_eq!(list(scope, account.id, page).await, []);
        // Both ends are included.
        let between = Page { from: Some(Time(20)), to: Some(Time(50)), ..EVERYTHING };
        assert_eq!(list(scope, account.id, between).await, wanted[1..5]);
        let from = Page { from: Some(Time(41)), ..EVERYTHING };
        assert_eq!(list(scope, account.id, from).await, wanted[..2]);
        let to = Page { to: Some(Time(19)), count: 1, ..EVERYTHING };
        assert_eq!(list(scope, account.id, to).await, wanted[5..]);
    });
}

#[test]
fn opened_credited_and_closed_in_one_batch_is_kept_whole() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 105);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        let account = driver.open(scope, with_number(None)).await;
        let close = |id| ScopedCommand::CloseVirtualAccount(id);
        let commands = [
            credit(&account, 1_000, "first"),
            credit(&account, 2_000, "second"),
            close(account.id),
            credit(&account, 4_000, "late"),
        ];
        let commands = commands.map(|command| Command::Scoped(scope.id, command));
        for answer in driver.run_all(commands.to_vec()).await {
            answer.unwrap();
        }
        let found = world.store.virtual_account(scope.id, account.id).await.unwrap().unwrap();
        assert_eq!((found.payments, found.amount_paid.get()), (3, 3_000));
        assert!(matches!(found.state, VirtualAccountState::Closed { .. }));
        assert_eq!(versioned::<VirtualAccount>(world).await[0].1, 2);
        assert_eq!(world.store.audit().await.unwrap().findings, []);
    });
}

/// Loads an account by a key while another batch closes it: what the load sees once it has waited.
async fn seen_behind_a_close(
    world: &World,
    account: &VirtualAccount,
    keys: Vec<Key>,
) -> WorkingSet {
    let mut holder = world.store.begin().await.unwrap();
    let own = vec![Key::VirtualAccount(account.id)];
    let mut set = holder.load(own, WorkingSet::default()).await.unwrap();
    let store = world.store.clone();
    let waiting = tokio::spawn(async move {
        let mut session = store.begin().await.unwrap();
        session.load(keys, WorkingSet::default()).await.unwrap()
    });
    // Until it waits for the lock, where there are locks.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!world.is_postgres() || !waiting.is_finished());
    let state = VirtualAccountState::Closed { at: Time(9) };
    set.put_virtual_account(VirtualAccount { state, ..account.clone() });
    set.keep();
    holder.save(batch(set).into()).await.unwrap();
    waiting.await.unwrap()
}

#[test]
fn a_batch_that_waited_for_a_close_still_finds_the_account() {
    on_all(async |world| {
        let mut random = Random::new(106);
        let accounts: Vec<_> = (0..4).map(|at| unpaid(&mut random, at)).collect();
        let stranger = unpaid(&mut random, 9);
        let mut set = WorkingSet::default();
        accounts.iter().chain([&stranger]).cloned().for_each(|row| set.put_virtual_account(row));
        world.save(set).await.unwrap();
        for (at, account) in accounts.iter().enumerate() {
            let number = by_number(account);
            let mut keys = match at {
                0 => vec![Key::Lookup(number.clone())],
                1 => vec![Key::VirtualAccount(account.id)],
                _ => vec![Key::VirtualAccount(account.id), Key::Lookup(number.clone())],
            };
            if at != 2 {
                keys.push(Key::Lookup(by_number(&stranger)));
            }
            let set = seen_behind_a_close(world, account, keys).await;
            let found = set.virtual_account(&account.id).unwrap().unwrap_or_else(|| panic!("{at}"));
            assert!(at == 1 || set.lookup(&number).unwrap() == &[account.id.0]);
            // Without locks it is what was committed before.
            let closed = VirtualAccountState::Closed { at: Time(9) };
            assert!(found.state == closed || !world.is_postgres(), "{found:?}");
        }
    });
}
