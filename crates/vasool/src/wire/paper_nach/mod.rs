//! Paper NACH on the wire. Source: paper-nach, sandbox 3.

pub mod charge;
pub mod form;
pub mod link;
pub mod order;
pub mod sandbox;
pub mod token;
pub mod upload;
