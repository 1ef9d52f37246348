//! Loading rows into a working set: one round trip for a whole batch.
//!
//! The first load of a transaction locks what commands change, in the order of [`LOCKED`] and by
//! key within each, so that two batches cannot wait for each other. Everything else is read after
//! the locks: under READ COMMITTED each statement sees what was committed before it began, so
//! uniqueness is looked up in a state that waiting batches have already written. Tenants, endpoints
//! and faults are not locked, because that would put all batches of a merchant in a row; the
//! version check of a save protects them.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use vasool_core::bulk::BulkRowKey;
use vasool_core::id::{
    BankAccountId, BatchId, CustomerId, InvoiceId, MerchantId, OrderId, PaymentId, QrCodeId, RawId,
    RefundId, TokenId, VirtualAccountId,
};
use vasool_core::instruction::InstructionKey;
use vasool_core::scope::{AddressSpace, ScopeId};
use vasool_core::transfer::TransferKey;
use vasool_core::webhook::DeliveryKey;
use vasool_core::working_set::{Key, Lookup, WorkingSet};

use super::fill::fill;
use super::parts::{LOCKED, Part};
use super::pipeline::{Request, all, pipeline};
use super::pool::Connection;
use super::statements::Shape;
use crate::error::StoreResult;

/// What begins every batch.
pub const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

type Param = Box<dyn ToSql + Sync + Send>;
/// Rows by what was asked.
pub type Answers = BTreeMap<Part, Vec<Row>>;

/// What a load was asked for, by kind, each sorted.
#[derive(Default)]
pub struct Wanted {
    pub accounts: BTreeSet<VirtualAccountId>,
    pub numbers: BTreeSet<(AddressSpace, String)>,
    pub vpas: BTreeSet<(AddressSpace, String)>,
    pub qr_codes: BTreeSet<QrCodeId>,
    pub customers: BTreeSet<CustomerId>,
    pub orders: BTreeSet<OrderId>,
    pub bank_accounts: BTreeSet<BankAccountId>,
    pub codes: BTreeSet<QrCodeId>,
    pub payments: BTreeSet<PaymentId>,
    pub refunds: BTreeSet<RefundId>,
    pub tokens: BTreeSet<TokenId>,
    pub nach_forms: BTreeSet<OrderId>,
    pub nach_tokens: BTreeSet<TokenId>,
    pub invoices: BTreeSet<InvoiceId>,
    pub instructions: BTreeSet<InstructionKey>,
    pub deliveries: BTreeSet<DeliveryKey>,
    pub bulk_rows: BTreeSet<BulkRowKey>,
    pub bulk_files: BTreeSet<BatchId>,
    pub tenants: BTreeSet<ScopeId>,
    pub merchants: BTreeSet<MerchantId>,
    pub api_keys: BTreeSet<RawId>,
    pub endpoints: BTreeSet<ScopeId>,
    pub faults: BTreeSet<ScopeId>,
    pub transfers: BTreeSet<TransferKey>,
    pub identities: BTreeSet<(ScopeId, String)>,
    pub number_uses: BTreeSet<String>,
    pub order_receipts: BTreeSet<(ScopeId, String)>,
    pub idempotency: BTreeSet<(ScopeId, String)>,
    pub receipts: BTreeSet<(PaymentId, String)>,
}

/// Loads what the keys name. `first`: begins the transaction and locks; later loads do not lock,
/// because they would do so out of order.
pub async fn load(
    connection: &Connection,
    keys: Vec<Key>,
    set: &mut WorkingSet,
    first: bool,
) -> StoreResult<()> {
    let wanted = Wanted::of(keys);
    let mut answers = ask(connection, wanted.queries(), first).await?;
    let again = fill(&wanted, &mut answers, set, first)?;
    let queries = again.queries();
    if queries.is_empty() {
        return Ok(());
    }
    let mut answers = ask(connection, queries, false).await?;
    fill(&again, &mut answers, set, false).map(|_| ())
}

async fn ask(
    connection: &Connection,
    queries: Vec<(Part, Vec<Param>)>,
    first: bool,
) -> StoreResult<Answers> {
    let shapes = queries
        .iter()
        .map(|(part, _)| Shape::Load(*part, first && LOCKED.contains(part)))
        .collect();
    let statements = connection.statements(shapes).await?;
    let client = &connection.client;
    let mut requests: Vec<Request<'_, Vec<Row>, _>> = vec![];
    if first {
        requests.push(Box::pin(async move { client.batch_execute(BEGIN).await.map(|()| vec![]) }));
    }
    for (statement, (_, params)) in statements.iter().zip(&queries) {
        requests.push(Box::pin(async move {
            let params: Vec<&(dyn ToSql + Sync)> =
                params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect();
            client.query(statement, &params).await
        }));
    }
    let mut answers = all(pipeline(requests).await)?;
    if first {
        answers.remove(0);
    }
    Ok(queries.iter().map(|(part, _)| *part).zip(answers).collect())
}

