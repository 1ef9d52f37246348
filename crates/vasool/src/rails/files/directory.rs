//! The directory that a sponsor bank and we share. Source: rails 8.4.
//!
//! ```text
//! out/    files for the bank, each complete from the moment it has its name
//! in/     files of the bank; what ends in `.part` is not complete yet
//! done/   files of the bank that were applied
//! bad/    files of the bank that were not, each with a `.reason.txt`
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// What a name ends in while its file is not complete.
const PART: &str = ".part";

/// The directory of a connector.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// The directory, whose folders are made if they are missing.
    pub fn open(root: &Path) -> io::Result<Directory> {
        for folder in ["out", "in", "done", "bad"] {
            fs::create_dir_all(root.join(folder))?;
        }
        Ok(Directory { root: root.to_owned() })
    }

    /// A name under which a file may be written that nobody takes. `holder`: who writes it.
    pub fn part_name(name: &str, holder: &str) -> String {
        format!("{name}.{holder}{PART}")
    }

    /// Creates an incomplete file, in place of one that a crash left behind.
    pub fn create_part(&self, part: &str) -> io::Result<Hashing<File>> {
        let path = self.root.join("out").join(part);
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Hashing { file, hash: Sha256::new() })
    }

    /// Makes an incomplete file and its name durable: its digest, hexadecimal.
    pub fn complete(&self, part: Hashing<File>) -> io::Result<String> {
        part.file.sync_all()?;
        sync(&self.root.join("out"))?;
        Ok(hexadecimal(&part.hash.finalize()))
    }

    /// Removes an incomplete file that is not needed.
    pub fn remove_part(&self, part: &str) -> io::Result<()> {
        ignore_missing(fs::remove_file(self.root.join("out").join(part)))
    }

    /// Gives a complete file its name. A file that has lost its old name has got its own already.
    pub fn publish(&self, part: &str, name: &str) -> io::Result<()> {
        let out = self.root.join("out");
        ignore_missing(fs::rename(out.join(part), out.join(name)))?;
        sync(&out)
    }

    /// Names of the files that were received, in order; incomplete ones are left out.
    pub fn received(&self) -> io::Result<Vec<String>> {
        let mut names = vec![];
        for entry in fs::read_dir(self.root.join("in"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !name.ends_with(PART) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Where a received file is.
    pub fn received_path(&self, name: &str) -> PathBuf {
        self.root.join("in").join(name)
    }

    /// Puts a received file away that was applied.
    pub fn to_done(&self, name: &str) -> io::Result<()> {
        self.put_away("done", name).map(|_| ())
    }

    /// Puts a received file away that was not applied, with the reason beside it.
    pub fn to_bad(&self, name: &str, reason: &str) -> io::Result<()> {
        let bad = self.root.join("bad");
        // The reason first: after a crash in between the file is still there to be refused again.
        let kept = free_name(&bad, name);
        let mut file = File::create(bad.join(format!("{kept}.reason.txt")))?;
        writeln!(file, "{reason}")?;
        file.sync_all()?;
        self.put_away("bad", name).map(|_| ())
    }

    fn put_away(&self, folder: &str, name: &str) -> io::Result<String> {
        let target = self.root.join(folder);
        let kept = free_name(&target, name);
        ignore_missing(fs::rename(self.received_path(name), target.join(&kept)))?;
        sync(&target)?;
        sync(&self.root.join("in"))?;
        Ok(kept)
    }
}

/// The name, or the name and a number where a file has it already.
fn free_name(folder: &Path, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}.{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !folder.join(name).exists()).unwrap_or_else(|| name.to_owned())
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A name is durable once its folder is.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file whose digest is known when it has been written.
pub struct Hashing<W> {
    file: W,
    hash: Sha256,
}

impl<W: io::Write> io::Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The digest of a file, read a little at a time.
pub fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// Bytes as text.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> (PathBuf, Directory) {
        let root = std::env::temp_dir().join(format!("vasool-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        (root.clone(), Directory::open(&root).unwrap())
    }

    #[test]
    fn a_file_has_its_name_when_it_is_complete() {
        let (root, directory) = directory("publish");
        let part = Directory::part_name("A.txt", "me");
        let mut file = directory.create_part(&part).unwrap();
        file.write_all(b"hello").unwrap();
        let digest = directory.complete(file).unwrap();
        assert_eq!(digest, hexadecimal(&super::digest(&root.join("out").join(&part)).unwrap()));
        assert!(!root.join("out/A.txt").exists());
        directory.publish(&part, "A.txt").unwrap();
        // A crash after the new name and before that is written down: it is given again.
        directory.publish(&part, "A.txt").unwrap();
        assert_eq!(fs::read(root.join("out/A.txt")).unwrap(), b"hello");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_is_put_away_overwrites_nothing() {
        let (root, directory) = directory("away");
        for text in ["one", "two"] {
            fs::write(root.join("in/B.txt"), text).unwrap();
            fs::write(root.join("in/C.part"), text).unwrap();
            assert_eq!(directory.received().unwrap(), ["B.txt"]);
            directory.to_bad("B.txt", "because").unwrap();
        }
        assert_eq!(fs::read_to_string(root.join("bad/B.txt")).unwrap(), "one");
        assert_eq!(fs::read_to_string(root.join("bad/B.txt.2")).unwrap(), "two");
        assert_eq!(fs::read_to_string(root.join("bad/B.txt.2.reason.txt")).unwrap(), "because\n");
        fs::remove_dir_all(root).unwrap();
    }
}
