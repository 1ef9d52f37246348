//! A payer approves, or does not. Source: reserve-pay 4, 5.

use super::world::*;
use crate::event::EventKind::{PaymentFailed, TokenConfirmed, TokenRejected};
use crate::failure::authorisation;
use crate::instruction::InstructionKey::{Authorise, Revoke};
use crate::instruction::InstructionState;
use crate::order::OrderState;
use crate::payment::Method;
use crate::rejection::Rejection;
use crate::reserve_pay::RailAnswer;
use crate::timer::TimerKey;
use crate::token::TokenState;

/// A mandate of 10,000 paise that nobody has approved.
fn asked(world: &mut World) -> crate::id::TokenId {
    let order = world.asking(10_000, 10_000, None);
    world.authorise(&order).unwrap()
}

#[test]
fn rp_17_to_19_a_mandate_waits_for_its_payer() {
    let mut world = World::new();
    let id = asked(&mut world);
    let token = world.token(id);
    let payment = world.payment(token.payment);
    let order = world.order_row(token.order);
    assert_eq!((token.state, token.blocked), (TokenState::Initiated, paise(0)));
    assert_eq!((outcome(&payment), payment.method), ("created", Method::Upi { vpa: None }));
    assert_eq!((order.state, order.attempts), (OrderState::Attempted, 1));
    assert_eq!(order.open, [payment.id]);
    assert_eq!(world.timer(TimerKey::ChangeToken(id)), Some(600));
    assert!(world.is_open(Authorise(id)) && world.told().is_empty());
}

#[test]
fn rp_23_to_25_an_approval_blocks_the_amount() {
    let mut world = World::new();
    let id = asked(&mut world);
    world.hear(Authorise(id), yes_approved());
    let token = world.token(id);
    let payment = world.payment(token.payment);
    let order = world.order_row(token.order);
    assert_eq!((token.state, token.blocked), (TokenState::Confirmed, paise(10_000)));
    assert_eq!(world.sums(id), (0, 0, 10_000));
    assert_eq!(token.mandate_number.as_deref(), Some("0f3c@upi"));
    assert_eq!(outcome(&payment), "upi_dummy_payment");
    assert_eq!(payment.method, Method::Upi { vpa: Some("asha@upi".to_owned()) });
    assert_eq!((order.state, order.amount_paid.get()), (OrderState::Attempted, 0));
    assert_eq!((order.token, order.open.len()), (Some(id), 0));
    assert_eq!(world.timer(TimerKey::ChangeToken(id)), Some(7_776_000 - 600));
    assert_eq!(world.told(), [TokenConfirmed, PaymentFailed]);
    assert!(!world.is_open(Authorise(id)));
}

#[test]
fn rp_27_a_declined_mandate_says_why() {
    let mut world = World::new();
    let id = asked(&mut world);
    world.hear(Authorise(id), RailAnswer::No(authorisation(33)));
    let token = world.token(id);
    assert_eq!((token.state, token.blocked), (TokenState::Rejected, paise(0)));
    assert_eq!(token.failure, Some(authorisation(33)));
    assert_eq!(outcome(&world.payment(token.payment)), "payment_declined");
    assert_eq!(world.told(), [TokenRejected, PaymentFailed]);
    assert_eq!(world.timer(TimerKey::ChangeToken(id)), None);
    assert!(world.order_row(token.order).open.is_empty());
}

#[test]
fn rp_28_time_runs_out_after_600_seconds() {
    let mut world = World::new();
    let id = asked(&mut world);
    world.hear(Authorise(id), RailAnswer::Pending { again_in_ms: None });
    world.until(599);
    assert_eq!(world.token(id).state, TokenState::Initiated);
    world.until(600);
    assert_eq!(world.token(id).state, TokenState::Rejected);
    assert_eq!(outcome(&world.payment(world.token(id).payment)), "payment_timed_out");
    assert_eq!(world.told(), [TokenRejected, PaymentFailed]);
    assert!(!world.is_open(Authorise(id)) && !world.is_open(Revoke(id)));
}

#[test]
fn rp_29_an_order_is_tried_again_after_a_failure() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    let first = world.authorise(&order).unwrap();
    world.hear(Authorise(first), RailAnswer::No(authorisation(33)));
    let second = world.authorise(&order).unwrap();
    world.hear(Authorise(second), yes_approved());
    let order = world.order_row(order.id);
    assert_eq!((order.attempts, order.token), (2, Some(second)));
    assert_eq!(world.token(first).state, TokenState::Rejected);
}

