//! Mandates: what merchants, payers, developers and the network do next.

use vasool_core::command::{ClockChange, Reply, ScopedCommand};
use vasool_core::customer::{Customer, CustomerDraft};
use vasool_core::failure::row_of_number;
use vasool_core::instruction::{InstructionKey, InstructionState};
use vasool_core::money::Paise;
use vasool_core::order::{CapturePlan, Order, PartialPayment};
use vasool_core::orders::{MandateDraft, OrderDraft};
use vasool_core::payment::{MandateRole, Payment, PaymentState};
use vasool_core::reserve_pay::{
    AuthorisationDraft, DebitDraft, DebitSteering, MandateCommand, MandateRows, MandateSteering,
    RailReport,
};
use vasool_core::scope::ScopeId;
use vasool_core::settings::SettingValue;
use vasool_core::time::{Millis, Time};
use vasool_core::token::{Cancelling, PayerAct, Token, TokenState};
use vasool_store::memory::Data;

use crate::network::{Network, Reference, TIMED_OUT, Word, approval, receipt};
use crate::rng::Rng;

/// What mandates of a scope see: its rows, its time and the network.
struct View<'a> {
    data: &'a Data,
    network: &'a Network,
    scope: ScopeId,
    now: Millis,
}

/// A command about mandates of a scope.
pub fn command(
    rng: &mut Rng,
    data: &Data,
    network: &Network,
    scope: ScopeId,
    now: Millis,
) -> ScopedCommand {
    let view = View { data, network, scope, now };
    let Some(customer) = rng.pick(&view.customers()).map(|row| row.id) else {
        return ScopedCommand::CreateCustomer(
            CustomerDraft::default(),
            vasool_core::command::OnDuplicate::Refuse,
        );
    };
    let command = match rng.below(100) {
        0..=7 => return ScopedCommand::CreateOrder(order(rng, &view, customer, true)),
        8..=19 => return ScopedCommand::CreateOrder(order(rng, &view, customer, false)),
        20..=30 => authorise(rng, &view),
        31..=58 => debit(rng, &view),
        59..=66 => return view.capture(rng),
        67..=70 => view.end(rng),
        71..=75 => view.payer_acts(rng),
        76..=80 => view.steer_mandate(rng),
        81..=83 => view.steer_debit(rng),
        84..=91 => view.call_back(rng),
        92..=93 => return setting(rng),
        94..=95 => {
            return ScopedCommand::SetClock(ClockChange::Advance(rng.between(1, 5) * 86_400));
        }
        _ => return ScopedCommand::SetClock(ClockChange::Advance(rng.between(60, 700))),
    };
    match command {
        Some(command) => ScopedCommand::Mandate(command),
        None => ScopedCommand::CreateOrder(order(rng, &view, customer, rng.clone().percent(50))),
    }
}

/// The instruction that a request has just written, which it asks about at once.
pub fn written(command: &ScopedCommand, reply: &Reply) -> Option<InstructionKey> {
    match (command, reply) {
        (ScopedCommand::Mandate(MandateCommand::Authorise(_)), Reply::Mandate(_, token)) => {
            Some(InstructionKey::Authorise(token.id))
        }
        (ScopedCommand::Mandate(MandateCommand::Cancel(..)), Reply::Token(token)) => {
            Some(InstructionKey::Revoke(token.id))
        }
        _ => None,
    }
}

/// An order that asks for a mandate, or one to be debited. Small numbers, so that blocks are used
/// up, and mandates that end soon.
fn order(
    rng: &mut Rng,
    view: &View<'_>,
    customer: vasool_core::id::CustomerId,
    asks: bool,
) -> OrderDraft {
    let now = view.now.to_time();
    let mandate = asks.then(|| MandateDraft {
        max_amount: paise(rng.between(5, 40) * 100),
        expires_at: rng.percent(50).then(|| now.plus_seconds(rng.between(601, 4_000))),
    });
    let automatic = rng.percent(60);
    // Now and then exactly what is left of a block.
    let tokens = view
        .tokens(|token| token.state == TokenState::Confirmed && token.remaining() > Paise::ZERO);
    let rest = rng.pick(&tokens).map(|token| token.remaining().min(token.max_amount));
    let amount = match (asks, rest) {
        (true, _) => paise(rng.between(20, 80) * 100),
        (false, Some(rest)) if rng.percent(40) => rest,
        (false, _) => paise(rng.between(1, 30) * 100),
    };
    OrderDraft {
        amount,
        receipt: None,
        has_unique_receipt: false,
        partial_payment: match !asks && rng.percent(20) {
            true => PartialPayment::Allowed { first: Paise::ZERO },
            false => PartialPayment::Refused,
        },
        capture: CapturePlan {
            is_automatic: automatic,
            manual_expiry_minutes: if rng.percent(50) { 4_320 } else { rng.between(12, 40) },
            refunds_optimum: rng.percent(30),
        },
        customer: (asks || rng.percent(30)).then_some(customer),
        mandate,
        nach: None,
        notes: vec![],
    }
}

