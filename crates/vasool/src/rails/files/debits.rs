//! Writing a file of debits. Source: rails 5.5.

use std::io::BufWriter;

use vasool_core::money::Paise;
use vasool_core::nach_form::AccountKind;
use vasool_nach::ach::{AccountType, Batch, Debit, FileKind, Item, Totals, Writer, fit};
use vasool_nach::cycles::times_on;
use vasool_nach::day::Day;
use vasool_store::rail_files::{DebitLine, OutFile};

use super::{FileBank, FileError, FileRail, FileResult};

/// Debits that are read and written at once: what a file costs in memory.
const PAGE: i64 = 1_000;

impl FileRail {
    /// Writes the debits of a sealed file under a name that nobody takes: its digest, or `None` where
    /// its rows are gone with a reset of the sandbox.
    pub(super) async fn write_debits(
        &self,
        file: &OutFile,
        part: &str,
    ) -> FileResult<Option<String>> {
        let (bank, directory) = (self.parts.bank.clone(), self.parts.directory.clone());
        let count = u32::try_from(file.items).unwrap_or(u32::MAX);
        let totals = Totals { count, amount: file.amount };
        let batch = batch(&bank, file)?;
        let out = BufWriter::with_capacity(256 * 1024, directory.create_part(part)?);
        let mut writer = Writer::new(out, FileKind::Input, bank.dialect, &batch, totals)
            .map_err(|error| FileError::Make(error.to_string()))?;
        let (mut after, mut written) = (None, 0);
        loop {
            let lines = self.parts.store.debits_of_file(&file.id, after, PAGE).await?;
            let Some(last) = lines.last() else { break };
            after = Some(last.payment);
            written += lines.len() as i64;
            let bank = bank.clone();
            let pushing = tokio::task::spawn_blocking(move || {
                for line in &lines {
                    writer.push(&Item::from(debit(&bank, line)?)).map_err(not_written)?;
                }
                Ok::<_, FileError>(writer)
            });
            writer = joined(pushing.await)??;
            self.keep_lease().await?;
        }
        if written < file.items {
            return Ok(None);
        }
        let finishing = tokio::task::spawn_blocking(move || {
            let out = writer.finish().map_err(not_written)?;
            let part = out.into_inner().map_err(|error| FileError::Io(error.into_error()))?;
            Ok::<_, FileError>(Some(directory.complete(part)?))
        });
        joined(finishing.await)?
    }
}

fn not_written(error: vasool_nach::ach::AchError) -> FileError {
    FileError::Make(error.to_string())
}

/// What a task beside the runtime came to.
pub(super) fn joined<T>(result: Result<T, tokio::task::JoinError>) -> FileResult<T> {
    result.map_err(|error| FileError::Io(std::io::Error::other(error)))
}

fn batch(bank: &FileBank, file: &OutFile) -> FileResult<Batch> {
    let day = Day::from_iso(&file.day).ok_or_else(|| FileError::Make("no date".to_owned()))?;
    Ok(Batch {
        user_name: name(&bank.company, 40),
        file_number: String::new(),
        user_limit: Paise::ZERO,
        settlement_on: times_on(day, &bank.terms, &bank.calendar).settle_on,
        file_sequence: String::new(),
        checksum: String::new(),
        user_number: bank.utility_code.clone(),
        user_reference: format!("{}{:06}", day.to_compact(), file.sequence),
        sponsor_bank: bank.ifsc.clone(),
        user_account: bank.account.clone(),
        settlement_cycle: String::new(),
    })
}

fn debit(bank: &FileBank, line: &DebitLine) -> FileResult<Debit> {
    let token = &line.token;
    let umrn = token.umrn.clone();
    let umrn = umrn.ok_or_else(|| FileError::Make("a mandate has no number".to_owned()))?;
    Ok(Debit {
        account_type: match token.account.kind {
            AccountKind::Savings | AccountKind::Nre | AccountKind::Nro => AccountType::Savings,
            AccountKind::Current => AccountType::Current,
            AccountKind::CashCredit => AccountType::CashCredit,
        },
        holder: name(&token.account.holder, 40),
        narration: name(&bank.company, 20),
        amount: line.amount,
        destination_bank: token.account.ifsc.clone(),
        destination_account: token.account.number.clone(),
        sponsor_bank: bank.ifsc.clone(),
        user_number: bank.utility_code.clone(),
        reference: line.payment.to_string(),
        product: bank.product.clone(),
        umrn,
    })
}

/// A name as records take it. One in another script alone is a dot: banks go by account and number.
pub(super) fn name(text: &str, max: usize) -> String {
    match fit(text, max) {
        fitted if fitted.is_empty() => ".".to_owned(),
        fitted => fitted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_empty() {
        assert_eq!(name("Asha  Verma", 40), "Asha Verma");
        assert_eq!(name("आशा", 40), ".");
    }
}
