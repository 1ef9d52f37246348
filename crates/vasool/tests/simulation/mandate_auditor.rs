//! What must hold of mandates, their payments and what the network did, after every step.

use std::collections::{BTreeMap, BTreeSet};

use vasool_core::command::{Reply, ScopedCommand};
use vasool_core::event::EventKind;
use vasool_core::id::{OrderId, PaymentId, TokenId};
use vasool_core::instruction::{InstructionKey, InstructionState};
use vasool_core::order::PartialPayment;
use vasool_core::payment::{MandateRole, Payment, PaymentState};
use vasool_core::time::Millis;
use vasool_core::timer::TimerKey;
use vasool_core::token::{Cancelling, Token, TokenState};
use vasool_store::memory::Data;

use crate::auditor::Told;
use crate::mandates::{is_final, returns_at};
use crate::network::{Network, Word};
use crate::paper::role;

/// Texts of alerts that say that the network contradicted itself, which it never does.
const CONTRADICTIONS: [&str; 3] = [
    "debited after it was refused",
    "refused after it was debited",
    "refused after it was approved",
];

/// What is said when a payer approved what was over.
const TOO_LATE: &str = "approved after it was over";

/// What mandates were, and what merchants were told of debits.
#[derive(Default)]
pub struct MandateAuditor {
    before: BTreeMap<TokenId, Token>,
    taken: BTreeMap<PaymentId, i64>,
}

/// Debits of one mandate.
#[derive(Default)]
struct Debits {
    taken: i64,
    open: i64,
    sent: i64,
}

fn has_taken(payment: &Payment) -> bool {
    matches!(
        payment.state,
        PaymentState::Authorized | PaymentState::Captured { .. } | PaymentState::Returned
    )
}

/// The number of a debit; `None` of what is no debit.
fn sequence(payment: &Payment) -> Option<i64> {
    match payment.mandate.as_ref()?.role {
        MandateRole::Debit { sequence } => Some(sequence),
        _ => None,
    }
}

impl MandateAuditor {
    /// Remembers a debit that a caller was told of.
    pub fn observe(&mut self, command: &ScopedCommand, reply: Option<&Reply>) {
        if let (ScopedCommand::Mandate(_), Some(Reply::Payment(payment))) = (command, reply)
            && sequence(payment).is_some()
            && has_taken(payment)
        {
            self.taken.insert(payment.id, payment.amount.get());
        }
    }

    /// Everything that must hold after every step. `told`: how often each subject's events were.
    pub fn check(&mut self, data: &Data, network: &Network, told: &Told) {
        for (id, amount) in &self.taken {
            let (payment, _) = &data.payments[id];
            assert!(has_taken(payment) && payment.amount.get() == *amount, "{id} was told");
        }
        let mut debits: BTreeMap<TokenId, Debits> = BTreeMap::new();
        let mut paid_by: BTreeMap<OrderId, PaymentId> = BTreeMap::new();
        for (payment, _) in data.payments.values() {
            let Some(mandate) = payment.mandate.as_ref().filter(|_| role(payment).is_none()) else {
                continue;
            };
            assert!(payment.virtual_account.is_none() && payment.qr_code.is_none());
            check_payment(data, network, payment, told);
            let Some(sequence) = sequence(payment) else { continue };
            let sums = debits.entry(mandate.token).or_default();
            sums.sent += i64::from(sequence > 0);
            sums.open += if payment.is_open() { payment.amount.get() } else { 0 };
            if has_taken(payment) {
                sums.taken += payment.amount.get();
                let (order, _) = &data.orders[&payment.order.expect("an order")];
                let first = paid_by.insert(order.id, payment.id);
                let again = first.is_some() && order.partial_payment == PartialPayment::Refused;
                assert!(!again, "an order is debited once: {}", payment.id);
            }
        }
        let mut approved: BTreeMap<OrderId, TokenId> = BTreeMap::new();
        for (token, _) in data.tokens.values() {
            let sums = debits.remove(&token.id).unwrap_or_default();
            check_token(data, network, token, &sums, told);
            if token.blocked.get() > 0 {
                let first = approved.insert(token.order, token.id);
                assert_eq!(first, None, "an order has one mandate: {}", token.order);
            }
            if let Some(before) = self.before.insert(token.id, Token::clone(token)) {
                check_step(&before, token);
            }
        }
        assert!(debits.is_empty(), "a debit has its mandate");
        for (order, _) in data.orders.values() {
            assert_eq!(order.token, approved.get(&order.id).copied(), "{}", order.id);
            if order.mandate.is_some() {
                assert_eq!(order.amount_paid.get(), 0, "{} asks for a mandate", order.id);
            }
        }
        let mut late = BTreeSet::new();
        for alert in &data.alerts {
            let bad = CONTRADICTIONS.iter().any(|text| alert.text.contains(text));
            assert!(!bad, "{}: {}", alert.reference, alert.text);
            late.extend(alert.text.ends_with(TOO_LATE).then_some(alert.reference.as_str()));
        }
        for (token, _) in data.tokens.values() {
            let let_go = data.instructions.contains_key(&InstructionKey::Revoke(token.id));
            let is_late = late.contains(token.payment.to_string().as_str());
            assert!(let_go || !is_late, "{} stays blocked", token.id);
        }
    }
}

