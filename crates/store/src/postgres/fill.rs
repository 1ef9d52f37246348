//! From the answers of a load to the working set.

use std::collections::BTreeMap;

use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::{Customer, identity};
use vasool_core::id::{PaymentId, RawId, RefundId, VirtualAccountId};
use vasool_core::instruction::Instruction;
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::order::Order;
use vasool_core::payment::Payment;
use vasool_core::qr_code::QrCode;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::Fault;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::{VirtualAccount, VirtualAccountState};
use vasool_core::webhook::{Delivery, Endpoint};
use vasool_core::working_set::{Lookup, WorkingSet};

use super::load::{Answers, Wanted};
use super::parts::Part;
use super::values::{cells, values};
use crate::columns::{Cells, Record, Value, read_versioned};
use crate::error::StoreResult;

/// Puts the answers into the set. What must be asked once more, without locks, is returned.
/// `locked`: the answers waited for locks, so other accounts may hold a number by now.
pub fn fill(
    wanted: &Wanted,
    answers: &mut Answers,
    set: &mut WorkingSet,
    locked: bool,
) -> StoreResult<Wanted> {
    let mut again = Wanted::default();
    // Locked customers first: the set keeps what it has, and theirs are the newest.
    let mut customers = records(answers, Part::Customers, |row: &Customer| row.id)?;
    for id in &wanted.customers {
        set.load_customer(*id, customers.remove(id));
    }
    let mut orders = records(answers, Part::Orders, |row: &Order| row.id)?;
    for id in &wanted.orders {
        set.load_order(*id, orders.remove(id));
    }
    let mut bank_accounts =
        records(answers, Part::BankAccounts, |row: &CustomerBankAccount| row.id)?;
    for id in &wanted.bank_accounts {
        set.load_bank_account(*id, bank_accounts.remove(id));
    }
    let mut codes = records(answers, Part::QrCodes, |row: &QrCode| row.id)?;
    // Few codes are linked with a customer, who is read when such a code has turned up.
    again.customers.extend(codes.values().filter_map(|(row, _)| row.customer));
    for id in &wanted.codes {
        set.load_qr_code(*id, codes.remove(id));
    }
    accounts(wanted, answers, set, locked, &mut again)?;
    payments(wanted, answers, set, &mut again)?;
    refunds(wanted, answers, set)?;
    let mut tokens = records(answers, Part::Tokens, |row: &Token| row.id)?;
    for id in &wanted.tokens {
        set.load_token(*id, tokens.remove(id));
    }
    let mut forms = records(answers, Part::NachForms, |row: &NachForm| row.order)?;
    for id in &wanted.nach_forms {
        set.load_nach_form(*id, forms.remove(id));
    }
    let mut tokens = records(answers, Part::NachTokens, |row: &NachToken| row.id)?;
    for id in &wanted.nach_tokens {
        set.load_nach_token(*id, tokens.remove(id));
    }
    let mut invoices = records(answers, Part::Invoices, |row: &Invoice| row.id)?;
    for id in &wanted.invoices {
        set.load_invoice(*id, invoices.remove(id));
    }
    let mut deliveries =
        records(answers, Part::Deliveries, |row: &Delivery| (row.event, row.endpoint))?;
    for id in &wanted.deliveries {
        set.load_delivery(*id, deliveries.remove(id));
    }
    let mut bulk_rows = records(answers, Part::BulkRows, |row: &BulkRow| (row.file, row.number))?;
    for key in &wanted.bulk_rows {
        set.load_bulk_row(*key, bulk_rows.remove(key));
    }
    let mut bulk_files = records(answers, Part::BulkFiles, |row: &BulkFile| row.id)?;
    for id in &wanted.bulk_files {
        set.load_bulk_file(*id, bulk_files.remove(id));
    }
    let mut tenants = records(answers, Part::Tenants, |row: &Tenant| row.scope.id)?;
    for id in &wanted.tenants {
        set.load_tenant(*id, tenants.remove(id));
    }
    let mut merchants = records(answers, Part::Merchants, |row: &Merchant| row.id)?;
    for id in &wanted.merchants {
        set.load_merchant(*id, merchants.remove(id));
    }
    let mut api_keys = records(answers, Part::ApiKeys, |row: &ApiKey| row.id)?;
    for id in &wanted.api_keys {
        set.load_api_key(*id, api_keys.remove(id));
    }
    lookups(wanted, answers, set)?;
    Ok(again)
}

