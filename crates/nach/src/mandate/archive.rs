//! ZIP archives, with bounds.
//!
//! Archives are written by a library. They are read by code of our own: the library reserves memory
//! for as many entries as a file announces, and looks for another directory when one does not fit,
//! so that two programs may see two archives in one file. Here the directory at the end of the file
//! is the only one, and what is unpacked comes out of one budget.

use std::io::{Read as _, Seek, Write};

use flate2::read::DeflateDecoder;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::error::{MandateError, Why};

/// Largest archive, in bytes (rails 5.2: 10 MB after encryption).
pub const ARCHIVE_BYTES_MAX: usize = 10_000_000;
/// Most entries of an archive that is read.
pub const ENTRIES_MAX: usize = 4096;
/// Most bytes that the entries of one archive may unpack to.
pub const UNPACKED_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Longest name of an entry.
const NAME_BYTES_MAX: usize = 160;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without folders.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Writes entries as they come. The same entries give the same bytes: no time is stored.
pub struct ArchiveWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
    written: usize,
}

impl<W: Write + Seek> ArchiveWriter<W> {
    /// An archive without entries yet.
    pub fn new(out: W) -> ArchiveWriter<W> {
        ArchiveWriter { zip: ZipWriter::new(out), written: 0 }
    }

    /// Writes one entry.
    ///
    /// Errors with [`Why::TooLarge`] when all entries together, before compression, would pass
    /// [`ARCHIVE_BYTES_MAX`]: images do not get smaller, so this is close to the archive's size.
    pub fn push(&mut self, name: &str, bytes: &[u8]) -> Result<(), MandateError> {
        self.written += bytes.len() + 2 * (name.len() + 64);
        if self.written > ARCHIVE_BYTES_MAX {
            return Err(MandateError::new("archive", Why::TooLarge));
        }
        let options = SimpleFileOptions::DEFAULT
            .compression_method(zip::CompressionMethod::Deflated)
            .unix_permissions(0o644);
        self.zip.start_file(name, options).map_err(not_written)?;
        self.zip.write_all(bytes).map_err(|error| not_written(error.into()))
    }

    /// Writes the directory and gives the stream back.
    pub fn finish(self) -> Result<W, MandateError> {
        let mut out = self.zip.finish().map_err(not_written)?;
        out.flush().map_err(|error| not_written(error.into()))?;
        Ok(out)
    }
}

fn not_written(error: zip::result::ZipError) -> MandateError {
    let kind = match error {
        zip::result::ZipError::Io(error) => error.kind(),
        _ => std::io::ErrorKind::Other,
    };
    MandateError::new("archive", Why::Io(kind))
}

/// Reads the entries of an archive in the order of its directory; folders are left out, and names
/// lose theirs.
///
/// Never unpacks more than [`UNPACKED_BYTES_MAX`] in all, nor more than `entry_bytes_max` of one
/// entry.
pub fn read_archive(bytes: &[u8], entry_bytes_max: usize) -> Result<Vec<Entry>, MandateError> {
    let archive = |why| MandateError::new("archive", why);
    if bytes.len() > ARCHIVE_BYTES_MAX {
        return Err(archive(Why::TooLarge));
    }
    let (count, mut at) = directory(bytes).map_err(archive)?;
    let (mut entries, mut left) = (vec![], UNPACKED_BYTES_MAX);
    for number in 0..count {
        let header = DirectoryEntry::read(bytes, at).map_err(archive)?;
        at = header.next;
        if header.name.ends_with(b"/") {
            continue;
        }
        let entry = |why| MandateError::new("entry", why).in_entry(number);
        let name = base_name(header.name).ok_or(entry(Why::UnknownName))?;
        if entries.iter().any(|other: &Entry| other.name == name) {
            return Err(entry(Why::Repeated));
        }
        let unpacked = header.unpack(bytes, left.min(entry_bytes_max)).map_err(entry)?;
        left -= unpacked.len();
        entries.push(Entry { name: name.to_owned(), bytes: unpacked });
    }
    Ok(entries)
}

fn base_name(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.rsplit(['/', '\\']).next()?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && (1..=NAME_BYTES_MAX).contains(&name.len())).then_some(name)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn offset_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

