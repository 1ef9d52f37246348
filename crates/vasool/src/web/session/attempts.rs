//! How often a password may be tried.
//!
//! Two limits. Five tries in a quarter of an hour for each e-mail, counted in the database, so that
//! many processes count together; whether anybody has the e-mail does not matter. And so many a
//! second in all for each process, because each costs memory and a core. Addresses are not counted:
//! behind a proxy all people come from one. The price: whoever knows an e-mail can keep its owner
//! from signing in with a password, and a flood of tries everyone. A one-time link is not held up,
//! and sessions go on.

use std::sync::Mutex;

use vasool_store::operators::Try;

use super::PageError;
use super::token::digest;
use crate::app::App;
use crate::clock::Clock;

/// Tries for one e-mail in [`WINDOW_MS`].
pub const TRIES: i64 = 5;
/// A quarter of an hour, milliseconds.
pub const WINDOW_MS: i64 = 15 * 60 * 1_000;
/// Passwords that one process looks at in a second.
const PER_SECOND: i64 = 10;

/// Whether a password may be looked at now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Free,
    /// Not before so many seconds are over.
    Wait(i64),
}

/// Counts what one process does in a second.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<(i64, i64)>);

impl Attempts {
    /// Whether one more password fits into this second.
    pub fn admit(&self, clock: &Clock) -> bool {
        let second = clock.now().to_time().0;
        let mut held = self.0.lock().expect("no holder panics");
        if held.0 != second {
            *held = (second, 0);
        }
        held.1 += 1;
        held.1 <= PER_SECOND
    }
}

/// Counts a try for an e-mail, in lower case, before its password is looked at.
pub async fn take(app: &App, email: &str) -> Result<Verdict, PageError> {
    if !app.attempts.admit(&app.clock) {
        return Ok(Verdict::Wait(1));
    }
    let now = app.clock.now();
    Ok(match app.store.take_try(&digest(email), now, WINDOW_MS, TRIES).await? {
        Try::Free => Verdict::Free,
        Try::Wait { until } => Verdict::Wait(((until.0 - now.0 + 999) / 1_000).max(1)),
    })
}

/// Starts the count of an e-mail anew: its password was right.
pub async fn forget(app: &App, email: &str) -> Result<(), PageError> {
    Ok(app.store.forget_tries(&digest(email)).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vasool_core::time::Millis;

    use super::*;
    use crate::clock::SimulatedClock;

    #[test]
    fn a_process_looks_at_ten_passwords_in_a_second() {
        let clock = Arc::new(SimulatedClock::new(Millis(1_000), 1));
        let (attempts, now) = (Attempts::default(), Clock::Simulated(clock.clone()));
        assert_eq!((0..30).filter(|_| attempts.admit(&now)).count(), 10);
        clock.advance(1_000);
        assert!(attempts.admit(&now));
    }
}
