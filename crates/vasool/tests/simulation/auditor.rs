//! A second, naive model: what was promised to callers, and what must hold of any database.

use std::collections::{BTreeMap, BTreeSet};

use vasool::engine::Refusal;
use vasool::wire::event::body;
use vasool_core::command::{Receipt, Reply, ScopedCommand};
use vasool_core::customer::identity;
use vasool_core::event::EventKind;
use vasool_core::id::{OrderId, PaymentId, RawId, VirtualAccountId};
use vasool_core::money::Paise;
use vasool_core::order::OrderState;
use vasool_core::payment::PaymentState;
use vasool_core::scope::ScopeId;
use vasool_core::smart_collect::InboundTransfer;
use vasool_core::time::Millis;
use vasool_core::transfer::TransferKey;
use vasool_core::virtual_account::VirtualAccountState;
use vasool_store::PostingRow;
use vasool_store::memory::Data;

use crate::refunds;

/// How often each event about each subject was told.
pub type Told = BTreeMap<(EventKind, RawId), usize>;

/// What callers were told.
#[derive(Default)]
pub struct Auditor {
    /// The first result of each bank message.
    first_results: BTreeMap<TransferKey, PaymentId>,
    /// Amounts of acknowledged payments.
    acknowledged: BTreeMap<PaymentId, Paise>,
    /// Messages that were only ever refused, never sent again with another result.
    refused: BTreeSet<TransferKey>,
    /// Messages whose outcome is open or known.
    possible: BTreeSet<TransferKey>,
    /// Accounts that a caller was told about, and those it was told are closed.
    opened: BTreeSet<VirtualAccountId>,
    closed: BTreeSet<VirtualAccountId>,
}

impl Auditor {
    /// Remembers a promise, and checks it against earlier ones.
    pub fn observe(
        &mut self,
        scope: ScopeId,
        command: &ScopedCommand,
        result: &Result<Reply, Refusal>,
    ) {
        if let ScopedCommand::ReceiveTransfer(transfer) = command {
            self.observe_transfer(scope, transfer, result);
        }
        if let (ScopedCommand::CreateVirtualAccount(_), Ok(Reply::VirtualAccount(row))) =
            (command, result)
        {
            assert!(self.opened.insert(row.id), "an account is opened once");
        }
        if let (ScopedCommand::CloseVirtualAccount(id), Ok(Reply::VirtualAccount(row))) =
            (command, result)
        {
            assert!(matches!(row.state, VirtualAccountState::Closed { .. }));
            self.closed.insert(*id);
        }
    }

    fn observe_transfer(
        &mut self,
        scope: ScopeId,
        transfer: &InboundTransfer,
        result: &Result<Reply, Refusal>,
    ) {
        let key = transfer.key(scope).expect("the workload names every reference");
        match result {
            Ok(Reply::Receipt(Receipt::Credited(payment) | Receipt::Refunded(payment))) => {
                assert_eq!(payment.amount, transfer.amount);
                let first = self.first_results.insert(key.clone(), payment.id);
                assert_eq!(first, None, "a message is booked once");
                self.acknowledged.insert(payment.id, payment.amount);
                self.possible.insert(key);
            }
            Ok(Reply::Receipt(Receipt::Duplicate(payment))) => {
                let first = *self.first_results.entry(key.clone()).or_insert(payment.id);
                assert_eq!(first, payment.id, "a repeat gets the first result");
                self.acknowledged.insert(payment.id, payment.amount);
                self.possible.insert(key);
            }
            Ok(Reply::Receipt(Receipt::Returned(_))) => {
                assert!(!self.first_results.contains_key(&key), "a booked message stays booked");
            }
            Ok(other) => panic!("a transfer answers {other:?}"),
            Err(Refusal::UnknownOutcome) => {
                self.possible.insert(key);
            }
            Err(_) => {
                self.refused.insert(key);
            }
        }
    }

    /// Everything that must hold after every step.
    pub fn check(&self, data: &Data, told: &Told) {
        self.check_promises(data);
        check_messages_once(data);
        check_journal(data);
        check_accounts(data);
        check_customers(data);
        check_orders(data);
        check_events(data, told);
    }

