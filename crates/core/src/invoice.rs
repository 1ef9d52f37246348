//! Registration links: an invoice that asks a customer to sign a paper mandate. Source: paper-nach 9,
//! 10.

use crate::customer::Notes;
use crate::id::{CustomerId, InvoiceId, OrderId, PaymentId};
use crate::scope::ScopeId;
use crate::time::Time;

/// A registration link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// `inv_…`.
    pub id: InvoiceId,
    /// Whose.
    pub scope: ScopeId,
    /// The authorisation order behind it.
    pub order: OrderId,
    /// Who signs.
    pub customer: CustomerId,
    /// The customer as the link shows them.
    pub name: Option<String>,
    /// See `name`.
    pub email: Option<String>,
    /// See `name`; as stored on the customer.
    pub contact: Option<String>,
    /// See `name`.
    pub gstin: Option<String>,
    /// The merchant's reference, `invoice_number` too.
    pub receipt: Option<String>,
    /// What it is for.
    pub description: String,
    /// The merchant's notes.
    pub notes: Notes,
    /// When it can be used no longer.
    pub expire_by: Option<Time>,
    /// Where it stands.
    pub state: InvoiceState,
    /// Whether it went out by SMS.
    pub sms_sent: bool,
    /// Whether it went out by e-mail.
    pub email_sent: bool,
    /// The code of its short URL.
    pub code: String,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// Where a link stands. Source: paper-nach 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceState {
    /// Waiting for its customer.
    Issued,
    /// The mandate is registered.
    Paid {
        /// When.
        at: Time,
        /// The payment that registered it.
        payment: PaymentId,
    },
    /// Ended by the merchant.
    Cancelled(Time),
    /// Its time was over.
    Expired(Time),
}

impl InvoiceState {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            InvoiceState::Issued => "issued",
            InvoiceState::Paid { .. } => "paid",
            InvoiceState::Cancelled(_) => "cancelled",
            InvoiceState::Expired(_) => "expired",
        }
    }
}

impl Invoice {
    /// Whether its time is over by `now`; a scan at the bank still counts. Source: paper-nach 10.4.
    pub fn is_due(&self, now: Time) -> bool {
        self.state == InvoiceState::Issued && self.expire_by.is_some_and(|at| at <= now)
    }

    /// What time alone has made of it. `waits`: a scan of its order is at the bank, or its time has
    /// not come. Source: paper-nach 10.4, decisions 50.
    #[must_use]
    pub fn as_of(self, now: Time, waits: bool) -> Invoice {
        let state = match self.expire_by {
            Some(at) if self.is_due(now) && !waits => InvoiceState::Expired(at),
            _ => self.state,
        };
        Invoice { state, ..self }
    }
}
