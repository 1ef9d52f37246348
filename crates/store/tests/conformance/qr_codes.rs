//! Standalone QR codes on every store: counters, single use, reads, customers' bank accounts.

use vasool_core::bank_account::{BankAccountDraft, CustomerBankAccount};
use vasool_core::command::{ClockChange, Command, Receipt, Reply, ScopedCommand};
use vasool_core::customer::CustomerDraft;
use vasool_core::fund_account::FundAccount;
use vasool_core::id::{CustomerId, QrCodeId};
use vasool_core::inbound::InboundTransfer;
use vasool_core::money::Paise;
use vasool_core::qr_code::{CloseReason, QrCode, QrKind, QrState, QrUsage};
use vasool_core::qr_codes::QrCodeDraft;
use vasool_core::rejection::Rejection;
use vasool_core::scope::{Mode, Scope};
use vasool_core::transfer::{Payee, Payer, TransferMode};
use vasool_store::reads::{Page, PaymentFilter, QrCodeFilter};

use crate::driver::Driver;
use crate::random::Random;
use crate::world::{World, on_all};

const ALL: Page = Page { count: 100, skip: 0, from: None, to: None };

impl Random {
    pub fn bank_account(&mut self) -> CustomerBankAccount {
        let mode = self.mode();
        CustomerBankAccount {
            id: self.id(),
            scope: self.scope(mode),
            customer: self.id(),
            ifsc: self.text(),
            account_number: self.text(),
            name: self.text(),
            created_at: self.time(),
            deleted_at: self.some(Random::time),
        }
    }

    pub fn fund_account(&mut self) -> FundAccount {
        let CustomerBankAccount { scope, customer, ifsc, account_number, name, created_at, .. } =
            self.bank_account();
        FundAccount { id: self.id(), scope, customer, ifsc, account_number, name, created_at }
    }

    pub fn qr_code(&mut self) -> QrCode {
        let mode = self.mode();
        let reasons = [CloseReason::OnDemand, CloseReason::Paid, CloseReason::Expired];
        let state = match self.flag() {
            true => QrState::Active,
            false => QrState::Closed { at: self.time(), reason: self.one_of(&reasons) },
        };
        QrCode {
            id: self.id(),
            scope: self.scope(mode),
            name: self.some(Random::text),
            description: self.some(Random::text),
            kind: self.one_of(&[QrKind::Upi, QrKind::Bharat]),
            usage: self.one_of(&[QrUsage::Single, QrUsage::Multiple]),
            fixed_amount: self.some(Random::paise),
            amount_received: self.paise(),
            payments_received: self.below(2) as i64,
            short_code: self.text(),
            // Its customer would have to exist, to be loaded with it.
            customer: None,
            notes: self.notes(),
            close_by: self.some(Random::time),
            state,
            created_at: self.time(),
        }
    }
}

/// A code that takes 300 rupees once, or any amount as often as payers like.
fn draft(usage: QrUsage, customer: Option<CustomerId>) -> QrCodeDraft {
    QrCodeDraft {
        kind: QrKind::Upi,
        usage,
        fixed_amount: Paise::new(30_000).filter(|_| usage == QrUsage::Single),
        name: Some("Counter 2".to_owned()),
        description: None,
        customer,
        notes: vec![],
        close_by: None,
    }
}

/// Money by a code.
fn paid(id: QrCodeId, paise: i64, reference: &str) -> ScopedCommand {
    ScopedCommand::ReceiveTransfer(InboundTransfer {
        connector: "sandbox".to_owned(),
        mode: TransferMode::Upi,
        bank_reference: Some(reference.to_owned()),
        payee: Payee::Qr(id),
        ifsc: None,
        amount: Paise::new(paise).unwrap(),
        payer: Some(Payer { vpa: Some("payer@bank".to_owned()), ..Payer::default() }),
        narration: None,
    })
}

async fn made(driver: &mut Driver<'_>, scope: Scope, draft: QrCodeDraft) -> QrCode {
    match driver.did(scope, ScopedCommand::CreateQrCode(draft)).await {
        Reply::QrCode(code) => QrCode::clone(&code),
        other => panic!("{other:?}"),
    }
}

