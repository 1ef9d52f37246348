//! Whatever merchants, customers, developers, banks and the clock do, in any order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::invariants::{check, check_step, has_taken};
use super::world::*;
use crate::command::ScopedCommand;
use crate::failure::NachFailure;
use crate::id::{InvoiceId, OrderId, PaymentId, TokenId};
use crate::instruction::InstructionKey;
use crate::nach_codes::Code;
use crate::nach_token::{Cancellable, NachState, NachToken};
use crate::order::Order;
use crate::paper_nach::{
    NachAnswer, NachCommand, NachDebitSteering, NachFormDraft, NachMandateSteering, NachReport,
};
use crate::payment::PaymentState;
use crate::time::Time;

/// What happens next; numbers choose among the rows there are.
#[derive(Clone, Debug)]
enum Step {
    Ask {
        max_amount: i64,
        first: i64,
        ends: Option<i64>,
    },
    Link(Option<i64>),
    CancelLink(usize),
    Upload(usize),
    Charge {
        token: usize,
        amount: i64,
        is_automatic: bool,
    },
    ChargeAgain {
        token: usize,
        order: usize,
    },
    End {
        token: usize,
        deletes: bool,
    },
    Hear {
        instruction: usize,
        answer: Answer,
        number: i64,
    },
    SteerMandate(usize, Answer),
    SteerDebit(usize, Answer),
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
    /// A no that ends a mandate too.
    Over,
    GivenUp,
    Pending,
    Unknown,
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        7 => Just(Answer::Yes),
        1 => Just(Answer::Other),
        3 => Just(Answer::No),
        1 => Just(Answer::Over),
        1 => Just(Answer::GivenUp),
        1 => Just(Answer::Pending),
        2 => Just(Answer::Unknown),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = || 0usize..40;
    let first = prop_oneof![2 => Just(0i64), 1 => 100i64..1_000];
    let ends = proptest::option::weighted(0.3, 600i64..200_000);
    let step = prop_oneof![
        3 => (1_000i64..3_000, first, ends)
            .prop_map(|(max_amount, first, ends)| Step::Ask { max_amount, first, ends }),
        2 => proptest::option::weighted(0.8, 900i64..4_000).prop_map(Step::Link),
        1 => at().prop_map(Step::CancelLink),
        6 => at().prop_map(Step::Upload),
        7 => (at(), 100i64..2_500, any::<bool>())
            .prop_map(|(token, amount, is_automatic)| Step::Charge { token, amount, is_automatic }),
        3 => (at(), at()).prop_map(|(token, order)| Step::ChargeAgain { token, order }),
        3 => (at(), proptest::bool::weighted(0.2))
            .prop_map(|(token, deletes)| Step::End { token, deletes }),
        18 => (at(), answers(), prop_oneof![9 => Just(0i64), 1 => -1i64..2])
            .prop_map(|(instruction, answer, number)| Step::Hear { instruction, answer, number }),
        2 => (at(), answers()).prop_map(|(at, answer)| Step::SteerMandate(at, answer)),
        1 => (at(), answers()).prop_map(|(at, answer)| Step::SteerDebit(at, answer)),
        2 => at().prop_map(Step::Capture),
        3 => (prop_oneof![3 => 0i64..900, 1 => 900i64..400_000], any::<bool>())
            .prop_map(|(seconds, fires)| Step::Pass { seconds, fires }),
    ];
    proptest::collection::vec(step, 1..80)
}

fn debit_failure(answer: Answer) -> NachFailure {
    let code = if matches!(answer, Answer::Over) { "61" } else { "04" };
    NachFailure::of_debit(Code::new(code).expect("a code"))
}