impl Wanted {
    fn of(keys: Vec<Key>) -> Wanted {
        let mut wanted = Wanted::default();
        for key in keys {
            wanted.add(key);
        }
        wanted
    }

    fn add(&mut self, key: Key) {
        match key {
            Key::Merchant(id) => drop(self.merchants.insert(id)),
            Key::ApiKey(id) => drop(self.api_keys.insert(id)),
            Key::Tenant(id) => drop(self.tenants.insert(id)),
            Key::Customer(id) => drop(self.customers.insert(id)),
            Key::VirtualAccount(id) => drop(self.accounts.insert(id)),
            Key::BankAccount(id) => drop(self.bank_accounts.insert(id)),
            Key::QrCode(id) => drop(self.codes.insert(id)),
            Key::Order(id) => drop(self.orders.insert(id)),
            Key::Payment(id) => drop(self.payments.insert(id)),
            Key::Refund(id) => drop(self.refunds.insert(id)),
            Key::Token(id) => drop(self.tokens.insert(id)),
            Key::NachForm(id) => drop(self.nach_forms.insert(id)),
            Key::NachToken(id) => drop(self.nach_tokens.insert(id)),
            Key::Invoice(id) => drop(self.invoices.insert(id)),
            Key::Instruction(key) => drop(self.instructions.insert(key)),
            Key::Idempotency(key) => drop(self.idempotency.insert(key)),
            Key::Delivery(id) => drop(self.deliveries.insert(id)),
            Key::BulkRow(key) => drop(self.bulk_rows.insert(key)),
            Key::BulkFile(id) => drop(self.bulk_files.insert(id)),
            Key::Lookup(Lookup::Endpoints(scope)) => drop(self.endpoints.insert(scope)),
            Key::Lookup(Lookup::Faults(scope)) => drop(self.faults.insert(scope)),
            Key::Lookup(Lookup::CustomerIdentity(scope, identity)) => {
                self.identities.insert((scope, identity));
            }
            Key::Lookup(Lookup::AccountNumber(space, number)) => {
                self.numbers.insert((space, number));
            }
            Key::Lookup(Lookup::Vpa(space, address)) => drop(self.vpas.insert((space, address))),
            Key::Lookup(Lookup::QrCode(id)) => drop(self.qr_codes.insert(id)),
            Key::Lookup(Lookup::OrderReceipt(scope, receipt)) => {
                self.order_receipts.insert((scope, receipt));
            }
            Key::Lookup(Lookup::NumberUse(number)) => drop(self.number_uses.insert(number)),
            Key::Lookup(Lookup::Transfer(key)) => drop(self.transfers.insert(key)),
            Key::Lookup(Lookup::RefundReceipt(payment, receipt)) => {
                self.receipts.insert((payment, receipt));
            }
        }
    }

