//! Rows come back as they were saved; a save is whole or nothing.

use std::fmt::Debug;

use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::Customer;
use vasool_core::event::Occurrence;
use vasool_core::filing::Filing;
use vasool_core::fund_account::FundAccount;
use vasool_core::instruction::Instruction;
use vasool_core::invoice::Invoice;
use vasool_core::ledger::Posting;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::order::Order;
use vasool_core::paper_nach::NachScan;
use vasool_core::payment::{Payment, PaymentState};
use vasool_core::qr_code::QrCode;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::{Fault, Message};
use vasool_core::short_link::ShortLink;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::timer::Timer;
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::{StatementLine, VirtualAccount, VirtualAccountState};
use vasool_core::webhook::{Attempt, Delivery, Endpoint};
use vasool_core::working_set::{Alert, Key, Lookup, WorkingSet};
use vasool_store::columns::Record;
use vasool_store::{PostingRow, StoreError};

use crate::kept::{all, count, versioned};
use crate::random::Random;
use crate::world::{World, on_all};

async fn assert_kept<T: Record + PartialEq + Debug>(world: &World, mut wanted: Vec<T>) {
    let mut kept = all::<T>(world).await;
    let order = |row: &T| format!("{:?}", row.values());
    wanted.sort_by_key(order);
    kept.sort_by_key(order);
    assert_eq!(kept, wanted, "{}", T::TABLE.name);
}

