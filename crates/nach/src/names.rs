//! Names of the files that travel between sponsor bank, NPCI and destination banks. Source: rails
//! 5.3, 5.5, 8.4.
//!
//! ```text
//! MMS-CREATE-HDFC-LOGIN-21112026-000001-INP.zip      and -INP-ACK, -RES, -ACCEPT, -ACCEPT-ACK
//! MMS-CREATE-SBIN-21112026-000001-INW.zip            to a destination bank: no login
//! ACH-DR-HDFC-LOGIN-21112026-MUT000001-INP.txt       and -INP-ACK, -RES, -02-RES, -RTN
//! ACH-DR-SBIN-21112026-TPZ000000001-INW.txt          to a destination bank: no login
//! ```
//!
//! Case and extension vary by channel (unverified): names are read in any case and written in
//! capitals with a small extension. The grammar between the published examples is our reading.

use std::fmt;
use std::str::FromStr;

use crate::day::Day;

/// The name of a file, extension included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileName {
    /// What kind of file.
    pub family: Family,
    /// First four letters of the bank's IFSC.
    pub bank: String,
    /// Who lodged it; `None` for files to a destination bank. 1 to 20 letters and digits.
    pub login: Option<String>,
    /// Its date.
    pub day: Day,
    /// Letters before the sequence, such as a product (`MUT`) or `TPZ`; may be empty, at most 3.
    pub prefix: String,
    /// The sequence number, never used again for the same bank, login, day and type.
    pub sequence: u32,
    /// Number of a later part, such as 2 for the next day's response; `None` for the first.
    pub part: Option<u8>,
    /// Where on its way it is.
    pub stage: Stage,
    /// What is inside.
    pub extension: Extension,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Mandates to register.
    MandateCreate,
    /// Mandates to change.
    MandateAmend,
    /// Mandates to end.
    MandateCancel,
    /// Answers of destination banks.
    MandateAccept,
    /// Debits.
    Debit,
}

/// Where on its way a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Sponsor to NPCI.
    Input,
    /// NPCI to sponsor: taken or refused.
    InputAck,
    /// NPCI to destination bank.
    Inward,
    /// Destination bank to NPCI: its decision on mandates.
    Accept,
    /// NPCI to destination bank: the decision was taken or refused.
    AcceptAck,
    /// NPCI to sponsor: what the banks answered.
    Response,
    /// Destination bank to NPCI: debits it returns.
    Return,
}

/// What is inside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Extension {
    Zip,
    Xml,
    Txt,
}

/// A name that follows no grammar here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAFileName;

/// Longest name that is looked at, in bytes.
const NAME_BYTES_MAX: usize = 128;

const FAMILIES: [(Family, &str); 5] = [
    (Family::MandateCreate, "MMS-CREATE"),
    (Family::MandateAmend, "MMS-AMEND"),
    (Family::MandateCancel, "MMS-CANCEL"),
    (Family::MandateAccept, "MMS-ACCEPT"),
    (Family::Debit, "ACH-DR"),
];
/// Longer endings first: `-ACK` alone says nothing.
const STAGES: [(Stage, &str); 7] = [
    (Stage::InputAck, "-INP-ACK"),
    (Stage::AcceptAck, "-ACCEPT-ACK"),
    (Stage::Input, "-INP"),
    (Stage::Inward, "-INW"),
    (Stage::Accept, "-ACCEPT"),
    (Stage::Response, "-RES"),
    (Stage::Return, "-RTN"),
];
const EXTENSIONS: [(Extension, &str); 3] =
    [(Extension::Zip, "zip"), (Extension::Xml, "xml"), (Extension::Txt, "txt")];

impl FileName {
    /// The name of an input file without a product in its sequence.
    pub fn input(family: Family, bank: &str, login: &str, day: Day, sequence: u32) -> FileName {
        let extension = if family == Family::Debit { Extension::Txt } else { Extension::Zip };
        FileName {
            family,
            bank: bank.to_owned(),
            login: Some(login.to_owned()),
            day,
            prefix: String::new(),
            sequence,
            part: None,
            stage: Stage::Input,
            extension,
        }
    }

    /// The same file at another stage of its way.
    pub fn at(&self, stage: Stage) -> FileName {
        FileName { stage, ..self.clone() }
    }

