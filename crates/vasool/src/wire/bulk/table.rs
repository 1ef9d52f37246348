//! From the bytes of a file to the cells of its rows. Source: smart-collect 5.18.

use vasool_core::bulk::BulkKind;

use super::{OPEN_COLUMNS, columns, xlsx};
use crate::wire::error::ApiError;

/// Most bytes of a file: 10 MB, counted the way that admits more.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Most rows of a file, blank ones and the header aside.
pub const ROWS_MAX: usize = 10_000;

/// Reads a CSV or XLSX file: the cells of its rows, trimmed, without header and blank rows.
///
/// Refuses: another format, an altered header, a row with other columns, no rows, too many.
pub fn read_file(kind: BulkKind, bytes: &[u8]) -> Result<Vec<Vec<String>>, ApiError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ApiError::body_too_large());
    }
    let mut table = Table { kind, rows: vec![], bytes: 0, is_started: false };
    if bytes.starts_with(b"PK") {
        xlsx::read(bytes, |line, cells| table.add(line, cells, Ending::Open))?;
    } else {
        read_csv(bytes, &mut table)?;
    }
    if table.rows.is_empty() {
        return Err(refuse("The file has no rows."));
    }
    Ok(table.rows)
}

/// The file is neither CSV nor XLSX.
pub fn unreadable() -> ApiError {
    refuse("The file must be a CSV or XLSX file.")
}

pub(super) fn refuse(text: impl Into<String>) -> ApiError {
    ApiError::shape_i("file", text.into())
}

fn read_csv(bytes: &[u8], table: &mut Table) -> Result<(), ApiError> {
    let text = str::from_utf8(bytes).map_err(|_| unreadable())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return Err(unreadable());
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| unreadable())? {
        let line = record.position().map_or(0, csv::Position::line);
        table.add(line, record.iter().map(str::to_owned).collect(), Ending::Closed)?;
    }
    Ok(())
}

/// Whether a row says how many cells it has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// A CSV row does.
    Closed,
    /// A sheet leaves out blank cells.
    Open,
}

struct Table {
    kind: BulkKind,
    rows: Vec<Vec<String>>,
    /// What the rows hold: a sheet may say one long text ten thousand times.
    bytes: usize,
    is_started: bool,
}

impl Table {
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
        let wanted = columns(self.kind);
        while cells.len() > wanted.len() && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if ending == Ending::Open && cells.len() < wanted.len() {
            cells.resize(wanted.len(), String::new());
        }
        if !std::mem::replace(&mut self.is_started, true) && self.is_header(&cells)? {
            return Ok(());
        }
        if cells.len() != wanted.len() {
            return Err(refuse(format!(
                "Line {line} of the file must have {} columns: {}.",
                wanted.len(),
                wanted.join(", ")
            )));
        }
        self.bytes += cells.iter().map(String::len).sum::<usize>();
        if self.bytes > FILE_BYTES_MAX {
            return Err(ApiError::body_too_large());
        }
        if self.rows.len() == ROWS_MAX {
            return Err(refuse(format!("The file may not have more than {ROWS_MAX} rows.")));
        }
        self.rows.push(cells);
        Ok(())
    }

    /// Whether the first row is the header. A file of expiries must have it; a file of accounts may,
    /// and a row that names any of its columns is meant as one.
    fn is_header(&self, cells: &[String]) -> Result<bool, ApiError> {
        let wanted = columns(self.kind);
        if cells == wanted {
            return Ok(true);
        }
        let names_one =
            |cell: &String| OPEN_COLUMNS.iter().any(|name| name.eq_ignore_ascii_case(cell));
        if self.kind == BulkKind::OpenAccounts && !cells.iter().any(names_one) {
            return Ok(false);
        }
        Err(refuse(format!("The headers of the file must be: {}.", wanted.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use BulkKind::{MoveExpiries, OpenAccounts};

    fn text(kind: BulkKind, file: &str) -> Result<Vec<Vec<String>>, String> {
        read_file(kind, file.as_bytes()).map_err(|error| error.description.into_owned())
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
            assert_eq!(read_file(OpenAccounts, file), Err(unreadable.clone()));
        }
    }

    #[test]
    fn sc_115_limits() {
        let rows = |count: usize| format!("{HEADER}{}", "cust_1,,,,,,\n".repeat(count));
        assert_eq!(text(OpenAccounts, &rows(ROWS_MAX)).unwrap().len(), ROWS_MAX);
        let want = "The file may not have more than 10000 rows.";
        assert_eq!(text(OpenAccounts, &rows(ROWS_MAX + 1)), Err(want.to_owned()));
        let large = vec![b'\n'; FILE_BYTES_MAX + 1];
        let error = read_file(OpenAccounts, &large).unwrap_err();
        assert_eq!(error.description, "The request body is too large.");
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, text in "[a-z,;\"\r\n\u{feff}{}é]{0,200}") {
            for kind in [OpenAccounts, MoveExpiries] {
                let _ = read_file(kind, &bytes);
                let _ = read_file(kind, text.as_bytes());
                let _ = read_file(kind, &[HEADER.as_bytes(), text.as_bytes()].concat());
            }
        }
    }
}
