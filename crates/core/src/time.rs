//! Instants: seconds for what a caller sees, milliseconds for what a machine waits for.

/// Unix seconds, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// Unix milliseconds, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

/// Seconds in a day.
pub const DAY_SECONDS: i64 = 86_400;

impl Time {
    /// This instant moved by `seconds`, saturating.
    pub fn plus_seconds(self, seconds: i64) -> Time {
        Time(self.0.saturating_add(seconds))
    }

    /// The first millisecond of this second.
    pub fn to_millis(self) -> Millis {
        Millis(self.0.saturating_mul(1000))
    }
}

impl Millis {
    /// The second this instant lies in.
    pub fn to_time(self) -> Time {
        Time(self.0.div_euclid(1000))
    }

    /// This instant moved by `millis`, saturating.
    pub fn plus(self, millis: i64) -> Millis {
        Millis(self.0.saturating_add(millis))
    }
}