/// A payment says what the network did, has its row of time, and was told of once.
fn check_payment(data: &Data, network: &Network, payment: &Payment, told: &Told) {
    let key = match sequence(payment) {
        None => InstructionKey::Authorise(payment.mandate.as_ref().expect("it has").token),
        Some(_) => InstructionKey::Debit(payment.id),
    };
    let is_debit = sequence(payment).is_some();
    let word = network.word((key, 1));
    if has_taken(payment) {
        assert!(is_debit, "an approval carries no money");
        assert_eq!(word, Some(Word::Yes), "{} was not debited", payment.id);
    }
    if is_debit && matches!(payment.state, PaymentState::Failed(_)) {
        assert!(!matches!(word, Some(Word::Yes | Word::Waits)), "{} was debited", payment.id);
    }
    let open = data.instructions.get(&key).map(|(row, _)| row.state != InstructionState::Done);
    assert_eq!(open.unwrap_or(false), payment.is_open(), "instruction of {}", payment.id);
    assert_eq!(open.is_some(), sequence(payment) != Some(0), "{} was sent", payment.id);
    let timed = data.timers.contains_key(&TimerKey::ReturnUncaptured(payment.id));
    assert_eq!(timed, payment.state == PaymentState::Authorized, "{} goes back", payment.id);
    if is_debit {
        let times = |kind| told.get(&(kind, payment.id.0)).copied().unwrap_or(0);
        let is_captured = matches!(payment.state, PaymentState::Captured { .. });
        let has_failed = matches!(payment.state, PaymentState::Failed(_));
        assert_eq!(times(EventKind::PaymentAuthorized), usize::from(has_taken(payment)));
        assert_eq!(times(EventKind::PaymentCaptured), usize::from(is_captured));
        let (order, _) = &data.orders[&payment.order.expect("an order")];
        let pays = is_captured && payment.amount == order.amount;
        assert!(
            (usize::from(pays)..=usize::from(is_captured)).contains(&times(EventKind::OrderPaid))
        );
        assert_eq!(times(EventKind::PaymentFailed), usize::from(has_failed));
    }
}

fn check_token(data: &Data, network: &Network, token: &Token, sums: &Debits, told: &Told) {
    let id = token.id;
    assert_eq!(token.debited.get(), sums.taken, "debited of {id}");
    assert_eq!(token.held.get(), sums.open, "held of {id}");
    assert_eq!(token.debits, sums.sent, "debits of {id}");
    assert!(sums.taken + sums.open <= token.blocked.get(), "{id} is above its block");
    if token.blocked.get() > 0 {
        assert_eq!(network.block(id), Some(token.blocked.get()), "nobody approved {id}");
        assert_eq!(token.blocked, token.amount);
    }
    let timed = data.timers.contains_key(&TimerKey::ChangeToken(id));
    assert_eq!(timed, !is_final(token), "timer of {id}");
    let revoke = data.instructions.get(&InstructionKey::Revoke(id)).map(|(row, _)| row.state);
    let is_cancelling = matches!(token.state, TokenState::Cancelling(Cancelling::ByMerchant(_)));
    let is_open = revoke.is_some_and(|state| state != InstructionState::Done);
    // A payer who approves too late is let go at the network.
    let may_be_open = token.state == TokenState::Rejected;
    assert!(is_open == is_cancelling || may_be_open, "cancellation of {id}");
    let times = |kind| told.get(&(kind, id.0)).copied().unwrap_or(0);
    let (approval, _) = &data.payments[&token.payment];
    let is_over = !approval.is_open();
    assert_eq!(is_over, token.state != TokenState::Initiated, "approval of {id}");
    assert_eq!(times(EventKind::TokenConfirmed), usize::from(token.blocked.get() > 0));
    assert_eq!(times(EventKind::TokenRejected), usize::from(token.state == TokenState::Rejected));
    assert_eq!(times(EventKind::TokenCancelled), usize::from(token.state == TokenState::Cancelled));
    assert_eq!(times(EventKind::PaymentFailed), usize::from(is_over));
    if token.state == TokenState::Expired && !token.is_exhausted() {
        assert!(times(EventKind::TokenCancellationInitiated) > 0, "release of {id} is told");
    }
}

