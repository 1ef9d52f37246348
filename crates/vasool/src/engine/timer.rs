//! Fires what the clock makes due: timers become commands, in order of their due time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use vasool_core::command::{Command, ScopedCommand};
use vasool_core::scope::Lane;
use vasool_core::time::Millis;
use vasool_store::{Store, StoreResult};

use super::{Engine, Refusal};
use crate::clock::Clock;

/// How often the timers are looked at in real time. The contract allows a minute.
const SWEEP_EVERY: Duration = Duration::from_millis(1_000);
/// Timers fired in one go.
const FIRE_MAX: i64 = 256;

/// The loop that fires timers.
#[derive(Clone)]
pub struct Timers {
    store: Store,
    engine: Engine,
    clock: Clock,
    /// One drain at a time, so that timers of a lane fire in order of due time.
    draining: Arc<Mutex<()>>,
}

impl Timers {
    /// A loop over the timers of a store.
    pub fn new(store: Store, engine: Engine, clock: Clock) -> Timers {
        Timers { store, engine, clock, draining: Arc::default() }
    }

    /// Runs until dropped.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.fire_all_due().await {
                tracing::warn!(%error, "timers could not be read");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Fires everything that is due in every lane.
    pub async fn fire_all_due(&self) -> StoreResult<()> {
        for (lane, now) in self.store.timer_lanes_due(self.clock.now()).await? {
            self.fire_due(lane, now).await?;
        }
        Ok(())
    }

    /// Fires everything due in one lane at its now, in order of due time; what a timer sets for a
    /// time that has passed as well fires too. On a test clock a rail that was due to be asked
    /// earlier is asked first: then what comes after it is left for the next look. True when
    /// anything fired. Source: sandbox 5.
    pub async fn fire_due(&self, lane: Lane, now: Millis) -> StoreResult<bool> {
        let _one_at_a_time = self.draining.lock().await;
        let mut fired = false;
        loop {
            let until = match lane.is_test() {
                true => {
                    let asked = self.store.instructions_due(lane, now, 1).await?;
                    asked.first().and_then(|row| row.state.due()).map_or(now, |due| due.min(now))
                }
                false => now,
            };
            let due = self.store.timers_due(lane, until, FIRE_MAX).await?;
            if due.is_empty() {
                return Ok(fired);
            }
            let commands = due.into_iter().map(|timer| {
                let fire = ScopedCommand::FireTimer(timer.key, timer.due);
                Command::Scoped(timer.scope, fire)
            });
            for result in self.engine.submit_in_order(commands.collect()).await {
                match result {
                    // A timer of a scope that was reset is purged with it.
                    Ok(_) | Err(Refusal::Rejected(_)) => fired = true,
                    Err(refusal) => {
                        tracing::warn!(?refusal, "a timer could not be fired; it stays due");
                        return Ok(fired);
                    }
                }
            }
        }
    }
}
