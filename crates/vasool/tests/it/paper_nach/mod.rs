//! Paper NACH: rows PN-01 to PN-84.

mod batches;
mod charges;
mod customers;
mod deciding;
mod files;
mod hooks;
mod links;
mod orders;
mod pages;
mod tokens;
mod uploads;
