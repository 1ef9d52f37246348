//! `vasool events tail`: what happened, as webhooks are told it, whether one listens or not.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use vasool_core::event::{EventKind, Occurrence};
use vasool_core::id::{EventId, OccurrenceId};
use vasool_core::scope::ScopeId;
use vasool_store::Store;

use super::database::open;
use super::keys::merchant_id;
use super::{CliResult, Common, Config, JsonArgs, ModeArg, block_on, say};
use crate::wire::event;

/// Rows of one read.
const PAGE: i64 = 200;
/// Pages that are looked through for the newest events; a rare event further back is not found.
const PAGES_MAX: usize = 50;
/// How often a follower asks.
const EVERY: Duration = Duration::from_millis(500);
/// Processes commit out of the order of their ids, by no more than a batch takes to commit.
const LOOK_BACK_MS: u64 = 10_000;

/// Looking at events.
#[derive(Debug, Subcommand)]
pub enum EventsAction {
    /// Print the newest events, newest last. Reads the database, beside a running server or without
    /// one.
    Tail(TailArgs),
}

/// Which events, and for how long.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Go on with what happens from now.
    #[arg(long, short)]
    follow: bool,
    /// Only this event, such as payment.captured; may be given again.
    #[arg(long = "event", value_name = "NAME", value_parser = kind)]
    events: Vec<EventKind>,
    /// Only of this merchant, acc_….
    #[arg(long)]
    merchant: Option<String>,
    /// Only in this mode.
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
    /// At most so many of what is there.
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    count: usize,
    /// Base of short URLs in bodies (--json), as the server has it.
    #[arg(long, env = "VASOOL_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    #[command(flatten)]
    output: JsonArgs,
}

fn kind(name: &str) -> Result<EventKind, String> {
    EventKind::parse(name)
        .ok_or_else(|| format!("there is no event {name:?}; docs/webhooks.md lists them"))
}

/// What is printed.
struct Tail {
    args: TailArgs,
    /// The scopes of the merchant that was named.
    scopes: Option<[ScopeId; 2]>,
}

/// Runs a command about events.
pub fn run(common: &Common, EventsAction::Tail(args): EventsAction) -> CliResult {
    let config = Config::read(common)?;
    let merchant = args.merchant.as_deref().map(merchant_id).transpose()?;
    block_on(async {
        let store = open(&config).await?;
        let scopes = match merchant {
            None => None,
            Some(id) => {
                let row = store.merchant(id).await?.ok_or_else(|| {
                    format!("there is no merchant {id}; `vasool audit` lists those with payments")
                })?;
                Some([row.test_scope, row.live_scope])
            }
        };
        let tail = Tail { args, scopes };
        let newest = tail.print_newest(&store).await?;
        if tail.args.follow {
            tail.follow(&store, newest).await?;
        }
        Ok(ExitCode::SUCCESS)
    })?
}

impl Tail {
    /// The newest events, oldest of them first; ids of the last occurrences there are.
    async fn print_newest(&self, store: &Store) -> Result<Vec<OccurrenceId>, String> {
        let (mut found, mut seen, mut before) = (vec![], vec![], None);
        let mut told = 0;
        for _ in 0..PAGES_MAX {
            let page = store.occurrences_before(before, PAGE).await;
            let page = page.map_err(|error| error.to_string())?;
            let is_last = page.len() < PAGE as usize;
            before = page.last().map(|row| row.id);
            seen.extend(page.iter().map(|row| row.id));
            for row in page.into_iter().filter(|row| self.is_of_interest(row)) {
                told += self.events(&row).count();
                found.push(row);
                if told >= self.args.count {
                    break;
                }
            }
            if is_last || told >= self.args.count {
                break;
            }
        }
        let mut skip = told.saturating_sub(self.args.count);
        for row in found.iter().rev() {
            self.print(row, skip);
            skip = skip.saturating_sub(self.events(row).count());
        }
        Ok(seen)
    }

    /// Prints what is committed from now on, each once.
    async fn follow(&self, store: &Store, seen: Vec<OccurrenceId>) -> Result<(), String> {
        let mut newest = seen.first().copied();
        let mut seen: BTreeSet<OccurrenceId> = seen.into_iter().collect();
        // What was there before may lie in pages that were not read: it is not news.
        let mut first = true;
        loop {
            let mut after = newest.map(|id| OccurrenceId(id.0.earlier(LOOK_BACK_MS)));
            loop {
                let page = store.occurrences_after(after, PAGE).await;
                let page = page.map_err(|error| error.to_string())?;
                for row in &page {
                    newest = newest.max(Some(row.id));
                    after = Some(row.id);
                    let is_known = first && seen.first().is_some_and(|oldest| row.id < *oldest);
                    if seen.insert(row.id) && !is_known && self.is_of_interest(row) {
                        self.print(row, 0);
                    }
                }
                if page.len() < PAGE as usize {
                    break;
                }
            }
            first = false;
            if let Some(newest) = newest {
                let keep = OccurrenceId(newest.0.earlier(LOOK_BACK_MS));
                seen = seen.split_off(&keep);
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn is_of_interest(&self, row: &Occurrence) -> bool {
        let scopes = self.scopes.as_ref();
        scopes.is_none_or(|scopes| scopes.contains(&row.scope.id))
            && self.args.mode.is_none_or(|mode| mode.mode() == row.scope.mode)
            && self.events(row).next().is_some()
    }

    fn events<'a>(
        &'a self,
        row: &'a Occurrence,
    ) -> impl Iterator<Item = (EventId, EventKind)> + 'a {
        let wanted = &self.args.events;
        row.events().filter(move |(_, kind)| wanted.is_empty() || wanted.contains(kind))
    }

    fn print(&self, row: &Occurrence, skip: usize) {
        for (id, kind) in self.events(row).skip(skip) {
            say(&match self.args.output.json {
                true => event::told(row, id, kind, &self.args.public_url),
                false => event::told_in_words(row, id, kind),
            });
        }
    }
}
