//! The end of a mandate: cancelled or deleted by the merchant, or ended by the bank. Source:
//! paper-nach 8.4, 8.5, T12.

use super::world::*;
use crate::event::EventKind::{PaymentFailed, TokenCancelled};
use crate::id::TokenId;
use crate::instruction::InstructionKey::{Present, Register, Withdraw};
use crate::nach_token::{Cancellable, NachState};
use crate::order::OrderState;
use crate::paper_nach::{NachAnswer, NachCommand, NachMandateSteering, NachReport};
use crate::rejection::Rejection;

#[test]
fn an_answer_to_an_earlier_request_to_end_is_not_heard() {
    let mut world = World::new();
    let id = world.confirmed();
    world.cancel(id).unwrap();
    let ended = world.report(Withdraw(id), NachAnswer::Ended);
    let refused = world.report(Withdraw(id), refused("M003"));
    world.nach(NachCommand::Report(refused.clone())).unwrap();
    assert_eq!(world.token(id).state, NachState::Confirmed, "the network refused to");
    world.cancel(id).unwrap();
    let asked = world.instruction(Withdraw(id)).unwrap();
    assert_eq!(asked.number, 2);
    for late in [refused, ended.clone()] {
        world.nach(NachCommand::Report(late)).unwrap();
        assert_eq!(world.token(id).state, NachState::Cancelling(Cancellable::Confirmed));
        assert_eq!(world.instruction(Withdraw(id)).unwrap(), asked);
    }
    world.nach(NachCommand::Report(NachReport { number: 2, ..ended })).unwrap();
    assert_eq!(world.token(id).state, NachState::Cancelled);
    assert_eq!(world.alerts(), [""; 0]);
}

#[test]
fn pn_49_a_merchant_ends_a_mandate() {
    let mut world = World::new();
    let id = world.confirmed();
    let before = world.told().len();
    world.cancel(id).unwrap();
    let busy = Rejection::NachNotCancellable("cancellation_initiated");
    assert_eq!(world.cancel(id).err(), Some(busy));
    let order = world.ordered(500, true);
    assert_eq!(world.charge_of(id, &order).err(), Some(Rejection::MandateNotActive));
    assert!(world.is_open(Withdraw(id)));
    world.hear(Withdraw(id), NachAnswer::Ended);
    assert_eq!(world.told()[before..], [TokenCancelled]);
    assert_eq!(outcome(&world.payment(world.token(id).payment)), "captured");
    let over = Rejection::NachNotCancellable("cancelled");
    assert_eq!(world.cancel(id).err(), Some(over));
    world.hear(Withdraw(id), NachAnswer::Ended);
    assert_eq!(world.told()[before..], [TokenCancelled], "told once");
}

#[test]
fn pn_49_what_cannot_be_cancelled() {
    let mut world = World::new();
    let id = world.confirmed();
    let nobody = TokenId(raw("QcNobody000001"));
    assert_eq!(world.cancel(nobody).err(), Some(Rejection::NotFound));
    let other = world.another_customer("other@example.test");
    let own = std::mem::replace(&mut world.customer, other);
    assert_eq!(world.cancel(id).err(), Some(Rejection::NotFound));
    assert_eq!(world.delete(id).err(), Some(Rejection::NotFound));
    let no_rail = world.nach(NachCommand::Cancel(own, id, vec![]));
    assert_eq!(no_rail.err(), Some(Rejection::NoNachRail));
    world.customer = own;
    let rejected = world.waiting();
    world.hear(Register(rejected), refused("M003"));
    let over = Rejection::NachNotCancellable("rejected");
    assert_eq!(world.cancel(rejected).err(), Some(over));
}