fn accounts(
    wanted: &Wanted,
    answers: &mut Answers,
    set: &mut WorkingSet,
    locked: bool,
    again: &mut Wanted,
) -> StoreResult<()> {
    let width = VirtualAccount::TABLE.kinds().len();
    let mut totals = BTreeMap::new();
    for row in answers.remove(&Part::Totals).unwrap_or_default() {
        let mut line = values(&row)?;
        let totals_of_line = line.split_off(1);
        let id: VirtualAccountId = Cells::new(line).id()?;
        totals.insert(id, totals_of_line);
    }
    let mut accounts = BTreeMap::new();
    for row in answers.remove(&Part::Accounts).unwrap_or_default() {
        let mut own = values(&row)?;
        let customer = own.split_off(width);
        if customer.first() != Some(&Value::Null) {
            let (customer, version): (Customer, i64) = read_versioned(&mut Cells::new(customer))?;
            set.load_customer(customer.id, Some((customer, version)));
        }
        let id: VirtualAccountId = Cells::new(own[..1].to_vec()).id()?;
        own.extend(totals.remove(&id).unwrap_or_default());
        let (account, version): (VirtualAccount, i64) = read_versioned(&mut Cells::new(own))?;
        accounts.insert(account.id, (account, version));
    }
    // An order is read when an account that is tied to it has turned up.
    again.orders.extend(accounts.values().filter_map(|(row, _)| row.order));
    // An account may have been closed, and its number given to another, while we waited for it.
    let is_stale = |best: Option<&VirtualAccount>| {
        locked && best.is_some_and(|row| row.state != VirtualAccountState::Active)
    };
    for (space, number) in &wanted.numbers {
        let holder = best(&accounts, |row| {
            row.scope.address_space() == *space && row.account_number.as_ref() == Some(number)
        });
        if is_stale(holder) {
            again.numbers.insert((*space, number.clone()));
        } else {
            let found = holder.map(|row| row.id.0).into_iter().collect();
            set.load_lookup(Lookup::AccountNumber(*space, number.clone()), found);
        }
    }
    for (space, address) in &wanted.vpas {
        let holder = best(&accounts, |row| {
            row.scope.address_space() == *space
                && row.vpa.as_ref().is_some_and(|vpa| vpa.address() == *address)
        });
        if is_stale(holder) {
            again.vpas.insert((*space, address.clone()));
        } else {
            let found = holder.map(|row| row.id.0).into_iter().collect();
            set.load_lookup(Lookup::Vpa(*space, address.clone()), found);
        }
    }
    for id in &wanted.qr_codes {
        let is_holder = |row: &VirtualAccount| row.qr_code.as_ref().is_some_and(|qr| qr.id == *id);
        let found = best(&accounts, is_holder).map(|row| row.id.0).into_iter().collect();
        set.load_lookup(Lookup::QrCode(*id), found);
    }
    for id in &wanted.accounts {
        set.load_virtual_account(*id, accounts.remove(id));
    }
    for (id, row) in accounts {
        set.load_virtual_account(id, Some(row));
    }
    Ok(())
}

/// The account a number or address stands for: an active one before closed ones, the newest.
fn best(
    accounts: &BTreeMap<VirtualAccountId, (VirtualAccount, i64)>,
    is_holder: impl Fn(&VirtualAccount) -> bool,
) -> Option<&VirtualAccount> {
    let holders = accounts.values().map(|(row, _)| row).filter(|row| is_holder(row));
    holders.max_by_key(|row| (row.state == VirtualAccountState::Active, row.id))
}

fn payments(
    wanted: &Wanted,
    answers: &mut Answers,
    set: &mut WorkingSet,
    again: &mut Wanted,
) -> StoreResult<()> {
    let mut payments = records(answers, Part::Payments, |row: &Payment| row.id)?;
    let mut transfers = records(answers, Part::TransfersOf, |row: &Transfer| row.payment)?;
    for id in &wanted.payments {
        set.load_payment(*id, payments.remove(id));
        set.load_transfer(*id, transfers.remove(id));
    }
    let found = records(answers, Part::Transfers, Transfer::key)?;
    for key in &wanted.transfers {
        let payment: Option<PaymentId> = found.get(key).map(|(row, _)| row.payment);
        // A repeat is rare: its payment is read when there is one.
        again.payments.extend(payment);
        let payment = payment.map(|id| id.0).into_iter().collect();
        set.load_lookup(Lookup::Transfer(key.clone()), payment);
    }
    Ok(())
}

