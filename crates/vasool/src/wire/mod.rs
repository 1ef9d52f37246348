//! What goes over the wire: reading what clients send, printing what they get back.
//!
//! A request passes through here in three steps. [`body`] and [`form`] turn bytes of any
//! accepted encoding into one [`value::Value`] tree; [`fields::Fields`] reads typed values
//! out of that tree, with the coercions and the error texts every endpoint shares;
//! [`notes`], [`paging`], [`expand`] and [`ids`] read the inputs that recur everywhere.
//! A refusal is an [`error::ApiError`], which prints itself as the error envelope.
//!
//! The files named after entities spell every JSON key of them, in and out; [`event`] renders
//! webhook bodies. Nothing in this room knows a route, a table or the clock.

pub mod bank_account;
pub mod banks;
pub mod body;
pub mod bulk;
mod catalogue;
mod coerce;
pub mod connectors;
pub mod customer;
mod decimal;
pub mod desk;
pub mod error;
pub mod event;
pub mod expand;
pub mod faults;
mod field_errors;
pub mod fields;
pub mod form;
pub mod ids;
pub mod inbound;
mod instant;
mod json;
pub mod json_out;
pub mod notes;
pub mod order;
pub mod out;
pub mod paging;
pub mod paper_nach;
pub mod payment;
pub mod percent;
pub mod qr_code;
pub mod recon;
pub mod refund;
pub mod reserve_pay;
pub mod sandbox;
pub mod sandbox_calls;
pub mod shown;
pub mod sms;
pub mod strict;
pub mod token;
pub mod transfer;
pub mod upi_link;
pub mod value;
pub mod virtual_account;
pub mod vpa;
pub mod webhook;
