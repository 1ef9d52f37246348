//! The end of a mandate: cancelled, revoked, released, deleted. Source: reserve-pay 8.

use super::world::*;
use crate::event::EventKind;
use crate::event::EventKind::{
    PaymentFailed, TokenCancellationInitiated, TokenCancelled, TokenPaused, TokenResumed,
};
use crate::failure::authorisation;
use crate::id::{MerchantId, TokenId};
use crate::instruction::InstructionKey::{Authorise, Debit, Revoke};
use crate::rejection::Rejection;
use crate::reserve_pay::{MandateCommand, MandateSteering, RailAnswer};
use crate::scope::{Mode, Scope, ScopeId};
use crate::tenant::Tenant;
use crate::timer::TimerKey;
use crate::token::{PayerAct, Token, TokenState};

/// Events after the approval of one mandate.
fn told(world: &World) -> Vec<EventKind> {
    world.told().split_off(2)
}

fn acts(world: &mut World, id: TokenId, act: PayerAct) -> Result<(), Rejection> {
    world.mandate(MandateCommand::PayerActed(id, act)).map(|_| ())
}

fn delete(world: &mut World, id: TokenId) -> Result<(), Rejection> {
    let customer = world.customer;
    world.mandate(MandateCommand::Delete(customer, id)).map(|_| ())
}

#[test]
fn rp_55_a_merchant_ends_a_mandate() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    world.taken(id, 1_000);
    let before = told(&world).len();
    world.cancel(id).unwrap();
    assert_eq!(world.token(id).state.told(), "cancellation_initiated");
    assert_eq!(world.cancel(id).err(), Some(Rejection::MandateBusy));
    world.hear(Revoke(id), yes_revoked());
    let token = world.token(id);
    assert_eq!((token.state, token.blocked), (TokenState::Cancelled, paise(10_000)));
    assert_eq!(told(&world)[before..], [TokenCancellationInitiated, TokenCancelled]);
    assert_eq!(world.timer(TimerKey::ChangeToken(id)), None);
    assert_eq!(world.cancel(id).err(), Some(Rejection::MandateNotCancellable));
}

#[test]
fn rp_57_what_cannot_be_cancelled() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, Some(2_000));
    let nobody = TokenId(raw("QcNobody000001"));
    assert_eq!(world.cancel(nobody).err(), Some(Rejection::NotFound));
    let other = world.another_customer("other@example.test");
    let own = std::mem::replace(&mut world.customer, other);
    assert_eq!(world.cancel(id).err(), Some(Rejection::TokenOfOtherCustomer));
    world.customer = own;
    let payment = world.debit(id, 10_000);
    assert_eq!(world.cancel(id).err(), Some(Rejection::MandateBusy));
    world.hear(Debit(payment.id), yes_debited());
    let no_rail = MandateCommand::Cancel(own, id, None);
    assert_eq!(world.mandate(no_rail).err(), Some(Rejection::NoUpiRail));
    world.until(1_400);
    assert_eq!(world.cancel(id).err(), Some(Rejection::CancelTooLate));
    world.until(2_000);
    assert_eq!(world.cancel(id).err(), Some(Rejection::MandateNotCancellable));
}

#[test]
fn rp_57_and_74_another_merchants_mandate() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let token = world.token(id);
    // Another merchant; what that one has reset; its other mode; one's own other mode.
    let merchants = [
        (ScopeId(-8), "QcOther0000001", "QcA0Merchant02", Mode::Test, false),
        (ScopeId(-9), "QcOther0000002", "QcA0Merchant02", Mode::Test, true),
        (ScopeId(-10), "QcOther0000003", "QcA0Merchant02", Mode::Live, false),
        (ScopeId(-11), "QcOther0000004", "QcA0Merchant01", Mode::Live, false),
    ];
    let refusals = merchants.map(|(scope, foreign, merchant, mode, retired)| {
        let foreign = TokenId(raw(foreign));
        let tenant = Scope { id: scope, merchant: MerchantId(raw(merchant)), mode };
        let tenant = Tenant { retired, ..Tenant::new(tenant, "Gram".to_owned(), 0) };
        world.set.load_tenant(scope, Some((tenant, 1)));
        world.set.load_token(foreign, Some((Token { id: foreign, scope, ..token.clone() }, 1)));
        world.cancel(foreign).err()
    });
    let unknown = Some(Rejection::NotFound);
    let want = [Some(Rejection::TokenOfOtherMerchant), unknown.clone(), unknown.clone(), unknown];
    assert_eq!(refusals, want);
}

