//! Contract rows over HTTP: a real server, real sockets, both databases.
#![recursion_limit = "256"]
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stderr, reason = "tests")]

mod browser;
mod cli;
mod common;
mod console;
mod dashboard;
mod docs;
mod docs_pages;
mod examples;
mod guides;
mod harness;
mod messages;
mod operators;
mod paper_nach;
mod refunds;
mod reserve_pay;
mod sdk;
mod smart_collect;
mod tls;
