//! The tables in memory; `unique` has their uniqueness rules, `find` their lookups.

use std::collections::BTreeMap;
use std::sync::Arc;

use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow, BulkState};
use vasool_core::customer::Customer;
use vasool_core::event::Occurrence;
use vasool_core::filing::Filing;
use vasool_core::fund_account::FundAccount;
use vasool_core::id::{
    BatchId, FundAccountId, MerchantId, OccurrenceId, PaymentId, QrCodeId, RawId, RefundId,
    VirtualAccountId,
};
use vasool_core::instruction::{Instruction, InstructionKey};
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::order::Order;
use vasool_core::paper_nach::NachScan;
use vasool_core::payment::Payment;
use vasool_core::qr_code::QrCode;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::{Fault, Message};
use vasool_core::scope::ScopeId;
use vasool_core::short_link::ShortLink;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::time::Millis;
use vasool_core::timer::{Timer, TimerKey};
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::{StatementLine, VirtualAccount, VirtualAccountState};
use vasool_core::webhook::{Attempt, Delivery, DeliveryKey, DeliveryState, Endpoint};
use vasool_core::working_set::{Alert, Key, Row, Saved, WorkingSet};

use crate::Batch;
use crate::columns::PostingRow;
use crate::error::{StoreError, StoreResult};

/// Rows of one table with their versions.
pub type Stored<T> = BTreeMap<<T as Row>::Id, (Arc<T>, i64)>;

/// Every table.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields are the tables of the schema, by name")]
pub struct Data {
    pub merchants: Stored<Merchant>,
    pub api_keys: Stored<ApiKey>,
    pub tenants: Stored<Tenant>,
    pub customers: Stored<Customer>,
    pub virtual_accounts: Stored<VirtualAccount>,
    pub payments: Stored<Payment>,
    pub transfers: Stored<Transfer>,
    pub orders: Stored<Order>,
    pub bank_accounts: Stored<CustomerBankAccount>,
    pub qr_codes: Stored<QrCode>,
    pub refunds: Stored<Refund>,
    pub tokens: Stored<Token>,
    pub nach_forms: Stored<NachForm>,
    pub nach_tokens: Stored<NachToken>,
    pub invoices: Stored<Invoice>,
    pub scans: BTreeMap<PaymentId, NachScan>,
    pub filings: BTreeMap<(InstructionKey, i64), Filing>,
    pub instructions: Stored<Instruction>,
    pub idempotency: Stored<IdempotencyRecord>,
    pub endpoints: Stored<Endpoint>,
    pub deliveries: Stored<Delivery>,
    pub bulk_files: Stored<BulkFile>,
    pub bulk_rows: Stored<BulkRow>,
    pub faults: Stored<Fault>,
    pub postings: BTreeMap<(RawId, String, i64), Arc<PostingRow>>,
    pub occurrences: BTreeMap<OccurrenceId, Occurrence>,
    pub lines: BTreeMap<(VirtualAccountId, i64), StatementLine>,
    pub links: BTreeMap<String, ShortLink>,
    pub fund_accounts: BTreeMap<FundAccountId, FundAccount>,
    pub attempts: Vec<Arc<Attempt>>,
    pub messages: Vec<Arc<Message>>,
    pub alerts: Vec<Arc<Alert>>,
    pub timers: BTreeMap<TimerKey, Timer>,
}