fn refunds(wanted: &Wanted, answers: &mut Answers, set: &mut WorkingSet) -> StoreResult<()> {
    let mut refunds = records(answers, Part::Refunds, |row: &Refund| row.id)?;
    for id in &wanted.refunds {
        set.load_refund(*id, refunds.remove(id));
    }
    let mut instructions = records(answers, Part::Instructions, |row: &Instruction| row.key)?;
    for key in &wanted.instructions {
        set.load_instruction(*key, instructions.remove(key));
    }
    let mut keys = records(answers, Part::IdempotencyKeys, |row: &IdempotencyRecord| {
        (row.scope, row.key.clone())
    })?;
    for key in &wanted.idempotency {
        set.load_idempotency(key.clone(), keys.remove(key));
    }
    let mut receipts: BTreeMap<(PaymentId, String), RefundId> = BTreeMap::new();
    for row in answers.remove(&Part::Receipts).unwrap_or_default() {
        let mut cells = cells(&row)?;
        receipts.insert((cells.id()?, cells.text()?), cells.id()?);
    }
    for (payment, receipt) in &wanted.receipts {
        let found = receipts.get(&(*payment, receipt.clone())).map(|id| id.0);
        let lookup = Lookup::RefundReceipt(*payment, receipt.clone());
        set.load_lookup(lookup, found.into_iter().collect());
    }
    Ok(())
}

fn lookups(wanted: &Wanted, answers: &mut Answers, set: &mut WorkingSet) -> StoreResult<()> {
    let endpoints = records(answers, Part::Endpoints, |row: &Endpoint| row.id)?;
    for scope in &wanted.endpoints {
        let own = endpoints.values().filter(|(row, _)| row.scope == *scope);
        let ids: Vec<RawId> = own.map(|(row, _)| row.id.0).collect();
        set.load_lookup(Lookup::Endpoints(*scope), ids);
    }
    for (row, version) in endpoints.into_values() {
        set.load_endpoint(row, version);
    }
    let faults = records(answers, Part::Faults, |row: &Fault| row.id)?;
    for scope in &wanted.faults {
        let own = faults.values().filter(|(row, _)| row.scope == *scope);
        let ids: Vec<RawId> = own.map(|(row, _)| row.id.0).collect();
        set.load_lookup(Lookup::Faults(*scope), ids);
    }
    for (row, version) in faults.into_values() {
        set.load_fault(row, version);
    }
    let found = records(answers, Part::Identities, |row: &Customer| {
        (row.scope, identity(row.email.as_deref(), row.contact.as_deref()))
    })?;
    for (scope, wanted) in &wanted.identities {
        let row = found.get(&(*scope, Some(wanted.clone())));
        let ids = row.map(|(row, _)| row.id.0).into_iter().collect();
        set.load_lookup(Lookup::CustomerIdentity(*scope, wanted.clone()), ids);
    }
    for (row, version) in found.into_values() {
        set.load_customer(row.id, Some((row, version)));
    }
    for row in answers.remove(&Part::NumberUses).unwrap_or_default() {
        let mut cells = cells(&row)?;
        let (number, holder) = (cells.text()?, cells.opt_id()?);
        set.load_lookup(Lookup::NumberUse(number), holder.into_iter().collect());
    }
    for row in answers.remove(&Part::OrderReceipts).unwrap_or_default() {
        let mut cells = cells(&row)?;
        let (scope, receipt, holder) = (cells.scope()?, cells.text()?, cells.opt_id()?);
        set.load_lookup(Lookup::OrderReceipt(scope, receipt), holder.into_iter().collect());
    }
    Ok(())
}

/// The rows of one answer with their versions, by key.
fn records<T: Record, K: Ord>(
    answers: &mut Answers,
    part: Part,
    key: impl Fn(&T) -> K,
) -> StoreResult<BTreeMap<K, (T, i64)>> {
    let rows = answers.remove(&part).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let (row, version) = read_versioned::<T>(&mut cells(row)?)?;
            Ok((key(&row), (row, version)))
        })
        .collect()
}
