//! Words that make the sandbox's network answer in a certain way. Source: sandbox 4, reserve-pay
//! 14.1, decisions 25.

use crate::customer::Notes;
use crate::failure::{Row, row, row_of_number};
use crate::money::Paise;
use crate::payment::Payment;
use crate::scope::Mode;
use crate::token::Token;

/// A payment of this many paise and the number of a row fails with that row. Source: sandbox 4.
pub const MAGIC_PAISE: i64 = 900_000;

/// What a word asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Yes.
    Approve,
    /// Nothing until a call.
    Hold,
    /// No, with this row.
    Fail(&'static Row),
    /// The mandate is approved; each of its debits fails with this row.
    DebitFail(&'static Row),
    /// The mandate is approved and works; the network refuses to end it.
    CancelFail,
}

/// What the network makes of an authorisation or a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Yes,
    /// No answer until a call.
    Waits,
    /// No.
    No(&'static Row),
}

impl Trigger {
    /// Reads a word such as `fail.bank_technical_error.2`; `None` for words that mean nothing.
    pub fn parse(word: &str) -> Option<Trigger> {
        match word {
            "approve" => return Some(Trigger::Approve),
            "hold" => return Some(Trigger::Hold),
            "cancelfail" => return Some(Trigger::CancelFail),
            _ => {}
        }
        let (verb, rest) = word.split_once('.')?;
        let named = match rest.split_once('.') {
            Some((reason, variant)) => row(reason, Some(variant.parse().ok()?)),
            None => row(rest, None),
        };
        // Row 47 is the mark of success and no trigger.
        let row = named.filter(|row| row.number != 47)?;
        match verb {
            "fail" => Some(Trigger::Fail(row)),
            "debitfail" => Some(Trigger::DebitFail(row)),
            _ => None,
        }
    }

    /// The word in `notes.sandbox`. Live mode has none.
    pub fn of_notes(mode: Mode, notes: &Notes) -> Option<Trigger> {
        let (_, word) = notes.iter().find(|(key, _)| key == "sandbox")?;
        (mode == Mode::Test).then(|| Trigger::parse(word)).flatten()
    }

    /// The word in a UPI address. Source: sandbox 4.
    pub fn of_vpa(vpa: &str) -> Option<Trigger> {
        match vpa {
            "success@razorpay" => return Some(Trigger::Approve),
            "failure@razorpay" => return row_of_number(34).map(Trigger::Fail),
            _ => {}
        }
        Trigger::parse(vpa.strip_suffix("@sandbox")?)
    }
}

/// The row of a magic amount. Source: sandbox 4.
fn of_amount(amount: Paise) -> Option<&'static Row> {
    let number = u8::try_from(amount.get().checked_sub(MAGIC_PAISE)?).ok()?;
    row_of_number(number).filter(|row| row.number != 47)
}

fn no(row: &'static Row) -> Outcome {
    if row.is_pending() { Outcome::Waits } else { Outcome::No(row) }
}

/// What the sandbox's network makes of an authorisation: the first carrier that says something
/// wins. Source: sandbox 4.
pub fn authorisation_outcome(payment: &Payment) -> Outcome {
    match Trigger::of_notes(Mode::Test, &payment.notes) {
        Some(Trigger::Hold) => Outcome::Waits,
        Some(Trigger::Fail(row)) => no(row),
        Some(Trigger::Approve | Trigger::DebitFail(_) | Trigger::CancelFail) => Outcome::Yes,
        None => of_amount(payment.amount).map_or(Outcome::Yes, no),
    }
}

/// The same for a debit: its own notes, the word the mandate was approved with, the payer's
/// address, the amount. Source: sandbox 4.
pub fn debit_outcome(payment: &Payment, token: &Token) -> Outcome {
    let of_debit = |trigger: &Trigger| match trigger {
        Trigger::Approve => Some(Outcome::Yes),
        Trigger::Hold => Some(Outcome::Waits),
        Trigger::Fail(row) | Trigger::DebitFail(row) => Some(no(row)),
        Trigger::CancelFail => None,
    };
    let own = Trigger::of_notes(Mode::Test, &payment.notes);
    // Of the word of the approval only what is about debits outlives it.
    let of_mandate = match token.trigger.as_deref().and_then(Trigger::parse) {
        Some(Trigger::DebitFail(row)) => Some(no(row)),
        _ => None,
    };
    let of_vpa = || token.payer.as_ref().and_then(|payer| Trigger::of_vpa(&payer.vpa));
    own.as_ref()
        .and_then(of_debit)
        .or(of_mandate)
        .or_else(|| of_vpa().as_ref().and_then(of_debit))
        .or_else(|| of_amount(payment.amount).map(no))
        .unwrap_or(Outcome::Yes)
}

impl Token {
    /// Whether the sandbox's network refuses to end it. Source: sandbox 4.
    pub fn refuses_to_end(&self) -> bool {
        let word = self.trigger.as_deref().and_then(Trigger::parse);
        let vpa = self.payer.as_ref().and_then(|payer| Trigger::of_vpa(&payer.vpa));
        [word, vpa].contains(&Some(Trigger::CancelFail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_rows() {
        let number = |word: &str| match Trigger::parse(word) {
            Some(Trigger::Fail(row) | Trigger::DebitFail(row)) => Some(row.number),
            _ => None,
        };
        for (word, want) in [
            ("fail.insufficient_funds", Some(18)),
            ("debitfail.insufficient_funds", Some(18)),
            ("fail.bank_technical_error", Some(5)),
            ("fail.bank_technical_error.6", Some(10)),
            ("fail.bank_technical_error.7", None),
            ("fail.upi_dummy_payment", None),
            ("fail", None),
            ("perhaps.insufficient_funds", None),
        ] {
            assert_eq!(number(word), want, "{word}");
        }
        assert_eq!(Trigger::parse("hold"), Some(Trigger::Hold));
        assert_eq!(Trigger::of_vpa("hold@sandbox"), Some(Trigger::Hold));
        assert_eq!(Trigger::of_vpa("asha@upi"), None);
        assert_eq!(Trigger::of_vpa("success@razorpay"), Some(Trigger::Approve));
        assert!(
            matches!(Trigger::of_vpa("failure@razorpay"), Some(Trigger::Fail(row)) if row.number == 34)
        );
    }

    #[test]
    fn rp_70_magic_amounts() {
        let number = |paise| of_amount(Paise::new(paise).unwrap()).map(|row| row.number);
        assert_eq!(number(900_000), None);
        assert_eq!(number(900_001), Some(1));
        assert_eq!(number(900_046), Some(46));
        assert_eq!(number(900_047), None);
        assert_eq!(number(100), None);
        assert_eq!(number(1_500_000), None);
    }

    #[test]
    fn rp_71_live_mode_ignores_words() {
        let notes = vec![("sandbox".to_owned(), "hold".to_owned())];
        assert_eq!(Trigger::of_notes(Mode::Live, &notes), None);
        assert_eq!(Trigger::of_notes(Mode::Test, &notes), Some(Trigger::Hold));
    }
}
