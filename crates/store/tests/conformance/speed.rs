//! How long a batch of credits takes; run by hand:
//! `cargo test --release -p vasool-store --test conformance speed -- --ignored --nocapture`.

use tokio::time::Instant;

use vasool_core::command::Command;
use vasool_core::scope::Mode;
use vasool_core::smart_collect::VirtualAccountDraft;

use crate::driver::{Driver, credit};
use crate::world::{Place, on_databases};

#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "a measurement is read by a person")]
fn batches_of_credits() {
    on_databases(async |world| {
        let mut driver = Driver::new(&world.store, 90);
        let scope = driver.merchant("Lotus").await.scope(Mode::Test);
        driver.listen(scope).await;
        let mut accounts = vec![];
        for _ in 0..256 {
            accounts.push(driver.open(scope, VirtualAccountDraft::default()).await);
        }
        let name = match world.place {
            Place::Postgres { .. } => "PostgreSQL",
            _ => "SQLite",
        };
        for size in [1usize, 4, 16, 64, 256] {
            let mut times = vec![];
            for round in 0..60 {
                let commands = (0..size).map(|at| {
                    let account = &accounts[(at * 7 + round * 13) % accounts.len()];
                    let reference = format!("{size}-{round}-{at}");
                    Command::Scoped(scope.id, credit(account, 100_000, &reference))
                });
                let start = Instant::now();
                driver.run_all(commands.collect()).await;
                times.push(start.elapsed().as_micros());
            }
            times.sort_unstable();
            let median = times[times.len() / 2];
            let each = median / size as u128;
            println!("{name}: batch of {size}: median {median} us, {each} us per credit");
        }
    });
}
