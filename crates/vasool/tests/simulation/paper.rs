//! Mandates on paper: what merchants, their customers, developers and the banks do next.

use std::sync::Arc;

use vasool_core::command::{ClockChange, OnDuplicate, ScopedCommand};
use vasool_core::customer::{Customer, CustomerDraft};
use vasool_core::filing::Connector;
use vasool_core::instruction::{Instruction, InstructionKey, InstructionState};
use vasool_core::invoice::Invoice;
use vasool_core::money::Paise;
use vasool_core::nach_form::{AccountKind, NachAccount};
use vasool_core::nach_token::{Cancellable, NachState, NachToken};
use vasool_core::order::{CapturePlan, Order, PartialPayment};
use vasool_core::orders::OrderDraft;
use vasool_core::paper_nach::{
    ChargeDraft, LinkCustomer, LinkDraft, MandateYears, Medium, NachCommand, NachDebitSteering,
    NachFormDraft, NachMandateSteering, NachReport, NachRows, UploadDraft,
};
use vasool_core::payment::{MandateRole, Method, Payment};
use vasool_core::scope::ScopeId;
use vasool_core::time::Millis;
use vasool_store::memory::Data;

use crate::clearing::{Clearing, Decided, umrn};
use crate::network::Reference;
use crate::rng::Rng;

/// What mandates on paper of a scope see: its rows, its time and the banks.
struct View<'a> {
    data: &'a Data,
    clearing: &'a Clearing,
    scope: ScopeId,
    now: Millis,
}

/// A command about mandates on paper of a scope.
pub fn command(
    rng: &mut Rng,
    data: &Data,
    clearing: &Clearing,
    scope: ScopeId,
    now: Millis,
) -> ScopedCommand {
    let view = View { data, clearing, scope, now };
    let Some(customer) = rng.pick(&view.customers()).copied() else {
        let draft = CustomerDraft { contact: Some("9820012345".to_owned()), ..Default::default() };
        return ScopedCommand::CreateCustomer(draft, OnDuplicate::Refuse);
    };
    let command = match rng.below(100) {
        0..=5 => return ScopedCommand::CreateOrder(order(rng, &view, customer, true)),
        6..=15 => return ScopedCommand::CreateOrder(order(rng, &view, customer, false)),
        16..=21 => Some(NachCommand::CreateLink(Box::new(link(rng, &view, customer)))),
        22..=23 => view.link(rng).map(|link| NachCommand::CancelLink(link.id)),
        24..=25 => view.link(rng).map(|link| {
            let medium = if rng.percent(50) { Medium::Sms } else { Medium::Email };
            NachCommand::NotifyLink(link.id, medium, "http://127.0.0.1".to_owned())
        }),
        26..=45 => upload(rng, &view),
        46..=69 => charge(rng, &view),
        70..=75 => view.end(rng),
        76..=81 => view.steer_mandate(rng),
        82..=86 => view.steer_debit(rng),
        87..=95 => view.call_back(rng),
        96..=97 => {
            return ScopedCommand::SetClock(ClockChange::Advance(rng.between(1, 3) * 86_400));
        }
        _ => return ScopedCommand::SetClock(ClockChange::Advance(rng.between(60, 2_000))),
    };
    match command {
        Some(command) => ScopedCommand::Nach(command),
        None => ScopedCommand::CreateOrder(order(rng, &view, customer, rng.clone().percent(60))),
    }
}

/// NACH as the sandbox opens it: told at once.
fn rail() -> Connector {
    Connector { name: "sandbox".to_owned(), by_file: None }
}

fn paise(amount: i64) -> Paise {
    Paise::new(amount).expect("small")
}

/// A mandate for small debits, that may end within days.
fn form(rng: &mut Rng, view: &View<'_>) -> NachFormDraft {
    let now = view.now.to_time();
    NachFormDraft {
        account: NachAccount {
            number: "50100012345678".to_owned(),
            ifsc: "HDFC0000060".to_owned(),
            holder: "Asha Verma".to_owned(),
            kind: AccountKind::Savings,
        },
        max_amount: paise(rng.between(5, 30) * 100),
        ends_at: rng.percent(40).then(|| now.plus_seconds(rng.between(600, 400_000))),
        years: MandateYears::Thirty,
        first_payment: match rng.percent(30) {
            true => paise(rng.between(1, 5) * 100),
            false => Paise::ZERO,
        },
        reference1: None,
        reference2: None,
        description: None,
        notes: vec![],
    }
}