/// Number of entries and start of the directory, from the record that ends the file.
fn directory(bytes: &[u8]) -> Result<(usize, usize), Why> {
    const END: &[u8] = b"PK\x05\x06";
    const END_BYTES: usize = 22;
    let first = bytes.len().saturating_sub(END_BYTES + usize::from(u16::MAX));
    let last = bytes.len().checked_sub(END_BYTES).ok_or(Why::NotAnArchive)?;
    // The comment reaches exactly to the end of the file.
    let is_end = |at: &usize| {
        bytes[*at..].starts_with(END)
            && u16_at(bytes, at + 20) == Some(bytes.len() - at - END_BYTES)
    };
    let at = (first..=last).rev().find(is_end).ok_or(Why::NotAnArchive)?;
    let field = |offset| u16_at(bytes, at + offset).ok_or(Why::NotAnArchive);
    let (disk, start_disk, here, count) = (field(4)?, field(6)?, field(8)?, field(10)?);
    let start = u32_at(bytes, at + 16).ok_or(Why::NotAnArchive)?;
    if disk != 0 || start_disk != 0 || here != count || start == u32::MAX || count == 0xffff {
        return Err(Why::NotSupported);
    }
    if count > ENTRIES_MAX {
        return Err(Why::TooManyEntries);
    }
    Ok((count, usize::try_from(start).map_err(|_| Why::NotAnArchive)?))
}

struct DirectoryEntry<'a> {
    name: &'a [u8],
    flags: usize,
    method: usize,
    crc: u32,
    packed: usize,
    /// Where its own header is.
    start: usize,
    /// Where the next entry of the directory is.
    next: usize,
}

