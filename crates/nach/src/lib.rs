//! NACH as files and paper: what sponsor banks, NPCI and destination banks send each other, and the
//! form a payer signs. No I/O of its own, no clock, no randomness; both directions of everything,
//! since the sandbox plays the other side.
//!
//! Readers take foreign bytes: their memory and time are bounded by caps in the code, never by what
//! a file announces, and every refusal is typed and says where. Errors hold no values of the file:
//! account numbers are never logged.

pub mod day;
pub mod words;

pub mod ach;
pub mod codes;
pub mod cycles;
pub mod form;
pub mod mandate;
pub mod names;
pub mod scan;

#[cfg(test)]
mod golden;
