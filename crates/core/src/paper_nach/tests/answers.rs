//! What the rail says: once, again, late, never, or against what it said before. Source: paper-nach
//! 7, 12.3, rails 5.

use super::world::*;
use crate::failure::NachFailure;
use crate::id::TokenId;
use crate::instruction::InstructionKey::{Present, Register, Withdraw};
use crate::instruction::InstructionState;
use crate::nach_token::NachState;
use crate::paper_nach::{NachAnswer, NachCommand, NachReport, NachRows};
use crate::scope::{Mode, Scope, ScopeId};
use crate::tenant::Tenant;
use crate::working_set::Changes;

/// Everything but the alerts, as text.
fn rows(changes: &Changes) -> String {
    let said = &changes.appended;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        (&changes.nach_tokens, &changes.nach_forms, &changes.invoices),
        (&changes.payments, &changes.orders, &changes.instructions),
        said.occurrences,
        said.postings,
        said.scans,
        said.timers,
        said.messages,
    )
}

/// What a report leaves behind besides alerts must be nothing; the alerts.
fn hears_without_effect(world: &mut World, report: NachReport) -> Vec<String> {
    let (before, alerts) = (rows(&world.changes()), world.alerts().len());
    world.nach(NachCommand::Report(report)).expect("a report is never refused");
    assert_eq!(rows(&world.changes()), before);
    world.alerts().split_off(alerts)
}

#[test]
fn a_repeat_changes_nothing() {
    let mut world = World::new();
    let id = world.confirmed();
    let again = world.report(Register(id), registered());
    assert_eq!(hears_without_effect(&mut world, again), [""; 0]);
    for answer in [NachAnswer::Honoured, returned("04")] {
        let debit = world.charge(id, 500);
        world.hear(Present(debit.id), answer.clone());
        for answer in [answer, unknown(), NachAnswer::Pending { again_in_ms: None }] {
            let again = world.report(Present(debit.id), answer);
            assert_eq!(hears_without_effect(&mut world, again), [""; 0]);
        }
    }
}

#[test]
fn a_contradiction_is_an_alert() {
    let mut world = World::new();
    let id = world.confirmed();
    let refused = world.report(Register(id), refused("M003"));
    let alerts = hears_without_effect(&mut world, refused);
    assert_eq!(alerts, ["register: refused after it was registered"]);
    let debit = world.charge(id, 500);
    world.hear(Present(debit.id), NachAnswer::Honoured);
    let back = world.report(Present(debit.id), returned("04"));
    let alerts = hears_without_effect(&mut world, back);
    assert_eq!(alerts, ["present: returned after it was honoured"]);
    let debit = world.charge(id, 500);
    world.hear(Present(debit.id), NachAnswer::Refused(NachFailure::DebitTimedOut));
    assert_eq!(outcome(&world.payment(debit.id)), "payment_timed_out");
    let late = world.report(Present(debit.id), NachAnswer::Honoured);
    let alerts = hears_without_effect(&mut world, late);
    assert_eq!(alerts, ["present: honoured after it was returned"]);
}

#[test]
fn an_acceptance_after_the_registration_was_given_up_is_an_alert() {
    for answer in [NachAnswer::Refused(NachFailure::NoAnswer), refused("M003")] {
        let mut world = World::new();
        let id = world.waiting();
        world.hear(Register(id), answer);
        let late = world.report(Register(id), registered());
        let alerts = hears_without_effect(&mut world, late);
        assert_eq!(alerts, ["register: registered after it was given up"]);
    }
}

#[test]
fn what_is_withdrawn_ends_whatever_its_bank_says() {
    let mut world = World::new();
    let id = world.waiting();
    world.cancel(id).unwrap();
    let late = world.report(Register(id), registered());
    assert_eq!(hears_without_effect(&mut world, late.clone()), [""; 0], "its end is on its way");
    world.hear(Withdraw(id), refused("M003"));
    assert_eq!(world.token(id).state, NachState::Cancelled, "its payment has failed");
    assert_eq!(world.alerts(), ["withdraw: not ended, and its bank may have registered it"]);
    let alerts = hears_without_effect(&mut world, late);
    assert_eq!(alerts, ["register: registered after it was given up"]);
    let id = world.waiting();
    world.delete(id).unwrap();
    world.hear(Register(id), refused("M003"));
    assert_eq!(world.token(id).state, NachState::Cancelled, "nothing is left to end");
    assert!(!world.is_open(Withdraw(id)));
}

#[test]
fn no_answer_is_not_a_no() {
    let mut world = World::new();
    let id = world.confirmed();
    let debit = world.charge(id, 500);
    for gap in [60, 120, 240] {
        world.hear(Present(debit.id), unknown());
        let row = world.instruction(Present(debit.id)).unwrap();
        assert_eq!(row.state.due().map(|due| due.to_time().0 - world.now), Some(gap));
        assert!(matches!(row.state, InstructionState::Unknown { .. }));
        assert!(world.payment(debit.id).is_open());
    }
    let text = "present: no answer: no answer; the status will be asked for";
    assert_eq!(world.alerts(), [text], "the operator is told once");
    world.hear(Present(debit.id), NachAnswer::Pending { again_in_ms: Some(5_000) });
    let row = world.instruction(Present(debit.id)).unwrap();
    assert_eq!(row.state.due().map(|due| due.to_time().0 - world.now), Some(5));
    assert_eq!((row.asked, row.told), (4, 4));
    world.hear(Present(debit.id), NachAnswer::Pending { again_in_ms: None });
    assert_eq!(world.instruction(Present(debit.id)).unwrap().state.due(), None);
    world.hear(Present(debit.id), NachAnswer::Honoured);
    assert_eq!(outcome(&world.payment(debit.id)), "captured");
}

#[test]
fn an_answer_to_another_question_decides_nothing() {
    let mut world = World::new();
    let id = world.waiting();
    world.hear(Register(id), NachAnswer::Honoured);
    assert_eq!(world.token(id).state, NachState::Initiated);
    assert!(world.is_open(Register(id)), "its bank has yet to answer");
    world.hear(Register(id), registered());
    assert_eq!(world.token(id).state, NachState::Confirmed);
}

#[test]
fn an_answer_about_nothing_changes_nothing() {
    let mut world = World::new();
    let id = world.waiting();
    let report = world.report(Register(id), registered());
    let nobody = NachRows { token: TokenId(raw("QcNobody000001")), ..report.rows };
    let number = report.number + 1;
    for report in [
        NachReport { rows: nobody, ..report.clone() },
        NachReport { number, ..report.clone() },
        NachReport { key: Register(nobody.token), ..report },
    ] {
        assert_eq!(hears_without_effect(&mut world, report), [""; 0]);
    }
    let (scope, merchant) = (ScopeId(-8), crate::id::MerchantId(raw("QcA0Merchant02")));
    let tenant = Tenant::new(Scope { id: scope, merchant, mode: Mode::Live }, "Gram".to_owned(), 0);
    world.set.load_tenant(scope, Some((tenant, 1)));
    let report = world.report(Register(id), registered());
    world.run_as(scope, crate::command::ScopedCommand::Nach(NachCommand::Report(report))).unwrap();
    assert_eq!(world.token(id).state, NachState::Initiated, "another merchant's bank");
}
