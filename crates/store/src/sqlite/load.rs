//! Loading rows into a working set.

use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::Customer;
use vasool_core::id::{CustomerId, OrderId, PaymentId, RawId, VirtualAccountId};
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
use vasool_core::transfer::{Transfer, TransferKey};
use vasool_core::virtual_account::VirtualAccount;
use vasool_core::webhook::{Delivery, Endpoint};
use vasool_core::working_set::{Key, Lookup, WorkingSet};

use super::queries::{Queries, Query};
use crate::columns::Value;
use crate::error::StoreResult;

/// Loads what a key names: a row with its version, or the knowledge that there is none.
pub fn load(queries: &mut Queries<'_>, key: &Key, set: &mut WorkingSet) -> StoreResult<()> {
    match key {
        Key::Merchant(id) => {
            let row = queries.one::<Merchant>(Query::Merchant, &[(&id.0).into()])?;
            set.load_merchant(*id, row);
        }
        Key::ApiKey(id) => {
            set.load_api_key(*id, queries.one::<ApiKey>(Query::ApiKey, &[id.into()])?);
        }
        Key::Tenant(id) => {
            set.load_tenant(*id, queries.one::<Tenant>(Query::Tenant, &[(*id).into()])?);
        }
        Key::Customer(id) => load_customer(queries, *id, set)?,
        Key::VirtualAccount(id) => {
            let row = queries.one(Query::Account, &[(&id.0).into()])?;
            load_account(queries, *id, row, set)?;
        }
        Key::BankAccount(id) => {
            let row = queries.one::<CustomerBankAccount>(Query::BankAccount, &[(&id.0).into()])?;
            set.load_bank_account(*id, row);
        }
        Key::QrCode(id) => {
            // A code comes with its customer, whose data its payments copy.
            let row = queries.one::<QrCode>(Query::QrCode, &[(&id.0).into()])?;
            if let Some(customer) = row.as_ref().and_then(|(row, _)| row.customer) {
                load_customer(queries, customer, set)?;
            }
            set.load_qr_code(*id, row);
        }
        Key::Order(id) => load_order(queries, *id, set)?,
        Key::Payment(id) => load_payment(queries, *id, set)?,
        Key::Refund(id) => {
            set.load_refund(*id, queries.one::<Refund>(Query::Refund, &[(&id.0).into()])?);
        }
        Key::Token(id) => {
            set.load_token(*id, queries.one::<Token>(Query::Token, &[(&id.0).into()])?);
        }
        Key::NachForm(id) => {
            set.load_nach_form(*id, queries.one::<NachForm>(Query::NachForm, &[(&id.0).into()])?);
        }
        Key::NachToken(id) => {
            let row = queries.one::<NachToken>(Query::NachToken, &[(&id.0).into()])?;
            set.load_nach_token(*id, row);
        }
        Key::Invoice(id) => {
            set.load_invoice(*id, queries.one::<Invoice>(Query::Invoice, &[(&id.0).into()])?);
        }
        Key::Instruction(key) => {
            let params = [key.subject().as_str().to_owned().into(), key.kind().into()];
            set.load_instruction(*key, queries.one::<Instruction>(Query::Instruction, &params)?);
        }
        Key::Idempotency(key) => {
            let params = [key.0.into(), (&key.1).into()];
            let row = queries.one::<IdempotencyRecord>(Query::IdempotencyKey, &params)?;
            set.load_idempotency(key.clone(), row);
        }
        Key::Delivery(id) => {
            let params = [(&id.0.0).into(), (&id.1.0).into()];
            let row = queries.one::<Delivery>(Query::Delivery, &params)?;
            set.load_delivery(*id, row);
        }
        Key::BulkFile(id) => {
            set.load_bulk_file(*id, queries.one::<BulkFile>(Query::BulkFile, &[(&id.0).into()])?);
        }
        Key::BulkRow(key) => {
            let params = [(&key.0.0).into(), key.1.into()];
            set.load_bulk_row(*key, queries.one::<BulkRow>(Query::BulkRow, &params)?);
        }
        Key::Lookup(lookup) => {
            let found = find(queries, lookup, set)?;
            set.load_lookup(lookup.clone(), found);
        }
    }
    Ok(())
}

