//! The rail answers. Source: paper-nach 7, 12.3, rails 5.
//!
//! A yes or no is heard once; a repeat changes nothing, and a contradiction is shown to the operator
//! instead of being believed. No answer is not a no.

use std::sync::Arc;

use super::charging::{honoured, returned};
use super::deciding::{accept, reject};
use super::{NachRows, ending};
use crate::apply::Context;
use crate::command::Reply;
use crate::failure::NachFailure;
use crate::filing::FileTimes;
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::nach_token::{Cancellable, NachState, NachToken};
use crate::payment::PaymentState;
use crate::rejection::Rejection;
use crate::time::Millis;
use crate::working_set::{Alert, Decision, WorkingSet};

/// What the rail said about one instruction.
#[derive(Clone, Debug)]
pub struct NachReport {
    /// The instruction.
    pub key: InstructionKey,
    /// Its number: a rail may still speak of an earlier request.
    pub number: i64,
    /// The rows it is about.
    pub rows: NachRows,
    /// When the rail was due to be asked, on the merchant's clock: in test mode it said so then.
    pub at: Millis,
    /// Whether it was told to do it, and not only asked for the status.
    pub was_told: bool,
    /// What it said.
    pub answer: NachAnswer,
    /// When a first debit that follows goes into a file; `None` where its rail is asked at once.
    pub first_debit: Option<FileTimes>,
}

/// What the rail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NachAnswer {
    /// The mandate is registered under this number.
    Registered {
        /// UMRN.
        umrn: Option<String>,
    },
    /// The debit was honoured.
    Honoured,
    /// The mandate has ended.
    Ended,
    /// Refused for good: the mandate, the debit, or its end.
    Refused(NachFailure),
    /// Not yet.
    Pending {
        /// When to ask for the status, milliseconds from now; `None`: the rail will tell.
        again_in_ms: Option<i64>,
    },
    /// No answer, or one that says nothing.
    Unknown {
        /// What happened instead, in a few words.
        why: String,
    },
}

impl NachAnswer {
    /// Whether it can be said of such an instruction.
    fn answers(&self, key: InstructionKey) -> bool {
        match self {
            NachAnswer::Registered { .. } => matches!(key, InstructionKey::Register(_)),
            NachAnswer::Honoured => matches!(key, InstructionKey::Present(_)),
            NachAnswer::Ended => matches!(key, InstructionKey::Withdraw(_)),
            NachAnswer::Refused(_) | NachAnswer::Pending { .. } | NachAnswer::Unknown { .. } => {
                true
            }
        }
    }
}

/// Books what the rail says. Rejects nothing; an answer about rows of another scope, of none, or to an
/// earlier request changes nothing.
pub fn report(set: &mut WorkingSet, ctx: &mut Context, report: &NachReport) -> Decision<Reply> {
    let instruction = set.instruction(&report.key)?.filter(|row| row.scope == ctx.scope.id);
    let token = set.nach_token(&report.rows.token)?.filter(|row| row.scope == ctx.scope.id);
    let (Some(instruction), Some(token)) = (instruction, token) else { return Ok(Reply::Done) };
    if instruction.number != report.number {
        return Ok(Reply::Done);
    }
    if instruction.state == InstructionState::Done {
        return repeated(set, ctx, token, report);
    }
    let told = instruction.told + i64::from(report.was_told);
    let instruction = Instruction { told, ..Instruction::clone(&instruction) };
    let answer = match report.answer.answers(report.key) {
        true => report.answer.clone(),
        false => NachAnswer::Unknown { why: "it answered another question".to_owned() },
    };
    let now = ctx.now.millis;
    let done = |word: &str| instruction.after(word, InstructionState::Done);
    let next = match &answer {
        NachAnswer::Registered { .. } | NachAnswer::Honoured | NachAnswer::Ended => done("yes"),
        NachAnswer::Refused(failure) => done(failure.fields().reason),
        NachAnswer::Pending { again_in_ms } => {
            let due = again_in_ms.map(|gap| now.plus(gap));
            instruction.after("pending", InstructionState::Pending { due })
        }
        NachAnswer::Unknown { why } => {
            if !matches!(instruction.state, InstructionState::Unknown { .. }) {
                let text = format!("no answer: {why}; the status will be asked for");
                alert(set, ctx, report, &text);
            }
            let due = instruction.next_try(now);
            instruction.after(why, InstructionState::Unknown { due })
        }
    };
    let reply = match (report.key, &answer) {
        (InstructionKey::Register(_), NachAnswer::Registered { umrn }) => {
            accept(set, ctx, token, umrn.clone(), report.first_debit)?;
            Reply::Done
        }
        (InstructionKey::Register(_), NachAnswer::Refused(failure)) => {
            reject(set, ctx, token, *failure)?;
            Reply::Done
        }
        (InstructionKey::Present(id), NachAnswer::Honoured) => {
            let payment = set.payment(&id)?.ok_or(Rejection::NotFound)?;
            Reply::Payment(honoured(set, ctx, &payment)?)
        }
        (InstructionKey::Present(id), NachAnswer::Refused(failure)) => {
            let payment = set.payment(&id)?.ok_or(Rejection::NotFound)?;
            Reply::Payment(returned(set, ctx, &payment, *failure)?)
        }
        (InstructionKey::Withdraw(_), NachAnswer::Ended) => {
            ending::ended(set, ctx, token)?;
            Reply::Done
        }
        (InstructionKey::Withdraw(_), NachAnswer::Refused(_)) => {
            let after = ending::end_refused(set, ctx, token)?;
            if after.state == NachState::Cancelled {
                alert(set, ctx, report, "not ended, and its bank may have registered it");
            }
            Reply::Done
        }
        _ => Reply::Done,
    };
    set.put_instruction(next);
    Ok(reply)
}

