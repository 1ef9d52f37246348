//! Rows CM-01 to CM-129, as far as customers, payments into accounts, webhooks and the sandbox go.

mod auth;
mod bank_accounts;
mod bodies;
mod clients_in_bytes;
mod customers;
mod encodings;
mod errors;
mod ids;
mod isolation;
mod lists;
mod methods;
mod orders;
mod payments;
mod qr_codes;
mod qr_payments;
mod sandbox_calls;
mod sandbox_clock;
mod sandbox_faults;
mod webhooks_config;
mod webhooks_delivery;
mod webhooks_retry;
