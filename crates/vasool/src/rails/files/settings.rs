//! What an operator says about a sponsor bank that takes files. Source: rails 5.3, 5.5, 8.4.

use std::path::PathBuf;

use vasool_core::filing::FileTimes;
use vasool_core::scope::Mode;
use vasool_core::time::{DAY_SECONDS, Millis};
use vasool_nach::ach::Dialect;
use vasool_nach::cycles::{Calendar, Terms, cancellation_day, debit_times, times_on};
use vasool_nach::day::Day;

use crate::rails::NachWish;

/// A sponsor bank that takes files. Source: rails 8.4.
#[derive(Clone, Debug)]
pub struct FileBank {
    /// The connector's name: small letters, digits and `_`.
    pub name: String,
    /// Which money it moves.
    pub mode: Mode,
    /// Where files are left and found; one directory per connector.
    pub directory: PathBuf,
    /// IFSC of the sponsor bank.
    pub ifsc: String,
    /// Its name.
    pub bank_name: String,
    /// Our login at the bank, part of every file's name.
    pub login: String,
    /// The utility code that NPCI gave the collecting company, 18 characters.
    pub utility_code: String,
    /// Name of the collecting company.
    pub company: String,
    /// The account that is credited.
    pub account: String,
    /// Product of every debit, such as `GEN`.
    pub product: String,
    /// Category of every mandate, such as `L001` for loans.
    pub category: String,
    /// Digits of flags, line ends, most items in a file.
    pub dialect: Dialect,
    /// Cut-off and terms.
    pub terms: Terms,
    /// The days on which banks settle.
    pub calendar: Calendar,
}

impl FileBank {
    /// First four letters of the sponsor bank's IFSC.
    pub fn bank(&self) -> &str {
        self.ifsc.get(..4).unwrap_or(&self.ifsc)
    }

    /// When a wish of now goes into a file, and when its answer is given up. Source: paper-nach 1.3,
    /// 8.4.
    pub fn file_times(&self, wish: NachWish, now: Millis) -> FileTimes {
        let at = now.to_time();
        let due = match wish {
            // NPCI takes mandates at any time, and they wait for nobody.
            NachWish::Registration => now,
            NachWish::Debit => debit_times(at, &self.terms, &self.calendar).present_at.to_millis(),
            NachWish::Withdrawal => cancellation_day(at, &self.calendar).start().to_millis(),
        };
        FileTimes { due, give_up: self.give_up(wish, due) }
    }

    /// When the answer to a file made at `made` is given up. Source: paper-nach 1.3.
    pub fn give_up(&self, wish: NachWish, made: Millis) -> Millis {
        match wish {
            NachWish::Registration | NachWish::Withdrawal => {
                made.plus(i64::from(self.terms.unanswered_days) * DAY_SECONDS * 1000)
            }
            NachWish::Debit => {
                let day = Day::at(made.to_time());
                times_on(day, &self.terms, &self.calendar).give_up_at.to_millis()
            }
        }
    }
}