/// The rail speaks after its last word, or after nobody waited for it any more.
fn repeated(
    set: &mut WorkingSet,
    ctx: &mut Context,
    token: Arc<NachToken>,
    report: &NachReport,
) -> Decision<Reply> {
    let Some(payment) = set.payment(&report.rows.payment)? else { return Ok(Reply::Done) };
    let failed = matches!(payment.state, PaymentState::Failed(_));
    let ends = matches!(token.state, NachState::Cancelling(_));
    let contradiction = match (report.key, &report.answer) {
        // The merchant has withdrawn it, which is on its way too: it ends whatever its bank says.
        (InstructionKey::Register(_), NachAnswer::Registered { .. }) if ends => None,
        (InstructionKey::Register(_), NachAnswer::Refused(_))
            if token.state == NachState::Cancelling(Cancellable::Initiated) =>
        {
            // Its bank never took it: there is nothing left to end.
            ending::ended(set, ctx, token)?;
            None
        }
        (InstructionKey::Register(_), NachAnswer::Registered { .. }) if failed => {
            Some("registered after it was given up")
        }
        (InstructionKey::Register(_), NachAnswer::Refused(_)) if !failed => {
            Some("refused after it was registered")
        }
        (InstructionKey::Present(_), NachAnswer::Honoured) if failed => {
            Some("honoured after it was returned")
        }
        (InstructionKey::Present(_), NachAnswer::Refused(_)) if !failed => {
            Some("returned after it was honoured")
        }
        _ => None,
    };
    if let Some(text) = contradiction {
        alert(set, ctx, report, text);
    }
    Ok(match report.key {
        InstructionKey::Present(_) => Reply::Payment(payment),
        _ => Reply::Done,
    })
}

fn alert(set: &mut WorkingSet, ctx: &mut Context, report: &NachReport, text: &str) {
    let alert = Alert {
        id: ctx.draw.id(),
        scope: ctx.scope.id,
        connector: "nach".to_owned(),
        reference: report.rows.payment.to_string(),
        text: format!("{}: {text}", report.key.kind()),
        created_at: ctx.now.time,
    };
    set.append().alerts.push(alert);
}

/// Nobody must be asked about it any more.
pub(super) fn finish(
    set: &mut WorkingSet,
    ctx: &Context,
    key: InstructionKey,
    answer: &str,
) -> Decision<()> {
    let own = set.instruction(&key)?.filter(|row| row.scope == ctx.scope.id);
    if let Some(row) = own.filter(|row| row.state != InstructionState::Done) {
        let (state, answer) = (InstructionState::Done, Some(answer.to_owned()));
        set.put_instruction(Arc::new(Instruction { state, answer, ..Instruction::clone(&row) }));
    }
    Ok(())
}