#[test]
fn pn_48_delete() {
    let mut world = World::new();
    let id = world.confirmed();
    let kept = world.charge(id, 500);
    world.delete(id).unwrap();
    assert_eq!(world.delete(id).err(), Some(Rejection::NotFound));
    assert_eq!(world.cancel(id).err(), Some(Rejection::NotFound));
    let order = world.ordered(500, true);
    assert_eq!(world.charge_of(id, &order).err(), Some(Rejection::NotFound));
    world.hear(Withdraw(id), NachAnswer::Ended);
    world.hear(Present(kept.id), NachAnswer::Honoured);
    assert_eq!(outcome(&world.payment(kept.id)), "captured", "it was on its way");
    let token = world.token(id);
    assert!(token.is_deleted && token.state == NachState::Cancelled);
    let rejected = world.waiting();
    world.hear(Register(rejected), refused("M003"));
    world.delete(rejected).unwrap();
    assert!(world.instruction(Withdraw(rejected)).is_none(), "there is nothing left to end");
}

#[test]
fn pn_48_withdrawn_before_the_bank_decides() {
    for deletes in [false, true] {
        for ends in [NachAnswer::Ended, refused("M003")] {
            let mut world = World::new();
            let id = world.waiting();
            let token = world.token(id);
            let end = if deletes { world.delete(id) } else { world.cancel(id) };
            end.unwrap();
            assert_eq!(outcome(&world.payment(token.payment)), "payment_cancelled");
            assert!(!world.is_open(Register(id)) && world.is_open(Withdraw(id)));
            let again = world.upload(token.order).unwrap();
            world.hear(Withdraw(id), ends);
            assert_eq!(world.token(id).state, NachState::Cancelled, "its payment has failed");
            assert_eq!(world.told(), [PaymentFailed, TokenCancelled]);
            world.hear(Register(again), registered());
            assert_eq!(world.order_row(token.order).state, OrderState::Paid);
        }
    }
}

#[test]
fn what_is_accepted_while_it_is_withdrawn_does_not_come_to_life() {
    for last in [NachMandateSteering::CancelOk, NachMandateSteering::CancelFail] {
        let mut world = World::new();
        let id = world.waiting();
        let token = world.token(id);
        world.cancel(id).unwrap();
        let rows = world.rows(&world.payment(token.payment));
        let umrn = "HDFC0000000000000042".to_owned();
        for steering in [NachMandateSteering::Accept(umrn, None), last] {
            world.nach(NachCommand::SteerMandate(rows, steering)).unwrap();
        }
        assert_eq!(world.token(id).state, NachState::Cancelled);
        assert_eq!(world.told(), [PaymentFailed, TokenCancelled]);
        assert_eq!(world.order_row(token.order).state, OrderState::Attempted);
    }
}

#[test]
fn a_refused_end_changes_nothing() {
    let mut world = World::new();
    let id = world.confirmed();
    let before = world.token(id);
    let told = world.told().len();
    world.cancel(id).unwrap();
    world.hear(Withdraw(id), refused("M003"));
    assert_eq!(world.token(id), before);
    assert_eq!(world.told().len(), told);
    assert_eq!(outcome(&world.charge(id, 500)), "created");
}

#[test]
fn a_bank_ends_a_mandate() {
    let mut world = World::new();
    let (waiting, confirmed, leaving) = (world.waiting(), world.confirmed(), world.confirmed());
    world.cancel(leaving).unwrap();
    for id in [waiting, confirmed, leaving] {
        let rows = world.rows(&world.payment(world.token(id).payment));
        let before = world.told().len();
        let revoke = NachCommand::SteerMandate(rows, NachMandateSteering::Revoke);
        world.nach(revoke.clone()).unwrap();
        assert_eq!(world.token(id).state, NachState::Cancelled);
        assert!(!world.is_open(Register(id)) && !world.is_open(Withdraw(id)));
        let failed = [PaymentFailed].into_iter().filter(|_| id == waiting);
        let want: Vec<_> = failed.chain([TokenCancelled]).collect();
        assert_eq!(world.told()[before..], want);
        assert_eq!(world.nach(revoke).err(), Some(Rejection::MandateFinal("cancelled")));
    }
}
