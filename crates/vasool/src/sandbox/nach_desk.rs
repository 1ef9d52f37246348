//! The other side of a directory of files: sponsor bank, NPCI and the payers' banks in one. Source:
//! rails 8.5, 5.3 to 5.6.
//!
//! It knows nothing but the files: what it decides follows from account numbers and amounts, so that
//! a month can be repeated. A mandate on an account that ends in `9` and three digits is refused with
//! that code (`…9003`: M003), one that ends in `9999` is never answered. A debit is answered by the
//! paise of its amount: `.00` is honoured, `.98` gets an extension and is honoured with the next
//! response, `.99` is never answered, any other published code returns it (`.04`: balance
//! insufficient). NPCI refuses what the mandate does not allow (21, 26, 29).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Cursor, Write as _};
use std::path::{Path, PathBuf};

use vasool_core::money::Paise;
use vasool_core::time::Time;
use vasool_nach::ach::{AchError, FileKind, Item, Outcome, Reader, write_once};
use vasool_nach::codes::debit::{Leg, find};
use vasool_nach::codes::{Code, mandate};
use vasool_nach::day::Day;
use vasool_nach::mandate::{
    Amount, Decision, Header, MandateError, Member, Message, NamedMessage, Report, Request,
    Verdict, paper_umrn, read_messages, read_requests, write_messages,
};
use vasool_nach::names::{Family, FileName, Stage};

use crate::rails::files::FileBank;

/// Numbers of mandates: fifteen digits (rails 5.3).
const UMRN_NUMBERS: u128 = 10_u128.pow(15);
/// NPCI as the sender of messages.
const NPCI: &str = "NPCI0000001";
/// Folders below the bank's own: files that were taken and not answered, answered but for some items,
/// and done with.
const FOLDERS: [&str; 3] = ["taken", "answered", "finished"];

