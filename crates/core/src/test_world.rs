//! What tests of rules share: one merchant with one customer, on rows in memory. What is not there does
//! not exist.

use crate::apply::apply;
use crate::command::{Command, OnDuplicate, Reply, ScopedCommand, Submission};
use crate::customer::CustomerDraft;
use crate::event::EventKind;
use crate::id::{CustomerId, MerchantId, OrderId, PaymentId, RawId, Seed};
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::money::Paise;
use crate::order::{CapturePlan, Order, PartialPayment};
use crate::orders::OrderDraft;
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::scope::{Mode, Scope, ScopeId};
use crate::tenant::Tenant;
use crate::time::{Millis, Time};
use crate::timer::Timer;
use crate::working_set::{Changes, Key, Stop, WorkingSet};

pub const START: i64 = 1_780_000_000;
pub const SCOPE: ScopeId = ScopeId(7);
pub const RAIL: &str = "sandbox";

pub struct TestWorld {
    pub set: WorkingSet,
    pub now: i64,
    pub customer: CustomerId,
    seed: Seed,
}

pub fn raw(text: &str) -> RawId {
    RawId::parse(text).expect("an id")
}

pub fn paise(amount: i64) -> Paise {
    Paise::new(amount).expect("an amount")
}

/// A failed payment's reason, or its status.
pub fn outcome(payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::Failed(failure) => failure.fields().reason,
        state => state.told(payment.amount),
    }
}

pub fn draft_order(amount: i64) -> OrderDraft {
    OrderDraft {
        amount: paise(amount),
        receipt: None,
        has_unique_receipt: false,
        partial_payment: PartialPayment::Refused,
        capture: CapturePlan::default(),
        customer: None,
        mandate: None,
        nach: None,
        notes: vec![],
    }
}

impl TestWorld {
    pub fn new() -> TestWorld {
        let mut set = WorkingSet::default();
        let merchant = MerchantId(raw("QcA0Merchant01"));
        let scope = Scope { id: SCOPE, merchant, mode: Mode::Test };
        set.load_tenant(SCOPE, Some((Tenant::new(scope, "Lotus".to_owned(), 0), 1)));
        let (seed, customer) = (Seed::first(START * 1000, 42), CustomerId(raw("00000000000000")));
        let mut world = TestWorld { set, now: START, customer, seed };
        world.customer = world.another_customer("asha@example.test");
        world
    }

    pub fn another_customer(&mut self, email: &str) -> CustomerId {
        let draft = CustomerDraft { email: Some(email.to_owned()), ..CustomerDraft::default() };
        match self.run(ScopedCommand::CreateCustomer(draft, OnDuplicate::Refuse)) {
            Ok(Reply::Customer(customer)) => customer.id,
            other => panic!("{other:?}"),
        }
    }

    /// Decides a command; rows that nobody loaded do not exist.
    pub fn run(&mut self, command: ScopedCommand) -> Result<Reply, Rejection> {
        self.run_as(SCOPE, command)
    }

    /// The same as somebody else.
    pub fn run_as(&mut self, scope: ScopeId, command: ScopedCommand) -> Result<Reply, Rejection> {
        let real = Millis(self.now * 1000);
        self.seed = self.seed.next(real.0, 42);
        let command = Command::Scoped(scope, command);
        let submission = Submission { command, real, seed: self.seed };
        loop {
            match apply(&mut self.set, &submission) {
                Ok(reply) => return Ok(reply),
                Err(Stop::Rejected(rejection)) => return Err(rejection),
                Err(Stop::Missing(key)) => self.lack(key),
            }
        }
    }

    fn lack(&mut self, key: Key) {
        let set = &mut self.set;
        match key {
            Key::Lookup(lookup) => set.load_lookup(lookup, vec![]),
            Key::Customer(id) => set.load_customer(id, None),
            Key::Order(id) => set.load_order(id, None),
            Key::Token(id) => set.load_token(id, None),
            Key::Invoice(id) => set.load_invoice(id, None),
            Key::NachForm(id) => set.load_nach_form(id, None),
            Key::NachToken(id) => set.load_nach_token(id, None),
            Key::Instruction(key) => set.load_instruction(key, None),
            Key::Refund(id) => set.load_refund(id, None),
            Key::Payment(id) => {
                set.load_payment(id, None);
                set.load_transfer(id, None);
            }
            key => panic!("{key:?} is not needed"),
        }
    }

    /// Lets the clock go on to `seconds` after the start; timers fire when they are due.
    pub fn until(&mut self, seconds: i64) {
        let target = START + seconds;
        while let Some(timer) = self.next_timer(Time(target)) {
            self.now = self.now.max(timer.due.to_time().0);
            self.run(ScopedCommand::FireTimer(timer.key, timer.due)).expect("a timer fires");
        }
        self.now = self.now.max(target);
    }

    fn next_timer(&self, until: Time) -> Option<Timer> {
        let timers = self.timers().into_iter();
        timers.filter(|timer| timer.due <= until.to_millis()).min_by_key(|timer| timer.due)
    }

    pub fn timers(&self) -> Vec<Timer> {
        let mut timers = std::collections::BTreeMap::new();
        for (key, timer) in self.changes().appended.timers {
            timers.insert(key, timer);
        }
        timers.into_values().flatten().collect()
    }

    /// An order to be debited, captured at once or by call.
    pub fn ordered(&mut self, amount: i64, is_automatic: bool) -> Order {
        let capture = CapturePlan { is_automatic, ..CapturePlan::default() };
        self.order(OrderDraft { capture, ..draft_order(amount) })
    }

    pub fn order(&mut self, draft: OrderDraft) -> Order {
        match self.run(ScopedCommand::CreateOrder(draft)) {
            Ok(Reply::Order(order) | Reply::NachOrder(order, _)) => Order::clone(&order),
            other => panic!("{other:?}"),
        }
    }

    pub fn payment(&self, id: PaymentId) -> Payment {
        Payment::clone(&self.set.payment(&id).expect("loaded").expect("a payment"))
    }

    pub fn order_row(&self, id: OrderId) -> Order {
        Order::clone(&self.set.order(&id).expect("loaded").expect("an order"))
    }

    pub fn instruction(&self, key: InstructionKey) -> Option<Instruction> {
        self.set.instruction(&key).ok().flatten().map(|row| Instruction::clone(&row))
    }

    pub fn is_open(&self, key: InstructionKey) -> bool {
        self.instruction(key).is_some_and(|row| row.state != InstructionState::Done)
    }

    pub fn changes(&self) -> Changes {
        self.set.clone().into_changes()
    }

    /// Events since the start, in order.
    pub fn told(&self) -> Vec<EventKind> {
        self.changes().appended.occurrences.iter().flat_map(|row| row.kinds.clone()).collect()
    }

    pub fn alerts(&self) -> Vec<String> {
        self.changes().appended.alerts.iter().map(|alert| alert.text.clone()).collect()
    }
}
