//! Debits of a mandate. Source: reserve-pay 9.

use super::world::*;
use crate::command::{Reply, ScopedCommand};
use crate::event::EventKind::{OrderPaid, PaymentAuthorized, PaymentCaptured, PaymentFailed};
use crate::failure::debit;
use crate::id::TokenId;
use crate::instruction::InstructionKey::{Debit, PayRefund, Revoke};
use crate::ledger::Account;
use crate::order::{Order, OrderState, PartialPayment};
use crate::orders::OrderDraft;
use crate::payment::{Method, Payment};
use crate::rejection::Rejection;
use crate::reserve_pay::{DebitSteering, MandateCommand, RailAnswer};
use crate::timer::TimerKey;
use crate::token::{PayerAct, TokenState};

fn capture(world: &mut World, payment: &Payment) -> Result<Payment, Rejection> {
    match world.run(ScopedCommand::CapturePayment(payment.id, payment.amount))? {
        Reply::Payment(payment) => Ok(Payment::clone(&payment)),
        other => panic!("{other:?}"),
    }
}

/// What was booked in and out of an account.
fn balance(world: &World, account: &Account) -> i64 {
    let postings = world.changes().appended.postings;
    let sum = |side: &dyn Fn(&crate::ledger::Posting) -> bool| -> i64 {
        postings.iter().filter(|line| side(line)).map(|line| line.amount.get()).sum()
    };
    sum(&|line| line.debit == *account) - sum(&|line| line.credit == *account)
}

/// Events after the approval of one mandate.
fn told_since_approval(world: &World) -> Vec<crate::event::EventKind> {
    world.told().split_off(2)
}

#[test]
fn rp_37_a_debit_is_captured_at_once() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    world.until(50);
    let payment = world.debit(id, 1_000);
    assert_eq!((outcome(&payment), world.sums(id)), ("created", (0, 1_000, 9_000)));
    world.hear(Debit(payment.id), yes_debited());
    let payment = world.payment(payment.id);
    let order = world.order_row(payment.order.unwrap());
    assert_eq!((outcome(&payment), world.sums(id)), ("captured", (1_000, 0, 9_000)));
    assert_eq!(payment.bank_reference.as_deref(), Some("616400123456"));
    assert_eq!(payment.method, Method::Upi { vpa: Some("asha@upi".to_owned()) });
    assert_eq!(
        (order.state, order.amount_paid, order.attempts),
        (OrderState::Paid, paise(1_000), 1)
    );
    assert_eq!(world.token(id).used_at.unwrap().0, START + 50);
    assert_eq!(told_since_approval(&world), [PaymentAuthorized, PaymentCaptured, OrderPaid]);
    assert_eq!(balance(&world, &Account::Bank(RAIL.to_owned())), 1_000);
    assert_eq!(balance(&world, &Account::Uncaptured), 0);
    assert!(world.debit_of(id, &order).is_err_and(|why| why == Rejection::OrderPaid));
}

#[test]
fn rp_40_and_41_a_debit_is_captured_by_call() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let order = world.ordered(1_000, false);
    let payment = world.debit_of(id, &order).unwrap();
    assert_eq!(capture(&mut world, &payment), Err(Rejection::NotCapturable));
    world.hear(Debit(payment.id), yes_debited());
    let authorized = world.payment(payment.id);
    assert_eq!((outcome(&authorized), world.sums(id)), ("authorized", (1_000, 0, 9_000)));
    assert_eq!(world.order_row(order.id).state, OrderState::Attempted);
    assert_eq!(world.debit_of(id, &order), Err(Rejection::OrderPaid), "I6");
    assert_eq!(world.timer(TimerKey::ReturnUncaptured(payment.id)), Some(3 * 86_400));
    let wrong = ScopedCommand::CapturePayment(payment.id, paise(999));
    assert!(world.run(wrong).is_err_and(|why| why == Rejection::CaptureAmount));
    world.cancel(id).unwrap();
    assert_eq!(outcome(&capture(&mut world, &payment).unwrap()), "captured");
    assert_eq!(world.sums(id), (1_000, 0, 9_000), "capture moves nothing");
    assert_eq!(world.order_row(order.id).state, OrderState::Paid);
    assert_eq!(world.timer(TimerKey::ReturnUncaptured(payment.id)), None);
    assert_eq!(capture(&mut world, &payment), Err(Rejection::OrderPaid));
    assert_eq!(balance(&world, &Account::Uncaptured), 0);
    let approval = world.payment(world.token(id).payment);
    assert_eq!(capture(&mut world, &approval), Err(Rejection::NotCapturable));
}

