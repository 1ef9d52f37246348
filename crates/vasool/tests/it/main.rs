//! Contract rows over HTTP: a real server, real sockets, both databases.
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stderr, reason = "tests")]

mod common;
mod docs;
mod harness;
mod refunds;
mod reserve_pay;
mod sdk;
mod smart_collect;
