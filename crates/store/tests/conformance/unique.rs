//! What may exist once only.

use vasool_core::customer::Customer;
use vasool_core::receiver::VpaReceiver;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::scope::Mode;
use vasool_core::virtual_account::{StatementLine, VirtualAccount, VirtualAccountState};
use vasool_core::working_set::{Key, Lookup, WorkingSet};
use vasool_store::StoreError;

use crate::kept::count;
use crate::random::Random;
use crate::world::{World, on_all};

async fn put(world: &World, change: impl FnOnce(&mut WorkingSet)) -> Result<(), StoreError> {
    let mut set = WorkingSet::default();
    change(&mut set);
    world.save(set).await
}

async fn clashes(world: &World, change: impl FnOnce(&mut WorkingSet)) {
    let refused = put(world, change).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

fn account(random: &mut Random, mode: Mode) -> VirtualAccount {
    VirtualAccount {
        scope: random.scope(mode),
        account_number: Some("1112220000000001".to_owned()),
        state: VirtualAccountState::Active,
        ..random.virtual_account()
    }
}

#[test]
fn an_active_number_is_unique_in_its_address_space() {
    on_all(async |world| {
        let mut random = Random::new(20);
        let first = account(&mut random, Mode::Live);
        put(world, |set| set.put_virtual_account(first.clone())).await.unwrap();
        // All live merchants share a space.
        let second = account(&mut random, Mode::Live);
        clashes(world, |set| set.put_virtual_account(second.clone())).await;
        // Each test scope has its own.
        for _ in 0..2 {
            let test = account(&mut random, Mode::Test);
            put(world, |set| set.put_virtual_account(test.clone())).await.unwrap();
            let same = VirtualAccount { id: random.id(), ..test };
            clashes(world, |set| set.put_virtual_account(same)).await;
        }
        // Closing frees the number, also for a new account in the same batch.
        let mut set = world.load(vec![Key::VirtualAccount(first.id)]).await;
        let state = VirtualAccountState::Closed { at: first.created_at };
        set.put_virtual_account(VirtualAccount { state, ..first });
        set.put_virtual_account(second);
        world.save(set).await.unwrap();
        assert_eq!(count::<VirtualAccount>(world).await, 4);
    });
}

#[test]
fn an_active_upi_address_is_unique_in_its_address_space() {
    on_all(async |world| {
        let mut random = Random::new(22);
        let vpa = |random: &mut Random| VpaReceiver {
            id: random.id(),
            username: "rpy.payto00000descriptor".to_owned(),
            handle: "icici".to_owned(),
        };
        let (mode, state) = (Mode::Test, VirtualAccountState::Active);
        let mut first = VirtualAccount { account_number: None, ..account(&mut random, mode) };
        first.vpa = Some(vpa(&mut random));
        put(world, |set| set.put_virtual_account(first.clone())).await.unwrap();
        let second = VirtualAccount {
            id: random.id(),
            vpa: Some(vpa(&mut random)),
            qr_code: None,
            state,
            ..first.clone()
        };
        clashes(world, |set| set.put_virtual_account(second.clone())).await;
        // Another space, and the same once the first is closed.
        let other = VirtualAccount { id: random.id(), scope: random.scope(mode), ..second.clone() };
        put(world, |set| set.put_virtual_account(other)).await.unwrap();
        let mut set = world.load(vec![Key::VirtualAccount(first.id)]).await;
        let state = VirtualAccountState::Closed { at: first.created_at };
        set.put_virtual_account(VirtualAccount { state, ..first });
        set.put_virtual_account(second);
        world.save(set).await.unwrap();
    });
}

#[test]
fn a_transfer_is_booked_once() {
    on_all(async |world| {
        let mut random = Random::new(21);
        let payment = random.payment();
        let first = random.transfer(&payment);
        put(world, |set| set.put_transfer(first.clone())).await.unwrap();
        let mut again = first.clone();
        again.payment = random.id();
        again.bank_reference = first.bank_reference.to_ascii_lowercase();
        clashes(world, |set| set.put_transfer(again.clone())).await;
        again.connector.push('x');
        put(world, |set| set.put_transfer(again)).await.unwrap();
    });
}

#[test]
fn a_receipt_is_unique_per_payment_and_a_key_per_scope() {
    on_all(async |world| {
        let mut random = Random::new(24);
        let payment = random.payment();
        let receipt = Some("RF-1".to_owned());
        let first = Refund { receipt: receipt.clone(), ..random.refund(&payment) };
        put(world, |set| set.put_refund(first.clone())).await.unwrap();
        let lookup = Lookup::RefundReceipt(payment.id, "RF-1".to_owned());
        let set = world.load(vec![Key::Lookup(lookup.clone())]).await;
        assert_eq!(set.lookup(&lookup).unwrap().as_slice(), [first.id.0]);
        let second = Refund { receipt: receipt.clone(), ..random.refund(&payment) };
        clashes(world, |set| set.put_refund(second.clone())).await;
        put(world, |set| set.put_refund(Refund { receipt: None, ..second })).await.unwrap();
        let other = random.payment();
        let elsewhere = Refund { receipt, ..random.refund(&other) };
        put(world, |set| set.put_refund(elsewhere.clone())).await.unwrap();

        let used = random.idempotency(&first);
        put(world, |set| set.put_idempotency(used.clone())).await.unwrap();
        let again = IdempotencyRecord { refund: elsewhere.id, ..used.clone() };
        clashes(world, |set| set.put_idempotency(again)).await;
        let stranger = IdempotencyRecord { scope: random.scope(Mode::Live), ..used };
        put(world, |set| set.put_idempotency(stranger)).await.unwrap();
    });
}

#[test]
fn a_customer_is_one_person() {
    on_all(async |world| {
        let mut random = Random::new(22);
        let first = Customer {
            email: Some("Meera@Example.test".to_owned()),
            contact: Some("9000012345".to_owned()),
            ..random.customer()
        };
        put(world, |set| set.put_customer(first.clone())).await.unwrap();
        let again = Customer {
            id: random.id(),
            email: Some("meera@example.test".to_owned()),
            contact: Some("+91 90000-12345".to_owned()),
            ..first.clone()
        };
        clashes(world, |set| set.put_customer(again.clone())).await;
        let scope = random.scope(Mode::Test);
        put(world, |set| set.put_customer(Customer { scope, ..again })).await.unwrap();
        // Without e-mail and contact nobody is the same.
        for _ in 0..2 {
            let nobody = Customer { id: random.id(), email: None, contact: None, ..first.clone() };
            put(world, |set| set.put_customer(nobody)).await.unwrap();
        }
    });
}

#[test]
fn what_is_only_added_is_written_once() {
    on_all(async |world| {
        let mut random = Random::new(23);
        let payment = random.payment();
        let posting = random.posting(&payment);
        let mut account = random.virtual_account();
        let occurrence = random.occurrence(&account);
        let line = random.pay(&mut account, 1).remove(0);
        let (message, alert) = (random.message(), random.alert());
        let attempt = {
            let delivery = random.delivery();
            random.attempt(&delivery)
        };
        put(world, |set| {
            set.post(posting.clone());
            set.append().occurrences.push(occurrence.clone());
            set.append().lines.push(line.clone());
            set.append().attempts.push(attempt.clone());
            set.append().messages.push(message.clone());
            set.append().alerts.push(alert.clone());
        })
        .await
        .unwrap();
        clashes(world, |set| set.post(posting)).await;
        clashes(world, |set| set.append().occurrences.push(occurrence)).await;
        // The next number is another line, whatever else is the same.
        let same = StatementLine { payment: random.id(), ..line.clone() };
        clashes(world, |set| set.append().lines.push(same)).await;
        let next = StatementLine { number: 2, ..line };
        put(world, |set| set.append().lines.push(next)).await.unwrap();
        clashes(world, |set| set.append().attempts.push(attempt)).await;
        clashes(world, |set| set.append().messages.push(message)).await;
        clashes(world, |set| set.append().alerts.push(alert)).await;
    });
}

#[test]
fn scopes_and_epochs_are_not_shared() {
    on_all(async |world| {
        let mut random = Random::new(24);
        let (first, mut second) = (random.merchant(), random.merchant());
        put(world, |set| set.put_merchant(first.clone())).await.unwrap();
        second.live_scope = first.live_scope;
        clashes(world, |set| set.put_merchant(second)).await;
        let tenant = random.tenant();
        put(world, |set| set.put_tenant(tenant.clone())).await.unwrap();
        let mut same = tenant.clone();
        same.scope.id = random.scope(tenant.scope.mode);
        clashes(world, |set| set.put_tenant(same)).await;
    });
}
