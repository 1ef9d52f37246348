//! Positions, round trips, and everything a reader must refuse.

use std::io::Cursor;

use vasool_core::money::Paise;

use super::*;
use crate::codes::Code;
use crate::day::Day;
use crate::golden;

mod positions;
mod properties;
mod streaming;

fn paise(amount: i64) -> Paise {
    Paise::new(amount).unwrap()
}

fn batch() -> Batch {
    Batch {
        user_name: "ANNAPURNA TIFFIN SERVICE".into(),
        file_number: String::new(),
        user_limit: Paise::ZERO,
        settlement_on: Day::new(2026, 11, 23).unwrap(),
        file_sequence: String::new(),
        checksum: String::new(),
        user_number: "NACH00000000020993".into(),
        user_reference: "TIFFIN-NOV".into(),
        sponsor_bank: "HDFC0000060".into(),
        user_account: "50200011112222".into(),
        settlement_cycle: "1".into(),
    }
}

fn debit(amount: i64, reference: &str) -> Debit {
    Debit {
        account_type: AccountType::Savings,
        holder: "ASHA VERMA".into(),
        narration: "LUNCH PLAN".into(),
        amount: paise(amount),
        destination_bank: "SBIN0000300".into(),
        destination_account: "00000030001234567".into(),
        sponsor_bank: "HDFC0000060".into(),
        user_number: "NACH00000000020993".into(),
        reference: reference.into(),
        product: "GEN".into(),
        umrn: "SBIN0000000000682579".into(),
    }
}

/// A response of every outcome.
fn answered() -> Vec<Item> {
    let code = |text| Code::new(text).unwrap();
    let outcomes = [
        Outcome::Accepted,
        Outcome::Returned(code("04")),
        Outcome::Rejected(code("26")),
        Outcome::Extended,
    ];
    let number = outcomes.into_iter().zip(1..);
    number
        .map(|(outcome, number)| Item {
            debit: debit(49_900 * number, &format!("pay_QbNy6NachDbt0{number}")),
            stamp: Stamp {
                settlement: "S01".into(),
                sequence: format!("{number:010}"),
                checksum: "CHK".into(),
            },
            outcome: Some(outcome),
        })
        .collect()
}

fn text(kind: FileKind, items: &[Item]) -> Vec<u8> {
    let mut file = vec![];
    let dialect = Dialect { line_end: LineEnd::Lf, ..Dialect::default() };
    write(&mut file, kind, dialect, &batch(), items.iter()).unwrap();
    file
}

fn read(kind: FileKind, file: &[u8]) -> Result<(Batch, Totals, Vec<Item>), AchError> {
    let mut reader = Reader::new(file, kind, Dialect::default())?;
    let items = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok((reader.batch().clone(), reader.announced(), items))
}

fn refused(kind: FileKind, file: &[u8]) -> AchError {
    read(kind, file).unwrap_err()
}

#[test]
fn golden_files() {
    let input: Vec<Item> = answered().into_iter().map(|item| Item::from(item.debit)).collect();
    let stamped: Vec<Item> =
        answered().into_iter().map(|item| Item { outcome: None, ..item }).collect();
    let files = [
        (FileKind::Input, input, "ach_input.txt"),
        (FileKind::Response, answered(), "ach_response.txt"),
        (FileKind::Inward, stamped, "ach_inward.txt"),
        (FileKind::Return, answered(), "ach_return.txt"),
    ];
    for (kind, items, name) in files {
        let file = text(kind, &items);
        golden::check(name, &file);
        let (found, totals, again) = read(kind, &file).unwrap();
        assert_eq!((found, again), (batch(), items));
        assert_eq!(totals, Totals { count: 4, amount: paise(499_000) });
    }
}

#[test]
fn all_three_writers_write_the_same() {
    let items = answered();
    let kind = FileKind::Response;
    for line_end in [LineEnd::Lf, LineEnd::CrLf] {
        let dialect = Dialect { line_end, ..Dialect::default() };
        let mut twice = vec![];
        let totals = write(&mut twice, kind, dialect, &batch(), items.iter()).unwrap();
        let mut writer = Writer::new(vec![], kind, dialect, &batch(), totals).unwrap();
        items.iter().for_each(|item| writer.push(item).unwrap());
        assert_eq!(writer.finish().unwrap(), twice);
        let mut once = Cursor::new(b"before".to_vec());
        once.set_position(6);
        let stream = items.iter().cloned().map(Ok::<_, AchError>);
        assert_eq!(write_once(&mut once, kind, dialect, &batch(), stream).unwrap(), totals);
        assert_eq!(once.position(), 6 + twice.len() as u64);
        assert_eq!(once.into_inner()[6..], twice);
    }
}

