//! Mandates on paper from the first order to the last debit, on rows in memory.

mod answers;
mod debits;
mod decisions;
mod endings;
mod invariants;
mod links;
mod random;
mod world;
