//! Money: integer paise in a type of its own.

/// An amount in paise, `0 ..= Paise::MAX`. A posting says the direction; a sign never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Paise(i64);

/// A fee and the tax inside it, in paise. Source: common 8.6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fee {
    /// The whole fee, tax included.
    pub fee: Paise,
    /// The tax part of the fee.
    pub tax: Paise,
}

impl Paise {
    /// No money.
    pub const ZERO: Paise = Paise(0);
    /// The largest amount we hold, nine lakh crore rupees. It leaves room to add a thousand of
    /// them without overflow.
    pub const MAX: Paise = Paise(900_000_000_000_000);

    /// An amount from a raw number of paise; `None` when negative or above [`Paise::MAX`].
    pub fn new(paise: i64) -> Option<Paise> {
        (0..=Paise::MAX.0).contains(&paise).then_some(Paise(paise))
    }

    /// The raw number of paise.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Sum, or `None` above [`Paise::MAX`].
    pub fn checked_add(self, other: Paise) -> Option<Paise> {
        Paise::new(self.0.checked_add(other.0)?)
    }

    /// Difference, or `None` when `other` is larger.
    pub fn checked_sub(self, other: Paise) -> Option<Paise> {
        (other <= self).then(|| Paise(self.0 - other.0))
    }

    /// Fee and tax at a rate in basis points: GST of 18 % as two halves of 9 %, each rounded half
    /// up on its own. Source: common 8.6, smart-collect 10.
    pub fn fee_at(self, rate_bps: u32) -> Fee {
        let base = round_half_up(self.0, i64::from(rate_bps), 10_000);
        let tax = 2 * round_half_up(base, 9, 100);
        Fee { fee: Paise(base + tax), tax: Paise(tax) }
    }
}

/// `amount * numerator / denominator`, halves rounded up, for non-negative numbers.
fn round_half_up(amount: i64, numerator: i64, denominator: i64) -> i64 {
    let scaled = i128::from(amount) * i128::from(numerator) * 2 + i128::from(denominator);
    i64::try_from(scaled / (2 * i128::from(denominator))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fee(paise: i64, bps: u32) -> (i64, i64) {
        let fee = Paise(paise).fee_at(bps);
        (fee.fee.get(), fee.tax.get())
    }

    #[test]
    fn sc_96_fee_table_at_one_percent() {
        let rows = [
            (100, (1, 0)),
            (500, (5, 0)),
            (1000, (12, 2)),
            (10000, (118, 18)),
            (61900, (731, 112)),
            (239000, (2820, 430)),
        ];
        for (amount, want) in rows {
            assert_eq!(fee(amount, 100), want, "amount {amount}");
        }
    }

    #[test]
    fn cm_81_fee_table_at_two_percent() {
        let rows = [
            (100, (2, 0)),
            (900, (22, 4)),
            (1000, (24, 4)),
            (2100, (50, 8)),
            (479030, (11305, 1724)),
            (500000, (11800, 1800)),
        ];
        for (amount, want) in rows {
            assert_eq!(fee(amount, 200), want, "amount {amount}");
        }
    }

    proptest! {
        #[test]
        fn tax_is_part_of_the_fee_and_even(paise in 0..=Paise::MAX.0, bps in 0u32..=10_000) {
            let fee = Paise(paise).fee_at(bps);
            prop_assert!(fee.tax <= fee.fee);
            prop_assert_eq!(fee.tax.get() % 2, 0);
        }

        #[test]
        fn subtraction_undoes_addition(a in 0..=Paise::MAX.0, b in 0..=Paise::MAX.0) {
            if let Some(sum) = Paise(a).checked_add(Paise(b)) {
                prop_assert_eq!(sum.checked_sub(Paise(b)), Some(Paise(a)));
            }
        }
    }
}
