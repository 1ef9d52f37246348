//! Requests per second and merchant. Source: common 5.7, decisions 46.

use std::collections::HashMap;
use std::sync::Mutex;

use vasool_core::scope::ScopeId;

use crate::clock::Clock;

/// Counts requests of merchants who set a limit, second by second.
#[derive(Debug)]
pub struct Limiter {
    clock: Clock,
    counts: Mutex<HashMap<ScopeId, (i64, i64)>>,
}

impl Limiter {
    /// A limiter on a clock.
    pub fn new(clock: Clock) -> Limiter {
        Limiter { clock, counts: Mutex::default() }
    }

    /// Whether one more request fits into this second. A limit of 0 is no limit.
    pub fn admit(&self, scope: ScopeId, per_second: i64) -> bool {
        if per_second <= 0 {
            return true;
        }
        let second = self.clock.now().to_time().0;
        let mut counts = self.counts.lock().expect("no holder panics");
        let (at, count) = counts.entry(scope).or_insert((second, 0));
        if *at != second {
            (*at, *count) = (second, 0);
        }
        *count += 1;
        *count <= per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimulatedClock;
    use std::sync::Arc;
    use vasool_core::time::Millis;

    #[test]
    fn cm_50_a_new_second_starts_anew() {
        let clock = Arc::new(SimulatedClock::new(Millis(1_000), 1));
        let limiter = Limiter::new(Clock::Simulated(clock.clone()));
        let burst = (0..20).filter(|_| limiter.admit(ScopeId(1), 5)).count();
        assert_eq!(burst, 5);
        assert!(limiter.admit(ScopeId(2), 5), "another merchant has its own count");
        clock.advance(1_000);
        assert!(limiter.admit(ScopeId(1), 5));
        assert!((0..100).all(|_| limiter.admit(ScopeId(3), 0)));
    }
}
