//! Merchants, their keys, and one merchant in one mode: clock, settings, epoch.

use crate::id::{MerchantId, RawId};
use crate::scope::{Mode, Scope, ScopeId};
use crate::settings::Settings;
use crate::time::{Millis, Time};

/// A merchant account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// `acc_…`.
    pub id: MerchantId,
    /// Shown as `name` of virtual accounts unless `billing_label` is set.
    pub name: String,
    /// The account whose keys may act for this one. Source: decisions 47.
    pub parent: Option<MerchantId>,
    /// Owner number of live rows.
    pub live_scope: ScopeId,
    /// Owner number of test rows; a reset draws a new one.
    pub test_scope: ScopeId,
    /// Real time of creation.
    pub created_at: Time,
}

impl Merchant {
    /// This merchant in a mode.
    pub fn scope(&self, mode: Mode) -> Scope {
        let id = match mode {
            Mode::Test => self.test_scope,
            Mode::Live => self.live_scope,
        };
        Scope { id, merchant: self.id, mode }
    }
}

/// A secret that only the holder of the master key can open: nonce, ciphertext and tag.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(..)")
    }
}

/// A key pair of a merchant. The wire calls it `rzp_test_` or `rzp_live_` and 14 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The 14 characters after the prefix.
    pub id: RawId,
    /// Its owner.
    pub merchant: MerchantId,
    /// The mode it opens.
    pub mode: Mode,
    /// The secret, readable only with the master key: signatures need it.
    pub secret: Sealed,
    /// Real time of creation.
    pub created_at: Time,
    /// Real time from which it is refused.
    pub expires_at: Option<Time>,
}

/// The clock of a merchant in test mode. Source: sandbox 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TestClock {
    /// How far the merchant is ahead of real time, milliseconds, while the clock runs.
    pub offset: i64,
    /// Where the clock stands still.
    pub frozen_at: Option<Millis>,
}

/// The furthest one call may advance a clock. Source: sandbox 5.
pub const ADVANCE_SECONDS_MAX: i64 = 400 * crate::time::DAY_SECONDS;

impl TestClock {
    /// The merchant's now at a real instant.
    pub fn at(self, real: Millis) -> Millis {
        self.frozen_at.unwrap_or_else(|| real.plus(self.offset))
    }

    /// The clock moved forward by `seconds`; a frozen clock stays frozen, later.
    pub fn advanced(self, seconds: i64) -> TestClock {
        match self.frozen_at {
            Some(at) => TestClock { frozen_at: Some(at.plus(seconds * 1000)), ..self },
            None => TestClock { offset: self.offset + seconds * 1000, ..self },
        }
    }

    /// The clock stopped at its present reading.
    pub fn frozen(self, real: Millis) -> TestClock {
        TestClock { offset: 0, frozen_at: Some(self.at(real)) }
    }

    /// The clock running on from where it stood.
    pub fn thawed(self, real: Millis) -> TestClock {
        match self.frozen_at {
            Some(at) => TestClock { offset: at.0 - real.0, frozen_at: None },
            None => self,
        }
    }
}

/// One merchant in one mode and epoch: what every command of that scope needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Whose.
    pub scope: Scope,
    /// The merchant's name.
    pub merchant_name: String,
    /// Counts resets of the sandbox; always 0 in live mode.
    pub epoch: i64,
    /// True once a reset replaced this scope: nothing may be written to it any more.
    pub retired: bool,
    /// Real time in live mode.
    pub clock: TestClock,
    /// What the merchant chose.
    pub settings: Settings,
    /// How many faults are armed; zero spares deliveries a look.
    pub faults_armed: i64,
}

impl Tenant {
    /// A fresh tenant without settings of its own.
    pub fn new(scope: Scope, merchant_name: String, epoch: i64) -> Tenant {
        Tenant {
            scope,
            merchant_name,
            epoch,
            retired: false,
            clock: TestClock::default(),
            settings: Settings::defaults(scope.mode),
            faults_armed: 0,
        }
    }

    /// The merchant's now at a real instant: real time in live mode.
    pub fn now(&self, real: Millis) -> Millis {
        match self.scope.mode {
            Mode::Live => real,
            Mode::Test => self.clock.at(real),
        }
    }

    /// `name` of new virtual accounts and receivers. Source: smart-collect 2.
    pub fn billing_label(&self) -> &str {
        self.settings.billing_label.as_deref().unwrap_or(&self.merchant_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn freezing_and_thawing_keeps_the_reading() {
        let clock = TestClock::default().advanced(90);
        let frozen = clock.frozen(Millis(1_000));
        assert_eq!(frozen.at(Millis(99_000)), Millis(91_000));
        let thawed = frozen.thawed(Millis(99_000));
        assert_eq!(thawed.at(Millis(99_500)), Millis(91_500));
    }

    proptest! {
        #[test]
        fn a_test_clock_never_goes_back(
            steps in proptest::collection::vec((0i64..100_000, 0u8..4, 0i64..1000), 1..60),
        ) {
            let (mut real, mut clock) = (Millis(1_780_000_000_000), TestClock::default());
            let mut last = clock.at(real);
            for (passed, action, seconds) in steps {
                real = real.plus(passed);
                clock = match action {
                    0 => clock.advanced(seconds),
                    1 => clock.frozen(real),
                    2 => clock.thawed(real),
                    _ => clock,
                };
                prop_assert!(clock.at(real) >= last);
                last = clock.at(real);
            }
        }
    }
}
