//! Standalone QR codes: making them, closing them, taking money by them. Source: common 13.

mod closing;
mod making;
mod paying;

pub use closing::{close, on_timer};
pub use making::{QrCodeDraft, create, edit};
pub(crate) use paying::pay;