/// The bank's side of a directory.
pub struct Desk {
    root: PathBuf,
    bank: FileBank,
    /// Mandates by number; `None` where it believes every number.
    mandates: Option<BTreeMap<String, Mandate>>,
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
        let mut desk = Desk { root, bank, mandates: Some(BTreeMap::new()) };
        for folder in FOLDERS {
            for (path, name) in desk.files(folder)? {
                desk.remember(&path, &name)?;
            }
        }
        Ok(desk)
    }

    /// The same, which remembers nothing and believes every mandate: for measuring.
    pub fn trusting(bank: FileBank) -> DeskResult<Desk> {
        let desk = Desk::open(bank)?;
        Ok(Desk { mandates: None, ..desk })
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
        let Some(mandates) = &mut self.mandates else { return Ok(()) };
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

    fn acknowledge_mandates(&self, path: &Path, name: &FileName, now: Time) -> DeskResult<String> {
        let requests = read_requests(&fs::read(path)?)?;
        let decide = |signed: &vasool_nach::mandate::SignedRequest| {
            decision(&signed.request, Verdict::Accepted)
        };
        let decisions = requests.iter().map(decide).collect();
        self.write_decisions(&name.at(Stage::InputAck), decisions, now)
    }

    fn acknowledge_ends(&self, path: &Path, name: &FileName, now: Time) -> DeskResult<String> {
        let mut decisions = vec![];
        for named in read_messages(&fs::read(path)?)? {
            if let Message::Cancellation(end) = named.message {
                decisions.push(Decision {
                    original_message_id: end.header.message_id,
                    original_message: "pain.011.001.01".to_owned(),
                    request_id: None,
                    umrn: Some(end.umrn),
                    verdict: Verdict::Accepted,
                });
            }
        }
        self.write_decisions(&name.at(Stage::InputAck), decisions, now)
    }

    fn respond_to_mandates(
        &self,
        path: &Path,
        name: &FileName,
        now: Time,
    ) -> DeskResult<Option<String>> {
        let mut decisions = vec![];
        for signed in read_requests(&fs::read(path)?)? {
            let account = &signed.request.debtor.account_number;
            let code = account.get(account.len().saturating_sub(4)..).unwrap_or("");
            let verdict = match code.strip_prefix('9') {
                Some("999") => continue,
                Some(digits) if mandate::find(&format!("M{digits}")).is_some() => {
                    Verdict::Rejected(Some(format!("M{digits}")))
                }
                _ => Verdict::Accepted,
            };
            decisions.push(decision(&signed.request, verdict));
        }
        if decisions.is_empty() {
            return Ok(None);
        }
        self.write_decisions(&name.at(Stage::Response), decisions, now).map(Some)
    }

    fn write_decisions(
        &self,
        name: &FileName,
        decisions: Vec<Decision>,
        now: Time,
    ) -> DeskResult<String> {
        let stem = name.stem();
        let member = |id: &str, name: &str| Member { id: id.to_owned(), name: name.to_owned() };
        let messages: Vec<NamedMessage> = decisions
            .into_iter()
            .enumerate()
            .map(|(at, decision)| NamedMessage {
                name: format!("{stem}-{:02}.xml", at + 1),
                message: Message::Report(Report {
                    header: Header {
                        message_id: format!(
                            "N{}{:06}{at:02}",
                            name.day.to_compact(),
                            name.sequence
                        ),
                        created_at: now,
                        from: member(NPCI, "NPCI"),
                        to: member(&self.bank.ifsc, &self.bank.bank_name),
                    },
                    decisions: vec![decision],
                }),
            })
            .collect();
        let bytes = write_messages(Cursor::new(vec![]), &messages)?.into_inner();
        self.publish(name, |out| Ok(out.write_all(&bytes)?))
    }

    fn respond_to_debits(
        &self,
        path: &Path,
        name: &FileName,
        now: Time,
        parts: u8,
    ) -> DeskResult<Vec<String>> {
        let mut names = vec![];
        for part in 0..parts {
            let out = name.at(Stage::Response);
            let out = FileName { part: (part > 0).then_some(part + 1), ..out };
            let at = std::cell::Cell::new(0_u64);
            let answer = |desk: &Desk, item: Item| {
                let number = at.replace(at.get() + 1);
                let is_mine = number % u64::from(parts) == u64::from(part);
                // What NPCI refused was in the acknowledgement.
                let is_open = is_mine && desk.screen(&item, now) == Outcome::Accepted;
                is_open.then(|| answer_of(&item)).flatten()
            };
            names.push(self.answer_debits(path, &out, answer)?);
        }
        Ok(names)
    }

    /// What NPCI says to a debit before any bank sees it.
    fn screen(&self, item: &Item, now: Time) -> Outcome {
        let Some(mandates) = &self.mandates else { return Outcome::Accepted };
        let refused = |code| Outcome::Rejected(Code::new(code).expect("two digits"));
        match mandates.get(&item.debit.umrn) {
            None => refused("21"),
            Some(mandate) if item.debit.amount > mandate.maximum => refused("26"),
            Some(mandate) if mandate.last_on.is_some_and(|last| last < Day::at(now)) => {
                refused("29")
            }
            Some(_) => Outcome::Accepted,
        }
    }

    /// Writes what `answer` says to the items of a file; `None` leaves an item out. Items pass one by
    /// one, whatever the file's size.
    fn answer_debits(
        &self,
        path: &Path,
        name: &FileName,
        answer: impl Fn(&Desk, Item) -> Option<Outcome>,
    ) -> DeskResult<String> {
        let input = BufReader::new(File::open(path)?);
        let reader = Reader::new(input, FileKind::Input, self.bank.dialect)?;
        let batch = reader.batch().clone();
        let answered = reader.filter_map(|item| match item {
            Err(error) => Some(Err(DeskError::from(error))),
            Ok(item) => {
                let outcome = answer(self, item.clone())?;
                Some(Ok(Item { outcome: Some(outcome), ..item }))
            }
        });
        self.publish(name, |out| {
            let out = BufWriter::new(out);
            write_once(out, FileKind::Response, self.bank.dialect, &batch, answered).map(|_| ())
        })
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

/// The number a mandate gets, the same whenever it is asked for.
fn umrn_of(request: &Request) -> String {
    let id = request.request_id.trim_start_matches("token_");
    let id = vasool_core::id::RawId::parse(id);
    let number = id.map_or(0, |id| (id.to_number() % UMRN_NUMBERS) as u64);
    let bank = request.debtor.bank.get(..4).unwrap_or("NPCI");
    paper_umrn(bank, number).unwrap_or_default()
}

fn decision(request: &Request, verdict: Verdict) -> Decision {
    Decision {
        original_message_id: request.header.message_id.clone(),
        original_message: "pain.009.001.01".to_owned(),
        request_id: Some(request.request_id.clone()),
        umrn: Some(umrn_of(request)),
        verdict,
    }
}

fn paise_of(item: &Item) -> i64 {
    item.debit.amount.get() % 100
}

/// What the payer's bank says to a debit, by the paise of its amount.
fn answer_of(item: &Item) -> Option<Outcome> {
    match paise_of(item) {
        98 => Some(Outcome::Extended),
        99 => None,
        paise => {
            let code = Code::new(&format!("{paise:02}")).filter(|code| *code != Code::SUCCESS);
            let returned = code.filter(|code| find(Leg::Return, *code).is_some());
            Some(returned.map_or(Outcome::Accepted, Outcome::Returned))
        }
    }
}
