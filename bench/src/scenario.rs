//! What is sent, and what is learnt from an answer.

use std::fmt::Write as _;

use crate::http::Target;
use crate::random::Random;

/// A stream of requests. One value serves all connections of a run.
pub trait Scenario: 'static {
    /// What a request must remember until it is answered.
    type Sent;

    /// The name in the report.
    fn name(&self) -> &'static str;

    /// Writes the next request into `out`.
    fn request(&mut self, target: &Target, out: &mut Vec<u8>) -> Self::Sent;

    /// Whether there is nothing left to send.
    fn is_used_up(&self) -> bool {
        false
    }

    /// Hears that a request was answered 200, and what with.
    fn answered(&mut self, _sent: Self::Sent, _body: &[u8]) {}

    /// Numbers of its own for the report: names and values.
    fn numbers(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

/// The same GET again and again.
pub struct Get {
    path: String,
}

impl Get {
    pub fn new(path: &str) -> Result<Self, String> {
        if !path.starts_with('/') || path.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(format!("`{path}` is not a path"));
        }
        Ok(Self { path: path.to_owned() })
    }
}

impl Scenario for Get {
    type Sent = ();

    fn name(&self) -> &'static str {
        "get"
    }

    fn request(&mut self, target: &Target, out: &mut Vec<u8>) {
        target.get(&self.path, out);
    }
}

/// New customers with a name and nothing else, so that none is a duplicate.
pub struct Customers {
    random: Random,
}

impl Customers {
    pub fn new(random: Random) -> Self {
        Self { random }
    }
}

impl Scenario for Customers {
    type Sent = ();

    fn name(&self) -> &'static str {
        "customers"
    }

    fn request(&mut self, target: &Target, out: &mut Vec<u8>) {
        let json = format!(r#"{{"name":"Payer {:016x}"}}"#, self.random.next());
        target.post("/v1/customers", &json, out);
    }
}

/// How many acknowledged transfers are kept to be repeated.
const RECENT_MAX: usize = 1024;

/// Banks that send.
const BANKS: [&str; 20] = [
    "BARB", "BKID", "CBIN", "CNRB", "FDRL", "HDFC", "ICIC", "IDFB", "IDIB", "INDB", "IOBA", "KKBK",
    "KVBL", "MAHB", "PUNB", "RATN", "SBIN", "UBIN", "UTIB", "YESB",
];
/// Numbers a bank has for one day: six characters of base 36.
const NUMBERS: u64 = 36u64.pow(6);

/// Bank transfers into random accounts, from banks that each number their transfers upwards, as
/// real ones do. A share repeats a transfer that was acknowledged a moment ago, as banks do too.
pub struct Credits {
    accounts: Vec<Box<str>>,
    /// The number of the last transfer of each bank.
    numbers: [u64; BANKS.len()],
    repeats_per_mille: u64,
    random: Random,
    recent: Vec<Transfer>,
    oldest: usize,
    json: String,
    repeated: u64,
    first: u64,
}

/// One transfer: account, bank and number say all, the amount follows from the number.
#[derive(Clone, Copy)]
pub struct Transfer {
    account: usize,
    bank: usize,
    number: u64,
    is_repeat: bool,
}

impl Transfer {
    /// From 1.00 to 10,000.99 rupees, in paise.
    fn amount(self) -> u64 {
        100 + self.number % 1_000_000
    }

    /// In the shape of NEFT: bank, `N`, year, day of the year, number.
    fn write_reference(self, out: &mut String) {
        write!(out, "{}N26001", BANKS[self.bank]).expect("memory");
        let mut unit = NUMBERS / 36;
        while unit > 0 {
            let digit = (self.number / unit % 36) as u32;
            out.push(char::from_digit(digit, 36).expect("below 36").to_ascii_uppercase());
            unit /= 36;
        }
    }
}

impl Credits {
    /// `accounts`: account numbers, one per line.
    pub fn new(accounts: &str, repeats_per_mille: u64, mut random: Random) -> Result<Self, String> {
        let accounts: Vec<Box<str>> = accounts
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(Box::from)
            .collect();
        if accounts.is_empty() {
            return Err("no account numbers".to_owned());
        }
        if let Some(bad) =
            accounts.iter().find(|account| !account.bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            return Err(format!("`{bad}` is not an account number"));
        }
        // A place of its own for each run, so that it does not repeat the references of another,
        // in the lower half, from where it can count for days.
        let numbers = std::array::from_fn(|_| random.below(NUMBERS / 2));
        Ok(Self {
            accounts,
            numbers,
            repeats_per_mille,
            random,
            recent: Vec::with_capacity(RECENT_MAX),
            oldest: 0,
            json: String::new(),
            repeated: 0,
            first: 0,
        })
    }

    fn next(&mut self) -> Transfer {
        if !self.recent.is_empty() && self.random.below(1000) < self.repeats_per_mille {
            let recent = self.random.below(self.recent.len() as u64) as usize;
            return Transfer { is_repeat: true, ..self.recent[recent] };
        }
        let account = self.random.below(self.accounts.len() as u64) as usize;
        let bank = self.random.below(BANKS.len() as u64) as usize;
        self.numbers[bank] += 1;
        Transfer { account, bank, number: self.numbers[bank], is_repeat: false }
    }
}

impl Scenario for Credits {
    type Sent = Transfer;

    fn name(&self) -> &'static str {
        "credits"
    }

    fn request(&mut self, target: &Target, out: &mut Vec<u8>) -> Transfer {
        let transfer = self.next();
        self.json.clear();
        write!(
            self.json,
            r#"{{"account_number":"{}","amount":{},"mode":"NEFT","utr":""#,
            self.accounts[transfer.account],
            transfer.amount(),
        )
        .expect("memory");
        transfer.write_reference(&mut self.json);
        self.json.push_str("\"}");
        target.post("/v1/sandbox/bank_transfers", &self.json, out);
        transfer
    }

    fn answered(&mut self, transfer: Transfer, _body: &[u8]) {
        if transfer.is_repeat {
            self.repeated += 1;
            return;
        }
        self.first += 1;
        if self.recent.len() < RECENT_MAX {
            self.recent.push(transfer);
        } else {
            self.recent[self.oldest] = transfer;
            self.oldest = (self.oldest + 1) % RECENT_MAX;
        }
    }

    /// Over the whole run, with the warm-up: what the server's books must show.
    fn numbers(&self) -> Vec<(&'static str, u64)> {
        vec![("total_credited", self.first), ("total_repeated", self.repeated)]
    }
}
