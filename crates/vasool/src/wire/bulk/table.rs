//! From an uploaded file to the cells of its rows, one row at a time. Source: smart-collect 5.18,
//! paper-nach 14.

use std::io::{BufReader, Read, Seek, SeekFrom};

use vasool_core::bulk::BulkKind;

use super::columns::{FirstRow, columns, read_first_row};
use super::xlsx::{self, DateStyle};
use super::{delimited, refuse, unreadable};
use crate::wire::error::ApiError;

/// What a kind of file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes, counted the way that admits more.
    pub bytes: usize,
    /// Most rows, blank ones and the header aside.
    pub rows: usize,
}

impl Limits {
    /// The limits of a kind. Source: smart-collect 5.18, paper-nach 14.
    pub fn of(kind: BulkKind) -> Limits {
        match kind {
            BulkKind::OpenAccounts | BulkKind::MoveExpiries => {
                Limits { bytes: 10 * 1024 * 1024, rows: 10_000 }
            }
            BulkKind::RegistrationLinks | BulkKind::Debits => {
                Limits { bytes: FILE_BYTES_MAX, rows: 500_000 }
            }
        }
    }
}

/// Most bytes of a file of any kind.
pub const FILE_BYTES_MAX: usize = 55 * 1024 * 1024;

/// What a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// The names of its columns, where the kind alone does not say them.
    pub columns: Vec<String>,
    /// How many rows of data it has.
    pub rows: usize,
}