#[test]
fn rp_58_a_merchant_ends_what_nobody_approved() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    let id = world.authorise(&order).unwrap();
    world.cancel(id).unwrap();
    assert_eq!(outcome(&world.payment(world.token(id).payment)), "payment_cancelled");
    assert!(!world.is_open(Authorise(id)) && world.is_open(Revoke(id)));
    world.hear(Authorise(id), yes_approved());
    assert_eq!(world.token(id).blocked, paise(0), "the payer was too late");
    world.hear(Revoke(id), yes_revoked());
    assert_eq!(world.token(id).state, TokenState::Cancelled);
    assert_eq!(world.told(), [TokenCancellationInitiated, PaymentFailed, TokenCancelled]);
    let again = world.authorise(&order).unwrap();
    world.cancel(again).unwrap();
    world.hear(Revoke(again), RailAnswer::No(authorisation(34)));
    assert_eq!(world.token(again).state, TokenState::Cancelled, "its payment has failed");
}

#[test]
fn rp_59_a_refused_cancellation_changes_nothing() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    acts(&mut world, id, PayerAct::Pause).unwrap();
    world.cancel(id).unwrap();
    world.hear(Revoke(id), RailAnswer::No(authorisation(34)));
    assert_eq!(world.token(id).state, TokenState::Paused);
    assert_eq!(told(&world), [TokenPaused, TokenCancellationInitiated]);
    acts(&mut world, id, PayerAct::Resume).unwrap();
    assert_eq!(outcome(&world.taken(id, 500)), "captured");
}

#[test]
fn rp_59_a_refused_cancellation_can_be_asked_for_again() {
    let mut world = World::new();
    let token = world.approved(10_000, 10_000, None);
    let key = Revoke(token);
    world.cancel(token).unwrap();
    let first = world.report(key, RailAnswer::No(authorisation(34)), true);
    world.mandate(MandateCommand::Report(first.clone())).unwrap();
    assert_eq!(world.token(token).state, TokenState::Confirmed);

    world.cancel(token).unwrap();
    let second = world.instruction(key).unwrap();
    assert_eq!((second.number, second.asked), (2, 0), "it is another request to the network");
    world.mandate(MandateCommand::Report(first)).unwrap();
    assert!(world.is_open(key), "the network repeats what it said about the first");
    world.hear(key, yes_revoked());
    assert_eq!(world.token(token).state, TokenState::Cancelled);
}

#[test]
fn a_cancellation_refused_too_late_releases_the_rest() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, Some(2_000));
    world.cancel(id).unwrap();
    world.until(1_500);
    world.hear(Revoke(id), RailAnswer::No(authorisation(34)));
    assert_eq!(world.token(id).state.as_str(), "releasing");
    world.until(2_000);
    assert_eq!(world.token(id).state, TokenState::Expired);
}

#[test]
fn a_mandate_expires_while_its_end_is_asked_for() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, Some(2_000));
    world.cancel(id).unwrap();
    world.hear(Revoke(id), unknown());
    world.until(2_000);
    assert_eq!(world.token(id).state, TokenState::Expired);
    assert!(!world.is_open(Revoke(id)));
    world.hear(Revoke(id), yes_revoked());
    assert_eq!(world.token(id).state, TokenState::Expired);
    assert_eq!(told(&world), [TokenCancellationInitiated]);
}

