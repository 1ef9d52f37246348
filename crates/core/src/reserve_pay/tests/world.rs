//! One merchant with one customer, on rows in memory: what is not there does not exist.

use crate::apply::apply;
use crate::command::{Command, Reply, ScopedCommand, Submission};
use crate::customer::{CustomerDraft, Notes};
use crate::event::EventKind;
use crate::id::{CustomerId, MerchantId, OrderId, PaymentId, RawId, Seed, TokenId};
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::money::Paise;
use crate::order::{CapturePlan, Order, PartialPayment};
use crate::orders::{MandateDraft, OrderDraft};
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::reserve_pay::{
    Approval, AuthorisationDraft, DebitDraft, DebitReceipt, MandateCommand, MandateRows,
    RailAnswer, RailReport, UpiYes,
};
use crate::scope::{Mode, Scope, ScopeId};
use crate::tenant::Tenant;
use crate::time::{Millis, Time};
use crate::timer::{Timer, TimerKey};
use crate::token::{Token, TokenState};
use crate::working_set::{Changes, Key, Stop, WorkingSet};

pub const START: i64 = 1_780_000_000;
pub const SCOPE: ScopeId = ScopeId(7);
pub const RAIL: &str = "sandbox";

pub struct World {
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

/// A failed payment's reason, or its status.
pub fn outcome(payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::Failed(failure) => failure.fields().reason,
        state => state.told(payment.amount),
    }
}

impl World {
    pub fn new() -> World {
        let mut set = WorkingSet::default();
        let merchant = MerchantId(raw("QcA0Merchant01"));
        let scope = Scope { id: SCOPE, merchant, mode: Mode::Test };
        set.load_tenant(SCOPE, Some((Tenant::new(scope, "Lotus".to_owned(), 0), 1)));
        let (seed, customer) = (Seed::first(START * 1000, 42), CustomerId(raw("00000000000000")));
        let mut world = World { set, now: START, customer, seed };
        world.customer = world.another_customer("asha@example.test");
        world
    }

    pub fn another_customer(&mut self, email: &str) -> CustomerId {
        let draft = CustomerDraft { email: Some(email.to_owned()), ..CustomerDraft::default() };
        let on_duplicate = crate::command::OnDuplicate::Refuse;
        match self.run(ScopedCommand::CreateCustomer(draft, on_duplicate)) {
            Ok(Reply::Customer(customer)) => customer.id,
            other => panic!("{other:?}"),
        }
    }

    /// Decides a command; rows that nobody loaded do not exist.
    pub fn run(&mut self, command: ScopedCommand) -> Result<Reply, Rejection> {
        let real = Millis(self.now * 1000);
        self.seed = self.seed.next(real.0, 42);
        let command = Command::Scoped(SCOPE, command);
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
            Key::Instruction(key) => set.load_instruction(key, None),
            Key::Refund(id) => set.load_refund(id, None),
            Key::Payment(id) => {
                set.load_payment(id, None);
                set.load_transfer(id, None);
            }
            key => panic!("{key:?} is not needed"),
        }
    }

    pub fn mandate(&mut self, command: MandateCommand) -> Result<Reply, Rejection> {
        self.run(ScopedCommand::Mandate(command))
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

    /// An order to be debited, captured at once or by call.
    pub fn ordered(&mut self, amount: i64, is_automatic: bool) -> Order {
        let capture = CapturePlan { is_automatic, ..CapturePlan::default() };
        self.order(OrderDraft { capture, ..draft_order(amount) })
    }

    pub fn order(&mut self, draft: OrderDraft) -> Order {
        match self.run(ScopedCommand::CreateOrder(draft)) {
            Ok(Reply::Order(order)) => Order::clone(&order),
            other => panic!("{other:?}"),
        }
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

    /// Debited, held, remaining.
    pub fn sums(&self, id: TokenId) -> (i64, i64, i64) {
        let token = self.token(id);
        (token.debited.get(), token.held.get(), token.remaining().get())
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
