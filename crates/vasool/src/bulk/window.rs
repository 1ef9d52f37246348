//! Which rows may be in flight together.

use std::collections::BTreeSet;

use vasool_core::bulk::{BulkRow, BulkRowKey};
use vasool_core::bulk_rules::RowTask;

use crate::wire::bulk::{RowContext, read_row};
use crate::wire::error::ApiError;

/// A row that waits for its outcome.
pub enum Waiting {
    /// It can be read, but for what the rules meet in their own order.
    Task(Box<RowTask>, Option<ApiError>),
    /// It cannot.
    Refused(ApiError),
}

/// Rows that may be in flight together.
pub type Wave = Vec<(BulkRowKey, Waiting)>;

/// Reads rows, without those that have an outcome. Rows about the same thing are in waves after each
/// other, in the order of the file: on PostgreSQL commands in flight may overtake each other, and
/// anywhere one may have to be done again.
pub fn waves(context: &RowContext<'_>, rows: Vec<BulkRow>) -> Vec<Wave> {
    let (mut waves, mut wave, mut touched) = (vec![], Wave::new(), BTreeSet::new());
    for row in rows.into_iter().filter(|row| row.outcome.is_none()) {
        let waiting = match read_row(context, &row.cells) {
            Ok((task, error)) => {
                let subjects = task.subjects();
                if subjects.iter().any(|subject| touched.contains(subject)) {
                    waves.push(std::mem::take(&mut wave));
                    touched.clear();
                }
                touched.extend(subjects);
                Waiting::Task(Box::new(task), error)
            }
            Err(error) => Waiting::Refused(error),
        };
        wave.push(((row.file, row.number), waiting));
    }
    if !wave.is_empty() {
        waves.push(wave);
    }
    waves
}

#[cfg(test)]
mod tests {
    use vasool_core::bulk::{BulkFile, BulkKind, BulkState, Notify};
    use vasool_core::id::{BatchId, RawId};
    use vasool_core::scope::{Mode, ScopeId};
    use vasool_core::settings::Settings;
    use vasool_core::time::{Millis, Time};

    use super::*;

    /// The numbers of rows, wave by wave.
    fn numbers(kind: BulkKind, rows: &[&str]) -> Vec<Vec<i64>> {
        let (id, scope) = (BatchId(RawId::parse("QcA1Batch00001").unwrap()), ScopeId(1));
        let file = BulkFile {
            id,
            scope,
            kind,
            name: None,
            columns: vec![],
            notify: Notify { sms: false, email: false },
            schedule: None,
            total: 99,
            succeeded: 1,
            failed: 1,
            state: BulkState::Processing,
            due: Millis(0),
            created_at: Time(0),
        };
        let row = |(number, row): (i64, &&str)| BulkRow {
            file: id,
            number,
            scope,
            cells: row.split('|').map(str::to_owned).collect(),
            outcome: None,
        };
        let settings = Settings::defaults(Mode::Test);
        let context = RowContext {
            file: &file,
            settings: &settings,
            now: Time(0),
            base: "",
            rails: vec![].into(),
        };
        let waves = waves(&context, (3..).zip(rows).map(row).collect());
        waves.iter().map(|wave| wave.iter().map(|(key, _)| key.1).collect()).collect()
    }

    #[test]
    fn rows_about_one_thing_are_never_in_flight_together() {
        let (a, b) = ("va_QcA1Meera00001|01-12-2026 10:00", "va_QcA1Meera00002|01-12-2026 10:00");
        assert_eq!(numbers(BulkKind::MoveExpiries, &[a, b, "va_1|x"]), [[3, 4, 5]]);
        assert_eq!(numbers(BulkKind::MoveExpiries, &[a, b, a, b]), [[3, 4], [5, 6]]);
        let open = BulkKind::OpenAccounts;
        let rows = ["|Meera|||RENT1||", "|Ravi|||RENT2||", "|Asha|||0rent1||"];
        assert_eq!(numbers(open, &rows), [vec![3, 4], vec![5]]);
        let rows =
            ["|Meera|9000012345|m@x.in|||", "||9000012345||||", "|M R|+919000012345|M@x.in|||"];
        assert_eq!(numbers(open, &rows), [vec![3, 4], vec![5]]);
        assert_eq!(numbers(open, &["|Meera|||||", "|Meera|||||"]), [[3, 4]]);
        assert_eq!(numbers(open, &[]), [[0; 0]; 0]);
    }
}
