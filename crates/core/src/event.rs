//! Events: facts a merchant is told. Source: common 10.4.

use std::sync::Arc;

use crate::id::{EventId, RawId};
use crate::payment::{BankTransfer, Payment};
use crate::refund::Refund;
use crate::scope::Scope;
use crate::time::Time;
use crate::virtual_account::VirtualAccount;

/// A fact, with the rows as they were when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// 14 characters; the same on every attempt and to every endpoint.
    pub id: EventId,
    /// Whose.
    pub scope: Scope,
    /// What it is about, for the order of first attempts.
    pub subject: RawId,
    /// On the merchant's clock.
    pub created_at: Time,
    /// What happened.
    pub fact: Fact,
}

/// What happened. The rows inside are snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// `payment.authorized`
    PaymentAuthorized(Arc<Payment>),
    /// `payment.captured`
    PaymentCaptured(Arc<Payment>),
    /// `refund.created`
    RefundCreated(Arc<Refund>, Arc<Payment>),
    /// `refund.processed`
    RefundProcessed(Arc<Refund>, Arc<Payment>),
    /// `virtual_account.created`
    VirtualAccountCreated(Arc<VirtualAccount>),
    /// `virtual_account.credited`
    VirtualAccountCredited(Arc<Payment>, Arc<VirtualAccount>, Arc<BankTransfer>),
    /// `virtual_account.closed`
    VirtualAccountClosed(Arc<VirtualAccount>),
}

impl Fact {
    /// The event's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Fact::PaymentAuthorized(_) => "payment.authorized",
            Fact::PaymentCaptured(_) => "payment.captured",
            Fact::RefundCreated(..) => "refund.created",
            Fact::RefundProcessed(..) => "refund.processed",
            Fact::VirtualAccountCreated(_) => "virtual_account.created",
            Fact::VirtualAccountCredited(..) => "virtual_account.credited",
            Fact::VirtualAccountClosed(_) => "virtual_account.closed",
        }
    }
}

/// Names an endpoint may subscribe to: those of common 10.4, and further documented ones that are
/// accepted and never fired.
pub const EVENT_NAMES: &[&str] = &[
    "fund_account.validation.completed",
    "fund_account.validation.failed",
    "invoice.expired",
    "invoice.paid",
    "invoice.partially_paid",
    "order.notification.delivered",
    "order.notification.failed",
    "order.paid",
    "payment.authorized",
    "payment.captured",
    "payment.dispute.action_required",
    "payment.dispute.closed",
    "payment.dispute.created",
    "payment.dispute.lost",
    "payment.dispute.under_review",
    "payment.dispute.won",
    "payment.downtime.resolved",
    "payment.downtime.started",
    "payment.downtime.updated",
    "payment.failed",
    "payment_link.cancelled",
    "payment_link.expired",
    "payment_link.paid",
    "payment_link.partially_paid",
    "payout.failed",
    "payout.initiated",
    "payout.pending",
    "payout.processed",
    "payout.queued",
    "payout.rejected",
    "payout.reversed",
    "payout.updated",
    "qr_code.closed",
    "qr_code.created",
    "qr_code.credited",
    "refund.created",
    "refund.failed",
    "refund.processed",
    "refund.speed_changed",
    "settlement.processed",
    "subscription.activated",
    "subscription.authenticated",
    "subscription.cancelled",
    "subscription.charged",
    "subscription.completed",
    "subscription.halted",
    "subscription.paused",
    "subscription.pending",
    "subscription.resumed",
    "subscription.updated",
    "token.cancellation_initiated",
    "token.cancelled",
    "token.confirmed",
    "token.paused",
    "token.rejected",
    "token.resumed",
    "transfer.failed",
    "transfer.processed",
    "virtual_account.closed",
    "virtual_account.created",
    "virtual_account.credited",
];