/// One code for single use: paid, and paid again; one that nobody paid; one for walk-ins.
pub async fn story(world: &World) -> (Scope, [QrCodeId; 3]) {
    let mut driver = Driver::new(&world.store, 90);
    let scope = driver.merchant("Codes").await.scope(Mode::Test);
    driver.listen(scope).await;
    let single = made(&mut driver, scope, draft(QrUsage::Single, None)).await.id;
    let unpaid = made(&mut driver, scope, draft(QrUsage::Single, None)).await.id;
    let walk_in = made(&mut driver, scope, draft(QrUsage::Multiple, None)).await.id;
    let commands = [
        paid(single, 29_900, "other amount"),
        paid(single, 30_000, "right"),
        paid(single, 30_000, "late"),
        paid(single, 30_000, "right"),
        paid(walk_in, 10_000, "a"),
        paid(walk_in, 20_000, "b"),
        paid(walk_in, 10_000, "A"),
    ];
    let commands = commands.into_iter().map(|command| Command::Scoped(scope.id, command));
    let mut results = vec![];
    for answer in driver.run_all(commands.collect()).await {
        results.push(match answer.unwrap() {
            Reply::Receipt(Receipt::Credited(_)) => "credited",
            Reply::Receipt(Receipt::Refunded(_)) => "refunded",
            Reply::Receipt(Receipt::Duplicate(_)) => "duplicate",
            other => panic!("{other:?}"),
        });
    }
    let want = ["refunded", "credited", "refunded", "duplicate", "credited", "credited"];
    assert_eq!(results, [&want[..], &["duplicate"]].concat());
    (scope, [single, unpaid, walk_in])
}

#[test]
fn cm_125_counters_and_states_are_kept() {
    on_all(async |world| {
        let (scope, [single, unpaid, walk_in]) = story(world).await;
        let store = &world.store;
        let read = async |id| store.qr_code(scope.id, id).await.unwrap().unwrap();
        let code = read(single).await;
        assert_eq!((code.amount_received.get(), code.payments_received), (30_000, 1));
        assert!(matches!(code.state, QrState::Closed { reason: CloseReason::Paid, .. }));
        let code = read(walk_in).await;
        assert_eq!((code.amount_received.get(), code.payments_received), (30_000, 2));
        assert_eq!((code.state, code.close_by), (QrState::Active, None));

        let filter = PaymentFilter { qr_code: Some(single), ..PaymentFilter::default() };
        let payments = store.payments(scope.id, filter, ALL).await.unwrap();
        assert_eq!(payments.len(), 3, "what was sent back is listed too");
        let filter = QrCodeFilter { payment: Some(payments[0].id), ..QrCodeFilter::default() };
        let found = store.qr_codes(scope.id, filter, ALL).await.unwrap();
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [single]);
        let all = store.qr_codes(scope.id, QrCodeFilter::default(), ALL).await.unwrap();
        let all: Vec<QrCodeId> = all.iter().map(|row| row.id).collect();
        assert_eq!(all, [walk_in, unpaid, single], "newest first");
        assert!(store.audit().await.unwrap().is_clean());
    });
}

#[test]
fn cm_125_a_code_expires_by_its_timer() {
    on_all(async |world| {
        let (scope, [_, unpaid, _]) = story(world).await;
        let mut driver = Driver::new(&world.store, 91);
        let code = world.store.qr_code(scope.id, unpaid).await.unwrap().unwrap();
        let at = code.created_at.plus_seconds(7_200);
        assert_eq!(code.close_by, Some(at));
        driver.did(scope, ScopedCommand::SetClock(ClockChange::Advance(8_000))).await;
        let mut fired = 0;
        for (lane, now) in world.store.timer_lanes_due(driver.real).await.unwrap() {
            for timer in world.store.timers_due(lane, now, 10).await.unwrap() {
                driver.did(scope, ScopedCommand::FireTimer(timer.key, timer.due)).await;
                fired += 1;
            }
        }
        assert_eq!(fired, 1, "the paid code has no timer left");
        let code = world.store.qr_code(scope.id, unpaid).await.unwrap().unwrap();
        assert_eq!(code.state, QrState::Closed { at, reason: CloseReason::Expired });
        let reply = driver.did(scope, paid(unpaid, 30_000, "after")).await;
        assert!(matches!(reply, Reply::Receipt(Receipt::Refunded(_))), "{reply:?}");
        assert!(world.store.audit().await.unwrap().is_clean());
    });
}

