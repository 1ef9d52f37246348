//! The end of a mandate: cancelled or deleted by the merchant, or ended by the bank. Source:
//! paper-nach 8.4, 8.5, T12.

use super::world::*;
use crate::instruction::InstructionKey::Withdraw;
use crate::nach_token::{Cancellable, NachState};
use crate::paper_nach::{NachAnswer, NachCommand, NachReport};

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
