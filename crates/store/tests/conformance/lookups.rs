//! Rows found by something other than their id.

use vasool_core::customer::identity;
use vasool_core::id::RawId;
use vasool_core::instruction::InstructionKey;
use vasool_core::receiver::VpaReceiver;
use vasool_core::scope::Mode;
use vasool_core::virtual_account::{VirtualAccount, VirtualAccountState};
use vasool_core::working_set::{Key, Lookup, WorkingSet};

use crate::random::Random;
use crate::world::{World, on_all};

const NUMBER: &str = "1112220000000001";

async fn find(world: &World, lookup: Lookup) -> (Vec<RawId>, WorkingSet) {
    let set = world.load(vec![Key::Lookup(lookup.clone())]).await;
    (set.lookup(&lookup).unwrap().clone(), set)
}

#[test]
fn what_does_not_exist_is_known_not_to() {
    on_all(async |world| {
        let mut random = Random::new(30);
        let (payment, scope) = (random.payment(), random.scope(Mode::Test));
        let transfer = random.transfer(&payment);
        let delivery = (random.id(), random.id());
        let lookups = [
            Lookup::Endpoints(scope),
            Lookup::Faults(scope),
            Lookup::CustomerIdentity(scope, "x".to_owned()),
            Lookup::AccountNumber(scope.address_space(), NUMBER.to_owned()),
            Lookup::NumberUse(NUMBER.to_owned()),
            Lookup::Transfer(transfer.key()),
            Lookup::RefundReceipt(payment.id, "R1".to_owned()),
        ];
        let mut keys: Vec<Key> = lookups.iter().cloned().map(Key::Lookup).collect();
        let (merchant, key, customer) = (random.id(), random.id(), random.id());
        let (account, refund) = (random.id(), random.id());
        let instruction = InstructionKey::PayRefund(refund);
        keys.extend([
            Key::Merchant(merchant),
            Key::ApiKey(key),
            Key::Tenant(scope),
            Key::Customer(customer),
            Key::VirtualAccount(account),
            Key::Payment(payment.id),
            Key::Delivery(delivery),
            Key::Refund(refund),
            Key::Instruction(instruction),
            Key::Idempotency((scope, "digest".to_owned())),
        ]);
        let set = world.load(keys.clone()).await;
        for key in &keys {
            assert!(set.holds(key), "{key:?}");
        }
        for lookup in &lookups {
            assert_eq!(set.lookup(lookup).unwrap().len(), 0);
        }
        assert_eq!(set.merchant(&merchant), Ok(None));
        assert_eq!(set.api_key(&key), Ok(None));
        assert_eq!(set.tenant(&scope), Ok(None));
        assert_eq!(set.customer(&customer), Ok(None));
        assert_eq!(set.virtual_account(&account), Ok(None));
        assert_eq!(set.payment(&payment.id), Ok(None));
        assert_eq!(set.transfer(&payment.id), Ok(None));
        assert_eq!(set.delivery(&delivery), Ok(None));
        assert_eq!(set.refund(&refund), Ok(None));
        assert_eq!(set.instruction(&instruction), Ok(None));
        assert_eq!(set.idempotency(&(scope, "digest".to_owned())), Ok(None));
    });
}

fn address(random: &mut Random) -> VpaReceiver {
    let username = "rpy.payto00000descriptor".to_owned();
    VpaReceiver { id: random.id(), username, handle: "icici".to_owned() }
}

#[test]
fn an_account_is_found_by_its_qr_code_with_its_order() {
    on_all(async |world| {
        let mut random = Random::new(33);
        let order = random.order();
        let account = loop {
            let account = random.virtual_account();
            if account.qr_code.is_some() {
                break VirtualAccount { order: Some(order.id), ..account };
            }
        };
        let code = account.qr_code.as_ref().unwrap().id;
        let (mut set, unknown) = (WorkingSet::default(), random.id());
        set.put_order(order.clone());
        set.put_virtual_account(account.clone());
        world.save(set).await.unwrap();
        let (found, set) = find(world, Lookup::QrCode(code)).await;
        assert_eq!(found, [account.id.0]);
        assert_eq!(set.virtual_account(&account.id).unwrap().as_deref(), Some(&account));
        assert_eq!(set.order(&order.id).unwrap().as_deref(), Some(&order));
        let (found, _) = find(world, Lookup::QrCode(unknown)).await;
        assert!(found.is_empty());
        let read = world.store.virtual_account_of_qr(account.scope, code).await.unwrap();
        assert_eq!(read.map(|row| row.id), Some(account.id));
        let read = world.store.virtual_account_of_order(account.scope, order.id).await.unwrap();
        assert_eq!(read.map(|row| row.id), Some(account.id));
    });
}