    /// Whether the name may be written: its parts within their bounds and alphabets.
    pub fn is_valid(&self) -> bool {
        let alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.bank.len() == 4
            && self.bank.bytes().all(|byte| byte.is_ascii_uppercase())
            && self.login.as_ref().is_none_or(|login| {
                (1..=20).contains(&login.len()) && alphanumeric(login) && !is_date(login)
            })
            && self.prefix.len() <= 3
            && self.prefix.bytes().all(|byte| byte.is_ascii_uppercase())
            && self.sequence <= self.sequence_max()
            && self.part.is_none_or(|part| part <= 99)
    }

    /// Files to destination banks number with nine digits, all others with six.
    fn digits(&self) -> usize {
        if self.login.is_none() && self.family == Family::Debit { 9 } else { 6 }
    }

    fn sequence_max(&self) -> u32 {
        if self.digits() == 9 { 999_999_999 } else { 999_999 }
    }

    /// The name without its extension, which the images of a mandate share (rails 5.3).
    pub fn stem(&self) -> String {
        let text = self.to_string();
        text.rsplit_once('.').map_or(text.clone(), |(stem, _)| stem.to_owned())
    }
}

/// A login that could be taken for the date behind it would make two readings of one name.
fn is_date(login: &str) -> bool {
    Day::from_compact(login).is_some()
}

fn text_of<T: Copy + PartialEq, const N: usize>(
    table: &[(T, &'static str); N],
    value: T,
) -> &'static str {
    table.iter().find(|(row, _)| *row == value).map_or("", |(_, text)| text)
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-", text_of(&FAMILIES, self.family), self.bank)?;
        if let Some(login) = &self.login {
            write!(f, "{login}-")?;
        }
        let (day, digits) = (self.day.to_compact(), self.digits());
        write!(f, "{day}-{}{:0digits$}", self.prefix, self.sequence)?;
        if let Some(part) = self.part {
            write!(f, "-{part:02}")?;
        }
        write!(f, "{}.{}", text_of(&STAGES, self.stage), text_of(&EXTENSIONS, self.extension))
    }
}

impl FromStr for FileName {
    type Err = NotAFileName;

    /// Reads a name in any case; a login keeps capitals only.
    fn from_str(text: &str) -> Result<FileName, NotAFileName> {
        read(text).filter(FileName::is_valid).ok_or(NotAFileName)
    }
}

fn read(text: &str) -> Option<FileName> {
    if text.len() > NAME_BYTES_MAX || !text.is_ascii() {
        return None;
    }
    let text = text.to_ascii_uppercase();
    let (rest, extension) = text.rsplit_once('.')?;
    let (extension, _) =
        *EXTENSIONS.iter().find(|(_, text)| extension.eq_ignore_ascii_case(text))?;
    let (family, rest) = FAMILIES
        .iter()
        .find_map(|(family, text)| Some((*family, rest.strip_prefix(text)?.strip_prefix('-')?)))?;
    let (stage, rest) =
        STAGES.iter().find_map(|(stage, text)| Some((*stage, rest.strip_suffix(text)?)))?;
    // Some channels put the answer behind the whole name of the input.
    let rest = match stage {
        Stage::Response | Stage::Return | Stage::Accept => {
            rest.strip_suffix("-INP").unwrap_or(rest)
        }
        _ => rest,
    };
    let parts: Vec<&str> = rest.split('-').collect();
    let (bank, login, day, sequence, part) = match parts[..] {
        [bank, day, sequence] => (bank, None, day, sequence, None),
        [bank, day, sequence, part] if is_date(day) => (bank, None, day, sequence, Some(part)),
        [bank, login, day, sequence] => (bank, Some(login), day, sequence, None),
        [bank, login, day, sequence, part] => (bank, Some(login), day, sequence, Some(part)),
        _ => return None,
    };
    let letters = sequence.bytes().take_while(u8::is_ascii_uppercase).count();
    let (prefix, digits) = sequence.split_at(letters);
    let name = FileName {
        family,
        bank: bank.to_owned(),
        login: login.map(str::to_owned),
        day: Day::from_compact(day)?,
        prefix: prefix.to_owned(),
        sequence: number(digits)?,
        part: match part {
            Some(part) => Some(two_digits(part)?),
            None => None,
        },
        stage,
        extension,
    };
    (digits.len() == name.digits()).then_some(name)
}

fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