impl Data {
    pub(super) fn load(&self, key: &Key, set: &mut WorkingSet) {
        match key {
            Key::Merchant(id) => set.load_merchant(*id, get(&self.merchants, id)),
            Key::ApiKey(id) => set.load_api_key(*id, get(&self.api_keys, id)),
            Key::Tenant(id) => set.load_tenant(*id, get(&self.tenants, id)),
            Key::Customer(id) => set.load_customer(*id, get(&self.customers, id)),
            Key::VirtualAccount(id) => self.load_account(*id, set),
            Key::BankAccount(id) => set.load_bank_account(*id, get(&self.bank_accounts, id)),
            Key::QrCode(id) => self.load_code(*id, set),
            Key::Order(id) => set.load_order(*id, get(&self.orders, id)),
            Key::Payment(id) => self.load_payment(*id, set),
            Key::Refund(id) => set.load_refund(*id, get(&self.refunds, id)),
            Key::Token(id) => set.load_token(*id, get(&self.tokens, id)),
            Key::NachForm(id) => set.load_nach_form(*id, get(&self.nach_forms, id)),
            Key::NachToken(id) => set.load_nach_token(*id, get(&self.nach_tokens, id)),
            Key::Invoice(id) => set.load_invoice(*id, get(&self.invoices, id)),
            Key::Instruction(key) => set.load_instruction(*key, get(&self.instructions, key)),
            Key::Idempotency(key) => {
                set.load_idempotency(key.clone(), get(&self.idempotency, key));
            }
            Key::Delivery(id) => set.load_delivery(*id, get(&self.deliveries, id)),
            Key::BulkFile(id) => set.load_bulk_file(*id, get(&self.bulk_files, id)),
            Key::BulkRow(key) => set.load_bulk_row(*key, get(&self.bulk_rows, key)),
            Key::Lookup(lookup) => {
                let found = self.find(lookup);
                for raw in &found {
                    self.load_found(lookup, *raw, set);
                }
                set.load_lookup(lookup.clone(), found);
            }
        }
    }

    pub(super) fn with_receipt(
        &self,
        payment: PaymentId,
        receipt: &str,
    ) -> impl Iterator<Item = &Refund> {
        let own = self.refunds.values().map(|(row, _)| &**row);
        own.filter(move |row| row.payment == payment && row.receipt.as_deref() == Some(receipt))
    }

    pub(super) fn load_account(&self, id: VirtualAccountId, set: &mut WorkingSet) {
        let row = get(&self.virtual_accounts, &id);
        if let Some(customer) = row.as_ref().and_then(|(row, _)| row.customer) {
            set.load_customer(customer, get(&self.customers, &customer));
        }
        if let Some(order) = row.as_ref().and_then(|(row, _)| row.order) {
            set.load_order(order, get(&self.orders, &order));
        }
        set.load_virtual_account(id, row);
    }

    fn load_code(&self, id: QrCodeId, set: &mut WorkingSet) {
        let row = get(&self.qr_codes, &id);
        if let Some(customer) = row.as_ref().and_then(|(row, _)| row.customer) {
            set.load_customer(customer, get(&self.customers, &customer));
        }
        set.load_qr_code(id, row);
    }

