//! Files far larger than one may be in memory: a source that makes its bytes as they are read, a sink
//! that only counts. What holds for two hundred thousand records holds for any number.

use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use super::*;

const RECORDS: u32 = 200_000;

fn dialect() -> Dialect {
    Dialect { items_max: RECORDS, ..Dialect::default() }
}

/// A header, then one record again and again.
struct Endless {
    header: Vec<u8>,
    record: Vec<u8>,
    at: u64,
    end: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.record.len() as u64;
        let from = (self.at % length) as usize;
        let part = if self.at < length { &self.header[from..] } else { &self.record[from..] };
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let count = part.len().min(buffer.len()).min(left);
        buffer[..count].copy_from_slice(&part[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

/// Counts what is written and forgets it.
#[derive(Default)]
struct Counting {
    at: u64,
    written: u64,
    largest: usize,
}

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.at += bytes.len() as u64;
        self.written += bytes.len() as u64;
        self.largest = self.largest.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        if let SeekFrom::Start(at) = to {
            self.at = at;
        }
        Ok(self.at)
    }
}

#[test]
fn a_reader_holds_one_record() {
    let item = Item::from(debit(100, "a"));
    let totals = Totals { count: RECORDS, amount: paise(100 * i64::from(RECORDS)) };
    let mut file = vec![];
    write(&mut file, FileKind::Input, dialect(), &batch(), [&item].into_iter()).unwrap();
    let (header, record) = file.split_at(file.len() / 2);
    let mut header = header.to_vec();
    header[112..125].copy_from_slice(format!("{:013}", totals.amount.get()).as_bytes());
    header[238..247].copy_from_slice(format!("{RECORDS:09}").as_bytes());
    let end = u64::from(RECORDS + 1) * record.len() as u64;
    let source = Endless { header, record: record.to_vec(), at: 0, end };
    let input = BufReader::with_capacity(4096, source);
    let mut reader = Reader::new(input, FileKind::Input, dialect()).unwrap();
    let read = reader.by_ref().map(|item| item.unwrap()).filter(|read| *read == item).count();
    assert_eq!(read, RECORDS as usize);
    assert_eq!(reader.line(), u64::from(RECORDS) + 1);
}

#[test]
fn a_writer_holds_one_record() {
    let item = Item::from(debit(100, "a"));
    let items = (0..RECORDS).map(|_| Ok::<_, AchError>(item.clone()));
    let mut out = Counting::default();
    let kind = FileKind::Input;
    let totals = write_once(&mut out, kind, dialect(), &batch(), items).unwrap();
    assert_eq!(totals.count, RECORDS);
    let bytes = u64::from(RECORDS + 1) * 308;
    // The header is written twice, the second time without its line end.
    assert_eq!((out.at, out.written, out.largest), (bytes, bytes + 306, 306));
}

#[test]
fn the_dialect_bounds_the_number_of_records() {
    let few = Dialect { items_max: 3, ..Dialect::default() };
    let items = answered();
    let kind = FileKind::Response;
    let error = write(vec![], kind, few, &batch(), items.iter()).unwrap_err();
    assert!(matches!(error.why, Why::TooManyRecords(3)));
    let file = text(kind, &items);
    let error = Reader::new(file.as_slice(), kind, few).map(drop).unwrap_err();
    assert!(matches!(error.why, Why::TooManyRecords(3)));
}
