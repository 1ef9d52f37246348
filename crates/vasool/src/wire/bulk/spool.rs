//! The rows of a file that was checked, on their way to the database: in a file without a name,
//! which only its owner may read and which is gone with the process.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek as _};

use crate::wire::error::ApiError;

/// A file that no directory shows.
///
/// Errors: 503 where there is no room.
pub fn temporary() -> Result<File, ApiError> {
    let file = tempfile::tempfile().map_err(failed)?;
    // Without a name nobody finds it, but a process of the same machine may be looked into.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(file)
}

/// A temporary file could not be written or read: the disk, not the upload, is at fault.
pub fn failed(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "a temporary file could not be written or read");
    ApiError::unavailable()
}

/// Takes rows.
pub struct Spool {
    rows: csv::Writer<BufWriter<File>>,
}

impl Spool {
    /// An empty one.
    pub fn new() -> Result<Spool, ApiError> {
        let file = BufWriter::new(temporary()?);
        Ok(Spool { rows: csv::WriterBuilder::new().flexible(true).from_writer(file) })
    }

    /// Adds a row, of which at least one cell is not empty.
    pub fn add(&mut self, cells: &[String]) -> Result<(), ApiError> {
        self.rows.write_record(cells).map_err(failed)
    }

    /// Gives the rows back from the first one on.
    pub fn into_rows(self) -> Result<SpooledRows, ApiError> {
        let file = self.rows.into_inner().map_err(|error| failed(error.error()))?;
        let mut file = file.into_inner().map_err(|error| failed(error.error()))?;
        file.rewind().map_err(failed)?;
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true);
        Ok(SpooledRows { rows: reader.from_reader(BufReader::new(file)) })
    }
}

/// Gives rows in order.
pub struct SpooledRows {
    rows: csv::Reader<BufReader<File>>,
}

impl SpooledRows {
    /// The next rows, at most `count`; none at the end.
    pub fn take(&mut self, count: usize) -> Result<Vec<Vec<String>>, ApiError> {
        let (mut taken, mut record) = (vec![], csv::StringRecord::new());
        while taken.len() < count && self.rows.read_record(&mut record).map_err(failed)? {
            taken.push(record.iter().map(str::to_owned).collect());
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let rows: Vec<Vec<String>> = [
            &["", "a, b", "c \"d\"\ne\r\nf"][..],
            &["x"],
            &["\u{feff}y", "", "", ""],
            &["'", "\t", "é"],
        ]
        .iter()
        .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
        .collect();
        let mut spool = Spool::new().unwrap();
        rows.iter().for_each(|row| spool.add(row).unwrap());
        let mut spooled = spool.into_rows().unwrap();
        assert_eq!(spooled.take(3).unwrap(), rows[..3]);
        assert_eq!(spooled.take(3).unwrap(), rows[3..]);
        assert_eq!(spooled.take(3).unwrap(), [[""; 0]; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_is_on_its_way() {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = temporary().unwrap().metadata().unwrap();
        assert_eq!((metadata.mode() & 0o777, metadata.nlink()), (0o600, 0));
    }
}
