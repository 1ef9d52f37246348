//! UPI Reserve Pay: rows RP-01 to RP-80.

mod approval;
mod authorisation;
mod cancelling;
mod customers;
mod debit_refusals;
mod debits;
mod failures;
mod hooks;
mod orders;
mod over;
mod page;
mod parallel;
mod restart;
mod servers;
mod tokens;
