//! The operator's file of connectors. Source: rails 8.4; docs/paper-nach.md.

use std::path::PathBuf;

use serde::Deserialize;
use vasool_core::scope::Mode;
use vasool_core::settings::is_ifsc;
use vasool_nach::ach::{Dialect, Flags, LineEnd};
use vasool_nach::cycles::{Calendar, Terms, Weekend};
use vasool_nach::day::Day;

use super::inbound::CONNECTOR;
use crate::rails::files::FileBank;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    nach_files: Vec<Bank>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bank {
    name: String,
    mode: String,
    directory: PathBuf,
    ifsc: String,
    bank_name: String,
    login: String,
    utility_code: String,
    company: String,
    account: String,
    category: String,
    #[serde(default = "general")]
    product: String,
    #[serde(default)]
    holidays: Vec<String>,
    #[serde(default)]
    closed: Closed,
    cut_off: Option<String>,
    items_per_file: Option<u32>,
    debit_working_days: Option<u32>,
    unanswered_days: Option<u32>,
    flags: Option<FlagDigits>,
    #[serde(default)]
    line_end: LineEnds,
}

/// Digits of the response flag, which are partly unverified (rails 5.5).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagDigits {
    accepted: char,
    returned: char,
    rejected: char,
    extended: char,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Closed {
    #[default]
    SundaysAndTwoSaturdays,
    Sundays,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineEnds {
    #[default]
    Crlf,
    Lf,
}

fn general() -> String {
    "GEN".to_owned()
}

/// Reads the file. Errors say what is wrong, and with which connector.
pub fn read(text: &str) -> Result<Vec<FileBank>, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut banks: Vec<FileBank> = vec![];
    for bank in file.nach_files {
        let name = bank.name.clone();
        let bank = bank.check().map_err(|why| format!("connector {name:?}: {why}"))?;
        if banks.iter().any(|other| other.name == bank.name) {
            return Err(format!("connector {name:?}: the name is used twice"));
        }
        if banks.iter().any(|other| other.directory == bank.directory) {
            return Err(format!("connector {name:?}: its directory is another connector's"));
        }
        banks.push(bank);
    }
    Ok(banks)
}

impl Bank {
    fn check(self) -> Result<FileBank, String> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=40).contains(&self.name.len()) || !self.name.chars().all(is_name) {
            return Err("a name is 1 to 40 small letters, digits and _".to_owned());
        }
        if self.name == CONNECTOR {
            return Err("the name is the sandbox's own".to_owned());
        }
        let mode = Mode::parse(&self.mode).ok_or("mode is test or live")?;
        if !is_ifsc(&self.ifsc) {
            return Err("ifsc is four letters, 0, and six letters or digits".to_owned());
        }
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let texts = [
            ("login", &self.login, 20),
            ("utility_code", &self.utility_code, 18),
            ("account", &self.account, 35),
            ("product", &self.product, 3),
            ("category", &self.category, 35),
        ];
        for (field, text, max) in texts {
            if !(1..=max).contains(&text.len()) || !plain(text) {
                return Err(format!("{field} is 1 to {max} letters and digits"));
            }
        }
        for (field, text) in [("company", &self.company), ("bank_name", &self.bank_name)] {
            let is_text = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
            if text.trim().is_empty() || text.len() > 140 || !is_text {
                return Err(format!("{field} is 1 to 140 characters of plain text"));
            }
        }
        let day = |text: &String| Day::from_iso(text).ok_or(format!("{text:?} is no date"));
        let holidays: Vec<Day> = self.holidays.iter().map(day).collect::<Result<_, _>>()?;
        let weekend = match self.closed {
            Closed::SundaysAndTwoSaturdays => Weekend::SundaysAndTwoSaturdays,
            Closed::Sundays => Weekend::Sundays,
        };
        let (terms, dialect) = (self.terms()?, self.dialect()?);
        Ok(FileBank {
            mode,
            terms,
            dialect,
            calendar: Calendar::new(holidays, weekend),
            name: self.name,
            directory: self.directory,
            ifsc: self.ifsc,
            bank_name: self.bank_name,
            login: self.login.to_ascii_uppercase(),
            utility_code: self.utility_code,
            company: self.company,
            account: self.account,
            product: self.product,
            category: self.category,
        })
    }

    fn terms(&self) -> Result<Terms, String> {
        let mut terms = Terms::default();
        if let Some(text) = &self.cut_off {
            terms.cut_off_seconds = read_time(text).ok_or("cut_off is a time such as 09:00")?;
        }
        if let Some(days) = self.debit_working_days {
            terms.debit_working_days = in_range("debit_working_days", days, 1..=30)?;
        }
        if let Some(days) = self.unanswered_days {
            terms.unanswered_days = in_range("unanswered_days", days, 1..=365)?;
        }
        Ok(terms)
    }

    fn dialect(&self) -> Result<Dialect, String> {
        let mut dialect = Dialect::default();
        if let Some(items) = self.items_per_file {
            dialect.items_max = in_range("items_per_file", items, 1..=1_000_000)?;
        }
        if let Some(flags) = &self.flags {
            let all = [flags.accepted, flags.returned, flags.rejected, flags.extended];
            let mut sorted = all;
            sorted.sort_unstable();
            let repeats = sorted.windows(2).any(|pair| pair[0] == pair[1]);
            if repeats || !all.iter().all(char::is_ascii_graphic) {
                return Err("flags are four different characters".to_owned());
            }
            let [accepted, returned, rejected, extended] = all.map(|c| c as u8);
            dialect.flags = Flags { accepted, returned, rejected, extended };
        }
        dialect.line_end = match self.line_end {
            LineEnds::Crlf => LineEnd::CrLf,
            LineEnds::Lf => LineEnd::Lf,
        };
        Ok(dialect)
    }
}

