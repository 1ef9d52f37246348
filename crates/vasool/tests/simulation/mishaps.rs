//! A database that fails, as a seed wills.

use std::sync::{Arc, Mutex};

use vasool_store::memory::{Mishap, Step};

use crate::rng::Rng;

/// What goes wrong at each step of the store.
pub fn script(seed: u64, calm: Arc<Mutex<bool>>) -> impl FnMut(Step) -> Mishap + Send {
    let mut rng = Rng::new(seed);
    move |step| {
        if *calm.lock().expect("unpoisoned") {
            return Mishap::None;
        }
        match (step, rng.below(100)) {
            (_, 0..=24) => Mishap::Slow(rng.number() % 30),
            (Step::Load | Step::BeforeCommit, 25..=27) => Mishap::Gone,
            (Step::AfterCommit, 25..=29) => Mishap::LostReply,
            _ => Mishap::None,
        }
    }
}