/// An order that asks for a mandate, or one to be debited.
fn order(rng: &mut Rng, view: &View<'_>, customer: &Customer, asks: bool) -> OrderDraft {
    OrderDraft {
        amount: if asks { Paise::ZERO } else { paise(rng.between(1, 25) * 100) },
        receipt: None,
        has_unique_receipt: false,
        partial_payment: PartialPayment::Refused,
        capture: CapturePlan {
            is_automatic: rng.percent(60),
            manual_expiry_minutes: if rng.percent(50) { 4_320 } else { rng.between(12, 40) },
            refunds_optimum: rng.percent(30),
        },
        customer: (asks || rng.percent(30)).then_some(customer.id),
        mandate: None,
        nach: asks.then(|| Box::new(form(rng, view))),
        notes: vec![],
    }
}

fn link(rng: &mut Rng, view: &View<'_>, customer: &Customer) -> LinkDraft {
    let now = view.now.to_time();
    LinkDraft {
        customer: LinkCustomer::Known(customer.id),
        form: form(rng, view),
        receipt: None,
        description: "Lunch plan".to_owned(),
        notes: vec![],
        expire_by: rng.percent(70).then(|| now.plus_seconds(rng.between(890, 5_000))),
        sms: rng.percent(50),
        email: rng.percent(50),
        base: "http://127.0.0.1".to_owned(),
    }
}

fn upload(rng: &mut Rng, view: &View<'_>) -> Option<NachCommand> {
    let any = rng.percent(15);
    let orders = view.orders(|order| order.has_nach_form && (any || order.open.is_empty()));
    let order = rng.pick(&orders)?.id;
    Some(NachCommand::Upload(UploadDraft {
        order,
        picture: Arc::from(*b"a picture"),
        digest: "00".repeat(32),
        channel: if rng.percent(50) { "api" } else { "page" },
        rail: Some(rail()),
    }))
}

fn charge(rng: &mut Rng, view: &View<'_>) -> Option<NachCommand> {
    let any = rng.percent(15);
    let tokens = view.tokens(|token| any || token.state == NachState::Confirmed);
    let token = *rng.pick(&tokens)?;
    let any = rng.percent(10);
    let fits = |order: &Order| {
        let free = order.open.is_empty() && !order.has_nach_form && order.mandate.is_none();
        let own = order.customer.is_none_or(|customer| customer == token.customer);
        any || free && own && order.amount <= token.max_amount
    };
    let order = *rng.pick(&view.orders(fits))?;
    Some(NachCommand::Charge(ChargeDraft {
        order: order.id,
        amount: order.amount,
        customer: token.customer,
        token: token.id,
        email: "asha@example.test".to_owned(),
        contact: "+919876500001".to_owned(),
        notes: vec![],
        description: None,
        rails: vec![rail()],
    }))
}