    pub(super) fn load_payment(&self, id: PaymentId, set: &mut WorkingSet) {
        set.load_payment(id, get(&self.payments, &id));
        set.load_transfer(id, get(&self.transfers, &id));
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = &VirtualAccount> {
        self.virtual_accounts.values().map(|(row, _)| &**row)
    }

    pub(super) fn holders(&self, number: &str) -> impl Iterator<Item = &VirtualAccount> {
        self.accounts().filter(move |row| row.account_number.as_deref() == Some(number))
    }

    pub(super) fn save(&mut self, batch: &Batch) -> StoreResult<()> {
        let changes = &batch.changes;
        put_all(&mut self.merchants, &changes.merchants)?;
        put_all(&mut self.api_keys, &changes.api_keys)?;
        put_all(&mut self.tenants, &changes.tenants)?;
        put_all(&mut self.customers, &changes.customers)?;
        put_all(&mut self.virtual_accounts, &changes.virtual_accounts)?;
        put_all(&mut self.payments, &changes.payments)?;
        put_all(&mut self.transfers, &changes.transfers)?;
        put_all(&mut self.orders, &changes.orders)?;
        put_all(&mut self.bank_accounts, &changes.bank_accounts)?;
        put_all(&mut self.qr_codes, &changes.qr_codes)?;
        put_all(&mut self.refunds, &changes.refunds)?;
        put_all(&mut self.tokens, &changes.tokens)?;
        put_all(&mut self.nach_forms, &changes.nach_forms)?;
        put_all(&mut self.nach_tokens, &changes.nach_tokens)?;
        put_all(&mut self.invoices, &changes.invoices)?;
        add_once(&mut self.scans, &changes.appended.scans, |row| row.payment)?;
        add_once(&mut self.filings, &changes.appended.filings, |row| (row.key, row.number))?;
        put_all(&mut self.instructions, &changes.instructions)?;
        put_all(&mut self.idempotency, &changes.idempotency)?;
        put_all(&mut self.endpoints, &changes.endpoints)?;
        put_all(&mut self.deliveries, &changes.deliveries)?;
        put_all(&mut self.bulk_files, &changes.bulk_files)?;
        put_all(&mut self.bulk_rows, &changes.bulk_rows)?;
        put_all(&mut self.faults, &changes.faults)?;
        self.check_unique(batch)?;
        for posting in &batch.postings {
            let key = (posting.cause, posting.cause_kind.clone(), posting.line);
            if self.postings.insert(key, Arc::new(posting.clone())).is_some() {
                return Err(StoreError::Conflict("a posting exists".to_owned()));
            }
        }
        for occurrence in &changes.appended.occurrences {
            if self.occurrences.insert(occurrence.id, occurrence.clone()).is_some() {
                return Err(StoreError::Conflict("an occurrence exists".to_owned()));
            }
        }
        for line in &changes.appended.lines {
            if self.lines.insert((line.virtual_account, line.number), line.clone()).is_some() {
                return Err(StoreError::Conflict("a statement line exists".to_owned()));
            }
        }
        for link in &changes.appended.links {
            if self.links.insert(link.code.clone(), link.clone()).is_some() {
                return Err(StoreError::Conflict("a short URL exists".to_owned()));
            }
        }
        for account in &changes.appended.fund_accounts {
            if self.fund_accounts.insert(account.id, account.clone()).is_some() {
                return Err(StoreError::Conflict("a fund account exists".to_owned()));
            }
        }
        let appended = &changes.appended;
        add_all(&mut self.attempts, &appended.attempts, |row| {
            (row.event, row.endpoint, row.number)
        })?;
        add_all(&mut self.messages, &appended.messages, |row| row.id)?;
        add_all(&mut self.alerts, &appended.alerts, |row| row.id)?;
        for (key, timer) in &appended.timers {
            match timer {
                Some(timer) => self.timers.insert(*key, *timer),
                None => self.timers.remove(key),
            };
        }
        for id in &appended.deleted_endpoints {
            self.endpoints.remove(id);
            for (row, version) in self.deliveries.values_mut() {
                if row.endpoint == *id && matches!(row.state, DeliveryState::Pending { .. }) {
                    Arc::make_mut(row).state = DeliveryState::Undelivered;
                    *version += 1;
                }
            }
        }
        for scope in &appended.rearmed {
            for timer in self.timers.values_mut().filter(|timer| timer.scope == *scope) {
                timer.due = Millis(0);
            }
        }
        Ok(())
    }

    pub(super) fn purge_abandoned(&mut self) -> usize {
        let before = self.rows();
        let gone: Vec<BatchId> = self
            .bulk_files
            .values()
            .filter(|(row, _)| row.state == BulkState::Abandoned)
            .map(|(row, _)| row.id)
            .collect();
        self.bulk_rows.retain(|_, (row, _)| !gone.contains(&row.file));
        self.bulk_files.retain(|id, _| !gone.contains(id));
        before - self.rows()
    }

    pub(super) fn purge_retired(&mut self) -> usize {
        let retired: Vec<ScopeId> = self
            .tenants
            .values()
            .filter(|(row, _)| row.retired)
            .map(|(row, _)| row.scope.id)
            .collect();
        let gone = |scope: ScopeId| retired.contains(&scope);
        let before = self.rows();
        self.bulk_rows.retain(|_, (row, _)| !gone(row.scope));
        self.bulk_files.retain(|_, (row, _)| !gone(row.scope));
        self.timers.retain(|_, row| !gone(row.scope));
        self.deliveries.retain(|_, (row, _)| !gone(row.scope));
        self.attempts.retain(|row| !gone(row.scope));
        self.occurrences.retain(|_, row| !gone(row.scope.id));
        self.lines.retain(|_, row| !gone(row.scope));
        self.faults.retain(|_, (row, _)| !gone(row.scope));
        self.messages.retain(|row| !gone(row.scope));
        self.alerts.retain(|row| !gone(row.scope));
        self.postings.retain(|_, row| !gone(row.scope));
        self.tokens.retain(|_, (row, _)| !gone(row.scope));
        self.nach_forms.retain(|_, (row, _)| !gone(row.scope));
        self.nach_tokens.retain(|_, (row, _)| !gone(row.scope));
        self.invoices.retain(|_, (row, _)| !gone(row.scope));
        self.scans.retain(|_, row| !gone(row.scope));
        self.filings.retain(|_, row| !gone(row.scope));
        self.instructions.retain(|_, (row, _)| !gone(row.scope));
        self.idempotency.retain(|_, (row, _)| !gone(row.scope));
        self.refunds.retain(|_, (row, _)| !gone(row.scope));
        self.transfers.retain(|_, (row, _)| !gone(row.scope));
        self.orders.retain(|_, (row, _)| !gone(row.scope));
        self.links.retain(|_, row| !gone(row.scope));
        self.qr_codes.retain(|_, (row, _)| !gone(row.scope));
        self.fund_accounts.retain(|_, row| !gone(row.scope));
        self.bank_accounts.retain(|_, (row, _)| !gone(row.scope));
        self.payments.retain(|_, (row, _)| !gone(row.scope));
        self.virtual_accounts.retain(|_, (row, _)| !gone(row.scope));
        self.customers.retain(|_, (row, _)| !gone(row.scope));
        self.tenants.retain(|_, (row, _)| !gone(row.scope.id));
        before - self.rows()
    }

    fn rows(&self) -> usize {
        self.timers.len()
            + self.bulk_files.len()
            + self.bulk_rows.len()
            + self.deliveries.len()
            + self.attempts.len()
            + self.occurrences.len()
            + self.lines.len()
            + self.faults.len()
            + self.messages.len()
            + self.alerts.len()
            + self.postings.len()
            + self.refunds.len()
            + self.transfers.len()
            + self.orders.len()
            + self.links.len()
            + self.qr_codes.len()
            + self.fund_accounts.len()
            + self.nach_forms.len()
            + self.nach_tokens.len()
            + self.invoices.len()
            + self.scans.len()
            + self.filings.len()
            + self.bank_accounts.len()
            + self.instructions.len()
            + self.idempotency.len()
            + self.tokens.len()
            + self.payments.len()
            + self.virtual_accounts.len()
            + self.customers.len()
            + self.tenants.len()
    }

    /// Refunds of a payment, oldest first.
    pub fn refunds_of(&self, payment: PaymentId) -> Vec<(RefundId, Arc<Refund>)> {
        let own = self.refunds.values().filter(|(row, _)| row.payment == payment);
        own.map(|(row, _)| (row.id, row.clone())).collect()
    }

    /// The delivery of an event to an endpoint.
    pub fn delivery(&self, key: &DeliveryKey) -> Option<&Arc<Delivery>> {
        self.deliveries.get(key).map(|(row, _)| row)
    }

    /// A merchant's row.
    pub fn merchant(&self, id: MerchantId) -> Option<&Arc<Merchant>> {
        self.merchants.get(&id).map(|(row, _)| row)
    }
}

pub(super) fn is_active(row: &VirtualAccount) -> bool {
    row.state == VirtualAccountState::Active
}

pub(super) fn get<T: Row>(table: &Stored<T>, id: &T::Id) -> Option<(T, i64)> {
    table.get(id).map(|(row, version)| (T::clone(row), *version))
}

/// Adds rows that must be new.
fn add_all<T: Clone, K: PartialEq>(
    table: &mut Vec<Arc<T>>,
    rows: &[T],
    key: impl Fn(&T) -> K,
) -> StoreResult<()> {
    for row in rows {
        if table.iter().any(|old| key(old) == key(row)) {
            return Err(StoreError::Conflict("an added row exists".to_owned()));
        }
        table.push(Arc::new(row.clone()));
    }
    Ok(())
}

fn add_once<T: Clone, K: Ord>(
    table: &mut BTreeMap<K, T>,
    rows: &[T],
    key: impl Fn(&T) -> K,
) -> StoreResult<()> {
    for row in rows {
        if table.insert(key(row), row.clone()).is_some() {
            return Err(StoreError::Conflict("an added row exists".to_owned()));
        }
    }
    Ok(())
}

fn put_all<T: Row>(table: &mut Stored<T>, saved: &[Saved<T>]) -> StoreResult<()> {
    for row in saved {
        let id = row.row.id();
        let current = table.get(&id).map(|(_, version)| *version);
        if current != row.before.as_ref().map(|(_, version)| *version) {
            return Err(StoreError::Conflict("a row has another version".to_owned()));
        }
        table.insert(id, (row.row.clone(), row.version()));
    }
    Ok(())
}
