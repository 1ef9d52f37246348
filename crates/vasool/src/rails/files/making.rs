//! Making files of what waits. Source: rails 5.3, 5.5, 8.4.

use vasool_core::command::ScopedCommand;
use vasool_core::instruction::InstructionKey;
use vasool_core::paper_nach::{NachAnswer, NachCommand, NachReport, NachRows};
use vasool_core::scope::{Lane, ScopeId};
use vasool_core::time::Millis;
use vasool_nach::day::Day;
use vasool_nach::mandate::MANDATES_MAX;
use vasool_nach::names::{Family, FileName};
use vasool_store::rail_files::{NewFile, OutFile, OutState};

use super::directory::Directory;
use super::{FileError, FileRail, FileResult};

/// Kinds of files, by the kind of instruction in them.
const KINDS: [&str; 3] = ["register", "withdraw", "present"];
/// Rows that are put into a file at once: more would hold up SQLite's only writer.
const FILL_AT_ONCE: i64 = 2_000;
/// Mandates that are ended by one file. Our choice.
const WITHDRAWALS_MAX: i64 = 500;
/// The largest debit in paise: one crore rupees (rails 6).
const DEBIT_MAX: i64 = 1_000_000_000;
/// Above this sum, in paise, a file takes no more debits: the largest debits of one more step still
/// fit the thirteen digits of the total (rails 5.5).
const TOTAL_FULL: i64 = 9_999_999_999_999 - FILL_AT_ONCE * DEBIT_MAX;

impl FileRail {
    /// Finishes what was begun, then makes every file that is due. True when anything moved.
    pub(super) async fn make_files(&self) -> FileResult<bool> {
        let (store, name) = (&self.parts.store, &self.parts.bank.name);
        let mut moved = false;
        for file in store.unfinished_rail_files(name).await? {
            self.finish(file).await?;
            moved = true;
        }
        for kind in KINDS {
            let real = self.parts.clock.now();
            for (lane, now) in store.filing_lanes_due(name, kind, real).await? {
                moved |= self.make_kind(kind, lane, now).await?;
            }
        }
        Ok(moved)
    }

    async fn make_kind(&self, kind: &str, lane: Lane, now: Millis) -> FileResult<bool> {
        let (store, name) = (&self.parts.store, self.parts.bank.name.as_str());
        let mut moved = false;
        if kind == "withdraw" {
            moved |= self.end_unregistered(lane, now).await?;
        }
        while store.has_filings_ready(name, kind, lane, now).await? {
            let day = Day::at(now.to_time()).to_iso();
            let file = NewFile { connector: name, kind, lane, day: &day, now };
            let file = store.open_rail_file(file).await?;
            self.finish(file).await?;
            moved = true;
        }
        Ok(moved)
    }

    /// Brings a file from wherever it is to its name.
    async fn finish(&self, mut file: OutFile) -> FileResult<()> {
        self.keep_lease().await?;
        if file.state == OutState::Filling {
            self.fill(&file).await?;
            let name = self.name_of(&file)?;
            self.parts.store.seal_rail_file(&file, &name).await?;
            file = self.again(&name).await?;
        }
        let name = file.name.clone().ok_or_else(|| missing("a sealed file has no name"))?;
        if file.state == OutState::Sealed && file.items == 0 {
            // Opened, and nothing came: its number is not used again.
            return Ok(self.parts.store.void_rail_file(&file.id).await?);
        }
        if file.state == OutState::Sealed {
            let part = Directory::part_name(&name, self.parts.engine.holder());
            let is_whole = match file.kind.as_str() {
                "present" => self.write_debits(&file, &part).await?,
                "withdraw" => self.write_withdrawals(&file, &name, &part).await?,
                _ => self.write_registrations(&file, &name, &part).await?,
            };
            let Some(digest) = is_whole else {
                self.parts.directory.remove_part(&part)?;
                return Ok(self.parts.store.void_rail_file(&file.id).await?);
            };
            if !self.parts.store.rail_file_written(&file.id, &part, &digest).await? {
                self.parts.directory.remove_part(&part)?;
                return Err(FileError::LeaseLost);
            }
            file = self.again(&name).await?;
        }
        let part = file.part.as_deref().ok_or_else(|| missing("a written file has no name"))?;
        self.parts.directory.publish(part, &name)?;
        self.parts.store.rail_file_out(&file.id).await?;
        tracing::info!(file = name, items = file.items, "a file is out");
        Ok(())
    }

