//! Where each field of a 306-byte record lies, as data. Source: rails 5.5, 5.5 INWARD.
//!
//! The reader and the writer both work from these tables, so they cannot disagree.

/// Bytes of a record, without its line end.
pub const RECORD_BYTES: usize = 306;

/// A field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it holds.
    pub name: Name,
    /// Position of its first byte, from 1.
    pub start: usize,
    /// Bytes.
    pub length: usize,
    /// How a value is laid into it.
    pub kind: Kind,
}

/// How a value is laid into its field. The padding is customary; nobody publishes it (unverified).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Printable ASCII at the left, blanks behind it.
    Text,
    /// Digits at the right, zeros before them.
    Number,
    /// `DDMMYYYY`.
    Date,
    /// Filled with blanks by the writer; the reader ignores it.
    Blank,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of rails 5.5")]
pub enum Name {
    TransactionCode,
    Control,
    Filler,
    UserName,
    FileNumber,
    LedgerFolio,
    UserLimit,
    TotalAmount,
    SettlementDate,
    FileSequence,
    Checksum,
    UserNumber,
    UserReference,
    SponsorBank,
    UserAccount,
    ItemCount,
    SettlementCycle,
    AccountType,
    AccountHolder,
    Narration,
    Amount,
    ItemSequence,
    Flag,
    Reason,
    DestinationBank,
    DestinationAccount,
    TransactionReference,
    Product,
    Aadhaar,
    Umrn,
}

const fn field(name: Name, start: usize, length: usize, kind: Kind) -> Field {
    Field { name, start, length, kind }
}

/// The header of every file.
pub const HEADER: &[Field] = &[
    field(Name::TransactionCode, 1, 2, Kind::Text),
    field(Name::Control, 3, 7, Kind::Blank),
    field(Name::UserName, 10, 40, Kind::Text),
    field(Name::Control, 50, 14, Kind::Blank),
    field(Name::FileNumber, 64, 9, Kind::Text),
    field(Name::Control, 73, 9, Kind::Blank),
    field(Name::Control, 82, 15, Kind::Blank),
    field(Name::LedgerFolio, 97, 3, Kind::Blank),
    field(Name::UserLimit, 100, 13, Kind::Number),
    field(Name::TotalAmount, 113, 13, Kind::Number),
    field(Name::SettlementDate, 126, 8, Kind::Date),
    field(Name::FileSequence, 134, 10, Kind::Text),
    field(Name::Checksum, 144, 10, Kind::Text),
    field(Name::Filler, 154, 3, Kind::Blank),
    field(Name::UserNumber, 157, 18, Kind::Text),
    field(Name::UserReference, 175, 18, Kind::Text),
    field(Name::SponsorBank, 193, 11, Kind::Text),
    field(Name::UserAccount, 204, 35, Kind::Text),
    field(Name::ItemCount, 239, 9, Kind::Number),
    field(Name::SettlementCycle, 248, 2, Kind::Text),
    field(Name::Filler, 250, 57, Kind::Blank),
];

/// A detail between the corporate and NPCI, input and response.
pub const DETAIL: &[Field] = &[
    field(Name::TransactionCode, 1, 2, Kind::Text),
    field(Name::Control, 3, 9, Kind::Blank),
    field(Name::AccountType, 12, 2, Kind::Number),
    field(Name::LedgerFolio, 14, 3, Kind::Text),
    field(Name::Control, 17, 15, Kind::Blank),
    field(Name::AccountHolder, 32, 40, Kind::Text),
    field(Name::Control, 72, 9, Kind::Blank),
    field(Name::Control, 81, 7, Kind::Blank),
    field(Name::Narration, 88, 20, Kind::Text),
    field(Name::Control, 108, 13, Kind::Blank),
    field(Name::Amount, 121, 13, Kind::Number),
    field(Name::ItemSequence, 134, 10, Kind::Text),
    field(Name::Checksum, 144, 10, Kind::Text),
    field(Name::Flag, 154, 1, Kind::Text),
    field(Name::Reason, 155, 2, Kind::Text),
    field(Name::DestinationBank, 157, 11, Kind::Text),
    field(Name::DestinationAccount, 168, 35, Kind::Text),
    field(Name::SponsorBank, 203, 11, Kind::Text),
    field(Name::UserNumber, 214, 18, Kind::Text),
    field(Name::TransactionReference, 232, 30, Kind::Text),
    field(Name::Product, 262, 3, Kind::Text),
    field(Name::Aadhaar, 265, 15, Kind::Blank),
    field(Name::Umrn, 280, 20, Kind::Text),
    field(Name::Filler, 300, 7, Kind::Blank),
];

/// A detail between NPCI and the destination bank, inward and return.
pub const INWARD: &[Field] = &[
    field(Name::TransactionCode, 1, 2, Kind::Text),
    field(Name::Control, 3, 9, Kind::Blank),
    field(Name::AccountType, 12, 2, Kind::Number),
    field(Name::LedgerFolio, 14, 3, Kind::Text),
    field(Name::Control, 17, 15, Kind::Blank),
    field(Name::AccountHolder, 32, 40, Kind::Text),
    field(Name::Control, 72, 8, Kind::Blank),
    field(Name::Control, 80, 8, Kind::Blank),
    field(Name::Narration, 88, 20, Kind::Text),
    field(Name::Control, 108, 13, Kind::Blank),
    field(Name::Amount, 121, 13, Kind::Number),
    field(Name::ItemSequence, 134, 10, Kind::Text),
    field(Name::Checksum, 144, 10, Kind::Text),
    field(Name::Filler, 154, 7, Kind::Blank),
    field(Name::DestinationBank, 161, 11, Kind::Text),
    field(Name::DestinationAccount, 172, 35, Kind::Text),
    field(Name::SponsorBank, 207, 11, Kind::Text),
    field(Name::UserNumber, 218, 18, Kind::Text),
    field(Name::TransactionReference, 236, 30, Kind::Text),
    field(Name::Product, 266, 3, Kind::Text),
    field(Name::Aadhaar, 269, 15, Kind::Blank),
    field(Name::Umrn, 284, 20, Kind::Text),
    field(Name::Flag, 304, 1, Kind::Text),
    field(Name::Reason, 305, 2, Kind::Text),
];

/// The field of a table that holds `name`.
///
/// Panics when the table has none, or `name` is one of the fields without a value: the programs
/// below ask only for fields that are there.
pub(crate) fn find(table: &'static [Field], name: Name) -> &'static Field {
    table
        .iter()
        .find(|field| field.name == name && field.kind != Kind::Blank)
        .expect("the field is in its table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_covers_every_byte_once() {
        for table in [HEADER, DETAIL, INWARD] {
            let mut next = 1;
            for field in table {
                assert_eq!(field.start, next, "{:?}", field.name);
                next += field.length;
            }
            assert_eq!(next, RECORD_BYTES + 1);
        }
    }

    /// The tables against a copy that was typed from the source, position by position.
    #[test]
    fn positions_are_those_of_the_source() {
        let mut text = String::new();
        for (title, table) in [("HEADER", HEADER), ("DETAIL", DETAIL), ("INWARD", INWARD)] {
            text.push_str(&format!("{title}\n"));
            for Field { name, start, length, kind } in table {
                text.push_str(&format!(
                    "{start}-{} {length} {name:?} {kind:?}\n",
                    start + length - 1
                ));
            }
        }
        assert_eq!(text, include_str!("../../tests/golden/ach_layout.txt"));
    }
}
