//! Acknowledgements and responses about debits. Source: rails 5.5, 5.6, paper-nach 12.3.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use futures_util::future::join_all;
use vasool_core::failure::NachFailure;
use vasool_core::id::{PaymentId, RawId};
use vasool_core::instruction::InstructionKey;
use vasool_core::money::Paise;
use vasool_core::nach_codes::debit::Leg;
use vasool_core::paper_nach::NachAnswer;
use vasool_core::time::Millis;
use vasool_nach::ach::{FileKind, Item, Outcome, Reader};
use vasool_nach::cycles::extended_times;
use vasool_nach::day::Day;
use vasool_nach::names::Stage;
use vasool_store::rail_files::{FiledDebit, OutFile};

use super::debits::joined;
use super::taking::{Bad, Received};
use super::{FileRail, FileResult};

/// Items that are read, looked up and applied at once: what a file costs in memory.
const PAGE: usize = 512;
/// Items after which the progress of a file is written down.
const PROGRESS_EVERY: i64 = 8 * PAGE as i64;

type Items = Reader<BufReader<File>>;

impl FileRail {
    fn open_answers(&self, received: &Received) -> Result<Items, Bad> {
        let path = self.parts.directory.received_path(&received.name);
        let file = File::open(path).map_err(|error| Bad(error.to_string()))?;
        let input = BufReader::with_capacity(256 * 1024, file);
        let dialect = self.parts.bank.dialect;
        Reader::new(input, FileKind::Response, dialect).map_err(|error| Bad(error.to_string()))
    }

    /// Reads all of a file and looks at every item of it: number of items and sum of their amounts.
    pub(super) async fn check_debits(
        &self,
        received: &Received,
        sent: &OutFile,
    ) -> FileResult<Result<(i64, Paise), Bad>> {
        let mut reader = match self.open_answers(received) {
            Ok(reader) => reader,
            Err(bad) => return Ok(Err(bad)),
        };
        let bank = &self.parts.bank;
        let announced = reader.announced();
        if reader.batch().user_number != bank.utility_code {
            return Ok(Err(Bad("line 1: another utility code".to_owned())));
        }
        loop {
            let first_line = reader.line() + 1;
            let (page, next) = read_page(reader).await?;
            reader = next;
            let items = match page {
                Ok(items) => items,
                Err(bad) => return Ok(Err(bad)),
            };
            if items.is_empty() {
                return Ok(Ok((i64::from(announced.count), announced.amount)));
            }
            let filed = self.find(&items).await?;
            for (item, line) in items.iter().zip(first_line..) {
                if let Err(why) = check_item(item, &filed, sent, received.parsed.stage) {
                    return Ok(Err(Bad(format!("line {line}: {why}"))));
                }
            }
            self.keep_lease().await?;
        }
    }

    /// Applies a file that was checked, behind the items that were applied before.
    pub(super) async fn apply_debits(
        &self,
        received: &Received,
        file: &str,
        done: i64,
        now: Millis,
    ) -> FileResult<()> {
        let mut reader = self.open_answers(received).map_err(changed)?;
        let (mut at, mut written) = (0, done);
        loop {
            let (page, next) = read_page(reader).await?;
            reader = next;
            let items = page.map_err(changed)?;
            if items.is_empty() {
                return Ok(());
            }
            at += i64::try_from(items.len()).unwrap_or(i64::MAX);
            if at <= done {
                continue;
            }
            let filed = self.find(&items).await?;
            let answers = items.iter().filter_map(|item| {
                let filed = filed.get(&reference(item)?)?;
                let answer = self.answer_of(item.outcome?, received.parsed.stage, now)?;
                let key = InstructionKey::Present(filed.rows.payment);
                Some(self.report(filed.scope, (key, 1), filed.rows, now, answer))
            });
            for result in join_all(answers).await {
                result?;
            }
            self.keep_lease().await?;
            if at - written >= PROGRESS_EVERY {
                self.parts.store.in_file_done(file, at, false).await?;
                written = at;
            }
        }
    }

    /// The debits that items speak of, by reference.
    async fn find(&self, items: &[Item]) -> FileResult<BTreeMap<PaymentId, FiledDebit>> {
        let mut references: Vec<PaymentId> = items.iter().filter_map(reference).collect();
        let Some(last) = references.last().copied() else { return Ok(BTreeMap::new()) };
        // Always as many, so that one statement serves every page.
        references.resize(PAGE, last);
        let rows = self.parts.store.filed_debits(&self.parts.bank.name, &references).await?;
        Ok(rows.into_iter().map(|row| (row.rows.payment, row)).collect())
    }

    /// What an outcome means; `None` for what says nothing yet.
    fn answer_of(&self, outcome: Outcome, stage: Stage, now: Millis) -> Option<NachAnswer> {
        let bank = &self.parts.bank;
        Some(match (stage, outcome) {
            // NPCI has it; the payer's bank is to decide.
            (Stage::InputAck, Outcome::Accepted) => return None,
            (_, Outcome::Accepted) => NachAnswer::Honoured,
            (_, Outcome::Returned(code)) => {
                NachAnswer::Refused(NachFailure::of_leg(Leg::Return, code))
            }
            (_, Outcome::Rejected(code)) => {
                NachAnswer::Refused(NachFailure::of_leg(Leg::Reject, code))
            }
            (_, Outcome::Extended) => {
                let day = Day::at(now.to_time());
                let times = extended_times(day, &bank.terms, &bank.calendar);
                let rest = times.give_up_at.to_millis().0 - now.0;
                NachAnswer::Pending { again_in_ms: Some(rest) }
            }
        })
    }
}

/// A file that was checked reads otherwise: it is left for the next look, which refuses it.
fn changed(bad: Bad) -> super::FileError {
    super::FileError::Make(format!("a file changed while it was read: {}", bad.0))
}

/// The next items beside the runtime; none at the end, whose totals were compared by then.
async fn read_page(reader: Items) -> FileResult<(Result<Vec<Item>, Bad>, Items)> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut reader = reader;
        let items: Result<Vec<Item>, _> = reader.by_ref().take(PAGE).collect();
        (items.map_err(|error| Bad(error.to_string())), reader)
    });
    joined(reading.await)
}

fn reference(item: &Item) -> Option<PaymentId> {
    let id = item.debit.reference.strip_prefix("pay_")?;
    RawId::parse(id).map(PaymentId)
}

/// Whether an item is one of ours, as it was sent. Says what is wrong without a value of the file.
fn check_item(
    item: &Item,
    filed: &BTreeMap<PaymentId, FiledDebit>,
    sent: &OutFile,
    stage: Stage,
) -> Result<(), &'static str> {
    let ours = reference(item).and_then(|id| filed.get(&id)).ok_or("a reference of nobody")?;
    if ours.file != sent.id {
        return Err("a reference of another file");
    }
    if ours.amount != item.debit.amount {
        return Err("another amount than was sent");
    }
    if ours.umrn.as_deref() != Some(item.debit.umrn.as_str()) {
        return Err("another mandate than was sent");
    }
    match (stage, item.outcome) {
        (Stage::InputAck, Some(Outcome::Returned(_) | Outcome::Extended)) => {
            Err("an acknowledgement with an answer of a payer's bank")
        }
        (_, None) => Err("no outcome"),
        _ => Ok(()),
    }
}
