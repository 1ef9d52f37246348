//! What must hold of mandates on paper, their payments, links and what the banks did, after every
//! step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vasool_core::event::EventKind;
use vasool_core::failure::Failure;
use vasool_core::id::{OrderId, PaymentId, RawId, TokenId};
use vasool_core::instruction::{InstructionKey, InstructionState};
use vasool_core::invoice::{Invoice, InvoiceState};
use vasool_core::money::Paise;
use vasool_core::nach_form::Registration;
use vasool_core::nach_token::{Cancellable, NachState, NachToken};
use vasool_core::order::OrderState;
use vasool_core::payment::{MandateRole, Payment, PaymentState};
use vasool_core::time::{Millis, Time};
use vasool_core::timer::TimerKey;
use vasool_core::working_set::Alert;
use vasool_store::memory::Data;

use crate::auditor::Told;
use crate::clearing::{Clearing, Decided, no_answer};
use crate::paper::role;

/// Texts of alerts that say that the banks contradicted themselves: they do so only where the line
/// spoke for them.
const CONTRADICTIONS: [&str; 3] = [
    "honoured after it was returned",
    "returned after it was honoured",
    "refused after it was registered",
];
/// What a bank says too late.
const TOO_LATE: &str = "registered after it was given up";

/// What mandates on paper were.
#[derive(Default)]
pub struct PaperAuditor {
    before: BTreeMap<TokenId, NachToken>,
}

fn has_taken(payment: &Payment) -> bool {
    matches!(
        payment.state,
        PaymentState::Authorized | PaymentState::Captured { .. } | PaymentState::Returned
    )
}

fn is_over(token: &NachToken) -> bool {
    matches!(token.state, NachState::Rejected | NachState::Cancelled)
}

impl PaperAuditor {
    /// Everything that must hold after every step. `told`: how often each subject's events were.
    pub fn check(&mut self, data: &Data, clearing: &Clearing, told: &Told) {
        let mut paid_by: BTreeMap<OrderId, PaymentId> = BTreeMap::new();
        let mut debits: BTreeSet<(TokenId, Paise)> = BTreeSet::new();
        for (payment, _) in data.payments.values() {
            let Some(role) = role(payment) else { continue };
            check_payment(data, clearing, payment, role, told);
            if role == MandateRole::Presentation {
                debits.insert((payment.mandate.as_ref().expect("it has").token, payment.amount));
            }
            if has_taken(payment) {
                let first = paid_by.insert(payment.order.expect("an order"), payment.id);
                assert_eq!(first, None, "an order is paid once: {}", payment.id);
            }
        }
        let uses = last_uses(data);
        for (token, _) in data.nach_tokens.values() {
            check_token(data, clearing, token, told);
            let used_at = uses.get(&token.id).copied().unwrap_or(token.created_at);
            assert_eq!(token.used_at, used_at.max(token.created_at), "use of {}", token.id);
            let first = data.nach_forms[&token.order].0.first_payment;
            let is_registered = paid_by.get(&token.order) == Some(&token.payment);
            let is_asked = first != Paise::ZERO && is_registered;
            assert!(
                !is_asked || debits.contains(&(token.id, first)),
                "first debit of {}",
                token.id
            );
            if let Some(before) = self.before.insert(token.id, NachToken::clone(token)) {
                check_step(&before, token);
            }
        }
        for (order, _) in data.orders.values().filter(|(order, _)| order.has_nach_form) {
            let (form, _) = &data.nach_forms[&order.id];
            let is_confirmed = form.registration == Registration::Confirmed;
            assert_eq!(is_confirmed, order.state == OrderState::Paid, "form of {}", order.id);
            assert_eq!(is_confirmed, paid_by.contains_key(&order.id), "{}", order.id);
            assert!(order.open.len() <= 1, "one scan of {} at a time", order.id);
            assert_eq!(order.amount_paid.get(), 0, "{} asks for a mandate", order.id);
        }
        for (invoice, _) in data.invoices.values() {
            check_link(data, invoice, &paid_by, told);
        }
        for alert in data.alerts.iter().filter(|alert| alert.connector == "nach") {
            check_alert(data, clearing, alert);
        }
    }
}