fn two_digits(text: &str) -> Option<u8> {
    u8::try_from(number(text).filter(|_| text.len() == 2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_shapes() {
        for text in [
            "MMS-CREATE-HDFC-LOGIN-21112026-000001-INP.zip",
            "MMS-CREATE-HDFC-LOGIN-21112026-000001-INP-ACK.zip",
            "MMS-CREATE-SBIN-21112026-000001-INW.zip",
            "MMS-CREATE-SBIN-21112026-000001-ACCEPT.zip",
            "MMS-ACCEPT-SBIN-LOGIN-21112026-000001-INP.xml",
            "MMS-CREATE-SBIN-21112026-000001-ACCEPT-ACK.zip",
            "MMS-CREATE-HDFC-LOGIN-21112026-000001-RES.zip",
            "MMS-CANCEL-HDFC-LOGIN-21112026-000002-INP.zip",
            "ACH-DR-HDFC-LOGIN-21112026-000001-INP.txt",
            "ACH-DR-HDFC-LOGIN-21112026-MUT000001-INP.txt",
            "ACH-DR-HDFC-LOGIN-21112026-000001-INP-ACK.txt",
            "ACH-DR-HDFC-LOGIN-21112026-000001-RES.txt",
            "ACH-DR-HDFC-LOGIN-21112026-000001-02-RES.txt",
            "ACH-DR-SBIN-21112026-TPZ000000001-INW.txt",
            "ACH-DR-SBIN-21112026-TPZ000000001-RTN.txt",
        ] {
            let name: FileName = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(name.to_string(), text);
            assert_eq!(text.to_lowercase().parse(), Ok(name));
        }
    }

    #[test]
    fn parts_of_a_name() {
        let day = Day::new(2026, 11, 21).unwrap();
        let name = FileName::input(Family::Debit, "HDFC", "LOGIN", day, 7);
        assert_eq!(name.to_string(), "ACH-DR-HDFC-LOGIN-21112026-000007-INP.txt");
        assert_eq!(name.stem(), "ACH-DR-HDFC-LOGIN-21112026-000007-INP");
        let late = FileName { part: Some(2), ..name.at(Stage::Response) };
        assert_eq!("ach-dr-hdfc-login-21112026-000007-02-res.TXT".parse(), Ok(late));
        let behind = "ACH-DR-HDFC-LOGIN-21112026-000007-INP-RES.txt".parse();
        assert_eq!(behind, Ok(name.at(Stage::Response)));
    }

    #[test]
    fn other_names_are_refused() {
        for text in [
            "",
            "MMS-CREATE-HDFC-LOGIN-21112026-000001-INP",
            "MMS-CREATE-HDFC-LOGIN-21112026-000001.zip",
            "MMS-CREATE-HDF1-LOGIN-21112026-000001-INP.zip",
            "MMS-CREATE-HDFC-LO_GIN-21112026-000001-INP.zip",
            "MMS-CREATE-HDFC--21112026-000001-INP.zip",
            "MMS-CREATE-HDFC-LOGIN-31112026-000001-INP.zip",
            "MMS-CREATE-HDFC-LOGIN-21112026-00001-INP.zip",
            "MMS-CREATE-HDFC-LOGIN-21112026-ABCD000001-INP.zip",
            "MMS-CREATE-HDFC-LOGIN-21112026-000001-2-RES.zip",
            "../MMS-CREATE-HDFC-LOGIN-21112026-000001-INP.zip",
            "MMS-CREATE-HDFC-LOGIN-21112026-000001-INP.exe",
            "ACH-CR-HDFC-LOGIN-21112026-000001-INP.txt",
        ] {
            assert_eq!(text.parse::<FileName>(), Err(NotAFileName), "{text}");
        }
    }

    prop_compose! {
        fn any_name()(
            family in prop::sample::select(FAMILIES.map(|(family, _)| family).to_vec()),
            bank in "[A-Z]{4}",
            login in prop::option::of("[A-Z0-9]{1,20}"),
            seconds in 0..250_000_000_000i64,
            prefix in "[A-Z]{0,3}",
            sequence in 0..1_000_000_u32,
            part in prop::option::of(0..100_u8),
            stage in prop::sample::select(STAGES.map(|(stage, _)| stage).to_vec()),
            extension in prop::sample::select(EXTENSIONS.map(|(kind, _)| kind).to_vec()),
        ) -> FileName {
            let day = Day::at(vasool_core::time::Time(seconds));
            FileName { family, bank, login, day, prefix, sequence, part, stage, extension }
        }
    }

    proptest! {
        #[test]
        fn every_name_reads_back(name in any_name()) {
            if name.is_valid() {
                prop_assert_eq!(name.to_string().parse(), Ok(name));
            }
        }

        #[test]
        fn any_text_is_a_name_or_refused(text in "(MMS|ACH)?[-A-Z0-9.]{0,60}|\\PC{0,60}") {
            let _ = text.parse::<FileName>();
        }
    }
}
