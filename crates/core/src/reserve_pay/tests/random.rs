//! Whatever merchants, payers, developers, the network and the clock do, in any order. Source:
//! reserve-pay 10.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::*;
use crate::command::ScopedCommand;
use crate::event::EventKind;
use crate::failure::{authorisation, debit, row_of_number};
use crate::id::{OrderId, PaymentId, RawId, TokenId};
use crate::instruction::{InstructionKey, InstructionState};
use crate::ledger::Account;
use crate::order::Order;
use crate::payment::{MandateRole, Payment, PaymentState};
use crate::reserve_pay::{
    DebitSteering, MandateCommand, MandateSteering, RailAnswer, RailReport, UpiYes,
};
use crate::token::{PayerAct, Token, TokenState};
use crate::working_set::Changes;

/// What happens next; numbers choose among the rows there are.
#[derive(Clone, Debug)]
enum Step {
    Ask {
        block: i64,
        max_amount: i64,
        ends: Option<i64>,
    },
    Authorise(usize),
    Debit {
        token: usize,
        amount: i64,
        is_automatic: bool,
    },
    DebitAgain {
        token: usize,
        order: usize,
    },
    Cancel(usize),
    Delete(usize),
    Act(usize, PayerAct),
    Hear {
        instruction: usize,
        answer: Answer,
        number: i64,
    },
    SteerMandate(usize, Answer),
    SteerDebit(usize, bool),
    Capture(usize),
    /// Timers fire, or have yet to.
    Pass {
        seconds: i64,
        fires: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Yes,
    /// A yes to another question.
    Other,
    No,
    Pending,
    Unknown,
    NotKnown,
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        6 => Just(Answer::Yes),
        1 => Just(Answer::Other),
        2 => Just(Answer::No),
        1 => Just(Answer::Pending),
        2 => Just(Answer::Unknown),
        1 => Just(Answer::NotKnown),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ends = proptest::option::of(601i64..4_000);
    let act = prop_oneof![
        2 => Just(PayerAct::Pause),
        3 => Just(PayerAct::Resume),
        1 => Just(PayerAct::Revoke)
    ];
    let at = || 0usize..40;
    let step = prop_oneof![
        2 => (1_000i64..6_000, 500i64..3_000, ends)
            .prop_map(|(block, max_amount, ends)| Step::Ask { block, max_amount, ends }),
        4 => at().prop_map(Step::Authorise),
        9 => (at(), 100i64..2_500, any::<bool>())
            .prop_map(|(token, amount, is_automatic)| Step::Debit { token, amount, is_automatic }),
        2 => (at(), at()).prop_map(|(token, order)| Step::DebitAgain { token, order }),
        1 => at().prop_map(Step::Cancel),
        1 => at().prop_map(Step::Delete),
        2 => (at(), act).prop_map(|(at, act)| Step::Act(at, act)),
        18 => (at(), answers(), prop_oneof![9 => Just(0i64), 1 => -1i64..2])
            .prop_map(|(instruction, answer, number)| Step::Hear { instruction, answer, number }),
        1 => (at(), answers()).prop_map(|(at, answer)| Step::SteerMandate(at, answer)),
        1 => (at(), any::<bool>()).prop_map(|(at, yes)| Step::SteerDebit(at, yes)),
        2 => at().prop_map(Step::Capture),
        3 => (prop_oneof![3 => 0i64..700, 1 => 700i64..400_000], any::<bool>())
            .prop_map(|(seconds, fires)| Step::Pass { seconds, fires }),
    ];
    proptest::collection::vec(step, 1..80)
}

fn rail_answer(key: InstructionKey, answer: Answer) -> RailAnswer {
    let is_debit = matches!(key, InstructionKey::Debit(_));
    match (answer, key) {
        (Answer::Yes, InstructionKey::Debit(_)) => yes_debited(),
        (Answer::Yes, InstructionKey::Revoke(_)) => yes_revoked(),
        (Answer::Yes, _) => yes_approved(),
        (Answer::Other, InstructionKey::Revoke(_)) => RailAnswer::Yes(UpiYes::Debited(receipt())),
        (Answer::Other, _) => yes_revoked(),
        (Answer::No, _) => RailAnswer::No(if is_debit { debit(18) } else { authorisation(33) }),
        (Answer::Pending, _) => RailAnswer::Pending { again_in_ms: None },
        (Answer::Unknown, _) => unknown(),
        (Answer::NotKnown, _) => RailAnswer::NotKnown,
    }
}

fn steering(answer: Answer) -> MandateSteering {
    match answer {
        Answer::Yes => match yes_approved() {
            RailAnswer::Yes(UpiYes::Approved(approval)) => MandateSteering::Approve(approval),
            other => panic!("{other:?}"),
        },
        Answer::No => MandateSteering::Reject(row_of_number(33).expect("a row")),
        Answer::Other => MandateSteering::CancelOk,
        Answer::Pending => MandateSteering::CancelFail,
        Answer::Unknown | Answer::NotKnown => MandateSteering::Expire,
    }
}

/// Rows so far, by when they were made.
#[derive(Default)]
struct Known {
    asking: Vec<Order>,
    ordered: Vec<Order>,
    tokens: Vec<TokenId>,
    payments: Vec<PaymentId>,
}

fn choose<T: Clone>(from: &[T], at: usize) -> Option<T> {
    // The latest rows are the interesting ones.
    from.iter().rev().nth(at % from.len().clamp(1, 6)).cloned()
}

/// Takes a step; what is refused leaves no trace.
fn take(world: &mut World, known: &mut Known, step: Step) -> Option<()> {
    match step {
        Step::Ask { block, max_amount, ends } => {
            let ends = ends.map(|seconds| seconds + world.now - START);
            known.asking.push(world.asking(block, max_amount, ends));
        }
        Step::Authorise(at) => {
            let token = world.authorise(&choose(&known.asking, at)?).ok()?;
            known.tokens.push(token);
        }
        Step::Debit { token, amount, is_automatic } => {
            let token = choose(&known.tokens, token)?;
            let order = world.ordered(amount, is_automatic);
            known.ordered.push(order.clone());
            debit_of(world, known, token, &order)?;
        }
        Step::DebitAgain { token, order } => {
            let (token, order) = (choose(&known.tokens, token)?, choose(&known.ordered, order)?);
            debit_of(world, known, token, &order)?;
        }
        Step::Cancel(at) => drop(world.cancel(choose(&known.tokens, at)?).ok()?),
        Step::Delete(at) => {
            let command = MandateCommand::Delete(world.customer, choose(&known.tokens, at)?);
            drop(world.mandate(command).ok()?);
        }
        Step::Act(at, act) => {
            let id = choose(&known.tokens, at)?;
            drop(world.mandate(MandateCommand::PayerActed(id, act)).ok()?);
        }
        Step::Hear { instruction, answer, number } => {
            let mut keys: Vec<InstructionKey> = vec![];
            for saved in world.changes().instructions {
                let is_of_mandate = !matches!(saved.row.key, InstructionKey::PayRefund(_));
                keys.extend(is_of_mandate.then_some(saved.row.key));
            }
            keys.sort_by_key(|key| (!world.is_open(*key), *key));
            let key = *keys.get(instruction % keys.len().max(1))?;
            let report = world.report(key, rail_answer(key, answer), true);
            let report = RailReport { number: report.number + number, ..report };
            world.mandate(MandateCommand::Report(report)).expect("a report is never refused");
        }
        Step::SteerMandate(at, answer) => {
            let token = world.token(choose(&known.tokens, at)?);
            let rows = world.rows(&world.payment(token.payment));
            drop(world.mandate(MandateCommand::SteerMandate(rows, steering(answer))).ok()?);
        }
        Step::SteerDebit(at, yes) => {
            let payment = world.payment(choose(&known.payments, at)?);
            let steering = match yes {
                true => DebitSteering::Succeed(receipt()),
                false => DebitSteering::Fail(row_of_number(18).expect("a row")),
            };
            let rows = world.rows(&payment);
            drop(world.mandate(MandateCommand::SteerDebit(rows, steering)).ok()?);
        }
        Step::Capture(at) => {
            let payment = world.payment(choose(&known.payments, at)?);
            drop(world.run(ScopedCommand::CapturePayment(payment.id, payment.amount)).ok()?);
        }
        Step::Pass { seconds, fires } => {
            world.now += if fires { 0 } else { seconds };
            if fires {
                let now = world.now - START;
                world.until(now + seconds);
            }
        }
    }
    Some(())
}

/// I8, I9: only a mandate that is confirmed, before the moment of its release, lets a debit go to
/// the bank; I11: and never for more than what remains.
fn debit_of(world: &mut World, known: &mut Known, token: TokenId, order: &Order) -> Option<()> {
    let before = world.token(token).as_of(crate::time::Time(world.now));
    let payment = world.debit_of(token, order).ok()?;
    known.payments.push(payment.id);
    let goes = payment.state == PaymentState::Created;
    let may = before.state == TokenState::Confirmed && order.amount <= before.remaining();
    assert_eq!(goes, may, "{before:?}");
    assert_eq!(world.instruction(InstructionKey::Debit(payment.id)).is_some(), goes);
    Some(())
}

fn has_taken(payment: &Payment) -> bool {
    matches!(
        payment.state,
        PaymentState::Authorized | PaymentState::Captured { .. } | PaymentState::Returned
    )
}

/// I1 to I3, I5, I6, I10, I12, and the journal.
fn check(world: &World, changes: &Changes) {
    let mut sums: BTreeMap<TokenId, (i64, i64, BTreeSet<i64>)> = BTreeMap::new();
    let mut debited: BTreeSet<OrderId> = BTreeSet::new();
    let (mut arrived, mut waiting) = (0, 0);
    for payment in changes.payments.iter().map(|saved| &saved.row) {
        let mandate = payment.mandate.as_ref().expect("all are of mandates");
        let order = world.order_row(payment.order.expect("an order"));
        assert_eq!(order.open.contains(&payment.id), payment.is_open(), "I10");
        let MandateRole::Debit { sequence } = mandate.role else {
            assert!(!has_taken(payment), "an approval carries no money");
            continue;
        };
        let (taken, held, numbers) = sums.entry(mandate.token).or_default();
        let amount = payment.amount.get();
        *held += if payment.is_open() { amount } else { 0 };
        assert!(sequence == 0 || numbers.insert(sequence), "I12");
        assert!(payment.amount <= world.token(mandate.token).max_amount, "I3");
        if has_taken(payment) {
            *taken += amount;
            arrived += amount;
            assert!(sequence > 0 && debited.insert(order.id), "I6");
        }
        waiting += if payment.state == PaymentState::Authorized { amount } else { 0 };
    }
    let mut approved: BTreeSet<OrderId> = BTreeSet::new();
    for token in changes.tokens.iter().map(|saved| &saved.row) {
        let (taken, held, numbers) = sums.remove(&token.id).unwrap_or_default();
        assert_eq!((token.debited.get(), token.held.get()), (taken, held), "I2");
        assert!(taken + held <= token.blocked.get(), "I1");
        assert!(numbers.into_iter().eq(1..=token.debits), "I12");
        let approval = world.payment(token.payment);
        assert_eq!(approval.is_open(), token.state == TokenState::Initiated, "I10");
        let order = world.order_row(token.order);
        let is_approved = token.blocked.get() > 0;
        assert!(!is_approved || token.blocked == token.amount && approved.insert(order.id), "I5");
        assert_eq!(order.token == Some(token.id), is_approved, "I5");
        assert_eq!(order.amount_paid.get(), 0);
    }
    assert!(sums.is_empty());
    let balance = |account: &Account| -> i64 {
        let lines = changes.appended.postings.iter();
        let side = |line: &crate::ledger::Posting| {
            i64::from(line.debit == *account) - i64::from(line.credit == *account)
        };
        lines.map(|line| side(line) * line.amount.get()).sum()
    };
    assert_eq!(balance(&Account::Bank(RAIL.to_owned())), arrived);
    assert_eq!(-balance(&Account::Uncaptured), waiting);
    check_open(world, changes);
    check_told(changes);
}

/// Whoever must answer is asked, and nobody else; the clock looks at what it changes.
fn check_open(world: &World, changes: &Changes) {
    let timed: BTreeSet<RawId> = world.timers().iter().map(|timer| timer.key.subject()).collect();
    for token in changes.tokens.iter().map(|saved| &saved.row) {
        let initiated = token.state == TokenState::Initiated;
        assert_eq!(world.is_open(InstructionKey::Authorise(token.id)), initiated);
        let ends = token.state.as_str().starts_with("cancelling");
        let too_late = token.state == TokenState::Rejected;
        assert!(world.is_open(InstructionKey::Revoke(token.id)) == ends || too_late);
        assert_eq!(timed.contains(&token.id.0), token.changes_at().is_some());
    }
    for payment in changes.payments.iter().map(|saved| &saved.row) {
        assert_eq!(timed.contains(&payment.id.0), payment.state == PaymentState::Authorized);
    }
    for saved in &changes.instructions {
        if let InstructionKey::Debit(id) = saved.row.key {
            let is_open = saved.row.state != InstructionState::Done;
            assert_eq!(is_open, world.payment(id).is_open());
        }
    }
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
    for token in changes.tokens.iter().map(|saved| &saved.row) {
        let (id, is) = (token.id.0, |state| usize::from(token.state == state));
        assert_eq!(times(EventKind::TokenConfirmed, id), usize::from(token.blocked.get() > 0));
        assert_eq!(times(EventKind::TokenRejected, id), is(TokenState::Rejected));
        assert_eq!(times(EventKind::TokenCancelled, id), is(TokenState::Cancelled));
        assert_eq!(times(EventKind::PaymentFailed, id), 1 - is(TokenState::Initiated));
    }
    for payment in changes.payments.iter().map(|saved| &saved.row) {
        let id = payment.id.0;
        let is_captured = matches!(payment.state, PaymentState::Captured { .. });
        assert_eq!(times(EventKind::PaymentAuthorized, id), usize::from(has_taken(payment)));
        assert_eq!(times(EventKind::PaymentCaptured, id), usize::from(is_captured));
        assert_eq!(times(EventKind::OrderPaid, id), usize::from(is_captured));
    }
}

/// I7, I9: what was approved stays what it was, and what is over stays over.
fn check_step(before: &Token, after: &Token) {
    let frozen = |token: &Token| (token.amount, token.max_amount, token.expires_at);
    assert_eq!(frozen(before), frozen(after), "I7");
    assert!(before.blocked.get() == 0 || before.blocked == after.blocked, "I7");
    assert!(!before.state.is_deletable() || before.state == after.state, "I9");
    assert!(before.debited <= after.debited && before.debits <= after.debits);
    assert!(!before.is_deleted || after.is_deleted);
}

proptest! {
    #[test]
    fn i1_to_i12_hold_whatever_happens(steps in steps()) {
        let (mut world, mut known) = (World::new(), Known::default());
        let mut before: BTreeMap<TokenId, Token> = BTreeMap::new();
        for step in steps {
            let _ = take(&mut world, &mut known, step);
            let changes = world.changes();
            check(&world, &changes);
            for saved in &changes.tokens {
                let token = Token::clone(&saved.row);
                if let Some(before) = before.insert(token.id, token.clone()) {
                    check_step(&before, &token);
                }
            }
        }
    }
}