/// `rows` of every kind in one batch: more than 64 go another way into PostgreSQL than fewer.
async fn every_kind_comes_back(world: &World, rows: usize, noise: u64) {
    let mut random = Random::new(noise);
    let mut set = WorkingSet::default();
    let merchants: Vec<Merchant> = (0..rows).map(|_| random.merchant()).collect();
    let keys: Vec<ApiKey> = merchants.iter().map(|row| random.api_key(row)).collect();
    let tenants: Vec<Tenant> = (0..rows).map(|_| random.tenant()).collect();
    let mut customers: Vec<Customer> = (0..rows).map(|_| random.customer()).collect();
    customers.iter_mut().for_each(|row| row.email = Some(format!("{}@x", row.id)));
    let mut accounts: Vec<VirtualAccount> = (0..rows).map(|_| random.virtual_account()).collect();
    for (at, row) in accounts.iter_mut().enumerate() {
        row.account_number = row.account_number.take().map(|text| format!("{text}{at}"));
    }
    let occurrences: Vec<Occurrence> = accounts.iter().map(|row| random.occurrence(row)).collect();
    let unpaid = accounts.clone();
    let lines: Vec<StatementLine> =
        accounts.iter_mut().enumerate().flat_map(|(at, row)| random.pay(row, at % 4)).collect();
    let payments: Vec<Payment> = (0..rows).map(|_| random.payment()).collect();
    let transfers: Vec<Transfer> = payments.iter().map(|row| random.transfer(row)).collect();
    let orders: Vec<Order> = (0..rows).map(|_| random.order()).collect();
    let bank_accounts: Vec<CustomerBankAccount> =
        (0..rows).map(|_| random.bank_account()).collect();
    let funds: Vec<FundAccount> = (0..rows).map(|_| random.fund_account()).collect();
    let codes: Vec<QrCode> = (0..rows).map(|_| random.qr_code()).collect();
    let tokens: Vec<Token> = (0..rows).map(|_| random.token()).collect();
    let forms: Vec<NachForm> = (0..rows).map(|_| random.nach_form()).collect();
    let paper: Vec<NachToken> = (0..rows).map(|_| random.nach_token()).collect();
    let invoices: Vec<Invoice> = (0..rows).map(|_| random.invoice()).collect();
    let scans: Vec<NachScan> = (0..rows).map(|_| random.nach_scan()).collect();
    let filings: Vec<Filing> = (0..rows).map(|_| random.filing()).collect();
    let links: Vec<ShortLink> = (0..rows).map(|at| random.link(at)).collect();
    let refunds: Vec<Refund> = payments.iter().map(|row| random.refund(row)).collect();
    let instructions: Vec<Instruction> =
        refunds.iter().map(|row| random.instruction(row)).collect();
    let idempotency: Vec<IdempotencyRecord> =
        refunds.iter().map(|row| random.idempotency(row)).collect();
    let endpoints: Vec<Endpoint> = (0..rows).map(|_| random.endpoint()).collect();
    let deliveries: Vec<Delivery> = (0..rows).map(|_| random.delivery()).collect();
    let files: Vec<BulkFile> = (0..rows).map(|_| random.bulk_file()).collect();
    let file_rows: Vec<BulkRow> =
        files.iter().zip(1..).map(|(file, at)| random.bulk_row(file, at)).collect();
    let faults: Vec<Fault> = (0..rows).map(|_| random.fault()).collect();
    let attempts: Vec<Attempt> = deliveries.iter().map(|row| random.attempt(row)).collect();
    let messages: Vec<Message> = (0..rows).map(|_| random.message()).collect();
    let alerts: Vec<Alert> = (0..rows).map(|_| random.alert()).collect();
    let timers: Vec<Timer> = (0..rows).map(|_| random.timer()).collect();
    let postings: Vec<Posting> = payments.iter().map(|row| random.posting(row)).collect();
    merchants.iter().cloned().for_each(|row| set.put_merchant(row));
    keys.iter().cloned().for_each(|row| set.put_api_key(row));
    tenants.iter().cloned().for_each(|row| set.put_tenant(row));
    customers.iter().cloned().for_each(|row| set.put_customer(row));
    accounts.iter().cloned().for_each(|row| set.put_virtual_account(row));
    payments.iter().cloned().for_each(|row| set.put_payment(row));
    transfers.iter().cloned().for_each(|row| set.put_transfer(row));
    orders.iter().cloned().for_each(|row| set.put_order(row));
    bank_accounts.iter().cloned().for_each(|row| set.put_bank_account(row));
    codes.iter().cloned().for_each(|row| set.put_qr_code(row));
    tokens.iter().cloned().for_each(|row| set.put_token(row));
    forms.iter().cloned().for_each(|row| set.put_nach_form(row));
    paper.iter().cloned().for_each(|row| set.put_nach_token(row));
    invoices.iter().cloned().for_each(|row| set.put_invoice(row));
    set.append().scans.extend(scans.iter().cloned());
    set.append().filings.extend(filings.iter().cloned());
    refunds.iter().cloned().for_each(|row| set.put_refund(row));
    instructions.iter().cloned().for_each(|row| set.put_instruction(row));
    idempotency.iter().cloned().for_each(|row| set.put_idempotency(row));
    endpoints.iter().cloned().for_each(|row| set.put_endpoint(row));
    deliveries.iter().cloned().for_each(|row| set.put_delivery(row));
    files.iter().cloned().for_each(|row| set.put_bulk_file(row));
    file_rows.iter().cloned().for_each(|row| set.put_bulk_row(row));
    faults.iter().cloned().for_each(|row| set.put_fault(row));
    timers.iter().for_each(|timer| set.set_timer(*timer));
    postings.iter().cloned().for_each(|row| set.post(row));
    set.append().attempts.extend(attempts.iter().cloned());
    set.append().messages.extend(messages.iter().cloned());
    set.append().alerts.extend(alerts.iter().cloned());
    set.append().occurrences.extend(occurrences.iter().cloned());
    set.append().lines.extend(lines.iter().cloned());
    set.append().links.extend(links.iter().cloned());
    set.append().fund_accounts.extend(funds.iter().cloned());
    world.save(set).await.unwrap();

    assert_kept(world, merchants).await;
    assert_kept(world, keys).await;
    assert_kept(world, tenants).await;
    assert_kept(world, customers).await;
    // The row of an account holds no totals: those are on its statement.
    assert_kept(world, unpaid).await;
    assert_kept(world, lines).await;
    assert_kept(world, payments.clone()).await;
    assert_kept(world, transfers).await;
    assert_kept(world, orders.clone()).await;
    assert_kept(world, links).await;
    assert_kept(world, bank_accounts.clone()).await;
    assert_kept(world, funds).await;
    assert_kept(world, codes.clone()).await;
    assert_kept(world, tokens).await;
    assert_kept(world, forms).await;
    assert_kept(world, paper).await;
    assert_kept(world, invoices).await;
    assert_kept(world, scans).await;
    assert_kept(world, filings).await;
    assert_kept(world, refunds.clone()).await;
    assert_kept(world, instructions.clone()).await;
    assert_kept(world, idempotency.clone()).await;
    assert_kept(world, endpoints).await;
    assert_kept(world, deliveries).await;
    assert_kept(world, files.clone()).await;
    assert_kept(world, file_rows.clone()).await;
    assert_kept(world, faults).await;
    assert_kept(world, attempts).await;
    assert_kept(world, messages).await;
    assert_kept(world, alerts).await;
    assert_kept(world, timers).await;
    assert_kept(world, occurrences).await;
    assert_kept(world, postings.iter().map(PostingRow::new).collect()).await;

    // And through the door of a batch, which copies nothing from the caller.
    let mut keys: Vec<Key> = payments.iter().map(|row| Key::Payment(row.id)).collect();
    keys.extend(accounts.iter().map(|row| Key::VirtualAccount(row.id)));
    keys.extend(orders.iter().map(|row| Key::Order(row.id)));
    keys.extend(refunds.iter().map(|row| Key::Refund(row.id)));
    keys.extend(bank_accounts.iter().map(|row| Key::BankAccount(row.id)));
    keys.extend(codes.iter().map(|row| Key::QrCode(row.id)));
    keys.extend(instructions.iter().map(|row| Key::Instruction(row.key)));
    keys.extend(idempotency.iter().map(|row| Key::Idempotency((row.scope, row.key.clone()))));
    keys.extend(files.iter().map(|row| Key::BulkFile(row.id)));
    keys.extend(file_rows.iter().map(|row| Key::BulkRow((row.file, row.number))));
    let set = world.load(keys).await;
    for row in &files {
        assert_eq!(set.bulk_file(&row.id).unwrap().as_deref(), Some(row));
    }
    for row in &file_rows {
        assert_eq!(set.bulk_row(&(row.file, row.number)).unwrap().as_deref(), Some(row));
    }
    for row in &bank_accounts {
        assert_eq!(set.bank_account(&row.id).unwrap().as_deref(), Some(row));
    }
    for row in &codes {
        assert_eq!(set.qr_code(&row.id).unwrap().as_deref(), Some(row));
    }
    for row in &refunds {
        assert_eq!(set.refund(&row.id).unwrap().as_deref(), Some(row));
    }
    for row in &instructions {
        assert_eq!(set.instruction(&row.key).unwrap().as_deref(), Some(row));
    }
    for row in &idempotency {
        let key = (row.scope, row.key.clone());
        assert_eq!(set.idempotency(&key).unwrap().as_deref(), Some(row));
    }
    for payment in &payments {
        assert_eq!(set.payment(&payment.id).unwrap().as_deref(), Some(payment));
        assert!(set.transfer(&payment.id).unwrap().is_some());
    }
    for account in &accounts {
        assert_eq!(set.virtual_account(&account.id).unwrap().as_deref(), Some(account));
    }
    for order in &orders {
        assert_eq!(set.order(&order.id).unwrap().as_deref(), Some(order));
    }
}

