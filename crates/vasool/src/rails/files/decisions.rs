//! Acknowledgements, responses and ends of mandates. Source: rails 5.3, 5.4, paper-nach 7, 8.4, T12.

use vasool_core::command::ScopedCommand;
use vasool_core::failure::NachFailure;
use vasool_core::id::{RawId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::paper_nach::{NachAnswer, NachCommand};
use vasool_core::scope::Lane;
use vasool_core::time::Millis;
use vasool_nach::mandate::archive::ARCHIVE_BYTES_MAX;
use vasool_nach::mandate::{Decision, Message, NamedMessage, Verdict, read_messages};
use vasool_nach::names::{Family, Stage};
use vasool_store::rail_files::{FiledMandate, OutFile};

use super::debits::joined;
use super::mandates::read_withdrawal_id;
use super::taking::{Bad, Received};
use super::{FileRail, FileResult};

/// What a file says about mandates, checked.
pub(super) struct Decisions {
    /// Whose clock it follows.
    pub lane: Lane,
    said: Vec<(FiledMandate, Said)>,
}

/// What is said about one mandate.
enum Said {
    /// NPCI has numbered it; its bank is to decide.
    Numbered(String),
    /// An answer to what was asked.
    Answer(NachAnswer),
    /// The payer or its bank has ended it.
    Ended,
}

impl Decisions {
    /// How many mandates it speaks of.
    pub fn count(&self) -> i64 {
        i64::try_from(self.said.len()).unwrap_or(i64::MAX)
    }
}

impl FileRail {
    async fn read_archive(
        &self,
        received: &Received,
    ) -> FileResult<Result<Vec<NamedMessage>, Bad>> {
        let path = self.parts.directory.received_path(&received.name);
        let reading = tokio::task::spawn_blocking(move || {
            let length = std::fs::metadata(&path)?.len();
            if length > ARCHIVE_BYTES_MAX as u64 {
                return Ok(Err(Bad("larger than an archive may be".to_owned())));
            }
            let messages = read_messages(&std::fs::read(&path)?);
            Ok::<_, std::io::Error>(messages.map_err(|error| Bad(error.to_string())))
        });
        Ok(joined(reading.await)??)
    }

    /// Reads what NPCI says about the mandates of a file of ours.
    pub(super) async fn read_decisions(
        &self,
        received: &Received,
        sent: &OutFile,
    ) -> FileResult<Result<Decisions, Bad>> {
        let messages = match self.read_archive(received).await? {
            Ok(messages) => messages,
            Err(bad) => return Ok(Err(bad)),
        };
        let mut decisions = Decisions { lane: sent.lane, said: vec![] };
        for (at, named) in messages.iter().enumerate() {
            let Message::Report(report) = &named.message else {
                return Ok(Err(Bad(format!("entry {at}: not a report"))));
            };
            for decision in &report.decisions {
                match self.read_decision(received, sent, decision).await? {
                    Ok(said) => decisions.said.push(said),
                    Err(why) => return Ok(Err(Bad(format!("entry {at}: {why}")))),
                }
            }
        }
        Ok(Ok(decisions))
    }

    async fn read_decision(
        &self,
        received: &Received,
        sent: &OutFile,
        decision: &Decision,
    ) -> FileResult<Result<(FiledMandate, Said), &'static str>> {
        let is_end = received.parsed.family == Family::MandateCancel;
        let asked = match is_end {
            true => read_withdrawal_id(&decision.original_message_id)
                .map(|(token, number)| (InstructionKey::Withdraw(token), number)),
            false => token_of(decision).map(|token| (InstructionKey::Register(token), 1)),
        };
        let Some((key, number)) = asked else { return Ok(Err("a mandate of nobody")) };
        let (store, connector) = (&self.parts.store, self.parts.bank.name.as_str());
        let filed = store.filed_mandate(connector, key, number).await?;
        let Some(filed) = filed.filter(|row| row.file.as_ref() == Some(&sent.id)) else {
            return Ok(Err("a mandate that is not in the file it answers"));
        };
        let refused = |code: &Option<String>| {
            Said::Answer(NachAnswer::Refused(NachFailure::of_mandate(code.as_deref())))
        };
        let said = match (&decision.verdict, is_end, received.parsed.stage) {
            (Verdict::Rejected(code), ..) => refused(code),
            (Verdict::Accepted, true, _) => Said::Answer(NachAnswer::Ended),
            (Verdict::Accepted, false, stage) => {
                let Some(umrn) = decision.umrn.clone().or_else(|| filed.umrn.clone()) else {
                    return Ok(Err("a mandate that was taken has no number"));
                };
                let holder = store.filed_by_umrn(connector, &umrn).await?;
                if holder.is_some_and(|row| row.rows.token != filed.rows.token) {
                    return Ok(Err("a number that is another mandate's"));
                }
                match stage {
                    Stage::InputAck => Said::Numbered(umrn),
                    _ => Said::Answer(NachAnswer::Registered { umrn: Some(umrn) }),
                }
            }
        };
        Ok(Ok((filed, said)))
    }

    /// Reads which mandates were ended by payers or their banks.
    pub(super) async fn read_cancellations(
        &self,
        received: &Received,
    ) -> FileResult<Result<Decisions, Bad>> {
        let messages = match self.read_archive(received).await? {
            Ok(messages) => messages,
            Err(bad) => return Ok(Err(bad)),
        };
        let mut said = vec![];
        for (at, named) in messages.iter().enumerate() {
            let Message::Cancellation(cancellation) = &named.message else {
                return Ok(Err(Bad(format!("entry {at}: not a cancellation"))));
            };
            let (store, connector) = (&self.parts.store, self.parts.bank.name.as_str());
            match store.filed_by_umrn(connector, &cancellation.umrn).await? {
                Some(filed) => said.push((filed, Said::Ended)),
                None => return Ok(Err(Bad(format!("entry {at}: a mandate of nobody")))),
            }
        }
        let lane = said.first().map_or(Lane(0), |(filed, _)| filed.scope.lane());
        Ok(Ok(Decisions { lane, said }))
    }

    /// Applies what was checked; a repeat changes nothing.
    pub(super) async fn apply_decisions(
        &self,
        decisions: &Decisions,
        now: Millis,
    ) -> FileResult<()> {
        let (store, connector) = (&self.parts.store, self.parts.bank.name.as_str());
        for (filed, said) in &decisions.said {
            match said {
                Said::Numbered(umrn) => {
                    store.number_mandate(connector, filed.rows.token, umrn).await?;
                }
                Said::Answer(answer) => {
                    if let NachAnswer::Registered { umrn: Some(umrn) } = answer {
                        store.number_mandate(connector, filed.rows.token, umrn).await?;
                    }
                    let asked = (filed.key, filed.number);
                    self.report(filed.scope, asked, filed.rows, now, answer.clone()).await?;
                }
                Said::Ended => {
                    let command = NachCommand::EndedByBank(filed.rows);
                    self.submit(filed.scope, ScopedCommand::Nach(command)).await?;
                }
            }
        }
        Ok(())
    }
}

/// The mandate a decision is about: by our id of it, else by the message that asked.
fn token_of(decision: &Decision) -> Option<TokenId> {
    let by_request = decision.request_id.as_deref().and_then(|id| id.strip_prefix("token_"));
    let by_message = || decision.original_message_id.strip_prefix('R');
    RawId::parse(by_request.or_else(by_message)?).map(TokenId)
}
