//! Reading a file of debits, a record at a time: one line is in memory, whatever the file's size.

use std::io::BufRead;

use super::error::{AchError, Why};
use super::layout::{HEADER, Name, RECORD_BYTES};
use super::model::{AccountType, Batch, Debit, Dialect, FileKind, Item, Outcome, Stamp, Totals};
use super::record::{FieldResult, Record};
use super::{DETAIL_CODE, HEADER_CODE};
use crate::codes::Code;

/// Longest line that is looked at: a record with `\r\n`.
const LINE_BYTES_MAX: usize = RECORD_BYTES + 2;

/// Reads the items of a file in order; the header is read when it is made.
///
/// The header's totals are compared with the records when the last one has been read, so nothing
/// may be done with an item before the iterator has ended without an error. After an error it ends.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    kind: FileKind,
    dialect: Dialect,
    batch: Batch,
    announced: Totals,
    found: Totals,
    line: u64,
    is_done: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    pub fn new(mut input: R, kind: FileKind, dialect: Dialect) -> Result<Reader<R>, AchError> {
        let mut buffer = [0; LINE_BYTES_MAX];
        let length = read_line(&mut input, &mut buffer, 1)?;
        let length = length.ok_or_else(|| AchError::new(1, Why::Empty))?;
        let record = record(&buffer[..length], HEADER, 1)?;
        let (batch, announced) = header(&record).map_err(|(name, why)| at(1, name, why))?;
        if announced.count > dialect.items_max {
            return Err(at(1, Name::ItemCount, Why::TooManyRecords(dialect.items_max)));
        }
        let found = Totals::default();
        Ok(Reader { input, kind, dialect, batch, announced, found, line: 1, is_done: false })
    }

    /// What the header says, totals aside.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The totals that the header announces.
    pub fn announced(&self) -> Totals {
        self.announced
    }

    /// The line of the item that was read last, from 1 with the header.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads all that is left and gives the totals, which are those of the header.
    pub fn check(mut self) -> Result<Totals, AchError> {
        for item in self.by_ref() {
            item?;
        }
        Ok(self.found)
    }

    fn read_item(&mut self) -> Result<Option<Item>, AchError> {
        let mut buffer = [0; LINE_BYTES_MAX];
        let line = self.line + 1;
        let Some(length) = read_line(&mut self.input, &mut buffer, line)? else {
            if self.found != self.announced {
                let why = Why::TotalsDiffer { announced: self.announced, found: self.found };
                return Err(AchError::new(1, why));
            }
            return Ok(None);
        };
        self.line = line;
        let record = record(&buffer[..length], self.kind.layout(), line)?;
        let item = detail(&record, self.kind, &self.dialect, &self.batch.user_number)
            .map_err(|(name, why)| at(line, name, why))?;
        self.found = self
            .found
            .plus(item.debit.amount, self.dialect.items_max)
            .ok_or_else(|| AchError::new(line, Why::TooManyRecords(self.dialect.items_max)))?;
        Ok(Some(item))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Item, AchError>;

    fn next(&mut self) -> Option<Result<Item, AchError>> {
        if self.is_done {
            return None;
        }
        let item = self.read_item().transpose();
        self.is_done = !matches!(item, Some(Ok(_)));
        item
    }
}

fn at(line: u64, name: Name, why: Why) -> AchError {
    AchError { line, field: Some(name), why }
}

/// Reads a line into the buffer: its length without the line end, `None` at the end of the file.
/// Empty lines may stand at the end of a file, and nowhere else.
fn read_line(
    input: &mut impl BufRead,
    buffer: &mut [u8; LINE_BYTES_MAX],
    line: u64,
) -> Result<Option<usize>, AchError> {
    let (mut length, mut has_ended) = (0, false);
    loop {
        let bytes = match input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(AchError::new(line, Why::Io(error))),
        };
        if bytes.is_empty() {
            break;
        }
        if has_ended || length == 0 {
            // Only line ends may follow an empty line.
            let ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if ends > 0 {
                has_ended = true;
                input.consume(ends);
                continue;
            }
            if has_ended {
                return Err(AchError::new(line, Why::WrongLength(0)));
            }
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(bytes.len());
        let room = buffer.get_mut(length..length + taken);
        // A line that is too long is refused before the rest of it is read.
        let room = room.ok_or_else(|| AchError::new(line, Why::WrongLength(LINE_BYTES_MAX + 1)))?;
        room.copy_from_slice(&bytes[..taken]);
        length += taken;
        input.consume(taken + usize::from(end.is_some()));
        if end.is_some() {
            break;
        }
    }
    if length == 0 {
        return Ok(None);
    }
    Ok(Some(if buffer[length - 1] == b'\r' { length - 1 } else { length }))
}

