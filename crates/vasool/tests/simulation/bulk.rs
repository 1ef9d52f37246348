//! Bulk files under faults: every row is done or refused, once.

use std::collections::BTreeMap;

use vasool_core::bulk::{BulkKind, BulkState, Notify, RowOutcome};
use vasool_core::bulk_rules::{BulkCommand, BulkDraft};
use vasool_core::command::ScopedCommand;
use vasool_core::event::EventKind;
use vasool_core::scope::ScopeId;
use vasool_store::memory::Data;

use crate::rng::Rng;

/// A small file: new and known customers, numbers that clash, rows that cannot be read. `tag` makes
/// descriptions of accounts unique, to find what a row made.
pub fn command(rng: &mut Rng, data: &Data, scope: ScopeId, tag: u64) -> ScopedCommand {
    let rows = 1 + rng.below(8);
    let kind = if rng.percent(70) { BulkKind::OpenAccounts } else { BulkKind::MoveExpiries };
    let accounts: Vec<String> = data
        .virtual_accounts
        .values()
        .filter(|(row, _)| row.scope == scope)
        .map(|(row, _)| row.id.to_string())
        .collect();
    let row = |at: usize| match kind {
        BulkKind::OpenAccounts => {
            let name = if rng.percent(10) { "X" } else { "Payer of a file" };
            let email = format!("payer{}@example.test", rng.below(5));
            let number = if rng.percent(30) { format!("S{}", rng.below(6)) } else { String::new() };
            let description = format!("file {tag} row {at}");
            [String::new(), name.into(), String::new(), email, number, description, String::new()]
                .to_vec()
        }
        _ => {
            let account = rng.pick(&accounts).cloned().unwrap_or_else(|| "va_1".to_owned());
            let year = if rng.percent(70) { 2036 } else { 2001 };
            vec![account, format!("01-12-{year} 10:00")]
        }
    };
    let draft = BulkDraft {
        kind,
        name: None,
        columns: vec![],
        notify: Notify { sms: false, email: false },
        schedule: None,
        total: i64::try_from(rows).expect("a few"),
        rows: (0..rows).map(row).collect(),
    };
    ScopedCommand::Bulk(BulkCommand::Store(draft))
}

/// What must hold at any moment.
pub fn check(data: &Data) {
    let mut made: BTreeMap<(ScopeId, &str), usize> = BTreeMap::new();
    for occurrence in data.occurrences.values() {
        let account = occurrence.snapshot.virtual_account.as_ref();
        if occurrence.kinds.contains(&EventKind::VirtualAccountCreated)
            && let Some(description) = account.and_then(|row| row.description.as_deref())
        {
            *made.entry((occurrence.scope.id, description)).or_default() += 1;
        }
    }
    for (file, _) in data.bulk_files.values() {
        let rows: Vec<_> = data.bulk_rows.range((file.id, 0)..=(file.id, i64::MAX)).collect();
        assert_eq!(rows.len() as i64, file.total, "all rows of a file are there");
        let (mut done, mut refused) = (0, 0);
        for (_, (row, _)) in &rows {
            let is_counted = row.number <= file.decided();
            match &row.outcome {
                None => assert!(!is_counted, "what is counted has an outcome"),
                Some(RowOutcome::Done(_)) => done += i64::from(is_counted),
                Some(RowOutcome::Refused(_)) => refused += i64::from(is_counted),
            }
            if file.kind == BulkKind::OpenAccounts {
                let times = made.get(&(file.scope, row.cells[5].as_str())).copied();
                let wanted = matches!(row.outcome, Some(RowOutcome::Done(_)));
                assert_eq!(times.unwrap_or(0), usize::from(wanted), "{row:?}");
            }
        }
        assert_eq!((done, refused), (file.succeeded, file.failed), "{file:?}");
        let is_processed = matches!(file.state, BulkState::Processed { .. });
        assert_eq!(is_processed, file.decided() == file.total, "{file:?}");
    }
}

/// Once nothing goes wrong any more, every file comes to its end.
pub fn check_nothing_due(data: &Data) {
    for (file, _) in data.bulk_files.values() {
        if !data.tenants[&file.scope].0.retired {
            assert!(matches!(file.state, BulkState::Processed { .. }), "{file:?} is left");
        }
    }
}
