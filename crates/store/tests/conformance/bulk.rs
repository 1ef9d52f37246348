//! Bulk files: rows have one outcome, files are found when they are due.

use vasool_core::bulk::{
    BulkFile, BulkKind, BulkRow, BulkState, Made, Notify, RowOutcome, RowRefusal,
};
use vasool_core::bulk_rules::{BulkCommand, BulkDraft, OpenAccount, RowTask, Rows};
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
        let states = [
            BulkState::Storing { stored: self.int(), since: self.millis() },
            BulkState::Abandoned,
            BulkState::Created,
            BulkState::Processing,
            BulkState::Processed { at },
        ];
        let kinds = [
            BulkKind::OpenAccounts,
            BulkKind::MoveExpiries,
            BulkKind::RegistrationLinks,
            BulkKind::Debits,
        ];
        BulkFile {
            id: self.id(),
            scope: self.scope(mode),
            kind: self.one_of(&kinds),
            name: self.some(Random::text),
            columns: (0..self.below(3)).map(|_| self.text()).collect(),
            notify: Notify { sms: self.flag(), email: self.flag() },
            schedule: self.some(Random::time),
            total: self.int(),
            succeeded: self.int(),
            failed: self.int(),
            state: self.one_of(&states),
            due: self.millis(),
            created_at: self.time(),
        }
    }

    pub fn bulk_row(&mut self, file: &BulkFile, number: i64) -> BulkRow {
        let outcome = match self.below(5) {
            0 => None,
            1 => {
                let (customer, account) = (self.some(Random::id), self.id());
                Some(RowOutcome::Done(Made::Account { customer, account }))
            }
            2 => Some(RowOutcome::Done(Made::Link(self.id()))),
            3 => {
                let (order, payment) = (self.id(), self.id());
                Some(RowOutcome::Done(Made::Debit { order, payment }))
            }
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

/// Cells of rows that nobody reads.
fn rows(numbers: std::ops::Range<usize>) -> Rows {
    numbers.map(|at| vec![format!("row {at}")]).collect()
}

/// A file with some of its rows, of so many in all.
fn draft(total: usize, rows: Rows) -> BulkDraft {
    BulkDraft {
        kind: BulkKind::OpenAccounts,
        name: Some("rent.csv".to_owned()),
        columns: vec![],
        notify: Notify { sms: false, email: false },
        schedule: None,
        total: total as i64,
        rows,
    }
}

/// A file of empty rows.
async fn stored(driver: &mut Driver<'_>, scope: Scope, count: usize) -> BulkFile {
    store(driver, scope, draft(count, rows(0..count))).await
}

async fn store(driver: &mut Driver<'_>, scope: Scope, draft: BulkDraft) -> BulkFile {
    match driver.did(scope, bulk(BulkCommand::Store(draft))).await {
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
        let Some(RowOutcome::Done(made)) = &rows[0].outcome else { panic!("{rows:?}") };
        let Made::Account { customer: Some(customer), account } = *made else { panic!("{made:?}") };
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

#[test]
fn a_file_is_seen_and_due_when_its_last_row_is_stored() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 73);
        let scope = driver.merchant("Bulk").await.scope(Mode::Test);
        let (store_of, page) = (&world.store, Page { count: 10, skip: 0, from: None, to: None });
        let file = store(&mut driver, scope, draft(5, rows(0..2))).await;
        let since = driver.real;
        assert_eq!(file.state, BulkState::Storing { stored: 2, since });
        let is_hidden = async || {
            store_of.bulk_file(scope.id, file.id).await.unwrap().is_none()
                && store_of.bulk_files(scope.id, page).await.unwrap().is_empty()
                && store_of.bulk_lanes_due(since.plus(1_000_000)).await.unwrap().is_empty()
                && store_of.bulk_files_due(scope.id.lane(), since, 9).await.unwrap().is_empty()
        };
        assert!(is_hidden().await);
        let append = |first, numbers| {
            let command = BulkCommand::Append(file.id, first, rows(numbers));
            Command::Scoped(scope.id, bulk(command))
        };
        // Only the next rows, and each once.
        for (first, numbers) in [(2, 1..3), (4, 3..5), (1, 0..5)] {
            assert_eq!(driver.run(append(first, numbers)).await.unwrap_err(), Rejection::NotFound);
        }
        driver.run(append(3, 2..4)).await.unwrap();
        assert_eq!(driver.run(append(3, 2..4)).await.unwrap_err(), Rejection::NotFound);
        assert!(is_hidden().await && store_of.audit().await.unwrap().is_clean());
        let Ok(Reply::BulkFile(whole)) = driver.run(append(5, 4..5)).await else { panic!() };
        assert_eq!((whole.state, whole.total), (BulkState::Created, 5));
        assert_eq!(store_of.bulk_file(scope.id, file.id).await.unwrap().as_ref(), Some(&*whole));
        assert_eq!(store_of.bulk_files_due(scope.id.lane(), since, 9).await.unwrap().len(), 1);
        let numbers: Vec<String> = store_of
            .bulk_rows(file.id, 0, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.cells[0].clone())
            .collect();
        assert_eq!(numbers, ["row 0", "row 1", "row 2", "row 3", "row 4"]);
        // What is whole cannot be given up, nor grow.
        driver.did(scope, bulk(BulkCommand::Abandon(file.id))).await;
        assert_eq!(driver.run(append(6, 5..6)).await.unwrap_err(), Rejection::NotFound);
        assert_eq!(store_of.bulk_files(scope.id, page).await.unwrap().len(), 1);
        assert_eq!(store_of.purge_abandoned(100).await.unwrap(), 0);
    });
}

