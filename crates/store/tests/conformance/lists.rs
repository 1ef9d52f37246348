//! Lists and single reads within one scope.

use vasool_core::customer::Customer;
use vasool_core::event::{EventKind, Occurrence};
use vasool_core::payment::Payment;
use vasool_core::scope::Mode;
use vasool_core::time::Time;
use vasool_core::webhook::Attempt;
use vasool_core::working_set::WorkingSet;
use vasool_store::reads::{AccountFilter, Page, PaymentFilter};

use crate::random::Random;
use crate::world::{Place, on_all};

const EVERYTHING: Page = Page { count: 100, skip: 0, from: None, to: None };

#[test]
fn lists_are_newest_first_in_pages() {
    on_all(async |world| {
        let mut random = Random::new(50);
        let (scope, other) = (random.scope(Mode::Test), random.scope(Mode::Test));
        let account = random.id();
        let mut set = WorkingSet::default();
        let mut wanted: Vec<Payment> = vec![];
        for (at, created) in [10, 30, 20, 30, 40].into_iter().enumerate() {
            let mut payment = Payment { scope, created_at: Time(created), ..random.payment() };
            if at % 2 == 0 {
                payment.virtual_account = Some(account);
            }
            let mut transfer = random.transfer(&payment);
            transfer.bank_reference = format!("Utr{}", at / 2);
            set.put_payment(payment.clone());
            set.put_transfer(transfer);
            wanted.push(payment);
        }
        set.put_payment(Payment { scope: other, ..random.payment() });
        world.save(set).await.unwrap();
        wanted.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
        let list = async |filter: &PaymentFilter, page: Page| {
            world.store.payments(scope, filter.clone(), page).await.unwrap()
        };
        let none = PaymentFilter::default();
        assert_eq!(list(&none, EVERYTHING).await, wanted);
        let page = Page { count: 2, skip: 1, ..EVERYTHING };
        assert_eq!(list(&none, page).await, wanted[1..3]);
        let between = Page { from: Some(Time(20)), to: Some(Time(30)), ..EVERYTHING };
        assert_eq!(list(&none, between).await, wanted[1..4]);
        let other_case = PaymentFilter { bank_reference: Some("uTR1".to_owned()), ..none.clone() };
        assert_eq!(list(&other_case, EVERYTHING).await, []);
        let reference = PaymentFilter { bank_reference: Some("Utr1".to_owned()), ..none };
        assert_eq!(list(&reference, EVERYTHING).await.len(), 2);
        let both = PaymentFilter { virtual_account: Some(account), ..reference };
        assert_eq!(list(&both, EVERYTHING).await.len(), 1);
        assert_eq!(world.store.payment(other, wanted[0].id).await.unwrap(), None);
        let found = world.store.payment(scope, wanted[0].id).await.unwrap();
        assert_eq!(found.as_ref(), wanted.first());
    });
}

#[test]
fn customers_accounts_messages_and_faults_are_listed() {
    on_all(async |world| {
        let mut random = Random::new(51);
        let scope = random.scope(Mode::Test);
        let mut set = WorkingSet::default();
        for at in 0..4 {
            let email = Some(format!("{at}@example.test"));
            set.put_customer(Customer { scope, email, ..random.customer() });
            let mut account = random.virtual_account();
            account.scope = scope;
            account.account_number = None;
            set.put_virtual_account(account);
            let mut message = random.message();
            message.scope = scope;
            message.channel = if at == 0 { "sms" } else { "email" };
            set.append().messages.push(message);
            let mut fault = random.fault();
            fault.scope = scope;
            fault.disarmed = at == 0;
            set.put_fault(fault);
        }
        world.save(set).await.unwrap();
        let store = &world.store;
        let customers = store.customers(scope, None, None, EVERYTHING).await.unwrap();
        assert_eq!(customers.len(), 4);
        assert!(customers.is_sorted_by_key(|row| std::cmp::Reverse((row.created_at, row.id))));
        let email = Some("2@example.test".to_owned());
        let one = store.customers(scope, email, None, EVERYTHING).await.unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(store.customer(scope, one[0].id).await.unwrap(), Some(one[0].clone()));
        let accounts =
            store.virtual_accounts(scope, AccountFilter::default(), EVERYTHING).await.unwrap();
        assert_eq!(accounts.len(), 4);
        let found = store.virtual_account(scope, accounts[1].id).await.unwrap();
        assert_eq!(found.as_ref(), accounts.get(1));
        let channel = Some("email".to_owned());
        let mails = store.messages(scope, None, channel, EVERYTHING).await.unwrap();
        assert_eq!(mails.len(), 3);
        assert_eq!(store.faults(scope).await.unwrap().len(), 3);
    });
}

