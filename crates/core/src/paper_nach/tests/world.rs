//! One merchant with one customer, on rows in memory: what is not there does not exist.

use std::sync::Arc;

use crate::apply::apply;
use crate::command::{Command, OnDuplicate, Reply, ScopedCommand, Submission};
use crate::customer::CustomerDraft;
use crate::event::EventKind;
use crate::failure::NachFailure;
use crate::filing::Connector;
use crate::id::{CustomerId, InvoiceId, MerchantId, OrderId, PaymentId, RawId, Seed, TokenId};
use crate::instruction::{Instruction, InstructionKey, InstructionState};
use crate::invoice::Invoice;
use crate::money::Paise;
use crate::nach_codes::Code;
use crate::nach_form::{AccountKind, NachAccount, NachForm};
use crate::nach_token::NachToken;
use crate::order::{CapturePlan, Order, PartialPayment};
use crate::orders::OrderDraft;
use crate::paper_nach::{
    ChargeDraft, LinkCustomer, LinkDraft, MandateYears, NachAnswer, NachCommand, NachFormDraft,
    NachReport, NachRows, UploadDraft,
};
use crate::payment::{Payment, PaymentState};
use crate::rejection::Rejection;
use crate::scope::{Mode, Scope, ScopeId};
use crate::tenant::Tenant;
use crate::time::{Millis, Time};
use crate::timer::{Timer, TimerKey};
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

/// A connector that is told at once.
pub fn rail() -> Connector {
    Connector { name: RAIL.to_owned(), by_file: None }
}

pub fn registered() -> NachAnswer {
    NachAnswer::Registered { umrn: Some("HDFC0000000000000042".to_owned()) }
}

/// A mandate refused with this code.
pub fn refused(code: &str) -> NachAnswer {
    NachAnswer::Refused(NachFailure::of_mandate(Some(code)))
}

/// A debit returned with this code.
pub fn returned(code: &str) -> NachAnswer {
    NachAnswer::Refused(NachFailure::of_debit(Code::new(code).expect("a code")))
}

pub fn unknown() -> NachAnswer {
    NachAnswer::Unknown { why: "no answer".to_owned() }
}

/// A failed payment's reason, or its status.
pub fn outcome(payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::Failed(failure) => failure.fields().reason,
        state => state.told(payment.amount),
    }
}

