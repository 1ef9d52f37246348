//! Columns of customers' bank accounts and of fund accounts.

use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::fund_account::FundAccount;

use super::super::Kind::{Int, Text};
use super::super::{Cells, Record, Table, Value};
use super::{opt_time, table, time};
use crate::error::StoreResult;

impl Record for CustomerBankAccount {
    const TABLE: &'static Table = table!("customer_bank_accounts", key 1, true, [
        id Text, scope Int, customer Text, ifsc Text, account_number Text, name Text,
        created_at Int, deleted_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.customer.0).into(),
            (&self.ifsc).into(),
            (&self.account_number).into(),
            (&self.name).into(),
            self.created_at.0.into(),
            self.deleted_at.map(|at| at.0).into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(CustomerBankAccount {
            id: cells.id()?,
            scope: cells.scope()?,
            customer: cells.id()?,
            ifsc: cells.text()?,
            account_number: cells.text()?,
            name: cells.text()?,
            created_at: time(cells)?,
            deleted_at: opt_time(cells)?,
        })
    }
}

impl Record for FundAccount {
    const TABLE: &'static Table = table!("fund_accounts", key 1, false, [
        id Text, scope Int, customer Text, ifsc Text, account_number Text, name Text,
        created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.customer.0).into(),
            (&self.ifsc).into(),
            (&self.account_number).into(),
            (&self.name).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(FundAccount {
            id: cells.id()?,
            scope: cells.scope()?,
            customer: cells.id()?,
            ifsc: cells.text()?,
            account_number: cells.text()?,
            name: cells.text()?,
            created_at: time(cells)?,
        })
    }
}