fn record(
    line: &[u8],
    table: &'static [super::layout::Field],
    number: u64,
) -> Result<Record, AchError> {
    Record::from_line(line, table)
        .ok_or_else(|| AchError::new(number, Why::WrongLength(line.len())))
}

fn header(record: &Record) -> FieldResult<(Batch, Totals)> {
    if record.text(Name::TransactionCode)? != HEADER_CODE {
        return Err((Name::TransactionCode, Why::WrongTransactionCode));
    }
    // Nine digits fit.
    let count = u32::try_from(record.number(Name::ItemCount)?).unwrap_or(u32::MAX);
    let totals = Totals { count, amount: record.amount(Name::TotalAmount)? };
    let batch = Batch {
        user_name: record.required(Name::UserName)?,
        file_number: record.text(Name::FileNumber)?,
        user_limit: record.amount(Name::UserLimit)?,
        settlement_on: record.date(Name::SettlementDate)?,
        file_sequence: record.text(Name::FileSequence)?,
        checksum: record.text(Name::Checksum)?,
        user_number: record.required(Name::UserNumber)?,
        user_reference: record.text(Name::UserReference)?,
        sponsor_bank: record.required(Name::SponsorBank)?,
        user_account: record.text(Name::UserAccount)?,
        settlement_cycle: record.text(Name::SettlementCycle)?,
    };
    Ok((batch, totals))
}

fn detail(
    record: &Record,
    kind: FileKind,
    dialect: &Dialect,
    user_number: &str,
) -> FieldResult<Item> {
    if record.text(Name::TransactionCode)? != DETAIL_CODE {
        return Err((Name::TransactionCode, Why::WrongTransactionCode));
    }
    let code = u8::try_from(record.number(Name::AccountType)?).unwrap_or(u8::MAX);
    let account_type =
        AccountType::from_code(code).ok_or((Name::AccountType, Why::UnknownAccountType(code)))?;
    let amount = record.amount(Name::Amount)?;
    if amount.get() == 0 {
        return Err((Name::Amount, Why::WrongAmount));
    }
    let debit = Debit {
        account_type,
        holder: record.required(Name::AccountHolder)?,
        narration: record.text(Name::Narration)?,
        amount,
        destination_bank: record.required(Name::DestinationBank)?,
        destination_account: record.required(Name::DestinationAccount)?,
        sponsor_bank: record.required(Name::SponsorBank)?,
        user_number: record.required(Name::UserNumber)?,
        reference: record.required(Name::TransactionReference)?,
        product: record.text(Name::Product)?,
        umrn: record.required(Name::Umrn)?,
    };
    if kind.is_of_one_user() && debit.user_number != user_number {
        return Err((Name::UserNumber, Why::OtherUserNumber));
    }
    let stamp = Stamp {
        settlement: record.text(Name::LedgerFolio)?,
        sequence: record.text(Name::ItemSequence)?,
        checksum: record.text(Name::Checksum)?,
    };
    let outcome = kind.has_outcomes().then(|| outcome(record, dialect)).transpose()?;
    if !kind.has_outcomes() && record.byte(Name::Flag) != b' ' {
        return Err((Name::Flag, Why::OutcomeMisplaced));
    }
    Ok(Item { debit, stamp, outcome })
}

fn outcome(record: &Record, dialect: &Dialect) -> FieldResult<Outcome> {
    let (flag, flags) = (record.byte(Name::Flag), dialect.flags);
    let reason = record.text(Name::Reason)?;
    let reason = Code::new(&reason).ok_or((Name::Reason, Why::NotDigits))?;
    let outcome = if flag == flags.accepted {
        Outcome::Accepted
    } else if flag == flags.returned {
        Outcome::Returned(reason)
    } else if flag == flags.rejected {
        Outcome::Rejected(reason)
    } else if flag == flags.extended {
        Outcome::Extended
    } else {
        return Err((Name::Flag, Why::UnknownFlag(flag)));
    };
    let is_consistent = match outcome {
        Outcome::Accepted => reason == Code::SUCCESS,
        Outcome::Extended => reason == Code::EXTENSION,
        Outcome::Returned(_) | Outcome::Rejected(_) => reason != Code::SUCCESS,
    };
    if is_consistent { Ok(outcome) } else { Err((Name::Reason, Why::OutcomeContradictsReason)) }
}
