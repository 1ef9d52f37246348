//! Bulk files: rows have one outcome, files are found when they are due.

use vasool_core::bulk::{BulkFile, BulkKind, BulkRow, BulkState, RowOutcome, RowRefusal};
use vasool_core::bulk_rules::{BulkCommand, BulkDraft, OpenAccount, RowTask};
use vasool_core::command::{Command, Reply, ScopedCommand};
use vasool_core::customer::CustomerDraft;
use vasool_core::rejection::Rejection;
use vasool_core::scope::{Mode, Scope};
use vasool_core::settings::SettingValue;
use vasool_core::smart_collect::VirtualAccountEdit;
use vasool_core::time::Time;
use vasool_store::reads::Page;

use crate::driver::{Driver, START, with_number};
use crate::random::Random;
use crate::world::on_all;

impl Random {
    pub fn bulk_file(&mut self) -> BulkFile {
        let (mode, at) = (self.mode(), self.time());
        let states = [BulkState::Created, BulkState::Processing, BulkState::Processed { at }];
        BulkFile {
            id: self.id(),
            scope: self.scope(mode),
            kind: self.one_of(&[BulkKind::OpenAccounts, BulkKind::MoveExpiries]),
            name: self.some(Random::text),
            total: self.int(),
            succeeded: self.int(),
            failed: self.int(),
            state: self.one_of(&states),
            due: self.millis(),
            created_at: self.time(),
        }
    }

    pub fn bulk_row(&mut self, file: &BulkFile, number: i64) -> BulkRow {
        let outcome = match self.below(3) {
            0 => None,
            1 => Some(RowOutcome::Done { customer: self.some(Random::id), account: self.id() }),
            _ => {
                let (code, description) = (self.text(), self.text());
                Some(RowOutcome::Refused(RowRefusal { code, description }))
            }
        };
        let cells = (0..self.below(4)).map(|_| self.text()).collect();
        BulkRow { file: file.id, number, scope: file.scope, cells, outcome }
    }
}

fn bulk(command: BulkCommand) -> ScopedCommand {
    ScopedCommand::Bulk(command)
}

fn open(email: &str, descriptor: Option<&str>) -> RowTask {
    let customer = CustomerDraft { email: Some(email.to_owned()), ..CustomerDraft::default() };
    let account = with_number(descriptor);
    RowTask::OpenAccount(Box::new(OpenAccount { customer: Some(customer), account }))
}

/// A file of empty rows.
async fn stored(driver: &mut Driver<'_>, scope: Scope, rows: usize) -> BulkFile {
    let rows = (0..rows).map(|at| vec![format!("row {at}")]).collect();
    let (kind, name) = (BulkKind::OpenAccounts, Some("rent.csv".to_owned()));
    let store = BulkCommand::Store(BulkDraft { kind, name, rows });
    match driver.did(scope, bulk(store)).await {
        Reply::BulkFile(file) => BulkFile::clone(&file),
        other => panic!("{other:?}"),
    }
}

async fn counted(driver: &mut Driver<'_>, file: &BulkFile, first: i64, last: i64) -> BulkFile {
    let count = bulk(BulkCommand::CountUpTo((file.id, last), first));
    match driver.run(Command::Scoped(file.scope, count)).await {
        Ok(Reply::BulkFile(file)) => BulkFile::clone(&file),
        other => panic!("{other:?}"),
    }
}

/// A processed file with two rows done and one refused.
pub async fn file(driver: &mut Driver<'_>, scope: Scope) -> BulkFile {
    let file = stored(driver, scope, 3).await;
    driver.did(scope, bulk(BulkCommand::Begin(file.id))).await;
    for (number, email) in [(1, "first@row.test"), (3, "third@row.test")] {
        let task = open(email, None);
        driver.did(scope, bulk(BulkCommand::DoRow((file.id, number), task))).await;
    }
    let refusal = RowRefusal { code: "BAD".to_owned(), description: "no".to_owned() };
    driver.did(scope, bulk(BulkCommand::RefuseRow((file.id, 2), refusal))).await;
    counted(driver, &file, 1, 3).await
}

