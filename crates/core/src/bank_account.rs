//! Bank accounts of customers. Source: common 6.4.

use crate::id::{BankAccountId, CustomerId};
use crate::scope::ScopeId;
use crate::time::Time;

/// A customer's bank account.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerBankAccount {
    /// `ba_…`.
    pub id: BankAccountId,
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
    /// Since when it is deleted.
    pub deleted_at: Option<Time>,
}

/// What a merchant says of a bank account. The further details of a beneficiary (address, e-mail,
/// mobile) are not kept: nothing here reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct BankAccountDraft {
    /// See [`CustomerBankAccount::ifsc`].
    pub ifsc: String,
    /// See [`CustomerBankAccount::account_number`].
    pub account_number: String,
    /// See [`CustomerBankAccount::name`].
    pub name: String,
}

/// Characters of an account number that are shown. Source: common 6.4.
const SHOWN: usize = 4;

/// An account number as it may be shown: all but the last four characters as `X`, the length kept.
/// Source: common 6.4.
pub fn masked(account_number: &str) -> String {
    let hidden = account_number.chars().count().saturating_sub(SHOWN);
    account_number.chars().enumerate().map(|(at, c)| if at < hidden { 'X' } else { c }).collect()
}

/// Account numbers are never logged.
impl std::fmt::Debug for CustomerBankAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {})", self.id, self.ifsc, masked(&self.account_number))
    }
}

/// Account numbers are never logged.
impl std::fmt::Debug for BankAccountDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {})", self.ifsc, masked(&self.account_number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_58_a_number_keeps_its_length_and_last_four() {
        assert_eq!(masked("914010098765417"), "XXXXXXXXXXX5417");
        assert_eq!(masked("12345"), "X2345");
        assert_eq!(masked("1234"), "1234");
        assert_eq!(masked(""), "");
    }
}
