//! Answers about debits. Source: rails 5.5, 5.6.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use vasool_core::time::Time;
use vasool_nach::ach::{FileKind, Item, Outcome, Reader, write_once};
use vasool_nach::codes::Code;
use vasool_nach::codes::debit::{Leg, find};
use vasool_nach::day::Day;
use vasool_nach::names::{FileName, Stage};

use super::{Desk, DeskError, DeskResult};

impl Desk {
    pub(super) fn respond_to_debits(
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
    pub(super) fn screen(&self, item: &Item, now: Time) -> Outcome {
        let refused = |code| Outcome::Rejected(Code::new(code).expect("two digits"));
        match self.mandates.get(&item.debit.umrn) {
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
    pub(super) fn answer_debits(
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
}

pub(super) fn paise_of(item: &Item) -> i64 {
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