#[test]
fn what_nobody_stores_any_more_is_removed() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 74);
        let scope = driver.merchant("Bulk").await.scope(Mode::Test);
        let store_of = &world.store;
        let left = store(&mut driver, scope, draft(500, rows(0..450))).await;
        let kept = stored(&mut driver, scope, 3).await;
        let BulkState::Storing { stored: 450, since } = left.state else { panic!("{left:?}") };
        assert_eq!(store_of.bulk_files_left(since).await.unwrap(), []);
        let after = since.plus(1);
        assert_eq!(store_of.bulk_files_left(after).await.unwrap(), std::slice::from_ref(&left));
        driver.did(scope, bulk(BulkCommand::Abandon(left.id))).await;
        assert_eq!(store_of.bulk_files_left(after).await.unwrap(), []);
        let append = BulkCommand::Append(left.id, 451, rows(450..500));
        let refused = driver.run(Command::Scoped(scope.id, bulk(append))).await;
        assert_eq!(refused.unwrap_err(), Rejection::NotFound);
        let mut deleted = 0;
        loop {
            assert!(store_of.audit().await.unwrap().is_clean());
            match store_of.purge_abandoned(300).await.unwrap() {
                0 => break,
                some => deleted += some,
            }
        }
        assert_eq!(deleted, 451);
        assert_eq!(store_of.bulk_rows(left.id, 0, 10).await.unwrap(), []);
        assert_eq!(store_of.bulk_rows(kept.id, 0, 10).await.unwrap().len(), 3);
        assert_eq!(store_of.bulk_file(scope.id, kept.id).await.unwrap(), Some(kept));
    });
}

#[test]
fn a_schedule_moves_what_is_due() {
    on_all(async |world| {
        let mut driver = Driver::new(&world.store, 75);
        let scope = driver.merchant("Bulk").await.scope(Mode::Test);
        let at = driver.real.plus(3_600_000).to_time();
        let draft = BulkDraft {
            kind: BulkKind::Debits,
            columns: vec!["token".to_owned(), "notes[a]".to_owned()],
            notify: Notify { sms: true, email: false },
            schedule: Some(at),
            ..draft(2, rows(0..2))
        };
        let file = store(&mut driver, scope, draft).await;
        assert_eq!((file.schedule, file.due), (Some(at), at.to_millis()));
        let store_of = &world.store;
        assert_eq!(store_of.bulk_file(scope.id, file.id).await.unwrap(), Some(file.clone()));
        let early = at.to_millis().plus(-1);
        assert_eq!(store_of.bulk_files_due(scope.id.lane(), early, 9).await.unwrap(), []);
        let due = store_of.bulk_files_due(scope.id.lane(), at.to_millis(), 9).await.unwrap();
        assert_eq!(due, [file]);
    });
}