/// Whether a file is a workbook, which is held in memory while it is read; where it begins is where
/// it is read from next.
pub fn is_workbook(file: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let (mut first, mut length) = ([0; 2], 0);
    while length < first.len() {
        match file.read(&mut first[length..])? {
            0 => break,
            read => length += read,
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(first == *b"PK")
}

/// Reads a CSV or XLSX file: `keep` gets the cells of each row, trimmed, without header and blank
/// rows.
///
/// Refuses: another format, an altered header, a row with other columns, no rows, too many.
pub fn read_file(
    kind: BulkKind,
    mut file: impl Read + Seek,
    keep: impl FnMut(&[String]) -> Result<(), ApiError>,
) -> Result<Shape, ApiError> {
    let is_workbook = is_workbook(&mut file).map_err(super::spool::failed)?;
    let shape = Shape { columns: vec![], rows: 0 };
    let limits = Limits::of(kind);
    let mut table = Table { kind, limits, shape, bytes: 0, is_started: false, keep };
    if is_workbook {
        let style = match kind {
            BulkKind::OpenAccounts | BulkKind::MoveExpiries => DateStyle::Dashes,
            BulkKind::RegistrationLinks | BulkKind::Debits => DateStyle::Slashes,
        };
        let file = BufReader::new(file);
        xlsx::read(file, style, |line, cells| table.add(line, cells, Ending::Open))?;
    } else {
        delimited::read(file, |line, cells| table.add(line, cells, Ending::Closed))?;
    }
    if table.shape.rows == 0 {
        return Err(refuse("The file has no rows."));
    }
    Ok(table.shape)
}

/// Whether a row says how many cells it has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// A CSV row does.
    Closed,
    /// A sheet leaves out blank cells.
    Open,
}

struct Table<F> {
    kind: BulkKind,
    limits: Limits,
    shape: Shape,
    /// What the rows hold: a sheet may say one long text ten thousand times.
    bytes: usize,
    is_started: bool,
    keep: F,
}

impl<F: FnMut(&[String]) -> Result<(), ApiError>> Table<F> {
    fn add(&mut self, line: u64, mut cells: Vec<String>, ending: Ending) -> Result<(), ApiError> {
        for cell in &mut cells {
            let trimmed = cell.trim();
            if trimmed.len() < cell.len() {
                *cell = trimmed.to_owned();
            }
            if cell.contains('\0') {
                return Err(unreadable());
            }
        }
        if cells.iter().all(String::is_empty) {
            return Ok(());
        }
        if !std::mem::replace(&mut self.is_started, true) && self.is_header(&mut cells, ending)? {
            return Ok(());
        }
        self.fit(&mut cells, ending);
        if cells.len() != self.width() {
            let columns = match self.shape.columns.is_empty() {
                true => columns(self.kind).join(", "),
                false => self.shape.columns.join(", "),
            };
            let width = self.width();
            let text = format!("Line {line} of the file must have {width} columns: {columns}.");
            return Err(refuse(text));
        }
        self.bytes += cells.iter().map(String::len).sum::<usize>();
        if self.bytes > self.limits.bytes {
            return Err(ApiError::body_too_large());
        }
        if self.shape.rows == self.limits.rows {
            let most = self.limits.rows;
            return Err(refuse(format!("The file may not have more than {most} rows.")));
        }
        self.shape.rows += 1;
        (self.keep)(&cells)
    }

    fn width(&self) -> usize {
        match self.shape.columns.len() {
            0 => columns(self.kind).len(),
            named => named,
        }
    }

    /// Blank cells at the end of a row count for nothing.
    fn fit(&self, cells: &mut Vec<String>, ending: Ending) {
        while cells.len() > self.width() && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if ending == Ending::Open && cells.len() < self.width() {
            cells.resize(self.width(), String::new());
        }
    }

    fn is_header(&mut self, cells: &mut Vec<String>, ending: Ending) -> Result<bool, ApiError> {
        match self.kind {
            BulkKind::OpenAccounts | BulkKind::MoveExpiries => self.fit(cells, ending),
            // The header itself says how many columns there are.
            BulkKind::RegistrationLinks | BulkKind::Debits => {
                while cells.last().is_some_and(String::is_empty) {
                    cells.pop();
                }
            }
        }
        match read_first_row(self.kind, cells)? {
            FirstRow::Header(columns) => {
                self.shape.columns = columns;
                Ok(true)
            }
            FirstRow::Data => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use BulkKind::{Debits, MoveExpiries, OpenAccounts, RegistrationLinks};

    fn bytes(kind: BulkKind, file: &[u8]) -> Result<Vec<Vec<String>>, ApiError> {
        let mut rows = vec![];
        let shape = read_file(kind, Cursor::new(file), |cells| {
            rows.push(cells.to_vec());
            Ok(())
        })?;
        assert_eq!(shape.rows, rows.len());
        Ok(rows)
    }

    fn text(kind: BulkKind, file: &str) -> Result<Vec<Vec<String>>, String> {
        bytes(kind, file.as_bytes()).map_err(|error| error.description.into_owned())
    }

    const HEADER: &str = "customer_id,customer_name,customer_contact,customer_email,\
        virtual_account_descriptor,virtual_account_description,virtual_account_notes\n";

    #[test]
    fn sc_113_header_and_blank_rows_are_left_out() {
        let rows = "cust_1,,,,,,\n,,,,,,\n,Meera Iyer,9000012345,,,\"Rent, \"\"14B\"\"\nand more\",\"{\"\"a\"\":1}\"\n";
        let want = text(OpenAccounts, rows).unwrap();
        assert_eq!(want.len(), 2);
        assert_eq!(want[1][5], "Rent, \"14B\"\nand more");
        assert_eq!(want[1][6], "{\"a\":1}");
        let crlf = rows.replace('\n', "\r\n").replace("14B\"\"\r\n", "14B\"\"\n");
        for file in [
            format!("{HEADER}{rows}"),
            format!("\u{feff}{HEADER}{rows}"),
            format!("\n\n{HEADER}{crlf}"),
            rows.replace(",,\n", ",,,,\n"),
            rows.replace("cust_1", " cust_1\t"),
        ] {
            assert_eq!(text(OpenAccounts, &file).as_ref(), Ok(&want), "{file}");
        }
    }

    #[test]
    fn sc_114_a_file_of_expiries_needs_its_header() {
        let file = "Virtual Account Id,Expire By\nva_1,01-12-2026 10:00\n";
        assert_eq!(text(MoveExpiries, file).unwrap(), [["va_1", "01-12-2026 10:00"]]);
        let want = Err("The headers of the file must be: Virtual Account Id, Expire By.".into());
        for file in [
            "va_1,01-12-2026 10:00\n",
            "virtual account id,expire by\nva_1,01-12-2026 10:00\n",
            "Virtual Account Id;Expire By\nva_1;01-12-2026 10:00\n",
            "Virtual Account Id,Expire By,Note\nva_1,01-12-2026 10:00,x\n",
        ] {
            assert_eq!(text(MoveExpiries, file), want, "{file}");
        }
    }

    #[test]
    fn other_columns_and_altered_headers_are_refused() {
        for file in ["a,b\n", "a;b;c;d;e;f;g\n", "cust_1,,,,,\n", "cust_1,,,,,,,x\n"] {
            let error = text(OpenAccounts, file).unwrap_err();
            assert!(error.starts_with("Line 1 of the file must have 7 columns: customer_id,"));
        }
        for header in [HEADER.replace("_email", "_mail"), HEADER.to_uppercase()] {
            let error = text(OpenAccounts, &format!("{header}cust_1,,,,,,\n")).unwrap_err();
            assert!(error.starts_with("The headers of the file must be: customer_id,"), "{error}");
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for file in ["", "\n\n", ",,,,,,\n", HEADER] {
            assert_eq!(text(OpenAccounts, file), Err("The file has no rows.".to_owned()));
        }
        let unreadable = unreadable();
        for file in [
            &b"%PDF-1.7 \x00\x01"[..],
            b"\xff\xfea\x00,\x00",
            b"PK\x03\x04nothing",
            b"\xd0\xcf\x11\xe0",
        ] {
            assert_eq!(bytes(OpenAccounts, file), Err(unreadable.clone()));
        }
    }

    #[test]
    fn sc_115_limits() {
        let rows = |count: usize| format!("{HEADER}{}", "cust_1,,,,,,\n".repeat(count));
        assert_eq!(text(OpenAccounts, &rows(10_000)).unwrap().len(), 10_000);
        let want = "The file may not have more than 10000 rows.";
        assert_eq!(text(OpenAccounts, &rows(10_001)), Err(want.to_owned()));
        let long = format!("cust_1,,,,,{},\n", "x".repeat(500_000)).repeat(21);
        assert_eq!(text(OpenAccounts, &long), Err("The request body is too large.".to_owned()));
    }

    #[test]
    fn pn_81_limits() {
        let header = "token,customer_id,amount,currency\n";
        let rows = |count: usize| format!("{header}{}", "t,c,1,INR\n".repeat(count));
        let count = |file: &str| read_file(Debits, Cursor::new(file), |_| Ok(())).map(|it| it.rows);
        assert_eq!(count(&rows(500_000)), Ok(500_000));
        let error = count(&rows(500_001)).unwrap_err();
        assert_eq!(error.description, "The file may not have more than 500000 rows.");
        let error = text(Debits, "token,customer_id,amount,currency\nt,c,1\n").unwrap_err();
        assert_eq!(
            error,
            "Line 2 of the file must have 4 columns: token, customer_id, amount, currency."
        );
        assert_eq!(text(Debits, header), Err("The file has no rows.".to_owned()));
        let row = text(Debits, "token,customer_id,notes[a],amount,currency,,\nt,c,,1,INR,,\n");
        assert_eq!(row.unwrap(), [["t", "c", "", "1", "INR"]]);
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, text in "[a-z,;\"\r\n\u{feff}{}é]{0,200}") {
            let debits = "token,customer_id,amount,currency,notes[a]\n";
            for kind in [OpenAccounts, MoveExpiries, RegistrationLinks, Debits] {
                let read = |file: Vec<u8>| read_file(kind, Cursor::new(file), |_| Ok(()));
                let _ = read(bytes.clone());
                let _ = read(text.clone().into_bytes());
                let _ = read([HEADER.as_bytes(), text.as_bytes()].concat());
                let _ = read([debits.as_bytes(), text.as_bytes()].concat());
            }
        }
    }
}
