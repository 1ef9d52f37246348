//! The unique indexes of the schema, kept in memory.

use vasool_core::customer::{Customer, identity};
use vasool_core::scope::AddressSpace;

use super::data::{Data, is_active};
use crate::Batch;
use crate::error::{StoreError, StoreResult};

impl Data {
    /// Refuses a batch that broke one of them, looking at the rows it touched.
    pub(super) fn check_unique(&self, batch: &Batch) -> StoreResult<()> {
        let conflict = |what: &str| Err(StoreError::Conflict(format!("{what} is taken")));
        for saved in &batch.changes.merchants {
            let row = &saved.row;
            let same = self.merchants.values().filter(|(other, _)| {
                other.live_scope == row.live_scope || other.test_scope == row.test_scope
            });
            if same.count() > 1 {
                return conflict("a scope");
            }
        }
        for saved in &batch.changes.tenants {
            let row = &saved.row;
            let same = self.tenants.values().filter(|(other, _)| {
                let (own, other_scope) = (row.scope, other.scope);
                (own.merchant, own.mode, row.epoch)
                    == (other_scope.merchant, other_scope.mode, other.epoch)
            });
            if same.count() > 1 {
                return conflict("an epoch");
            }
        }
        for saved in &batch.changes.virtual_accounts {
            let row = &saved.row;
            if let Some(number) = row.account_number.as_deref().filter(|_| is_active(row)) {
                let space: AddressSpace = row.scope.address_space();
                let active = self
                    .holders(number)
                    .filter(|other| is_active(other) && other.scope.address_space() == space);
                if active.count() > 1 {
                    return conflict("an account number");
                }
            }
        }
        for saved in &batch.changes.virtual_accounts {
            let row = &saved.row;
            let Some(vpa) = row.vpa.as_ref().filter(|_| is_active(row)) else { continue };
            let active = self.accounts().filter(|other| {
                is_active(other)
                    && other.scope.address_space() == row.scope.address_space()
                    && other.vpa.as_ref().is_some_and(|held| held.address() == vpa.address())
            });
            if active.count() > 1 {
                return conflict("a UPI address");
            }
        }
        for saved in &batch.changes.virtual_accounts {
            let Some(code) = saved.row.qr_code.as_ref().map(|qr| qr.id) else { continue };
            let same =
                self.accounts().filter(|row| row.qr_code.as_ref().is_some_and(|qr| qr.id == code));
            if same.count() > 1 {
                return conflict("a QR code");
            }
        }
        for saved in &batch.changes.orders {
            let Some(receipt) = &saved.row.receipt else { continue };
            let unique = self.orders.values().filter(|(row, _)| {
                row.scope == saved.row.scope
                    && row.has_unique_receipt
                    && row.receipt.as_ref() == Some(receipt)
            });
            if unique.count() > 1 {
                return conflict("a receipt");
            }
        }
        for saved in &batch.changes.transfers {
            let key = saved.row.key();
            let same = self.transfers.values().filter(|(row, _)| row.key() == key);
            if same.count() > 1 {
                return conflict("a transfer");
            }
        }
        for saved in &batch.changes.refunds {
            let row = &saved.row;
            if let Some(receipt) = &row.receipt
                && self.with_receipt(row.payment, receipt).count() > 1
            {
                return conflict("a receipt");
            }
        }
        for saved in &batch.changes.customers {
            let own = |row: &Customer| identity(row.email.as_deref(), row.contact.as_deref());
            if let Some(wanted) = own(&saved.row) {
                let same = self.customers.values().filter(|(row, _)| {
                    row.scope == saved.row.scope && own(row).as_ref() == Some(&wanted)
                });
                if same.count() > 1 {
                    return conflict("a customer");
                }
            }
        }
        Ok(())
    }
}