#[test]
fn few_rows_of_every_kind_come_back_unchanged() {
    on_all(async |world| every_kind_comes_back(world, 7, 1).await);
}

#[test]
fn many_rows_of_every_kind_come_back_unchanged() {
    on_all(async |world| every_kind_comes_back(world, 100, 2).await);
}

#[test]
fn changed_columns_are_saved_and_the_others_stay() {
    on_all(async |world| {
        let mut random = Random::new(3);
        let mut set = WorkingSet::default();
        let rows: Vec<Payment> = (0..70).map(|_| random.payment()).collect();
        rows.iter().cloned().for_each(|row| set.put_payment(row));
        world.save(set).await.unwrap();
        let keys = rows.iter().map(|row| Key::Payment(row.id)).collect();
        let mut set = world.load(keys).await;
        let mut wanted = vec![];
        for (at, row) in rows.iter().enumerate() {
            let mut row = set.payment(&row.id).unwrap().unwrap().as_ref().clone();
            match at % 3 {
                0 => row.description = None,
                1 => row.description = Some(random.text()),
                _ => row.state = PaymentState::Returned,
            }
            wanted.push((row.clone(), 2));
            set.put_payment(row);
        }
        world.save(set).await.unwrap();
        wanted.sort_by_key(|(row, _)| row.id);
        assert_eq!(versioned::<Payment>(world).await, wanted);
    });
}

