//! Smart Collect: opening virtual accounts, taking money into them, closing them.
//! Source: smart-collect.

mod closing;
mod inbound;
mod numbers;
mod opening;

pub use closing::{close, on_timer};
pub use inbound::receive;
pub use opening::{DraftStage, VirtualAccountDraft, open};
