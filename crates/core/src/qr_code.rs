//! QR codes that stand alone: a code of a merchant's own that payers scan. Source: common 13.

use crate::customer::Notes;
use crate::id::{CustomerId, QrCodeId};
use crate::money::Paise;
use crate::scope::ScopeId;
use crate::time::Time;

/// A standalone QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    /// `qr_…`.
    pub id: QrCodeId,
    /// Whose.
    pub scope: ScopeId,
    /// As given.
    pub name: Option<String>,
    /// As given.
    pub description: Option<String>,
    /// Which methods may pay it.
    pub kind: QrKind,
    /// How often it may be paid.
    pub usage: QrUsage,
    /// What alone it takes; `None` where the payer says how much.
    pub fixed_amount: Option<Paise>,
    /// Sum of the payments that were captured; refunds never lower it.
    pub amount_received: Paise,
    /// How many they were.
    pub payments_received: i64,
    /// The end of its short URL.
    pub short_code: String,
    /// The linked customer.
    pub customer: Option<CustomerId>,
    /// The merchant's notes.
    pub notes: Notes,
    /// When it closes by itself: only codes for single use do.
    pub close_by: Option<Time>,
    /// Open, or closed since when and why.
    pub state: QrState,
    /// On the merchant's clock.
    pub created_at: Time,
}

/// The kinds of codes. Source: common 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrKind {
    /// UPI alone.
    Upi,
    /// UPI and cards.
    Bharat,
}

impl QrKind {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            QrKind::Upi => "upi_qr",
            QrKind::Bharat => "bharat_qr",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<QrKind> {
        [QrKind::Upi, QrKind::Bharat].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How often a code may be paid. Source: common 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrUsage {
    /// Once; the first payment closes it.
    Single,
    /// As often as payers like.
    Multiple,
}

impl QrUsage {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            QrUsage::Single => "single_use",
            QrUsage::Multiple => "multiple_use",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<QrUsage> {
        [QrUsage::Single, QrUsage::Multiple].into_iter().find(|usage| usage.as_str() == text)
    }
}

/// The only two states. Source: common 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrState {
    /// Takes money.
    Active,
    /// Final.
    Closed {
        /// When: the call, the payment, or `close_by`.
        at: Time,
        /// Why.
        reason: CloseReason,
    },
}

/// Why a code closed. Source: common 13; the word for `close_by` is our choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The merchant wished it.
    OnDemand,
    /// A code for single use was paid.
    Paid,
    /// Nobody paid until `close_by`.
    Expired,
}

impl CloseReason {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            CloseReason::OnDemand => "on_demand",
            CloseReason::Paid => "paid",
            CloseReason::Expired => "expired",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<CloseReason> {
        let all = [CloseReason::OnDemand, CloseReason::Paid, CloseReason::Expired];
        all.into_iter().find(|reason| reason.as_str() == text)
    }
}

impl QrCode {
    /// The code after it closed; one that is closed already stays as it is.
    pub fn closed(&self, at: Time, reason: CloseReason) -> QrCode {
        let state = match self.state {
            QrState::Active => QrState::Closed { at, reason },
            QrState::Closed { .. } => self.state,
        };
        QrCode { state, ..self.clone() }
    }

    /// When this code closes by itself; `None` when it is closed already or never does.
    pub fn closes_at(&self) -> Option<Time> {
        self.close_by.filter(|_| self.state == QrState::Active)
    }

    /// This code as a reader must see it at `now`, even before the timer has written it.
    pub fn as_of(&self, now: Time) -> QrCode {
        match self.closes_at() {
            Some(at) if at <= now => self.closed(at, CloseReason::Expired),
            _ => self.clone(),
        }
    }

    /// Whether this amount may be paid.
    pub fn takes(&self, amount: Paise) -> bool {
        self.fixed_amount.is_none_or(|fixed| fixed == amount)
    }

    /// The code after a payment was captured, closed where it may be paid only once; `None` when
    /// the sum of its payments would be too large to count.
    pub fn paid(&self, amount: Paise, at: Time) -> Option<QrCode> {
        let paid = QrCode {
            amount_received: self.amount_received.checked_add(amount)?,
            payments_received: self.payments_received + 1,
            ..self.clone()
        };
        Some(match self.usage {
            QrUsage::Single => paid.closed(at, CloseReason::Paid),
            QrUsage::Multiple => paid,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::Seed;
    use crate::scope::Mode;

    fn code(usage: QrUsage, fixed: Option<i64>) -> QrCode {
        QrCode {
            id: Seed::first(1_780_000_000_000, 1).draw().id(),
            scope: ScopeId::drawn(Mode::Test, 1),
            name: None,
            description: None,
            kind: QrKind::Upi,
            usage,
            fixed_amount: fixed.and_then(Paise::new),
            amount_received: Paise::ZERO,
            payments_received: 0,
            short_code: "Qc7Shop1".to_owned(),
            customer: None,
            notes: vec![],
            close_by: (usage == QrUsage::Single).then_some(Time(7_200)),
            state: QrState::Active,
            created_at: Time(0),
        }
    }

    #[test]
    fn cm_125_a_code_for_single_use_is_paid_once() {
        let amount = Paise::new(300).unwrap();
        let paid = code(QrUsage::Single, Some(300)).paid(amount, Time(60)).unwrap();
        assert_eq!(paid.state, QrState::Closed { at: Time(60), reason: CloseReason::Paid });
        assert_eq!((paid.amount_received, paid.payments_received), (amount, 1));
        assert_eq!(paid.closed(Time(90), CloseReason::OnDemand), paid, "closed is final");
        assert_eq!(paid.as_of(Time(9_000)), paid);
    }

    #[test]
    fn close_by_counts_from_its_second_on() {
        let open = code(QrUsage::Single, Some(300));
        assert_eq!(open.as_of(Time(7_199)).state, QrState::Active);
        let expired = QrState::Closed { at: Time(7_200), reason: CloseReason::Expired };
        assert_eq!(open.as_of(Time(7_200)).state, expired);
        assert_eq!(open.as_of(Time(9_000)).state, expired);
        assert_eq!(code(QrUsage::Multiple, None).as_of(Time(i64::MAX)).state, QrState::Active);
    }

    #[test]
    fn words_come_back() {
        for reason in [CloseReason::OnDemand, CloseReason::Paid, CloseReason::Expired] {
            assert_eq!(CloseReason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(QrKind::parse("upi_qr"), Some(QrKind::Upi));
        assert_eq!(QrUsage::parse("single_use"), Some(QrUsage::Single));
        assert_eq!(QrUsage::parse("twice"), None);
    }

    proptest! {
        /// CM-125: counters are the payments, and nothing else.
        #[test]
        fn counters_follow_payments(payments in prop::collection::vec(100_i64..1_000_000, 0..30)) {
            let mut row = code(QrUsage::Multiple, None);
            for payment in &payments {
                row = row.paid(Paise::new(*payment).unwrap(), Time(1)).unwrap();
            }
            prop_assert_eq!(row.amount_received.get(), payments.iter().sum::<i64>());
            prop_assert_eq!(row.payments_received, payments.len() as i64);
            prop_assert_eq!(row.state, QrState::Active);
        }
    }
}
