//! Amounts as people in India write them: in words with lakh and crore, and grouped by them.

use vasool_core::money::Paise;

const ONES: [&str; 20] = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
];
const TENS: [&str; 10] =
    ["", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"];

/// An amount in words, as on a cheque: `Rupees Twenty Five Thousand and Paise Fifty Only`.
///
/// Paise are left out when there are none, rupees when there are only paise. The largest amount is
/// `Rupees Nine Lakh Crore Only`.
pub fn amount_in_words(amount: Paise) -> String {
    let (rupees, paise) = (amount.get().unsigned_abs() / 100, amount.get().unsigned_abs() % 100);
    match (rupees, paise) {
        (_, 0) => format!("Rupees {} Only", number_in_words(rupees)),
        (0, _) => format!("Paise {} Only", number_in_words(paise)),
        _ => {
            let (rupees, paise) = (number_in_words(rupees), number_in_words(paise));
            format!("Rupees {rupees} and Paise {paise} Only")
        }
    }
}

/// A number in words: `One Crore Twenty Lakh Three Thousand Four Hundred Five`.
pub fn number_in_words(number: u64) -> String {
    let mut words = vec![];
    push_words(number, &mut words);
    if words.is_empty() {
        words.push(ONES[0]);
    }
    words.join(" ")
}

fn push_words(number: u64, words: &mut Vec<&'static str>) {
    // Above a crore the count of crores is a number of its own: nine lakh crore.
    for (unit, name) in
        [(10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred")]
    {
        if number >= unit {
            push_words(number / unit, words);
            words.push(name);
            return push_words(number % unit, words);
        }
    }
    let small = usize::try_from(number).expect("below a hundred");
    match small {
        0 => {}
        1..20 => words.push(ONES[small]),
        _ => {
            words.push(TENS[small / 10]);
            if small % 10 > 0 {
                words.push(ONES[small % 10]);
            }
        }
    }
}

/// An amount in figures, grouped the Indian way, always with paise: `1,00,00,000.00`.
pub fn amount_in_figures(amount: Paise) -> String {
    let paise = amount.get().unsigned_abs();
    format!("{}.{:02}", group(paise / 100), paise % 100)
}

/// A number grouped the Indian way: the last three digits, then pairs.
pub fn group(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if at > 0 && (left == 3 || (left > 3 && left % 2 == 1)) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(paise: i64) -> String {
        amount_in_words(Paise::new(paise).unwrap())
    }

    #[test]
    fn known_amounts() {
        let rows = [
            (0, "Rupees Zero Only"),
            (5, "Paise Five Only"),
            (50_000, "Rupees Five Hundred Only"),
            (49_950, "Rupees Four Hundred Ninety Nine and Paise Fifty Only"),
            (2_500_000, "Rupees Twenty Five Thousand Only"),
            (10_000_001, "Rupees One Lakh and Paise One Only"),
            (
                1_234_567_890,
                "Rupees One Crore Twenty Three Lakh Forty Five Thousand Six Hundred Seventy Eight \
                 and Paise Ninety Only",
            ),
            (1_000_000_000, "Rupees One Crore Only"),
            (Paise::MAX.get(), "Rupees Nine Lakh Crore Only"),
        ];
        for (paise, want) in rows {
            assert_eq!(words(paise), want);
        }
    }

    #[test]
    fn known_groups() {
        let rows = [
            (0, "0.00"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (10_000_000, "1,00,000.00"),
            (1_000_000_000, "1,00,00,000.00"),
            (123_456_789_012, "1,23,45,67,890.12"),
        ];
        for (paise, want) in rows {
            assert_eq!(amount_in_figures(Paise::new(paise).unwrap()), want);
        }
    }

    /// Reads words back, written as the inverse and not as the same steps.
    fn value(words: &str) -> u64 {
        let (mut total, mut part) = (0, 0);
        for word in words.split(' ') {
            let ones = ONES.iter().position(|one| *one == word).map(|at| at as u64);
            let tens = TENS.iter().position(|ten| *ten == word).map(|at| at as u64 * 10);
            match (word, ones.or(tens)) {
                (_, Some(number)) => part += number,
                ("Hundred", _) => part *= 100,
                ("Thousand", _) => (total, part) = (total + part * 1_000, 0),
                ("Lakh", _) => (total, part) = (total + part * 100_000, 0),
                ("Crore", _) => (total, part) = ((total + part) * 10_000_000, 0),
                _ => panic!("{word}"),
            }
        }
        total + part
    }

    proptest! {
        #[test]
        fn words_read_back(number in prop_oneof![0..100_000_u64, 0..=9_000_000_000_000_u64]) {
            let words = number_in_words(number);
            prop_assert_eq!(value(&words), number, "{}", words);
        }

        #[test]
        fn groups_read_back(number: u64) {
            let grouped = group(number);
            prop_assert_eq!(grouped.replace(',', "").parse::<u64>().unwrap(), number);
            let mut parts = grouped.rsplit(',');
            prop_assert!(parts.next().unwrap().len() <= 3);
            let rest: Vec<_> = parts.collect();
            for (at, part) in rest.iter().enumerate() {
                let is_first = at + 1 == rest.len();
                prop_assert!(part.len() == 2 || (is_first && part.len() == 1));
            }
        }

        #[test]
        fn different_amounts_have_different_words(
            one in 0..10_000_000_000_i64, other in 0..10_000_000_000_i64,
        ) {
            prop_assert_eq!(one == other, words(one) == words(other));
        }
    }
}
