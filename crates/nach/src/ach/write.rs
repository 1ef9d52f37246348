//! Writing a file of debits, a record at a time.

use std::io::{Seek, SeekFrom, Write};

use super::error::{AchError, Why};
use super::layout::{HEADER, Name, RECORD_BYTES};
use super::model::{AccountType, Batch, Dialect, FileKind, Item, LineEnd, Outcome, Totals};
use super::record::{FieldResult, Record};
use super::{DETAIL_CODE, HEADER_CODE};
use crate::codes::Code;

/// Writes a file whose totals are known before its first item, such as by a query.
///
/// The layout has no trailer: the header carries the totals, so a stream that cannot go back must
/// know them first. [`Writer::finish`] compares them with what was written.
pub struct Writer<W> {
    out: W,
    kind: FileKind,
    dialect: Dialect,
    user_number: String,
    announced: Totals,
    written: Totals,
    line: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    pub fn new(
        out: W,
        kind: FileKind,
        dialect: Dialect,
        batch: &Batch,
        totals: Totals,
    ) -> Result<Writer<W>, AchError> {
        let mut writer = Writer {
            out,
            kind,
            dialect,
            user_number: batch.user_number.trim_matches(' ').to_owned(),
            announced: totals,
            written: Totals::default(),
            line: 1,
        };
        writer.put(header(batch, totals))?;
        Ok(writer)
    }

    /// Writes one item.
    pub fn push(&mut self, item: &Item) -> Result<(), AchError> {
        self.line += 1;
        if self.kind.is_of_one_user()
            && item.debit.user_number.trim_matches(' ') != self.user_number
        {
            return Err(self.error(Name::UserNumber, Why::OtherUserNumber));
        }
        self.put(detail(self.kind, &self.dialect, item))?;
        let items_max = self.dialect.items_max;
        self.written = self
            .written
            .plus(item.debit.amount, items_max)
            .ok_or_else(|| AchError::new(self.line, Why::TooManyRecords(items_max)))?;
        Ok(())
    }

    /// Flushes and gives the stream back.
    ///
    /// Errors with [`Why::TotalsDiffer`] when other items were written than announced: the file is
    /// then not to be used.
    pub fn finish(mut self) -> Result<W, AchError> {
        if self.written != self.announced {
            let why = Why::TotalsDiffer { announced: self.announced, found: self.written };
            return Err(AchError::new(1, why));
        }
        self.out.flush().map_err(|error| AchError::new(self.line, Why::Io(error)))?;
        Ok(self.out)
    }

    fn put(&mut self, record: FieldResult<Record>) -> Result<(), AchError> {
        let record = record.map_err(|(name, why)| self.error(name, why))?;
        let end: &[u8] = match self.dialect.line_end {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
        };
        let written = self.out.write_all(record.bytes()).and_then(|()| self.out.write_all(end));
        written.map_err(|error| AchError::new(self.line, Why::Io(error)))
    }

    fn error(&self, name: Name, why: Why) -> AchError {
        AchError { line: self.line, field: Some(name), why }
    }
}

/// Writes a file from items that can be gone through twice: once for the totals, once to write.
pub fn write<'a, W: Write>(
    out: W,
    kind: FileKind,
    dialect: Dialect,
    batch: &Batch,
    items: impl Iterator<Item = &'a Item> + Clone,
) -> Result<Totals, AchError> {
    let (mut totals, mut line) = (Totals::default(), 1);
    for item in items.clone() {
        line += 1;
        let sum = totals.plus(item.debit.amount, dialect.items_max);
        let too_many = || AchError::new(line, Why::TooManyRecords(dialect.items_max));
        totals = sum.ok_or_else(too_many)?;
    }
    let mut writer = Writer::new(out, kind, dialect, batch, totals)?;
    for item in items {
        writer.push(item)?;
    }
    writer.finish()?;
    Ok(totals)
}