/// What is over stays over, and what was approved stays what it was.
fn check_step(before: &Token, token: &Token) {
    if is_final(before) {
        assert_eq!(before.state, token.state, "{} was over", token.id);
    }
    assert!(!before.is_deleted || token.is_deleted, "{} was deleted", token.id);
    assert!(before.debited <= token.debited, "debited of {} only grows", token.id);
    assert!(before.debits <= token.debits, "debits of {} only grow", token.id);
    if before.blocked.get() > 0 {
        assert_eq!(before.blocked, token.blocked, "block of {}", token.id);
        assert!(token.state != TokenState::Rejected && token.state != TokenState::Initiated);
    }
    let frozen = |row: &Token| (row.amount, row.max_amount, row.expires_at, row.payment);
    assert_eq!(frozen(before), frozen(token));
    assert!(before.used_at <= token.used_at, "use of {} goes forward", token.id);
}

/// With everything well again, nothing waits for its time, and the network took exactly what we
/// booked or still hold.
pub fn check_at_rest(data: &Data, network: &Network, real: Millis) {
    let mut taken: BTreeMap<TokenId, (i64, i64)> = BTreeMap::new();
    for (id, debit) in network.executed() {
        let Some((payment, _)) = data.payments.get(&id) else { continue };
        assert_eq!(payment.amount.get(), debit.amount, "{id}");
        assert_eq!(sequence(payment), Some(debit.sequence), "{id}");
        let (done, open) = taken.entry(debit.token).or_default();
        *done += debit.amount;
        *open += if payment.is_open() { debit.amount } else { 0 };
    }
    for (token, _) in data.tokens.values() {
        let (tenant, _) = &data.tenants[&token.scope];
        let now = tenant.now(real).to_time();
        let (done, open) = taken.get(&token.id).copied().unwrap_or_default();
        assert_eq!(done - open, token.debited.get(), "what {} gave", token.id);
        assert!(open <= token.held.get(), "what {} holds", token.id);
        let due = token.changes_at().is_some_and(|at| at <= now);
        assert!(tenant.retired || !due, "{} should have changed", token.id);
    }
    for (payment, _) in data.payments.values() {
        let order = payment.order.and_then(|order| data.orders.get(&order));
        // Of a debit over NACH the time begins with the bank's answer; its timer says when it ends.
        let is_upi = payment.mandate.is_some() && role(payment).is_none();
        let Some((order, _)) = order.filter(|_| is_upi) else { continue };
        let (tenant, _) = &data.tenants[&payment.scope];
        let late = returns_at(order, payment) <= tenant.now(real).to_time();
        let left = payment.state == PaymentState::Authorized && late && !tenant.retired;
        assert!(!left, "{} should have gone back", payment.id);
    }
}

/// What a thousand runs must meet, or they prove nothing.
pub const MUST_SEE: [&str; 16] = [
    "mandate cancelled",
    "mandate expired",
    "mandate releasing",
    "mandate paused",
    "mandate used up",
    "approved too late",
    "cancelled again",
    "debit told 4 times",
    "payment authorized",
    "payment captured",
    "payment refunded",
    "authorisation/duplicate_mandate_request",
    "authorisation/payment_timed_out",
    "debit/request_timed_out.1",
    "mandate_expired",
    "payment_cancelled",
];

/// What happened in a run.
pub fn seen(data: &Data, network: &Network) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for (token, _) in data.tokens.values() {
        seen.insert(format!("mandate {}", token.state.as_str()));
        if token.is_exhausted() {
            seen.insert("mandate used up".to_owned());
        }
        if network.block(token.id).is_some() && token.blocked.get() == 0 {
            seen.insert("approved too late".to_owned());
        }
    }
    for (payment, _) in data.payments.values() {
        match (payment.mandate.is_some(), payment.state) {
            (false, _) => {}
            (true, PaymentState::Failed(failure)) => drop(seen.insert(failure.key().into_owned())),
            (true, state) => drop(seen.insert(format!("payment {}", state.told(payment.amount)))),
        }
    }
    for (row, _) in data.instructions.values() {
        seen.insert(format!("{} told {} times", row.key.kind(), row.told));
        if row.number > 1 {
            seen.insert("cancelled again".to_owned());
        }
    }
    seen
}
