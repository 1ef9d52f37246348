//! The rows of one batch in memory: what was loaded, what changed, what was appended.
//!
//! [`apply`](crate::apply::apply) reads and writes here and nowhere else. Writes of a command are
//! staged: [`WorkingSet::keep`] makes them part of the batch, [`WorkingSet::drop_staged`] forgets
//! them, so a refused command leaves no trace for its neighbours. A row that was not loaded is
//! reported as [`Stop::Missing`]; the engine loads it and applies the command again.

mod appended;
mod keys;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use appended::{Alert, Appended};
pub use keys::{Decision, Found, Key, Lookup, Stop};
pub use table::{Row, Saved, Table};

use crate::bank_account::CustomerBankAccount;
use crate::bulk::{BulkFile, BulkRow, BulkRowKey};
use crate::customer::Customer;
use crate::id::{BankAccountId, BatchId, CustomerId, EndpointId, FaultId, MerchantId, OrderId};
use crate::id::{InvoiceId, PaymentId, QrCodeId, RawId, RefundId, TokenId, VirtualAccountId};
use crate::instruction::{Instruction, InstructionKey};
use crate::invoice::Invoice;
use crate::ledger::Posting;
use crate::nach_form::NachForm;
use crate::nach_token::NachToken;
use crate::order::Order;
use crate::payment::Payment;
use crate::qr_code::QrCode;
use crate::refund::{IdempotencyRecord, Refund};
use crate::sandbox::Fault;
use crate::scope::ScopeId;
use crate::tenant::{ApiKey, Merchant, Tenant};
use crate::timer::{Timer, TimerKey};
use crate::token::Token;
use crate::transfer::Transfer;
use crate::virtual_account::VirtualAccount;
use crate::webhook::{Delivery, DeliveryKey, Endpoint};

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $row:ty, $id:ty, |$r:ident| $key:expr, $written:expr;)*) => {
        $(impl Row for $row {
            type Id = $id;
            fn id(&self) -> $id {
                let $r = self;
                $key
            }

            fn must_be_written(&self, before: &$row) -> bool {
                let written: fn(&$row, &$row) -> bool = $written;
                written(self, before)
            }
        })*

        /// The rows of one batch.
        #[derive(Clone, Debug, Default)]
        pub struct WorkingSet {
            $($(#[$doc])* $name: Table<$row>,)*
            lookups: BTreeMap<Lookup, Found>,
            staged_lookups: Vec<(Lookup, Found)>,
            changed_lookups: BTreeMap<Lookup, Found>,
            appended: Appended,
            staged: Appended,
        }

        /// What a batch changed, to be saved in one transaction.
        #[derive(Clone, Debug, Default)]
        pub struct Changes {
            $($(#[$doc])* pub $name: Vec<Saved<$row>>,)*
            /// What lookups find now, for the batch that runs while this one is saved.
            pub lookups: Vec<(Lookup, Found)>,
            /// Rows that are only ever added, and timers.
            pub appended: Appended,
        }

        impl WorkingSet {
            /// Makes the writes of the present command part of the batch.
            pub fn keep(&mut self) {
                $(self.$name.keep();)*
                for (lookup, found) in self.staged_lookups.drain(..) {
                    self.changed_lookups.insert(lookup.clone(), found.clone());
                    self.lookups.insert(lookup, found);
                }
                self.appended.take(&mut self.staged);
            }

            /// Forgets the writes of the present command.
            pub fn drop_staged(&mut self) {
                $(self.$name.staged.clear();)*
                self.staged_lookups.clear();
                self.staged = Appended::default();
            }

            /// Everything that changed.
            pub fn into_changes(self) -> Changes {
                Changes {
                    $($name: self.$name.changes(),)*
                    lookups: self.changed_lookups.into_iter().collect(),
                    appended: self.appended,
                }
            }

            /// Starts from the changes of a batch that is being saved: they win over what the
            /// store still says. To be called before anything is loaded.
            pub fn overlay(&mut self, changes: &Changes) {
                $(self.$name.overlay(&changes.$name);)*
                for (lookup, found) in &changes.lookups {
                    self.lookups.insert(lookup.clone(), found.clone());
                }
            }
        }

        impl Changes {
            /// Whether there is nothing to save.
            pub fn is_empty(&self) -> bool {
                $(self.$name.is_empty() &&)* self.appended.is_empty()
            }
        }
    };
}

tables! {
    /// Merchants.
    merchants: Merchant, MerchantId, |row| row.id, |_, _| true;
    /// Key pairs.
    api_keys: ApiKey, RawId, |row| row.id, |_, _| true;
    /// Merchants by mode.
    tenants: Tenant, ScopeId, |row| row.scope.id, |_, _| true;
    /// Customers.
    customers: Customer, CustomerId, |row| row.id, |_, _| true;
    /// Virtual accounts.
    virtual_accounts: VirtualAccount, VirtualAccountId, |row| row.id, |row, before| !row.is_same_but_for_totals(before);
    /// Orders.
    orders: Order, OrderId, |row| row.id, |_, _| true;
    /// Customers' bank accounts.
    bank_accounts: CustomerBankAccount, BankAccountId, |row| row.id, |_, _| true;
    /// Standalone QR codes.
    qr_codes: QrCode, QrCodeId, |row| row.id, |_, _| true;
    /// Payments.
    payments: Payment, PaymentId, |row| row.id, |_, _| true;
    /// Transfers, by their payment.
    transfers: Transfer, PaymentId, |row| row.payment, |_, _| true;
    /// Refunds.
    refunds: Refund, RefundId, |row| row.id, |_, _| true;
    /// Mandates.
    tokens: Token, TokenId, |row| row.id, |_, _| true;
    /// Forms of paper mandates, by their order.
    nach_forms: NachForm, OrderId, |row| row.order, |_, _| true;
    /// Mandates on paper.
    nach_tokens: NachToken, TokenId, |row| row.id, |_, _| true;
    /// Registration links.
    invoices: Invoice, InvoiceId, |row| row.id, |_, _| true;
    /// What banks must do.
    instructions: Instruction, InstructionKey, |row| row.key, |_, _| true;
    /// Idempotency keys that were used.
    idempotency: IdempotencyRecord, (ScopeId, String), |row| (row.scope, row.key.clone()), |_, _| true;
    /// Webhook endpoints.
    endpoints: Endpoint, EndpointId, |row| row.id, |_, _| true;
    /// Webhook deliveries.
    deliveries: Delivery, DeliveryKey, |row| (row.event, row.endpoint), |_, _| true;
    /// Bulk files.
    bulk_files: BulkFile, BatchId, |row| row.id, |_, _| true;
    /// Their rows.
    bulk_rows: BulkRow, BulkRowKey, |row| (row.file, row.number), |_, _| true;
    /// Armed faults.
    faults: Fault, FaultId, |row| row.id, |_, _| true;
}

macro_rules! doors {
    ($($table:ident, $row:ty, $id:ty, $get:ident, $put:ident, $load:ident, $missing:expr;)*) => {
        impl WorkingSet {
            $(
                #[doc = concat!("The row of this id in `", stringify!($table), "`, if it exists.")]
                pub fn $get(&self, id: &$id) -> Decision<Option<Arc<$row>>> {
                    match self.$table.find(id) {
                        Some(row) => Ok(row.cloned()),
                        None => Err(Stop::Missing($missing(id.clone()))),
                    }
                }

                #[doc = concat!("Writes a row of `", stringify!($table), "`.")]
                pub fn $put(&mut self, row: impl Into<Arc<$row>>) {
                    self.$table.staged.push(row.into());
                }

                #[doc = concat!("What the store knows of a row of `", stringify!($table), "`: the row \
                    and its version, or that it does not exist. A row that is in the set stays.")]
                pub fn $load(&mut self, id: $id, row: Option<($row, i64)>) {
                    self.$table.load(id, row);
                }
            )*
        }
    };
}

doors! {
    merchants, Merchant, MerchantId, merchant, put_merchant, load_merchant, Key::Merchant;
    api_keys, ApiKey, RawId, api_key, put_api_key, load_api_key, Key::ApiKey;
    tenants, Tenant, ScopeId, tenant, put_tenant, load_tenant, Key::Tenant;
    customers, Customer, CustomerId, customer, put_customer, load_customer, Key::Customer;
    virtual_accounts, VirtualAccount, VirtualAccountId, virtual_account, put_virtual_account,
        load_virtual_account, Key::VirtualAccount;
    payments, Payment, PaymentId, payment, put_payment, load_payment, Key::Payment;
    bank_accounts, CustomerBankAccount, BankAccountId, bank_account, put_bank_account,
        load_bank_account, Key::BankAccount;
    qr_codes, QrCode, QrCodeId, qr_code, put_qr_code, load_qr_code, Key::QrCode;
    orders, Order, OrderId, order, put_order, load_order, Key::Order;
    transfers, Transfer, PaymentId, transfer, put_transfer, load_transfer, Key::Payment;
    refunds, Refund, RefundId, refund, put_refund, load_refund, Key::Refund;
    tokens, Token, TokenId, token, put_token, load_token, Key::Token;
    nach_forms, NachForm, OrderId, nach_form, put_nach_form, load_nach_form, Key::NachForm;
    nach_tokens, NachToken, TokenId, nach_token, put_nach_token, load_nach_token, Key::NachToken;
    invoices, Invoice, InvoiceId, invoice, put_invoice, load_invoice, Key::Invoice;
    instructions, Instruction, InstructionKey, instruction, put_instruction, load_instruction,
        Key::Instruction;
    idempotency, IdempotencyRecord, (ScopeId, String), idempotency, put_idempotency,
        load_idempotency, Key::Idempotency;
    deliveries, Delivery, DeliveryKey, delivery, put_delivery, load_delivery, Key::Delivery;
    bulk_files, BulkFile, BatchId, bulk_file, put_bulk_file, load_bulk_file, Key::BulkFile;
    bulk_rows, BulkRow, BulkRowKey, bulk_row, put_bulk_row, load_bulk_row, Key::BulkRow;
}

impl WorkingSet {
    /// What a lookup finds.
    pub fn lookup(&self, lookup: &Lookup) -> Decision<&Found> {
        if let Some((_, found)) = self.staged_lookups.iter().rev().find(|(key, _)| key == lookup) {
            return Ok(found);
        }
        self.lookups.get(lookup).ok_or_else(|| Stop::Missing(Key::Lookup(lookup.clone())))
    }

    /// Says what a lookup finds from now on.
    pub fn set_lookup(&mut self, lookup: Lookup, found: Found) {
        self.staged_lookups.push((lookup, found));
    }

    /// What the store found; a lookup that is in the set stays.
    pub fn load_lookup(&mut self, lookup: Lookup, found: Found) {
        self.lookups.entry(lookup).or_insert(found);
    }

    /// An endpoint found by [`Lookup::Endpoints`].
    pub fn endpoint(&self, id: EndpointId) -> Option<Arc<Endpoint>> {
        self.endpoints.find(&id).flatten().cloned()
    }

    /// The endpoints of a scope that were not deleted, oldest first.
    pub fn endpoints_of(&self, scope: ScopeId) -> Decision<Vec<Arc<Endpoint>>> {
        let lookup = Lookup::Endpoints(scope);
        let rows = self.lookup(&lookup)?.iter().map(|id| self.endpoint(EndpointId(*id)));
        rows.collect::<Option<_>>().ok_or(Stop::Missing(Key::Lookup(lookup)))
    }

    /// Writes an endpoint.
    pub fn put_endpoint(&mut self, row: impl Into<Arc<Endpoint>>) {
        self.endpoints.staged.push(row.into());
    }

    /// An endpoint as the store has it.
    pub fn load_endpoint(&mut self, row: Endpoint, version: i64) {
        self.endpoints.load(row.id, Some((row, version)));
    }

    /// The faults of a scope that were not disarmed, oldest first.
    pub fn faults_of(&self, scope: ScopeId) -> Decision<Vec<Arc<Fault>>> {
        let lookup = Lookup::Faults(scope);
        let rows = self.lookup(&lookup)?.iter();
        let rows = rows.map(|id| self.faults.find(&FaultId(*id)).flatten().cloned());
        rows.collect::<Option<_>>().ok_or(Stop::Missing(Key::Lookup(lookup)))
    }

    /// Writes a fault.
    pub fn put_fault(&mut self, row: impl Into<Arc<Fault>>) {
        self.faults.staged.push(row.into());
    }

    /// A fault as the store has it.
    pub fn load_fault(&mut self, row: Fault, version: i64) {
        self.faults.load(row.id, Some((row, version)));
    }

    /// Books a movement of money. The only door to the journal.
    ///
    /// Panics when the accounts are the same or the amount is zero: a rule that books such a line
    /// is wrong.
    pub fn post(&mut self, posting: Posting) {
        assert_ne!(posting.debit, posting.credit, "a posting moves money between two accounts");
        assert!(posting.amount > crate::money::Paise::ZERO, "a posting moves some money");
        self.staged.postings.push(posting);
    }

    /// The rows the present command adds.
    pub fn append(&mut self) -> &mut Appended {
        &mut self.staged
    }

    /// Sets a timer, replacing the one with the same key.
    pub fn set_timer(&mut self, timer: Timer) {
        self.staged.timers.push((timer.key, Some(timer)));
    }

    /// Clears a timer.
    pub fn clear_timer(&mut self, key: TimerKey) {
        self.staged.timers.push((key, None));
    }

    /// Whether a key needs no load.
    pub fn holds(&self, key: &Key) -> bool {
        match key {
            Key::Merchant(id) => self.merchants.find(id).is_some(),
            Key::ApiKey(id) => self.api_keys.find(id).is_some(),
            Key::Tenant(id) => self.tenants.find(id).is_some(),
            Key::Customer(id) => self.customers.find(id).is_some(),
            Key::VirtualAccount(id) => self.virtual_accounts.find(id).is_some(),
            Key::BankAccount(id) => self.bank_accounts.find(id).is_some(),
            Key::QrCode(id) => self.qr_codes.find(id).is_some(),
            Key::Order(id) => self.orders.find(id).is_some(),
            // The batch below may have changed the payment alone, without its transfer.
            Key::Payment(id) => {
                self.payments.find(id).is_some() && self.transfers.find(id).is_some()
            }
            Key::Refund(id) => self.refunds.find(id).is_some(),
            Key::Token(id) => self.tokens.find(id).is_some(),
            Key::NachForm(id) => self.nach_forms.find(id).is_some(),
            Key::NachToken(id) => self.nach_tokens.find(id).is_some(),
            Key::Invoice(id) => self.invoices.find(id).is_some(),
            Key::Instruction(key) => self.instructions.find(key).is_some(),
            Key::Idempotency(key) => self.idempotency.find(key).is_some(),
            Key::Delivery(id) => self.deliveries.find(id).is_some(),
            Key::BulkFile(id) => self.bulk_files.find(id).is_some(),
            Key::BulkRow(key) => self.bulk_rows.find(key).is_some(),
            // The batch below may know the ids without having touched the rows behind them.
            Key::Lookup(lookup @ Lookup::Endpoints(_)) => {
                let held = |id: &RawId| self.endpoints.find(&EndpointId(*id)).is_some();
                self.lookups.get(lookup).is_some_and(|ids| ids.iter().all(held))
            }
            Key::Lookup(lookup @ Lookup::Faults(_)) => {
                let held = |id: &RawId| self.faults.find(&FaultId(*id)).is_some();
                self.lookups.get(lookup).is_some_and(|ids| ids.iter().all(held))
            }
            Key::Lookup(lookup) => self.lookups.contains_key(lookup),
        }
    }
}
