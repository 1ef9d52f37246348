//! Taking what the bank sends: checked whole, then applied item by item, then put away. Source: rails
//! 5.3, 5.5, 8.4.

use sha2::{Digest as _, Sha256};
use vasool_core::money::Paise;
use vasool_core::scope::Lane;
use vasool_nach::names::{Family, FileName, Stage};
use vasool_store::rail_files::{InState, OutFile};

use super::debits::joined;
use super::directory::{digest, hexadecimal};
use super::{FileError, FileRail, FileResult};

/// A file that was received, and is what its name says it is.
pub(super) struct Received {
    /// Its name as it is on disk.
    pub name: String,
    /// Its name as it was read.
    pub parsed: FileName,
}

/// Why a received file is put aside; nothing of it was applied.
pub(super) struct Bad(pub String);

/// A file of the bank that was read and checked.
pub(super) enum Checked {
    /// Answers about debits in a file of ours.
    Debits(OutFile, (i64, Paise)),
    /// Answers about mandates.
    Mandates(super::decisions::Decisions),
}

impl From<String> for Bad {
    fn from(text: String) -> Bad {
        Bad(text)
    }
}

impl FileRail {
    /// Takes every file that was received. True when there was one.
    pub(super) async fn take_files(&self) -> FileResult<bool> {
        let names = self.parts.directory.received()?;
        for name in &names {
            self.keep_lease().await?;
            self.take(name).await?;
        }
        Ok(!names.is_empty())
    }

    async fn take(&self, name: &str) -> FileResult<()> {
        let path = self.parts.directory.received_path(name);
        if !path.symlink_metadata()?.is_file() {
            return self.refuse_file(name, [0; 32], "not a file").await;
        }
        let digesting = tokio::task::spawn_blocking(move || digest(&path));
        let digest = joined(digesting.await)??;
        let text = hexadecimal(&digest);
        let known = self.parts.store.in_file(&self.parts.bank.name, name, &text).await?;
        if known.as_ref().is_some_and(|file| file.state == InState::Applied) {
            // The same file again: everything it says was heard.
            return Ok(self.parts.directory.to_done(name)?);
        }
        let received = match self.read_name(name) {
            Ok(parsed) => Received { name: name.to_owned(), parsed },
            Err(Bad(reason)) => return self.refuse_file(name, digest, &reason).await,
        };
        let checked = match self.check(&received).await? {
            Ok(checked) => checked,
            Err(Bad(reason)) => return self.refuse_file(name, digest, &reason).await,
        };
        let (lane, totals) = match &checked {
            Checked::Debits(file, totals) => (file.lane, *totals),
            Checked::Mandates(decisions) => (decisions.lane, (decisions.count(), Paise::ZERO)),
        };
        let Some(now) = self.now_of(lane).await? else {
            return self.refuse_file(name, digest, "about a sandbox that was reset").await;
        };
        let file = match known.filter(|file| file.state != InState::Bad) {
            Some(file) => file,
            None => {
                let (store, bank) = (&self.parts.store, &self.parts.bank.name);
                let kind = kind_of(&received.parsed);
                store.record_in_file(bank, kind, name, &text, lane, now, totals, None).await?
            }
        };
        let InState::Applying { done } = file.state else {
            return Err(FileError::Make("a received file is in no state".to_owned()));
        };
        match checked {
            Checked::Debits(..) => self.apply_debits(&received, &file.id, done, now).await?,
            Checked::Mandates(decisions) => self.apply_decisions(&decisions, now).await?,
        }
        self.parts.store.in_file_done(&file.id, totals.0, true).await?;
        tracing::info!(file = name, items = totals.0, "a file was applied");
        Ok(self.parts.directory.to_done(name)?)
    }

    /// Puts a file aside, with its reason, a row and an alert.
    async fn refuse_file(&self, name: &str, digest: [u8; 32], reason: &str) -> FileResult<()> {
        let (store, bank) = (&self.parts.store, &self.parts.bank.name);
        let (text, now) = (hexadecimal(&digest), self.parts.clock.now());
        let none = (0, Paise::ZERO);
        store.record_in_file(bank, "bad", name, &text, Lane(0), now, none, Some(reason)).await?;
        let event: [u8; 32] = Sha256::digest(format!("{bank}/{name}/{text}")).into();
        store.alert_operator(bank, name, reason, &event, now.to_time()).await?;
        tracing::error!(connector = bank, reason, "a file of the bank was put aside");
        Ok(self.parts.directory.to_bad(name, reason)?)
    }

    fn read_name(&self, name: &str) -> Result<FileName, Bad> {
        let bank = &self.parts.bank;
        let parsed: FileName =
            name.parse().map_err(|_| Bad("no name of a file that banks send".to_owned()))?;
        if parsed.bank != bank.bank() {
            return Err(Bad("of another bank".to_owned()));
        }
        let of_login = parsed.login.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(&bank.login));
        if !of_login {
            return Err(Bad("of another login".to_owned()));
        }
        Ok(parsed)
    }

    async fn check(&self, received: &Received) -> FileResult<Result<Checked, Bad>> {
        let parsed = &received.parsed;
        Ok(match (parsed.family, parsed.stage) {
            (Family::Debit, Stage::InputAck | Stage::Response) => {
                let file = match self.answered(parsed).await? {
                    Ok(file) => file,
                    Err(bad) => return Ok(Err(bad)),
                };
                let totals = self.check_debits(received, &file).await?;
                totals.map(|totals| Checked::Debits(file, totals))
            }
            (Family::MandateCreate | Family::MandateCancel, Stage::InputAck | Stage::Response) => {
                let file = match self.answered(parsed).await? {
                    Ok(file) => file,
                    Err(bad) => return Ok(Err(bad)),
                };
                self.read_decisions(received, &file).await?.map(Checked::Mandates)
            }
            (Family::MandateCancel, Stage::Inward) => {
                self.read_cancellations(received).await?.map(Checked::Mandates)
            }
            _ => Err(Bad("not a file for a sponsor bank's customer".to_owned())),
        })
    }

    /// The file of ours that a received one answers.
    async fn answered(&self, parsed: &FileName) -> FileResult<Result<OutFile, Bad>> {
        let input = FileName {
            login: Some(self.parts.bank.login.clone()),
            part: None,
            stage: Stage::Input,
            ..parsed.clone()
        };
        let name = input.to_string();
        let file = self.parts.store.rail_file_named(&self.parts.bank.name, &name).await?;
        Ok(file.ok_or_else(|| Bad(format!("answers {name}, which was never sent"))))
    }
}

fn kind_of(parsed: &FileName) -> &'static str {
    match parsed.stage {
        Stage::InputAck => "acknowledgement",
        Stage::Inward => "inward",
        _ => "response",
    }
}
