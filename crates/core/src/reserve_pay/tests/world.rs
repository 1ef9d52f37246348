//! One merchant with one customer, on rows in memory: what is not there does not exist.

use crate::command::{Reply, ScopedCommand};
use crate::customer::Notes;
use crate::id::TokenId;
use crate::instruction::InstructionKey;
use crate::order::Order;
use crate::orders::{MandateDraft, OrderDraft};
use crate::payment::Payment;
use crate::rejection::Rejection;
use crate::reserve_pay::{
    Approval, AuthorisationDraft, DebitDraft, DebitReceipt, MandateCommand, MandateRows,
    RailAnswer, RailReport, UpiYes,
};
pub use crate::test_world::{RAIL, START, TestWorld, draft_order, outcome, paise, raw};
use crate::time::{Millis, Time};
use crate::timer::TimerKey;
use crate::token::{Token, TokenState};

/// The world that all rules share, and short words for these.
pub struct World {
    base: TestWorld,
}

impl std::ops::Deref for World {
    type Target = TestWorld;

    fn deref(&self) -> &TestWorld {
        &self.base
    }
}

impl std::ops::DerefMut for World {
    fn deref_mut(&mut self) -> &mut TestWorld {
        &mut self.base
    }
}

pub fn yes_approved() -> RailAnswer {
    RailAnswer::Yes(UpiYes::Approved(Approval {
        vpa: "Asha@UPI".to_owned(),
        name: Some("ASHA RAO".to_owned()),
        mandate_number: Some("0f3c@upi".to_owned()),
    }))
}

pub fn receipt() -> DebitReceipt {
    DebitReceipt {
        rrn: "616400123456".to_owned(),
        transaction_id: "0F3C9A7E5B1D48269C0E7A1B2C3D4E5F".to_owned(),
    }
}

pub fn yes_debited() -> RailAnswer {
    RailAnswer::Yes(UpiYes::Debited(receipt()))
}

pub fn yes_revoked() -> RailAnswer {
    RailAnswer::Yes(UpiYes::Revoked)
}

pub fn unknown() -> RailAnswer {
    RailAnswer::Unknown { why: "no answer".to_owned() }
}

impl World {
    pub fn new() -> World {
        World { base: TestWorld::new() }
    }

    pub fn mandate(&mut self, command: MandateCommand) -> Result<Reply, Rejection> {
        self.run(ScopedCommand::Mandate(command))
    }

    pub fn timer(&self, key: TimerKey) -> Option<i64> {
        let timer = self.timers().into_iter().find(|timer| timer.key == key);
        timer.map(|timer| timer.due.to_time().0 - START)
    }

    /// An order that asks for a block of as much, to end so many seconds after the start.
    pub fn asking(&mut self, block: i64, max_amount: i64, ends: Option<i64>) -> Order {
        let expires_at = ends.map(|seconds| Time(START + seconds));
        let mandate = MandateDraft { max_amount: paise(max_amount), expires_at };
        let customer = Some(self.customer);
        self.order(OrderDraft { mandate: Some(mandate), customer, ..draft_order(block) })
    }

    pub fn authorise(&mut self, order: &Order) -> Result<TokenId, Rejection> {
        let draft = AuthorisationDraft {
            order: order.id,
            amount: order.amount,
            customer: self.customer,
            email: "asha@example.test".to_owned(),
            contact: "+919876500001".to_owned(),
            notes: Notes::new(),
            description: None,
            rail: Some(RAIL.to_owned()),
        };
        match self.mandate(MandateCommand::Authorise(draft))? {
            Reply::Mandate(_, token) => Ok(token.id),
            other => panic!("{other:?}"),
        }
    }

    /// A mandate that its payer has approved.
    pub fn approved(&mut self, block: i64, max_amount: i64, ends: Option<i64>) -> TokenId {
        let order = self.asking(block, max_amount, ends);
        let token = self.authorise(&order).expect("it may be asked for");
        self.hear(InstructionKey::Authorise(token), yes_approved());
        assert_eq!(self.token(token).state, TokenState::Confirmed);
        token
    }

    pub fn draft_debit(&self, token: TokenId, order: &Order) -> DebitDraft {
        DebitDraft {
            order: order.id,
            amount: order.amount,
            customer: self.customer,
            token,
            email: "asha@example.test".to_owned(),
            contact: "+919876500001".to_owned(),
            notes: Notes::new(),
            description: None,
            rails: vec![RAIL.to_owned()],
        }
    }

    pub fn debit_of(&mut self, token: TokenId, order: &Order) -> Result<Payment, Rejection> {
        let draft = self.draft_debit(token, order);
        match self.mandate(MandateCommand::Debit(draft))? {
            Reply::Payment(payment) => Ok(Payment::clone(&payment)),
            Reply::Debit(rows) => Ok(Payment::clone(&rows.payment)),
            other => panic!("{other:?}"),
        }
    }

    /// A debit with an order of its own, captured at once; the bank has yet to answer.
    pub fn debit(&mut self, token: TokenId, amount: i64) -> Payment {
        let order = self.ordered(amount, true);
        self.debit_of(token, &order).expect("a debit of a new order leaves a payment")
    }

    /// The same, after the bank's yes.
    pub fn taken(&mut self, token: TokenId, amount: i64) -> Payment {
        let payment = self.debit(token, amount);
        self.hear(InstructionKey::Debit(payment.id), yes_debited());
        self.payment(payment.id)
    }

    pub fn cancel(&mut self, token: TokenId) -> Result<Reply, Rejection> {
        let customer = self.customer;
        self.mandate(MandateCommand::Cancel(customer, token, Some(RAIL.to_owned())))
    }

    pub fn report(&self, key: InstructionKey, answer: RailAnswer, was_told: bool) -> RailReport {
        let instruction = self.instruction(key).expect("it was written");
        let payment = self.payment(instruction.payment);
        let rows = self.rows(&payment);
        let (number, at) = (instruction.number, Millis(self.now * 1000));
        RailReport { key, number, rows, at, was_told, answer }
    }

    pub fn rows(&self, payment: &Payment) -> MandateRows {
        let token = payment.mandate.as_ref().expect("of a mandate").token;
        MandateRows { token, payment: payment.id, order: payment.order.expect("an order") }
    }

    /// The rail answers now.
    pub fn hear(&mut self, key: InstructionKey, answer: RailAnswer) {
        let report = self.report(key, answer, true);
        self.mandate(MandateCommand::Report(report)).expect("a report is never refused");
    }

    pub fn token(&self, id: TokenId) -> Token {
        Token::clone(&self.set.token(&id).expect("loaded").expect("a mandate"))
    }

    /// Debited, held, remaining.
    pub fn sums(&self, id: TokenId) -> (i64, i64, i64) {
        let token = self.token(id);
        (token.debited.get(), token.held.get(), token.remaining().get())
    }
}
