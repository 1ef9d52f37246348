//! Columns of customers and virtual accounts.

use vasool_core::customer::{Customer, identity};
use vasool_core::money::Paise;
use vasool_core::receiver::{QrMethods, QrReceiver, VpaReceiver};
use vasool_core::short_link::{LinkTarget, ShortLink};
use vasool_core::time::Time;
use vasool_core::virtual_account::{StatementLine, VirtualAccount, VirtualAccountState};

use super::super::Kind::{Int, Text};
use super::super::encoding::{read_banks, read_notes, write_banks, write_notes};
use super::super::encoding::{read_payers, write_payers};
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
        close_by Int, name Text, description Text, amount_expected Int, notes Text, customer Text,
        banks Text, created_at Int, vpa_id Text, vpa Text, qr_code Text, qr_short_code Text,
        qr_methods Int, qr_created_at Int, allowed_payers Text, order_id Text
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
            (&self.name).into(),
            self.description.as_ref().into(),
            self.amount_expected.map(Paise::get).into(),
            write_notes(&self.notes).into(),
            self.customer.as_ref().map(|id| &id.0).into(),
            write_banks(&self.banks).into(),
            self.created_at.0.into(),
            self.vpa.as_ref().map(|vpa| &vpa.id.0).into(),
            self.vpa.as_ref().map(VpaReceiver::address).into(),
            self.qr_code.as_ref().map(|qr| &qr.id.0).into(),
            self.qr_code.as_ref().map(|qr| &qr.short_code).into(),
            self.qr_code.as_ref().map(|qr| method_bits(qr.methods)).into(),
            self.qr_code.as_ref().map(|qr| qr.created_at.0).into(),
            write_payers(&self.allowed_payers).into(),
            self.order.as_ref().map(|id| &id.0).into(),
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
        let mut account = VirtualAccount {
            id,
            scope,
            account_number,
            state,
            close_by: opt_time(cells)?,
            name: cells.text()?,
            description: cells.opt_text()?,
            amount_expected: cells.opt_int()?.map(amount_of).transpose()?,
            notes: read_notes(&cells.text()?)?,
            customer: cells.opt_id()?,
            banks: read_banks(&cells.text()?)?,
            created_at: time(cells)?,
            vpa: read_vpa(cells)?,
            qr_code: read_qr(cells)?,
            allowed_payers: read_payers(cells.opt_text()?.as_deref())?,
            order: cells.opt_id()?,
            payments: 0,
            amount_paid: Paise::ZERO,
            last_activity_at: Time(0),
        };
        // Behind the row, where they were joined: the totals of its last statement line.
        read_account_totals(&mut account, cells)?;
        Ok(account)
    }
}

/// Which methods a QR receiver takes, as a number: cards 1, UPI 2.
fn method_bits(methods: QrMethods) -> i64 {
    i64::from(methods.card) + 2 * i64::from(methods.upi)
}

fn read_vpa(cells: &mut Cells) -> StoreResult<Option<VpaReceiver>> {
    match (cells.opt_id()?, cells.opt_text()?) {
        (Some(id), Some(address)) => {
            let parts = address.split_once('@');
            let (username, handle) =
                parts.ok_or_else(|| StoreError::Corrupt("an address without @".to_owned()))?;
            Ok(Some(VpaReceiver { id, username: username.to_owned(), handle: handle.to_owned() }))
        }
        _ => Ok(None),
    }
}

fn read_qr(cells: &mut Cells) -> StoreResult<Option<QrReceiver>> {
    let (id, short_code) = (cells.opt_id()?, cells.opt_text()?);
    let (methods, created_at) = (cells.opt_int()?, opt_time(cells)?);
    Ok(match (id, short_code, methods, created_at) {
        (Some(id), Some(short_code), Some(bits), Some(created_at)) => Some(QrReceiver {
            id,
            short_code,
            methods: QrMethods { card: bits & 1 != 0, upi: bits & 2 != 0 },
            created_at,
        }),
        _ => None,
    })
}

/// Joins the last statement line of the account `v` as `l`.
pub const JOIN_LAST_LINE: &str = "LEFT JOIN statement_lines l ON l.virtual_account = v.id \
    AND l.number = (SELECT max(m.number) FROM statement_lines m WHERE m.virtual_account = v.id)";

/// Columns of an account `v` with the totals of its last line `l`, to be read as one row.
pub fn account_columns() -> String {
    let own = VirtualAccount::TABLE.column_list_of("v.");
    format!("{own}, l.number, l.amount_paid, l.last_activity_at")
}

/// Gives an account its totals, in the order of [`account_totals`]; without any, nobody has paid.
pub fn read_account_totals(account: &mut VirtualAccount, cells: &mut Cells) -> StoreResult<()> {
    account.payments = cells.opt_int()?.unwrap_or(0);
    account.amount_paid = amount_of(cells.opt_int()?.unwrap_or(0))?;
    account.last_activity_at = cells.opt_int()?.map_or(account.created_at, Time);
    Ok(())
}

/// The totals of an account as [`account_columns`] puts them behind its row.
pub fn account_totals(account: &VirtualAccount) -> [Value<'static>; 3] {
    [account.payments.into(), account.amount_paid.get().into(), account.last_activity_at.0.into()]
}

impl Record for StatementLine {
    const TABLE: &'static Table = table!("statement_lines", key 2, false, [
        virtual_account Text, number Int, scope Int, payment Text, amount_paid Int,
        last_activity_at Int, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.virtual_account.0).into(),
            self.number.into(),
            self.scope.into(),
            (&self.payment.0).into(),
            self.amount_paid.get().into(),
            self.last_activity_at.0.into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(StatementLine {
            virtual_account: cells.id()?,
            number: cells.int()?,
            scope: cells.scope()?,
            payment: cells.id()?,
            amount_paid: paise(cells)?,
            last_activity_at: time(cells)?,
            created_at: time(cells)?,
        })
    }
}

impl Record for ShortLink {
    const TABLE: &'static Table = table!("short_links", key 1, false, [
        code Text, scope Int, kind Text, target Text
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.code).into(),
            self.scope.into(),
            self.target.kind().into(),
            self.target.raw().as_str().to_owned().into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        let (code, scope, kind) = (cells.text()?, cells.scope()?, cells.text()?);
        let target = LinkTarget::parse(&kind, cells.id()?)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown link {kind:?}")))?;
        Ok(ShortLink { code, scope, target })
    }
}
