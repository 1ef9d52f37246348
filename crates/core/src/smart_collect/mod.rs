//! Smart Collect: opening virtual accounts, taking money into them, closing them.
//! Source: smart-collect.

mod addresses;
mod closing;
mod inbound;
mod numbers;
mod opening;
mod payers;
mod receivers;
mod updating;

pub use crate::inbound::InboundTransfer;
pub use closing::{close, on_timer};
pub(crate) use inbound::receive;
pub use opening::{DraftStage, VirtualAccountDraft, open};
pub use payers::{PAYERS_MAX, PayerDraft, add_payer, remove_payer};
pub use receivers::{NumberDraft, ReceiversDraft, add_receivers};
pub use updating::{VirtualAccountEdit, update};
