//! UPI Reserve Pay on the wire. Source: reserve-pay 3, 4, 9, sandbox 3.

pub mod intent;
pub mod order;
pub mod payment;
pub mod sandbox;
