//! Date-times as text, read without a calendar library.

/// Unix seconds of an ISO 8601 date-time such as `2026-06-01T00:00:00.000Z` (contract 1.6).
///
/// Takes `Z` or an offset at the end, and UTC where there is none; fractions of a second are
/// cut off. A blank before the offset is the `+` of an unescaped query.
pub fn unix_seconds(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once('T')?;
    let (year, month, day) = read_date(date)?;
    let (clock, offset) = split_offset(clock)?;
    Some(days_from_epoch(year, month, day) * 86_400 + read_clock(clock)? - offset)
}

fn read_date(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    let in_range = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    (in_range && parts.next().is_none()).then_some((year, month, day))
}

fn read_clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut parts = whole.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = match parts.next() {
        Some(second) => digits(second, 2)?,
        None => 0,
    };
    let in_range = hour < 24 && minute < 60 && second < 60;
    (in_range && parts.next().is_none()).then_some(hour * 3600 + minute * 60 + second)
}

/// Splits the offset from UTC off a clock time; the offset in seconds.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = text.find(['+', '-', ' ']) else {
        return Some((text, 0));
    };
    let (clock, signed) = text.split_at(at);
    let offset = &signed[1..];
    let (hours, minutes) = match (offset.split_once(':'), offset.len()) {
        (Some(parts), _) => parts,
        (None, 4) => offset.split_at_checked(2)?,
        (None, _) => (offset, "00"),
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let seconds = hours * 3600 + minutes * 60;
    let sign = if signed.starts_with('-') { -1 } else { 1 };
    (hours < 24 && minutes < 60).then_some((clock, sign * seconds))
}

fn digits(text: &str, len: usize) -> Option<i64> {
    let valid = text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, for the Gregorian calendar extended backwards.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    // Years start in March, so that the leap day comes last and month lengths follow a pattern.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_40_date_times() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-06-01T00:00:00.000Z", 1_780_272_000),
            ("2026-06-01T05:30:00+05:30", 1_780_272_000),
            ("2026-06-01T05:30:00 05:30", 1_780_272_000),
            ("2026-06-01T05:30+0530", 1_780_272_000),
            ("2026-05-31T20:00:00.999-04", 1_780_272_000),
            ("2026-06-01T00:00:00", 1_780_272_000),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("1969-12-31T23:59:59Z", -1),
            ("0000-03-01T00:00:00Z", -62_162_035_200),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(unix_seconds(text), Some(want), "{text}");
        }
    }

    #[test]
    fn not_date_times() {
        for text in [
            "",
            "T",
            "2026-06-01",
            "2026-06-01 00:00:00",
            "2026-6-1T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-06-31T00:00:00Z",
            "2026-06-00T00:00:00Z",
            "2026-06-01-01T00:00:00Z",
            "2026-06-01T24:00:00Z",
            "2026-06-01T00:60:00Z",
            "2026-06-01T00:00:60Z",
            "2026-06-01T00Z",
            "2026-06-01T00:00:00:00Z",
            "2026-06-01T00:00:00.Z",
            "2026-06-01T00:00:00.xZ",
            "2026-06-01T00:00:00+",
            "2026-06-01T00:00:00+5",
            "2026-06-01T00:00:00+24:00",
            "2026-06-01T00:00:00+05:60",
            "2026-06-01T00:00:00+₹a",
            "2026-06-01T00:00:00ZZ",
            "abc",
        ] {
            assert_eq!(unix_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut want = days_from_epoch(1600, 1, 1);
        for year in 1600..2401 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(days_from_epoch(year, month, day), want);
                    want += 1;
                }
            }
        }
        assert_eq!(days_from_epoch(1970, 1, 1), 0);
    }
}
