//! What must hold of mandates on paper whatever happens.

use std::collections::BTreeMap;

use super::world::*;
use crate::event::EventKind;
use crate::id::{OrderId, PaymentId, RawId};
use crate::instruction::InstructionKey;
use crate::invoice::InvoiceState;
use crate::ledger::{Account, Posting};
use crate::nach_form::Registration;
use crate::nach_token::{Cancellable, NachState, NachToken};
use crate::order::OrderState;
use crate::payment::{MandateRole, Payment, PaymentState};
use crate::time::Time;
use crate::timer::TimerKey;
use crate::working_set::Changes;

pub fn has_taken(payment: &Payment) -> bool {
    matches!(
        payment.state,
        PaymentState::Authorized | PaymentState::Captured { .. } | PaymentState::Returned
    )
}

fn role(payment: &Payment) -> MandateRole {
    payment.mandate.as_ref().expect("all are of mandates").role
}

/// What must hold after every step.
pub fn check(world: &World, changes: &Changes) {
    let mut paid_by: BTreeMap<OrderId, PaymentId> = BTreeMap::new();
    let (mut arrived, mut waiting) = (0, 0);
    for payment in changes.payments.iter().map(|saved| &saved.row) {
        let token = world.token(payment.mandate.as_ref().expect("of a mandate").token);
        let order = world.order_row(payment.order.expect("an order"));
        assert_eq!(order.open.contains(&payment.id), payment.is_open());
        assert!(order.open.len() <= 1, "one at a time");
        let key = match role(payment) {
            MandateRole::Presentation => InstructionKey::Present(payment.id),
            _ => InstructionKey::Register(token.id),
        };
        assert_eq!(world.is_open(key), payment.is_open(), "whoever must answer is asked");
        assert!(payment.amount <= token.max_amount);
        if has_taken(payment) {
            assert_eq!(paid_by.insert(order.id, payment.id), None, "an order is paid once");
            arrived += payment.amount.get();
        }
        let waits = payment.state == PaymentState::Authorized;
        waiting += if waits { payment.amount.get() } else { 0 };
        assert_eq!(world.has_timer(TimerKey::ReturnUncaptured(payment.id)), waits);
    }
    for token in changes.nach_tokens.iter().map(|saved| &saved.row) {
        check_token(world, token);
    }
    for form in changes.nach_forms.iter().map(|saved| &saved.row) {
        let order = world.order_row(form.order);
        let is_confirmed = form.registration == Registration::Confirmed;
        assert_eq!(is_confirmed, order.state == OrderState::Paid);
        assert_eq!(is_confirmed, paid_by.contains_key(&order.id));
        assert_eq!(order.amount_paid, paise(0));
    }
    for invoice in changes.invoices.iter().map(|saved| &saved.row) {
        let paid = paid_by.get(&invoice.order);
        match invoice.state {
            InvoiceState::Issued => assert_eq!(paid, None),
            InvoiceState::Paid { payment, .. } => assert_eq!(paid, Some(&payment)),
            InvoiceState::Cancelled(_) => {}
            InvoiceState::Expired(_) => assert_eq!(paid, None),
        }
        let order = world.order_row(invoice.order);
        let is_timed = world.has_timer(TimerKey::ExpireInvoice(invoice.id));
        let waits = invoice.state == InvoiceState::Issued && invoice.expire_by.is_some();
        let at_bank = waits && invoice.is_due(Time(world.now)) && !order.open.is_empty();
        assert!(is_timed == waits || at_bank, "its time is looked at");
    }
    let balance = |account: &Account| -> i64 {
        let side =
            |line: &Posting| i64::from(line.debit == *account) - i64::from(line.credit == *account);
        let lines = changes.appended.postings.iter();
        lines.map(|line| side(line) * line.amount.get()).sum()
    };
    assert_eq!(balance(&Account::Bank(RAIL.to_owned())), arrived);
    assert_eq!(-balance(&Account::Uncaptured), waiting);
    check_told(changes);
}

/// A mandate stands where the payment that registers it says.
fn check_token(world: &World, token: &NachToken) {
    let payment = world.payment(token.payment);
    let failed = matches!(payment.state, PaymentState::Failed(_));
    match token.state {
        NachState::Initiated => assert!(payment.is_open()),
        NachState::Confirmed => assert!(has_taken(&payment)),
        NachState::Cancelling(Cancellable::Initiated) | NachState::Rejected => assert!(failed),
        NachState::Cancelling(Cancellable::Confirmed) | NachState::Cancelled => {
            assert!(!payment.is_open());
        }
    }
    let ends = matches!(token.state, NachState::Cancelling(_));
    assert_eq!(world.is_open(InstructionKey::Withdraw(token.id)), ends);
    assert_eq!(token.failure.is_some(), token.state == NachState::Rejected);
}

/// What happened was told, once.
fn check_told(changes: &Changes) {
    let mut told: BTreeMap<(EventKind, RawId), usize> = BTreeMap::new();
    for occurrence in &changes.appended.occurrences {
        for kind in &occurrence.kinds {
            *told.entry((*kind, occurrence.subject)).or_default() += 1;
        }
    }
    let times = |kind, id| told.get(&(kind, id)).copied().unwrap_or(0);
    for payment in changes.payments.iter().map(|saved| &saved.row) {
        let id = payment.id.0;
        let is_captured = usize::from(matches!(payment.state, PaymentState::Captured { .. }));
        let failed = usize::from(matches!(payment.state, PaymentState::Failed(_)));
        assert_eq!(times(EventKind::PaymentAuthorized, id), usize::from(has_taken(payment)));
        assert_eq!(times(EventKind::PaymentCaptured, id), is_captured);
        assert_eq!(times(EventKind::OrderPaid, id), is_captured);
        assert_eq!(times(EventKind::PaymentFailed, id), failed);
    }
    for token in changes.nach_tokens.iter().map(|saved| &saved.row) {
        let is = |state| usize::from(token.state == state);
        assert_eq!(times(EventKind::TokenRejected, token.payment.0), is(NachState::Rejected));
        assert_eq!(times(EventKind::TokenCancelled, token.id.0), is(NachState::Cancelled));
    }
    for invoice in changes.invoices.iter().map(|saved| &saved.row) {
        let expired = usize::from(matches!(invoice.state, InvoiceState::Expired(_)));
        assert_eq!(times(EventKind::InvoiceExpired, invoice.id.0), expired);
    }
}

/// What is over stays over, and what was signed stays what it was.
pub fn check_step(before: &NachToken, after: &NachToken) {
    let frozen = |row: &NachToken| (row.order, row.payment, row.max_amount, row.ends_at);
    assert_eq!(frozen(before), frozen(after));
    let is_over = matches!(before.state, NachState::Rejected | NachState::Cancelled);
    assert!(!is_over || before.state == after.state);
    assert!(!before.is_deleted || after.is_deleted);
    assert!(before.umrn.is_none() || before.umrn == after.umrn);
    assert!(before.used_at <= after.used_at);
}