#[test]
fn rp_42_what_nobody_captures_goes_back() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let order = world.ordered(1_000, false);
    let payment = world.debit_of(id, &order).unwrap();
    world.hear(Debit(payment.id), yes_debited());
    world.until(3 * 86_400 - 1);
    assert_eq!(outcome(&world.payment(payment.id)), "authorized");
    world.until(3 * 86_400);
    assert_eq!(outcome(&world.payment(payment.id)), "refunded");
    assert_eq!(world.sums(id), (1_000, 0, 9_000), "AMB-28");
    let refunds = world.changes().refunds;
    assert_eq!((refunds.len(), refunds[0].row.amount), (1, paise(1_000)));
    assert!(world.is_open(PayRefund(refunds[0].row.id)));
    assert_eq!(balance(&world, &Account::Uncaptured), 0);
    assert_eq!(capture(&mut world, &payment), Err(Rejection::NotCapturable));
}

#[test]
fn rp_43_to_45_the_block_is_used_up_and_no_further() {
    let mut world = World::new();
    let id = world.approved(200_000, 200_000, None);
    world.taken(id, 40_000);
    world.taken(id, 60_000);
    let order = world.ordered(100_001, true);
    let refused = world.debit_of(id, &order).unwrap();
    assert_eq!(outcome(&refused), "transaction_limit_exceeded");
    assert_eq!(world.sums(id), (100_000, 0, 100_000));
    let order = world.order_row(order.id);
    assert_eq!((order.state, order.attempts, order.open.len()), (OrderState::Attempted, 1, 0));
    assert!(world.instruction(Debit(refused.id)).is_none(), "it never goes to the bank");
    assert_eq!(world.told().last(), Some(&PaymentFailed));
    world.taken(id, 100_000);
    assert_eq!(world.sums(id), (200_000, 0, 0));
    let token = world.token(id);
    assert!(token.is_exhausted() && token.state == TokenState::Confirmed, "AMB-10");
    assert_eq!(outcome(&world.debit(id, 100)), "transaction_limit_exceeded");
    assert_eq!(world.token(id).debits, 3, "what is not sent has no number");
}

#[test]
fn rp_46_to_50_what_does_not_fit_leaves_nothing() {
    let mut world = World::new();
    let id = world.approved(10_000, 1_000, None);
    let asking = world.order_row(world.token(id).order);
    let above = world.ordered(1_001, true);
    let order = world.ordered(500, true);
    let before = world.changes().payments.len();
    assert_eq!(world.debit_of(id, &asking), Err(Rejection::OrderForMandate));
    assert_eq!(world.debit_of(id, &above), Err(Rejection::AboveMandateMaximum));
    let dearer = Order { amount: paise(501), ..order.clone() };
    assert_eq!(world.debit_of(id, &dearer), Err(Rejection::OrderAmountMismatch));
    let nobody = TokenId(raw("QcNobody000001"));
    assert_eq!(world.debit_of(nobody, &order), Err(Rejection::TokenMismatch));
    let other = world.another_customer("other@example.test");
    let own = std::mem::replace(&mut world.customer, other);
    assert_eq!(world.debit_of(id, &order), Err(Rejection::TokenMismatch));
    world.customer = own;
    let mut draft = world.draft_debit(id, &order);
    draft.rails.clear();
    let refused = world.mandate(MandateCommand::Debit(draft));
    assert!(refused.is_err_and(|why| why == Rejection::NoUpiRail));
    assert_eq!(world.changes().payments.len(), before);
    world.debit_of(id, &order).unwrap();
    assert_eq!(world.debit_of(id, &order), Err(Rejection::PaymentInProgress));
}

#[test]
fn rp_51_a_mandate_that_gives_nothing_says_why() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    let initiated = world.authorise(&order).unwrap();
    let rejected = world.authorise(&order).unwrap();
    let key = crate::instruction::InstructionKey::Authorise(rejected);
    world.hear(key, RailAnswer::No(crate::failure::authorisation(33)));
    let ids = [0; 6].map(|_| world.approved(10_000, 10_000, Some(4_000)));
    let [paused, revoked, cancelling, cancelled, releasing, expired] = ids;
    world.mandate(MandateCommand::PayerActed(paused, PayerAct::Pause)).unwrap();
    world.mandate(MandateCommand::PayerActed(revoked, PayerAct::Revoke)).unwrap();
    world.cancel(cancelling).unwrap();
    world.cancel(cancelled).unwrap();
    world.hear(Revoke(cancelled), yes_revoked());
    let refuse = |world: &mut World, id, reason| {
        let payment = world.debit(id, 500);
        assert_eq!(outcome(&payment), reason);
        assert_eq!(payment.mandate.as_ref().unwrap().token, id);
        assert!(world.instruction(Debit(payment.id)).is_none());
        assert_eq!(world.told().last(), Some(&PaymentFailed));
        assert_eq!(world.sums(id).0 + world.sums(id).1, 0);
    };
    refuse(&mut world, initiated, "mandate_not_active");
    refuse(&mut world, rejected, "mandate_not_active");
    refuse(&mut world, paused, "mandate_paused");
    refuse(&mut world, revoked, "mandate_cancelled");
    refuse(&mut world, cancelling, "mandate_not_active");
    refuse(&mut world, cancelled, "mandate_cancelled");
    // The debit itself writes down what time has made of the mandate: no timer has fired.
    world.now = START + 3_400;
    refuse(&mut world, releasing, "mandate_expired");
    assert_eq!(world.token(releasing).state.as_str(), "releasing");
    world.now = START + 4_000;
    refuse(&mut world, expired, "mandate_expired");
    assert_eq!(world.token(expired).state, TokenState::Expired);
}

