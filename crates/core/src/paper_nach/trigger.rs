//! Words that make the sandbox's banks answer in a certain way. Source: sandbox 4, paper-nach 17.2.

use crate::failure::NachFailure;
use crate::nach_codes::Code;
use crate::nach_token::NachToken;
use crate::payment::Payment;

/// What the sandbox's bank makes of a mandate or a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NachOutcome {
    /// Yes.
    Yes,
    /// No answer until a call.
    Waits,
    /// No.
    No(NachFailure),
}

/// What becomes of a mandate: `hold`, `fail.M003`, `fail` and any other code refuse it plainly.
pub fn mandate_outcome(token: &NachToken) -> NachOutcome {
    match token.trigger.as_deref().unwrap_or("approve") {
        "hold" => NachOutcome::Waits,
        "fail" => NachOutcome::No(NachFailure::of_mandate(None)),
        word => match word.strip_prefix("fail.") {
            Some(code) => NachOutcome::No(NachFailure::of_mandate(Some(code))),
            None => NachOutcome::Yes,
        },
    }
}

/// What becomes of a debit: its own word, else the word of its mandate about debits.
pub fn debit_outcome(payment: &Payment, token: &NachToken) -> NachOutcome {
    let own = payment.notes.iter().find(|(key, _)| key == "sandbox").map(|(_, word)| word.as_str());
    let of = |word: &str, verb: &str| match word.strip_prefix(verb) {
        Some("") => Some(NachOutcome::No(NachFailure::DebitUnknown)),
        Some(code) => Some(refused(code.strip_prefix('.')?)),
        None => None,
    };
    match own {
        Some("hold") => return NachOutcome::Waits,
        Some("approve") => return NachOutcome::Yes,
        _ => {}
    }
    own.and_then(|word| of(word, "fail").or_else(|| of(word, "debitfail")))
        .or_else(|| token.trigger.as_deref().and_then(|word| of(word, "debitfail")))
        .unwrap_or(NachOutcome::Yes)
}

/// A debit refused with a code; `98` asks for another cycle.
fn refused(code: &str) -> NachOutcome {
    match Code::new(code) {
        Some(Code::EXTENSION) => NachOutcome::Waits,
        Some(code) => NachOutcome::No(NachFailure::of_debit(code)),
        None => NachOutcome::No(NachFailure::DebitUnknown),
    }
}
