//! Amounts and dates as people in India read them.

use vasool_core::calendar::india_date;
use vasool_core::money::Paise;
use vasool_core::time::Time;

/// How far India's clocks are ahead, seconds.
const INDIA_SECONDS: i64 = 19_800;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An amount such as `₹12,34,567.00`: after the first three digits, groups of two.
pub fn rupees(amount: Paise) -> String {
    let digits = (amount.get() / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if at > 0 && (left == 3 || left > 3 && left % 2 == 1) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("₹{grouped}.{:02}", amount.get() % 100)
}

/// An amount that may be below zero, such as a balance of the ledger.
pub fn signed_rupees(paise: i64) -> String {
    let sign = if paise < 0 { "-" } else { "" };
    let magnitude = i64::try_from(paise.unsigned_abs()).ok().and_then(Paise::new);
    // Sums of amounts may exceed what one amount can be.
    magnitude.map_or_else(|| format!("{paise} paise"), |paise| format!("{sign}{}", rupees(paise)))
}

/// A date in India, such as `29 May 2026`.
pub fn day(at: Time) -> String {
    let date = india_date(at.to_millis());
    let month = usize::try_from(date.month - 1).ok().and_then(|at| MONTHS.get(at));
    format!("{} {} {}", date.day, month.unwrap_or(&""), date.year)
}

/// An instant in India with its second, such as `29 May 2026, 01:56:40`.
pub fn second(at: Time) -> String {
    format!("{}:{:02}", moment(at), at.0.rem_euclid(60))
}

/// An instant in India, such as `29 May 2026, 01:56`.
pub fn moment(at: Time) -> String {
    let minutes = (at.0 + INDIA_SECONDS).div_euclid(60).rem_euclid(24 * 60);
    format!("{}, {:02}:{:02}", day(at), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_as_in_india() {
        for (paise, text) in [
            (0, "₹0.00"),
            (5, "₹0.05"),
            (99_900, "₹999.00"),
            (100_000, "₹1,000.00"),
            (1_500_000, "₹15,000.00"),
            (12_345_600, "₹1,23,456.00"),
            (123_456_789, "₹12,34,567.89"),
            (123_456_789_012, "₹1,23,45,67,890.12"),
        ] {
            assert_eq!(rupees(Paise::new(paise).unwrap()), text);
        }
    }

    #[test]
    fn balances_have_a_sign() {
        assert_eq!(signed_rupees(-123_456_789), "-₹12,34,567.89");
        assert_eq!(signed_rupees(5), "₹0.05");
        assert_eq!(signed_rupees(i64::MIN), "-9223372036854775808 paise");
    }

    #[test]
    fn seconds_are_told_where_they_matter() {
        assert_eq!(second(Time(1_780_000_000)), "29 May 2026, 01:56:40");
    }

    #[test]
    fn days_are_those_of_india() {
        assert_eq!(day(Time(1_780_000_000)), "29 May 2026");
        assert_eq!(moment(Time(1_780_000_000)), "29 May 2026, 01:56");
    }
}
