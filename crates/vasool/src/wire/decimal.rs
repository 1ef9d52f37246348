//! Numbers as clients write them, read without floats.

use std::borrow::Cow;

/// Longest plain spelling an exponent may unfold to; a 64-bit float never needs more.
const UNFOLDED_DIGITS_MAX: usize = 400;

/// A decimal number, taken apart: `digits` times ten to the `exponent`.
struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
}

/// The integer a decimal literal stands for: `100`, `5e2`, `25000.0` (contract 1.6).
///
/// `None` for fractions, for anything that is not a number, and outside 64 bits.
pub fn integer(literal: &str) -> Option<i64> {
    if let Ok(plain) = literal.parse() {
        return Some(plain);
    }
    let number = take_apart(literal)?;
    if number.digits.is_empty() {
        return Some(0);
    }
    let zeros = u32::try_from(number.exponent).ok()?;
    let scale = 10_i128.checked_pow(zeros)?;
    let digits: i128 = number.digits.parse().ok()?;
    let magnitude = digits.checked_mul(scale)?;
    let signed = if number.negative { -magnitude } else { magnitude };
    i64::try_from(signed).ok()
}

/// A decimal literal without exponent and without trailing fraction zeros (contract 1.6).
///
/// `None` for anything that is not a number, and for exponents beyond any float.
pub fn plain(literal: &str) -> Option<Cow<'_, str>> {
    if all_digits(literal.strip_prefix('-').unwrap_or(literal)) {
        return Some(Cow::Borrowed(literal));
    }
    let number = take_apart(literal)?;
    let (digits, exponent) = (number.digits, number.exponent);
    if digits.is_empty() {
        return Some(Cow::Borrowed("0"));
    }
    let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
    if digits.len().max(shift) > UNFOLDED_DIGITS_MAX && exponent != 0 {
        return None;
    }
    let sign = if number.negative { "-" } else { "" };
    let text = if exponent >= 0 {
        format!("{sign}{digits}{}", "0".repeat(shift))
    } else if shift < digits.len() {
        let (whole, fraction) = digits.split_at(digits.len() - shift);
        format!("{sign}{whole}.{fraction}")
    } else {
        format!("{sign}0.{digits:0>shift$}")
    };
    Some(Cow::Owned(text))
}

/// Reads `[+-]digits[.digits][e[+-]digits]`; leading zeros are allowed, as forms may have them.
fn take_apart(literal: &str) -> Option<Decimal> {
    let negative = literal.starts_with('-');
    let unsigned = literal.strip_prefix(['+', '-']).unwrap_or(literal);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) if all_digits(fraction) => (whole, fraction),
        Some(_) => return None,
        None => (mantissa, ""),
    };
    if !all_digits(whole) {
        return None;
    }
    let joined = [whole, fraction].concat();
    let kept = joined.trim_end_matches('0');
    let fraction_len = i64::try_from(fraction.len()).ok()?;
    let dropped = i64::try_from(joined.len() - kept.len()).ok()?;
    let exponent = exponent.saturating_sub(fraction_len).saturating_add(dropped);
    Some(Decimal { negative, digits: kept.trim_start_matches('0').to_owned(), exponent })
}

/// Reads `[+-]digits`; a blank in front is the `+` of an unescaped query.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-', ' ']).unwrap_or(text);
    if !all_digits(digits) {
        return None;
    }
    // No number that fits in memory is brought back into range by an exponent of this size.
    let size = digits.parse().unwrap_or(i64::MAX / 2);
    Some(if text.starts_with('-') { -size } else { size })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cm_22_integers() {
        for (literal, want) in [
            ("0", 0),
            ("-0", 0),
            ("0.000", 0),
            ("0e99999999999999999999", 0),
            ("25000", 25_000),
            ("25000.0", 25_000),
            ("2.5e4", 25_000),
            ("2.5E+4", 25_000),
            ("1.6e+09", 1_600_000_000),
            ("1.6e 09", 1_600_000_000),
            ("5e2", 500),
            ("-5e2", -500),
            ("+7", 7),
            ("007", 7),
            ("12000e-3", 12),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775807.00", i64::MAX),
            ("922337203685477580.7e1", i64::MAX),
        ] {
            assert_eq!(integer(literal), Some(want), "{literal}");
        }
    }

    #[test]
    fn cm_22_not_integers() {
        for literal in [
            "",
            "-",
            "+",
            ".",
            "1.",
            ".5",
            "10.5",
            "1e-1",
            "5e",
            "5e+",
            "e5",
            "0x10",
            "1_000",
            "1,000",
            "abc",
            "--1",
            "1.2.3",
            "1e2e3",
            "١",
            "9223372036854775808",
            "1e19",
            "1e400",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "NaN",
            "inf",
            " 1",
        ] {
            assert_eq!(integer(literal), None, "{literal}");
        }
    }

    #[test]
    fn cm_24_plain_decimals() {
        let long = "12345678901234567890123456789012345";
        for (literal, want) in [
            (long, long),
            ("5e2", "500"),
            ("9.19000012345e+11", "919000012345"),
            ("919000012345.0", "919000012345"),
            ("10.50", "10.5"),
            ("-1.25", "-1.25"),
            ("1e-3", "0.001"),
            ("0.0", "0"),
            ("12e-1", "1.2"),
        ] {
            assert_eq!(plain(literal).as_deref(), Some(want), "{literal}");
        }
        assert_eq!(plain("1e999999999999"), None);
        assert_eq!(plain("1e-999999999999999999999"), None);
        assert_eq!(plain("x"), None);
    }

    proptest! {
        #[test]
        fn never_panics(literal in "[+-]?[0-9.eE+-]{0,30}") {
            let _ = (integer(&literal), plain(&literal));
        }

        #[test]
        fn every_integer_in_every_spelling(n: i64, zeros in 0_usize..4) {
            prop_assert_eq!(integer(&n.to_string()), Some(n));
            prop_assert_eq!(integer(&format!("{n}.{}", "0".repeat(zeros + 1))), Some(n));
            prop_assert_eq!(integer(&format!("{n}{}e-{zeros}", "0".repeat(zeros))), Some(n));
            let (text, exponent) = (n.to_string(), format!("{n}e0"));
            prop_assert!(plain(&exponent).is_some_and(|plain| plain == text));
        }
    }
}
