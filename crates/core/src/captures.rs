//! Capturing authorised money. Source: common 8.5.

use std::sync::Arc;

use crate::apply::{Context, own};
use crate::command::Reply;
use crate::event::{EventKind, Snapshot};
use crate::id::PaymentId;
use crate::ledger::{Account, Cause, Posting};
use crate::money::{Fee, Paise};
use crate::order::{Order, OrderState};
use crate::payment::{Method, Payment, PaymentState};
use crate::refund::Speed;
use crate::refunds;
use crate::rejection::Rejection;
use crate::time::Time;
use crate::timer::{Timer, TimerKey};
use crate::working_set::{Decision, WorkingSet};

/// Captures an authorised payment whole: payment, order, postings and events together.
///
/// Rejects, in this order: `NotFound`, `OrderPaid` (captured before, or the order is paid by
/// another payment), `NotCapturable`, `CaptureAmount`.
pub fn capture(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: PaymentId,
    amount: Paise,
) -> Decision<Reply> {
    let payment = own(ctx, set.payment(&id)?, |row| row.scope)?;
    match payment.state {
        PaymentState::Captured { .. } => return Err(Rejection::OrderPaid.into()),
        PaymentState::Created | PaymentState::Failed(_) | PaymentState::Returned => {
            return Err(Rejection::NotCapturable.into());
        }
        PaymentState::Authorized => {}
    }
    if amount != payment.amount {
        return Err(Rejection::CaptureAmount.into());
    }
    let order = match payment.order {
        Some(order) => set.order(&order)?,
        None => None,
    };
    let order = match order {
        Some(order) => Some(Arc::new(order.captured(amount).ok_or(Rejection::OrderPaid)?)),
        None => None,
    };
    let settings = &ctx.tenant.settings;
    // What a debit brought is booked since it was authorised; line 0 is taken.
    let (rate, from, line) = match &payment.mandate {
        Some(_) if matches!(payment.method, Method::Nach { .. }) => {
            (settings.nach_fee_bps, Account::Uncaptured, 1)
        }
        Some(_) => (settings.upi_fee_bps, Account::Uncaptured, 1),
        None => {
            let transfer = set.transfer(&id)?.ok_or(Rejection::NotCapturable)?;
            (settings.va_fee_bps, Account::Bank(transfer.connector.clone()), 0)
        }
    };
    let fee = amount.fee_at(rate);
    let state = PaymentState::Captured { fee, refunded: Paise::ZERO };
    let captured = Arc::new(Payment { state, ..Payment::clone(&payment) });
    book_capture(set, ctx, &captured, fee, from, line);
    set.clear_timer(TimerKey::ReturnUncaptured(id));
    set.put_payment(captured.clone());
    let mut kinds = vec![EventKind::PaymentCaptured];
    if let Some(order) = &order {
        set.put_order(order.clone());
        if order.state == OrderState::Paid {
            kinds.push(EventKind::OrderPaid);
        }
    }
    let snapshot = Snapshot { payment: Some(captured.clone()), order, ..Snapshot::default() };
    ctx.announce(set, id.0, &kinds, snapshot)?;
    Ok(Reply::Payment(captured))
}

/// Sets the end of the time in which a payment can be captured, counted from its creation; of a debit
/// over NACH, which a bank answers days later, from `authorized_at`. Source: common 7.3, 8.4.
fn set_return_timer(set: &mut WorkingSet, payment: &Payment, order: &Order, authorized_at: Time) {
    let seconds = order.capture.manual_expiry_minutes.saturating_mul(60);
    let from = match payment.method {
        Method::Nach { .. } => authorized_at,
        _ => payment.created_at,
    };
    let due = from.plus_seconds(seconds).to_millis();
    let key = TimerKey::ReturnUncaptured(payment.id);
    set.set_timer(Timer { key, scope: payment.scope, due });
}