    async fn again(&self, name: &str) -> FileResult<OutFile> {
        let file = self.parts.store.rail_file_named(&self.parts.bank.name, name).await?;
        file.ok_or_else(|| missing("a file is gone"))
    }

    async fn fill(&self, file: &OutFile) -> FileResult<()> {
        let (store, bank) = (&self.parts.store, &self.parts.bank);
        let most = match file.kind.as_str() {
            "present" => i64::from(bank.dialect.items_max),
            "withdraw" => WITHDRAWALS_MAX,
            _ => i64::try_from(MANDATES_MAX).unwrap_or(i64::MAX),
        };
        let (mut items, mut amount) = store.rail_file_totals(&file.id).await?;
        // What the sum may have grown to since it was looked up.
        let mut most_grown = 0;
        loop {
            if amount.get() + most_grown > TOTAL_FULL {
                (items, amount) = store.rail_file_totals(&file.id).await?;
                most_grown = 0;
            }
            let rest = (most - items).min(FILL_AT_ONCE);
            if rest <= 0 || amount.get() > TOTAL_FULL {
                return Ok(());
            }
            let filled = store.fill_rail_file(&bank.name, file, file.created, rest).await?;
            if filled == 0 {
                return Ok(());
            }
            let filled = i64::try_from(filled).unwrap_or(i64::MAX);
            items += filled;
            most_grown += filled * DEBIT_MAX;
            self.keep_lease().await?;
        }
    }

    fn name_of(&self, file: &OutFile) -> FileResult<String> {
        let bank = &self.parts.bank;
        let family = match file.kind.as_str() {
            "present" => Family::Debit,
            "withdraw" => Family::MandateCancel,
            _ => Family::MandateCreate,
        };
        let day = Day::from_iso(&file.day).ok_or_else(|| missing("a file has no date"))?;
        let sequence = u32::try_from(file.sequence).unwrap_or(u32::MAX);
        let name = FileName::input(family, bank.bank(), &bank.login, day, sequence);
        if !name.is_valid() {
            return Err(FileError::Make(format!("{name} is no name of a file")));
        }
        Ok(name.to_string())
    }

    /// Mandates that the merchant ended before any bank heard of them.
    async fn end_unregistered(&self, lane: Lane, now: Millis) -> FileResult<bool> {
        let (store, name) = (&self.parts.store, self.parts.bank.name.as_str());
        store.drop_decided_filings(name, "register").await?;
        let ended = store.withdrawals_without_mandate(name, lane).await?;
        for (token, number) in &ended {
            let key = InstructionKey::Withdraw(*token);
            let filed = store.filed_mandate(name, key, *number).await?;
            let filed = filed.ok_or_else(|| missing("a mandate is gone"))?;
            self.report(filed.scope, (key, *number), filed.rows, now, NachAnswer::Ended).await?;
            store.drop_filing(key, *number).await?;
        }
        Ok(!ended.is_empty())
    }

    /// Has the core hear an answer to an instruction, to which request about it.
    pub(super) async fn report(
        &self,
        scope: ScopeId,
        (key, number): (InstructionKey, i64),
        rows: NachRows,
        at: Millis,
        answer: NachAnswer,
    ) -> FileResult<()> {
        let first_debit = Some(self.parts.bank.file_times(super::NachWish::Debit, at));
        let report = NachReport { key, number, rows, at, was_told: false, answer, first_debit };
        let command = ScopedCommand::Nach(NachCommand::Report(report));
        self.submit(scope, command).await
    }

    /// Submits what a bank said. What the core refuses is about rows that a reset took away.
    pub(super) async fn submit(&self, scope: ScopeId, command: ScopedCommand) -> FileResult<()> {
        match self.parts.engine.submit_for(scope, command).await {
            Ok(_) => Ok(()),
            Err(crate::engine::Refusal::Rejected(why)) => {
                tracing::warn!(?why, "an answer of a bank was about nothing");
                Ok(())
            }
            Err(other) => Err(FileError::Busy(format!("{other:?}"))),
        }
    }
}

fn missing(what: &str) -> FileError {
    FileError::Make(what.to_owned())
}
