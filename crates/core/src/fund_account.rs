//! Fund accounts: a customer's bank account that money may be sent to. Source: common 6.5.

use crate::id::{CustomerId, FundAccountId};
use crate::scope::ScopeId;
use crate::time::Time;

/// A fund account; never changed once it is made.
#[derive(Clone, PartialEq, Eq)]
pub struct FundAccount {
    /// `fa_…`.
    pub id: FundAccountId,
    /// Whose data.
    pub scope: ScopeId,
    /// Whose account.
    pub customer: CustomerId,
    /// Upper case.
    pub ifsc: String,
    /// As given; leading zeros count.
    pub account_number: String,
    /// Who holds it.
    pub name: String,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// Account numbers are never logged.
impl std::fmt::Debug for FundAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = crate::bank_account::masked(&self.account_number);
        write!(f, "{} ({}, {number})", self.id, self.ifsc)
    }
}