#[test]
fn an_active_account_is_found_before_closed_ones_and_the_newest_of_these() {
    on_all(async |world| {
        let mut random = Random::new(31);
        let scope = random.scope(Mode::Live);
        let customer = random.customer();
        let mut accounts: Vec<VirtualAccount> = (0..4).map(|_| random.virtual_account()).collect();
        for row in &mut accounts {
            row.scope = scope;
            row.account_number = Some(NUMBER.to_owned());
            row.vpa = Some(address(&mut random));
            row.state = VirtualAccountState::Closed { at: row.created_at };
            row.customer = Some(customer.id);
        }
        let lookup = Lookup::AccountNumber(scope.address_space(), NUMBER.to_owned());
        let by_vpa = Lookup::Vpa(scope.address_space(), address(&mut random).address());
        let mut set = WorkingSet::default();
        set.put_customer(customer.clone());
        accounts.iter().cloned().for_each(|row| set.put_virtual_account(row));
        // Another space with the same number.
        let stranger = VirtualAccount {
            id: random.id(),
            scope: random.scope(Mode::Test),
            state: VirtualAccountState::Active,
            qr_code: None,
            ..accounts[0].clone()
        };
        set.put_virtual_account(stranger.clone());
        world.save(set).await.unwrap();
        let (found, _) = find(world, by_vpa.clone()).await;
        assert_eq!(found, [accounts[3].id.0]);
        let (found, set) = find(world, lookup.clone()).await;
        assert_eq!(found, [accounts[3].id.0]);
        // The account comes with its customer.
        let account = set.virtual_account(&accounts[3].id).unwrap();
        assert_eq!(account.as_deref(), Some(&accounts[3]));
        assert_eq!(set.customer(&customer.id).unwrap().as_deref(), Some(&customer));

        // An older row that is active wins.
        let mut set = world.load(vec![Key::VirtualAccount(accounts[1].id)]).await;
        assert_eq!(set.customer(&customer.id).unwrap().as_deref(), Some(&customer));
        let state = VirtualAccountState::Active;
        set.put_virtual_account(VirtualAccount { state, ..accounts[1].clone() });
        world.save(set).await.unwrap();
        for lookup in [lookup.clone(), by_vpa] {
            let (found, _) = find(world, lookup).await;
            assert_eq!(found, [accounts[1].id.0]);
        }
        // The same when it is asked for by id in the same load.
        let keys = vec![Key::VirtualAccount(accounts[3].id), Key::Lookup(lookup.clone())];
        let set = world.load(keys).await;
        assert_eq!(set.lookup(&lookup).unwrap(), &[accounts[1].id.0]);
        assert!(set.virtual_account(&accounts[3].id).unwrap().is_some());

        let space = stranger.scope.address_space();
        let (found, _) = find(world, Lookup::AccountNumber(space, NUMBER.to_owned())).await;
        assert_eq!(found, [stranger.id.0]);
        let (found, _) = find(world, Lookup::NumberUse(NUMBER.to_owned())).await;
        assert!(!found.is_empty());
        let (found, _) = find(world, Lookup::NumberUse("other".to_owned())).await;
        assert!(found.is_empty());
    });
}

#[test]
fn payments_are_found_by_what_makes_their_transfer_unique() {
    on_all(async |world| {
        let mut random = Random::new(32);
        let mut set = WorkingSet::default();
        let payments: Vec<_> = (0..5).map(|_| random.payment()).collect();
        let transfers: Vec<_> = payments.iter().map(|row| random.transfer(row)).collect();
        payments.iter().cloned().for_each(|row| set.put_payment(row));
        transfers.iter().cloned().for_each(|row| set.put_transfer(row));
        world.save(set).await.unwrap();
        let lookups: Vec<_> = transfers.iter().map(|row| Lookup::Transfer(row.key())).collect();
        let set = world.load(lookups.iter().cloned().map(Key::Lookup).collect()).await;
        for ((lookup, payment), transfer) in lookups.iter().zip(&payments).zip(&transfers) {
            assert_eq!(set.lookup(lookup).unwrap(), &[payment.id.0]);
            assert_eq!(set.payment(&payment.id).unwrap().as_deref(), Some(payment));
            assert_eq!(set.transfer(&payment.id).unwrap().as_deref(), Some(transfer));
        }
    });
}

#[test]
fn customers_endpoints_and_faults_are_found_within_their_scope() {
    on_all(async |world| {
        let mut random = Random::new(33);
        let (scope, other) = (random.scope(Mode::Test), random.scope(Mode::Test));
        let mut set = WorkingSet::default();
        let mut customer = random.customer();
        customer.scope = scope;
        customer.email = Some("ä@Example.test".to_owned());
        let wanted = identity(customer.email.as_deref(), customer.contact.as_deref()).unwrap();
        set.put_customer(customer.clone());
        let (mut endpoints, mut faults) = (vec![], vec![]);
        for at in 0..6 {
            let mut endpoint = random.endpoint();
            endpoint.scope = if at % 2 == 0 { scope } else { other };
            let mut fault = random.fault();
            fault.scope = endpoint.scope;
            fault.disarmed = at == 4;
            set.put_endpoint(endpoint.clone());
            set.put_fault(fault.clone());
            endpoints.push(endpoint);
            faults.push(fault);
        }
        world.save(set).await.unwrap();
        let lookup = Lookup::CustomerIdentity(scope, wanted.clone());
        let keys = vec![
            Key::Lookup(lookup.clone()),
            Key::Lookup(Lookup::CustomerIdentity(other, wanted.clone())),
            Key::Lookup(Lookup::Endpoints(scope)),
            Key::Lookup(Lookup::Faults(scope)),
            Key::Lookup(Lookup::Endpoints(other)),
        ];
        let set = world.load(keys).await;
        assert_eq!(set.lookup(&lookup).unwrap(), &[customer.id.0]);
        assert_eq!(set.customer(&customer.id).unwrap().as_deref(), Some(&customer));
        assert!(set.lookup(&Lookup::CustomerIdentity(other, wanted)).unwrap().is_empty());
        let found: Vec<_> = set.endpoints_of(scope).unwrap().iter().map(|row| row.id).collect();
        assert_eq!(found, [endpoints[0].id, endpoints[2].id, endpoints[4].id]);
        assert_eq!(set.endpoints_of(other).unwrap().len(), 3);
        let found: Vec<_> = set.faults_of(scope).unwrap().iter().map(|row| row.id).collect();
        assert_eq!(found, [faults[0].id, faults[2].id]);
    });
}
