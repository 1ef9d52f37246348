//! Payments. Source: common 8, smart-collect 3.3.

use crate::customer::Notes;
use crate::failure::{Failure, timed_out};
use crate::id::{CardId, CustomerId, OrderId, PaymentId, QrCodeId, TokenId, VirtualAccountId};
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
    /// The bank's reference (UTR or RRN) as it was sent.
    pub bank_reference: Option<String>,
    /// The virtual account it was paid into.
    pub virtual_account: Option<VirtualAccountId>,
    /// The standalone QR code it was paid to.
    pub qr_code: Option<QrCodeId>,
    /// The order it pays.
    pub order: Option<OrderId>,
    /// The mandate it approves or debits.
    pub mandate: Option<MandateUse>,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// What a payment has to do with a mandate. Source: reserve-pay 12.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MandateUse {
    /// Which mandate.
    pub token: TokenId,
    /// The rail it goes over.
    pub connector: String,
    /// Approval or debit.
    pub role: MandateRole,
    /// The network's id of the transaction, of a debit that succeeded.
    pub upi_transaction_id: Option<String>,
}

/// What a payment does to its mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandateRole {
    /// Its approval; no money moves.
    Approval {
        /// Until when the payer may approve.
        until: Time,
    },
    /// A debit.
    Debit {
        /// Its number among the mandate's debits, from 1; zero where it was never sent to the bank.
        sequence: i64,
    },
}

/// How a payment came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Money sent to an account number.
    BankTransfer,
    /// Money sent to a UPI address or a QR code.
    Upi {
        /// The payer's address, if the bank said.
        vpa: Option<String>,
    },
    /// A card at a QR code.
    Card(Card),
}

/// A card as far as a merchant may see it. Source: smart-collect 11.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// `card_…`.
    pub id: CardId,
    /// Who holds it.
    pub name: String,
    /// The last four digits.
    pub last4: String,
    /// Such as `Visa`.
    pub network: String,
    /// `credit`, `debit` or `prepaid`.
    pub kind: String,
    /// Code of the bank that issued it.
    pub issuer: String,
}

/// Where a payment stands; what the wire calls `status` follows from it. Source: common 8.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Waiting for payer or bank.
    Created,
    /// Refused; no money moved.
    Failed(Failure),
    /// The money is there; not taken yet.
    Authorized,
    /// Taken; fee and tax are settled for good.
    Captured {
        /// Fee and tax, fixed at capture.
        fee: Fee,
        /// Sum of refunds that did not fail.
        refunded: Paise,
    },
    /// Never taken, sent back whole. Source: smart-collect 8, common 8.4.
    Returned,
}

impl Payment {
    /// What time alone has made of it: an approval nobody gave in time has failed, together with
    /// its mandate. Source: reserve-pay 5.3, decisions 50.
    #[must_use]
    pub fn as_of(self, now: Time) -> Payment {
        let until = match self.mandate.as_ref().map(|mandate| mandate.role) {
            Some(MandateRole::Approval { until }) => Some(until),
            _ => None,
        };
        let is_over = self.state == PaymentState::Created && until.is_some_and(|at| at <= now);
        let state = if is_over { PaymentState::Failed(timed_out()) } else { self.state };
        Payment { state, ..self }
    }
}

impl PaymentState {
    /// `status`, of a payment of this amount. Source: common 8.1.
    pub fn told(self, amount: Paise) -> &'static str {
        match self {
            PaymentState::Created => "created",
            PaymentState::Authorized => "authorized",
            PaymentState::Captured { refunded, .. } if refunded < amount => "captured",
            PaymentState::Captured { .. } if amount == Paise::ZERO => "captured",
            PaymentState::Captured { .. } | PaymentState::Returned => "refunded",
            PaymentState::Failed(_) => "failed",
        }
    }
}
