//! The rules of payment collection: pure, without I/O, clock or randomness.
//!
//! A change is a [`Command`](command::Command). [`apply`](apply::apply) decides it on the rows of a
//! [`WorkingSet`](working_set::WorkingSet): it checks everything first, then writes rows, postings,
//! events, deliveries and timers, which the engine saves in one transaction. Given the same rows
//! and the same [`Submission`](command::Submission) it always does the same.
//!
//! Invariants kept here: money is never negative and never rounded twice; every movement is a
//! balanced posting; a refused command leaves no trace; rows of another merchant or mode are not
//! found.

pub mod money;
pub mod time;

pub mod calendar;
pub mod id;
pub mod scope;
pub mod settings;

pub mod bank_account;
pub mod bulk;
pub mod customer;
pub mod event;
pub mod failure;
pub mod filing;
pub mod fund_account;
pub mod instruction;
pub mod invoice;
pub mod ledger;
pub mod nach_codes;
pub mod nach_form;
pub mod nach_token;
pub mod order;
pub mod payment;
pub mod qr_code;
pub mod receiver;
pub mod refund;
pub mod sandbox;
pub mod short_link;
pub mod tenant;
pub mod timer;
pub mod token;
pub mod transfer;
pub mod virtual_account;
pub mod webhook;

pub mod command;
pub mod rejection;
pub mod working_set;

pub mod apply;
mod bank_accounts;
pub mod bulk_rules;
mod captures;
mod customers;
mod endpoints;
pub mod inbound;
mod merchants;
pub mod orders;
pub mod paper_nach;
pub mod qr_codes;
pub mod refunds;
pub mod reserve_pay;
mod sandbox_rules;
pub mod smart_collect;

#[cfg(test)]
mod test_world;