fn paise(amount: i64) -> Paise {
    Paise::new(amount).expect("small")
}

fn authorise(rng: &mut Rng, view: &View<'_>) -> Option<MandateCommand> {
    let orders = view.orders(|order| order.mandate.is_some());
    let order = rng.pick(&orders)?;
    let wrong = i64::from(rng.percent(4)) * 100;
    Some(MandateCommand::Authorise(AuthorisationDraft {
        order: order.id,
        amount: paise(order.amount.get() + wrong),
        customer: order.customer?,
        email: "asha@example.test".to_owned(),
        contact: "+919876500001".to_owned(),
        notes: vec![],
        description: None,
        rail: Some("sandbox".to_owned()),
    }))
}

fn debit(rng: &mut Rng, view: &View<'_>) -> Option<MandateCommand> {
    let any = rng.percent(15);
    let tokens = view.tokens(|token| any || token.state == TokenState::Confirmed);
    let token = *rng.pick(&tokens)?;
    let any = rng.percent(10);
    let fits = |order: &Order| {
        let left = order.amount <= token.max_amount && order.amount <= token.remaining();
        any || order.mandate.is_none()
            && (order.attempts <= 1 || order.partial_payment != PartialPayment::Refused)
            && order.customer.is_none_or(|customer| customer == token.customer)
            && left
    };
    let order = *rng.pick(&view.orders(fits))?;
    let amount = match order.partial_payment {
        PartialPayment::Allowed { .. } => order.amount_due().min(paise(rng.between(1, 10) * 100)),
        PartialPayment::Refused => order.amount,
    };
    Some(MandateCommand::Debit(DebitDraft {
        order: order.id,
        amount,
        customer: token.customer,
        token: token.id,
        email: "asha@example.test".to_owned(),
        contact: "+919876500001".to_owned(),
        notes: vec![],
        description: None,
        rails: vec!["sandbox".to_owned()],
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

    fn tokens(&self, wanted: impl Fn(&Token) -> bool) -> Vec<&Token> {
        let rows = self.data.tokens.values().map(|(row, _)| &**row);
        rows.filter(|row| row.scope == self.scope && wanted(row)).collect()
    }

    fn payments(&self, wanted: impl Fn(&Payment) -> bool) -> Vec<&Payment> {
        let rows = self.data.payments.values().map(|(row, _)| &**row);
        let own = rows.filter(|row| row.scope == self.scope && row.mandate.is_some());
        own.filter(|row| wanted(row)).collect()
    }

    /// Captures what a debit brought; now and then the wrong amount, or what cannot be captured.
    fn capture(&self, rng: &mut Rng) -> ScopedCommand {
        let any = rng.percent(10);
        let payments = self.payments(|row| any || row.state == PaymentState::Authorized);
        match rng.pick(&payments) {
            Some(payment) => {
                let wrong = i64::from(rng.percent(5));
                ScopedCommand::CapturePayment(payment.id, paise(payment.amount.get() + wrong))
            }
            None => ScopedCommand::DisarmFaults,
        }
    }

    fn end(&self, rng: &mut Rng) -> Option<MandateCommand> {
        // What the network has refused to end is asked for again.
        let refused = |token: &Token| {
            let key = InstructionKey::Revoke(token.id);
            token.state == TokenState::Confirmed && self.data.instructions.contains_key(&key)
        };
        let (all, refused) = (self.tokens(|_| true), self.tokens(refused));
        let token = *rng.pick(&refused).filter(|_| rng.clone().percent(50)).or(rng.pick(&all))?;
        let rail = Some("sandbox".to_owned());
        Some(match token.state.is_deletable() && rng.percent(70) {
            true => MandateCommand::Delete(token.customer, token.id),
            false => MandateCommand::Cancel(token.customer, token.id, rail),
        })
    }

    fn payer_acts(&self, rng: &mut Rng) -> Option<MandateCommand> {
        let wanted =
            |token: &Token| matches!(token.state, TokenState::Confirmed | TokenState::Paused);
        let token = *rng.pick(&self.tokens(wanted))?;
        let act = match (token.state, rng.below(10)) {
            (_, 0..=1) => PayerAct::Revoke,
            (TokenState::Paused, _) => PayerAct::Resume,
            _ => PayerAct::Pause,
        };
        Some(MandateCommand::PayerActed(token.id, act))
    }

    /// A developer plays the network: it remembers what it was made to say.
    fn steer_mandate(&self, rng: &mut Rng) -> Option<MandateCommand> {
        let waits = |token: &Token| {
            let cancelling =
                matches!(token.state, TokenState::Cancelling(Cancelling::ByMerchant(_)));
            token.state == TokenState::Initiated || cancelling
        };
        let token = *rng.pick(&self.tokens(waits))?;
        let (payment, _) = &self.data.payments[&token.payment];
        let rows = rows_of(payment);
        let is_request = token.state == TokenState::Initiated;
        let key = match is_request {
            true => InstructionKey::Authorise(token.id),
            false => InstructionKey::Revoke(token.id),
        };
        let wish = (is_request && rng.percent(15)).then_some(Word::No(TIMED_OUT));
        let number = self.data.instructions[&key].0.number;
        let steering = match (is_request, self.network.decide((key, number), token, payment, wish))
        {
            (_, Word::Waits) => return None,
            (true, Word::Yes) => MandateSteering::Approve(approval(token.id)),
            (true, Word::No(TIMED_OUT)) => MandateSteering::Expire,
            (true, Word::No(row)) => MandateSteering::Reject(row_of_number(row)?),
            (false, Word::Yes) => MandateSteering::CancelOk,
            (false, Word::No(_)) => MandateSteering::CancelFail,
        };
        Some(MandateCommand::SteerMandate(rows, steering))
    }

    fn steer_debit(&self, rng: &mut Rng) -> Option<MandateCommand> {
        let open = |payment: &Payment| {
            let role = payment.mandate.as_ref().map(|mandate| mandate.role);
            payment.is_open() && matches!(role, Some(MandateRole::Debit { .. }))
        };
        let payment = *rng.pick(&self.payments(open))?;
        let (token, _) = &self.data.tokens[&payment.mandate.as_ref()?.token];
        let key = InstructionKey::Debit(payment.id);
        let steering = match self.network.decide((key, 1), token, payment, None) {
            Word::Waits => return None,
            Word::Yes => DebitSteering::Succeed(receipt(payment.id)),
            Word::No(row) => DebitSteering::Fail(row_of_number(row)?),
        };
        Some(MandateCommand::SteerDebit(rows_of(payment), steering))
    }

    /// The network calls back, mostly about what it has left open, now and then about what was
    /// decided long ago.
    fn call_back(&self, rng: &mut Rng) -> Option<MandateCommand> {
        let again = rng.percent(15);
        let known = self.network.references();
        let keys: Vec<_> = known
            .iter()
            .filter(|((key, number), ..)| {
                let row = self.data.instructions.get(key).map(|(row, _)| row);
                row.is_some_and(|row| {
                    let open = row.state != InstructionState::Done && row.number == *number;
                    row.scope == self.scope && (again || open)
                })
            })
            .collect();
        let (reference, rows, _) = rng.pick(&keys)?;
        report(self.network, *reference, *rows, self.now)
    }
}

fn rows_of(payment: &Payment) -> MandateRows {
    let token = payment.mandate.as_ref().expect("of a mandate").token;
    MandateRows { token, payment: payment.id, order: payment.order.expect("it has an order") }
}

fn report(
    network: &Network,
    reference: Reference,
    rows: MandateRows,
    at: Millis,
) -> Option<MandateCommand> {
    let answer = network.call_back(reference)?;
    let (key, number) = reference;
    Some(MandateCommand::Report(RailReport { key, number, rows, at, was_told: false, answer }))
}

/// What the network says about everything it has left open, by scope.
pub fn last_calls(
    data: &Data,
    network: &Network,
    now: impl Fn(ScopeId) -> Millis,
) -> Vec<(ScopeId, ScopedCommand)> {
    let waits = |word: &Word| *word == Word::Waits;
    let known = network.references().into_iter().filter(|(.., word)| waits(word));
    let calls = known.filter_map(|(reference, rows, _)| {
        let scope = data.instructions.get(&reference.0)?.0.scope;
        Some((scope, ScopedCommand::Mandate(report(network, reference, rows, now(scope))?)))
    });
    calls.collect()
}

fn setting(rng: &mut Rng) -> ScopedCommand {
    let (name, value) = match rng.below(2) {
        0 => ("approval_window", rng.between(5, 600)),
        _ => ("upi_fee_bps", rng.between(0, 300)),
    };
    ScopedCommand::ChangeSettings(vec![(name.to_owned(), SettingValue::Integer(value))])
}

/// Whether a mandate can change no more.
pub fn is_final(token: &Token) -> bool {
    matches!(token.state, TokenState::Rejected | TokenState::Cancelled | TokenState::Expired)
}

/// When an uncaptured debit goes back.
pub fn returns_at(order: &Order, payment: &Payment) -> Time {
    payment.created_at.plus_seconds(order.capture.manual_expiry_minutes * 60)
}
