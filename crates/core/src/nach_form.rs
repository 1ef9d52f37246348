//! What an order for a paper mandate asks for: account, amount and end of the mandate, and the short
//! URLs of its form. Source: paper-nach 4, 5.

use crate::customer::Notes;
use crate::failure::NachFailure;
use crate::id::{CustomerId, InvoiceId, OrderId};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Time;

/// The form of an authorisation order; one per order, made with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NachForm {
    /// Its order, whose id is printed on it.
    pub order: OrderId,
    /// Whose.
    pub scope: ScopeId,
    /// Who signs.
    pub customer: CustomerId,
    /// The registration link it belongs to.
    pub invoice: Option<InvoiceId>,
    /// The account to be debited.
    pub account: NachAccount,
    /// The customer's e-mail address, as it was when the order was made.
    pub email: Option<String>,
    /// The customer's contact likewise, as stored on the customer.
    pub contact: Option<String>,
    /// The most one debit may take.
    pub max_amount: Paise,
    /// `token.expire_at` as it is shown. Source: paper-nach 4.4.
    pub shown_end: Option<Time>,
    /// When the mandate ends.
    pub ends_at: Time,
    /// Whether the merchant gave an end; the form says "Until cancelled" otherwise.
    pub has_end: bool,
    /// The first debit, made once the mandate is confirmed; zero for none. Source: paper-nach 13.
    pub first_payment: Paise,
    /// Printed references and what the mandate is for.
    pub reference1: Option<String>,
    /// See `reference1`.
    pub reference2: Option<String>,
    /// See `reference1`.
    pub description: Option<String>,
    /// Notes of the mandate, apart from those of the order.
    pub notes: Notes,
    /// Short codes of the form, of the same form again, and of the page that takes the scan.
    pub form_code: String,
    /// See `form_code`.
    pub transient_code: String,
    /// See `form_code`.
    pub upload_code: String,
    /// What the bank said last.
    pub registration: Registration,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// `token.recurring_status` of the order. Source: paper-nach 1.2, A20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Nothing has been decided about the latest scan.
    Open,
    /// The bank has accepted the mandate.
    Confirmed,
    /// It has refused it; another scan may be sent.
    Rejected(NachFailure),
}

/// An account that mandates debit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NachAccount {
    /// 5 to 35 letters and digits.
    pub number: String,
    /// Eleven characters, upper case.
    pub ifsc: String,
    /// Who holds it.
    pub holder: String,
    /// What kind of account.
    pub kind: AccountKind,
}

/// Kinds of accounts. Source: paper-nach 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// `savings`
    Savings,
    /// `current`
    Current,
    /// `cc`: cash credit.
    CashCredit,
    /// `nre`: non-resident external.
    Nre,
    /// `nro`: non-resident ordinary.
    Nro,
}

impl AccountKind {
    /// Every kind.
    pub const ALL: [AccountKind; 5] = [
        AccountKind::Savings,
        AccountKind::Current,
        AccountKind::CashCredit,
        AccountKind::Nre,
        AccountKind::Nro,
    ];

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountKind::Savings => "savings",
            AccountKind::Current => "current",
            AccountKind::CashCredit => "cc",
            AccountKind::Nre => "nre",
            AccountKind::Nro => "nro",
        }
    }

    /// Reads the wire's word.
    pub fn parse(word: &str) -> Option<AccountKind> {
        AccountKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl NachAccount {
    /// `bank`: the first four letters of the IFSC.
    pub fn bank(&self) -> &str {
        self.ifsc.get(..4).unwrap_or(&self.ifsc)
    }
}