#[test]
fn rp_60_what_is_over_can_be_deleted() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    assert_eq!(delete(&mut world, id), Err(Rejection::MandateNotDeletable));
    world.cancel(id).unwrap();
    assert_eq!(delete(&mut world, id), Err(Rejection::MandateNotDeletable));
    world.hear(Revoke(id), yes_revoked());
    delete(&mut world, id).unwrap();
    assert_eq!(delete(&mut world, id), Err(Rejection::NotFound));
    assert_eq!(world.cancel(id).err(), Some(Rejection::NotFound));
    let order = world.ordered(500, true);
    assert_eq!(world.debit_of(id, &order), Err(Rejection::TokenMismatch));
    let order = world.asking(500, 500, None);
    let late = world.authorise(&order).unwrap();
    world.now = START + 601;
    delete(&mut world, late).expect("its time ran out, although no timer has fired");
}

#[test]
fn rp_61_the_rest_is_released_before_the_end() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, Some(4_000));
    world.until(3_399);
    assert_eq!(world.token(id).state, TokenState::Confirmed);
    world.until(3_400);
    assert_eq!(world.token(id).state.as_str(), "releasing");
    assert_eq!(told(&world), [TokenCancellationInitiated]);
    assert_eq!(world.cancel(id).err(), Some(Rejection::MandateBusy));
    assert!(acts(&mut world, id, PayerAct::Revoke).is_err());
    world.until(4_000);
    assert_eq!(world.token(id).state, TokenState::Expired);
    assert_eq!(told(&world), [TokenCancellationInitiated]);
    assert!(world.timers().is_empty());
}

#[test]
fn rp_62_a_mandate_that_is_used_up_has_nothing_to_release() {
    let mut world = World::new();
    let id = world.approved(1_000, 1_000, Some(4_000));
    world.taken(id, 1_000);
    let before = world.told();
    world.until(3_900);
    assert_eq!(world.token(id).state, TokenState::Confirmed);
    world.until(4_000);
    assert_eq!(world.token(id).state, TokenState::Expired);
    assert_eq!(world.told(), before);
}

#[test]
fn rp_63_a_jump_over_both_moments_is_told_once() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, Some(4_000));
    world.now = START + 9_000;
    assert!(acts(&mut world, id, PayerAct::Pause).is_err(), "the rule looks at the clock first");
    assert_eq!(world.token(id).state, TokenState::Confirmed, "and what is refused leaves no trace");
    world.until(9_000);
    assert_eq!(world.token(id).state, TokenState::Expired);
    assert_eq!(told(&world), [TokenCancellationInitiated]);
}

#[test]
fn rp_64_and_65_a_payer_pauses_resumes_and_revokes() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    assert_eq!(acts(&mut world, id, PayerAct::Resume), Err(Rejection::MandateFinal("confirmed")));
    for act in [PayerAct::Pause, PayerAct::Resume, PayerAct::Pause, PayerAct::Revoke] {
        acts(&mut world, id, act).unwrap();
    }
    assert_eq!(world.token(id).state, TokenState::Cancelled);
    assert_eq!(told(&world), [TokenPaused, TokenResumed, TokenPaused, TokenCancelled]);
    assert_eq!(acts(&mut world, id, PayerAct::Revoke), Err(Rejection::MandateFinal("cancelled")));
}

#[test]
fn a_developer_answers_for_the_network() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let rows = world.rows(&world.payment(world.token(id).payment));
    let steer = |what| MandateCommand::SteerMandate(rows, what);
    assert!(world.mandate(steer(MandateSteering::CancelOk)).is_err());
    assert!(world.mandate(steer(MandateSteering::Expire)).is_err());
    for (answer, state) in [
        (MandateSteering::CancelFail, TokenState::Confirmed),
        (MandateSteering::CancelOk, TokenState::Cancelled),
    ] {
        world.cancel(id).unwrap();
        world.mandate(steer(answer)).unwrap();
        assert_eq!(world.token(id).state, state);
        assert!(!world.is_open(Revoke(id)));
    }
}