fn in_range(field: &str, value: u32, range: std::ops::RangeInclusive<u32>) -> Result<u32, String> {
    let (first, last) = (range.start(), range.end());
    match range.contains(&value) {
        true => Ok(value),
        false => Err(format!("{field} is between {first} and {last}")),
    }
}

/// Seconds after midnight of `HH:MM`.
fn read_time(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: u32| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|number| is_number && *number < below)
    };
    Some(number(hours, 24)? * 3600 + number(minutes, 60)? * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl Fn(&mut serde_json::Value)) -> Result<Vec<FileBank>, String> {
        let mut bank = serde_json::json!({
            "name": "hdfc", "mode": "live", "directory": "/srv/nach", "ifsc": "HDFC0000240",
            "bank_name": "HDFC Bank", "login": "vasool", "utility_code": "HDFC00000000012345",
            "company": "Vasool Example", "account": "00600000012345", "category": "L001"
        });
        change(&mut bank);
        read(&serde_json::json!({"nach_files": [bank]}).to_string())
    }

    #[test]
    fn a_bank_with_its_defaults() {
        let banks = with(|_| {}).unwrap();
        let bank = &banks[0];
        assert_eq!(
            (bank.bank(), bank.login.as_str(), bank.product.as_str()),
            ("HDFC", "VASOOL", "GEN")
        );
        assert_eq!(bank.terms, Terms::default());
        assert_eq!(bank.dialect, Dialect::default());
        let banks = with(|bank| {
            bank["cut_off"] = "10:30".into();
            bank["items_per_file"] = 10.into();
            bank["holidays"] = serde_json::json!(["2027-01-26"]);
        });
        let bank = &banks.unwrap()[0];
        assert_eq!(bank.terms.cut_off_seconds, 37_800);
        assert_eq!(bank.dialect.items_max, 10);
        assert!(!bank.calendar.is_working(Day::from_iso("2027-01-26").unwrap()));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_connector() {
        let refused = |field: &str, value: serde_json::Value| {
            let text = with(|bank| bank[field] = value.clone()).unwrap_err();
            assert!(text.contains("connector") || text.contains(field), "{text}");
            text
        };
        refused("name", "Not a name".into());
        refused("name", "sandbox".into());
        refused("mode", "real".into());
        refused("ifsc", "HDFC".into());
        refused("login", "a b".into());
        refused("utility_code", "".into());
        refused("holidays", serde_json::json!(["26/01/2027"]));
        refused("cut_off", "9".into());
        refused("items_per_file", 0.into());
        refused(
            "flags",
            serde_json::json!({"accepted": "1", "returned": "1", "rejected": "2", "extended": "3"}),
        );
        assert!(refused("unknown", 1.into()).contains("unknown field"));
        let bank = with(|_| {}).unwrap().remove(0);
        assert_eq!(bank.name, "hdfc");
    }
}