/// When the banks honoured a debit of each mandate last, as it was told.
fn last_uses(data: &Data) -> BTreeMap<TokenId, Time> {
    let mut uses: BTreeMap<TokenId, Time> = BTreeMap::new();
    for occurrence in data.occurrences.values() {
        let payment = occurrence.snapshot.payment.as_ref();
        let is_debit = |row: &&Arc<Payment>| role(row) == Some(MandateRole::Presentation);
        let Some(payment) = payment.filter(is_debit) else { continue };
        if occurrence.kinds.contains(&EventKind::PaymentAuthorized) {
            let token = payment.mandate.as_ref().expect("it has").token;
            let last = uses.entry(token).or_insert(occurrence.created_at);
            *last = occurrence.created_at.max(*last);
        }
    }
    uses
}

/// An operator is told of what the banks said against their word, and of nothing they did not say.
fn check_alert(data: &Data, clearing: &Clearing, alert: &Alert) {
    let (reference, text) = (&alert.reference, &alert.text);
    let id = reference.strip_prefix("pay_").and_then(RawId::parse).expect("a payment");
    let (payment, _) = &data.payments[&PaymentId(id)];
    let key = key_of(payment);
    if CONTRADICTIONS.iter().any(|bad| text.contains(bad)) {
        assert!(clearing.gave_up((key, 1)), "{reference}: {text}");
    }
    if text.contains(TOO_LATE) {
        assert_eq!(clearing.decided((key, 1)), Some(Decided::Yes), "{reference}: {text}");
        assert!(matches!(payment.state, PaymentState::Failed(_)), "{reference}: {text}");
    }
}

/// What the bank was asked about a payment of a mandate.
fn key_of(payment: &Payment) -> InstructionKey {
    match role(payment) {
        Some(MandateRole::Presentation) => InstructionKey::Present(payment.id),
        _ => InstructionKey::Register(payment.mandate.as_ref().expect("it has").token),
    }
}

/// A payment says what the banks did, has its row of time, and was told of once.
fn check_payment(
    data: &Data,
    clearing: &Clearing,
    payment: &Payment,
    role: MandateRole,
    told: &Told,
) {
    let mandate = payment.mandate.as_ref().expect("it has");
    let (token, _) = &data.nach_tokens[&mandate.token];
    let is_debit = role == MandateRole::Presentation;
    let key = key_of(payment);
    let decided = clearing.decided((key, 1));
    if has_taken(payment) {
        assert_eq!(decided, Some(Decided::Yes), "{} was not decided", payment.id);
    }
    let failed = matches!(payment.state, PaymentState::Failed(_));
    if is_debit {
        assert!(payment.amount <= token.max_amount && payment.amount.get() > 0);
        let why = match payment.state {
            PaymentState::Failed(Failure::Nach(why)) => Some(why),
            _ => None,
        };
        let said = match decided {
            _ if why == Some(no_answer(key)) => clearing.gave_up((key, 1)),
            Some(Decided::No(failure)) => why.is_none_or(|why| why == failure),
            _ => why.is_none(),
        };
        assert!(said && why.is_some() == failed, "{} was not returned", payment.id);
    } else {
        assert_eq!(payment.amount.get(), 0, "{} carries no money", payment.id);
    }
    let open = data.instructions.get(&key).map(|(row, _)| row.state != InstructionState::Done);
    assert_eq!(open, Some(payment.is_open()), "instruction of {}", payment.id);
    let timed = data.timers.contains_key(&TimerKey::ReturnUncaptured(payment.id));
    assert_eq!(timed, payment.state == PaymentState::Authorized, "{} goes back", payment.id);
    let (order, _) = &data.orders[&payment.order.expect("an order")];
    assert_eq!(order.open.contains(&payment.id), payment.is_open(), "{} is open", payment.id);
    let times = |kind| told.get(&(kind, payment.id.0)).copied().unwrap_or(0);
    let captured = usize::from(matches!(payment.state, PaymentState::Captured { .. }));
    assert_eq!(times(EventKind::PaymentAuthorized), usize::from(has_taken(payment)));
    assert_eq!(times(EventKind::PaymentCaptured), captured);
    assert_eq!(times(EventKind::OrderPaid), captured);
    assert_eq!(times(EventKind::PaymentFailed), usize::from(failed), "{}", payment.id);
    if !is_debit {
        assert_eq!(times(EventKind::TokenConfirmed), captured, "{}", token.id);
    }
}

