//! The end of a mandate: cancelled, revoked, released, deleted. Source: reserve-pay 8.

use super::world::*;
use crate::failure::authorisation;
use crate::instruction::InstructionKey;
use crate::reserve_pay::{MandateCommand, RailAnswer};
use crate::token::TokenState;

#[test]
fn rp_59_a_refused_cancellation_can_be_asked_for_again() {
    let mut world = World::new();
    let token = world.approved(10_000, 10_000, None);
    let key = InstructionKey::Revoke(token);
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
