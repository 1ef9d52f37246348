//! Words that make the sandbox's bank answer in a certain way. Source: sandbox 4, common 9.5.

use crate::customer::Notes;
use crate::scope::Mode;

/// A refund of this amount at `optimum` speed starts instant and falls back to normal, in test mode.
/// Source: common 9.5.
pub const FALLBACK_PAISE: i64 = 2468;

/// What `notes.sandbox` of a refund says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The bank says yes.
    Approve,
    /// The bank waits for a call.
    Hold,
    /// The bank says no, for this reason.
    Fail(String),
}

impl Trigger {
    /// The trigger in a refund's notes. Live mode ignores all of them.
    pub fn of(mode: Mode, notes: &Notes) -> Option<Trigger> {
        let (_, word) = notes.iter().find(|(key, _)| key == "sandbox")?;
        match (mode, word.as_str()) {
            (Mode::Live, _) => None,
            (Mode::Test, "approve") => Some(Trigger::Approve),
            (Mode::Test, "hold") => Some(Trigger::Hold),
            (Mode::Test, "fail") => Some(Trigger::Fail("payment_failed".to_owned())),
            (Mode::Test, word) => {
                word.strip_prefix("fail.").map(|reason| Trigger::Fail(reason.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_test_mode_alone() {
        let read =
            |mode, word: &str| Trigger::of(mode, &vec![("sandbox".to_owned(), word.to_owned())]);
        assert_eq!(read(Mode::Test, "approve"), Some(Trigger::Approve));
        assert_eq!(read(Mode::Test, "hold"), Some(Trigger::Hold));
        assert_eq!(read(Mode::Test, "fail"), Some(Trigger::Fail("payment_failed".into())));
        assert_eq!(read(Mode::Test, "fail.closed"), Some(Trigger::Fail("closed".into())));
        assert_eq!(read(Mode::Test, "perhaps"), None);
        assert_eq!(read(Mode::Live, "hold"), None);
        assert_eq!(Trigger::of(Mode::Test, &vec![]), None);
    }
}