    fn check_promises(&self, data: &Data) {
        for (id, amount) in &self.acknowledged {
            let (payment, _) = data.payments.get(id).expect("an acknowledged payment exists");
            assert_eq!(payment.amount, *amount);
        }
        for key in self.refused.difference(&self.possible) {
            let booked = data.transfers.values().any(|(row, _)| row.key() == *key);
            assert!(!booked, "a refused message leaves nothing: {key:?}");
        }
        for id in &self.opened {
            assert!(data.virtual_accounts.contains_key(id), "an opened account exists");
        }
        for id in &self.closed {
            let (row, _) = &data.virtual_accounts[id];
            assert!(matches!(row.state, VirtualAccountState::Closed { .. }), "closed is final");
        }
    }

    /// With the database well again, nothing may be left lying: every active account of a scope in
    /// use has closed if its time has come.
    pub fn check_nothing_due(&self, data: &Data, real: Millis) {
        for (row, _) in data.virtual_accounts.values() {
            let (tenant, _) = &data.tenants[&row.scope];
            if tenant.retired {
                continue;
            }
            let now = tenant.now(real).to_time();
            let closes_at = row.closes_at(tenant.settings.va_dormancy_days);
            assert!(closes_at.is_none_or(|at| at > now), "{} should have closed", row.id);
        }
        for occurrence in data.occurrences.values() {
            for (_, kind) in occurrence.events() {
                assert!(body(occurrence, kind, "http://127.0.0.1").is_ascii());
            }
        }
    }
}

fn check_messages_once(data: &Data) {
    let mut seen = BTreeSet::new();
    for (row, _) in data.transfers.values() {
        assert!(seen.insert(row.key()), "a message is booked twice: {:?}", row.key());
        let (payment, _) = &data.payments[&row.payment];
        assert_eq!(payment.amount, row.amount);
        assert_eq!(payment.virtual_account, row.virtual_account);
    }
    let by_rail = data.payments.values().filter(|(row, _)| row.mandate.is_none());
    assert_eq!(by_rail.count(), data.transfers.len(), "payments and transfers in pairs");
}

fn lines<'a>(data: &'a Data, raw: RawId, kind: &str) -> Vec<&'a PostingRow> {
    let range = (raw, kind.to_owned(), 0)..=(raw, kind.to_owned(), i64::MAX);
    data.postings.range(range).map(|(_, row)| &**row).collect()
}

fn sums(lines: &[&PostingRow]) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(line.debit.clone()).or_default() += line.amount.get();
        *sums.entry(line.credit.clone()).or_default() -= line.amount.get();
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// Every paise that arrived is the merchant's, the state's, ours, or on its way back.
fn check_journal(data: &Data) {
    let mut causes = 0;
    for (payment, _) in data.payments.values() {
        let own = lines(data, payment.id.0, "payment");
        causes += own.len();
        let sums = sums(&own);
        let amount = payment.amount.get();
        match payment.state {
            PaymentState::Captured { fee, .. } => {
                let get = |name: &str| sums.get(name).copied().unwrap_or(0);
                assert_eq!(get("bank:sandbox"), amount);
                assert_eq!(get("merchant:payable"), fee.fee.get() - amount);
                assert_eq!(get("fees"), fee.tax.get() - fee.fee.get());
                assert_eq!(get("gst"), -fee.tax.get());
            }
            PaymentState::Returned => {
                let held = match payment.mandate {
                    Some(_) => "payments:uncaptured",
                    None => "payer:returns",
                };
                let want = [("bank:sandbox", amount), (held, -amount)];
                let want = want.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
                assert_eq!(sums, want);
            }
            PaymentState::Authorized => {
                assert!(payment.mandate.is_some(), "{} was left authorized", payment.id);
                let want = [("bank:sandbox", amount), ("payments:uncaptured", -amount)];
                let want = want.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
                assert_eq!(sums, want);
            }
            PaymentState::Created | PaymentState::Failed(_) => assert!(own.is_empty()),
        }
    }
    causes += data.refunds.keys().map(|id| refunds::lines(data, *id).len()).sum::<usize>();
    assert_eq!(causes, data.postings.len(), "no posting without its cause");
}

/// An order has what its captured payments brought, and never more than it asked for.
fn check_orders(data: &Data) {
    let mut paid: BTreeMap<OrderId, i64> = BTreeMap::new();
    for (payment, _) in data.payments.values() {
        if let (Some(order), PaymentState::Captured { .. }) = (payment.order, payment.state) {
            *paid.entry(order).or_default() += payment.amount.get();
        }
    }
    let mut receipts = BTreeSet::new();
    for (order, _) in data.orders.values() {
        let sum = paid.get(&order.id).copied().unwrap_or(0);
        assert_eq!(order.amount_paid.get(), sum, "amount_paid of {}", order.id);
        assert!(order.amount_paid <= order.amount, "{} is overpaid", order.id);
        // An order for a mandate on paper is paid by its mandate.
        let is_paid = order.state == OrderState::Paid;
        assert!(order.has_nach_form || is_paid == (order.amount_paid == order.amount));
        if let Some(receipt) = order.receipt.as_ref().filter(|_| order.has_unique_receipt) {
            assert!(receipts.insert((order.scope, receipt)), "a receipt is unique");
        }
    }
}

