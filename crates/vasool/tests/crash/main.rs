//! What survives a kill, a full disk and a lost database: the real binary, on SQLite and, when
//! `VASOOL_TEST_POSTGRES` names a server, on PostgreSQL. `CRASH_SEED` repeats a run.

#![allow(clippy::print_stderr, reason = "read when a test fails or is skipped")]

mod blocks;
mod books;
mod bulk;
mod debits;
mod dice;
mod events;
mod full_disk;
mod http;
mod kills;
mod load;
mod operators;
mod outage;
mod place;
mod process;
mod refunds;
mod stops;
