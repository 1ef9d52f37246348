//! Money arrives by a code. Source: common 13, smart-collect 8.

use std::sync::Arc;

use super::closing::{close_if_due, write};
use crate::apply::Context;
use crate::captures::book_capture;
use crate::command::{Receipt, Reply};
use crate::event::{EventKind, Snapshot};
use crate::inbound::Arrival;
use crate::ledger::Account;
use crate::money::Paise;
use crate::payment::{Payment, PaymentState};
use crate::qr_code::{QrCode, QrKind, QrState};
use crate::rejection::Rejection;
use crate::transfer::TransferMode;
use crate::working_set::{Decision, WorkingSet};

/// `description` of a payment to a code. Source: common 13.
const PAID: &str = "QRv2 Payment";
/// `description` of a payment that came too late. Our choice of words, as for accounts.
const CLOSED: &str = "QR code closed";
/// `description` of a payment of another amount than the code asks for. Source: common E22.
const OTHER_AMOUNT: &str = "Your payment amount is different from the amount of the QR code. To \
    pay successfully, please try using right amount.";

/// Decides what becomes of a new message about a code: payment, transfer, counters, postings and
/// events together.
///
/// Rejects: `MethodNotEnabled` (a card at a code for UPI).
pub(crate) fn pay(
    set: &mut WorkingSet,
    ctx: &mut Context,
    arrival: Arrival<'_>,
    code: Arc<QrCode>,
) -> Decision<Reply> {
    if arrival.transfer.mode == TransferMode::Card && code.kind == QrKind::Upi {
        return Err(Rejection::MethodNotEnabled.into());
    }
    let payment = arrival.payment(set, ctx, code.customer)?;
    let code = close_if_due(set, ctx, code);
    let authorized =
        Payment { qr_code: Some(code.id), description: Some(PAID.to_owned()), ..payment };
    if let QrState::Closed { .. } = code.state {
        return send_back(set, ctx, &arrival, authorized, CLOSED);
    }
    if !code.takes(arrival.transfer.amount) {
        return send_back(set, ctx, &arrival, authorized, OTHER_AMOUNT);
    }
    credit(set, ctx, &arrival, authorized, &code)
}

fn credit(
    set: &mut WorkingSet,
    ctx: &mut Context,
    arrival: &Arrival<'_>,
    authorized: Payment,
    code: &QrCode,
) -> Decision<Reply> {
    let amount = authorized.amount;
    let paid = code.paid(amount, ctx.now.time);
    let paid = paid.ok_or(Rejection::AmountOutsideLimit(arrival.transfer.mode))?;
    let fee = amount.fee_at(ctx.tenant.settings.qr_fee_bps);
    let state = PaymentState::Captured { fee, refunded: Paise::ZERO };
    let captured = Arc::new(Payment { state, ..authorized });
    let transfer = Arc::new(arrival.transfer_row(ctx, captured.id, None));

    let bank = Account::Bank(transfer.connector.clone());
    book_capture(set, ctx, &captured, fee, bank, 0);
    arrival.record(set, &captured, &transfer);
    let code = write(set, paid);
    let kinds =
        [EventKind::PaymentAuthorized, EventKind::PaymentCaptured, EventKind::QrCodeCredited];
    let subject = code.id.0;
    let (payment, qr_code) = (Some(captured.clone()), Some(code));
    let snapshot = Snapshot { payment, qr_code, ..Snapshot::default() };
    ctx.announce(set, subject, &kinds, snapshot)?;
    Ok(Reply::Receipt(Receipt::Credited(captured)))
}

/// The money goes back; the counters stay as they are.
fn send_back(
    set: &mut WorkingSet,
    ctx: &mut Context,
    arrival: &Arrival<'_>,
    authorized: Payment,
    why: &str,
) -> Decision<Reply> {
    let subject = crate::refunds::subject(&authorized);
    let transfer = arrival.transfer_row(ctx, authorized.id, None);
    let returned = arrival.send_back(set, ctx, authorized, transfer, why, subject)?;
    Ok(Reply::Receipt(Receipt::Refunded(returned)))
}
