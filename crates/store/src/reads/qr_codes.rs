//! Reads of standalone QR codes, of fund accounts, and of who holds a UPI address.

use vasool_core::fund_account::FundAccount;
use vasool_core::id::{CustomerId, PaymentId, QrCodeId};
use vasool_core::qr_code::QrCode;
use vasool_core::scope::ScopeId;
use vasool_core::virtual_account::VirtualAccount;

use super::select::Select;
use super::{Page, text};
use crate::Store;
use crate::error::StoreResult;

/// Which QR codes. Source: common 13.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QrCodeFilter {
    /// Linked with this customer.
    pub customer: Option<CustomerId>,
    /// The one this payment was paid to.
    pub payment: Option<PaymentId>,
}

impl Store {
    /// A standalone QR code.
    pub async fn qr_code(&self, scope: ScopeId, id: QrCodeId) -> StoreResult<Option<QrCode>> {
        self.one(Select::from::<QrCode>().and("scope =", scope).and("id =", text(id.0))).await
    }

    /// Standalone QR codes, newest first.
    pub async fn qr_codes(
        &self,
        scope: ScopeId,
        filter: QrCodeFilter,
        page: Page,
    ) -> StoreResult<Vec<QrCode>> {
        let mut select = Select::from::<QrCode>()
            .and("scope =", scope)
            .and_opt("customer =", filter.customer.map(|id| text(id.0)));
        if let Some(payment) = filter.payment {
            let place = select.next_place();
            let paid = format!("id = (SELECT p.qr_code FROM payments p WHERE p.id = ${place})");
            select = select.and_sql(&paid, vec![text(payment.0)]);
        }
        self.all(select.page(page)).await
    }

    /// Fund accounts, newest first.
    pub async fn fund_accounts(
        &self,
        scope: ScopeId,
        customer: Option<CustomerId>,
        page: Page,
    ) -> StoreResult<Vec<FundAccount>> {
        let select = Select::from::<FundAccount>()
            .and("scope =", scope)
            .and_opt("customer =", customer.map(|id| text(id.0)));
        self.all(select.page(page)).await
    }

    /// The virtual account that holds a UPI address (lower case) and was not closed by a call or a
    /// timer.
    pub async fn virtual_account_of_vpa(
        &self,
        scope: ScopeId,
        address: String,
    ) -> StoreResult<Option<VirtualAccount>> {
        let select = Select::accounts().and("v.scope =", scope).and("v.vpa =", address);
        self.one(select.and_sql("v.state = 'active'", vec![])).await
    }
}