fn check_token(data: &Data, clearing: &Clearing, token: &NachToken, told: &Told) {
    let id = token.id;
    let (payment, _) = &data.payments[&token.payment];
    assert_eq!(payment.is_open(), token.state == NachState::Initiated, "registration of {id}");
    let can_debit =
        matches!(token.state, NachState::Confirmed | NachState::Cancelling(Cancellable::Confirmed));
    if can_debit {
        let decided = clearing.decided((InstructionKey::Register(id), 1));
        assert_eq!(decided, Some(Decided::Yes), "nobody registered {id}");
        assert!(token.umrn.is_some(), "{id} has its number");
    }
    let key = InstructionKey::Withdraw(id);
    let withdraw = data.instructions.get(&key).map(|(row, _)| row.state);
    let is_open = withdraw.is_some_and(|state| state != InstructionState::Done);
    assert_eq!(is_open, matches!(token.state, NachState::Cancelling(_)), "end of {id}");
    check_end(data, clearing, token);
    let of_payment = |kind| told.get(&(kind, token.payment.0)).copied().unwrap_or(0);
    let of_token = |kind| told.get(&(kind, id.0)).copied().unwrap_or(0);
    let rejected = usize::from(token.state == NachState::Rejected);
    assert_eq!(of_payment(EventKind::TokenRejected), rejected, "{id}");
    let cancelled = usize::from(token.state == NachState::Cancelled);
    assert_eq!(of_token(EventKind::TokenCancelled), cancelled, "{id}");
    assert_eq!(token.failure.is_some(), token.state == NachState::Rejected, "{id}");
}

/// A mandate that the merchant wanted to end has ended, or not, as the network said last.
fn check_end(data: &Data, clearing: &Clearing, token: &NachToken) {
    let key = InstructionKey::Withdraw(token.id);
    let Some((row, _)) = data.instructions.get(&key) else { return };
    let said = clearing.decided((key, row.number));
    let refused = matches!(said, Some(Decided::No(_)));
    match token.state {
        NachState::Confirmed => assert!(refused, "{} should have ended: {said:?}", token.id),
        NachState::Cancelled if refused => {
            // Its registration was given up, or a bank returned a debit because it had ended.
            let rows = data.payments.values().map(|(row, _)| row);
            let mut own = rows.filter(|row| {
                row.mandate.as_ref().is_some_and(|mandate| mandate.token == token.id)
            });
            let is_over = own.any(|row| match row.state {
                PaymentState::Failed(Failure::Nach(why)) => {
                    row.id == token.payment || why.ends_mandate()
                }
                _ => false,
            });
            assert!(is_over, "{} should go on: {said:?}", token.id);
        }
        _ => {}
    }
}

/// A link is paid with its order, ends once, and has its row of time while it is open.
fn check_link(data: &Data, invoice: &Invoice, paid_by: &BTreeMap<OrderId, PaymentId>, told: &Told) {
    let id = invoice.id;
    let paid = paid_by.get(&invoice.order);
    if let InvoiceState::Paid { payment, .. } = invoice.state {
        assert_eq!(paid, Some(&payment), "{id}");
    }
    let open = matches!(invoice.state, InvoiceState::Issued | InvoiceState::Expired(_));
    assert!(paid.is_none() || !open, "{id} is paid");
    let times =
        paid.map_or(0, |id| told.get(&(EventKind::InvoicePaid, id.0)).copied().unwrap_or(0));
    assert_eq!(times, usize::from(matches!(invoice.state, InvoiceState::Paid { .. })), "{id}");
    let times = told.get(&(EventKind::InvoiceExpired, id.0)).copied().unwrap_or(0);
    assert_eq!(times, usize::from(matches!(invoice.state, InvoiceState::Expired(_))), "{id}");
    let waits = invoice.state == InvoiceState::Issued && invoice.expire_by.is_some();
    let timed = data.timers.contains_key(&TimerKey::ExpireInvoice(id));
    // A scan that is at the bank ends the link with its answer.
    let (order, _) = &data.orders[&invoice.order];
    assert!(timed == waits || (waits && !order.open.is_empty()), "{id} ends");
}