fn rail_answer(key: InstructionKey, answer: Answer) -> NachAnswer {
    let is_debit = matches!(key, InstructionKey::Present(_));
    match (answer, key) {
        (Answer::Yes, InstructionKey::Present(_)) => NachAnswer::Honoured,
        (Answer::Yes, InstructionKey::Withdraw(_)) => NachAnswer::Ended,
        (Answer::Yes, _) => registered(),
        (Answer::Other, InstructionKey::Present(_)) => NachAnswer::Ended,
        (Answer::Other, _) => NachAnswer::Honoured,
        (Answer::GivenUp, _) if is_debit => NachAnswer::Refused(NachFailure::DebitTimedOut),
        (Answer::GivenUp, _) => NachAnswer::Refused(NachFailure::NoAnswer),
        (Answer::No | Answer::Over, _) if is_debit => NachAnswer::Refused(debit_failure(answer)),
        (Answer::No | Answer::Over, _) => refused("M003"),
        (Answer::Pending, _) => NachAnswer::Pending { again_in_ms: None },
        (Answer::Unknown, _) => unknown(),
    }
}

fn mandate_steering(answer: Answer) -> NachMandateSteering {
    match answer {
        Answer::Yes => NachMandateSteering::Accept("HDFC0000000000000042".to_owned(), None),
        Answer::No | Answer::GivenUp => NachMandateSteering::Reject(NachFailure::of_mandate(None)),
        Answer::Over => NachMandateSteering::Revoke,
        Answer::Other | Answer::Unknown => NachMandateSteering::CancelFail,
        Answer::Pending => NachMandateSteering::CancelOk,
    }
}

fn debit_steering(answer: Answer) -> NachDebitSteering {
    match answer {
        Answer::Yes | Answer::Other => NachDebitSteering::Honour,
        Answer::Pending | Answer::Unknown => NachDebitSteering::Extend,
        no => NachDebitSteering::Return(debit_failure(no)),
    }
}

/// Rows so far, by when they were made.
#[derive(Default)]
struct Known {
    asking: Vec<OrderId>,
    ordered: Vec<Order>,
    links: Vec<InvoiceId>,
    tokens: Vec<TokenId>,
    debits: Vec<PaymentId>,
}

fn choose<T: Clone>(from: &[T], at: usize) -> Option<T> {
    // The latest rows are the interesting ones.
    from.iter().rev().nth(at % from.len().clamp(1, 6)).cloned()
}

