//! The load generator: a process of its own, cheap enough to share a machine
//! with the server it measures.
//!
//! One thread, plain sockets, HTTP/1.1 with keep-alive, a closed loop: each
//! connection sends its next request when it has read the last answer. The
//! result is one line of JSON on standard output; the exit status is 1 when any
//! request was not answered 200.
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod debits;
mod histogram;
mod http;
mod load;
mod making;
mod random;
mod report;
mod scenario;
#[cfg(test)]
mod test_server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::{Args, Parser, Subcommand};

use crate::debits::{Choice, Debits};
use crate::http::Target;
use crate::load::Plan;
use crate::making::Recipe;
use crate::random::Random;
use crate::report::Report;
use crate::scenario::{Credits, Customers, Get};

/// Measures a running Vasool server.
#[derive(Parser)]
#[command(name = "vasool-bench", version)]
struct Cli {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    /// Sends the same GET again and again.
    Get {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        measure: Measure,
        /// What to get.
        #[arg(long, default_value = "/healthz")]
        path: String,
    },
    /// Pays into random virtual accounts through the sandbox; repeats 1 % of the
    /// bank references.
    Credits {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        measure: Measure,
        /// File of account numbers, one per line, as `accounts` writes it.
        #[arg(long)]
        accounts: PathBuf,
        /// How many requests out of 1000 repeat a recent bank reference.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=1000))]
        repeats_per_mille: u64,
    },
    /// Creates customers.
    Customers {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        measure: Measure,
    },
    /// Debits mandates, each time for another order.
    Debits {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        measure: Measure,
        /// File of orders, as `orders` writes it.
        #[arg(long)]
        orders: PathBuf,
        /// File of mandates, as `mandates` writes it.
        #[arg(long)]
        mandates: PathBuf,
        /// One mandate after the other, until its debits are used up, instead of any.
        #[arg(long)]
        hot: bool,
    },
    /// Opens virtual accounts and writes their account numbers to a file, one per line.
    Accounts(Making),
    /// Makes orders of one rupee and writes their ids to a file, one per line.
    Orders(Making),
    /// Makes approved mandates and writes token and customer of each to a file, one pair per line.
    Mandates(Making),
}

#[derive(Args)]
struct Making {
    #[command(flatten)]
    server: Server,
    /// How many.
    #[arg(long)]
    count: u64,
    /// File to write.
    #[arg(long)]
    out: PathBuf,
}

/// Where the server is and how to speak to it.
#[derive(Args)]
struct Server {
    /// Address of the server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Key id; without it requests carry no credentials.
    #[arg(long, env = "VASOOL_KEY_ID")]
    key_id: Option<String>,
    /// Secret of the key.
    #[arg(long, env = "VASOOL_KEY_SECRET", hide_env_values = true)]
    key_secret: Option<String>,
    /// How many connections are open, each with one request under way.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
}

/// How long to measure.
#[derive(Args)]
struct Measure {
    /// Seconds of load before measuring starts.
    #[arg(long, default_value_t = 2)]
    warm_up_seconds: u64,
    /// Seconds measured.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Seed of the random choices; a new one for each run if absent.
    #[arg(long)]
    seed: Option<u64>,
}

impl Server {
    fn target(&self) -> Result<Target, String> {
        let credentials = match (&self.key_id, &self.key_secret) {
            (Some(id), secret) => Some((id.as_str(), secret.as_deref().unwrap_or(""))),
            (None, _) => None,
        };
        Target::new(&self.url, credentials)
    }
}

impl Measure {
    fn plan(&self, server: &Server) -> Plan {
        Plan {
            connections: server.connections,
            warm_up: Duration::from_secs(self.warm_up_seconds),
            measured: Duration::from_secs(self.seconds),
            grace: Duration::from_secs(10),
        }
    }

    fn random(&self) -> Random {
        Random::new(self.seed.unwrap_or_else(seed_of_this_run))
    }
}

/// A seed that no earlier run had.
fn seed_of_this_run() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (now.as_nanos() as u64) ^ (u64::from(std::process::id()) << 40)
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let local = tokio::task::LocalSet::new();
    match local.block_on(&runtime, run(cli.scenario)) {
        Ok(report) => {
            print(&report);
            if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(message) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

async fn run(scenario: Scenario) -> Result<Report, String> {
    match scenario {
        Scenario::Get { server, measure, path } => {
            let get = Get::new(&path)?;
            load::run(server.target()?, measure.plan(&server), get).await
        }
        Scenario::Credits { server, measure, accounts, repeats_per_mille } => {
            let credits = Credits::new(&read(&accounts)?, repeats_per_mille, measure.random())
                .map_err(|error| format!("{}: {error}", accounts.display()))?;
            load::run(server.target()?, measure.plan(&server), credits).await
        }
        Scenario::Debits { server, measure, orders, mandates, hot } => {
            let choice = if hot { Choice::Hot } else { Choice::Spread(measure.random()) };
            let debits = Debits::new(&read(&orders)?, &read(&mandates)?, choice)?;
            load::run(server.target()?, measure.plan(&server), debits).await
        }
        Scenario::Customers { server, measure } => {
            let customers = Customers::new(measure.random());
            load::run(server.target()?, measure.plan(&server), customers).await
        }
        Scenario::Accounts(making) => make(making, &making::ACCOUNT).await,
        Scenario::Orders(making) => make(making, &making::ORDER).await,
        Scenario::Mandates(making) => make(making, &making::MANDATE).await,
    }
}

async fn make(making: Making, recipe: &'static Recipe) -> Result<Report, String> {
    let Making { server, count, out } = making;
    // Opened first: a path that cannot be written should fail before an hour of work.
    let file = fs::File::create(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    making::make(server.target()?, server.connections, recipe, count, file).await
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[allow(clippy::print_stdout, reason = "the report is the output")]
fn print(report: &Report) {
    println!("{report}");
}

#[allow(clippy::print_stderr, reason = "a command line speaks on standard error")]
fn complain(message: &str) {
    eprintln!("vasool-bench: {message}");
}
