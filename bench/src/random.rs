//! Random numbers for choices that need no secrecy.

/// SplitMix64. In one run no value comes twice: the state counts through all 64-bit
/// numbers, and the mixing is a bijection. So a value is also a unique name.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not give overlapping sequences.
        let mut random = Self { state: seed };
        random.state = random.next();
        random
    }

    /// A number that this generator has not given before.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0. Its bias is below one in 2^32 for any bound of
    /// this program.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_and_stay_in_bounds() {
        let mut random = Random::new(7);
        let mut seen: Vec<u64> = (0..10_000).map(|_| random.next()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 10_000);

        let mut hits = [0u32; 10];
        for _ in 0..10_000 {
            hits[random.below(10) as usize] += 1;
        }
        assert!(hits.iter().all(|hit| (800..1200).contains(hit)), "{hits:?}");
    }
}
