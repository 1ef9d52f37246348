//! Positions, round trips, and everything a reader must refuse.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vasool_core::money::Paise;

use super::*;
use crate::codes::Code;
use crate::day::Day;
use crate::golden;

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

/// Every field at the position of the source, typed from it, independent of the tables.
#[test]
fn every_value_is_at_its_position() {
    let full = Batch {
        file_number: "123456789".into(),
        user_limit: paise(1_000_000),
        file_sequence: "SEQ1234567".into(),
        checksum: "SUM1234567".into(),
        settlement_cycle: "02".into(),
        ..batch()
    };
    let item = &answered()[1];
    let mut file = vec![];
    write(&mut file, FileKind::Response, Dialect::default(), &full, [item].into_iter()).unwrap();
    let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    let at = |line: usize, from: usize, to: usize| {
        std::str::from_utf8(&lines[line][from - 1..to]).unwrap()
    };
    let header = [
        (1, 2, "56"),
        (3, 9, "       "),
        (10, 49, "ANNAPURNA TIFFIN SERVICE                "),
        (50, 63, "              "),
        (64, 72, "123456789"),
        (73, 99, "                           "),
        (100, 112, "0000001000000"),
        (113, 125, "0000000099800"),
        (126, 133, "23112026"),
        (134, 143, "SEQ1234567"),
        (144, 153, "SUM1234567"),
        (154, 156, "   "),
        (157, 174, "NACH00000000020993"),
        (175, 192, "TIFFIN-NOV        "),
        (193, 203, "HDFC0000060"),
        (204, 238, "50200011112222                     "),
        (239, 247, "000000001"),
        (248, 249, "02"),
    ];
    for (from, to, want) in header {
        assert_eq!(at(0, from, to), want, "header {from}-{to}");
    }
    let detail = [
        (1, 2, "67"),
        (3, 11, "         "),
        (12, 13, "10"),
        (14, 16, "S01"),
        (17, 31, "               "),
        (32, 71, "ASHA VERMA                              "),
        (72, 87, "                "),
        (88, 107, "LUNCH PLAN          "),
        (108, 120, "             "),
        (121, 133, "0000000099800"),
        (134, 143, "0000000002"),
        (144, 153, "CHK       "),
        (154, 154, "0"),
        (155, 156, "04"),
        (157, 167, "SBIN0000300"),
        (168, 202, "00000030001234567                  "),
        (203, 213, "HDFC0000060"),
        (214, 231, "NACH00000000020993"),
        (232, 261, "pay_QbNy6NachDbt02            "),
        (262, 264, "GEN"),
        (265, 279, "               "),
        (280, 299, "SBIN0000000000682579"),
        (300, 306, "       "),
    ];
    for (from, to, want) in detail {
        assert_eq!(at(1, from, to), want, "detail {from}-{to}");
    }
    assert_eq!((lines[0].len(), lines[1].len()), (307, 307), "carriage return included");
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
    let dialect = Dialect { flags, line_end: LineEnd::Lf };
    let mut file = vec![];
    write(&mut file, FileKind::Return, dialect, &batch(), answered().iter()).unwrap();
    assert!(refused(FileKind::Return, &file).field == Some(layout::Name::Flag));
    let reader = Reader::new(&file[..], FileKind::Return, dialect).unwrap();
    assert_eq!(reader.collect::<Result<Vec<_>, _>>().unwrap(), answered());
}

fn any_text(length: usize) -> impl Strategy<Value = String> {
    "[ -~]{0,40}".prop_map(move |text| fit(&text, length))
}

fn any_required(length: usize) -> impl Strategy<Value = String> {
    any_text(length).prop_filter("not empty", |text| !text.is_empty())
}

prop_compose! {
    fn any_batch()(
        names in (any_required(40), any_text(9), any_text(10), any_text(10), any_text(18)),
        limit in 0..10_000_000_000_000i64,
        seconds in 0..250_000_000_000i64,
        user_number in any_required(18),
        bank in any_required(11),
        account in any_text(35),
        cycle in any_text(2),
    ) -> Batch {
        Batch {
            user_name: names.0,
            file_number: names.1,
            user_limit: paise(limit),
            settlement_on: Day::at(vasool_core::time::Time(seconds)),
            file_sequence: names.2,
            checksum: names.3,
            user_number,
            user_reference: names.4,
            sponsor_bank: bank,
            user_account: account,
            settlement_cycle: cycle,
        }
    }
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let code = "[0-9A-Z]{2}".prop_filter("a failure", |code| code != "00");
    (0..4_usize, code).prop_map(|(kind, code)| {
        let code = Code::new(&code).unwrap();
        [Outcome::Accepted, Outcome::Returned(code), Outcome::Rejected(code), Outcome::Extended]
            [kind]
    })
}

prop_compose! {
    fn any_item()(
        account_type in prop::sample::select(vec![10u8, 11, 12, 13, 29, 30, 31]),
        amount in 1..10_000_000_000i64,
        texts in (
            any_required(40), any_text(20), any_required(11), any_required(35), any_required(11),
            any_required(30), any_text(3), any_required(20),
        ),
        stamp in (any_text(3), any_text(10), any_text(10)),
        outcome in option::of(any_outcome()),
    ) -> Item {
        Item {
            debit: Debit {
                account_type: AccountType::from_code(account_type).unwrap(),
                holder: texts.0,
                narration: texts.1,
                amount: paise(amount),
                destination_bank: texts.2,
                destination_account: texts.3,
                sponsor_bank: texts.4,
                user_number: String::new(),
                reference: texts.5,
                product: texts.6,
                umrn: texts.7,
            },
            stamp: Stamp { settlement: stamp.0, sequence: stamp.1, checksum: stamp.2 },
            outcome,
        }
    }
}

fn any_kind() -> impl Strategy<Value = FileKind> {
    use FileKind::{Input, Inward, Response, Return};
    prop::sample::select(vec![Input, Response, Inward, Return])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        kind in any_kind(), batch in any_batch(), mut items in vec(any_item(), 0..6),
    ) {
        for item in &mut items {
            item.debit.user_number = batch.user_number.clone();
            let outcome = item.outcome.unwrap_or(Outcome::Accepted);
            item.outcome = kind.has_outcomes().then_some(outcome);
        }
        let mut file = vec![];
        let totals = write(&mut file, kind, Dialect::default(), &batch, items.iter()).unwrap();
        prop_assert_eq!(read(kind, &file).unwrap(), (batch, totals, items));
    }

    #[test]
    fn any_bytes_are_read_or_refused(kind in any_kind(), bytes in vec(any::<u8>(), 0..4000)) {
        let _ = read(kind, &bytes);
    }

    /// A good file with a few bytes changed: what is still read, is written again to the byte where
    /// its blanks are.
    #[test]
    fn any_damage_is_read_or_refused(
        kind in any_kind(), changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let items: Vec<Item> = answered()
            .into_iter()
            .map(|item| Item { outcome: item.outcome.filter(|_| kind.has_outcomes()), ..item })
            .collect();
        let mut file = text(kind, &items);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok((_, totals, items)) = read(kind, &file) {
            let sum: i64 = items.iter().map(|item| item.debit.amount.get()).sum();
            prop_assert_eq!((totals.count as usize, totals.amount.get()), (items.len(), sum));
        }
    }
}