#[test]
fn rp_30_one_mandate_of_an_order_is_confirmed() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    let ids = [0, 1, 2].map(|_| world.authorise(&order).unwrap());
    world.hear(Authorise(ids[1]), yes_approved());
    for loser in [ids[0], ids[2]] {
        let token = world.token(loser);
        assert_eq!(token.state, TokenState::Rejected);
        assert_eq!(outcome(&world.payment(token.payment)), "duplicate_mandate_request");
        assert!(!world.is_open(Authorise(loser)));
    }
    let lost = [TokenRejected, PaymentFailed];
    assert_eq!(world.told(), [&[TokenConfirmed, PaymentFailed], &lost[..], &lost].concat());
    assert_eq!(world.authorise(&order), Err(Rejection::DuplicateMandate));
    assert_eq!(world.order_row(order.id).attempts, 3);
}

#[test]
fn rp_20_and_21_what_does_not_fit_leaves_nothing() {
    let mut world = World::new();
    let asking = world.asking(10_000, 10_000, Some(1_000));
    let plain = world.ordered(10_000, true);
    let other = world.another_customer("other@example.test");
    let before = world.changes();
    let dearer = crate::order::Order { amount: paise(10_001), ..asking.clone() };
    assert_eq!(world.authorise(&dearer), Err(Rejection::OrderAmountMismatch));
    assert_eq!(world.authorise(&plain), Err(Rejection::NotForMandate));
    let own = std::mem::replace(&mut world.customer, other);
    assert_eq!(world.authorise(&asking), Err(Rejection::CustomerMismatch));
    world.customer = own;
    world.now = START + 400;
    assert_eq!(world.authorise(&asking), Err(Rejection::MandateOver));
    let after = world.changes();
    assert_eq!(before.payments.len() + before.tokens.len(), after.payments.len());
    assert_eq!(before.orders.len(), after.orders.len());
}

#[test]
fn attempts_that_wait_are_bounded() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    for _ in 0..20 {
        world.authorise(&order).unwrap();
    }
    assert_eq!(world.authorise(&order), Err(Rejection::TooManyAttempts));
}

#[test]
fn an_approval_that_comes_too_late_is_undone_at_the_network() {
    let mut world = World::new();
    let id = asked(&mut world);
    world.hear(Authorise(id), RailAnswer::Pending { again_in_ms: None });
    world.until(600);
    world.hear(Authorise(id), yes_approved());
    world.hear(Authorise(id), yes_approved());
    assert_eq!((world.token(id).state, world.token(id).blocked), (TokenState::Rejected, paise(0)));
    assert_eq!(world.instruction(Revoke(id)).unwrap().number, 1, "the payer's money is let go");
    assert_eq!(world.alerts()[0], "authorise: approved after it was over");
    world.hear(Revoke(id), yes_revoked());
    assert!(!world.is_open(Revoke(id)));
    assert_eq!(world.token(id).state, TokenState::Rejected);
    assert_eq!(world.told(), [TokenRejected, PaymentFailed], "the merchant was told already");
}

#[test]
fn a_loser_that_is_approved_too_is_undone() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    let (loser, winner) = (world.authorise(&order).unwrap(), world.authorise(&order).unwrap());
    world.hear(Authorise(winner), yes_approved());
    world.hear(Authorise(loser), yes_approved());
    assert!(world.is_open(Revoke(loser)));
    assert!(world.instruction(Revoke(winner)).is_none());
    assert_eq!(world.order_row(order.id).token, Some(winner));
}

#[test]
fn an_approval_just_before_the_release_opens_no_block() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, Some(1_000));
    let id = world.authorise(&order).unwrap();
    world.until(399);
    world.now = START + 400;
    world.hear(Authorise(id), yes_approved());
    let token = world.token(id);
    assert_eq!((token.state, token.blocked), (TokenState::Rejected, paise(0)));
    assert_eq!(token.payer.unwrap().vpa, "asha@upi", "the app got as far");
    assert_eq!(outcome(&world.payment(token.payment)), "payment_timed_out");
    assert!(world.is_open(Revoke(id)));
}

#[test]
fn what_nobody_knows_when_time_is_up_is_undone() {
    let mut world = World::new();
    let id = asked(&mut world);
    world.hear(Authorise(id), unknown());
    assert_eq!(world.alerts().len(), 1);
    world.until(600);
    assert_eq!(world.token(id).state, TokenState::Rejected);
    assert!(matches!(
        world.instruction(Revoke(id)).unwrap().state,
        InstructionState::Ordered { .. }
    ));
}
