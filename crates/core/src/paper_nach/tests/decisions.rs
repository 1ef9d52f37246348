//! Scans, and what banks decide on them. Source: paper-nach 6, 7, T3 to T6, 13.

use super::world::*;
use crate::event::EventKind::{
    OrderPaid, PaymentAuthorized, PaymentCaptured, PaymentFailed, TokenConfirmed, TokenRejected,
};
use crate::failure::NachFailure;
use crate::id::OrderId;
use crate::instruction::InstructionKey::{Present, Register};
use crate::nach_form::Registration;
use crate::nach_token::NachState;
use crate::order::OrderState;
use crate::paper_nach::{NachAnswer, NachCommand, UploadDraft};
use crate::payment::MandateRole;
use crate::rejection::Rejection;
use crate::time::Time;

#[test]
fn pn_34_a_scan_is_at_its_bank() {
    let mut world = World::new();
    let order = world.asking(form(50_000, 0));
    let id = world.upload(order.id).unwrap();
    let token = world.token(id);
    let payment = world.payment(token.payment);
    assert_eq!((outcome(&payment), payment.amount), ("created", paise(0)));
    assert_eq!((token.state, token.max_amount), (NachState::Initiated, paise(50_000)));
    let order = world.order_row(order.id);
    assert_eq!((order.state, order.attempts), (OrderState::Attempted, 1));
    assert_eq!(order.open, [payment.id]);
    assert!(world.is_open(Register(id)));
    assert_eq!(world.changes().appended.scans.len(), 1);
    assert_eq!(world.told(), []);
}

#[test]
fn pn_29_to_40_what_takes_no_scan() {
    let mut world = World::new();
    let nobody = OrderId(raw("QcNobody000001"));
    assert_eq!(world.upload(nobody).err(), Some(Rejection::NotFound));
    let plain = world.ordered(500, true);
    assert_eq!(world.upload(plain.id).err(), Some(Rejection::NotPaperMandate));
    let over =
        crate::paper_nach::NachFormDraft { ends_at: Some(Time(START + 100)), ..form(50_000, 0) };
    let over = world.asking(over);
    world.until(100);
    assert_eq!(world.upload(over.id).err(), Some(Rejection::MandateDateOver));
    let order = world.asking(form(50_000, 0));
    let no_rail = UploadDraft {
        order: order.id,
        picture: std::sync::Arc::from(*b"a picture"),
        digest: "00".repeat(32),
        channel: "page",
        rail: None,
    };
    let no_rail = world.nach(NachCommand::Upload(no_rail));
    assert_eq!(no_rail.err(), Some(Rejection::NoNachRail));
    let id = world.upload(order.id).unwrap();
    let payment = world.token(id).payment;
    assert_eq!(world.upload(order.id).err(), Some(Rejection::FormPending(payment)));
    world.hear(Register(id), registered());
    assert_eq!(world.upload(order.id).err(), Some(Rejection::OrderPaid));
    assert_eq!(world.changes().appended.scans.len(), 1, "nothing else was stored");
    assert_eq!(world.order_row(order.id).attempts, 1);
}

#[test]
fn pn_35_and_36_accepted() {
    let mut world = World::new();
    let id = world.waiting();
    let before = world.token(id);
    world.now += 300;
    world.hear(Register(id), registered());
    let token = world.token(id);
    assert_eq!(token.state, NachState::Confirmed);
    assert_eq!(token.umrn.as_deref(), Some("HDFC0000000000000042"));
    assert_eq!(token.used_at, before.used_at, "a debit uses it, not its registration");
    assert_eq!(outcome(&world.payment(token.payment)), "captured");
    let order = world.order_row(token.order);
    assert_eq!((order.state, order.amount_paid), (OrderState::Paid, paise(0)));
    assert!(order.open.is_empty());
    assert_eq!(world.form_row(token.order).registration, Registration::Confirmed);
    let want = [PaymentAuthorized, PaymentCaptured, OrderPaid, TokenConfirmed];
    assert_eq!(world.told(), want);
    let changes = world.changes();
    let [occurrence] = &changes.appended.occurrences[..] else { panic!("one change") };
    assert_eq!(occurrence.created_at, Time(world.now));
    assert!(changes.appended.postings.is_empty(), "no money moves");
}

#[test]
fn pn_37_to_39_refused() {
    let mut world = World::new();
    let id = world.waiting();
    world.hear(Register(id), refused("M003"));
    let token = world.token(id);
    assert_eq!(
        (token.state, outcome(&world.payment(token.payment))),
        (NachState::Rejected, "payment_declined",)
    );
    let why = token.failure.unwrap();
    assert_eq!(why.told_of_mandate(), "Drawers signature differs");
    assert_eq!(world.form_row(token.order).registration, Registration::Rejected(why));
    let order = world.order_row(token.order);
    assert_eq!((order.state, order.open.len()), (OrderState::Attempted, 0));
    assert_eq!(world.told(), [PaymentFailed, TokenRejected]);
    let again = world.upload(token.order).unwrap();
    assert_ne!((again, world.token(again).payment), (id, token.payment));
    assert_eq!(world.form_row(token.order).registration, Registration::Open);
    assert_eq!(world.order_row(token.order).attempts, 2);
    world.hear(Register(again), NachAnswer::Refused(NachFailure::NoAnswer));
    let failure = world.token(again).failure.unwrap();
    assert_eq!(failure.told_of_mandate(), "No response from bank");
    assert_eq!(outcome(&world.payment(world.token(again).payment)), "payment_timed_out");
}

#[test]
fn pn_78_the_first_debit() {
    let mut world = World::new();
    let order = world.asking(form(50_000, 10_000));
    let rejected = world.upload(order.id).unwrap();
    world.hear(Register(rejected), refused("M003"));
    assert_eq!(world.changes().payments.len(), 1, "a refused mandate is not debited");
    let id = world.upload(order.id).unwrap();
    world.hear(Register(id), registered());
    let changes = world.changes();
    let rows = changes.payments.iter().map(|saved| &saved.row);
    let is_debit = |row: &&std::sync::Arc<crate::payment::Payment>| {
        row.mandate.as_ref().is_some_and(|mandate| mandate.role == MandateRole::Presentation)
    };
    let debits: Vec<_> = rows.filter(is_debit).collect();
    let [debit] = debits[..] else { panic!("one debit") };
    assert_eq!((debit.amount, outcome(debit)), (paise(10_000), "created"));
    assert_ne!(debit.order, Some(order.id));
    world.hear(Present(debit.id), returned("04"));
    assert_eq!(world.token(id).state, NachState::Confirmed, "it can be debited again");
    assert_eq!(world.order_row(order.id).state, OrderState::Paid);
}
