//! Vasool: a payment-collection server for India that speaks the Razorpay HTTP API.

pub mod clock;
pub mod engine;
pub mod secrets;
pub mod tasks;
pub mod wire;
