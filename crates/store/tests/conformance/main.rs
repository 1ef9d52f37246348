//! One suite for all stores: SQLite in a file, memory, and PostgreSQL when
//! `VASOOL_TEST_POSTGRES` holds the address of a server where databases may be created.

mod auditing;
mod bulk;
mod clocks;
mod driver;
mod kept;
mod leases;
mod lists;
mod log;
mod lookups;
mod lost;
mod mandates;
mod operators;
mod paper;
mod parallel;
mod plans;
mod qr_codes;
mod rail_files;
mod random;
mod random_mandates;
mod random_nach;
mod random_refunds;
mod refunds;
mod rows;
mod schema;
mod statements;
mod told;
mod unique;
mod world;