#[test]
fn a_code_brings_its_customer_to_its_payments() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 92);
        let scope = driver.merchant("Codes").await.scope(Mode::Test);
        let person = CustomerDraft {
            email: Some("meera@example.test".to_owned()),
            contact: Some("9000012345".to_owned()),
            ..CustomerDraft::default()
        };
        let command =
            ScopedCommand::CreateCustomer(person, vasool_core::command::OnDuplicate::Refuse);
        let Reply::Customer(customer) = driver.did(scope, command).await else { panic!() };
        let linked = made(&mut driver, scope, draft(QrUsage::Multiple, Some(customer.id))).await;
        made(&mut driver, scope, draft(QrUsage::Multiple, None)).await;
        let reply = driver.did(scope, paid(linked.id, 500, "linked")).await;
        let Reply::Receipt(Receipt::Credited(payment)) = reply else { panic!() };
        assert_eq!(payment.customer, Some(customer.id));
        assert_eq!(payment.contact.as_deref(), Some("+919000012345"));
        let filter = QrCodeFilter { customer: Some(customer.id), ..QrCodeFilter::default() };
        let found = world.store.qr_codes(scope.id, filter, ALL).await.unwrap();
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [linked.id]);
        // Another merchant neither pays it nor links the customer.
        let other = driver.merchant("Other").await.scope(Mode::Test);
        let reply = driver.did(other, paid(linked.id, 500, "foreign")).await;
        assert!(matches!(reply, Reply::Receipt(Receipt::Returned(_))), "{reply:?}");
        let foreign = ScopedCommand::CreateQrCode(draft(QrUsage::Multiple, Some(customer.id)));
        let answer = driver.run(Command::Scoped(other.id, foreign)).await;
        assert_eq!(answer.unwrap_err(), Rejection::NotFound);
    });
}

#[test]
fn cm_58_a_bank_account_is_deleted_once() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 93);
        let scope = driver.merchant("Banks").await.scope(Mode::Test);
        let mut people = vec![];
        for _ in 0..2 {
            let command = ScopedCommand::CreateCustomer(
                CustomerDraft::default(),
                vasool_core::command::OnDuplicate::Refuse,
            );
            let Reply::Customer(row) = driver.did(scope, command).await else { panic!() };
            people.push(row.id);
        }
        let bank = BankAccountDraft {
            ifsc: "UTIB0000194".to_owned(),
            account_number: "00000098765".to_owned(),
            name: "Meera Iyer".to_owned(),
        };
        let command = ScopedCommand::AddBankAccount(people[0], bank.clone());
        let Reply::BankAccount(row) = driver.did(scope, command).await else { panic!() };
        assert_eq!((&row.account_number, row.deleted_at), (&bank.account_number, None));
        assert!(!format!("{row:?}").contains("00000098765"), "numbers are not logged");
        let delete = |customer| {
            Command::Scoped(scope.id, ScopedCommand::DeleteBankAccount(customer, row.id))
        };
        let commands = vec![delete(people[1]), delete(people[0]), delete(people[0])];
        let answers = driver.run_all(commands).await;
        assert_eq!(answers[0].as_ref().unwrap_err(), &Rejection::NotFound);
        assert!(matches!(&answers[1], Ok(Reply::BankAccount(row)) if row.deleted_at.is_some()));
        assert_eq!(answers[2].as_ref().unwrap_err(), &Rejection::NotFound);
        assert_eq!(driver.run(delete(people[0])).await.unwrap_err(), Rejection::NotFound);

        driver.did(scope, ScopedCommand::CreateFundAccount(people[0], bank.clone())).await;
        driver.did(scope, ScopedCommand::CreateFundAccount(people[1], bank)).await;
        let of = async |customer| {
            world.store.fund_accounts(scope.id, customer, ALL).await.unwrap().len()
        };
        assert_eq!((of(None).await, of(Some(people[0])).await), (2, 1));
    });
}

#[test]
fn a_reset_scope_takes_codes_and_bank_accounts_with_it() {
    on_all(async |world| {
        let (scope, _) = story(world).await;
        let mut driver = Driver::new(&world.store, 94);
        let command = ScopedCommand::CreateCustomer(
            CustomerDraft::default(),
            vasool_core::command::OnDuplicate::Refuse,
        );
        let Reply::Customer(customer) = driver.did(scope, command).await else { panic!() };
        let bank = BankAccountDraft {
            ifsc: "UTIB0000194".to_owned(),
            account_number: "00000098765".to_owned(),
            name: "Meera Iyer".to_owned(),
        };
        driver.did(scope, ScopedCommand::AddBankAccount(customer.id, bank.clone())).await;
        driver.did(scope, ScopedCommand::CreateFundAccount(customer.id, bank)).await;
        driver.did(scope, ScopedCommand::ResetSandbox).await;
        while world.store.purge_retired(1_000).await.unwrap() > 0 {}
        for table in ["qr_codes", "customer_bank_accounts", "fund_accounts", "short_links"] {
            let sql = format!("SELECT count(*) FROM {table}");
            assert_eq!(world.rows(&sql).await.remove(0).int().unwrap(), 0, "{table}");
        }
    });
}