/// A mandate for debits of at most so much, with a first one.
pub fn form(max_amount: i64, first_payment: i64) -> NachFormDraft {
    NachFormDraft {
        account: NachAccount {
            number: "50100012345678".to_owned(),
            ifsc: "HDFC0000060".to_owned(),
            holder: "Asha Verma".to_owned(),
            kind: AccountKind::Savings,
        },
        max_amount: paise(max_amount),
        ends_at: None,
        years: MandateYears::Thirty,
        first_payment: paise(first_payment),
        reference1: None,
        reference2: None,
        description: None,
        notes: vec![],
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

    pub fn nach(&mut self, command: NachCommand) -> Result<Reply, Rejection> {
        self.run(ScopedCommand::Nach(command))
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

    pub fn has_timer(&self, key: TimerKey) -> bool {
        self.timers().into_iter().any(|timer| timer.key == key)
    }

    /// An order that asks for a mandate.
    pub fn asking(&mut self, form: NachFormDraft) -> Order {
        let (nach, customer) = (Some(Box::new(form)), Some(self.customer));
        self.order(OrderDraft { nach, customer, ..draft_order(0) })
    }

    /// A link that asks for one, to be used until so many seconds after the start.
    pub fn link(&mut self, expire_by: Option<i64>) -> Invoice {
        let draft = LinkDraft {
            customer: LinkCustomer::Known(self.customer),
            form: form(50_000, 0),
            receipt: None,
            description: "Lunch plan".to_owned(),
            notes: vec![],
            expire_by: expire_by.map(|seconds| Time(START + seconds)),
            sms: true,
            email: true,
            base: "http://127.0.0.1".to_owned(),
        };
        match self.nach(NachCommand::CreateLink(Box::new(draft))) {
            Ok(Reply::Link(invoice, _)) => Invoice::clone(&invoice),
            other => panic!("{other:?}"),
        }
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

    pub fn upload(&mut self, order: OrderId) -> Result<TokenId, Rejection> {
        let draft = UploadDraft {
            order,
            picture: Arc::from(*b"a picture"),
            digest: "00".repeat(32),
            channel: "api",
            rail: Some(rail()),
        };
        match self.nach(NachCommand::Upload(draft))? {
            Reply::NachMandate(_, token) => Ok(token.id),
            other => panic!("{other:?}"),
        }
    }

    /// A mandate whose scan is at its bank.
    pub fn waiting(&mut self) -> TokenId {
        let order = self.asking(form(50_000, 0));
        self.upload(order.id).expect("a new order takes a scan")
    }

    /// A mandate that its bank has accepted.
    pub fn confirmed(&mut self) -> TokenId {
        let token = self.waiting();
        self.hear(InstructionKey::Register(token), registered());
        token
    }

    pub fn draft_charge(&self, token: TokenId, order: &Order) -> ChargeDraft {
        ChargeDraft {
            order: order.id,
            amount: order.amount,
            customer: self.customer,
            token,
            email: "asha@example.test".to_owned(),
            contact: "+919876500001".to_owned(),
            notes: vec![],
            description: None,
            rails: vec![rail()],
        }
    }

    pub fn charge_of(&mut self, token: TokenId, order: &Order) -> Result<Payment, Rejection> {
        let draft = self.draft_charge(token, order);
        match self.nach(NachCommand::Charge(draft))? {
            Reply::Payment(payment) => Ok(Payment::clone(&payment)),
            other => panic!("{other:?}"),
        }
    }

    /// A debit with an order of its own, captured at once; the bank has yet to answer.
    pub fn charge(&mut self, token: TokenId, amount: i64) -> Payment {
        let order = self.ordered(amount, true);
        self.charge_of(token, &order).expect("a debit of a new order")
    }

    pub fn cancel(&mut self, token: TokenId) -> Result<Reply, Rejection> {
        let customer = self.customer;
        self.nach(NachCommand::Cancel(customer, token, vec![rail()]))
    }

    pub fn delete(&mut self, token: TokenId) -> Result<Reply, Rejection> {
        let customer = self.customer;
        self.nach(NachCommand::Delete(customer, token, vec![rail()]))
    }

    pub fn report(&self, key: InstructionKey, answer: NachAnswer) -> NachReport {
        let instruction = self.instruction(key).expect("it was written");
        let rows = self.rows(&self.payment(instruction.payment));
        let (number, at) = (instruction.number, Millis(self.now * 1000));
        NachReport { key, number, rows, at, was_told: true, answer, first_debit: None }
    }

    pub fn rows(&self, payment: &Payment) -> NachRows {
        let token = payment.mandate.as_ref().expect("of a mandate").token;
        NachRows { token, payment: payment.id, order: payment.order.expect("an order") }
    }

    /// The rail answers now.
    pub fn hear(&mut self, key: InstructionKey, answer: NachAnswer) {
        let report = self.report(key, answer);
        self.nach(NachCommand::Report(report)).expect("a report is never refused");
    }

    pub fn token(&self, id: TokenId) -> NachToken {
        NachToken::clone(&self.set.nach_token(&id).expect("loaded").expect("a mandate"))
    }

    pub fn payment(&self, id: PaymentId) -> Payment {
        Payment::clone(&self.set.payment(&id).expect("loaded").expect("a payment"))
    }

    pub fn order_row(&self, id: OrderId) -> Order {
        Order::clone(&self.set.order(&id).expect("loaded").expect("an order"))
    }

    pub fn form_row(&self, id: OrderId) -> NachForm {
        NachForm::clone(&self.set.nach_form(&id).expect("loaded").expect("a form"))
    }

    pub fn invoice(&self, id: InvoiceId) -> Invoice {
        Invoice::clone(&self.set.invoice(&id).expect("loaded").expect("a link"))
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