#[test]
fn a_stale_version_is_a_conflict_and_leaves_nothing() {
    on_all(async |world| {
        let mut random = Random::new(4);
        let (customer, other) = (random.customer(), random.tenant());
        let mut set = WorkingSet::default();
        set.put_customer(customer.clone());
        set.put_tenant(other.clone());
        world.save(set).await.unwrap();

        let keys = vec![Key::Customer(customer.id), Key::Tenant(other.scope.id)];
        let mut first = world.load(keys.clone()).await;
        let mut second = world.load(keys).await;
        first.put_tenant(Tenant { epoch: 5, ..other.clone() });
        second.put_tenant(Tenant { epoch: 6, ..other.clone() });
        second.put_customer(Customer { name: Some("too late".to_owned()), ..customer.clone() });
        second.put_payment(random.payment());
        second.set_timer(random.timer());
        world.save(first).await.unwrap();
        let refused = world.save(second).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        let tenant = Tenant { epoch: 5, ..other };
        assert_eq!(versioned::<Tenant>(world).await, [(tenant, 2)]);
        assert_eq!(versioned::<Customer>(world).await, [(customer, 1)]);
        assert_eq!(count::<Payment>(world).await, 0);
        assert_eq!(count::<Timer>(world).await, 0);
    });
}

#[test]
fn everything_of_a_batch_is_saved_or_nothing() {
    on_all(async |world| {
        let mut random = Random::new(5);
        let taken = random.payment();
        let mut set = WorkingSet::default();
        set.put_payment(taken.clone());
        world.save(set).await.unwrap();

        // The last payment exists already, so nothing of all this may stay.
        let account = VirtualAccount {
            account_number: None,
            state: VirtualAccountState::Active,
            ..random.virtual_account()
        };
        let (posting, occurrence) = (random.posting(&taken), random.occurrence(&account));
        let line = random.pay(&mut account.clone(), 1).remove(0);
        let (timer, delivery) = (random.timer(), random.delivery());
        let attempt = random.attempt(&delivery);
        let mut set = WorkingSet::default();
        set.post(posting.clone());
        set.append().occurrences.push(occurrence.clone());
        set.append().lines.push(line.clone());
        set.append().attempts.push(attempt.clone());
        set.set_timer(timer);
        set.put_delivery(delivery.clone());
        set.put_virtual_account(account.clone());
        let mut clash = set.clone();
        clash.put_payment(taken);
        let refused = world.save(clash).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        let left = [
            count::<PostingRow>(world).await,
            count::<Occurrence>(world).await,
            count::<StatementLine>(world).await,
            count::<Attempt>(world).await,
            count::<Timer>(world).await,
            count::<Delivery>(world).await,
            count::<VirtualAccount>(world).await,
        ];
        assert_eq!(left, [0; 7]);

        world.save(set).await.unwrap();
        assert_kept(world, vec![timer]).await;
        assert_kept(world, vec![delivery]).await;
        assert_kept(world, vec![attempt]).await;
        assert_kept(world, vec![account]).await;
        assert_kept(world, vec![PostingRow::new(&posting)]).await;
        assert_kept(world, vec![occurrence]).await;
        assert_kept(world, vec![line]).await;
    });
}