/// Takes a step; what is refused leaves no trace.
fn take(world: &mut World, known: &mut Known, step: Step) -> Option<()> {
    match step {
        Step::Ask { max_amount, first, ends } => {
            let ends_at = ends.map(|seconds| Time(world.now + seconds));
            let form = NachFormDraft { ends_at, ..form(max_amount, first) };
            known.asking.push(world.asking(form).id);
        }
        Step::Link(open) => {
            let link = world.link(open.map(|seconds| world.now - START + seconds));
            known.links.push(link.id);
            known.asking.push(link.order);
        }
        Step::CancelLink(at) => {
            drop(world.nach(NachCommand::CancelLink(choose(&known.links, at)?)).ok()?);
        }
        Step::Upload(at) => {
            let order = choose(&known.asking, at)?;
            let free = world.order_row(order).open.is_empty();
            let token = world.upload(order).ok()?;
            assert!(free, "one scan of {order} at a bank at a time");
            known.tokens.push(token);
        }
        Step::Charge { token, amount, is_automatic } => {
            let token = choose(&known.tokens, token)?;
            let order = world.ordered(amount, is_automatic);
            known.ordered.push(order.clone());
            charge(world, known, token, &order)?;
        }
        Step::ChargeAgain { token, order } => {
            let (token, order) = (choose(&known.tokens, token)?, choose(&known.ordered, order)?);
            charge(world, known, token, &order)?;
        }
        Step::End { token, deletes } => {
            let token = choose(&known.tokens, token)?;
            drop(if deletes { world.delete(token) } else { world.cancel(token) }.ok()?);
        }
        Step::Hear { instruction, answer, number } => {
            let instructions = world.changes().instructions;
            let mut keys: Vec<_> = instructions.iter().map(|saved| saved.row.key).collect();
            keys.retain(|key| !matches!(key, InstructionKey::PayRefund(_)));
            keys.sort_by_key(|key| (!world.is_open(*key), *key));
            let key = *keys.get(instruction % keys.len().max(1))?;
            hear(world, key, rail_answer(key, answer), number);
        }
        Step::SteerMandate(at, answer) => {
            let token = world.token(choose(&known.tokens, at)?);
            let rows = world.rows(&world.payment(token.payment));
            let steering = mandate_steering(answer);
            drop(world.nach(NachCommand::SteerMandate(rows, steering)).ok()?);
        }
        Step::SteerDebit(at, answer) => {
            let rows = world.rows(&world.payment(choose(&known.debits, at)?));
            drop(world.nach(NachCommand::SteerDebit(rows, debit_steering(answer))).ok()?);
        }
        Step::Capture(at) => {
            let payment = world.payment(choose(&known.debits, at)?);
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

/// Only a mandate that is confirmed and not over lets a debit go to the bank, and never for more
/// than it allows.
fn charge(world: &mut World, known: &mut Known, token: TokenId, order: &Order) -> Option<()> {
    let before = world.token(token);
    let payment = world.charge_of(token, order).ok()?;
    known.debits.push(payment.id);
    assert_eq!(before.state, NachState::Confirmed);
    assert!(before.ends_at > Time(world.now) && payment.amount <= before.max_amount);
    assert!(!before.is_deleted && world.is_open(InstructionKey::Present(payment.id)));
    Some(())
}

/// Hears an answer. What is decided stays as it was; a contradiction leaves one alert.
fn hear(world: &mut World, key: InstructionKey, answer: NachAnswer, number: i64) {
    let report = world.report(key, answer.clone());
    let (rows, was_open) = (report.rows, world.is_open(key));
    let before = (world.token(rows.token), world.payment(rows.payment), world.alerts().len());
    let report = NachReport { number: report.number + number, ..report };
    world.nach(NachCommand::Report(report)).expect("a report is never refused");
    let after = (world.token(rows.token), world.payment(rows.payment), world.alerts().len());
    if was_open && number == 0 {
        return;
    }
    let failed = matches!(before.1.state, PaymentState::Failed(_));
    let withdrawn = before.0.state == NachState::Cancelling(Cancellable::Initiated);
    let is_ending = matches!(before.0.state, NachState::Cancelling(_));
    // What its bank never took is over.
    let (contradicts, ends) = match (key, answer) {
        (InstructionKey::Withdraw(_), _) => (false, false),
        (InstructionKey::Register(_), NachAnswer::Registered { .. }) => {
            (failed && !is_ending, false)
        }
        (InstructionKey::Register(_), NachAnswer::Refused(_)) if withdrawn => (false, number == 0),
        (InstructionKey::Present(_), NachAnswer::Honoured) => (failed, false),
        (_, NachAnswer::Refused(_)) => (!failed, false),
        _ => (false, false),
    };
    let state = if ends { NachState::Cancelled } else { before.0.state };
    let before = (NachToken { state, ..before.0 }, before.1, before.2);
    let alerts = usize::from(contradicts && number == 0);
    assert_eq!(after, (before.0, before.1, before.2 + alerts));
}

proptest! {
    #[test]
    fn the_rules_hold_whatever_happens(steps in steps()) {
        let (mut world, mut known) = (World::new(), Known::default());
        let mut before: BTreeMap<TokenId, NachToken> = BTreeMap::new();
        let mut debited: BTreeSet<PaymentId> = BTreeSet::new();
        for step in steps {
            let _ = take(&mut world, &mut known, step);
            let changes = world.changes();
            check(&world, &changes);
            for saved in &changes.nach_tokens {
                let token = NachToken::clone(&saved.row);
                if let Some(before) = before.insert(token.id, token.clone()) {
                    check_step(&before, &token);
                }
            }
            for payment in changes.payments.iter().map(|saved| &saved.row) {
                let taken = has_taken(payment);
                prop_assert!(taken || !debited.contains(&payment.id), "what was taken stays so");
                debited.extend(taken.then_some(payment.id));
            }
        }
    }
}
