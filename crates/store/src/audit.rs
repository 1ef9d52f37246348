//! Recomputes balances and state from the postings.
