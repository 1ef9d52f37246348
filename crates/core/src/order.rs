//! Orders: what a merchant wants to be paid. Source: common 7.

use crate::customer::Notes;
use crate::id::{CustomerId, OrderId, PaymentId, TokenId};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Time;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// `order_…`.
    pub id: OrderId,
    /// Whose.
    pub scope: ScopeId,
    /// Fixed at creation.
    pub amount: Paise,
    /// Sum of its captured payments; refunds never lower it.
    pub amount_paid: Paise,
    /// The merchant's reference.
    pub receipt: Option<String>,
    /// Whether no other order of the merchant may have the receipt.
    pub has_unique_receipt: bool,
    /// Where it stands.
    pub state: OrderState,
    /// Payments created for it, successful or not.
    pub attempts: i64,
    /// Whether any of them was ever authorised.
    pub is_authorized: bool,
    /// Whether several payments may make up the amount.
    pub partial_payment: PartialPayment,
    /// How its payments are captured.
    pub capture: CapturePlan,
    /// Who is expected to pay; not shown.
    pub customer: Option<CustomerId>,
    /// What kind of mandate its payment approves. Source: reserve-pay 3.
    pub mandate: Option<MandateTerms>,
    /// Whether it asks for a mandate on paper: then it has a form. Source: paper-nach 4.
    pub has_nach_form: bool,
    /// The one mandate that was approved for it.
    pub token: Option<TokenId>,
    /// Its payments that nobody has decided yet, oldest first.
    pub open: Vec<PaymentId>,
    /// The merchant's notes.
    pub notes: Notes,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// What a mandate will allow; frozen with its order. Source: reserve-pay 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MandateTerms {
    /// The most one debit may take.
    pub max_amount: Paise,
    /// When the mandate ends.
    pub expires_at: Time,
}

/// Where an order stands. Source: common 7.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// No payment yet.
    Created,
    /// Payments were tried; some of the amount may be paid.
    Attempted,
    /// Paid whole. Final.
    Paid,
}

/// Whether an order takes its amount in parts. Source: common 7.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialPayment {
    /// One payment pays it whole.
    Refused,
    /// Several payments; the first of at least this much.
    Allowed {
        /// `first_payment_min_amount`, zero where none was given.
        first: Paise,
    },
}

/// When payments of an order are captured. Source: common 7.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapturePlan {
    /// At once, or by call.
    pub is_automatic: bool,
    /// Minutes until money that nobody captured goes back.
    pub manual_expiry_minutes: i64,
    /// Whether it goes back with speed `optimum`.
    pub refunds_optimum: bool,
}

/// Minutes after which uncaptured money goes back where an order says nothing. Source: common 7.3.
pub const MANUAL_EXPIRY_MINUTES: i64 = 4_320;

impl Default for CapturePlan {
    fn default() -> CapturePlan {
        CapturePlan {
            is_automatic: true,
            manual_expiry_minutes: MANUAL_EXPIRY_MINUTES,
            refunds_optimum: false,
        }
    }
}

impl OrderState {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderState::Created => "created",
            OrderState::Attempted => "attempted",
            OrderState::Paid => "paid",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<OrderState> {
        let all = [OrderState::Created, OrderState::Attempted, OrderState::Paid];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

impl Order {
    /// Whether it asks for a mandate of any kind: then no money pays it. Source: reserve-pay 9.3,
    /// paper-nach 4.
    pub fn asks_for_mandate(&self) -> bool {
        self.mandate.is_some() || self.has_nach_form
    }

    /// What is still to be paid.
    pub fn amount_due(&self) -> Paise {
        self.amount.checked_sub(self.amount_paid).unwrap_or(Paise::ZERO)
    }

    /// Whether a payment of this amount fits. Source: common E22, 7.3.
    pub fn takes(&self, amount: Paise) -> bool {
        match self.partial_payment {
            PartialPayment::Refused => amount == self.amount_due(),
            PartialPayment::Allowed { first } => {
                let least = if self.amount_paid == Paise::ZERO { first } else { Paise::ZERO };
                least <= amount && amount <= self.amount_due()
            }
        }
    }

    /// The order after a payment was created for it. Source: common 7.5.
    pub fn attempted(&self) -> Order {
        let state = match self.state {
            OrderState::Created => OrderState::Attempted,
            other => other,
        };
        Order { state, attempts: self.attempts + 1, ..self.clone() }
    }

    /// The order with a payment that waits for its decision.
    pub fn opened(&self, payment: PaymentId) -> Order {
        let mut order = self.clone();
        order.open.push(payment);
        order
    }

    /// The order after one of its payments was decided.
    pub fn decided(&self, payment: PaymentId) -> Order {
        let mut order = self.clone();
        order.open.retain(|open| *open != payment);
        order
    }

    /// The order after one of its payments was authorised.
    pub fn authorized(&self) -> Order {
        Order { is_authorized: true, ..self.clone() }
    }

    /// The order after one of its payments was captured; `None` when it does not take that much.
    /// Source: common 7.5.
    pub fn captured(&self, amount: Paise) -> Option<Order> {
        let amount_paid =
            self.amount_paid.checked_add(amount).filter(|paid| *paid <= self.amount)?;
        let state = if amount_paid == self.amount { OrderState::Paid } else { self.state };
        Some(Order { amount_paid, state, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::Seed;
    use crate::scope::Mode;

    fn order(amount: i64, partial_payment: PartialPayment) -> Order {
        let mut draw = Seed::first(1_780_000_000_000, 1).draw();
        Order {
            id: draw.id(),
            scope: ScopeId::drawn(Mode::Test, 1),
            amount: Paise::new(amount).unwrap(),
            amount_paid: Paise::ZERO,
            receipt: None,
            has_unique_receipt: false,
            state: OrderState::Created,
            attempts: 0,
            is_authorized: false,
            partial_payment,
            capture: CapturePlan::default(),
            customer: None,
            mandate: None,
            has_nach_form: false,
            token: None,
            open: vec![],
            notes: vec![],
            created_at: Time(0),
        }
    }

    #[test]
    fn cm_66_states_of_an_order() {
        let whole = Paise::new(1_000).unwrap();
        let tried = order(1_000, PartialPayment::Refused).attempted();
        assert_eq!((tried.state, tried.attempts), (OrderState::Attempted, 1));
        let paid = tried.attempted().captured(whole).unwrap();
        assert_eq!((paid.state, paid.attempts), (OrderState::Paid, 2));
        assert_eq!((paid.amount_paid, paid.amount_due()), (whole, Paise::ZERO));
        assert_eq!(paid.attempted().state, OrderState::Paid, "paid is final");
    }

    proptest! {
        /// CM-69: an order takes payments until nothing is due, and never more.
        #[test]
        fn the_sum_of_payments_never_exceeds_the_order(
            amount in 100_i64..10_000,
            first in 0_i64..5_000,
            payments in prop::collection::vec(1_i64..6_000, 1..20),
        ) {
            let first = Paise::new(first.min(amount)).unwrap();
            let mut order = order(amount, PartialPayment::Allowed { first });
            let mut paid = 0;
            for payment in payments {
                let payment = Paise::new(payment).unwrap();
                if !order.takes(payment) {
                    let is_below_first = paid == 0 && payment < first;
                    prop_assert!(is_below_first || payment.get() > amount - paid);
                    continue;
                }
                order = order.attempted().captured(payment).unwrap();
                paid += payment.get();
                prop_assert_eq!(order.amount_paid.get(), paid);
                prop_assert_eq!(order.state == OrderState::Paid, paid == amount);
            }
            prop_assert!(paid <= amount);
        }
    }
}