/// The time in which a payment could be captured is over: its money goes back whole, without fee.
/// Source: common 8.4.
pub fn return_uncaptured(
    set: &mut WorkingSet,
    ctx: &mut Context,
    id: PaymentId,
) -> Decision<Reply> {
    let payment = set.payment(&id)?.filter(|row| row.scope == ctx.scope.id);
    let payment = payment.filter(|row| row.state == PaymentState::Authorized);
    let Some((payment, mandate)) =
        payment.and_then(|row| Some((row.clone(), row.mandate.clone()?)))
    else {
        set.clear_timer(TimerKey::ReturnUncaptured(id));
        return Ok(Reply::Done);
    };
    let order = match payment.order {
        Some(id) => set.order(&id)?,
        None => None,
    };
    if let Some(order) = &order {
        let seconds = order.capture.manual_expiry_minutes.saturating_mul(60);
        if ctx.now.time < payment.created_at.plus_seconds(seconds) {
            set_return_timer(set, &payment, order, payment.created_at);
            return Ok(Reply::Done);
        }
    }
    let speed = match order.is_some_and(|order| order.capture.refunds_optimum) {
        true => Speed::Optimum,
        false => Speed::Normal,
    };
    let returned = Payment { state: PaymentState::Returned, ..Payment::clone(&payment) };
    let refund = refunds::automatic(ctx, &returned, mandate.connector, speed);
    refunds::order_payout(set, ctx, &returned, &refund);
    set.clear_timer(TimerKey::ReturnUncaptured(id));
    let (returned, refund) = (Arc::new(returned), Arc::new(refund));
    set.put_payment(returned.clone());
    set.put_refund(refund.clone());
    let kinds = refunds::told_at_once(&refund);
    let snapshot =
        Snapshot { payment: Some(returned.clone()), refund: Some(refund), ..Snapshot::default() };
    ctx.announce(set, id.0, kinds, snapshot)?;
    Ok(Reply::Payment(returned))
}

/// Money of a debit is here: the payment, authorised as given, is captured where its order says so, or
/// waits for the merchant. Payment, order, postings, timer and events together. `rate`: the fee, basis
/// points.
pub(crate) fn arrive(
    set: &mut WorkingSet,
    ctx: &mut Context,
    authorized: Payment,
    connector: String,
    rate: u32,
) -> Decision<Arc<Payment>> {
    let amount = authorized.amount;
    let order = match authorized.order {
        Some(id) => set.order(&id)?,
        None => None,
    };
    let order = order.ok_or(Rejection::NotFound)?.authorized().decided(authorized.id);
    let captured = order.captured(amount).filter(|_| order.capture.is_automatic);
    let (payment, order, kinds) = match captured {
        Some(order) => {
            let fee = amount.fee_at(rate);
            let state = PaymentState::Captured { fee, refunded: Paise::ZERO };
            let captured = Payment { state, ..authorized };
            book_capture(set, ctx, &captured, fee, Account::Bank(connector), 0);
            let mut kinds = vec![EventKind::PaymentAuthorized, EventKind::PaymentCaptured];
            if order.state == OrderState::Paid {
                kinds.push(EventKind::OrderPaid);
            }
            (captured, order, kinds)
        }
        None => {
            let lines = [(Account::Bank(connector), Account::Uncaptured, amount)];
            book(set, ctx, Cause::Payment(authorized.id), 0, lines);
            set_return_timer(set, &authorized, &order, ctx.now.time);
            (authorized, order, vec![EventKind::PaymentAuthorized])
        }
    };
    let (payment, order) = (Arc::new(payment), Arc::new(order));
    set.put_payment(payment.clone());
    set.put_order(order.clone());
    let snapshot =
        Snapshot { payment: Some(payment.clone()), order: Some(order), ..Snapshot::default() };
    ctx.announce(set, payment.id.0, &kinds, snapshot)?;
    Ok(payment)
}

/// Books a capture from where its money is, lines from `first` on: the merchant owns it, and owes us
/// the fee and the state its tax. Source: `ARCHITECTURE.md`, "Money".
pub(crate) fn book_capture(
    set: &mut WorkingSet,
    ctx: &Context,
    payment: &Payment,
    fee: Fee,
    from: Account,
    first: i64,
) {
    let net_fee = fee.fee.checked_sub(fee.tax).expect("the tax is a part of the fee");
    let lines = [
        (from, Account::MerchantPayable, payment.amount),
        (Account::MerchantPayable, Account::Fees, net_fee),
        (Account::MerchantPayable, Account::Gst, fee.tax),
    ];
    book(set, ctx, Cause::Payment(payment.id), first, lines);
}