fn check_accounts(data: &Data) {
    let mut paid: BTreeMap<VirtualAccountId, i64> = BTreeMap::new();
    for (payment, _) in data.payments.values() {
        let Some(id) = payment.virtual_account else {
            let has_payee = payment.qr_code.is_some() || payment.mandate.is_some();
            assert!(has_payee, "{} is paid to nobody", payment.id);
            continue;
        };
        let (account, _) = &data.virtual_accounts[&id];
        if let PaymentState::Captured { .. } = payment.state {
            *paid.entry(account.id).or_default() += payment.amount.get();
            if let VirtualAccountState::Closed { at } = account.state {
                assert!(payment.created_at <= at, "no money after closing: {}", payment.id);
            }
        }
    }
    let mut active = BTreeSet::new();
    for (account, _) in data.virtual_accounts.values() {
        let sum = paid.get(&account.id).copied().unwrap_or(0);
        assert_eq!(account.amount_paid.get(), sum, "amount_paid of {}", account.id);
        match data.lines.get(&(account.id, account.payments)) {
            Some(line) => assert_eq!(line.amount_paid.get(), sum, "last line of {}", account.id),
            None => assert_eq!(account.payments, 0, "{} has its lines", account.id),
        }
        let timer = vasool_core::timer::TimerKey::CloseVirtualAccount(account.id);
        match account.state {
            VirtualAccountState::Active => {
                let space = account.scope.address_space();
                let addresses =
                    [account.account_number.clone(), account.vpa.as_ref().map(|vpa| vpa.address())];
                for address in addresses.into_iter().flatten() {
                    assert!(active.insert((space, address)), "an active address is unique");
                }
                let dormancy = data.tenants[&account.scope].0.settings.va_dormancy_days;
                let closes = account.closes_at(dormancy).is_some();
                let timed = data.timers.contains_key(&timer);
                assert!(timed || !closes, "an active account has a timer");
            }
            VirtualAccountState::Closed { at } => {
                assert!(!data.timers.contains_key(&timer), "a closed account has none");
                assert!(at >= account.created_at);
            }
        }
    }
}

fn check_customers(data: &Data) {
    let mut seen = BTreeSet::new();
    for (row, _) in data.customers.values() {
        if let Some(identity) = identity(row.email.as_deref(), row.contact.as_deref()) {
            assert!(seen.insert((row.scope, identity)), "one customer per person");
        }
    }
}

/// Counts what was told.
pub fn told(data: &Data) -> Told {
    let mut told = Told::new();
    for occurrence in data.occurrences.values() {
        for (event, kind) in occurrence.events() {
            assert_eq!(occurrence.kind_of(event), Some(kind));
            *told.entry((kind, occurrence.subject)).or_default() += 1;
        }
    }
    told
}

/// Each change is told once, and every delivery has its event.
fn check_events(data: &Data, told: &Told) {
    for (account, _) in data.virtual_accounts.values() {
        let count = |kind| told.get(&(kind, account.id.0)).copied().unwrap_or(0);
        let closed = matches!(account.state, VirtualAccountState::Closed { .. });
        assert_eq!(count(EventKind::VirtualAccountCreated), 1, "{}", account.id);
        assert_eq!(count(EventKind::VirtualAccountClosed), usize::from(closed), "{}", account.id);
    }
    let captured = data.payments.values().filter(|(row, _)| {
        row.mandate.is_none() && matches!(row.state, PaymentState::Captured { .. })
    });
    crate::codes::check(data, told);
    let kinds = [EventKind::VirtualAccountCredited, EventKind::QrCodeCredited];
    let credited = told.iter().filter(|((kind, _), _)| kinds.contains(kind));
    let credited: usize = credited.map(|(_, count)| count).sum();
    assert_eq!(captured.count(), credited, "every credit is told once");
    for (row, _) in data.deliveries.values() {
        let occurrence = data.occurrences.get(&row.event.occurrence());
        let kind = occurrence.and_then(|occurrence| occurrence.kind_of(row.event));
        assert_eq!(kind, Some(row.name), "a delivery has its event");
    }
}
