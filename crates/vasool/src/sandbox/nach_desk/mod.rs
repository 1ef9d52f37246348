//! The other side of a directory of files: sponsor bank, NPCI and the payers' banks in one. Source:
//! rails 8.5, 5.3 to 5.6.
//!
//! It knows nothing but the files: what it decides follows from account numbers and amounts, so that
//! a month can be repeated. A mandate on an account that ends in `9` and three digits is refused with
//! that code (`…9003`: M003), one that ends in `9999` is never answered. A debit is answered by the
//! paise of its amount: `.00` is honoured, `.98` gets an extension and is honoured with the next
//! response, `.99` is never answered, any other published code returns it (`.04`: balance
//! insufficient). NPCI refuses what the mandate does not allow (21, 26, 29).

mod debits;
mod mandates;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use debits::paise_of;
use mandates::umrn_of;
use vasool_core::money::Paise;
use vasool_core::time::Time;
use vasool_nach::ach::{AchError, Item, Outcome};
use vasool_nach::day::Day;
use vasool_nach::mandate::{Amount, MandateError, Message, read_messages, read_requests};
use vasool_nach::names::{Family, FileName, Stage};

use crate::rails::files::FileBank;

/// Folders below the bank's own: files that were taken and not answered, answered but for some items,
/// and done with.
const FOLDERS: [&str; 3] = ["taken", "answered", "finished"];

/// The bank's side of a directory.
pub struct Desk {
    root: PathBuf,
    bank: FileBank,
    /// Mandates by number.
    mandates: BTreeMap<String, Mandate>,
}

/// What NPCI knows of a mandate.
struct Mandate {
    maximum: Paise,
    last_on: Option<Day>,
}

/// What the desk cannot do.
pub type DeskResult<T> = Result<T, DeskError>;

/// Why the desk cannot go on.
#[derive(Debug)]
pub enum DeskError {
    /// The directory.
    Io(io::Error),
    /// A file of debits that NPCI would not read.
    Debits(AchError),
    /// A file of mandates that NPCI would not read.
    Mandates(MandateError),
}

impl std::fmt::Display for DeskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeskError::Io(error) => write!(f, "{error}"),
            DeskError::Debits(error) => write!(f, "{error}"),
            DeskError::Mandates(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for DeskError {}

impl From<io::Error> for DeskError {
    fn from(error: io::Error) -> DeskError {
        DeskError::Io(error)
    }
}

impl From<AchError> for DeskError {
    fn from(error: AchError) -> DeskError {
        DeskError::Debits(error)
    }
}

impl From<MandateError> for DeskError {
    fn from(error: MandateError) -> DeskError {
        DeskError::Mandates(error)
    }
}

impl Desk {
    /// The other side of a bank's directory, which remembers the mandates it has seen there.
    pub fn open(bank: FileBank) -> DeskResult<Desk> {
        let root = bank.directory.clone();
        for folder in FOLDERS {
            fs::create_dir_all(root.join("bank").join(folder))?;
        }
        let mut desk = Desk { root, bank, mandates: BTreeMap::new() };
        for folder in FOLDERS {
            for (path, name) in desk.files(folder)? {
                desk.remember(&path, &name)?;
            }
        }
        Ok(desk)
    }

    /// Takes every file there is, and acknowledges it: mandates get their numbers, debits that NPCI
    /// does not allow are refused. Names of the acknowledgements.
    pub fn take(&mut self, now: Time) -> DeskResult<Vec<String>> {
        let mut names = vec![];
        let mut waiting = vec![];
        for entry in fs::read_dir(self.root.join("out"))? {
            waiting.push(entry?.file_name().to_string_lossy().into_owned());
        }
        // Mandates before debits, each in order of its number.
        waiting.sort_unstable_by_key(|name| (name.starts_with("ACH"), name.clone()));
        for text in waiting {
            let Ok(name) = text.parse::<FileName>() else { continue };
            let taken = self.folder("taken").join(&text);
            fs::rename(self.root.join("out").join(&text), &taken)?;
            self.remember(&taken, &name)?;
            names.push(match name.family {
                Family::Debit => {
                    let out = name.at(Stage::InputAck);
                    self.answer_debits(&taken, &out, |desk, item| Some(desk.screen(&item, now)))?
                }
                Family::MandateCancel => self.acknowledge_ends(&taken, &name, now)?,
                _ => self.acknowledge_mandates(&taken, &name, now)?,
            });
        }
        Ok(names)
    }

    /// Answers every file that was taken, and the items that were left open before. `parts`: in how
    /// many files debits are answered. Names of the responses.
    pub fn respond(&mut self, now: Time, parts: u8) -> DeskResult<Vec<String>> {
        let mut names = vec![];
        for (path, name) in self.files("answered")? {
            // What was extended is honoured now.
            let out = FileName { part: Some(parts.max(1) + 1), ..name.at(Stage::Response) };
            let honour = |desk: &Desk, item: Item| {
                let is_extended =
                    desk.screen(&item, now) == Outcome::Accepted && paise_of(&item) == 98;
                is_extended.then_some(Outcome::Accepted)
            };
            names.push(self.answer_debits(&path, &out, honour)?);
            fs::rename(&path, self.folder("finished").join(name.to_string()))?;
        }
        for (path, name) in self.files("taken")? {
            match name.family {
                Family::Debit => {
                    names.extend(self.respond_to_debits(&path, &name, now, parts.max(1))?);
                    fs::rename(&path, self.folder("answered").join(name.to_string()))?;
                }
                Family::MandateCancel => {
                    fs::rename(&path, self.folder("finished").join(name.to_string()))?;
                }
                _ => {
                    names.extend(self.respond_to_mandates(&path, &name, now)?);
                    fs::rename(&path, self.folder("finished").join(name.to_string()))?;
                }
            }
        }
        Ok(names)
    }

    fn folder(&self, folder: &str) -> PathBuf {
        self.root.join("bank").join(folder)
    }

    /// Files of a folder in order of their names.
    fn files(&self, folder: &str) -> DeskResult<Vec<(PathBuf, FileName)>> {
        let mut files = vec![];
        for entry in fs::read_dir(self.folder(folder))? {
            let path = entry?.path();
            let text = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if let Some(Ok(name)) = text.map(|text| text.parse::<FileName>()) {
                files.push((path, name));
            }
        }
        files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(files)
    }

    fn remember(&mut self, path: &Path, name: &FileName) -> DeskResult<()> {
        let mandates = &mut self.mandates;
        match name.family {
            Family::MandateCreate => {
                for signed in read_requests(&fs::read(path)?)? {
                    let request = signed.request;
                    let maximum = match request.amount {
                        Amount::Fixed(amount) | Amount::Maximum(amount) => amount,
                    };
                    let known = Mandate { maximum, last_on: request.final_on };
                    mandates.insert(umrn_of(&request), known);
                }
            }
            Family::MandateCancel => {
                for named in read_messages(&fs::read(path)?)? {
                    if let Message::Cancellation(end) = named.message {
                        mandates.remove(&end.umrn);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes a file under another name, then gives it its own.
    fn publish(
        &self,
        name: &FileName,
        write: impl FnOnce(&mut File) -> DeskResult<()>,
    ) -> DeskResult<String> {
        let folder = self.root.join("in");
        fs::create_dir_all(&folder)?;
        let part = folder.join(format!("{name}.part"));
        let mut file = File::create(&part)?;
        write(&mut file)?;
        file.sync_all()?;
        fs::rename(part, folder.join(name.to_string()))?;
        Ok(name.to_string())
    }
}
