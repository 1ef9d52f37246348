//! Mandates from the first order to the last debit, on rows in memory.

mod answers;
mod approvals;
mod debits;
mod endings;
mod random;
mod world;
