//! Loading rows into a working set.

use vasool_core::customer::Customer;
use vasool_core::id::{CustomerId, PaymentId, RawId, VirtualAccountId};
use vasool_core::payment::{BankTransfer, Payment, TransferKey};
use vasool_core::sandbox::Fault;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
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
        Key::Payment(id) => load_payment(queries, *id, set)?,
        Key::Delivery(id) => {
            let params = [(&id.0.0).into(), (&id.1.0).into()];
            let row = queries.one::<Delivery>(Query::Delivery, &params)?;
            set.load_delivery(*id, row);
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
    }
    Ok(found)
}

fn find_transfer(queries: &mut Queries<'_>, key: &TransferKey) -> StoreResult<Option<PaymentId>> {
    let params = [
        key.scope.into(),
        (&key.reference).into(),
        key.mode.as_str().into(),
        (&key.payee_account).into(),
        (&key.connector).into(),
    ];
    let found = queries.one::<BankTransfer>(Query::Transfer, &params)?;
    Ok(found.map(|(row, _)| row.payment))
}

fn load_payment(queries: &mut Queries<'_>, id: PaymentId, set: &mut WorkingSet) -> StoreResult<()> {
    let params = [(&id.0).into()];
    set.load_payment(id, queries.one::<Payment>(Query::Payment, &params)?);
    set.load_bank_transfer(id, queries.one::<BankTransfer>(Query::TransferOfPayment, &params)?);
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

/// An account comes with its customer, whose data its payments copy.
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
    set.load_virtual_account(id, row);
    Ok(())
}
