//! Positions of values, typed from rails 5.5.

use super::*;

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

/// The same for what destination banks see: shifted after the checksum, outcome at the end.
#[test]
fn inward_values_are_at_their_positions() {
    let item = &answered()[1];
    let mut file = vec![];
    write(&mut file, FileKind::Return, Dialect::default(), &batch(), [item].into_iter()).unwrap();
    let line = file.split(|byte| *byte == b'\n').nth(1).unwrap();
    let detail = [
        (1, 2, "67"),
        (12, 13, "10"),
        (14, 16, "S01"),
        (32, 71, "ASHA VERMA                              "),
        (72, 87, "                "),
        (88, 107, "LUNCH PLAN          "),
        (121, 133, "0000000099800"),
        (134, 143, "0000000002"),
        (144, 153, "CHK       "),
        (154, 160, "       "),
        (161, 171, "SBIN0000300"),
        (172, 206, "00000030001234567                  "),
        (207, 217, "HDFC0000060"),
        (218, 235, "NACH00000000020993"),
        (236, 265, "pay_QbNy6NachDbt02            "),
        (266, 268, "GEN"),
        (269, 283, "               "),
        (284, 303, "SBIN0000000000682579"),
        (304, 304, "0"),
        (305, 306, "04"),
    ];
    for (from, to, want) in detail {
        assert_eq!(std::str::from_utf8(&line[from - 1..to]).unwrap(), want, "inward {from}-{to}");
    }
}
