//! When debits and mandates are presented, settled, answered and given up. Source: rails 5.7,
//! paper-nach 1.3.
//!
//! NPCI works every calendar day since August 2021; money moves between banks on working days only.
//! All functions are pure: they take the instant and the calendar, and read no clock.

use vasool_core::time::Time;

use crate::day::{Day, Weekday};

/// Seconds in an hour.
const HOUR: u32 = 3600;
/// Years that a mandate may run (rails 5.1).
pub const MANDATE_YEARS_MAX: u16 = 40;

/// The days on which banks settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Days off beside the weekly ones, in order.
    holidays: Vec<Day>,
    weekend: Weekend,
}

/// The weekly days off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weekend {
    /// Sundays, and the second and fourth Saturday of a month, as Indian banks close.
    #[default]
    SundaysAndTwoSaturdays,
    /// Sundays only.
    Sundays,
}

impl Calendar {
    /// A calendar with these holidays, in any order.
    pub fn new(mut holidays: Vec<Day>, weekend: Weekend) -> Calendar {
        holidays.sort_unstable();
        holidays.dedup();
        Calendar { holidays, weekend }
    }

    /// Whether banks settle on a day.
    pub fn is_working(&self, day: Day) -> bool {
        let is_weekend = match (day.weekday(), self.weekend) {
            (Weekday::Sunday, _) => true,
            (Weekday::Saturday, Weekend::SundaysAndTwoSaturdays) => {
                matches!(day.day(), 8..=14 | 22..=28)
            }
            _ => false,
        };
        !is_weekend && self.holidays.binary_search(&day).is_err()
    }

    /// The day itself if banks settle on it, else the next one on which they do.
    pub fn working_from(&self, day: Day) -> Day {
        let mut day = day;
        // A calendar that names every day a holiday ends at the last day there is.
        while !self.is_working(day) && day < Day::MAX {
            day = day.plus_days(1);
        }
        day
    }

    /// The working day so many working days after a day, which itself does not count: T+`days`.
    pub fn plus_working_days(&self, day: Day, days: u32) -> Day {
        (0..days).fold(day, |day, _| self.working_from(day.plus_days(1)))
    }
}

/// Cut-offs and terms. [`Terms::default`] is what paper-nach 1.3 promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Seconds after midnight until which a debit is still presented the same day.
    pub cut_off_seconds: u32,
    /// Working days after its presentation by which a debit is answered at the latest.
    pub debit_working_days: u32,
    /// Calendar days after which a mandate without an answer has failed.
    pub unanswered_days: u32,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { cut_off_seconds: 9 * HOUR, debit_working_days: 2, unanswered_days: 30 }
    }
}

/// The times of a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebitTimes {
    /// T, the day of its presentation: any calendar day. The mandate must be in force on it.
    pub present_on: Day,
    /// The cut-off of that day: what was asked for before it goes into one presentation.
    pub present_at: Time,
    /// The day on which money moves: T, or the next working day.
    pub settle_on: Day,
    /// The end of T+2 working days: a debit without an answer has failed.
    pub give_up_at: Time,
}

/// The day on which a debit asked for at `now` is presented: today before the cut-off, else
/// tomorrow. Source: paper-nach 1.3.
pub fn presentation_day(now: Time, terms: &Terms) -> Day {
    let today = Day::at(now);
    if now < today.at_seconds(terms.cut_off_seconds) { today } else { today.plus_days(1) }
}

/// The times of a debit asked for at `now`. Source: paper-nach 1.3.
pub fn debit_times(now: Time, terms: &Terms, calendar: &Calendar) -> DebitTimes {
    times_on(presentation_day(now, terms), terms, calendar)
}

/// The times of a debit whose bank asked for an extension on `present_on` (code 98): it is decided
/// in the next cycle. Source: paper-nach 12.3.
pub fn extended_times(present_on: Day, terms: &Terms, calendar: &Calendar) -> DebitTimes {
    times_on(present_on.plus_days(1), terms, calendar)
}

/// The times of a debit that is presented on a day.
pub fn times_on(present_on: Day, terms: &Terms, calendar: &Calendar) -> DebitTimes {
    let last = calendar.plus_working_days(present_on, terms.debit_working_days);
    DebitTimes {
        present_on,
        present_at: present_on.at_seconds(terms.cut_off_seconds),
        settle_on: calendar.working_from(present_on),
        give_up_at: last.plus_days(1).start(),
    }
}

