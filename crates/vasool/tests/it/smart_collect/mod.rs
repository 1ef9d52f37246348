//! Rows SC-01 to SC-123.

mod batches;
mod closing;
mod create;
mod credits;
mod hooks;
mod limits;
mod lists;
mod numbers;
mod parallel;
mod payers;
mod receivers;
mod refused;
mod restart;
mod updating;
mod upi;
