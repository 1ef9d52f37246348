//! One merchant with one customer, on rows in memory: what is not there does not exist.

use std::sync::Arc;

use crate::command::{Reply, ScopedCommand};
use crate::failure::NachFailure;
use crate::filing::Connector;
use crate::id::{InvoiceId, OrderId, TokenId};
use crate::instruction::InstructionKey;
use crate::invoice::Invoice;
use crate::nach_codes::Code;
use crate::nach_form::{AccountKind, NachAccount, NachForm};
use crate::nach_token::NachToken;
use crate::order::Order;
use crate::orders::OrderDraft;
use crate::paper_nach::{
    ChargeDraft, LinkCustomer, LinkDraft, MandateYears, NachAnswer, NachCommand, NachFormDraft,
    NachReport, NachRows, UploadDraft,
};
use crate::payment::Payment;
use crate::rejection::Rejection;
pub use crate::test_world::{RAIL, START, TestWorld, draft_order, outcome, paise, raw};
use crate::time::{Millis, Time};
use crate::timer::TimerKey;

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

impl World {
    pub fn new() -> World {
        World { base: TestWorld::new() }
    }

    pub fn nach(&mut self, command: NachCommand) -> Result<Reply, Rejection> {
        self.run(ScopedCommand::Nach(command))
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

    pub fn form_row(&self, id: OrderId) -> NachForm {
        NachForm::clone(&self.set.nach_form(&id).expect("loaded").expect("a form"))
    }

    pub fn invoice(&self, id: InvoiceId) -> Invoice {
        Invoice::clone(&self.set.invoice(&id).expect("loaded").expect("a link"))
    }
}
