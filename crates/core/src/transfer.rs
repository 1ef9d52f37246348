//! Money that arrives by a rail, and what makes a message about it a repeat.
//! Source: smart-collect 3.4, 3.5 and 8, decisions 41.

use crate::id::{BankAccountId, PaymentId, QrCodeId, RawId, VirtualAccountId};
use crate::money::Paise;
use crate::receiver::qr_of_address;
use crate::scope::ScopeId;

/// The rails money may arrive by. Source: smart-collect 3.4 and 5.15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransferMode {
    /// Batches every half hour.
    Neft,
    /// Large amounts, at once.
    Rtgs,
    /// Small amounts, at once.
    Imps,
    /// A UPI app paid the account number, the UPI address or the QR code.
    Upi,
    /// A card paid at a QR code.
    Card,
}

impl TransferMode {
    /// The modes that reach an account number, in the order they are documented.
    pub const TO_ACCOUNT: [TransferMode; 4] =
        [TransferMode::Neft, TransferMode::Rtgs, TransferMode::Imps, TransferMode::Upi];

    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            TransferMode::Neft => "NEFT",
            TransferMode::Rtgs => "RTGS",
            TransferMode::Imps => "IMPS",
            TransferMode::Upi => "UPI",
            TransferMode::Card => "CARD",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<TransferMode> {
        let all = TransferMode::TO_ACCOUNT.into_iter().chain([TransferMode::Card]);
        all.into_iter().find(|mode| mode.as_str() == text)
    }

    /// Least and greatest amount of one transfer, paise; the limit of UPI is a merchant's setting.
    /// Source: smart-collect 9.
    pub fn limits(self, upi_limit: i64) -> (i64, Option<i64>) {
        match self {
            TransferMode::Neft | TransferMode::Card => (100, None),
            TransferMode::Rtgs => (20_000_000, None),
            TransferMode::Imps => (100, Some(20_000_000)),
            TransferMode::Upi => (100, Some(upi_limit)),
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
    /// The payer's UPI address.
    pub vpa: Option<String>,
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

/// What was paid, as the rail names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payee {
    /// An account number, upper case.
    Account(String),
    /// A UPI address, lower case.
    Vpa(String),
    /// A QR code.
    Qr(QrCodeId),
}

impl Payee {
    /// An account number however it is spelled.
    pub fn account(number: &str) -> Payee {
        Payee::Account(number.to_ascii_uppercase())
    }

    /// A UPI address however it is spelled; the address of a QR code is that code.
    pub fn vpa(address: &str) -> Payee {
        let address = address.to_ascii_lowercase();
        qr_of_address(&address).map_or(Payee::Vpa(address), Payee::Qr)
    }

    /// As one text; [`Payee::parse`] reads it back. Account numbers hold no `@` and no `_`.
    pub fn to_text(&self) -> String {
        match self {
            Payee::Account(number) => number.clone(),
            Payee::Vpa(address) => address.clone(),
            Payee::Qr(id) => id.to_string(),
        }
    }

    /// Reads [`Payee::to_text`].
    pub fn parse(text: &str) -> Payee {
        let qr = text.strip_prefix(QrCodeId::PREFIX).and_then(RawId::parse);
        match qr {
            Some(raw) => Payee::Qr(QrCodeId(raw)),
            None if text.contains('@') => Payee::Vpa(text.to_owned()),
            None => Payee::Account(text.to_owned()),
        }
    }
}

/// Money that a rail brought; one per payment that came this way. What the API calls a
/// `bank_transfer` or a `upi_transfer` is this row, by what was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The payment it became.
    pub payment: PaymentId,
    /// `bt_…` or `ut_…` without prefix.
    pub id: RawId,
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
    /// What was paid.
    pub payee: Payee,
    /// Who paid; `None` when the remitting bank said nothing.
    pub payer: Option<(BankAccountId, Payer)>,
    /// The account it was credited to or refused by; `None` for a standalone QR code.
    pub virtual_account: Option<VirtualAccountId>,
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
    /// What was paid.
    pub payee: Payee,
}

impl TransferKey {
    /// The key of a message; references are compared without case.
    pub fn new(
        scope: ScopeId,
        connector: &str,
        mode: TransferMode,
        reference: &str,
        payee: Payee,
    ) -> TransferKey {
        TransferKey {
            scope,
            connector: connector.to_owned(),
            mode,
            reference: reference.to_ascii_uppercase(),
            payee,
        }
    }
}

impl Transfer {
    /// What a repeat of this transfer's message would carry.
    pub fn key(&self) -> TransferKey {
        let payee = self.payee.clone();
        TransferKey::new(self.scope, &self.connector, self.mode, &self.bank_reference, payee)
    }

    /// Whether money can be sent back to where it came from. Source: smart-collect 5.14.
    pub fn is_refundable(&self) -> bool {
        let payer = self.payer.as_ref().map(|(_, payer)| payer);
        is_refundable(&self.payee, self.mode, payer)
    }
}

/// Whether money paid by this payer can be sent back: to the account it came from, or to the UPI
/// address that paid an address or a code. Cards always; non-resident accounts never.
/// Source: smart-collect 5.14.
pub fn is_refundable(payee: &Payee, mode: TransferMode, payer: Option<&Payer>) -> bool {
    if mode == TransferMode::Card {
        return true;
    }
    let Some(payer) = payer.filter(|payer| payer.account_type != AccountType::Nre) else {
        return false;
    };
    match payee {
        Payee::Account(_) => payer.account_number.is_some(),
        Payee::Vpa(_) | Payee::Qr(_) => payer.vpa.is_some() || payer.account_number.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Seed;

    #[test]
    fn payees_survive_as_text() {
        let qr = Payee::Qr(Seed::first(1_780_000_000_000, 1).draw().id());
        for payee in [Payee::account("rzrpAB12"), Payee::vpa("Rpy.Payto@ICICI"), qr] {
            assert_eq!(Payee::parse(&payee.to_text()), payee);
        }
    }

    #[test]
    fn sc_101_who_can_be_refunded() {
        let payer = |account: bool, vpa: bool, account_type| Payer {
            account_number: account.then(|| "1".to_owned()),
            vpa: vpa.then(|| "a@b".to_owned()),
            account_type,
            ..Payer::default()
        };
        let (number, address) = (Payee::account("1"), Payee::vpa("a@b"));
        let to =
            |payee: &Payee, payer: &Payer| is_refundable(payee, TransferMode::Upi, Some(payer));
        let savings = AccountType::Savings;
        assert!(to(&number, &payer(true, false, savings)));
        assert!(!to(&number, &payer(false, true, savings)));
        assert!(to(&address, &payer(false, true, savings)));
        assert!(!to(&address, &payer(true, true, AccountType::Nre)));
        assert!(!is_refundable(&number, TransferMode::Neft, None));
    }
}