/// The day on which a cancellation asked for at `now` goes to NPCI. Source: paper-nach 8.4.
pub fn cancellation_day(now: Time, calendar: &Calendar) -> Day {
    calendar.plus_working_days(Day::at(now), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasool_core::time::DAY_SECONDS;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    fn at(date: &str, hour: u32, minute: u32, second: u32) -> Time {
        day(date).at_seconds(hour * HOUR + minute * 60 + second)
    }

    /// The Republic Day of 2027 is a Tuesday.
    fn calendar() -> Calendar {
        Calendar::new(vec![day("2027-01-26"), day("2026-11-24")], Weekend::default())
    }

    #[test]
    fn nine_in_the_morning_is_the_cut_off() {
        let terms = Terms::default();
        let rows = [
            (at("2026-11-22", 9, 0, 0), "2026-11-23"),
            (at("2026-11-22", 23, 59, 59), "2026-11-23"),
            (at("2026-11-23", 0, 0, 0), "2026-11-23"),
            (at("2026-11-23", 8, 59, 59), "2026-11-23"),
            (at("2026-11-23", 9, 0, 0), "2026-11-24"),
        ];
        for (now, want) in rows {
            assert_eq!(presentation_day(now, &terms), day(want));
        }
        // 08:59:59 in India is 03:29:59 in Greenwich.
        assert_eq!(at("2026-11-23", 8, 59, 59), Time(1_795_404_599));
    }

    #[test]
    fn presented_on_any_day_settled_on_working_days() {
        // Saturday 28 November is a fourth one.
        let times = debit_times(at("2026-11-27", 12, 0, 0), &Terms::default(), &calendar());
        assert_eq!(
            times,
            DebitTimes {
                present_on: day("2026-11-28"),
                present_at: at("2026-11-28", 9, 0, 0),
                settle_on: day("2026-11-30"),
                give_up_at: at("2026-12-02", 0, 0, 0),
            }
        );
        let later = extended_times(times.present_on, &Terms::default(), &calendar());
        assert_eq!(later.present_on, day("2026-11-29"));
        // The holiday on Tuesday moves the last answer to Wednesday's end.
        let times = debit_times(at("2026-11-23", 8, 0, 0), &Terms::default(), &calendar());
        assert_eq!(times.give_up_at, at("2026-11-27", 0, 0, 0));
    }

    #[test]
    fn working_days() {
        let banks = calendar();
        let off = ["2026-11-08", "2026-11-14", "2026-11-28", "2026-11-24", "2027-01-26"];
        for date in off {
            assert!(!banks.is_working(day(date)), "{date}");
        }
        for date in ["2026-11-07", "2026-11-21", "2026-11-23", "2026-08-29"] {
            assert!(banks.is_working(day(date)), "{date}");
        }
        let sundays = Calendar::new(vec![], Weekend::Sundays);
        assert!(sundays.is_working(day("2026-11-28")));
        assert!(!sundays.is_working(day("2026-11-29")));
    }

    #[test]
    fn cancellations_go_out_on_the_next_working_day() {
        let day_of = |now| cancellation_day(now, &calendar());
        assert_eq!(day_of(at("2026-11-20", 15, 0, 0)), day("2026-11-21"));
        assert_eq!(day_of(at("2026-11-23", 1, 0, 0)), day("2026-11-25"));
    }

    proptest! {
        #[test]
        fn times_are_in_order(seconds in 0..4_102_444_799_i64) {
            let (now, terms) = (Time(seconds), Terms::default());
            let times = debit_times(now, &terms, &calendar());
            prop_assert!(now < times.present_at);
            prop_assert!(times.present_at.0 - now.0 <= DAY_SECONDS);
            prop_assert!(times.present_at < times.give_up_at);
            prop_assert!(times.present_on <= times.settle_on);
            prop_assert!(calendar().is_working(times.settle_on));
        }

        #[test]
        fn working_days_add_up(seconds in 0..4_102_444_799_i64, a in 0..30_u32, b in 0..30_u32) {
            let (day, banks) = (Day::at(Time(seconds)), calendar());
            let whole = banks.plus_working_days(day, a + b);
            prop_assert_eq!(banks.plus_working_days(banks.plus_working_days(day, a), b), whole);
        }
    }
}
