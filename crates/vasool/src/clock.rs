//! The only clock, and the only source of randomness.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use vasool_core::time::Millis;

/// Where real time and unpredictable numbers come from: the machine, or a simulation.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// A time that a simulation sets, and numbers that follow from its seed.
    Simulated(Arc<SimulatedClock>),
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct SimulatedClock {
    now: AtomicI64,
    noise: AtomicU64,
}

impl SimulatedClock {
    /// A clock at an instant, with noise that follows from `seed`.
    pub fn new(now: Millis, seed: u64) -> SimulatedClock {
        SimulatedClock { now: AtomicI64::new(now.0), noise: AtomicU64::new(seed) }
    }

    /// Moves the clock forward.
    pub fn advance(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock {
    /// Unix milliseconds.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Millis {
        match self {
            Clock::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                let millis = since.map_or(0, |elapsed| elapsed.as_millis());
                Millis(i64::try_from(millis).unwrap_or(i64::MAX))
            }
            Clock::Simulated(clock) => Millis(clock.now.load(Ordering::SeqCst)),
        }
    }

    /// An unpredictable number; predictable in a simulation.
    pub fn noise(&self) -> u64 {
        match self {
            Clock::System => random_bytes::<8>().map_or(0, u64::from_le_bytes),
            Clock::Simulated(clock) => {
                clock.noise.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst)
            }
        }
    }
}

/// Random bytes from the operating system; `None` when it has none to give.
pub fn random_bytes<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// A stopwatch for durations that are measured, never for instants that are stored.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(tokio::time::Instant);

impl Stopwatch {
    /// Starts it.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn start() -> Stopwatch {
        Stopwatch(tokio::time::Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> std::time::Duration {
        self.0.elapsed()
    }
}
