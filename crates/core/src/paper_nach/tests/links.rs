//! Registration links: made, sent, paid, cancelled, expired. Source: paper-nach 9, 10.

use super::world::*;
use crate::event::EventKind::{
    InvoiceExpired, InvoicePaid, OrderPaid, PaymentAuthorized, PaymentCaptured, PaymentFailed,
    TokenConfirmed, TokenRejected,
};
use crate::id::InvoiceId;
use crate::instruction::InstructionKey::Register;
use crate::invoice::InvoiceState;
use crate::paper_nach::{LinkCustomer, LinkDraft, Medium, NachCommand};
use crate::rejection::Rejection;
use crate::time::Time;
use crate::timer::TimerKey;

#[test]
fn pn_53_a_link_is_open_for_a_while() {
    let mut world = World::new();
    let draft = LinkDraft {
        customer: LinkCustomer::Known(world.customer),
        form: form(50_000, 0),
        receipt: None,
        description: "Lunch plan".to_owned(),
        notes: vec![],
        expire_by: Some(Time(START + 899)),
        sms: false,
        email: true,
        base: "http://127.0.0.1".to_owned(),
    };
    let soon = world.nach(NachCommand::CreateLink(Box::new(draft)));
    assert_eq!(soon.err(), Some(Rejection::LinkExpiresTooSoon));
    let link = world.link(Some(900));
    assert_eq!((link.sms_sent, link.email_sent), (false, true), "the customer has no number");
    assert_eq!(world.changes().appended.messages.len(), 1);
    assert!(world.has_timer(TimerKey::ExpireInvoice(link.id)));
    let endless = world.link(None);
    assert!(!world.has_timer(TimerKey::ExpireInvoice(endless.id)));
}

#[test]
fn pn_57_and_58_sent_again_and_cancelled() {
    let mut world = World::new();
    let link = world.link(Some(1_000));
    let notify = |medium| NachCommand::NotifyLink(link.id, medium, "http://127.0.0.1".to_owned());
    world.nach(notify(Medium::Email)).unwrap();
    assert_eq!(world.nach(notify(Medium::Sms)).err(), Some(Rejection::LinkUnreachable));
    assert_eq!(world.changes().appended.messages.len(), 2);
    let at_bank = world.upload(link.order).unwrap();
    world.nach(NachCommand::CancelLink(link.id)).unwrap();
    assert!(!world.has_timer(TimerKey::ExpireInvoice(link.id)));
    let closed = || Some(Rejection::LinkClosed("cancelled"));
    assert_eq!(world.nach(NachCommand::CancelLink(link.id)).err(), closed());
    assert_eq!(world.nach(notify(Medium::Email)).err(), closed());
    assert_eq!(world.upload(link.order).err(), closed());
    world.hear(Register(at_bank), registered());
    assert_eq!(world.invoice(link.id).state, InvoiceState::Cancelled(Time(START)));
    let want = [PaymentAuthorized, PaymentCaptured, OrderPaid, TokenConfirmed];
    assert_eq!(world.told(), want, "a form at the bank is not recalled");
    let nobody = NachCommand::CancelLink(InvoiceId(raw("QcNobody000001")));
    assert_eq!(world.nach(nobody).err(), Some(Rejection::NotFound));
}

#[test]
fn pn_60_paid() {
    let mut world = World::new();
    let link = world.link(Some(1_000));
    let id = world.upload(link.order).unwrap();
    world.now += 60;
    world.hear(Register(id), registered());
    let payment = world.token(id).payment;
    assert_eq!(world.payment(payment).invoice, Some(link.id));
    let paid = InvoiceState::Paid { at: Time(START + 60), payment };
    assert_eq!(world.invoice(link.id).state, paid);
    let want = [PaymentAuthorized, PaymentCaptured, OrderPaid, InvoicePaid, TokenConfirmed];
    assert_eq!(world.told(), want);
    world.until(2_000);
    assert_eq!(world.invoice(link.id).state, paid, "it does not expire");
    let closed = world.nach(NachCommand::CancelLink(link.id));
    assert_eq!(closed.err(), Some(Rejection::LinkClosed("paid")));
}

#[test]
fn pn_61_expired() {
    let mut world = World::new();
    let link = world.link(Some(1_000));
    world.until(999);
    assert_eq!(world.invoice(link.id).state, InvoiceState::Issued);
    world.now += 1;
    let late = world.upload(link.order);
    assert_eq!(late.err(), Some(Rejection::LinkClosed("expired")), "its timer has yet to fire");
    world.until(1_000);
    assert_eq!(world.invoice(link.id).state, InvoiceState::Expired(Time(START + 1_000)));
    assert_eq!(world.told(), [InvoiceExpired]);
    world.until(5_000);
    assert_eq!(world.told(), [InvoiceExpired]);
}

#[test]
fn pn_61_a_scan_at_the_bank_holds_the_end_up() {
    let issued = |world: &mut World| {
        let link = world.link(Some(world.now - START + 1_000));
        let id = world.upload(link.order).unwrap();
        let now = world.now - START;
        world.until(now + 1_500);
        assert_eq!(world.invoice(link.id).state, InvoiceState::Issued);
        (link.id, id)
    };
    let mut world = World::new();
    let (link, id) = issued(&mut world);
    world.hear(Register(id), registered());
    assert_eq!(world.invoice(link).state.as_str(), "paid");
    let before = world.told().len();
    let (link, id) = issued(&mut world);
    world.hear(Register(id), refused("M003"));
    assert_eq!(world.invoice(link).state, InvoiceState::Expired(Time(world.now)));
    assert_eq!(world.told()[before..], [PaymentFailed, TokenRejected, InvoiceExpired]);
    let before = world.told().len();
    let (link, id) = issued(&mut world);
    world.cancel(id).unwrap();
    assert_eq!(world.invoice(link).state, InvoiceState::Expired(Time(world.now)));
    assert_eq!(world.told()[before..], [PaymentFailed, InvoiceExpired]);
}
