//! Whose data: a merchant in one mode.

use crate::id::MerchantId;

/// Test data and live data never mix. Source: common 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Simulated money, the merchant's own clock.
    Test,
    /// Real money, real time.
    Live,
}

impl Mode {
    /// `test` or `live`.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Test => "test",
            Mode::Live => "live",
        }
    }

    /// Reads `test` or `live`.
    pub fn parse(text: &str) -> Option<Mode> {
        match text {
            "test" => Some(Mode::Test),
            "live" => Some(Mode::Live),
            _ => None,
        }
    }
}

/// The number that owns every row of one merchant in one mode: above zero in test mode, below in
/// live mode, never zero. A reset of the sandbox draws a new number, so everything written before
/// is out of sight at once and can be purged later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub i64);

/// Whose data a command or a query is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The owner number in every row.
    pub id: ScopeId,
    /// The merchant.
    pub merchant: MerchantId,
    /// Test or live.
    pub mode: Mode,
}

/// Where an account number must be unique among active accounts: per merchant in test mode, on the
/// whole server in live mode. Source: decisions 48.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressSpace(pub i64);

/// Which clock makes a row due: one for all live data, one per merchant in test mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub i64);

impl Lane {
    /// The lane of real time.
    pub const LIVE: Lane = Lane(0);

    /// Whether it follows the clock of a test merchant.
    pub fn is_test(self) -> bool {
        self != Lane::LIVE
    }
}

impl ScopeId {
    /// A scope number from 62 random bits.
    pub fn drawn(mode: Mode, random: u64) -> ScopeId {
        let number = (random >> 2) as i64 | 1;
        match mode {
            Mode::Test => ScopeId(number),
            Mode::Live => ScopeId(-number),
        }
    }

    /// The mode of all its rows.
    pub fn mode(self) -> Mode {
        if self.0 > 0 { Mode::Test } else { Mode::Live }
    }

    /// Where this scope's account numbers are unique.
    pub fn address_space(self) -> AddressSpace {
        match self.mode() {
            Mode::Live => AddressSpace(0),
            Mode::Test => AddressSpace(self.0),
        }
    }

    /// The lane of this scope's timers and deliveries.
    pub fn lane(self) -> Lane {
        match self.mode() {
            Mode::Live => Lane::LIVE,
            Mode::Test => Lane(self.0),
        }
    }
}
