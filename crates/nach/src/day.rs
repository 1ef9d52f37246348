//! Calendar days in India, as files and forms write them.

use std::fmt;

use vasool_core::calendar::{india_date, india_midnight};
use vasool_core::time::{DAY_SECONDS, Time};

/// A date of the Asia/Kolkata calendar, 1970-01-01 to 9999-12-31.
///
/// Ordered by time. Files write it as `DDMMYYYY`, messages as `YYYY-MM-DD`, forms as `DD/MM/YYYY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The last day that can be written.
    pub const MAX: Day = Day { year: 9999, month: 12, day: 31 };

    /// A date by its parts; `None` for one that does not exist or lies outside 1970 to 9999.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Day> {
        if !(1970..=9999).contains(&year) {
            return None;
        }
        india_midnight(year, month, day)?;
        Some(Day {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }

    /// The date in India at an instant; instants outside 1970 to 9999 count as the nearest day.
    pub fn at(instant: Time) -> Day {
        let first = Day { year: 1970, month: 1, day: 1 };
        // Within these bounds the arithmetic below cannot overflow.
        let bounded = instant.0.clamp(first.start().0, Day::MAX.start().0);
        let date = india_date(Time(bounded).to_millis());
        Day::new(date.year, date.month, date.day).unwrap_or(first)
    }

    /// The first instant of this day.
    pub fn start(self) -> Time {
        india_midnight(self.year.into(), self.month.into(), self.day.into())
            .expect("a day is checked when it is made")
    }

    /// The instant so many seconds after the start of this day.
    pub fn at_seconds(self, seconds: u32) -> Time {
        self.start().plus_seconds(seconds.into())
    }

    /// The day so many days later, or earlier when negative; at most [`Day::MAX`].
    pub fn plus_days(self, days: i64) -> Day {
        Day::at(self.start().plus_seconds(days.saturating_mul(DAY_SECONDS)))
    }

    /// The same date so many years later; 29 February becomes 28 where there is none.
    pub fn plus_years(self, years: u16) -> Day {
        let year = i64::from(self.year) + i64::from(years);
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        Day::new(year, month, day).or_else(|| Day::new(year, month, 28)).unwrap_or(Day::MAX)
    }

    /// Such as 2026.
    pub fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let epoch = Day { year: 1970, month: 1, day: 1 };
        let days = (self.start().0 - epoch.start().0) / DAY_SECONDS;
        // 1 January 1970 was a Thursday.
        [Thursday, Friday, Saturday, Sunday, Monday, Tuesday, Wednesday]
            [usize::try_from(days % 7).unwrap_or_default()]
    }

    /// `DDMMYYYY`, as in fixed-width records and file names (rails 5.5).
    pub fn to_compact(self) -> String {
        format!("{:02}{:02}{:04}", self.day, self.month, self.year)
    }

    /// Reads `DDMMYYYY`.
    pub fn from_compact(text: &str) -> Option<Day> {
        (text.len() == 8).then_some(())?;
        Day::new(number(text.get(4..)?)?, number(text.get(2..4)?)?, number(text.get(..2)?)?)
    }

    /// `YYYY-MM-DD`, as in messages (rails 5.3).
    pub fn to_iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Reads `YYYY-MM-DD`.
    pub fn from_iso(text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        (bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-').then_some(())?;
        Day::new(number(text.get(..4)?)?, number(text.get(5..7)?)?, number(text.get(8..)?)?)
    }
}

impl fmt::Display for Day {
    /// `DD/MM/YYYY`, as on the printed form (rails 5.1).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:02}/{:04}", self.day, self.month, self.year)
    }
}

/// Digits only: the standard parser would let a sign through.
fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// An instant as a message writes it, in India's time: `2026-11-21T20:47:40+05:30` (rails 5.3).
pub fn timestamp(at: Time) -> String {
    let day = Day::at(at);
    let seconds = (at.0 - day.start().0).clamp(0, DAY_SECONDS - 1);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{}T{hours:02}:{minutes:02}:{:02}+05:30", day.to_iso(), seconds % 60)
}

/// Reads what [`timestamp`] writes; fractions of a second are ignored, a missing or other offset
/// is refused.
pub(crate) fn from_timestamp(text: &str) -> Option<Time> {
    let day = Day::from_iso(text.get(..10)?)?;
    let clock = text.get(10..)?.strip_suffix("+05:30")?.strip_prefix('T')?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    number(fraction.get(..fraction.len().min(9))?)?;
    let bytes = clock.as_bytes();
    (bytes.len() == 8 && bytes[2] == b':' && bytes[5] == b':').then_some(())?;
    let part = |at: usize, max: i64| number(clock.get(at..at + 2)?).filter(|part| *part <= max);
    let seconds = part(0, 23)? * 3600 + part(3, 59)? * 60 + part(6, 59)?;
    Some(day.start().plus_seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        let day = Day::new(2026, 11, 21).unwrap();
        assert_eq!(day.weekday(), Weekday::Saturday);
        assert_eq!(day.to_compact(), "21112026");
        assert_eq!(day.to_iso(), "2026-11-21");
        assert_eq!(day.to_string(), "21/11/2026");
        assert_eq!(day.plus_days(10).to_iso(), "2026-12-01");
        assert_eq!(Day::new(2024, 2, 29).unwrap().plus_years(30).to_iso(), "2054-02-28");
        assert_eq!(Day::MAX.plus_days(1), Day::MAX);
        assert_eq!(timestamp(Time(1_700_000_000)), "2023-11-15T03:43:20+05:30");
    }

    #[test]
    fn wrong_days_are_refused() {
        for text in ["00000000", "31022026", "+1012026", "3012026", "010120266", "०१०१"] {
            assert_eq!(Day::from_compact(text), None, "{text}");
        }
        for text in ["2026-02-29", "2026-1-01", "2026/01/01", "1969-12-31", ""] {
            assert_eq!(Day::from_iso(text), None, "{text}");
        }
        for text in ["2026-01-01T24:00:00+05:30", "2026-01-01T00:00:00Z", "2026-01-01"] {
            assert_eq!(from_timestamp(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_form_reads_back(seconds in 0i64..250_000_000_000) {
            let day = Day::at(Time(seconds));
            prop_assert_eq!(Day::from_compact(&day.to_compact()), Some(day));
            prop_assert_eq!(Day::from_iso(&day.to_iso()), Some(day));
            prop_assert_eq!(from_timestamp(&timestamp(Time(seconds))), Some(Time(seconds)));
            prop_assert_eq!(day.plus_days(400).plus_days(-400), day);
        }

        #[test]
        fn any_instant_has_a_day(seconds: i64, days: i64) {
            let _ = Day::at(Time(seconds)).plus_days(days).weekday();
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = (Day::from_compact(&text), Day::from_iso(&text), from_timestamp(&text));
        }
    }
}
