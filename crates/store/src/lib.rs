//! Durable rows.
