//! Events: facts a merchant is told. Source: common 10.4.
//!
//! One change often causes several events about the same rows: a credit is authorised, captured and
//! credited at once. They are kept together as one [`Occurrence`] with one snapshot of the rows, and
//! rendered when they are sent.

use std::sync::Arc;

use crate::id::{EventId, OccurrenceId, RawId};
use crate::invoice::Invoice;
use crate::nach_form::NachForm;
use crate::nach_token::NachToken;
use crate::order::Order;
use crate::payment::{Payment, PaymentState};
use crate::qr_code::QrCode;
use crate::refund::Refund;
use crate::scope::Scope;
use crate::time::Time;
use crate::token::Token;
use crate::transfer::Transfer;
use crate::virtual_account::VirtualAccount;

/// A change that a merchant is told about, with the rows as they were when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Its id, from which the ids of its events follow.
    pub id: OccurrenceId,
    /// Whose.
    pub scope: Scope,
    /// What it is about, for the order of first attempts.
    pub subject: RawId,
    /// On the merchant's clock.
    pub created_at: Time,
    /// What happened, in the order it is told.
    pub kinds: Vec<EventKind>,
    /// The rows it is about.
    pub snapshot: Snapshot,
}

/// The rows an occurrence is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The payment.
    pub payment: Option<Arc<Payment>>,
    /// The virtual account.
    pub virtual_account: Option<Arc<VirtualAccount>>,
    /// The transfer that brought the payment.
    pub transfer: Option<Arc<Transfer>>,
    /// The order it pays.
    pub order: Option<Arc<Order>>,
    /// The refund.
    pub refund: Option<Arc<Refund>>,
    /// The standalone QR code.
    pub qr_code: Option<Arc<QrCode>>,
    /// The mandate.
    pub token: Option<Arc<Token>>,
    /// The mandate on paper.
    pub nach_token: Option<Arc<NachToken>>,
    /// What the order asks a bank for.
    pub nach_form: Option<Arc<NachForm>>,
    /// The registration link.
    pub invoice: Option<Arc<Invoice>>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// `payment.authorized`
    PaymentAuthorized,
    /// `payment.captured`
    PaymentCaptured,
    /// `payment.failed`
    PaymentFailed,
    /// `order.paid`
    OrderPaid,
    /// `refund.created`
    RefundCreated,
    /// `refund.processed`
    RefundProcessed,
    /// `refund.failed`
    RefundFailed,
    /// `refund.speed_changed`
    RefundSpeedChanged,
    /// `virtual_account.created`
    VirtualAccountCreated,
    /// `virtual_account.credited`
    VirtualAccountCredited,
    /// `virtual_account.closed`
    VirtualAccountClosed,
    /// `qr_code.created`
    QrCodeCreated,
    /// `qr_code.credited`
    QrCodeCredited,
    /// `qr_code.closed`
    QrCodeClosed,
    /// `token.confirmed`
    TokenConfirmed,
    /// `token.rejected`
    TokenRejected,
    /// `token.paused`
    TokenPaused,
    /// `token.resumed`
    TokenResumed,
    /// `token.cancellation_initiated`
    TokenCancellationInitiated,
    /// `token.cancelled`
    TokenCancelled,
    /// `invoice.paid`
    InvoicePaid,
    /// `invoice.expired`
    InvoiceExpired,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [EventKind; 22] = [
        EventKind::PaymentAuthorized,
        EventKind::PaymentCaptured,
        EventKind::PaymentFailed,
        EventKind::OrderPaid,
        EventKind::RefundCreated,
        EventKind::RefundProcessed,
        EventKind::RefundFailed,
        EventKind::RefundSpeedChanged,
        EventKind::VirtualAccountCreated,
        EventKind::VirtualAccountCredited,
        EventKind::VirtualAccountClosed,
        EventKind::QrCodeCreated,
        EventKind::QrCodeCredited,
        EventKind::QrCodeClosed,
        EventKind::TokenConfirmed,
        EventKind::TokenRejected,
        EventKind::TokenPaused,
        EventKind::TokenResumed,
        EventKind::TokenCancellationInitiated,
        EventKind::TokenCancelled,
        EventKind::InvoicePaid,
        EventKind::InvoiceExpired,
    ];

    /// The event's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::PaymentAuthorized => "payment.authorized",
            EventKind::PaymentCaptured => "payment.captured",
            EventKind::PaymentFailed => "payment.failed",
            EventKind::OrderPaid => "order.paid",
            EventKind::RefundCreated => "refund.created",
            EventKind::RefundProcessed => "refund.processed",
            EventKind::RefundFailed => "refund.failed",
            EventKind::RefundSpeedChanged => "refund.speed_changed",
            EventKind::VirtualAccountCreated => "virtual_account.created",
            EventKind::VirtualAccountCredited => "virtual_account.credited",
            EventKind::VirtualAccountClosed => "virtual_account.closed",
            EventKind::QrCodeCreated => "qr_code.created",
            EventKind::QrCodeCredited => "qr_code.credited",
            EventKind::QrCodeClosed => "qr_code.closed",
            EventKind::TokenConfirmed => "token.confirmed",
            EventKind::TokenRejected => "token.rejected",
            EventKind::TokenPaused => "token.paused",
            EventKind::TokenResumed => "token.resumed",
            EventKind::TokenCancellationInitiated => "token.cancellation_initiated",
            EventKind::TokenCancelled => "token.cancelled",
            EventKind::InvoicePaid => "invoice.paid",
            EventKind::InvoiceExpired => "invoice.expired",
        }
    }

    /// Reads the event's name.
    pub fn parse(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Occurrence {
    /// The events with their ids, in the order they are told.
    pub fn events(&self) -> impl Iterator<Item = (EventId, EventKind)> + '_ {
        self.kinds.iter().enumerate().map(|(at, kind)| (self.id.event(at), *kind))
    }

    /// The kind of one of its events; `None` when the event belongs to another occurrence.
    pub fn kind_of(&self, event: EventId) -> Option<EventKind> {
        self.events().find(|(id, _)| *id == event).map(|(_, kind)| kind)
    }
}

impl Snapshot {
    /// The payment as an event of this kind shows it: an authorisation is told as it was before
    /// the capture or return that happened with it. Source: common 10.5.
    pub fn payment_for(&self, kind: EventKind) -> Option<Arc<Payment>> {
        let payment = self.payment.clone()?;
        Some(match kind {
            EventKind::PaymentAuthorized => {
                Arc::new(Payment { state: PaymentState::Authorized, ..Payment::clone(&payment) })
            }
            _ => payment,
        })
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
