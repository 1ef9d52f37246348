//! What the rail says twice, too late, or against itself. Source: rails 4.1.

use super::world::*;
use crate::failure::{authorisation, debit};
use crate::instruction::InstructionKey::{Authorise, Debit, Revoke};
use crate::instruction::InstructionState;
use crate::reserve_pay::{MandateCommand, RailAnswer, RailReport};
use crate::time::Millis;
use crate::token::TokenState;

#[test]
fn a_word_is_heard_once() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let payment = world.taken(id, 1_000);
    let (events, postings) = (world.told(), world.changes().appended.postings.len());
    world.hear(Authorise(id), yes_approved());
    world.hear(Debit(payment.id), yes_debited());
    world.hear(Debit(payment.id), RailAnswer::Pending { again_in_ms: Some(5) });
    world.hear(Debit(payment.id), unknown());
    assert_eq!(world.sums(id), (1_000, 0, 9_000));
    assert_eq!((world.told(), world.changes().appended.postings.len()), (events, postings));
    assert!(world.alerts().is_empty() && !world.is_open(Debit(payment.id)));
}

#[test]
fn a_contradiction_is_shown_and_not_believed() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let taken = world.taken(id, 1_000);
    let refused = world.debit(id, 500);
    world.hear(Debit(refused.id), RailAnswer::No(debit(18)));
    world.hear(Debit(taken.id), RailAnswer::No(debit(18)));
    world.hear(Debit(refused.id), yes_debited());
    world.hear(Authorise(id), RailAnswer::No(authorisation(33)));
    assert_eq!(world.sums(id), (1_000, 0, 9_000));
    assert_eq!(outcome(&world.payment(taken.id)), "captured");
    assert_eq!(outcome(&world.payment(refused.id)), "insufficient_funds");
    assert_eq!(
        world.alerts(),
        [
            "debit: refused after it was debited",
            "debit: debited after it was refused",
            "authorise: refused after it was approved"
        ]
    );
}

#[test]
fn silence_holds_the_amount_and_is_shown_once() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let payment = world.debit(id, 1_000);
    let key = Debit(payment.id);
    let mut gaps = vec![];
    for _ in 0..4 {
        world.hear(key, unknown());
        let row = world.instruction(key).unwrap();
        let InstructionState::Unknown { due } = row.state else { panic!("{row:?}") };
        gaps.push((due.0 - world.now * 1000) / 1000);
    }
    assert_eq!(gaps, [90, 180, 360, 720]);
    assert_eq!(world.instruction(key).unwrap().told, 4);
    assert_eq!((world.sums(id), world.alerts().len()), ((0, 1_000, 9_000), 1));
    world.hear(key, yes_debited());
    assert_eq!(world.sums(id), (1_000, 0, 9_000));
}

#[test]
fn a_question_is_not_counted_as_an_order() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let key = Debit(world.debit(id, 1_000).id);
    for was_told in [true, false, false] {
        let report = world.report(key, unknown(), was_told);
        world.mandate(MandateCommand::Report(report)).unwrap();
    }
    let row = world.instruction(key).unwrap();
    assert_eq!((row.asked, row.told), (3, 1));
}

#[test]
fn what_the_network_never_heard_of_is_given_up() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let payment = world.debit(id, 1_000);
    world.hear(Debit(payment.id), RailAnswer::NotKnown);
    assert_eq!(outcome(&world.payment(payment.id)), "request_timed_out");
    assert_eq!(world.sums(id), (0, 0, 10_000));
    world.cancel(id).unwrap();
    world.hear(Revoke(id), RailAnswer::NotKnown);
    assert_eq!(world.token(id).state, TokenState::Confirmed);
    assert_eq!(world.alerts(), ["revoke: the network knows nothing of this cancellation"]);
    let order = world.asking(500, 500, None);
    let asked = world.authorise(&order).unwrap();
    world.hear(Authorise(asked), RailAnswer::NotKnown);
    assert_eq!(world.token(asked).state, TokenState::Initiated, "its window is still open");
}

#[test]
fn an_answer_to_another_question_is_none() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let payment = world.debit(id, 1_000);
    world.hear(Debit(payment.id), yes_revoked());
    let row = world.instruction(Debit(payment.id)).unwrap();
    assert!(matches!(row.state, InstructionState::Unknown { .. }), "{row:?}");
    assert_eq!(world.sums(id), (0, 1_000, 9_000));
}

#[test]
fn what_is_not_there_is_not_reported_on() {
    let mut world = World::new();
    let id = world.approved(10_000, 10_000, None);
    let payment = world.debit(id, 1_000);
    let known = world.report(Debit(payment.id), yes_debited(), true);
    let nobody = crate::id::PaymentId(raw("QcNobody000001"));
    let report = RailReport { key: Debit(nobody), ..known };
    world.mandate(MandateCommand::Report(report)).unwrap();
    assert_eq!(world.sums(id), (0, 1_000, 9_000));
}

/// Sandbox 5: on a test clock an answer belongs to the moment the rail was due to be asked.
#[test]
fn an_answer_counts_from_when_it_was_due() {
    let mut world = World::new();
    let order = world.asking(10_000, 10_000, None);
    let id = world.authorise(&order).unwrap();
    let early = world.report(Authorise(id), yes_approved(), true);
    let early = RailReport { at: Millis((START + 3) * 1000), ..early };
    world.now = START + 86_400;
    world.mandate(MandateCommand::Report(early)).unwrap();
    let token = world.token(id);
    assert_eq!(token.state, TokenState::Confirmed);
    assert_eq!(token.payer.unwrap().received_at.0, START + 3);
}
