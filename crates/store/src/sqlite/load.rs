//! Loading rows into a working set.

use rusqlite::Connection;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::Customer;
use vasool_core::id::{CustomerId, OrderId, PaymentId, RawId, VirtualAccountId};
use vasool_core::instruction::Instruction;
use vasool_core::order::Order;
use vasool_core::payment::Payment;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::Fault;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::transfer::{Transfer, TransferKey};
use vasool_core::virtual_account::VirtualAccount;
use vasool_core::webhook::{Delivery, Endpoint};
use vasool_core::working_set::{Key, Lookup, WorkingSet};

use crate::columns::{JOIN_LAST_LINE, Record, Value, account_columns, read_versioned};
use crate::error::StoreResult;

/// Loads what a key names: a row with its version, or the knowledge that there is none.
pub fn load(connection: &Connection, key: &Key, set: &mut WorkingSet) -> StoreResult<()> {
    match key {
        Key::Merchant(id) => {
            let row = one::<Merchant>(connection, "id = ?1", &[(&id.0).into()])?;
            set.load_merchant(*id, row);
        }
        Key::ApiKey(id) => {
            set.load_api_key(*id, one::<ApiKey>(connection, "id = ?1", &[id.into()])?);
        }
        Key::Tenant(id) => {
            set.load_tenant(*id, one::<Tenant>(connection, "scope = ?1", &[(*id).into()])?);
        }
        Key::Customer(id) => load_customer(connection, *id, set)?,
        Key::VirtualAccount(id) => {
            let row = account(connection, "v.id = ?1", &[(&id.0).into()])?;
            load_account(connection, *id, row, set)?;
        }
        Key::Order(id) => load_order(connection, *id, set)?,
        Key::Payment(id) => load_payment(connection, *id, set)?,
        Key::Refund(id) => {
            set.load_refund(*id, one::<Refund>(connection, "id = ?1", &[(&id.0).into()])?);
        }
        Key::Instruction(key) => {
            let params = [key.subject().as_str().to_owned().into(), key.kind().into()];
            let row = one::<Instruction>(connection, "subject = ?1 AND kind = ?2", &params)?;
            set.load_instruction(*key, row);
        }
        Key::Idempotency(key) => {
            let params = [key.0.into(), (&key.1).into()];
            let row = one::<IdempotencyRecord>(connection, "scope = ?1 AND digest = ?2", &params)?;
            set.load_idempotency(key.clone(), row);
        }
        Key::Delivery(id) => {
            let params = [(&id.0.0).into(), (&id.1.0).into()];
            let row = one::<Delivery>(connection, "event = ?1 AND endpoint = ?2", &params)?;
            set.load_delivery(*id, row);
        }
        Key::BulkFile(id) => {
            set.load_bulk_file(*id, one::<BulkFile>(connection, "id = ?1", &[(&id.0).into()])?);
        }
        Key::BulkRow(key) => {
            let params = [(&key.0.0).into(), key.1.into()];
            let row = one::<BulkRow>(connection, "file = ?1 AND number = ?2", &params)?;
            set.load_bulk_row(*key, row);
        }
        Key::Lookup(lookup) => {
            let found = find(connection, lookup, set)?;
            set.load_lookup(lookup.clone(), found);
        }
    }
    Ok(())
}

