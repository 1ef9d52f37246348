//! Columns of customers and virtual accounts.

use vasool_core::customer::{Customer, identity};
use vasool_core::money::Paise;
use vasool_core::virtual_account::{VirtualAccount, VirtualAccountState};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_banks, read_notes, write_banks, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{amount_of, opt_time, paise, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for Customer {
    const TABLE: &'static Table = table!("customers", key 1, true, [
        id Text, scope Int, identity Text, name Text, email Text, contact Text, gstin Text,
        notes Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            identity(self.email.as_deref(), self.contact.as_deref()).into(),
            self.name.as_ref().into(),
            self.email.as_ref().into(),
            self.contact.as_ref().into(),
            self.gstin.as_ref().into(),
            write_notes(&self.notes).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope) = (cells.id()?, cells.scope()?);
        // The identity follows from e-mail and contact.
        cells.value()?;
        Ok(Customer {
            id,
            scope,
            name: cells.opt_text()?,
            email: cells.opt_text()?,
            contact: cells.opt_text()?,
            gstin: cells.opt_text()?,
            notes: read_notes(&cells.text()?)?,
            created_at: time(cells)?,
        })
    }
}

impl Record for VirtualAccount {
    const TABLE: &'static Table = table!("virtual_accounts", key 1, true, [
        id Text, scope Int, address_space Int, account_number Text, state Text, closed_at Int,
        close_by Int, last_activity_at Int, name Text, description Text, amount_expected Int,
        amount_paid Int, notes Text, customer Text, banks Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (state, closed_at) = match self.state {
            VirtualAccountState::Active => ("active", None),
            VirtualAccountState::Closed { at } => ("closed", Some(at.0)),
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            self.scope.address_space().0.into(),
            self.account_number.as_ref().into(),
            state.into(),
            closed_at.into(),
            self.close_by.map(|at| at.0).into(),
            self.last_activity_at.0.into(),
            (&self.name).into(),
            self.description.as_ref().into(),
            self.amount_expected.map(Paise::get).into(),
            self.amount_paid.get().into(),
            write_notes(&self.notes).into(),
            self.customer.as_ref().map(|id| &id.0).into(),
            write_banks(&self.banks).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (id, scope) = (cells.id()?, cells.scope()?);
        // The address space follows from the scope.
        cells.int()?;
        let account_number = cells.opt_text()?;
        let (state, closed_at) = (cells.text()?, opt_time(cells)?);
        let state = match (state.as_str(), closed_at) {
            ("active", None) => VirtualAccountState::Active,
            ("closed", Some(at)) => VirtualAccountState::Closed { at },
            _ => return Err(StoreError::Corrupt(format!("state {state:?} of {id}"))),
        };
        Ok(VirtualAccount {
            id,
            scope,
            account_number,
            state,
            close_by: opt_time(cells)?,
            last_activity_at: time(cells)?,
            name: cells.text()?,
            description: cells.opt_text()?,
            amount_expected: cells.opt_int()?.map(amount_of).transpose()?,
            amount_paid: paise(cells)?,
            notes: read_notes(&cells.text()?)?,
            customer: cells.opt_id()?,
            banks: read_banks(&cells.text()?)?,
            created_at: time(cells)?,
        })
    }
}
