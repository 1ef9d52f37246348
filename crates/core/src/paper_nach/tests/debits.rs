//! Debits of a mandate. Source: paper-nach 12, T9 to T11.

use super::world::*;
use crate::command::ScopedCommand;
use crate::event::EventKind::{
    OrderPaid, PaymentAuthorized, PaymentCaptured, PaymentFailed, TokenCancelled,
};
use crate::filing::{Connector, FileTimes};
use crate::id::{CustomerId, OrderId, TokenId};
use crate::instruction::InstructionKey::{Present, Register};
use crate::ledger::Account;
use crate::nach_token::NachState;
use crate::order::{Order, OrderState};
use crate::paper_nach::{
    ChargeDraft, NachAnswer, NachCommand, NachDebitSteering, NachFormDraft, NachRows,
};
use crate::rejection::Rejection;
use crate::time::Time;
use crate::timer::TimerKey;

#[test]
fn pn_67_and_70_honoured() {
    let mut world = World::new();
    let id = world.confirmed();
    let before = world.told().len();
    let debit = world.charge(id, 500);
    let order = debit.order.unwrap();
    let row = world.order_row(order);
    assert_eq!((row.state, row.attempts, row.open), (OrderState::Attempted, 1, vec![debit.id]));
    world.now += 90_000;
    world.hear(Present(debit.id), NachAnswer::Honoured);
    assert_eq!(outcome(&world.payment(debit.id)), "captured");
    let row = world.order_row(order);
    assert_eq!((row.state, row.amount_due(), row.open.len()), (OrderState::Paid, paise(0), 0));
    assert_eq!(world.token(id).used_at, Time(world.now));
    assert_eq!(world.told()[before..], [PaymentAuthorized, PaymentCaptured, OrderPaid]);
    let postings = world.changes().appended.postings;
    let bank = postings.iter().filter(|line| line.debit == Account::Bank(RAIL.to_owned()));
    assert_eq!(bank.map(|line| line.amount.get()).sum::<i64>(), 500);
}

#[test]
fn pn_68_without_capture() {
    let mut world = World::new();
    let id = world.confirmed();
    let order = world.ordered(500, false);
    let debit = world.charge_of(id, &order).unwrap();
    let before = world.told().len();
    world.now += 90_000;
    world.hear(Present(debit.id), NachAnswer::Honoured);
    assert_eq!(outcome(&world.payment(debit.id)), "authorized");
    assert_eq!(world.told()[before..], [PaymentAuthorized]);
    let left = TimerKey::ReturnUncaptured(debit.id);
    let due = world.timers().into_iter().find(|timer| timer.key == left).unwrap().due;
    let three_days = Time(world.now + 3 * 86_400);
    assert_eq!(due.to_time(), three_days, "its time begins with the bank's answer");
    let capture = |amount| ScopedCommand::CapturePayment(debit.id, paise(amount));
    assert_eq!(world.run(capture(499)).err(), Some(Rejection::CaptureAmount));
    world.run(capture(500)).unwrap();
    assert_eq!(world.told()[before + 1..], [PaymentCaptured, OrderPaid]);
    assert!(!world.has_timer(left));
    let order = world.ordered(500, false);
    let debit = world.charge_of(id, &order).unwrap();
    world.hear(Present(debit.id), NachAnswer::Honoured);
    let now = world.now - START;
    world.until(now + 3 * 86_400);
    assert_eq!(outcome(&world.payment(debit.id)), "refunded", "nobody captured it");
}

#[test]
fn pn_69_and_77_returned_and_tried_again() {
    let mut world = World::new();
    let id = world.confirmed();
    let order = world.ordered(500, true);
    let used_at = world.token(id).used_at;
    let before = world.told().len();
    for (at, code) in ["04", "57", "59"].into_iter().enumerate() {
        world.now += 86_400;
        let debit = world.charge_of(id, &order).unwrap();
        assert_eq!(world.charge_of(id, &order).err(), Some(Rejection::ChargeInProgress));
        world.hear(Present(debit.id), returned(code));
        let reasons = ["insufficient_funds", "transaction_limit_exceeded", "bank_technical_error"];
        assert_eq!(outcome(&world.payment(debit.id)), reasons[at]);
        let row = world.order_row(order.id);
        assert_eq!((row.state, row.attempts), (OrderState::Attempted, at as i64 + 1));
        assert!(row.open.is_empty());
    }
    assert_eq!(world.told()[before..], [PaymentFailed; 3]);
    assert_eq!((world.token(id).used_at, world.token(id).state), (used_at, NachState::Confirmed));
    let debit = world.charge_of(id, &order).unwrap();
    world.hear(Present(debit.id), NachAnswer::Honoured);
    assert_eq!(world.charge_of(id, &order).err(), Some(Rejection::OrderPaid));
}

