//! Dates in India. Source: common 0 (calendar rules use `Asia/Kolkata`).

use crate::time::{Millis, Time};

/// India is five and a half hours ahead of UTC, without daylight saving.
const INDIA_OFFSET_SECONDS: i64 = 19_800;

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Such as 2026.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 1 to 366.
    pub day_of_year: i64,
}

/// The date in India at an instant.
pub fn india_date(at: Millis) -> Date {
    let days = (at.0.div_euclid(1000) + INDIA_OFFSET_SECONDS).div_euclid(86_400);
    let (year, month, day) = civil(days);
    Date { year, month, day, day_of_year: days - days_before(year) + 1 }
}

/// The first instant of a date in India; `None` for a date that does not exist.
pub fn india_midnight(year: i64, month: i64, day: i64) -> Option<Time> {
    let months = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok().filter(|before| *before < months.len())?;
    if !(1..=months[before]).contains(&day) {
        return None;
    }
    let days = days_before(year) + months[..before].iter().sum::<i64>() + day - 1;
    Some(Time(days * 86_400 - INDIA_OFFSET_SECONDS))
}

/// The same time of day some calendar years later in India; the 28th for a leap day that the later
/// year does not have.
pub fn plus_years(at: Time, years: i64) -> Time {
    let date = india_date(at.to_millis());
    let of_day = (at.0 + INDIA_OFFSET_SECONDS).rem_euclid(86_400);
    let year = date.year + years;
    let later = india_midnight(year, date.month, date.day);
    let midnight = later.or_else(|| india_midnight(year, date.month, date.day - 1));
    midnight.map_or(at, |midnight| midnight.plus_seconds(of_day))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days since 1970-01-01 to a proleptic Gregorian date.
fn civil(days: i64) -> (i64, i64, i64) {
    // Count from 0000-03-01, so that a leap day is the last day of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Days from 1970-01-01 to the first of January of a year.
fn days_before(year: i64) -> i64 {
    let before = year - 1;
    365 * (year - 1970) + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)
        - 477
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_the_first_instant_of_its_date() {
        for (year, month, day) in [(1970, 1, 1), (2024, 2, 29), (2026, 12, 31), (2100, 3, 1)] {
            let midnight = india_midnight(year, month, day).unwrap();
            let date = india_date(midnight.to_millis());
            assert_eq!((date.year, date.month, date.day), (year, month, day));
            let before = india_date(Millis(midnight.0 * 1000 - 1));
            assert_ne!((before.month, before.day), (month, day));
        }
        for (year, month, day) in
            [(2026, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0)]
        {
            assert_eq!(india_midnight(year, month, day), None);
        }
    }

    #[test]
    fn years_later() {
        // 2026-05-29 01:56:40 in India; 2024-02-29 00:00:00 in India.
        assert_eq!(plus_years(Time(1_780_000_000), 30), Time(2_726_771_200));
        let leap = Time(1_709_145_000);
        assert_eq!(plus_years(leap, 4), Time(1_835_375_400));
        assert_eq!(plus_years(leap, 1), Time(1_740_681_000));
    }

    #[test]
    fn known_dates() {
        let date = |seconds: i64| india_date(Millis(seconds * 1000));
        assert_eq!(date(0), Date { year: 1970, month: 1, day: 1, day_of_year: 1 });
        // 2024-02-28T18:30:00Z is midnight of the leap day in India.
        assert_eq!(date(1_709_145_000), Date { year: 2024, month: 2, day: 29, day_of_year: 60 });
        assert_eq!(date(1_798_741_799), Date { year: 2026, month: 12, day: 31, day_of_year: 365 });
        assert_eq!(date(1_798_741_800), Date { year: 2027, month: 1, day: 1, day_of_year: 1 });
    }
}
