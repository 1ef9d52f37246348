//! Payments, and the bank transfers that bring them. Source: common 8, smart-collect 3.3 and 3.4.

use crate::customer::Notes;
use crate::id::{BankAccountId, BankTransferId, CustomerId, PaymentId, VirtualAccountId};
use crate::money::{Fee, Paise};
use crate::scope::ScopeId;
use crate::time::Time;

/// One try to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// `pay_…`.
    pub id: PaymentId,
    /// Whose.
    pub scope: ScopeId,
    /// What the payer sent.
    pub amount: Paise,
    /// By which method.
    pub method: Method,
    /// Where it stands.
    pub state: PaymentState,
    /// Narration, or why it was sent back.
    pub description: Option<String>,
    /// The customer's, copied when the payment arrived.
    pub email: Option<String>,
    /// The customer's in E.164 form.
    pub contact: Option<String>,
    /// The linked customer.
    pub customer: Option<CustomerId>,
    /// The merchant's notes.
    pub notes: Notes,
    /// The bank's reference, as it was sent.
    pub bank_reference: String,
    /// The virtual account it was paid into.
    pub virtual_account: VirtualAccountId,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// How a payment came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Money sent to an account number.
    BankTransfer,
}

/// Where a payment stands; what the wire calls `status` follows from it. Source: common 8.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// The money is there; not taken yet.
    Authorized,
    /// Taken; fee and tax are settled for good.
    Captured {
        /// Fee and tax, fixed at capture.
        fee: Fee,
        /// Sum of refunds that did not fail.
        refunded: Paise,
    },
    /// Never taken, sent back whole. Source: smart-collect 8.
    Returned,
}

/// The rails a transfer to an account number may use. Source: smart-collect 3.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransferMode {
    /// Batches every half hour.
    Neft,
    /// Large amounts, at once.
    Rtgs,
    /// Small amounts, at once.
    Imps,
    /// A UPI app paid the account number.
    Upi,
}

impl TransferMode {
    /// All modes, in the order they are documented.
    pub const ALL: [TransferMode; 4] =
        [TransferMode::Neft, TransferMode::Rtgs, TransferMode::Imps, TransferMode::Upi];

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            TransferMode::Neft => "NEFT",
            TransferMode::Rtgs => "RTGS",
            TransferMode::Imps => "IMPS",
            TransferMode::Upi => "UPI",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<TransferMode> {
        TransferMode::ALL.into_iter().find(|mode| mode.as_str() == text)
    }

    /// Least and greatest amount of one transfer, paise. Source: smart-collect 9.
    pub fn limits(self) -> (i64, Option<i64>) {
        match self {
            TransferMode::Neft => (100, None),
            TransferMode::Rtgs => (20_000_000, None),
            TransferMode::Imps => (100, Some(20_000_000)),
            TransferMode::Upi => (100, Some(10_000_000)),
        }
    }
}

/// Whose account the money came from, as far as the remitting bank said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payer {
    /// Account holder.
    pub name: Option<String>,
    /// As sent; leading zeros count.
    pub account_number: Option<String>,
    /// IFSC of the payer's bank.
    pub ifsc: Option<String>,
    /// Non-resident accounts cannot be refunded by us. Source: smart-collect 5.14.
    pub account_type: AccountType,
}

/// Kinds of payer accounts. Source: sandbox 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountType {
    /// The usual.
    #[default]
    Savings,
    /// A business's.
    Current,
    /// Non-resident external.
    Nre,
}

impl AccountType {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountType::Savings => "savings",
            AccountType::Current => "current",
            AccountType::Nre => "nre",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<AccountType> {
        [AccountType::Savings, AccountType::Current, AccountType::Nre]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

impl Payer {
    /// Whether money can be sent back here. Source: smart-collect 5.14.
    pub fn is_refundable(&self) -> bool {
        self.account_number.is_some() && self.account_type != AccountType::Nre
    }
}

/// A transfer that reached an account number; one per payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankTransfer {
    /// The payment it became.
    pub payment: PaymentId,
    /// `bt_…`.
    pub id: BankTransferId,
    /// Whose.
    pub scope: ScopeId,
    /// Which connector reported it: `sandbox`, or a sponsor bank.
    pub connector: String,
    /// By which rail.
    pub mode: TransferMode,
    /// UTR or RRN as it was sent.
    pub bank_reference: String,
    /// What was sent.
    pub amount: Paise,
    /// The account number that was paid, as the receiver spells it.
    pub payee_account: String,
    /// Who paid; `None` when the remitting bank said nothing.
    pub payer: Option<(BankAccountId, Payer)>,
    /// The account it was credited to or refused by.
    pub virtual_account: VirtualAccountId,
}

/// What makes an inbound transfer a repeat: all of it. Source: decisions 41.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransferKey {
    /// Whose.
    pub scope: ScopeId,
    /// Which connector.
    pub connector: String,
    /// Which rail.
    pub mode: TransferMode,
    /// Bank reference, upper case.
    pub reference: String,
    /// The paid account number, upper case.
    pub payee_account: String,
}

impl TransferKey {
    /// The key of a message; references and numbers are compared without case.
    pub fn new(
        scope: ScopeId,
        connector: &str,
        mode: TransferMode,
        reference: &str,
        payee_account: &str,
    ) -> TransferKey {
        TransferKey {
            scope,
            connector: connector.to_owned(),
            mode,
            reference: reference.to_ascii_uppercase(),
            payee_account: payee_account.to_ascii_uppercase(),
        }
    }
}

impl BankTransfer {
    /// What a repeat of this transfer's message would carry.
    pub fn key(&self) -> TransferKey {
        TransferKey::new(
            self.scope,
            &self.connector,
            self.mode,
            &self.bank_reference,
            &self.payee_account,
        )
    }
}
