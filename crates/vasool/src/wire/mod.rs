//! What goes over the wire: reading what clients send, printing what they get back.
//!
//! A request passes through here in three steps. [`body`] and [`form`] turn bytes of any
//! accepted encoding into one [`value::Value`] tree; [`fields::Fields`] reads typed values
//! out of that tree, with the coercions and the error texts every endpoint shares;
//! [`notes`], [`paging`], [`expand`] and [`ids`] read the inputs that recur everywhere.
//! A refusal is an [`error::ApiError`], which prints itself as the error envelope.
//!
//! Nothing in this room knows an endpoint, a table or the clock.

pub mod body;
mod catalogue;
mod coerce;
mod decimal;
pub mod error;
pub mod expand;
mod field_errors;
pub mod fields;
pub mod form;
pub mod ids;
mod instant;
mod json;
pub mod json_out;
pub mod notes;
pub mod paging;
mod percent;
pub mod strict;
pub mod value;