/// Writes a file from items that pass by only once, to a stream that can go back: the header is
/// written last, over a first one without totals, and the stream is left at its end.
///
/// An error of the items ends it; the file is then not to be used.
pub fn write_once<W: Write + Seek, E: From<AchError>>(
    out: W,
    kind: FileKind,
    dialect: Dialect,
    batch: &Batch,
    items: impl IntoIterator<Item = Result<Item, E>>,
) -> Result<Totals, E> {
    let mut writer = Writer::new(out, kind, dialect, batch, Totals::default())?;
    for item in items {
        writer.push(&item?)?;
    }
    let totals = writer.written;
    writer.announced = totals;
    let line = writer.line;
    let mut out = writer.finish()?;
    let header = header(batch, totals).map_err(|(name, why)| AchError {
        line: 1,
        field: Some(name),
        why,
    })?;
    let mut rewrite = || {
        let end = out.stream_position()?;
        // A line end is as long as it was: only the record is written over.
        let line_end = if dialect.line_end == LineEnd::CrLf { 2 } else { 1 };
        let length = line * (RECORD_BYTES as u64 + line_end);
        out.seek(SeekFrom::Start(end - length))?;
        out.write_all(header.bytes())?;
        out.seek(SeekFrom::Start(end))?;
        out.flush()
    };
    rewrite().map_err(|error| AchError::new(1, Why::Io(error)))?;
    Ok(totals)
}

fn header(batch: &Batch, totals: Totals) -> FieldResult<Record> {
    let mut record = Record::blank(HEADER);
    record.put_text(Name::TransactionCode, HEADER_CODE)?;
    record.put_required(Name::UserName, &batch.user_name)?;
    record.put_text(Name::FileNumber, &batch.file_number)?;
    record.put_amount(Name::UserLimit, batch.user_limit)?;
    record.put_amount(Name::TotalAmount, totals.amount)?;
    record.put_date(Name::SettlementDate, batch.settlement_on);
    record.put_text(Name::FileSequence, &batch.file_sequence)?;
    record.put_text(Name::Checksum, &batch.checksum)?;
    record.put_required(Name::UserNumber, &batch.user_number)?;
    record.put_text(Name::UserReference, &batch.user_reference)?;
    record.put_required(Name::SponsorBank, &batch.sponsor_bank)?;
    record.put_text(Name::UserAccount, &batch.user_account)?;
    record.put_number(Name::ItemCount, totals.count.into())?;
    record.put_text(Name::SettlementCycle, &batch.settlement_cycle)?;
    Ok(record)
}

fn detail(kind: FileKind, dialect: &Dialect, item: &Item) -> FieldResult<Record> {
    let (mut record, debit) = (Record::blank(kind.layout()), &item.debit);
    if AccountType::from_code(debit.account_type.code()) != Some(debit.account_type) {
        let code = debit.account_type.code();
        return Err((Name::AccountType, Why::UnknownAccountType(code)));
    }
    if debit.amount.get() == 0 {
        return Err((Name::Amount, Why::WrongAmount));
    }
    record.put_text(Name::TransactionCode, DETAIL_CODE)?;
    record.put_number(Name::AccountType, debit.account_type.code().into())?;
    record.put_text(Name::LedgerFolio, &item.stamp.settlement)?;
    record.put_required(Name::AccountHolder, &debit.holder)?;
    record.put_text(Name::Narration, &debit.narration)?;
    record.put_amount(Name::Amount, debit.amount)?;
    record.put_text(Name::ItemSequence, &item.stamp.sequence)?;
    record.put_text(Name::Checksum, &item.stamp.checksum)?;
    record.put_required(Name::DestinationBank, &debit.destination_bank)?;
    record.put_required(Name::DestinationAccount, &debit.destination_account)?;
    record.put_required(Name::SponsorBank, &debit.sponsor_bank)?;
    record.put_required(Name::UserNumber, &debit.user_number)?;
    record.put_required(Name::TransactionReference, &debit.reference)?;
    record.put_text(Name::Product, &debit.product)?;
    record.put_required(Name::Umrn, &debit.umrn)?;
    match (kind.has_outcomes(), item.outcome) {
        (true, Some(outcome)) => put_outcome(&mut record, dialect, outcome)?,
        (false, None) => {}
        _ => return Err((Name::Flag, Why::OutcomeMisplaced)),
    }
    Ok(record)
}

fn put_outcome(record: &mut Record, dialect: &Dialect, outcome: Outcome) -> FieldResult<()> {
    let (flag, reason) = match outcome {
        Outcome::Accepted => (dialect.flags.accepted, Code::SUCCESS),
        Outcome::Returned(code) => (dialect.flags.returned, code),
        Outcome::Rejected(code) => (dialect.flags.rejected, code),
        Outcome::Extended => (dialect.flags.extended, Code::EXTENSION),
    };
    let is_failure = matches!(outcome, Outcome::Returned(_) | Outcome::Rejected(_));
    if is_failure && reason == Code::SUCCESS {
        return Err((Name::Reason, Why::OutcomeContradictsReason));
    }
    record.put_text(Name::Flag, char::from(flag).encode_utf8(&mut [0; 4]))?;
    record.put_text(Name::Reason, reason.as_str())
}