impl DirectoryEntry<'_> {
    fn read(bytes: &[u8], at: usize) -> Result<DirectoryEntry<'_>, Why> {
        Self::parse(bytes, at).ok_or(Why::NotAnArchive)
    }

    fn parse(bytes: &[u8], at: usize) -> Option<DirectoryEntry<'_>> {
        bytes.get(at..)?.starts_with(b"PK\x01\x02").then_some(())?;
        let (name, extra) = (u16_at(bytes, at + 28)?, u16_at(bytes, at + 30)?);
        let comment = u16_at(bytes, at + 32)?;
        Some(DirectoryEntry {
            name: bytes.get(at + 46..at + 46 + name)?,
            flags: u16_at(bytes, at + 8)?,
            method: u16_at(bytes, at + 10)?,
            crc: u32_at(bytes, at + 16)?,
            packed: offset_at(bytes, at + 20)?,
            start: offset_at(bytes, at + 42)?,
            next: at + 46 + name + extra + comment,
        })
    }

    /// The content, at most `max` bytes. What the archive says of its size is not looked at.
    fn unpack(&self, bytes: &[u8], max: usize) -> Result<Vec<u8>, Why> {
        let is_encrypted = self.flags & 1 == 1;
        if is_encrypted {
            return Err(Why::NotSupported);
        }
        let packed = self.packed(bytes).ok_or(Why::NotAnArchive)?;
        let mut content = vec![];
        match self.method {
            0 if packed.len() > max => return Err(Why::TooLarge),
            0 => content.extend_from_slice(packed),
            8 => {
                let unpacked = DeflateDecoder::new(packed).take(max as u64 + 1);
                { unpacked }.read_to_end(&mut content).map_err(|_| Why::NotAnArchive)?;
                if content.len() > max {
                    return Err(Why::TooLarge);
                }
            }
            _ => return Err(Why::NotSupported),
        }
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        if crc.sum() == self.crc { Ok(content) } else { Err(Why::NotAnArchive) }
    }

    fn packed<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        bytes.get(self.start..)?.starts_with(b"PK\x03\x04").then_some(())?;
        let (name, extra) = (u16_at(bytes, self.start + 26)?, u16_at(bytes, self.start + 28)?);
        let from = self.start + 30 + name + extra;
        bytes.get(from..from.checked_add(self.packed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn archive(entries: &[Entry]) -> Vec<u8> {
        let mut writer = ArchiveWriter::new(Cursor::new(vec![]));
        for entry in entries {
            writer.push(&entry.name, &entry.bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn entry(name: &str, bytes: &[u8]) -> Entry {
        Entry { name: name.to_owned(), bytes: bytes.to_vec() }
    }

    #[test]
    fn bombs_and_lies_are_refused() {
        let zeros = archive(&[entry("a.xml", &vec![0; 5_000_000])]);
        assert!(zeros.len() < 10_000);
        assert_eq!(read_archive(&zeros, 4_999_999).unwrap_err().why, Why::TooLarge);
        assert_eq!(read_archive(&zeros, 5_000_000).unwrap()[0].bytes.len(), 5_000_000);

        let good = archive(&[entry("a.xml", b"hello"), entry("b.xml", b"you")]);
        let end = good.len() - 22;
        let with = |at: usize, bytes: &[u8]| {
            let mut file = good.clone();
            file[at..at + bytes.len()].copy_from_slice(bytes);
            read_archive(&file, 1000).map(|entries| entries.len()).map_err(|error| error.why)
        };
        assert_eq!(with(end + 8, &[0x10, 0x27, 0x10, 0x27]), Err(Why::TooManyEntries));
        assert_eq!(with(end + 8, &[0xff; 4]), Err(Why::NotSupported));
        assert_eq!(with(end + 8, &[3, 0, 3, 0]), Err(Why::NotAnArchive));
        assert_eq!(with(end + 16, &[0xfe; 4]), Err(Why::NotAnArchive));
        assert_eq!(with(end + 4, &[1]), Err(Why::NotSupported));
        let first = usize::try_from(u32_at(&good, end + 16).unwrap()).unwrap();
        assert_eq!(with(first + 8, &[1]), Err(Why::NotSupported));
        assert_eq!(with(first + 10, &[99]), Err(Why::NotSupported));
        assert_eq!(with(first + 16, &[1, 2, 3, 4]), Err(Why::NotAnArchive));
        assert_eq!(with(first + 46, b"b"), Err(Why::Repeated));
        assert_eq!(with(first + 46, b"/"), Ok(2), "a folder is dropped from the name");
        assert_eq!(with(first + 46, b" "), Err(Why::UnknownName));
        assert_eq!(with(0, b"XX"), Err(Why::NotAnArchive));
        assert_eq!(read_archive(b"", 10).unwrap_err().why, Why::NotAnArchive);
        let large = vec![0; ARCHIVE_BYTES_MAX + 1];
        assert_eq!(read_archive(&large, 10).unwrap_err().why, Why::TooLarge);
        let mut writer = ArchiveWriter::new(Cursor::new(vec![]));
        let why = writer.push("a", &vec![0; ARCHIVE_BYTES_MAX]).unwrap_err().why;
        assert_eq!(why, Why::TooLarge);
    }

    /// One packed content behind many entries: the budget of the archive ends it.
    #[test]
    fn shared_contents_are_counted_each_time() {
        let one = archive(&[entry("aaaa.xml", &vec![0; 1_000_000])]);
        let end = one.len() - 22;
        let start = usize::try_from(u32_at(&one, end + 16).unwrap()).unwrap();
        let mut file = one[..start].to_vec();
        for number in 0..100 {
            let mut header = one[start..end].to_vec();
            header[46..50].copy_from_slice(format!("{number:04}").as_bytes());
            file.extend(header);
        }
        file.extend(&one[end..]);
        let end = file.len() - 22;
        file[end + 8..end + 12].copy_from_slice(&[100, 0, 100, 0]);
        assert_eq!(read_archive(&file, 2_000_000).unwrap_err().why, Why::TooLarge);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn entries_come_back(contents in prop::collection::vec(
            prop::collection::vec(any::<u8>(), 0..200), 0..5,
        )) {
            let entries: Vec<Entry> = contents
                .iter()
                .enumerate()
                .map(|(at, bytes)| entry(&format!("file-{at}.xml"), bytes))
                .collect();
            let file = archive(&entries);
            prop_assert_eq!(&archive(&entries), &file, "the same bytes every time");
            prop_assert_eq!(read_archive(&file, 1000).unwrap(), entries);
        }

        #[test]
        fn any_damage_is_read_or_refused(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut file = archive(&[entry("a.xml", b"hello hello hello"), entry("b", b"")]);
            for (at, byte) in changes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            let _ = (read_archive(&file, 1000), read_archive(&bytes, 1000));
        }
    }
}