#[test]
fn a_row_is_done_once_and_a_refused_one_leaves_nothing() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 70);
        let merchant = driver.merchant("Bulk").await;
        let scope = merchant.scope(Mode::Test);
        driver.open(scope, with_number(Some("TAKEN"))).await;
        let file = stored(&mut driver, scope, 4).await;
        assert_eq!((file.total, file.decided(), file.state), (4, 0, BulkState::Created));
        let key = |number| (file.id, number);
        // The same row twice in one batch, and once more later.
        let row = |task| Command::Scoped(scope.id, bulk(BulkCommand::DoRow(key(1), task)));
        let twice = vec![row(open("a@row.test", None)), row(open("b@row.test", None))];
        assert!(driver.run_all(twice).await.iter().all(Result::is_ok));
        assert!(driver.run(row(open("c@row.test", None))).await.is_ok());
        let refusal = RowRefusal { code: "BAD".to_owned(), description: "late".to_owned() };
        driver.did(scope, bulk(BulkCommand::RefuseRow(key(1), refusal.clone()))).await;
        // A new customer whose account is refused is not made.
        let taken = bulk(BulkCommand::DoRow(key(2), open("d@row.test", Some("TAKEN"))));
        let refused = driver.run(Command::Scoped(scope.id, taken)).await;
        assert_eq!(refused.unwrap_err(), Rejection::DescriptorTaken);
        let rows = world.store.bulk_rows(file.id, 0, 10).await.unwrap();
        let Some(RowOutcome::Done { customer: Some(customer), account }) = rows[0].outcome else {
            panic!("{rows:?}")
        };
        assert!(rows[1..].iter().all(|row| row.outcome.is_none()));
        assert_eq!(rows[3].cells, ["row 3"]);
        let numbers = |rows: &[BulkRow]| rows.iter().map(|row| row.number).collect::<Vec<_>>();
        assert_eq!(numbers(&world.store.bulk_rows(file.id, 1, 2).await.unwrap()), [2, 3]);
        let page = Page { count: 10, skip: 0, from: None, to: None };
        let known = world.store.customers(scope.id, None, None, page).await.unwrap();
        assert_eq!(known.iter().map(|row| row.id).collect::<Vec<_>>(), [customer]);

        // Only what has an outcome is counted, once, and in order.
        assert_eq!(counted(&mut driver, &file, 1, 2).await.decided(), 0);
        assert_eq!(counted(&mut driver, &file, 1, 1).await.decided(), 1);
        assert_eq!(counted(&mut driver, &file, 1, 1).await.decided(), 1);
        driver.did(scope, bulk(BulkCommand::Begin(file.id))).await;
        driver.did(scope, bulk(BulkCommand::RefuseRow(key(2), refusal.clone()))).await;
        let edit = VirtualAccountEdit { description: Some(None), ..VirtualAccountEdit::default() };
        let edit = RowTask::EditAccount(account, edit);
        driver.did(scope, bulk(BulkCommand::DoRow(key(3), edit))).await;
        driver.did(scope, bulk(BulkCommand::RefuseRow(key(4), refusal.clone()))).await;
        let done = counted(&mut driver, &file, 2, 4).await;
        assert_eq!((done.succeeded, done.failed), (2, 2));
        let at = driver.real.to_time();
        assert_eq!(done.state, BulkState::Processed { at });
        assert_eq!(world.store.bulk_file(scope.id, file.id).await.unwrap(), Some(done.clone()));
        assert_eq!(world.store.bulk_files(scope.id, page).await.unwrap(), [done]);
        let live = merchant.scope(Mode::Live);
        assert_eq!(world.store.bulk_file(live.id, file.id).await.unwrap(), None);
        let stranger = Command::Scoped(live.id, bulk(BulkCommand::Begin(file.id)));
        assert_eq!(driver.run(stranger).await.unwrap_err(), Rejection::NotFound);

        let views = world.store.bulk_row_views(file.id, 0, 10).await.unwrap();
        assert_eq!(views[0].customer.as_ref().map(|row| row.id), Some(customer));
        let (name, number, banks) = views[0].account.clone().unwrap();
        assert_eq!((name.as_str(), banks.len()), ("Bulk", 1));
        let row = world.store.virtual_account(scope.id, account).await.unwrap().unwrap();
        assert_eq!((number, banks), (row.account_number, row.banks));
        assert_eq!((&views[1].customer, &views[1].account), (&None, &None));
        assert_eq!(views[1].row.outcome, Some(RowOutcome::Refused(refusal)));
        assert!(world.store.audit().await.unwrap().is_clean());
    });
}

#[test]
fn files_are_due_on_their_merchants_clock_until_they_are_processed() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 71);
        let merchant = driver.merchant("Bulk").await;
        let (test, live) = (merchant.scope(Mode::Test), merchant.scope(Mode::Live));
        let delay = vec![("batch_delay".to_owned(), SettingValue::Integer(60))];
        driver.did(test, ScopedCommand::ChangeSettings(delay)).await;
        let later = stored(&mut driver, test, 1).await;
        let now = stored(&mut driver, live, 1).await;
        let store = &world.store;
        let real = driver.real;
        assert_eq!(store.bulk_lanes_due(real).await.unwrap(), [(live.id.lane(), real)]);
        let due = store.bulk_files_due(live.id.lane(), real, 9).await.unwrap();
        assert_eq!(due.iter().map(|row| row.id).collect::<Vec<_>>(), [now.id]);
        assert_eq!(store.bulk_files_due(test.id.lane(), real, 9).await.unwrap(), []);
        let after = real.plus(60_000);
        assert_eq!(store.bulk_lanes_due(after).await.unwrap().len(), 2);
        assert_eq!(store.bulk_files_due(test.id.lane(), after, 9).await.unwrap(), [later]);
        let task = open("live@row.test", None);
        driver.did(live, bulk(BulkCommand::DoRow((now.id, 1), task))).await;
        counted(&mut driver, &now, 1, 1).await;
        assert_eq!(store.bulk_lanes_due(driver.real).await.unwrap(), []);
        assert!(now.created_at > Time(0));
    });
}

#[test]
fn one_process_at_a_time_works_on_a_file() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 72);
        let scope = driver.merchant("Bulk").await.scope(Mode::Test);
        let file = stored(&mut driver, scope, 1).await;
        let lease = async |holder: &str, at: i64| {
            let at = START.plus(at);
            world.store.lease_bulk_file(file.id, holder, at, 1_000).await.unwrap()
        };
        assert!(lease("a", 0).await);
        assert!(lease("a", 500).await);
        // SQLite and memory serve one process.
        assert_eq!(lease("b", 1_200).await, !world.is_postgres());
        assert!(lease("b", 1_500).await);
        assert_eq!(lease("a", 1_600).await, !world.is_postgres());
        // A lease is no change of the row: a command on it goes through.
        driver.did(scope, bulk(BulkCommand::Begin(file.id))).await;
    });
}
