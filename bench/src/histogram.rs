//! Latencies in microseconds, counted in buckets of at most 1 % width.

/// Buckets per doubling: 2^7. Below 128 µs every microsecond has its own bucket.
const PRECISION_BITS: u32 = 7;
const BUCKETS: usize = ((64 - PRECISION_BITS as usize) << PRECISION_BITS) + (1 << PRECISION_BITS);

/// A log-bucket histogram; exact count and maximum.
pub struct Histogram {
    buckets: Box<[u64]>,
    count: u64,
    max: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Self { buckets: vec![0; BUCKETS].into_boxed_slice(), count: 0, max: 0 }
    }

    pub fn record(&mut self, micros: u64) {
        self.buckets[bucket_of(micros)] += 1;
        self.count += 1;
        self.max = self.max.max(micros);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value that `per_mille` out of 1000 recorded ones do not exceed; 0 when nothing was
    /// recorded. At most 1 % too high.
    pub fn quantile(&self, per_mille: u64) -> u64 {
        let rank = (self.count * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, hits) in self.buckets.iter().enumerate() {
            seen += hits;
            if seen >= rank {
                return top_of(bucket).min(self.max);
            }
        }
        self.max
    }
}

fn bucket_of(value: u64) -> usize {
    let bits = 64 - value.leading_zeros();
    let shift = bits.saturating_sub(PRECISION_BITS + 1);
    ((shift as usize) << PRECISION_BITS) + (value >> shift) as usize
}

/// The highest value of a bucket: the inverse of [`bucket_of`].
fn top_of(bucket: usize) -> u64 {
    let shift = (bucket >> PRECISION_BITS).saturating_sub(1);
    let mantissa = (bucket - (shift << PRECISION_BITS)) as u64;
    (mantissa << shift) | ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_narrow_and_in_order() {
        let mut last = 0;
        for value in (0..100_000).chain((17..64).flat_map(|bit| {
            let power = 1u64 << bit;
            [power - 1, power, power + power / 3]
        })) {
            let bucket = bucket_of(value);
            assert!(bucket < BUCKETS);
            let top = top_of(bucket);
            assert!(top >= value, "{value} is above its bucket, {top}");
            assert!(top - value <= value / 100, "{value}: {top} is too far");
            assert!(bucket >= last || value < 100_000, "{value} is out of order");
            last = bucket;
        }
        assert_eq!(top_of(bucket_of(u64::MAX)), u64::MAX);
    }

    #[test]
    fn quantiles_of_known_values() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile(500), 0);
        for micros in 1..=100 {
            histogram.record(micros);
        }
        assert_eq!(histogram.quantile(500), 50);
        assert_eq!(histogram.quantile(990), 99);
        assert_eq!(histogram.quantile(1000), 100);
        histogram.record(1_000_000);
        assert_eq!((histogram.count(), histogram.max()), (101, 1_000_000));
        assert_eq!(histogram.quantile(1000), 1_000_000);
    }
}