    /// What must be asked, the locking parts first.
    fn queries(&self) -> Vec<(Part, Vec<Param>)> {
        let mut out: Vec<(Part, Vec<Param>)> = vec![];
        let mut ask = |part, wanted: usize, params: Vec<Param>| {
            if wanted > 0 {
                out.push((part, params));
            }
        };
        let accounts = || {
            vec![
                texts(self.accounts.iter().map(|id| id.0.as_str())),
                texts(self.numbers.iter().map(|(_, number)| number.as_str())),
                numbers_of(self.numbers.iter().map(|(space, _)| space.0)),
                texts(self.vpas.iter().map(|(_, address)| address.as_str())),
                numbers_of(self.vpas.iter().map(|(space, _)| space.0)),
                texts(self.qr_codes.iter().map(|id| id.0.as_str())),
            ]
        };
        let accounts_wanted =
            self.accounts.len() + self.numbers.len() + self.vpas.len() + self.qr_codes.len();
        ask(Part::Accounts, accounts_wanted, accounts());
        let customers = vec![texts(self.customers.iter().map(|id| id.0.as_str()))];
        ask(Part::Customers, self.customers.len(), customers);
        let orders = vec![texts(self.orders.iter().map(|id| id.0.as_str()))];
        ask(Part::Orders, self.orders.len(), orders);
        let bank_accounts = vec![texts(self.bank_accounts.iter().map(|id| id.0.as_str()))];
        ask(Part::BankAccounts, self.bank_accounts.len(), bank_accounts);
        let codes = vec![texts(self.codes.iter().map(|id| id.0.as_str()))];
        ask(Part::QrCodes, self.codes.len(), codes);
        let payments = || texts(self.payments.iter().map(|id| id.0.as_str()));
        ask(Part::Payments, self.payments.len(), vec![payments()]);
        let refunds = vec![texts(self.refunds.iter().map(|id| id.0.as_str()))];
        ask(Part::Refunds, self.refunds.len(), refunds);
        let tokens = vec![texts(self.tokens.iter().map(|id| id.0.as_str()))];
        ask(Part::Tokens, self.tokens.len(), tokens);
        let forms = vec![texts(self.nach_forms.iter().map(|id| id.0.as_str()))];
        ask(Part::NachForms, self.nach_forms.len(), forms);
        let tokens = vec![texts(self.nach_tokens.iter().map(|id| id.0.as_str()))];
        ask(Part::NachTokens, self.nach_tokens.len(), tokens);
        let invoices = vec![texts(self.invoices.iter().map(|id| id.0.as_str()))];
        ask(Part::Invoices, self.invoices.len(), invoices);
        let subjects: Vec<RawId> = self.instructions.iter().map(|key| key.subject()).collect();
        let instructions = vec![
            texts(subjects.iter().map(RawId::as_str)),
            texts(self.instructions.iter().map(|key| key.kind())),
        ];
        ask(Part::Instructions, self.instructions.len(), instructions);
        let deliveries = vec![
            texts(self.deliveries.iter().map(|(event, _)| event.0.as_str())),
            texts(self.deliveries.iter().map(|(_, endpoint)| endpoint.0.as_str())),
        ];
        ask(Part::Deliveries, self.deliveries.len(), deliveries);
        let bulk_rows = vec![
            texts(self.bulk_rows.iter().map(|(file, _)| file.0.as_str())),
            numbers_of(self.bulk_rows.iter().map(|(_, number)| *number)),
        ];
        ask(Part::BulkRows, self.bulk_rows.len(), bulk_rows);
        let bulk_files = vec![texts(self.bulk_files.iter().map(|id| id.0.as_str()))];
        ask(Part::BulkFiles, self.bulk_files.len(), bulk_files);
        ask(Part::Totals, accounts_wanted, accounts());
        ask(Part::Tenants, self.tenants.len(), vec![scopes(&self.tenants)]);
        let merchants = vec![texts(self.merchants.iter().map(|id| id.0.as_str()))];
        ask(Part::Merchants, self.merchants.len(), merchants);
        let api_keys = vec![texts(self.api_keys.iter().map(RawId::as_str))];
        ask(Part::ApiKeys, self.api_keys.len(), api_keys);
        ask(Part::Endpoints, self.endpoints.len(), vec![scopes(&self.endpoints)]);
        ask(Part::Faults, self.faults.len(), vec![scopes(&self.faults)]);
        ask(Part::TransfersOf, self.payments.len(), vec![payments()]);
        let transfers = vec![
            numbers_of(self.transfers.iter().map(|key| key.scope.0)),
            texts(self.transfers.iter().map(|key| key.reference.as_str())),
            texts(self.transfers.iter().map(|key| key.mode.as_str())),
            Box::new(self.transfers.iter().map(|key| key.payee.to_text()).collect::<Vec<_>>()),
            texts(self.transfers.iter().map(|key| key.connector.as_str())),
        ];
        ask(Part::Transfers, self.transfers.len(), transfers);
        let identities = vec![
            numbers_of(self.identities.iter().map(|(scope, _)| scope.0)),
            texts(self.identities.iter().map(|(_, identity)| identity.as_str())),
        ];
        ask(Part::Identities, self.identities.len(), identities);
        let uses = vec![texts(self.number_uses.iter().map(String::as_str))];
        ask(Part::NumberUses, self.number_uses.len(), uses);
        let receipts = vec![
            numbers_of(self.order_receipts.iter().map(|(scope, _)| scope.0)),
            texts(self.order_receipts.iter().map(|(_, receipt)| receipt.as_str())),
        ];
        ask(Part::OrderReceipts, self.order_receipts.len(), receipts);
        let idempotency = vec![
            numbers_of(self.idempotency.iter().map(|(scope, _)| scope.0)),
            texts(self.idempotency.iter().map(|(_, digest)| digest.as_str())),
        ];
        ask(Part::IdempotencyKeys, self.idempotency.len(), idempotency);
        let receipts = vec![
            texts(self.receipts.iter().map(|(payment, _)| payment.0.as_str())),
            texts(self.receipts.iter().map(|(_, receipt)| receipt.as_str())),
        ];
        ask(Part::Receipts, self.receipts.len(), receipts);
        out
    }
}

fn texts<'a>(all: impl Iterator<Item = &'a str>) -> Param {
    Box::new(all.map(str::to_owned).collect::<Vec<String>>())
}

fn numbers_of(all: impl Iterator<Item = i64>) -> Param {
    Box::new(all.collect::<Vec<i64>>())
}

fn scopes(all: &BTreeSet<ScopeId>) -> Param {
    numbers_of(all.iter().map(|scope| scope.0))
}
