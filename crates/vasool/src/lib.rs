//! Vasool: a payment-collection server for India that speaks the Razorpay HTTP API.

pub mod api;
pub mod app;
pub mod bulk;
pub mod cli;
pub mod clock;
pub mod dispatch;
pub mod engine;
pub mod format;
mod http_client;
pub mod messages;
pub mod observe;
pub mod rails;
pub mod sandbox;
pub mod secrets;
pub mod server;
pub mod tasks;
pub mod tls;
pub mod web;
pub mod wire;
