//! Timers: what must happen later is a row with a due time.

use crate::id::{InvoiceId, PaymentId, QrCodeId, RawId, TokenId, VirtualAccountId};
use crate::scope::ScopeId;
use crate::time::Millis;

/// What a timer is about; there is at most one timer per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerKey {
    /// `close_by` or the end of dormancy. Source: smart-collect 7.
    CloseVirtualAccount(VirtualAccountId),
    /// `close_by` of a standalone QR code. Source: common 13.
    CloseQrCode(QrCodeId),
    /// The end of the approval window, release, or the end of a mandate. Source: reserve-pay 5.3.
    ChangeToken(TokenId),
    /// The end of the time in which a payment can be captured. Source: common 8.4.
    ReturnUncaptured(PaymentId),
    /// `expire_by` of a registration link. Source: paper-nach 10.4.
    ExpireInvoice(InvoiceId),
}

impl TimerKey {
    /// The kind as it is stored.
    pub fn kind(self) -> &'static str {
        match self {
            TimerKey::CloseVirtualAccount(_) => "close_virtual_account",
            TimerKey::CloseQrCode(_) => "close_qr_code",
            TimerKey::ChangeToken(_) => "change_token",
            TimerKey::ReturnUncaptured(_) => "return_uncaptured",
            TimerKey::ExpireInvoice(_) => "expire_invoice",
        }
    }

    /// The id of what it is about.
    pub fn subject(self) -> RawId {
        match self {
            TimerKey::CloseVirtualAccount(id) => id.0,
            TimerKey::CloseQrCode(id) => id.0,
            TimerKey::ChangeToken(id) => id.0,
            TimerKey::ReturnUncaptured(id) => id.0,
            TimerKey::ExpireInvoice(id) => id.0,
        }
    }

    /// Reads what was stored.
    pub fn parse(kind: &str, subject: RawId) -> Option<TimerKey> {
        match kind {
            "close_virtual_account" => {
                Some(TimerKey::CloseVirtualAccount(VirtualAccountId(subject)))
            }
            "close_qr_code" => Some(TimerKey::CloseQrCode(QrCodeId(subject))),
            "change_token" => Some(TimerKey::ChangeToken(TokenId(subject))),
            "return_uncaptured" => Some(TimerKey::ReturnUncaptured(PaymentId(subject))),
            "expire_invoice" => Some(TimerKey::ExpireInvoice(InvoiceId(subject))),
            _ => None,
        }
    }
}

/// A wish to look at something at a time on the merchant's clock. Firing too early or twice does
/// no harm: the rule looks at the row, not at the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What about.
    pub key: TimerKey,
    /// Whose.
    pub scope: ScopeId,
    /// When, on the merchant's clock.
    pub due: Millis,
}