/// Books lines of one cause in order, from number `first` on, leaving out those without money.
pub(crate) fn book<const N: usize>(
    set: &mut WorkingSet,
    ctx: &Context,
    cause: Cause,
    first: i64,
    lines: [(Account, Account, Paise); N],
) {
    let lines = lines.into_iter().filter(|(_, _, amount)| *amount > Paise::ZERO);
    for (line, (debit, credit, amount)) in (first..).zip(lines) {
        set.post(Posting {
            cause,
            line,
            scope: ctx.scope.id,
            debit,
            credit,
            amount,
            posted_at: ctx.now.time,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::apply;
    use crate::command::{Command, ScopedCommand, Submission};
    use crate::id::{Draw, Seed};
    use crate::order::{CapturePlan, Order, PartialPayment};
    use crate::scope::{Mode, Scope, ScopeId};
    use crate::settings::Settings;
    use crate::tenant::{Tenant, TestClock};
    use crate::time::Millis;
    use crate::transfer::{Payee, Transfer, TransferMode};
    use crate::working_set::{Lookup, Stop};

    const NOW: Millis = Millis(1_780_000_000_000);

    fn amount(paise: i64) -> Paise {
        Paise::new(paise).unwrap()
    }

    /// An authorised payment of 250 rupees for an order of as much.
    fn world(draw: &mut Draw) -> (WorkingSet, ScopeId, PaymentId) {
        let scope = ScopeId::drawn(Mode::Test, draw.number());
        let order = Order {
            id: draw.id(),
            scope,
            amount: amount(25_000),
            amount_paid: Paise::ZERO,
            receipt: None,
            has_unique_receipt: false,
            state: OrderState::Attempted,
            attempts: 1,
            is_authorized: true,
            partial_payment: PartialPayment::Refused,
            capture: CapturePlan { is_automatic: false, ..CapturePlan::default() },
            customer: None,
            mandate: None,
            has_nach_form: false,
            token: None,
            open: vec![],
            notes: vec![],
            created_at: Time(1_780_000_000),
        };
        let payment = Payment {
            id: draw.id(),
            scope,
            amount: amount(25_000),
            method: Method::Upi { vpa: None },
            state: PaymentState::Authorized,
            description: None,
            email: None,
            contact: None,
            customer: None,
            notes: vec![],
            bank_reference: None,
            virtual_account: None,
            qr_code: None,
            order: Some(order.id),
            invoice: None,
            mandate: None,
            created_at: Time(1_780_000_000),
        };
        let transfer = Transfer {
            payment: payment.id,
            id: draw.id(),
            scope,
            connector: "sandbox".to_owned(),
            mode: TransferMode::Upi,
            bank_reference: "528201739911".to_owned(),
            amount: payment.amount,
            payee: Payee::vpa("a@b"),
            payer: None,
            virtual_account: None,
        };
        let tenant = Tenant {
            scope: Scope { id: scope, merchant: draw.id(), mode: Mode::Test },
            merchant_name: "Blue Lotus".to_owned(),
            epoch: 1,
            retired: false,
            clock: TestClock::default(),
            settings: Settings::defaults(Mode::Test),
            faults_armed: 0,
        };
        let (mut set, id) = (WorkingSet::default(), payment.id);
        set.load_tenant(scope, Some((tenant, 1)));
        set.load_order(order.id, Some((order, 1)));
        set.load_payment(id, Some((payment, 1)));
        set.load_transfer(id, Some((transfer, 1)));
        set.load_lookup(Lookup::Endpoints(scope), vec![]);
        (set, scope, id)
    }

    fn run(set: &mut WorkingSet, scope: ScopeId, id: PaymentId, paise: i64) -> Decision<Reply> {
        let command = ScopedCommand::CapturePayment(id, amount(paise));
        let command = Command::Scoped(scope, command);
        apply(set, &Submission { command, real: NOW, seed: Seed::first(NOW.0, 5) })
    }

    #[test]
    fn cm_76_to_78_one_capture_of_the_whole_amount() {
        let mut draw = Seed::first(NOW.0, 1).draw();
        let (mut set, scope, id) = world(&mut draw);
        for wrong in [24_999, 25_001] {
            let refused = run(&mut set, scope, id, wrong);
            assert!(matches!(refused, Err(Stop::Rejected(Rejection::CaptureAmount))));
        }
        let Ok(Reply::Payment(captured)) = run(&mut set, scope, id, 25_000) else {
            panic!("not captured")
        };
        assert!(matches!(captured.state, PaymentState::Captured { .. }));
        let order = set.order(&captured.order.unwrap()).unwrap().unwrap();
        assert_eq!((order.state, order.amount_paid), (OrderState::Paid, amount(25_000)));
        let again = run(&mut set, scope, id, 25_000);
        assert!(matches!(again, Err(Stop::Rejected(Rejection::OrderPaid))));
        let changes = set.into_changes().appended;
        let booked: i64 = changes
            .postings
            .iter()
            .filter(|line| line.debit == Account::Bank("sandbox".to_owned()))
            .map(|line| line.amount.get())
            .sum();
        assert_eq!(booked, 25_000);
        let kinds: Vec<EventKind> =
            changes.occurrences.iter().flat_map(|row| row.kinds.clone()).collect();
        assert_eq!(kinds, [EventKind::PaymentCaptured, EventKind::OrderPaid]);
    }
}
