//! Virtual accounts: what a merchant's customer pays into. Source: smart-collect 3.

use crate::customer::Notes;
use crate::id::{CustomerId, OrderId, PaymentId, VirtualAccountId};
use crate::money::Paise;
use crate::receiver::{AllowedPayer, BankReceiver, QrReceiver, VpaReceiver};
use crate::scope::ScopeId;
use crate::time::{DAY_SECONDS, Time};
use crate::transfer::Payer;

/// A virtual account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualAccount {
    /// `va_…`.
    pub id: VirtualAccountId,
    /// Whose.
    pub scope: ScopeId,
    /// The billing label when it was opened.
    pub name: String,
    /// At most 2048 characters.
    pub description: Option<String>,
    /// Informational; never blocks a credit.
    pub amount_expected: Option<Paise>,
    /// Payments received, credited or sent back: the number of its last [`StatementLine`].
    pub payments: i64,
    /// Sum of captured credits; refunds never lower it.
    pub amount_paid: Paise,
    /// The merchant's notes.
    pub notes: Notes,
    /// Fixed at creation.
    pub customer: Option<CustomerId>,
    /// The account number, the same at every bank of [`VirtualAccount::banks`].
    pub account_number: Option<String>,
    /// Bank-account receivers, in the order of the setting `va_bank`.
    pub banks: Vec<BankReceiver>,
    /// The UPI address that leads here.
    pub vpa: Option<VpaReceiver>,
    /// The QR code that leads here.
    pub qr_code: Option<QrReceiver>,
    /// Who alone may pay, in the order they were added; empty: anyone.
    pub allowed_payers: Vec<AllowedPayer>,
    /// The order its payments pay.
    pub order: Option<OrderId>,
    /// When the merchant wants it closed.
    pub close_by: Option<Time>,
    /// Creation or the last credited payment; dormancy counts from here.
    pub last_activity_at: Time,
    /// On the merchant's clock.
    pub created_at: Time,
    /// Open, or closed since when.
    pub state: VirtualAccountState,
}

/// One payment on an account's statement, with the totals after it. The last line tells the totals
/// of the account, so that a credit adds a line and rewrites no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Whose statement.
    pub virtual_account: VirtualAccountId,
    /// From 1, without gaps.
    pub number: i64,
    /// Whose data.
    pub scope: ScopeId,
    /// The payment.
    pub payment: PaymentId,
    /// See [`VirtualAccount::amount_paid`].
    pub amount_paid: Paise,
    /// See [`VirtualAccount::last_activity_at`].
    pub last_activity_at: Time,
    /// When the payment came.
    pub created_at: Time,
}

/// The only two states. Source: smart-collect 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VirtualAccountState {
    /// Takes money.
    Active,
    /// Final.
    Closed {
        /// When: the call, `close_by`, or the end of dormancy.
        at: Time,
    },
}

impl VirtualAccount {
    /// The line that a payment adds, which brought the account to its present totals.
    pub fn line(&self, payment: PaymentId, now: Time) -> StatementLine {
        StatementLine {
            virtual_account: self.id,
            number: self.payments,
            scope: self.scope,
            payment,
            amount_paid: self.amount_paid,
            last_activity_at: self.last_activity_at,
            created_at: now,
        }
    }

    /// Whether this account differs from an earlier reading in its totals at most: those are on
    /// its statement, and the row need not be written again.
    pub fn is_same_but_for_totals(&self, before: &VirtualAccount) -> bool {
        // Taken apart, so that a new field must be thought of here.
        let VirtualAccount {
            id,
            scope,
            name,
            description,
            amount_expected,
            payments: _,
            amount_paid: _,
            notes,
            customer,
            account_number,
            banks,
            vpa,
            qr_code,
            allowed_payers,
            order,
            close_by,
            last_activity_at: _,
            created_at,
            state,
        } = self;
        *state == before.state
            && *close_by == before.close_by
            && *id == before.id
            && *scope == before.scope
            && *created_at == before.created_at
            && *order == before.order
            && *customer == before.customer
            && *amount_expected == before.amount_expected
            && *account_number == before.account_number
            && *name == before.name
            && *description == before.description
            && *notes == before.notes
            && *banks == before.banks
            && *vpa == before.vpa
            && *qr_code == before.qr_code
            && *allowed_payers == before.allowed_payers
    }

    /// When this account closes by itself: `close_by` or the end of dormancy, whichever is first.
    /// `None` when closed already, or when neither applies. Source: smart-collect 7.
    pub fn closes_at(&self, dormancy_days: i64) -> Option<Time> {
        if let VirtualAccountState::Closed { .. } = self.state {
            return None;
        }
        let dormant_at = (dormancy_days > 0)
            .then(|| self.last_activity_at.plus_seconds(dormancy_days * DAY_SECONDS));
        [self.close_by, dormant_at].into_iter().flatten().min()
    }

    /// This account as a reader must see it at `now`, even before the timer has written it.
    pub fn as_of(&self, now: Time, dormancy_days: i64) -> VirtualAccount {
        let mut seen = self.clone();
        if let Some(at) = self.closes_at(dormancy_days).filter(|at| *at <= now) {
            seen.state = VirtualAccountState::Closed { at };
        }
        seen
    }

    /// Whether this payer may pay: anyone where nobody is listed. Source: smart-collect 8 step 4.
    pub fn admits(&self, payer: Option<&Payer>) -> bool {
        self.allowed_payers.is_empty()
            || payer.is_some_and(|payer| self.allowed_payers.iter().any(|row| row.is(payer)))
    }

    /// Whether it has any receiver that third-party validation does not know: a UPI address or a
    /// QR code. Source: smart-collect E19.
    pub fn has_upi_receiver(&self) -> bool {
        self.vpa.is_some() || self.qr_code.is_some()
    }

    /// Whether money for this account number and IFSC belongs here. Source: smart-collect 8 step 2.
    pub fn receives_at(&self, account_number: &str, ifsc: Option<&str>) -> bool {
        let number_matches = self
            .account_number
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(account_number));
        number_matches
            && ifsc.is_none_or(|given| {
                self.banks.iter().any(|bank| bank.ifsc.eq_ignore_ascii_case(given))
            })
    }
}
