//! Debits of a mandate. Source: reserve-pay 9.

use super::world::*;
use crate::order::{Order, OrderState, PartialPayment};
use crate::orders::OrderDraft;
use crate::rejection::Rejection;

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
    let refused = world.debit_of(token, &order);
    assert_eq!(refused.unwrap_err(), Rejection::OrderAmountMismatch);
    let rest = Order { amount: paise(600), ..order };
    let payment = world.debit_of(token, &rest).unwrap();
    world.hear(crate::instruction::InstructionKey::Debit(payment.id), yes_debited());
    assert_eq!(outcome(&world.payment(payment.id)), "captured");
    assert_eq!(world.order_row(rest.id).state, OrderState::Paid);
}
