//! Refunds: what a merchant orders, and what must hold of them.

use std::collections::BTreeMap;

use vasool_core::command::ScopedCommand;
use vasool_core::id::{PaymentId, RefundId};
use vasool_core::instruction::{InstructionKey, InstructionState};
use vasool_core::payment::{Payment, PaymentState};
use vasool_core::refund::{Refund, RefundState, Speed};
use vasool_core::refunds::{Claim, RefundCommand, RefundDraft, Steering};
use vasool_core::scope::ScopeId;
use vasool_core::time::Millis;
use vasool_store::PostingRow;
use vasool_store::memory::Data;

use crate::bank::{Bank, Word};
use crate::rng::Rng;

/// A command about refunds of a scope, if it has a payment.
pub fn command(rng: &mut Rng, data: &Data, scope: ScopeId) -> Option<ScopedCommand> {
    let refunds: Vec<(RefundId, PaymentId, RefundState)> = data
        .refunds
        .values()
        .filter(|(row, _)| row.scope == scope)
        .map(|(row, _)| (row.id, row.payment, row.state))
        .collect();
    let command = match rng.pick(&refunds) {
        Some((id, ..)) if rng.percent(10) => {
            RefundCommand::EditNotes(*id, vec![("why".to_owned(), "changed".to_owned())])
        }
        // A payer nobody could reach has sent account details.
        Some((id, payment, RefundState::Stranded)) if rng.percent(50) => {
            RefundCommand::Steer(*id, *payment, Steering::Process(None))
        }
        _ => RefundCommand::Create(draft(rng, data, scope)?),
    };
    Some(ScopedCommand::Refund(command))
}

fn draft(rng: &mut Rng, data: &Data, scope: ScopeId) -> Option<RefundDraft> {
    let payments: Vec<(PaymentId, i64)> = data
        .payments
        .values()
        .filter(|(row, _)| row.scope == scope)
        .map(|(row, _)| (row.id, row.amount.get()))
        .collect();
    let (payment, paid) = *rng.pick(&payments)?;
    let amount = rng.percent(80).then(|| rng.between(1, paid.max(1)));
    // Small pools, so that receipts and keys meet.
    let receipt = rng.percent(30).then(|| format!("RF-{}", rng.below(3)));
    let claim = rng.percent(40).then(|| {
        let key = format!("refund-key-{}", rng.below(6));
        let request = format!("{payment} {amount:?} {receipt:?}");
        Claim { digest: key.clone(), request, key }
    });
    let speed = if rng.percent(30) { Speed::Optimum } else { Speed::Normal };
    let rails = vec!["sandbox".to_owned()];
    Some(RefundDraft { payment, amount, speed, receipt, notes: vec![], claim, funds: None, rails })
}

/// Everything that must hold of refunds after every step.
pub fn check(data: &Data, bank: &Bank) {
    let mut pending: BTreeMap<ScopeId, i64> = BTreeMap::new();
    let mut given: BTreeMap<PaymentId, i64> = BTreeMap::new();
    let mut receipts = std::collections::BTreeSet::new();
    for (refund, _) in data.refunds.values() {
        let (payment, _) = &data.payments[&refund.payment];
        check_lines(data, refund, payment);
        check_bank(data, refund, bank);
        if refund.state.is_ordered() {
            *pending.entry(refund.scope).or_default() += refund.amount.get();
        }
        if refund.state != RefundState::Failed {
            *given.entry(refund.payment).or_default() += refund.amount.get();
        }
        if let Some(receipt) = &refund.receipt {
            assert!(receipts.insert((refund.payment, receipt)), "a receipt is unique");
        }
        let key = InstructionKey::PayRefund(refund.id);
        let open =
            data.instructions.get(&key).is_some_and(|(row, _)| row.state != InstructionState::Done);
        assert_eq!(open, refund.state.is_ordered(), "instruction of {}", refund.id);
    }
    for (payment, _) in data.payments.values() {
        let given = given.get(&payment.id).copied().unwrap_or(0);
        if let PaymentState::Captured { refunded, .. } = payment.state {
            assert_eq!(refunded.get(), given, "refunded of {}", payment.id);
            assert!(given <= payment.amount.get(), "never above captured: {}", payment.id);
        }
    }
    let mut booked: BTreeMap<ScopeId, i64> = BTreeMap::new();
    for line in data.postings.values() {
        if line.credit == "refunds:pending" {
            *booked.entry(line.scope).or_default() += line.amount.get();
        }
        if line.debit == "refunds:pending" {
            *booked.entry(line.scope).or_default() -= line.amount.get();
        }
    }
    booked.retain(|_, sum| *sum != 0);
    assert_eq!(booked, pending, "refunds:pending is what banks have not decided");
}

/// How many lines of the journal a refund has, all of them right.
fn check_lines(data: &Data, refund: &Refund, payment: &Payment) {
    let lines = lines(data, refund.id);
    let source = match (payment.state, &payment.mandate) {
        (PaymentState::Returned, None) => "payer:returns",
        (PaymentState::Returned, Some(_)) => "payments:uncaptured",
        _ => "merchant:payable",
    };
    let bank = format!("bank:{}", refund.connector);
    let ordered = (source, "refunds:pending");
    let want: Vec<(&str, &str)> = match refund.state {
        RefundState::Stranded => vec![],
        RefundState::Pending | RefundState::Processed => vec![ordered],
        RefundState::Paid => vec![ordered, ("refunds:pending", &bank)],
        RefundState::Failed => vec![ordered, ("refunds:pending", source)],
    };
    let found: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.debit.as_str(), line.credit.as_str())).collect();
    assert_eq!(found, want, "{} {:?}", refund.id, refund.state);
    assert!(lines.iter().all(|line| line.amount == refund.amount));
}

/// What we say of a refund is what the bank did; account details that a developer supplied aside.
fn check_bank(data: &Data, refund: &Refund, bank: &Bank) {
    // A debit has no transfer: its payer is known by the mandate.
    let transfer = data.transfers.get(&refund.payment);
    if transfer.is_some_and(|(transfer, _)| !transfer.is_refundable()) {
        return;
    }
    let word = bank.word(refund.id);
    match refund.state {
        RefundState::Paid => assert_eq!(word, Some(Word::Paid(refund.amount.get()))),
        RefundState::Failed => assert_eq!(word, Some(Word::Refused)),
        _ => {}
    }
}

/// The lines of a refund in the journal, in order.
pub fn lines(data: &Data, id: RefundId) -> Vec<&PostingRow> {
    let range = (id.0, "refund".to_owned(), 0)..=(id.0, "refund".to_owned(), i64::MAX);
    data.postings.range(range).map(|(_, row)| &**row).collect()
}

/// With bank and database well again, nobody waits to be asked.
pub fn check_nothing_due(data: &Data, real: Millis) {
    for (row, _) in data.instructions.values() {
        let (tenant, _) = &data.tenants[&row.scope];
        let due = row.state.due();
        let left = !tenant.retired && due.is_some_and(|due| due <= tenant.now(real));
        assert!(!left, "{:?} is still to be asked about", row.key);
    }
}