impl View<'_> {
    fn customers(&self) -> Vec<&Customer> {
        let rows = self.data.customers.values().map(|(row, _)| &**row);
        rows.filter(|row| row.scope == self.scope).collect()
    }

    fn orders(&self, wanted: impl Fn(&Order) -> bool) -> Vec<&Order> {
        let rows = self.data.orders.values().map(|(row, _)| &**row);
        rows.filter(|row| row.scope == self.scope && wanted(row)).collect()
    }

    fn tokens(&self, wanted: impl Fn(&NachToken) -> bool) -> Vec<&NachToken> {
        let rows = self.data.nach_tokens.values().map(|(row, _)| &**row);
        rows.filter(|row| row.scope == self.scope && wanted(row)).collect()
    }

    fn link(&self, rng: &mut Rng) -> Option<&Invoice> {
        let rows = self.data.invoices.values().map(|(row, _)| &**row);
        let own: Vec<_> = rows.filter(|row| row.scope == self.scope).collect();
        rng.pick(&own).copied()
    }

    /// A merchant cancels a mandate, or deletes it.
    fn end(&self, rng: &mut Rng) -> Option<NachCommand> {
        let any = rng.percent(20);
        let ends = |token: &NachToken| {
            any || matches!(token.state, NachState::Initiated | NachState::Confirmed)
        };
        let (customer, token) =
            rng.pick(&self.tokens(ends)).map(|token| (token.customer, token.id))?;
        Some(match rng.percent(25) {
            true => NachCommand::Delete(customer, token, vec![rail()]),
            false => NachCommand::Cancel(customer, token, vec![rail()]),
        })
    }

    /// A developer plays the banks: they remember what they were made to say.
    fn steer_mandate(&self, rng: &mut Rng) -> Option<NachCommand> {
        let waits = |token: &NachToken| {
            matches!(token.state, NachState::Initiated | NachState::Cancelling(_))
        };
        let token = *rng.pick(&self.tokens(waits))?;
        let (payment, _) = &self.data.payments[&token.payment];
        // A bank may decide on what the merchant has withdrawn in the meantime.
        let is_request = match token.state {
            NachState::Initiated => true,
            NachState::Cancelling(Cancellable::Initiated) => rng.percent(30),
            _ => false,
        };
        let key = match is_request {
            true => InstructionKey::Register(token.id),
            false => InstructionKey::Withdraw(token.id),
        };
        let number = self.data.instructions[&key].0.number;
        let decided = self.clearing.decide((key, number), token, payment);
        let steering = match (is_request, decided) {
            (_, Decided::Waits) => return None,
            (true, Decided::Yes) => NachMandateSteering::Accept(umrn(token.id), None),
            (true, Decided::No(failure)) => NachMandateSteering::Reject(failure),
            (false, Decided::Yes) => NachMandateSteering::CancelOk,
            (false, Decided::No(_)) => NachMandateSteering::CancelFail,
        };
        Some(NachCommand::SteerMandate(rows_of(payment), steering))
    }

    fn steer_debit(&self, rng: &mut Rng) -> Option<NachCommand> {
        let rows = self.data.payments.values().map(|(row, _)| &**row);
        let open = |row: &&Payment| {
            let is_debit = role(row) == Some(MandateRole::Presentation);
            row.scope == self.scope && row.is_open() && is_debit
        };
        let open: Vec<_> = rows.filter(open).collect();
        let payment = *rng.pick(&open)?;
        let (token, _) = &self.data.nach_tokens[&payment.mandate.as_ref()?.token];
        let key = InstructionKey::Present(payment.id);
        let steering = match self.clearing.decide((key, 1), token, payment) {
            Decided::Waits => return None,
            Decided::Yes => NachDebitSteering::Honour,
            Decided::No(failure) => NachDebitSteering::Return(failure),
        };
        Some(NachCommand::SteerDebit(rows_of(payment), steering))
    }

    /// The banks call back, mostly about what they have left open, now and then about what was
    /// decided long ago, or was asked for again in the meantime.
    fn call_back(&self, rng: &mut Rng) -> Option<NachCommand> {
        let (again, old) = (rng.percent(15), rng.percent(50));
        let known = self.clearing.references();
        let pick = |wanted: &dyn Fn(&Instruction, i64) -> bool| {
            let is_wanted = |((key, number), ..): &&(Reference, NachRows, Decided)| {
                let row = self.data.instructions.get(key).map(|(row, _)| row);
                row.is_some_and(|row| row.scope == self.scope && wanted(row, *number))
            };
            known.iter().filter(is_wanted).collect::<Vec<_>>()
        };
        let is_open = |row: &Instruction| row.state != InstructionState::Done;
        let stale = pick(&|row, number| is_open(row) && row.number > number);
        let keys = match stale.is_empty() || !old {
            true => pick(&|row, number| again || is_open(row) && row.number == number),
            false => stale,
        };
        let (reference, rows, _) = rng.pick(&keys)?;
        Some(report(self.clearing, *reference, *rows, self.now))
    }
}

/// What a payment does for its mandate on paper; `None` where it has none.
pub fn role(payment: &Payment) -> Option<MandateRole> {
    let of_nach = matches!(payment.method, Method::Nach { .. });
    payment.mandate.as_ref().filter(|_| of_nach).map(|mandate| mandate.role)
}

fn rows_of(payment: &Payment) -> NachRows {
    let token = payment.mandate.as_ref().expect("of a mandate").token;
    NachRows { token, payment: payment.id, order: payment.order.expect("it has an order") }
}

fn report(clearing: &Clearing, reference: Reference, rows: NachRows, at: Millis) -> NachCommand {
    let answer = clearing.call_back(reference);
    let (key, number) = reference;
    NachCommand::Report(NachReport {
        key,
        number,
        rows,
        at,
        was_told: false,
        answer,
        first_debit: None,
    })
}

/// What the banks say about everything they have left open, by scope.
pub fn last_calls(
    data: &Data,
    clearing: &Clearing,
    now: impl Fn(ScopeId) -> Millis,
) -> Vec<(ScopeId, ScopedCommand)> {
    let waits = |decided: &Decided| *decided == Decided::Waits;
    let known = clearing.references().into_iter().filter(|(.., decided)| waits(decided));
    let calls = known.filter_map(|(reference, rows, _)| {
        let scope = data.instructions.get(&reference.0)?.0.scope;
        Some((scope, ScopedCommand::Nach(report(clearing, reference, rows, now(scope)))))
    });
    calls.collect()
}