#[test]
fn a_dropped_batch_leaves_nothing_and_holds_nothing() {
    on_all(async |world| {
        let mut random = Random::new(6);
        let customer = random.customer();
        let mut set = WorkingSet::default();
        set.put_customer(customer.clone());
        world.save(set).await.unwrap();
        for _ in 0..5 {
            let mut session = world.store.begin().await.unwrap();
            let key = vec![Key::Customer(customer.id)];
            let set = session.load(key, WorkingSet::default()).await.unwrap();
            assert!(set.customer(&customer.id).unwrap().is_some());
            drop(session);
        }
        let mut set = world.load(vec![Key::Customer(customer.id)]).await;
        set.put_customer(Customer { notes: vec![], name: None, ..customer });
        world.save(set).await.unwrap();
    });
}

#[test]
fn a_row_in_the_set_stays_when_it_is_loaded_again() {
    on_all(async |world| {
        let mut random = Random::new(7);
        let customer = random.customer();
        let mut set = WorkingSet::default();
        set.put_customer(customer.clone());
        world.save(set).await.unwrap();
        let mut session = world.store.begin().await.unwrap();
        let keys = vec![Key::Customer(customer.id)];
        let mut set = session.load(keys.clone(), WorkingSet::default()).await.unwrap();
        set.put_customer(Customer { name: Some("changed".to_owned()), ..customer.clone() });
        set.keep();
        let set = session.load(keys, set).await.unwrap();
        let name = set.customer(&customer.id).unwrap().unwrap().name.clone();
        assert_eq!(name.as_deref(), Some("changed"));
    });
}

#[test]
fn a_deleted_endpoint_ends_its_deliveries() {
    on_all(async |world| {
        let mut random = Random::new(8);
        let endpoint = random.endpoint();
        let mut deliveries: Vec<Delivery> = (0..4).map(|_| random.delivery()).collect();
        for row in deliveries.iter_mut().take(2) {
            row.endpoint = endpoint.id;
            row.state = vasool_core::webhook::DeliveryState::Pending { due: row.happened_at };
        }
        deliveries[1].state = vasool_core::webhook::DeliveryState::Delivered;
        let mut set = WorkingSet::default();
        set.put_endpoint(endpoint.clone());
        deliveries.iter().cloned().for_each(|row| set.put_delivery(row));
        world.save(set).await.unwrap();

        // An attempt that was decided on the old row must not bring the delivery back.
        let key = (deliveries[0].event, endpoint.id);
        let mut late = world.load(vec![Key::Delivery(key)]).await;
        let mut set = world.load(vec![Key::Lookup(Lookup::Endpoints(endpoint.scope))]).await;
        assert_eq!(set.endpoints_of(endpoint.scope).unwrap().len(), 1);
        set.append().deleted_endpoints.push(endpoint.id);
        world.save(set).await.unwrap();
        late.put_delivery(Delivery { attempts: 1, ..deliveries[0].clone() });
        assert!(matches!(world.save(late).await, Err(StoreError::Conflict(_))));

        deliveries[0].state = vasool_core::webhook::DeliveryState::Undelivered;
        assert_kept(world, deliveries).await;
        assert_eq!(count::<Endpoint>(world).await, 0);
        let set = world.load(vec![Key::Lookup(Lookup::Endpoints(endpoint.scope))]).await;
        assert!(set.endpoints_of(endpoint.scope).unwrap().is_empty());
    });
}