/// What is over stays over, and what was registered stays what it was.
fn check_step(before: &NachToken, token: &NachToken) {
    if is_over(before) {
        assert_eq!(before.state, token.state, "{} was over", token.id);
    }
    assert!(!before.is_deleted || token.is_deleted, "{} was deleted", token.id);
    if before.umrn.is_some() {
        assert_eq!(before.umrn, token.umrn);
        assert!(!matches!(token.state, NachState::Initiated | NachState::Rejected));
    }
    let frozen = |row: &NachToken| (row.order, row.max_amount, row.ends_at, row.payment);
    assert_eq!(frozen(before), frozen(token));
    assert!(before.used_at <= token.used_at, "use of {} goes forward", token.id);
}

/// With everything well again, nothing waits for its time, and the banks took exactly what we booked
/// or still wait for.
pub fn check_at_rest(data: &Data, clearing: &Clearing, real: Millis) {
    for (id, debit) in clearing.honoured() {
        let Some((payment, _)) = data.payments.get(&id) else { continue };
        assert_eq!(payment.amount.get(), debit.amount, "{id}");
        assert_eq!(payment.mandate.as_ref().map(|mandate| mandate.token), Some(debit.token));
        let given_up = clearing.gave_up((InstructionKey::Present(id), 1));
        assert!(has_taken(payment) || payment.is_open() || given_up, "{id} was honoured");
    }
    for (invoice, _) in data.invoices.values() {
        let (tenant, _) = &data.tenants[&invoice.scope];
        let (order, _) = &data.orders[&invoice.order];
        let late = invoice.is_due(tenant.now(real).to_time()) && order.open.is_empty();
        assert!(tenant.retired || !late, "{} should have ended", invoice.id);
    }
}

/// What a thousand runs must meet, or they prove nothing.
pub const MUST_SEE: [&str; 16] = [
    "paper initiated",
    "paper confirmed",
    "paper rejected",
    "paper cancelled",
    "paper cancelling_initiated",
    "paper cancelling_confirmed",
    "withdrawn again",
    "link paid",
    "link expired",
    "link cancelled",
    "nach captured",
    "nach/return.61",
    "nach/timed_out",
    "nach/no_answer",
    "present: honoured after it was returned",
    "register: registered after it was given up",
];

/// What happened in a run.
pub fn seen(data: &Data) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for (token, _) in data.nach_tokens.values() {
        seen.insert(format!("paper {}", token.state.as_str()));
    }
    for (invoice, _) in data.invoices.values() {
        seen.insert(format!("link {}", invoice.state.as_str()));
    }
    for (payment, _) in data.payments.values() {
        let word = match (role(payment), payment.state) {
            (Some(_), PaymentState::Failed(failure)) => failure.key().into_owned(),
            (Some(MandateRole::Presentation), state) => {
                format!("nach {}", state.told(payment.amount))
            }
            _ => continue,
        };
        seen.insert(word);
    }
    let withdrawn = data
        .instructions
        .iter()
        .any(|(key, (row, _))| matches!(key, InstructionKey::Withdraw(_)) && row.number > 1);
    if withdrawn {
        seen.insert("withdrawn again".to_owned());
    }
    let alerts = data.alerts.iter().filter(|alert| alert.connector == "nach");
    seen.extend(alerts.map(|alert| alert.text.clone()).filter(|text| text.contains("after")));
    seen
}