#[test]
fn pn_69_two_codes_end_the_mandate() {
    for code in ["21", "61"] {
        let mut world = World::new();
        let id = world.confirmed();
        let (first, second) = (world.charge(id, 500), world.charge(id, 500));
        let before = world.told().len();
        world.hear(Present(first.id), returned(code));
        assert_eq!(world.token(id).state, NachState::Cancelled);
        assert_eq!(world.told()[before..], [PaymentFailed, TokenCancelled]);
        assert!(world.is_open(Present(second.id)), "the bank has yet to say");
        world.hear(Present(second.id), returned(code));
        assert_eq!(world.told()[before + 2..], [PaymentFailed], "it had ended");
    }
}

#[test]
fn pn_71_to_77_what_is_refused() {
    let mut world = World::new();
    let (id, waiting, rejected) = (world.confirmed(), world.waiting(), world.waiting());
    world.hear(Register(rejected), refused("M003"));
    let end = Time(world.now + 1_000);
    let asking = world.asking(NachFormDraft { ends_at: Some(end), ..form(50_000, 0) });
    let ending = world.upload(asking.id).unwrap();
    world.hear(Register(ending), registered());
    let order = world.ordered(500, true);
    let above = world.ordered(50_001, true);
    let other = world.another_customer("other@example.test");
    let good = world.draft_charge(id, &order);
    let at = end.to_millis();
    let later = Connector { by_file: Some(FileTimes { due: at, give_up: at }), ..rail() };
    let orders = world.changes().payments.len();
    let nobody = raw("QcNobody000001");
    for (draft, want) in [
        (ChargeDraft { order: OrderId(nobody), ..good.clone() }, Rejection::NotFound),
        (ChargeDraft { customer: CustomerId(nobody), ..good.clone() }, Rejection::NotFound),
        (ChargeDraft { token: TokenId(nobody), ..good.clone() }, Rejection::NotFound),
        (ChargeDraft { customer: other, ..good.clone() }, Rejection::NotFound),
        (ChargeDraft { order: asking.id, ..good.clone() }, Rejection::OrderPaid),
        (ChargeDraft { amount: paise(499), ..good.clone() }, Rejection::OrderAmountMismatch),
        (ChargeDraft { token: waiting, ..good.clone() }, Rejection::MandateNotConfirmed),
        (ChargeDraft { token: rejected, ..good.clone() }, Rejection::MandateNotActive),
        (
            // The bank would see it after the mandate's end.
            ChargeDraft { token: ending, rails: vec![later], ..good.clone() },
            Rejection::MandateNotActive,
        ),
        (world.draft_charge(id, &above), Rejection::AboveMandateMaximum),
        (ChargeDraft { rails: vec![], ..good.clone() }, Rejection::NoNachRail),
    ] {
        assert_eq!(world.nach(NachCommand::Charge(draft)).err(), Some(want));
    }
    let open = world.asking(form(50_000, 0));
    let dearer = Order { amount: paise(500), ..open };
    assert_eq!(world.charge_of(id, &dearer).err(), Some(Rejection::OrderForMandate));
    assert_eq!(world.changes().payments.len(), orders, "no payment is left");
    assert_eq!(world.order_row(order.id).attempts, 0);
    world.charge(ending, 500);
    world.now += 1_000;
    assert_eq!(world.charge_of(ending, &order).err(), Some(Rejection::MandateNotActive));
    world.charge(id, 50_000);
}

#[test]
fn a_developer_plays_the_bank() {
    let mut world = World::new();
    let id = world.confirmed();
    let debit = world.charge(id, 500);
    let rows = world.rows(&debit);
    let steer = |steering| NachCommand::SteerDebit(rows, steering);
    world.nach(steer(NachDebitSteering::Extend)).unwrap();
    assert!(world.is_open(Present(debit.id)), "another cycle");
    world.nach(steer(NachDebitSteering::Honour)).unwrap();
    assert!(!world.is_open(Present(debit.id)));
    let again = world.nach(steer(NachDebitSteering::Honour));
    assert_eq!(again.err(), Some(Rejection::PaymentFinal("captured")));
    let registration = world.token(id).payment;
    let rows = NachRows { payment: registration, ..rows };
    let steer = NachCommand::SteerDebit(rows, NachDebitSteering::Honour);
    assert_eq!(world.nach(steer).err(), Some(Rejection::NotFound));
}
