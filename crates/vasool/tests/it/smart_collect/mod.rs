//! Rows SC-01 to SC-123, as far as virtual accounts with a bank-account receiver go.

mod closing;
mod create;
mod credits;
mod hooks;
mod limits;
mod lists;
mod numbers;
mod parallel;
mod refused;
mod restart;
