//! The rows of a CSV file, one at a time: a file is never held as a whole.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::unreadable;
use crate::wire::error::ApiError;

/// Bytes read at once.
const BUFFER: usize = 64 * 1024;
/// Most bytes of one row, a buffer more or less: a quote that is never closed would make the rest of
/// the file one cell.
const ROW_BYTES_MAX: usize = 1024 * 1024;

/// Reads rows in order: `add` gets the line each begins in, and its cells.
pub fn read(
    file: impl Read,
    mut add: impl FnMut(u64, Vec<String>) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let unclaimed = Rc::new(Cell::new(0));
    let input = Bounded { inner: WithoutMark::new(file), unclaimed: unclaimed.clone() };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BUFFER)
        .from_reader(input);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| unreadable())? {
        unclaimed.set(0);
        let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n');
        if !record.iter().all(|cell| cell.chars().all(is_text)) {
            return Err(unreadable());
        }
        let line = record.position().map_or(0, csv::Position::line);
        add(line, record.iter().map(str::to_owned).collect())?;
    }
    Ok(())
}

/// Ends in an error when too much was read since the last row, or at a byte that no text has: what is
/// no text at all is told before its first line is looked at.
struct Bounded<R> {
    inner: R,
    unclaimed: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.unclaimed.set(self.unclaimed.get() + read);
        let is_binary =
            |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n');
        match self.unclaimed.get() > ROW_BYTES_MAX || buffer[..read].iter().any(is_binary) {
            true => Err(io::ErrorKind::InvalidData.into()),
            false => Ok(read),
        }
    }
}

/// Leaves out the mark with which some programs begin a UTF-8 file.
struct WithoutMark<R> {
    inner: R,
    /// What was read to look for it and is no mark, from the second number on.
    held: Option<([u8; 3], usize, usize)>,
}

impl<R: Read> WithoutMark<R> {
    fn new(inner: R) -> WithoutMark<R> {
        WithoutMark { inner, held: None }
    }
}

impl<R: Read> Read for WithoutMark<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.held.is_none() {
            let (mut first, mut length) = ([0; 3], 0);
            while length < first.len() {
                match self.inner.read(&mut first[length..])? {
                    0 => break,
                    read => length += read,
                }
            }
            let from = if first == *b"\xef\xbb\xbf" { length } else { 0 };
            self.held = Some((first, from, length));
        }
        if let Some((first, from, length)) = &mut self.held
            && from < length
        {
            let some = (*length - *from).min(buffer.len());
            buffer[..some].copy_from_slice(&first[*from..*from + some]);
            *from += some;
            return Ok(some);
        }
        self.inner.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(file: &[u8]) -> Result<Vec<(u64, Vec<String>)>, ApiError> {
        let mut rows = vec![];
        read(file, |line, cells| {
            rows.push((line, cells));
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn lines_and_cells() {
        let want = vec![(1, vec!["a".to_owned(), "b".to_owned()]), (2, vec!["c\nd".to_owned()])];
        for file in ["a,b\n\"c\nd\"\n", "\u{feff}a,b\n\"c\nd\"\r\n"] {
            assert_eq!(rows(file.as_bytes()).as_ref(), Ok(&want), "{file:?}");
        }
        for short in ["", "\u{feff}", "a", "ab"] {
            let cells = short.trim_start_matches('\u{feff}');
            assert_eq!(rows(short.as_bytes()).unwrap().len(), usize::from(!cells.is_empty()));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for file in [&b"a\x00b\n"[..], b"\xff\xfe", b"a,\x1b\n", b"\xef\xbbx\n"] {
            assert_eq!(rows(file), Err(unreadable()));
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_early() {
        let mut file = b"a,b\n\"".to_vec();
        file.resize(8 * ROW_BYTES_MAX, b'x');
        struct Counting<'a>(&'a [u8], Rc<Cell<usize>>);
        impl Read for Counting<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let read = self.0.read(buffer)?;
                self.1.set(self.1.get() + read);
                Ok(read)
            }
        }
        let seen = Rc::new(Cell::new(0));
        let refused = read(Counting(&file, seen.clone()), |_, _| Ok(()));
        assert_eq!(refused, Err(unreadable()));
        assert!(seen.get() <= ROW_BYTES_MAX + 3 * BUFFER, "{}", seen.get());
        // Many rows that are each short enough are fine.
        let many = b"a,b\n".repeat(ROW_BYTES_MAX / 2);
        assert_eq!(read(&many[..], |_, _| Ok(())), Ok(()));
    }
}