#[test]
fn rp_53_an_order_is_debited_again_after_a_refusal() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let order = world.ordered(1_000, true);
    let first = world.debit_of(id, &order).unwrap();
    world.hear(Debit(first.id), RailAnswer::No(debit(18)));
    assert_eq!(outcome(&world.payment(first.id)), "insufficient_funds");
    assert_eq!(world.sums(id), (0, 0, 10_000));
    let second = world.debit_of(id, &order).unwrap();
    world.hear(Debit(second.id), yes_debited());
    let order = world.order_row(order.id);
    assert_eq!((order.state, order.attempts), (OrderState::Paid, 2));
    assert_eq!(world.token(id).debits, 2, "I12");
}

#[test]
fn rp_54_a_pending_debit_holds_its_amount() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let (yes, no) = (world.debit(id, 6_000), world.debit(id, 3_000));
    for payment in [&yes, &no] {
        world.hear(Debit(payment.id), RailAnswer::Pending { again_in_ms: None });
    }
    assert_eq!(world.sums(id), (0, 9_000, 1_000));
    assert_eq!(outcome(&world.debit(id, 1_001)), "transaction_limit_exceeded");
    assert_eq!(world.cancel(id).err(), Some(Rejection::MandateBusy));
    let rows = world.rows(&yes);
    let steer = MandateCommand::SteerDebit(rows, DebitSteering::Succeed(receipt()));
    world.mandate(steer.clone()).unwrap();
    assert_eq!(world.mandate(steer).err(), Some(Rejection::PaymentFinal("captured")));
    world.hear(Debit(no.id), RailAnswer::No(debit(18)));
    assert_eq!(world.sums(id), (6_000, 0, 4_000));
    assert!(!world.is_open(Debit(yes.id)) && !world.is_open(Debit(no.id)));
}

#[test]
fn a_pending_debit_outlives_its_mandate() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, Some(4_000));
    let (yes, no) = (world.debit(id, 6_000), world.debit(id, 3_000));
    world.mandate(MandateCommand::PayerActed(id, PayerAct::Revoke)).unwrap();
    world.until(5_000);
    assert_eq!(world.sums(id), (0, 9_000, 1_000), "holds stay until the bank decides");
    world.hear(Debit(yes.id), yes_debited());
    world.hear(Debit(no.id), RailAnswer::No(debit(18)));
    assert_eq!(world.sums(id), (6_000, 0, 4_000));
    assert_eq!(world.token(id).state, TokenState::Cancelled);
}

#[test]
fn i11_two_debits_above_the_rest_one_wins() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let (first, second) = (world.debit(id, 6_000), world.debit(id, 6_000));
    assert_eq!((outcome(&first), outcome(&second)), ("created", "transaction_limit_exceeded"));
}

#[test]
fn i12_the_thousandth_debit_is_refused() {
    let mut world = World::new();
    let id = world.approved(1_000_000, 1_000, None);
    let token = crate::token::Token { debits: 998, ..world.token(id) };
    world.set.put_token(token);
    world.set.keep();
    assert_eq!(outcome(&world.taken(id, 100)), "captured");
    assert_eq!(outcome(&world.debit(id, 100)), "bad_request_error");
    assert_eq!((world.token(id).debits, world.sums(id)), (999, (100, 0, 999_900)));
}

/// An order of 1,000 paise of which another rail has paid 400.
fn partly_paid(world: &mut World) -> Order {
    let partial_payment = PartialPayment::Allowed { first: paise(0) };
    let mut order = world.order(OrderDraft { partial_payment, ..draft_order(1_000) });
    order = Order { amount_paid: paise(400), state: OrderState::Attempted, ..order };
    order.id = crate::id::OrderId(raw("QcOrderPartly1"));
    world.set.load_order(order.id, Some((order.clone(), 1)));
    order
}

#[test]
fn a_debit_is_for_what_is_due() {
    let mut world = World::new();
    let token = world.approved(10_000, 10_000, None);
    let order = partly_paid(&mut world);
    assert_eq!(world.debit_of(token, &order), Err(Rejection::OrderAmountMismatch));
    let rest = Order { amount: paise(600), ..order };
    let payment = world.debit_of(token, &rest).unwrap();
    world.hear(Debit(payment.id), yes_debited());
    assert_eq!(outcome(&world.payment(payment.id)), "captured");
    assert_eq!(world.order_row(rest.id).state, OrderState::Paid);
}
