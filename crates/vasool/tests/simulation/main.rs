//! Deterministic simulation: the real engine and rules on the memory store, under random commands
//! and faults. One seed is one replayable run.
//!
//! `SIMULATION_SEEDS` says how many seeds to run (2000 by default), `SIMULATION_FIRST` where to
//! start. A failure prints its seed; `SIMULATION_FIRST=<seed> SIMULATION_SEEDS=1` replays it.
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stdout, reason = "tests")]

mod auditor;
mod bank;
mod bulk;
mod clearing;
mod codes;
mod mandate_auditor;
mod mandates;
mod mishaps;
mod network;
mod paper;
mod paper_auditor;
mod refunds;
mod rng;
mod server;
mod workload;
mod world;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::World;

/// Rounds of one run; each round is a handful of commands at once.
const ROUNDS: usize = 40;
/// One run of so many ends with the server's own audit, which is slow.
const BOOKS_EVERY: u64 = 8;

#[test]
fn invariants_hold_under_faults() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (first, seeds) = (number("SIMULATION_FIRST", 1), number("SIMULATION_SEEDS", 2_000));
    let next = AtomicU64::new(first);
    let (commands, crashes) = (AtomicU64::new(0), AtomicU64::new(0));
    let failed = AtomicU64::new(0);
    let seen = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || failed.load(Ordering::Relaxed) != 0 {
                        return;
                    }
                    match catch_unwind(AssertUnwindSafe(|| run(seed))) {
                        Ok(tally) => {
                            commands.fetch_add(tally.commands, Ordering::Relaxed);
                            crashes.fetch_add(tally.crashes, Ordering::Relaxed);
                            seen.lock().expect("unpoisoned").extend(tally.seen);
                        }
                        Err(_) => {
                            println!(
                                "seed {seed} fails: SIMULATION_FIRST={seed} SIMULATION_SEEDS=1"
                            );
                            failed.store(seed, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    assert_eq!(failed, 0, "seed {failed} breaks an invariant");
    let (commands, crashes) = (commands.into_inner(), crashes.into_inner());
    println!("{seeds} seeds, {commands} commands, {crashes} crashes: every invariant held");
    assert!(commands > seeds * 20, "the workload does something");
    let seen = seen.into_inner().expect("unpoisoned");
    for what in mandate_auditor::MUST_SEE.into_iter().chain(paper_auditor::MUST_SEE) {
        assert!(seeds < 1_000 || seen.contains(what), "{what} is met by no run: {seen:?}");
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [1, 7, 42] {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}

fn run(seed: u64) -> world::Tally {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut world = World::new(seed).await;
        for _ in 0..ROUNDS {
            world.round().await;
            world.check();
        }
        world.calm_down().await;
        world.check();
        if seed.is_multiple_of(BOOKS_EVERY) {
            world.check_books().await;
        }
        world.tally()
    })
}
