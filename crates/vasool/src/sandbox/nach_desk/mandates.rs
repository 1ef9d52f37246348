//! Answers about mandates. Source: rails 5.3, 5.4.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use vasool_core::time::Time;
use vasool_nach::codes::mandate;
use vasool_nach::mandate::{
    Decision, Header, Member, Message, NamedMessage, Report, Request, Verdict, paper_umrn,
    read_messages, read_requests, write_messages,
};
use vasool_nach::names::{FileName, Stage};

use super::{Desk, DeskResult};

/// Numbers of mandates: fifteen digits (rails 5.3).
const UMRN_NUMBERS: u128 = 10_u128.pow(15);
/// NPCI as the sender of messages.
const NPCI: &str = "NPCI0000001";

impl Desk {
    pub(super) fn acknowledge_mandates(
        &self,
        path: &Path,
        name: &FileName,
        now: Time,
    ) -> DeskResult<String> {
        let requests = read_requests(&fs::read(path)?)?;
        let decide = |signed: &vasool_nach::mandate::SignedRequest| {
            decision(&signed.request, Verdict::Accepted)
        };
        let decisions = requests.iter().map(decide).collect();
        self.write_decisions(&name.at(Stage::InputAck), decisions, now)
    }

    pub(super) fn acknowledge_ends(
        &self,
        path: &Path,
        name: &FileName,
        now: Time,
    ) -> DeskResult<String> {
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

    pub(super) fn respond_to_mandates(
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
}

/// The number a mandate gets, the same whenever it is asked for.
pub(super) fn umrn_of(request: &Request) -> String {
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