fn find(
    queries: &mut Queries<'_>,
    lookup: &Lookup,
    set: &mut WorkingSet,
) -> StoreResult<Vec<RawId>> {
    let mut found = vec![];
    match lookup {
        Lookup::Endpoints(scope) => {
            let params = [(*scope).into()];
            for (row, version) in queries.all::<Endpoint>(Query::EndpointsOfScope, &params)? {
                found.push(row.id.0);
                set.load_endpoint(row, version);
            }
        }
        Lookup::Faults(scope) => {
            let params = [(*scope).into()];
            for (row, version) in queries.all::<Fault>(Query::FaultsOfScope, &params)? {
                found.push(row.id.0);
                set.load_fault(row, version);
            }
        }
        Lookup::CustomerIdentity(scope, identity) => {
            let params = [(*scope).into(), identity.into()];
            let row = queries.one::<Customer>(Query::CustomerOfIdentity, &params)?;
            if let Some((row, version)) = row {
                found.push(row.id.0);
                set.load_customer(row.id, Some((row, version)));
            }
        }
        Lookup::AccountNumber(space, number) => {
            let params = [number.into(), Value::Int(space.0)];
            let mut row = queries.one::<VirtualAccount>(Query::ActiveAccountOfNumber, &params)?;
            if row.is_none() {
                row = queries.one(Query::ClosedAccountOfNumber, &params)?;
            }
            if let Some((row, version)) = row {
                found.push(row.id.0);
                load_account(queries, row.id, Some((row, version)), set)?;
            }
        }
        Lookup::Vpa(space, address) => {
            let params = [address.into(), Value::Int(space.0)];
            let mut row = queries.one(Query::ActiveAccountOfVpa, &params)?;
            if row.is_none() {
                row = queries.one(Query::ClosedAccountOfVpa, &params)?;
            }
            load_found(queries, row, &mut found, set)?;
        }
        Lookup::QrCode(id) => {
            let row = queries.one(Query::AccountOfQrCode, &[(&id.0).into()])?;
            load_found(queries, row, &mut found, set)?;
        }
        Lookup::OrderReceipt(scope, receipt) => {
            let params = [(*scope).into(), receipt.into()];
            let order = queries.one::<Order>(Query::OrderOfReceipt, &params)?;
            found.extend(order.map(|(row, _)| row.id.0));
        }
        Lookup::NumberUse(number) => {
            for query in [Query::ActiveUseOfNumber, Query::ClosedUseOfNumber] {
                let rows = queries.all::<VirtualAccount>(query, &[number.into()])?;
                found.extend(rows.into_iter().map(|(row, _)| row.id.0));
            }
        }
        Lookup::Transfer(key) => {
            if let Some(payment) = find_transfer(queries, key)? {
                found.push(payment.0);
                load_payment(queries, payment, set)?;
            }
        }
        Lookup::RefundReceipt(payment, receipt) => {
            let params = [(&payment.0).into(), receipt.into()];
            let refund = queries.one::<Refund>(Query::RefundOfReceipt, &params)?;
            found.extend(refund.map(|(row, _)| row.id.0));
        }
    }
    Ok(found)
}

fn find_transfer(queries: &mut Queries<'_>, key: &TransferKey) -> StoreResult<Option<PaymentId>> {
    let params = [
        key.scope.into(),
        (&key.reference).into(),
        key.mode.as_str().into(),
        key.payee.to_text().into(),
        (&key.connector).into(),
    ];
    let found = queries.one::<Transfer>(Query::Transfer, &params)?;
    Ok(found.map(|(row, _)| row.payment))
}

fn load_payment(queries: &mut Queries<'_>, id: PaymentId, set: &mut WorkingSet) -> StoreResult<()> {
    let params = [(&id.0).into()];
    set.load_payment(id, queries.one::<Payment>(Query::Payment, &params)?);
    set.load_transfer(id, queries.one::<Transfer>(Query::TransferOfPayment, &params)?);
    Ok(())
}

fn load_customer(
    queries: &mut Queries<'_>,
    id: CustomerId,
    set: &mut WorkingSet,
) -> StoreResult<()> {
    set.load_customer(id, queries.one::<Customer>(Query::Customer, &[(&id.0).into()])?);
    Ok(())
}

fn load_order(queries: &mut Queries<'_>, id: OrderId, set: &mut WorkingSet) -> StoreResult<()> {
    set.load_order(id, queries.one::<Order>(Query::Order, &[(&id.0).into()])?);
    Ok(())
}

/// An account that a lookup found, if it found one.
fn load_found(
    queries: &mut Queries<'_>,
    row: Option<(VirtualAccount, i64)>,
    found: &mut Vec<RawId>,
    set: &mut WorkingSet,
) -> StoreResult<()> {
    if let Some((account, version)) = row {
        found.push(account.id.0);
        load_account(queries, account.id, Some((account, version)), set)?;
    }
    Ok(())
}

/// An account comes with its customer, whose data its payments copy, and the order they pay.
fn load_account(
    queries: &mut Queries<'_>,
    id: VirtualAccountId,
    row: Option<(VirtualAccount, i64)>,
    set: &mut WorkingSet,
) -> StoreResult<()> {
    if let Some((account, _)) = &row
        && let Some(customer) = account.customer
    {
        load_customer(queries, customer, set)?;
    }
    if let Some(order) = row.as_ref().and_then(|(account, _)| account.order) {
        load_order(queries, order, set)?;
    }
    set.load_virtual_account(id, row);
    Ok(())
}