#[test]
fn attempts_show_what_was_sent_and_where() {
    on_all(async |world| {
        let mut random = Random::new(52);
        let (mut endpoint, account) = (random.endpoint(), random.virtual_account());
        endpoint.scope = account.scope;
        let occurrence = Occurrence {
            kinds: vec![EventKind::PaymentAuthorized, EventKind::PaymentCaptured],
            ..random.occurrence(&account)
        };
        let (event, name) = occurrence.events().nth(1).unwrap();
        let mut set = WorkingSet::default();
        let mut attempts: Vec<Attempt> = vec![];
        for at in 0..3 {
            let mut delivery = random.delivery();
            (delivery.event, delivery.name) = (event, name);
            delivery.endpoint = if at == 0 { random.id() } else { endpoint.id };
            delivery.scope = account.scope;
            let attempt = Attempt { number: at, ..random.attempt(&delivery) };
            attempts.push(attempt.clone());
            set.append().attempts.push(attempt);
        }
        set.put_endpoint(endpoint.clone());
        set.append().occurrences.push(occurrence.clone());
        // Its neighbours, and an attempt of one of them.
        let other = random.occurrence(&account);
        set.append().occurrences.push(other.clone());
        let mut delivery = random.delivery();
        (delivery.event, delivery.scope) = (other.id.event(0), account.scope);
        delivery.name = EventKind::RefundCreated;
        set.append().attempts.push(random.attempt(&delivery));
        world.save(set).await.unwrap();
        attempts.sort_by_key(|row| std::cmp::Reverse((row.at, row.number)));
        let name = Some("payment.captured".to_owned());
        let views = world.store.attempts(account.scope, name, None, 10, 0).await.unwrap();
        let seen: Vec<Attempt> = views.iter().map(|view| view.attempt.clone()).collect();
        assert_eq!(seen, attempts);
        for view in &views {
            let url = (view.attempt.endpoint == endpoint.id).then(|| endpoint.url.clone());
            assert_eq!(view.url, url);
            assert_eq!(view.occurrence, occurrence);
            assert_eq!(view.occurrence.kind_of(event), Some(EventKind::PaymentCaptured));
        }
        let only = world.store.attempts(account.scope, None, Some(endpoint.id), 10, 0).await;
        assert_eq!(only.unwrap().len(), 2);
        assert_eq!(world.store.occurrence(event).await.unwrap(), Some(occurrence));
        assert_eq!(world.store.occurrence(other.id.event(6)).await.unwrap(), Some(other));
        assert_eq!(world.store.occurrence(random.id()).await.unwrap(), None);
        assert_eq!(world.store.endpoints(account.scope).await.unwrap(), [endpoint]);
    });
}

#[test]
fn keys_merchants_and_refunds_are_read() {
    on_all(async |world| {
        let mut random = Random::new(53);
        let (merchant, tenant, payment) = (random.merchant(), random.tenant(), random.payment());
        let mut key = random.api_key(&merchant);
        (key.mode, key.expires_at) = (Mode::Test, None);
        let refunds = [random.refund(&payment), random.refund(&payment)];
        let transfer = random.transfer(&payment);
        let mut set = WorkingSet::default();
        set.put_merchant(merchant.clone());
        set.put_api_key(key.clone());
        set.put_tenant(tenant.clone());
        set.put_transfer(transfer.clone());
        refunds.iter().cloned().for_each(|row| set.put_refund(row));
        world.save(set).await.unwrap();
        let store = &world.store;
        assert_eq!(store.merchant(merchant.id).await.unwrap(), Some(merchant));
        assert_eq!(store.api_key(key.id).await.unwrap(), Some(key.clone()));
        assert_eq!(store.first_test_key().await.unwrap(), Some(key));
        assert_eq!(store.tenant(tenant.scope.id).await.unwrap(), Some(tenant));
        let [first, second] = refunds;
        let found = store.refunds_of(payment.scope, payment.id).await.unwrap();
        assert_eq!(found, [second, first]);
        let found = store.transfer(payment.scope, payment.id).await.unwrap();
        assert_eq!(found, Some(transfer));
    });
}

#[test]
fn the_databases_own_records_are_set_once() {
    crate::world::on_databases(async |world| {
        let store = &world.store;
        assert_eq!(store.meta("check").await.unwrap(), None);
        assert_eq!(store.set_meta_once("check", "first").await.unwrap(), "first");
        assert_eq!(store.set_meta_once("check", "second").await.unwrap(), "first");
        // Each check writes something new, or a full disk would go unnoticed.
        let mut written = vec![];
        for _ in 0..3 {
            store.check_writable().await.unwrap();
            written.push(store.meta("writable").await.unwrap());
        }
        assert!(written[0].is_some() && written[0] == written[2]);
        assert_ne!(written[0], written[1]);
    });
}

#[test]
fn a_backup_is_a_database_of_its_own_or_refused() {
    on_all(async |world| {
        let file = std::env::temp_dir().join(format!("vasool_backup_{}", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let copied = world.store.backup(file.clone()).await;
        assert_eq!(copied.is_ok(), matches!(world.place, Place::Sqlite(_)), "{copied:?}");
        if copied.is_ok() {
            vasool_store::sqlite::SqliteStore::open(&file).unwrap();
        }
        let _ = std::fs::remove_file(&file);
    });
}