fn find(connection: &Connection, lookup: &Lookup, set: &mut WorkingSet) -> StoreResult<Vec<RawId>> {
    let mut found = vec![];
    match lookup {
        Lookup::Endpoints(scope) => {
            let filter = "scope = ?1 ORDER BY id";
            for (row, version) in all::<Endpoint>(connection, filter, &[(*scope).into()])? {
                found.push(row.id.0);
                set.load_endpoint(row, version);
            }
        }
        Lookup::Faults(scope) => {
            let filter = "scope = ?1 AND disarmed = 0 ORDER BY id";
            for (row, version) in all::<Fault>(connection, filter, &[(*scope).into()])? {
                found.push(row.id.0);
                set.load_fault(row, version);
            }
        }
        Lookup::CustomerIdentity(scope, identity) => {
            let params = [(*scope).into(), identity.into()];
            let filter = "scope = ?1 AND identity = ?2";
            if let Some((row, version)) = one::<Customer>(connection, filter, &params)? {
                found.push(row.id.0);
                set.load_customer(row.id, Some((row, version)));
            }
        }
        Lookup::AccountNumber(space, number) => {
            let params = [number.into(), Value::Int(space.0)];
            let active = "v.account_number = ?1 AND v.address_space = ?2 AND v.state = 'active'";
            let closed = "v.account_number = ?1 AND v.address_space = ?2 \
                          AND v.state = 'closed' ORDER BY v.id DESC LIMIT 1";
            let mut row = account(connection, active, &params)?;
            if row.is_none() {
                row = account(connection, closed, &params)?;
            }
            if let Some((row, version)) = row {
                found.push(row.id.0);
                load_account(connection, row.id, Some((row, version)), set)?;
            }
        }
        Lookup::Vpa(space, address) => {
            let params = [address.into(), Value::Int(space.0)];
            let active = "v.vpa = ?1 AND v.address_space = ?2 AND v.state = 'active'";
            let closed = "v.vpa = ?1 AND v.address_space = ?2 \
                          AND v.state = 'closed' ORDER BY v.id DESC LIMIT 1";
            let mut row = account(connection, active, &params)?;
            if row.is_none() {
                row = account(connection, closed, &params)?;
            }
            if let Some((row, version)) = row {
                found.push(row.id.0);
                load_account(connection, row.id, Some((row, version)), set)?;
            }
        }
        Lookup::OrderReceipt(scope, receipt) => {
            let params = [(*scope).into(), receipt.into()];
            let filter = "scope = ?1 AND receipt = ?2 ORDER BY created_at DESC, id DESC LIMIT 1";
            let order = one::<Order>(connection, filter, &params)?;
            found.extend(order.map(|(row, _)| row.id.0));
        }
        Lookup::QrCode(id) => {
            if let Some((row, version)) = account(connection, "v.qr_code = ?1", &[(&id.0).into()])?
            {
                found.push(row.id.0);
                load_account(connection, row.id, Some((row, version)), set)?;
            }
        }
        Lookup::NumberUse(number) => {
            for state in ["active", "closed"] {
                let filter = format!("account_number = ?1 AND state = '{state}' LIMIT 1");
                let rows = all::<VirtualAccount>(connection, &filter, &[number.into()])?;
                found.extend(rows.into_iter().map(|(row, _)| row.id.0));
            }
        }
        Lookup::Transfer(key) => {
            if let Some(payment) = find_transfer(connection, key)? {
                found.push(payment.0);
                load_payment(connection, payment, set)?;
            }
        }
        Lookup::RefundReceipt(payment, receipt) => {
            let params = [(&payment.0).into(), receipt.into()];
            let refund = one::<Refund>(connection, "payment = ?1 AND receipt = ?2", &params)?;
            found.extend(refund.map(|(row, _)| row.id.0));
        }
    }
    Ok(found)
}

fn find_transfer(connection: &Connection, key: &TransferKey) -> StoreResult<Option<PaymentId>> {
    let params = [
        key.scope.into(),
        (&key.reference).into(),
        key.mode.as_str().into(),
        key.payee.to_text().into(),
        (&key.connector).into(),
    ];
    let filter = "scope = ?1 AND reference_key = ?2 AND mode = ?3 AND payee = ?4 \
                  AND connector = ?5";
    Ok(one::<Transfer>(connection, filter, &params)?.map(|(row, _)| row.payment))
}

fn load_payment(connection: &Connection, id: PaymentId, set: &mut WorkingSet) -> StoreResult<()> {
    let params = [(&id.0).into()];
    set.load_payment(id, one::<Payment>(connection, "id = ?1", &params)?);
    set.load_transfer(id, one::<Transfer>(connection, "payment = ?1", &params)?);
    Ok(())
}

fn load_customer(connection: &Connection, id: CustomerId, set: &mut WorkingSet) -> StoreResult<()> {
    set.load_customer(id, one::<Customer>(connection, "id = ?1", &[(&id.0).into()])?);
    Ok(())
}

fn load_order(connection: &Connection, id: OrderId, set: &mut WorkingSet) -> StoreResult<()> {
    set.load_order(id, one::<Order>(connection, "id = ?1", &[(&id.0).into()])?);
    Ok(())
}

/// An account comes with its customer, whose data its payments copy, and the order they pay.
fn load_account(
    connection: &Connection,
    id: VirtualAccountId,
    row: Option<(VirtualAccount, i64)>,
    set: &mut WorkingSet,
) -> StoreResult<()> {
    if let Some((account, _)) = &row
        && let Some(customer) = account.customer
    {
        load_customer(connection, customer, set)?;
    }
    if let Some(order) = row.as_ref().and_then(|(account, _)| account.order) {
        load_order(connection, order, set)?;
    }
    set.load_virtual_account(id, row);
    Ok(())
}

/// An account with the totals of its last statement line.
fn account(
    connection: &Connection,
    filter: &str,
    params: &[Value<'_>],
) -> StoreResult<Option<(VirtualAccount, i64)>> {
    let columns = account_columns();
    let sql = format!("SELECT {columns} FROM virtual_accounts v {JOIN_LAST_LINE} WHERE {filter}");
    let rows = super::rows(connection, &sql, params)?;
    rows.into_iter().next().map(|mut cells| read_versioned(&mut cells)).transpose()
}

fn one<T: Record>(
    connection: &Connection,
    filter: &str,
    params: &[Value<'_>],
) -> StoreResult<Option<(T, i64)>> {
    Ok(all(connection, filter, params)?.into_iter().next())
}

fn all<T: Record>(
    connection: &Connection,
    filter: &str,
    params: &[Value<'_>],
) -> StoreResult<Vec<(T, i64)>> {
    let sql = format!("SELECT {} FROM {} WHERE {filter}", T::TABLE.column_list(), T::TABLE.name);
    let rows = super::rows(connection, &sql, params)?;
    rows.into_iter().map(|mut cells| read_versioned(&mut cells)).collect()
}