#[test]
fn a_writer_refuses_what_a_reader_would() {
    let push = |kind, item: Item| {
        let totals = Totals { count: 1, amount: item.debit.amount };
        let mut writer = Writer::new(vec![], kind, Dialect::default(), &batch(), totals).unwrap();
        writer.push(&item).map(drop)
    };
    let long = Debit { holder: "x".repeat(41), ..debit(100, "a") };
    let error = push(FileKind::Input, long.into()).unwrap_err();
    assert!(matches!((error.line, error.why), (2, Why::TooLong)));
    assert_eq!(error.field, Some(layout::Name::AccountHolder));
    let error = push(FileKind::Input, debit(0, "a").into()).unwrap_err();
    assert!(matches!(error.why, Why::WrongAmount));
    let error = push(FileKind::Input, debit(100, " ").into()).unwrap_err();
    assert!(matches!(error.why, Why::Missing));
    let error = push(FileKind::Response, debit(100, "a").into()).unwrap_err();
    assert!(matches!(error.why, Why::OutcomeMisplaced));
    let error = push(FileKind::Input, answered().remove(0)).unwrap_err();
    assert!(matches!(error.why, Why::OutcomeMisplaced));
    let other = Debit { user_number: "NACH00000000000001".into(), ..debit(100, "a") };
    let error = push(FileKind::Input, other.clone().into()).unwrap_err();
    assert!(matches!(error.why, Why::OtherUserNumber));
    push(FileKind::Inward, other.into()).unwrap();
    let odd = Debit { account_type: AccountType::Other(10), ..debit(100, "a") };
    let error = push(FileKind::Input, odd.into()).unwrap_err();
    assert!(matches!(error.why, Why::UnknownAccountType(10)));
    let promise = Totals { count: 2, amount: paise(100) };
    let mut writer =
        Writer::new(vec![], FileKind::Input, Dialect::default(), &batch(), promise).unwrap();
    writer.push(&debit(100, "a").into()).unwrap();
    let error = writer.finish().unwrap_err();
    assert!(matches!(error.why, Why::TotalsDiffer { .. }));
}

#[test]
fn wrong_files_are_refused_with_their_place() {
    let kind = FileKind::Response;
    let file = text(kind, &answered());
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        refused(kind, &file)
    };
    // Line 3 is the second detail; positions are from 1.
    let at = |position: usize| 2 * 307 + position - 1;
    let field = |error: &AchError| (error.line, error.field.unwrap());
    let error = with(at(1), b"56");
    assert!(matches!(error.why, Why::WrongTransactionCode));
    assert_eq!(field(&error), (3, layout::Name::TransactionCode));
    let error = with(at(121), b"00000000-4990");
    assert!(matches!(error.why, Why::NotDigits));
    assert_eq!(field(&error), (3, layout::Name::Amount));
    assert!(matches!(with(at(121), b"0000000000000").why, Why::WrongAmount));
    assert!(matches!(with(at(12), b"14").why, Why::UnknownAccountType(14)));
    assert!(matches!(with(at(32), b"\xe0\xa4\x85").why, Why::NotPrintable));
    assert!(matches!(with(at(32), b"A\tB").why, Why::NotPrintable));
    assert!(matches!(with(at(154), b"7").why, Why::UnknownFlag(b'7')));
    assert!(matches!(with(at(154), b" ").why, Why::UnknownFlag(b' ')));
    assert!(matches!(with(at(154), b"1").why, Why::OutcomeContradictsReason));
    assert!(matches!(with(at(154), b"000").why, Why::OutcomeContradictsReason));
    assert!(matches!(with(at(154), b"304").why, Why::OutcomeContradictsReason));
    assert!(matches!(with(at(155), b"  ").why, Why::NotDigits));
    assert!(matches!(with(at(232), &[b' '; 30]).why, Why::Missing));
    assert!(matches!(with(at(231), b"4").why, Why::OtherUserNumber));
    assert!(matches!(with(125, b"31022026").why, Why::NotADate));
    assert!(matches!(with(238, b"000075001").why, Why::TooManyRecords(ITEMS_MAX)));
    let error = with(112, b"0000000499001");
    assert_eq!(error.line, 1);
    assert!(matches!(error.why, Why::TotalsDiffer { found: Totals { count: 4, .. }, .. }));
    assert!(matches!(refused(FileKind::Input, &file).why, Why::OutcomeMisplaced));

    let error = refused(kind, &file[..file.len() - 2]);
    assert!(matches!((error.line, &error.why), (5, Why::WrongLength(305))));
    let error = refused(kind, &file[..307 * 3]);
    assert!(matches!(error.why, Why::TotalsDiffer { .. }));
    assert!(matches!(refused(kind, b"").why, Why::Empty));
    assert!(matches!(refused(kind, b"\r\n\r\n").why, Why::Empty));
    assert!(matches!(refused(kind, &[b'5'; 4000]).why, Why::WrongLength(309)));
    let mut gap = file.clone();
    gap.insert(307 * 2, b'\n');
    assert!(matches!(refused(kind, &gap).why, Why::WrongLength(0)));
}

#[test]
fn line_ends_of_all_kinds_are_read() {
    let (kind, items) = (FileKind::Response, answered());
    let file = text(kind, &items);
    let crlf = String::from_utf8(file.clone()).unwrap().replace('\n', "\r\n");
    let bare = &file[..file.len() - 1];
    let padded = [&file[..], b"\r\n\n\r\n"].concat();
    for file in [&file[..], crlf.as_bytes(), bare, &padded] {
        assert_eq!(read(kind, file).unwrap().2, items);
        let reader = Reader::new(file, kind, Dialect::default()).unwrap();
        assert_eq!(reader.check().unwrap().count, 4);
    }
}

#[test]
fn flags_are_the_dialects() {
    let flags = Flags { accepted: b'Y', returned: b'N', rejected: b'R', extended: b'E' };
    let dialect = Dialect { flags, line_end: LineEnd::Lf, items_max: 4 };
    let mut file = vec![];
    write(&mut file, FileKind::Return, dialect, &batch(), answered().iter()).unwrap();
    assert!(refused(FileKind::Return, &file).field == Some(layout::Name::Flag));
    let reader = Reader::new(&file[..], FileKind::Return, dialect).unwrap();
    assert_eq!(reader.collect::<Result<Vec<_>, _>>().unwrap(), answered());
}
